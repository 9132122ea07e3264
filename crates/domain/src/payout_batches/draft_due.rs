use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Text, Uuid},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, PartnerId, ProgramId};
use money::Currency;

use super::{BatchOrigin, NewBatch, PayoutBatch, Rail, create::MOST_PARTNERS};
use crate::{
    act::Act,
    payout_policies::{PayoutMethodKind, Policies},
    programs::Program,
    schema::{payout_schedules, programs},
    scope::AccountScope,
};

/// The most programs of one transaction.
pub const DRAFT_BATCH: usize = 20;
/// Of whom something is available and goes to such a method, or of whom a payout that was approved does.
const BEYOND: &str = "\
    SELECT DISTINCT p.id AS partner_id FROM partners p \
      JOIN payout_methods m ON m.account_id = p.account_id AND m.profile_id = p.profile_id \
    WHERE p.account_id = $1 AND p.program_id = $2 AND m.kind = $4 AND (m.route <> ALL ($5) OR m.currency <> $3) \
      AND (m.default_since IS NOT NULL AND EXISTS (SELECT FROM balances b WHERE b.account_id = p.account_id \
          AND b.partner_id = p.id AND b.currency = $3 AND b.available > 0) \
        OR EXISTS (SELECT FROM payouts o WHERE o.account_id = p.account_id AND o.partner_id = p.id \
          AND o.method_id = m.id AND o.currency = $3 AND o.status = 'APPROVED')) \
    ORDER BY p.id LIMIT $6";
/// How long the drafts of a program wait that could not be made.
const AFTER_FAILURE: TimeDelta = TimeDelta::hours(1);

/// Makes the drafts of programs whose schedule is due, in the caller's transaction: one for each kind of method by which somebody
/// is to be paid, and a list for people of whom the kind's rail does not reach. Answers how many programs were due; fewer than [`DRAFT_BATCH`] means that none is left.
///
/// # Errors
/// The database's.
pub async fn draft_due_batches(conn: &mut AsyncPgConnection, act: &Act) -> QueryResult<usize> {
    use payout_schedules as s;
    let due: Vec<(AccountId, ProgramId, DateTime<Utc>)> = s::table
        .filter(s::next_at.le(act.now))
        .filter(s::retry_at.is_null().or(s::retry_at.le(act.now).assume_not_null()))
        .order((s::next_at, s::program_id))
        .limit(i64::try_from(DRAFT_BATCH).unwrap_or(i64::MAX))
        .for_update()
        .skip_locked()
        .select((s::account_id, s::program_id, s::next_at))
        .load(conn)
        .await?;
    for (account_id, program_id, due_at) in &due {
        let (account_id, program_id) = (*account_id, *program_id);
        let drafted =
            conn.transaction(async |conn| draft_all(conn, (account_id, program_id), *due_at, act).await);
        // The drafts of one program do not wait for what is wrong with another.
        if let Err(error) = drafted.await {
            tracing::error!(%error, %program_id, "the drafts of a program were not made; they are tried again in an hour");
            let later = act.now + AFTER_FAILURE;
            diesel::update(s::table.find(program_id)).set(s::retry_at.eq(later)).execute(conn).await?;
        }
    }
    Ok(due.len())
}

/// Makes the drafts of a program, and notes when the next ones are due.
async fn draft_all(
    conn: &mut AsyncPgConnection,
    (account_id, program_id): (AccountId, ProgramId),
    due_at: DateTime<Utc>,
    act: &Act,
) -> QueryResult<()> {
    use payout_schedules as s;
    let program: Program = programs::table.find(program_id).select(Program::as_select()).first(conn).await?;
    let policies = Policies::load(conn, account_id, &[program_id], &[]).await?;
    let policy = policies.of_program(program_id);
    // What was due is the cutoff: a worker that comes late takes no more than one in time.
    for kind in policies.kinds(conn, account_id, program_id).await? {
        let rail = rail(kind, program.currency, policy.pay_by_api);
        draft(conn, &program, (rail, kind), (due_at, None), act).await?;
        if rail != Rail::File {
            let beyond = beyond(conn, &program, (rail, kind)).await?;
            if !beyond.is_empty() {
                draft(conn, &program, (Rail::File, kind), (due_at, Some(beyond)), act).await?;
            }
        }
    }
    match policy.schedule.next(act.now, program.calendar()) {
        Some(next) => {
            let due = (s::next_at.eq(next), s::retry_at.eq(None::<DateTime<Utc>>));
            diesel::update(s::table.find(program_id)).set(due).execute(conn).await?
        }
        None => diesel::delete(s::table.find(program_id)).execute(conn).await?,
    };
    Ok(())
}

/// Makes the draft for a kind of method, if there is anything to pay by it; of these partners alone, if some are said.
async fn draft(
    conn: &mut AsyncPgConnection,
    program: &Program,
    (rail, kind): (Rail, PayoutMethodKind),
    (cutoff_at, partners): (DateTime<Utc>, Option<Vec<PartnerId>>),
    act: &Act,
) -> QueryResult<()> {
    let new = NewBatch {
        program_id: program.id,
        currency: None,
        rail,
        cutoff_at: Some(cutoff_at),
        methods: Some(vec![kind]),
        partners,
    };
    let scope = AccountScope::whole(program.account_id);
    let pays = new.pays_anybody(conn, &scope, act).await.map_err(|error| match error {
        super::CreateError::Database(error) => error,
        other => diesel::result::Error::QueryBuilderError(Box::new(other)),
    })?;
    if !pays {
        return Ok(());
    }
    let id = (act.ids.next(act.now), BatchOrigin::Schedule);
    PayoutBatch::draft(conn, id, (program, program.currency), &new, act).await?;
    Ok(())
}

/// Who may have something to be paid by this kind of method, and has an account that the rail does not reach: the first
/// [`MOST_PARTNERS`]. They would wait for ever, so that a list for people is drafted for them.
async fn beyond(
    conn: &mut AsyncPgConnection,
    program: &Program,
    (rail, kind): (Rail, PayoutMethodKind),
) -> QueryResult<Vec<PartnerId>> {
    let found: Vec<Beyond> = diesel::sql_query(BEYOND)
        .bind::<Uuid, _>(program.account_id)
        .bind::<Uuid, _>(program.id)
        .bind::<Text, _>(program.currency)
        .bind::<Text, _>(kind)
        .bind::<Array<Text>, _>(rail.reach(None, program.currency).routes)
        .bind::<BigInt, _>(i64::try_from(MOST_PARTNERS).unwrap_or(i64::MAX))
        .load(conn)
        .await?;
    Ok(found.into_iter().map(|one| one.partner_id).collect())
}

#[derive(QueryableByName)]
struct Beyond {
    #[diesel(sql_type = Uuid)]
    partner_id: PartnerId,
}

fn rail(kind: PayoutMethodKind, currency: Currency, by_api: bool) -> Rail {
    match kind {
        PayoutMethodKind::Paypal if by_api => Rail::Paypal,
        PayoutMethodKind::Paypal => Rail::PaypalFile,
        PayoutMethodKind::Wise if by_api => Rail::Wise,
        PayoutMethodKind::Wise => Rail::WiseFile,
        PayoutMethodKind::Bank if currency == Currency::EUR => Rail::SepaFile,
        PayoutMethodKind::Bank => Rail::File,
        PayoutMethodKind::StoreCredit => Rail::StoreCredit,
        PayoutMethodKind::Crypto | PayoutMethodKind::Manual => Rail::Manual,
    }
}
