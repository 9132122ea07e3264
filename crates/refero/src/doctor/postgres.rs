use std::time::Duration;

use domain::{
    clock::Clock,
    db::{self, Db, DbConfig, Server},
};
use jobs::WorkersConfig;

use super::{
    Line, Verdict,
    line::{LIMIT, either, within},
};
use crate::process::LOOPS;

/// The oldest version that is supported.
const OLDEST: i32 = 150_000;

const MEND: &str = "is the server of DATABASE_URL running, and may this user log in?";

/// What was found out about the database.
#[derive(Default)]
pub struct Found {
    pub lines: Vec<Line>,
    /// The database and its time, if it answers.
    pub db: Option<(Db, Clock)>,
    /// Whether it has all that this binary needs.
    pub is_current: bool,
}

/// Connects; looks at the server and the schema.
pub async fn look(config: Option<&DbConfig>, workers: Option<&WorkersConfig>) -> Found {
    let Some(config) = config else { return Found::default() };
    let mut found = Found::default();
    let reached = within("postgresql", MEND, async {
        // Two connections: the doctor must not be what exhausts the server.
        let small =
            DbConfig { pool_size: 2, statement_timeout: LIMIT - Duration::from_secs(1), ..config.clone() };
        let db = Db::new(&small)?;
        let clock = Clock::start(&db).await?;
        let server = Server::ask(&mut *db.get().await?).await?;
        Ok((db, clock, server))
    });
    match reached.await {
        Ok((db, clock, server)) => {
            found.lines.push(version(&server));
            found.lines.push(connections(&server, config, workers));
            found.db = Some((db, clock));
        }
        Err(line) => {
            found.lines.push(line);
            return found;
        }
    }
    let schema = within("migrations", "run `refero migrate`", async {
        let pending = db::pending_migrations(&config.url).await?;
        Ok((pending, db::unknown_migrations(&config.url).await?))
    });
    let migrations = schema.await.map(|(pending, unknown)| {
        found.is_current = pending.is_empty();
        migrations(&pending, &unknown)
    });
    found.lines.push(either(migrations));
    found
}

fn version(server: &Server) -> Line {
    let verdict = if server.version_number >= OLDEST { Verdict::Ok } else { Verdict::Fail };
    let found = format!("{} answers", server.version);
    Line::judged("postgresql", verdict, found, "upgrade to PostgreSQL 15 or newer")
}

fn connections(server: &Server, config: &DbConfig, workers: Option<&WorkersConfig>) -> Line {
    let Server { connections: used, most_connections: most, .. } = *server;
    let api = config.pool_size;
    let workers = workers.map_or(0, |workers| workers.slots + LOOPS);
    let one_process = i64::try_from(api + workers).unwrap_or(i64::MAX);
    let verdict = match () {
        () if used >= most || one_process > most => Verdict::Fail,
        () if used * 10 >= most * 8 => Verdict::Warn,
        () => Verdict::Ok,
    };
    let found = format!(
        "{used} of {most} in use; a process may take {api} for the API and {workers} for its workers"
    );
    let mend = "raise max_connections, or lower DATABASE_POOL_SIZE and WORKER_SLOTS, or run fewer processes";
    Line::judged("connections", verdict, found, mend)
}

fn migrations(pending: &[String], unknown: &[String]) -> Line {
    if let Some(next) = pending.first() {
        let found = format!("{} are pending, from {next} on", pending.len());
        return Line::fail("migrations", found, "run `refero migrate`");
    }
    if let Some(last) = unknown.last() {
        let found = format!("{} are not known to this binary, the last is {last}", unknown.len());
        return Line::warn(
            "migrations",
            found,
            "a newer binary has migrated the database: upgrade this one too",
        );
    }
    Line::ok("migrations", "none is pending")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_compared_with_what_processes_may_take() {
        let config = DbConfig::for_testing("postgres://x");
        let workers = WorkersConfig::new("redis://x");
        for (used, most, expected) in
            [(3, 97, Verdict::Ok), (78, 97, Verdict::Warn), (97, 97, Verdict::Fail), (3, 20, Verdict::Fail)]
        {
            let server = Server {
                version: "17.2".to_owned(),
                version_number: 170_002,
                connections: used,
                most_connections: most,
            };
            assert_eq!(connections(&server, &config, Some(&workers)).verdict, expected, "{used} of {most}");
        }
    }

    #[test]
    fn what_is_pending_fails_and_what_is_newer_is_told() {
        let names = ["2026-01-01-000001".to_owned()];
        assert_eq!(migrations(&names, &[]).verdict, Verdict::Fail);
        assert_eq!(migrations(&[], &names).verdict, Verdict::Warn);
        assert_eq!(migrations(&[], &[]).verdict, Verdict::Ok);
    }
}
