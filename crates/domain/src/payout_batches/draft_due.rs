use chrono::{DateTime, TimeDelta, Utc};
use diesel::{dsl::exists, prelude::*};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, ProgramId};
use money::Currency;

use super::{BatchOrigin, NewBatch, PayoutBatch, Rail};
use crate::{
    act::Act,
    payout_policies::{PayoutMethodKind, Policies},
    programs::Program,
    schema::{partners, payout_methods, payout_schedules, programs},
    scope::AccountScope,
};

/// The most programs of one transaction.
pub const DRAFT_BATCH: usize = 20;
/// How long the drafts of a program wait that could not be made.
const AFTER_FAILURE: TimeDelta = TimeDelta::hours(1);

/// Makes the drafts of programs whose schedule is due, in the caller's transaction: one for each kind of method by which somebody
/// is to be paid, and a list for people of whom the kind's rail does not reach. Answers how many programs were due; fewer than
/// [`DRAFT_BATCH`] means that none is left.
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
        draft(conn, &program, (rail, None, kind), due_at, act).await?;
        if rail != Rail::File && has_beyond(conn, &program, (rail, kind)).await? {
            // Whom the rail does not reach would wait for ever.
            draft(conn, &program, (Rail::File, Some(rail), kind), due_at, act).await?;
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

/// Makes the draft for a kind of method, if there is anything to pay by it; for what another rail does not reach, if one is said.
async fn draft(
    conn: &mut AsyncPgConnection,
    program: &Program,
    (rail, beyond, kind): (Rail, Option<Rail>, PayoutMethodKind),
    cutoff_at: DateTime<Utc>,
    act: &Act,
) -> QueryResult<()> {
    let new = NewBatch {
        cutoff_at: Some(cutoff_at),
        methods: Some(vec![kind]),
        beyond,
        ..NewBatch::over(rail, program.id)
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

/// Whether partners of the program have accounts of that kind which the rail, one that sees to the currency, does not reach.
async fn has_beyond(
    conn: &mut AsyncPgConnection,
    program: &Program,
    (rail, kind): (Rail, PayoutMethodKind),
) -> QueryResult<bool> {
    use payout_methods as m;
    let of_partner = m::account_id.eq(partners::account_id).and(m::profile_id.eq(partners::profile_id));
    let is_of_other_form = m::route.ne_all(rail.accounts(program.currency).routes);
    // What takes any currency says none.
    let takes_another = m::currency.is_not_null().and(m::currency.ne(program.currency).assume_not_null());
    let methods = partners::table
        .inner_join(m::table.on(of_partner))
        .filter(partners::account_id.eq(program.account_id))
        .filter(partners::program_id.eq(program.id))
        .filter(m::kind.eq(kind))
        .filter(is_of_other_form.or(takes_another));
    diesel::select(exists(methods)).get_result(conn).await
}

/// Over what a kind of method is paid without anybody's choice: by a list for people where nothing else carries the currency, or
/// not its fractions, by which payouts would fail at each schedule.
fn rail(kind: PayoutMethodKind, currency: Currency, by_api: bool) -> Rail {
    let rail = match kind {
        PayoutMethodKind::Paypal if by_api => Rail::Paypal,
        PayoutMethodKind::Paypal => Rail::PaypalFile,
        PayoutMethodKind::Wise if by_api => Rail::Wise,
        PayoutMethodKind::Wise => Rail::WiseFile,
        PayoutMethodKind::Bank => Rail::SepaFile,
        PayoutMethodKind::StoreCredit => Rail::StoreCredit,
        PayoutMethodKind::Crypto | PayoutMethodKind::Manual => Rail::Manual,
    };
    let drops_fractions = || currency.minor_per_major() > 1 && payout_details::paypal_pays_whole(currency);
    match rail {
        Rail::Paypal | Rail::PaypalFile if drops_fractions() => Rail::File,
        rail if rail.carries(currency) => rail,
        _ => Rail::File,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_carries_no_such_money_leaves_it_to_a_list() {
        use PayoutMethodKind as K;
        for (kind, currency, by_api, expected) in [
            (K::Paypal, "USD", true, Rail::Paypal),
            (K::Paypal, "HUF", false, Rail::File),
            (K::Paypal, "JPY", false, Rail::PaypalFile),
            (K::Paypal, "KWD", true, Rail::File),
            (K::Paypal, "INR", false, Rail::File),
            (K::Wise, "INR", true, Rail::Wise),
            (K::Bank, "EUR", true, Rail::SepaFile),
            (K::Bank, "USD", true, Rail::File),
            (K::StoreCredit, "USD", false, Rail::StoreCredit),
        ] {
            assert_eq!(rail(kind, Currency::parse(currency).unwrap(), by_api), expected, "{kind} {currency}");
        }
    }
}
