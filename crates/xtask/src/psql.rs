//! PostgreSQL through its own client: xtask compiles in seconds because it links no driver.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

/// Separates the columns of a row; no name or type contains it.
const SEPARATOR: &str = "\u{1f}";

/// One database, reached by its URL.
pub struct Psql {
    url: String,
}

impl Psql {
    /// A client for the database at `url` (`postgres://user@host:port/database`).
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned() }
    }

    /// The same server, another database.
    pub fn with_database(&self, database: &str) -> Self {
        let (base, query) = self.url.split_once('?').map_or((self.url.as_str(), None), |(b, q)| (b, Some(q)));
        let authority = base.find("://").map_or(0, |at| at + 3);
        let end = base[authority..].find('/').map_or(base.len(), |at| authority + at);
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        Self { url: format!("{}/{database}{query}", &base[..end]) }
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs one statement and gives its rows, each split into columns.
    ///
    /// # Errors
    /// When `psql` is missing, the server is away or the statement fails.
    pub fn rows(&self, sql: &str) -> anyhow::Result<Vec<Vec<String>>> {
        let output = self.run(&["-At", "-F", SEPARATOR, "-c", sql])?;
        Ok(output.lines().map(|line| line.split(SEPARATOR).map(str::to_owned).collect()).collect())
    }

    /// Runs a file, in one transaction unless told otherwise; its first error ends it.
    ///
    /// # Errors
    /// As [`Psql::rows`].
    pub fn file(&self, path: &Path, in_transaction: bool) -> anyhow::Result<()> {
        let path = path.to_str().context("migrations have UTF-8 paths")?;
        let args: &[&str] = if in_transaction { &["-1", "-f", path] } else { &["-f", path] };
        self.run(args).map(drop)
    }

    fn run(&self, args: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new(local_stack::psql()?);
        command.env("PGOPTIONS", "-c client_min_messages=warning").env("PGCONNECT_TIMEOUT", "10");
        // An argument can be read by everybody on the machine, the environment by the same user alone.
        let (url, password) = without_password(&self.url);
        if let Some(password) = password {
            command.env("PGPASSWORD", password);
        }
        command.args(["-X", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-d", &url]).args(args);
        let output = command.output().context("run psql")?;
        ensure!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// A database URL without its password, and the password, percent-decoded.
fn without_password(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let authority_end = rest.find('/').unwrap_or(rest.len());
    let Some(at) = rest[..authority_end].rfind('@') else { return (url.to_owned(), None) };
    let Some((user, password)) = rest[..at].split_once(':') else { return (url.to_owned(), None) };
    (format!("{scheme}://{user}{}", &rest[at..]), Some(percent_decoded(password)))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex =
            (*first == b'%').then(|| after.get(..2)).flatten().and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Psql, without_password};

    #[test]
    fn a_password_is_no_argument() {
        for (url, bare, password) in [
            ("postgres://a:b%40%2Fc@h:5/db?x=y:z@w", "postgres://a@h:5/db?x=y:z@w", Some("b@/c")),
            ("postgres://a@h/db", "postgres://a@h/db", None),
            ("postgres://h/db", "postgres://h/db", None),
        ] {
            assert_eq!(without_password(url), (bare.to_owned(), password.map(str::to_owned)));
        }
    }

    #[test]
    fn another_database_keeps_server_and_options() {
        for (url, want) in [
            ("postgres://a:b@h:5/postgres", "postgres://a:b@h:5/x"),
            ("postgres://a@h:5", "postgres://a@h:5/x"),
            ("postgres://a@h/db?sslmode=disable", "postgres://a@h/x?sslmode=disable"),
        ] {
            assert_eq!(Psql::new(url).with_database("x").url, want);
        }
    }
}
