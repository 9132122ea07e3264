//! The parts of the history: created ahead, dropped whole.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use diesel::{QueryResult, QueryableByName, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

/// The columns that a row takes along from `jobs` unchanged.
macro_rules! history_columns {
    () => {
        "id, account_id, queue, kind, args, unique_key, priority, run_at, attempt, max_attempts, trace, request_id, \
         started_at, worker_id, created_at"
    };
}
pub(crate) use history_columns;

/// One of the two trees of the history, how many days it keeps, and how many days one partition of it holds. Every look at a
/// tree is a look at each of its partitions, so neither has more than about a dozen.
#[derive(Debug, Clone, Copy)]
struct Tree {
    table: &'static str,
    keeps_days: u64,
    partition_days: u64,
}

const TREES: [Tree; 2] = [
    Tree { table: "job_history_brief", keeps_days: 7, partition_days: 1 },
    Tree { table: "job_history_long", keeps_days: 90, partition_days: 7 },
];

#[derive(QueryableByName)]
struct Partition {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Creates the partitions of today and of `days_ahead` days more where they are missing. Rows that had to go to a default
/// partition meanwhile are moved. Answers how many were created.
///
/// # Errors
/// Those of the database; waiting for a lock ends after two seconds, so that a long reader cannot stop all finishing.
pub async fn create_ahead(
    conn: &mut AsyncPgConnection,
    days_ahead: u64,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    conn.transaction(async |conn| {
        begin(conn).await?;
        let mut created = 0;
        for tree in TREES {
            let mut existing = tree.partitions(conn).await?;
            for day in now.date_naive().iter_days().take(days_ahead as usize + 1) {
                let (first, name) = (tree.first_day(day), tree.partition(tree.first_day(day)));
                if !existing.contains(&name) {
                    conn.batch_execute(&tree.create(first)).await?;
                    existing.push(name);
                    created += 1;
                }
            }
        }
        Ok(created)
    })
    .await
}

/// Drops the partitions that hold nothing younger than their tree keeps, and answers how many.
///
/// # Errors
/// Those of the database; waiting for a lock ends after two seconds.
pub async fn drop_expired(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<usize> {
    conn.transaction(async |conn| {
        begin(conn).await?;
        let mut dropped = 0;
        for tree in TREES {
            let oldest = now.date_naive() - Days::new(tree.keeps_days);
            for name in tree.partitions(conn).await? {
                let end = tree.day(&name).map(|first| first + Days::new(tree.partition_days));
                if end.is_some_and(|end| end <= oldest) {
                    conn.batch_execute(&format!("DROP TABLE {name}")).await?;
                    dropped += 1;
                }
            }
            let Tree { table, .. } = tree;
            conn.batch_execute(&format!(
                "DELETE FROM {table}_default WHERE finished_at < '{oldest} 00:00+00'"
            ))
            .await?;
        }
        Ok(dropped)
    })
    .await
}

/// One process at a time, and never long in front of those who finish jobs.
async fn begin(conn: &mut AsyncPgConnection) -> QueryResult<()> {
    conn.batch_execute("SET LOCAL lock_timeout = '2s'; SELECT pg_advisory_xact_lock(hashtext('job_history'))")
        .await
}

impl Tree {
    /// The first day of the partition that holds a day; weeks begin on Mondays.
    fn first_day(&self, day: NaiveDate) -> NaiveDate {
        let days = u64::try_from(day.num_days_from_ce() - 1).unwrap_or(0);
        day - Days::new(days % self.partition_days)
    }

    fn partition(&self, first: NaiveDate) -> String {
        format!("{}_{}", self.table, first.format("%Y%m%d"))
    }

    /// The first day of a partition; none for the default one.
    fn day(&self, name: &str) -> Option<NaiveDate> {
        let suffix = name.strip_prefix(self.table)?.strip_prefix('_')?;
        NaiveDate::parse_from_str(suffix, "%Y%m%d").ok()
    }

    async fn partitions(&self, conn: &mut AsyncPgConnection) -> QueryResult<Vec<String>> {
        let rows: Vec<Partition> = sql_query(
            "SELECT c.relname::text AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
             WHERE i.inhparent = $1::regclass ORDER BY 1",
        )
        .bind::<Text, _>(self.table)
        .load(conn)
        .await?;
        Ok(rows.into_iter().map(|row| row.name).collect())
    }

    /// Attaching takes a weaker lock on the tree than `CREATE TABLE .. PARTITION OF`. The default partition is locked
    /// first, or a row that comes between moving and attaching would make the attachment fail.
    fn create(&self, day: NaiveDate) -> String {
        let (table, name) = (self.table, self.partition(day));
        let next = day + Days::new(self.partition_days);
        let range = format!("finished_at >= '{day} 00:00+00' AND finished_at < '{next} 00:00+00'");
        format!(
            "LOCK TABLE {table}_default IN ACCESS EXCLUSIVE MODE;
             CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
             WITH moved AS (DELETE FROM {table}_default WHERE {range} RETURNING *)
             INSERT INTO {name} SELECT * FROM moved;
             ALTER TABLE {table} ATTACH PARTITION {name}
             FOR VALUES FROM ('{day} 00:00+00') TO ('{next} 00:00+00');"
        )
    }
}
