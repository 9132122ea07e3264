//! The statements that load [`Facts`](super::facts::Facts).

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    links::{Link, LinkStatus},
    partners::Partner,
    payout_batches::PayoutBatch,
    payout_methods::PayoutMethod,
    payouts::Payout,
    programs::Program,
    rewards::Reward,
    schema::{
        accounts, attributions, customers, invites, links, members, partner_profiles, partners,
        payout_batches, payout_methods, payouts, programs, rewards, transactions, users,
    },
    team::{Role, invites::Invite},
};
use ids::{AccountId, UserId};

use super::facts::{AccountFacts, BatchFacts, Named, PartnerFacts, PayoutFacts, SaleFacts, UserFacts};

pub(super) async fn users(conn: &mut AsyncPgConnection, named: &Named) -> QueryResult<Vec<UserFacts>> {
    users::table.filter(users::id.eq_any(&named.users)).select(UserFacts::as_select()).load(conn).await
}

pub(super) async fn members(
    conn: &mut AsyncPgConnection,
    named: &Named,
) -> QueryResult<Vec<(AccountId, UserId, Role)>> {
    members::table
        .filter(members::account_id.eq_any(&named.accounts))
        .filter(members::user_id.eq_any(&named.users))
        .select((members::account_id, members::user_id, members::role))
        .load(conn)
        .await
}

pub(super) async fn accounts(conn: &mut AsyncPgConnection, named: &Named) -> QueryResult<Vec<AccountFacts>> {
    accounts::table
        .filter(accounts::id.eq_any(&named.accounts))
        .select((accounts::id, accounts::name, accounts::time_zone))
        .load(conn)
        .await
}

pub(super) async fn invites(conn: &mut AsyncPgConnection, named: &Named) -> QueryResult<Vec<Invite>> {
    invites::table
        .filter(invites::account_id.eq_any(&named.accounts))
        .filter(invites::id.eq_any(&named.invites))
        .select(Invite::as_select())
        .load(conn)
        .await
}

pub(super) async fn partners(conn: &mut AsyncPgConnection, named: &Named) -> QueryResult<Vec<PartnerFacts>> {
    let profile = partner_profiles::account_id
        .eq(partners::account_id)
        .and(partner_profiles::id.eq(partners::profile_id));
    let program = programs::account_id.eq(partners::account_id).and(programs::id.eq(partners::program_id));
    let link = links::account_id
        .eq(partners::account_id)
        .and(links::partner_id.eq(partners::id))
        .and(links::is_default)
        .and(links::status.eq(LinkStatus::Active));
    partners::table
        .inner_join(partner_profiles::table.on(profile))
        .inner_join(programs::table.on(program))
        .left_join(links::table.on(link))
        .filter(partners::account_id.eq_any(&named.accounts))
        .filter(partners::id.eq_any(&named.partners))
        .select((
            Partner::as_select(),
            partner_profiles::name,
            partner_profiles::email,
            Program::as_select(),
            Option::<Link>::as_select(),
        ))
        .load(conn)
        .await
}

pub(super) async fn rewards(conn: &mut AsyncPgConnection, named: &Named) -> QueryResult<Vec<Reward>> {
    rewards::table
        .filter(rewards::account_id.eq_any(&named.accounts))
        .filter(rewards::id.eq_any(&named.rewards))
        .select(Reward::as_select())
        .load(conn)
        .await
}

pub(super) async fn payouts(conn: &mut AsyncPgConnection, named: &Named) -> QueryResult<Vec<PayoutFacts>> {
    let partner = partners::account_id.eq(payouts::account_id).and(partners::id.eq(payouts::partner_id));
    let profile = partner_profiles::account_id
        .eq(partners::account_id)
        .and(partner_profiles::id.eq(partners::profile_id));
    let program = programs::account_id.eq(payouts::account_id).and(programs::id.eq(payouts::program_id));
    let method =
        payout_methods::account_id.eq(payouts::account_id).and(payout_methods::id.eq(payouts::method_id));
    payouts::table
        .inner_join(partners::table.on(partner))
        .inner_join(partner_profiles::table.on(profile))
        .inner_join(programs::table.on(program))
        .inner_join(payout_methods::table.on(method))
        .filter(payouts::account_id.eq_any(&named.accounts))
        .filter(payouts::id.eq_any(&named.payouts))
        .select((Payout::as_select(), partner_profiles::name, programs::name, payout_methods::label))
        .load(conn)
        .await
}

pub(super) async fn methods(conn: &mut AsyncPgConnection, named: &Named) -> QueryResult<Vec<PayoutMethod>> {
    payout_methods::table
        .filter(payout_methods::account_id.eq_any(&named.accounts))
        .filter(payout_methods::id.eq_any(&named.methods))
        .select(PayoutMethod::as_select())
        .load(conn)
        .await
}

pub(super) async fn batches(conn: &mut AsyncPgConnection, named: &Named) -> QueryResult<Vec<BatchFacts>> {
    let program =
        programs::account_id.eq(payout_batches::account_id).and(programs::id.eq(payout_batches::program_id));
    payout_batches::table
        .inner_join(programs::table.on(program))
        .filter(payout_batches::account_id.eq_any(&named.accounts))
        .filter(payout_batches::id.eq_any(&named.batches))
        .select((PayoutBatch::as_select(), programs::name))
        .load(conn)
        .await
}

/// Sales with the partner that the customer belongs to, if there is one.
pub(super) async fn sales(conn: &mut AsyncPgConnection, named: &Named) -> QueryResult<Vec<SaleFacts>> {
    let customer =
        customers::account_id.eq(transactions::account_id).and(customers::id.eq(transactions::customer_id));
    let program =
        programs::account_id.eq(transactions::account_id).and(programs::id.eq(transactions::program_id));
    let attribution = attributions::account_id
        .eq(transactions::account_id)
        .and(attributions::customer_id.eq(transactions::customer_id))
        .and(attributions::status.eq("ACTIVE"));
    let partner =
        partners::account_id.eq(attributions::account_id).and(partners::id.eq(attributions::partner_id));
    let profile = partner_profiles::account_id
        .eq(partners::account_id)
        .and(partner_profiles::id.eq(partners::profile_id));
    transactions::table
        .inner_join(customers::table.on(customer))
        .inner_join(programs::table.on(program))
        .left_join(attributions::table.on(attribution))
        .left_join(partners::table.on(partner))
        .left_join(partner_profiles::table.on(profile))
        .filter(transactions::account_id.eq_any(&named.accounts))
        .filter(transactions::id.eq_any(&named.sales))
        .select((
            transactions::account_id,
            transactions::id,
            transactions::currency,
            transactions::gross,
            transactions::discount,
            customers::key,
            programs::name,
            partner_profiles::name.nullable(),
        ))
        .load(conn)
        .await
}
