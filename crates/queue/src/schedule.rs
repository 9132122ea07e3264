use chrono::{DateTime, Duration, SecondsFormat, Utc};
use diesel::{
    ExpressionMethods, QueryDsl, QueryResult, Queryable, QueryableByName,
    sql_types::{Bool, Integer, Text, Timestamptz},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::IdSource;

use crate::{NewJob, enqueue, schema::job_schedules, statement::statement};

/// The most slots that one round makes up for.
const ROUND: usize = 100;

/// Something that is due again and again, at fixed instants (slots): `offset_secs` after each multiple of `every_secs`
/// since 1970, UTC.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// The stored name; renaming it starts a new schedule.
    pub name: &'static str,
    /// The distance of two slots, in seconds; positive.
    pub every_secs: i32,
    /// The slot's place in the period, in seconds: 10,800 of 86,400 is 03:00 UTC.
    pub offset_secs: i32,
    /// What happens after a downtime.
    pub catch_up: CatchUp,
    /// The job of a slot. Its unique key is replaced by `name@slot`.
    pub job: fn(DateTime<Utc>) -> NewJob,
}

/// What happens to slots that passed while nobody looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatchUp {
    /// Only the latest, and none while one still waits: for work that does all that is due whenever it runs.
    Latest,
    /// Each of them, oldest first.
    All,
}

#[derive(Queryable)]
struct Row {
    name: String,
    next_run_at: DateTime<Utc>,
}

impl Schedule {
    /// The first slot after `now`.
    fn next_after(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let every = i64::from(self.every_secs.max(1));
        let offset = i64::from(self.offset_secs).rem_euclid(every);
        let slot = (now.timestamp() - offset).div_euclid(every) * every + offset + every;
        DateTime::from_timestamp(slot, 0).unwrap_or(now)
    }

    /// The slots from `next` to `now` that are to fire, and the one after them.
    fn slots(&self, next: DateTime<Utc>, now: DateTime<Utc>) -> (Vec<DateTime<Utc>>, DateTime<Utc>) {
        let every = Duration::seconds(i64::from(self.every_secs.max(1)));
        if self.catch_up == CatchUp::Latest {
            let after = self.next_after(now).max(next);
            return (vec![(after - every).max(next)], after);
        }
        let mut slots = Vec::new();
        let mut slot = next;
        while slot <= now && slots.len() < ROUND {
            slots.push(slot);
            slot += every;
        }
        (slots, slot)
    }
}

/// Creates the rows of schedules that have none; a changed period takes effect from the next slot.
///
/// # Errors
/// Those of the database.
pub async fn register(
    conn: &mut AsyncPgConnection,
    schedules: &[Schedule],
    now: DateTime<Utc>,
) -> QueryResult<()> {
    for schedule in schedules {
        statement("INSERT INTO job_schedules (name, every_secs, next_run_at) VALUES (")
            .bind::<Text, _>(schedule.name, ", ")
            .bind::<Integer, _>(schedule.every_secs.max(1), ", ")
            .bind::<Timestamptz, _>(
                schedule.next_after(now),
                ") ON CONFLICT (name) DO UPDATE SET every_secs = excluded.every_secs, \
                 next_run_at = excluded.next_run_at WHERE job_schedules.every_secs <> excluded.every_secs",
            )
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Enqueues the jobs of all slots that have come, and moves their schedules on, in one transaction: the row's lock and its
/// next slot keep two processes from firing a slot twice. Answers how many jobs were enqueued.
///
/// # Errors
/// Those of the database.
pub async fn fire_due(
    conn: &mut AsyncPgConnection,
    ids: &IdSource,
    schedules: &[Schedule],
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let names: Vec<&str> = schedules.iter().map(|schedule| schedule.name).collect();
    conn.transaction(async |conn| {
        let rows: Vec<Row> = job_schedules::table
            .filter(job_schedules::next_run_at.le(now))
            .filter(job_schedules::name.eq_any(names))
            .order(job_schedules::name)
            .select((job_schedules::name, job_schedules::next_run_at))
            .for_update()
            .skip_locked()
            .load(conn)
            .await?;
        let mut fired = 0;
        for row in rows {
            if let Some(schedule) = schedules.iter().find(|schedule| schedule.name == row.name) {
                fired += schedule.fire(conn, ids, row.next_run_at, now).await?;
            }
        }
        Ok(fired)
    })
    .await
}

impl Schedule {
    async fn fire(
        &self,
        conn: &mut AsyncPgConnection,
        ids: &IdSource,
        next: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> QueryResult<usize> {
        let (mut slots, after) = self.slots(next, now);
        let last_run_at = slots.last().copied();
        if self.catch_up == CatchUp::Latest && self.waits(conn, now).await? {
            slots.clear();
        }
        let jobs: Vec<NewJob> = slots
            .iter()
            .map(|slot| {
                let slot_name = slot.to_rfc3339_opts(SecondsFormat::Secs, true);
                (self.job)(*slot).keyed(format!("{}@{slot_name}", self.name))
            })
            .collect();
        enqueue(conn, now, ids, &jobs).await?;
        diesel::update(job_schedules::table.find(self.name))
            .set((job_schedules::next_run_at.eq(after), job_schedules::last_run_at.eq(last_run_at)))
            .execute(conn)
            .await?;
        Ok(jobs.len())
    }

    /// Whether a job of this schedule waits: it will do all that is due whenever it runs, and while its queue is paused
    /// they must not pile up.
    async fn waits(&self, conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<bool> {
        #[derive(QueryableByName)]
        struct Waits {
            #[diesel(sql_type = Bool)]
            waits: bool,
        }
        let row: Waits = statement("SELECT EXISTS (SELECT FROM jobs WHERE kind = ")
            .bind::<Text, _>(
                (self.job)(now).kind,
                " AND state IN ('scheduled', 'ready') AND starts_with(unique_key, ",
            )
            .bind::<Text, _>(format!("{}@", self.name), ")) AS waits")
            .get_result(conn)
            .await?;
        Ok(row.waits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn daily(catch_up: CatchUp) -> Schedule {
        Schedule {
            name: "night",
            every_secs: 86_400,
            offset_secs: 10_800,
            catch_up,
            job: |_| unreachable!("these tests enqueue nothing"),
        }
    }

    #[test]
    fn slots_lie_on_the_grid() {
        let night = daily(CatchUp::Latest);
        assert_eq!(night.next_after(at("2026-11-22T02:59:59Z")), at("2026-11-22T03:00:00Z"));
        assert_eq!(night.next_after(at("2026-11-22T03:00:00Z")), at("2026-11-23T03:00:00Z"));
    }

    #[test]
    fn after_three_days_down_the_latest_or_all() {
        let (next, now) = (at("2026-11-20T03:00:00Z"), at("2026-11-22T12:00:00Z"));
        let after = at("2026-11-23T03:00:00Z");
        assert_eq!(daily(CatchUp::Latest).slots(next, now), (vec![at("2026-11-22T03:00:00Z")], after));
        let all = ["2026-11-20T03:00:00Z", "2026-11-21T03:00:00Z", "2026-11-22T03:00:00Z"];
        assert_eq!(daily(CatchUp::All).slots(next, now), (all.map(at).to_vec(), after));
    }
}
