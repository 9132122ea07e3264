use std::collections::BTreeSet;

use api::http::HttpConfig;
use domain::{db::DbConfig, users::Secrets};
use jobs::{Providers, WorkersConfig};
use mailer::MailerConfig;
use vault::Vault;

use super::{Line, payout_rails};

/// The keys that a random secret of 32 bytes shows at least: fewer were typed.
const DISTINCT: usize = 12;

/// Addresses of strangers: a block that holds all of them holds everybody.
const STRANGERS: [&str; 3] = ["1.1.1.1", "100.1.2.3", "203.0.113.7"];

/// What the environment says; what cannot be read is missing here, and has its line.
pub struct Configuration {
    pub db: Option<DbConfig>,
    pub workers: Option<WorkersConfig>,
    pub mailer: Option<MailerConfig>,
    pub http: Option<HttpConfig>,
    /// Without keys, `Some(None)`.
    pub vault: Option<Option<Vault>>,
}

impl Configuration {
    /// Reads the environment, each part by itself.
    pub fn read() -> (Self, Vec<Line>) {
        let mut lines = Vec::new();
        let providers = kept(Providers::from_env(), &mut lines);
        let configuration = Self {
            db: kept(DbConfig::from_env(), &mut lines),
            workers: kept(WorkersConfig::from_env(), &mut lines),
            mailer: kept(MailerConfig::from_env(), &mut lines),
            http: kept(HttpConfig::from_env(), &mut lines),
            vault: kept(Vault::from_env(), &mut lines),
        };
        lines.push(secret_key());
        lines.extend(configuration.http.as_ref().map(public_url));
        lines.extend(providers.as_ref().map(payout_rails::look));
        (configuration, lines)
    }
}

fn kept<T>(read: anyhow::Result<T>, lines: &mut Vec<Line>) -> Option<T> {
    match read {
        Ok(config) => Some(config),
        Err(error) => {
            let mend = "every key is explained in .env.sample";
            lines.push(Line::fail("configuration", format!("{error:#}"), mend));
            None
        }
    }
}

fn secret_key() -> Line {
    let mend = "make one: `openssl rand -base64 32`; links in emails that are under way become void";
    if let Err(error) = Secrets::from_env() {
        return Line::fail("secret key", format!("{error:#}"), mend);
    }
    let key = env::var("REFERO_SECRET_KEY").ok().flatten().unwrap_or_default();
    match key.trim().chars().collect::<BTreeSet<_>>().len() {
        ..DISTINCT => Line::warn("secret key", "long enough, and not random: it repeats few letters", mend),
        _ => Line::ok("secret key", "set, and long enough"),
    }
}

fn public_url(http: &HttpConfig) -> Line {
    let origin = http.public_url.origin();
    let strangers = STRANGERS.iter().filter_map(|address| address.parse().ok());
    let mut proxies = http.trusted_proxies.iter();
    if strangers.clone().count() > 0 && proxies.any(|block| strangers.clone().all(|one| block.contains(one)))
    {
        let found =
            format!("{origin}; TRUSTED_PROXIES believes everybody, so limits by address limit nobody");
        return Line::warn("public url", found, "name the addresses of your proxies alone");
    }
    if !origin.starts_with("https://") {
        return Line::ok("public url", format!("{origin}: for this machine only"));
    }
    if http.trusted_proxies.is_empty() {
        let found =
            format!("{origin}, and no TRUSTED_PROXIES: all clients look like the proxy that ends TLS");
        return Line::warn("public url", found, "name the proxy's address in TRUSTED_PROXIES");
    }
    Line::ok("public url", format!("{origin}, behind trusted proxies"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn proxies_are_named_and_not_everybody() {
        for (url, proxies, expected) in [
            ("https://refero.example.com", &[][..], Verdict::Warn),
            ("https://refero.example.com", &["10.0.0.0/8"], Verdict::Ok),
            ("https://refero.example.com", &["10.0.0.0/8", "0.0.0.0/0"], Verdict::Warn),
            ("http://localhost:4000", &[], Verdict::Ok),
        ] {
            let mut http = HttpConfig::for_testing();
            http.public_url = url.parse().unwrap();
            http.trusted_proxies = proxies.iter().map(|block: &&str| block.parse().unwrap()).collect();
            assert_eq!(public_url(&http).verdict, expected, "{url} {proxies:?}");
        }
    }
}
