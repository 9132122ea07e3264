//! What an instance leans on, looked at from outside: a line per check, with what was found and how to mend it. Each check has
//! its own time, and what is away keeps no other from being looked at.

mod clocks;
mod configuration;
mod jobs;
mod ledgers;
mod line;
mod payout_keys;
mod payout_rails;
mod postgres;
mod redis;
mod smtp;
mod table;

use configuration::Configuration;
pub use line::{Line, Verdict};
use postgres::Found;
pub use table::{is_healthy, json, table};

/// Looks at everything that the environment names.
pub async fn examine() -> Vec<Line> {
    let (configuration, mut lines) = Configuration::read();
    let Configuration { db, workers, mailer, http, vault } = &configuration;
    let (database, (redis, redis_time), smtp) = tokio::join!(
        postgres::look(db.as_ref(), workers.as_ref()),
        redis::look(workers.as_ref()),
        smtp::look(mailer.as_ref(), http.as_ref()),
    );
    let Found { lines: of_database, db, is_current } = database;
    lines.extend(of_database);
    lines.extend(redis);
    lines.extend(smtp);
    let now = db.as_ref().map(|(_, clock)| clock.now());
    lines.push(clocks::look(db.as_ref().map(|(_, clock)| clock), redis_time).await);
    match (&db, now) {
        (Some((db, _)), Some(now)) if is_current => {
            lines.extend(ledgers::look(db, now).await);
            lines.extend(payout_keys::look(db, vault.as_ref()).await);
            lines.extend(jobs::look(db, now).await);
        }
        (Some(_), _) => lines.push(Line::warn(
            "work",
            "not looked at before the migrations have run",
            "run `refero migrate`",
        )),
        (None, _) => lines.push(Line::warn(
            "work",
            "not looked at: PostgreSQL cannot be asked about events, rewards and jobs",
            "mend the connection first",
        )),
    }
    lines
}
