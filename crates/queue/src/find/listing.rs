use diesel::{
    QueryResult, QueryableByName,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Text, Timestamptz, Untyped, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::JobId;

use super::row::{JobFilter, JobRow, JobState, job_columns};
use crate::hand_back::INTERNAL_ERRORS;

/// How many rows of a tree of the history one page looks through at most. A filter that hardly anything passes makes short
/// pages instead of long searches.
const LOOKED_AT: i64 = 2_000;

/// One page of a list of jobs.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The jobs, the newest first.
    pub rows: Vec<JobRow>,
    /// Whether there may be more behind it.
    pub has_next: bool,
    /// Where the next page begins, if this one ends before its last row could be found.
    pub looked_to: Option<JobId>,
}

/// The newest jobs that pass the filter behind `after`, at most `first` of them, in the order of their ids. What waits and runs
/// is looked through as far as it takes; of each tree of the history no more than 2,000 rows are, whatever its size: a page
/// may be short, or empty, and yet have a next one.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut AsyncPgConnection,
    filter: &JobFilter,
    after: Option<JobId>,
    first: usize,
) -> QueryResult<Listed> {
    let most = i64::try_from(first).unwrap_or(LOOKED_AT).min(LOOKED_AT - 1) + 1;
    let sources: Vec<Source> = SOURCES.into_iter().filter(|source| source.is_asked_for(filter)).collect();
    if sources.is_empty() {
        return Ok(Listed { rows: Vec::new(), has_next: false, looked_to: None });
    }
    let rows = Rows { sources: &sources, filter, after, looked_at: LOOKED_AT, most };
    let mut rows: Vec<JobRow> = RunQueryDsl::load(rows, conn).await?;
    let searched: Vec<Source> = sources.into_iter().filter(|source| source.is_searched(filter)).collect();
    let mut horizon = None;
    if !searched.is_empty() {
        let ends = Ends { sources: &searched, filter, after, looked_at: LOOKED_AT };
        let ends: Vec<End> = RunQueryDsl::load(ends, conn).await?;
        horizon = ends.into_iter().map(|end| end.id).max();
    }
    // Behind the horizon one of the trees was not looked at.
    rows.retain(|row| horizon.is_none_or(|horizon| row.id >= horizon));
    let is_full = rows.len() > first;
    rows.truncate(first);
    Ok(Listed { rows, has_next: is_full || horizon.is_some(), looked_to: horizon.filter(|_| !is_full) })
}

/// How many jobs pass the filter, and whether there may be more: counting stops at `cap`, and looks at no more than `cap`
/// rows of each tree of the history.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut AsyncPgConnection, filter: &JobFilter, cap: i64) -> QueryResult<(i64, bool)> {
    let sources: Vec<Source> = SOURCES.into_iter().filter(|source| source.is_asked_for(filter)).collect();
    if sources.is_empty() {
        return Ok((0, false));
    }
    let counted = Counted(Rows { sources: &sources, filter, after: None, looked_at: cap, most: cap });
    let counted: Count = RunQueryDsl::get_result(counted, conn).await?;
    let searched: Vec<Source> = sources.into_iter().filter(|source| source.is_searched(filter)).collect();
    let mut is_cut = counted.count >= cap;
    if !is_cut && !searched.is_empty() {
        let ends = Ends { sources: &searched, filter, after: None, looked_at: cap };
        is_cut = !RunQueryDsl::load::<End>(ends, conn).await?.is_empty();
    }
    Ok((counted.count.min(cap), is_cut))
}

#[derive(QueryableByName)]
struct End {
    #[diesel(sql_type = Uuid)]
    id: JobId,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Where rows come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Source {
    table: &'static str,
    states: &'static [JobState],
    /// Its size is that of the work that was ever done: it is not searched without a bound.
    is_history: bool,
}

const SOURCES: [Source; 3] = [
    Source {
        table: "jobs",
        states: &[JobState::Scheduled, JobState::Ready, JobState::Running],
        is_history: false,
    },
    Source { table: "job_history_long", states: &[JobState::Dead, JobState::Cancelled], is_history: true },
    Source { table: "job_history_brief", states: &[JobState::Done, JobState::Superseded], is_history: true },
];

impl Source {
    fn wanted(self, filter: &JobFilter) -> impl Iterator<Item = JobState> + '_ {
        let is_wanted = |state: &JobState| filter.states.is_empty() || filter.states.contains(state);
        self.states.iter().copied().filter(is_wanted)
    }

    fn is_asked_for(self, filter: &JobFilter) -> bool {
        let may_have_ended = self.is_history || filter.ended_by.is_none();
        may_have_ended && self.wanted(filter).next().is_some()
    }

    /// Whether rows are looked at that may not pass.
    fn is_searched(self, filter: &JobFilter) -> bool {
        let is_limited = filter.queue.is_some()
            || filter.kind.is_some()
            || filter.error_like.is_some()
            || filter.ended_by.is_some();
        self.is_history && (is_limited || self.wanted(filter).count() < self.states.len())
    }
}

/// The conditions that an index serves: behind a row, and of an account.
fn reach<'b>(
    filter: &'b JobFilter,
    after: &'b Option<JobId>,
    out: &mut AstPass<'_, 'b, Pg>,
) -> QueryResult<()> {
    out.push_sql(" WHERE true");
    if let Some(after) = after {
        out.push_sql(" AND id < ");
        out.push_bind_param::<Uuid, _>(after)?;
    }
    if let Some(account) = &filter.account {
        out.push_sql(" AND account_id = ");
        out.push_bind_param::<Uuid, _>(account)?;
    }
    Ok(())
}

/// The conditions that each row is held against.
fn test<'b>(source: Source, filter: &'b JobFilter, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    // Words of our own: written out, so that partial indexes and trees are found.
    out.push_sql(" AND state IN (''");
    for state in source.wanted(filter) {
        out.push_sql(", '");
        out.push_sql(state.as_str());
        out.push_sql("'");
    }
    out.push_sql(")");
    if let Some(queue) = &filter.queue {
        out.push_sql(" AND queue = '");
        out.push_sql(queue.as_str());
        out.push_sql("'");
    }
    if let Some(kind) = &filter.kind {
        out.push_sql(" AND kind = ");
        out.push_bind_param::<Text, _>(kind)?;
    }
    if let Some(pattern) = &filter.error_like {
        out.push_sql(" AND errors -> -1 ->> 'error' ILIKE ");
        out.push_bind_param::<Text, _>(pattern)?;
        if filter.passes_over_internal_errors {
            out.push_sql(" AND NOT errors -> -1 ->> 'error' ^@ ANY(");
            out.push_bind_param::<Array<Text>, _>(&INTERNAL_ERRORS)?;
            out.push_sql(")");
        }
    }
    if let Some(ended_by) = filter.ended_by.as_ref().filter(|_| source.is_history) {
        out.push_sql(" AND finished_at <= ");
        out.push_bind_param::<Timestamptz, _>(ended_by)?;
    }
    Ok(())
}

/// The rows of a page.
struct Rows<'a> {
    sources: &'a [Source],
    filter: &'a JobFilter,
    after: Option<JobId>,
    looked_at: i64,
    most: i64,
}

impl QueryFragment<Pg> for Rows<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // Of one source alone the brackets would mean nothing, and its order would stand beside that of the whole.
        out.push_sql("SELECT * FROM (");
        for (place, source) in self.sources.iter().enumerate() {
            out.push_sql(if place == 0 { "(SELECT " } else { " UNION ALL (SELECT " });
            out.push_sql(job_columns!());
            out.push_sql(if source.is_history {
                ", finished_at FROM (SELECT * FROM "
            } else {
                ", NULL::timestamptz AS finished_at FROM "
            });
            out.push_sql(source.table);
            reach(self.filter, &self.after, &mut out)?;
            if source.is_history {
                out.push_sql(" ORDER BY id DESC LIMIT ");
                out.push_bind_param::<BigInt, _>(&self.looked_at)?;
                out.push_sql(") looked_at WHERE true");
            }
            test(*source, self.filter, &mut out)?;
            out.push_sql(" ORDER BY id DESC LIMIT ");
            out.push_bind_param::<BigInt, _>(&self.most)?;
            out.push_sql(")");
        }
        out.push_sql(") found ORDER BY id DESC LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.most)
    }
}

/// How many the rows are.
struct Counted<'a>(Rows<'a>);

impl QueryFragment<Pg> for Counted<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) AS count FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") counted");
        Ok(())
    }
}

/// The last row that was looked at of each tree that has more.
struct Ends<'a> {
    sources: &'a [Source],
    filter: &'a JobFilter,
    after: Option<JobId>,
    looked_at: i64,
}

impl QueryFragment<Pg> for Ends<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for (place, source) in self.sources.iter().enumerate() {
            out.push_sql(if place == 0 { "(SELECT id FROM " } else { " UNION ALL (SELECT id FROM " });
            out.push_sql(source.table);
            reach(self.filter, &self.after, &mut out)?;
            out.push_sql(" ORDER BY id DESC LIMIT 1 OFFSET ");
            out.push_bind_param::<BigInt, _>(&self.looked_at)?;
            out.push_sql(" - 1)");
        }
        Ok(())
    }
}

macro_rules! queries {
    ($($name:ident),+) => {$(
        // Without a static id the connection's cache goes by the text.
        impl QueryId for $name<'_> {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }

        impl Query for $name<'_> {
            type SqlType = Untyped;
        }

        impl<Conn> diesel::RunQueryDsl<Conn> for $name<'_> {}
    )+};
}
queries!(Rows, Counted, Ends);
