//! What a test must not leave behind.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Text, Timestamptz},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use test_database::{block_on, or_panic};

/// A fold that waits is nothing left undone: what is not folded yet is counted all the same.
const QUERY: &str = "\
    SELECT format('an event without its place: %s of %s; call app.run_jobs()', kind, subject) AS line FROM events \
    WHERE position IS NULL UNION ALL \
    SELECT format('a job that is due: %s %s; call app.run_jobs()', kind, args) FROM jobs \
    WHERE (state <> 'scheduled' OR run_at <= $1) AND kind <> 'stats.fold' UNION ALL \
    SELECT format('a dead job: %s %s: %s', kind, args, errors -> -1 ->> 'error') FROM job_history WHERE state = 'dead'";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// What is left, a line each: jobs and events unless they are `accepted`, and broken checks in any case.
pub fn of(url: &str, now: DateTime<Utc>, accepted: bool) -> Vec<String> {
    let url = url.to_owned();
    or_panic(block_on(async move {
        let mut conn = AsyncPgConnection::establish(&url).await?;
        if accepted {
            return Ok(Vec::new());
        }
        let rows: Vec<Line> = diesel::sql_query(QUERY).bind::<Timestamptz, _>(now).load(&mut conn).await?;
        let mut left: Vec<String> = rows.into_iter().map(|row| row.line).collect();
        for finding in domain::verify::verify(&mut conn, now).await? {
            let broken = finding.violations.iter();
            left.extend(broken.map(|violation| format!("{} is broken: {violation}", finding.check)));
        }
        Ok(left)
    }))
}
