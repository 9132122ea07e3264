use anyhow::{Context, ensure};
use chrono::{DateTime, Duration, Utc};
use diesel::{
    sql_query,
    sql_types::{Array, BigInt, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    act::Act,
    adjustments::{Adjustment, NewAdjustment, NewAdjustmentKind, NewRefund, SaleNamed},
    scope::AccountScope,
    transactions::{NewTransaction, Transaction},
};
use ids::{AdjustmentId, IdSource, TransactionId, TypedId};
use rust_decimal::Decimal;

use crate::{
    ground::Base,
    seed::{self, Shop, customer_key},
};

/// Rows of one statement that brings names from here.
const NAMED_AT_ONCE: u64 = 50_000;
/// One sale of so many has half of it given back.
const REFUNDED: u64 = 50;

/// Records and computes one sale and its refund by the verbs, and copies what came of them by sets: the verbs would take half
/// an hour for a million. Foreign keys are right by construction and not checked. Events name the one buyer; rewards do not
/// depend on that.
pub async fn fill(
    base: &Base,
    shop: &Shop,
    from: DateTime<Utc>,
    (sales, days): (u64, u64),
) -> anyhow::Result<()> {
    let ids = IdSource::from_system()?;
    template(base, shop, from, &ids).await?;
    base.fill(
        "CREATE TABLE bench_names (n bigint PRIMARY KEY, sale uuid NOT NULL, sale_name text NOT NULL, refund uuid NOT NULL, \
             refund_name text NOT NULL); \
         CREATE TABLE bench_buyers AS SELECT (row_number() OVER (ORDER BY a.customer_id) - 1)::int AS number, a.customer_id, \
             a.partner_id FROM attributions a WHERE a.status = 'ACTIVE'; \
         CREATE UNIQUE INDEX ON bench_buyers (number)",
    )
    .await?;
    name(base, sales, from, &ids).await?;
    base.fill(&format!(
        "CREATE TABLE bench_sales AS SELECT n.*, b.customer_id, b.partner_id, 100 + 10 * (n.n * 7919 % 10000) AS cents, \
             '{from}'::timestamptz + interval '1 hour' + n.n * (interval '{days} days' / {sales}) AS at, \
             n.n % {REFUNDED} = 0 AS is_refunded \
         FROM bench_names n JOIN bench_buyers b ON b.number = n.n * 7919 % (SELECT count(*) FROM bench_buyers)"
    ))
    .await?;
    for statement in [SALES, SALE_EVENTS, REWARDS, REFUNDS, REFUND_EVENTS, CURSORS] {
        base.fill(&format!("SET session_replication_role = replica; {statement}")).await?;
    }
    base.fill("DROP TABLE bench_sales, bench_names, bench_buyers").await?;
    base.fill("VACUUM ANALYZE").await
}

const SALES: &str = "\
    INSERT INTO transactions SELECT c.* FROM bench_sales s, transactions t, \
    LATERAL jsonb_populate_record(t, jsonb_build_object('id', s.sale, 'customer_id', s.customer_id, 'key', 'fill-' || s.n, \
        'gross', s.cents, 'net', s.cents, 'occurred_at', s.at, 'created_at', s.at)) c WHERE t.key = 'template'";

const SALE_EVENTS: &str = "\
    INSERT INTO events (id, account_id, program_id, kind, subject, actor, payload, quiet, at, position) \
    SELECT gen_random_uuid(), e.account_id, e.program_id, e.kind, s.sale_name, e.actor, \
        e.payload || jsonb_build_object('transactionId', s.sale_name), true, s.at, e.position + 10 + s.n \
    FROM bench_sales s, (SELECT * FROM events WHERE kind = 'transaction.recorded') e ORDER BY s.n";

const REWARDS: &str = "\
    INSERT INTO rewards SELECT c.* FROM bench_sales s, rewards r, \
    LATERAL jsonb_populate_record(r, jsonb_build_object('id', s.refund, 'partner_id', s.partner_id, \
        'customer_id', s.customer_id, 'transaction_id', s.sale, 'source', s.sale, 'amount', s.cents / 5, \
        'net', CASE WHEN s.is_refunded THEN s.cents / 10 ELSE s.cents / 5 END, 'event_at', s.at, 'created_at', s.at)) c WHERE r.trigger = 'SALE'";

const REFUNDS: &str = "\
    INSERT INTO adjustments SELECT c.* FROM bench_sales s, adjustments a, \
    LATERAL jsonb_populate_record(a, jsonb_build_object('id', s.refund, 'transaction_key', 'fill-' || s.n, \
        'transaction_id', s.sale, 'key', 'refund-' || s.n, 'amount', s.cents / 2, 'occurred_at', s.at)) c \
    WHERE s.is_refunded AND a.key = 'template'";

const REFUND_EVENTS: &str = "\
    INSERT INTO events (id, account_id, program_id, kind, subject, actor, payload, quiet, at, position) \
    SELECT gen_random_uuid(), e.account_id, e.program_id, e.kind, s.refund_name, e.actor, \
        e.payload || jsonb_build_object('adjustmentId', s.refund_name, 'transactionKey', 'fill-' || s.n), true, s.at, \
        e.position + 100000010 + s.n \
    FROM bench_sales s, (SELECT * FROM events WHERE kind = 'transaction.adjusted') e WHERE s.is_refunded";

const CURSORS: &str = "\
    UPDATE event_counter SET position = (SELECT max(position) FROM events); \
    UPDATE reward_cursors SET position = (SELECT max(position) FROM events)";

/// The sale and the refund that the others are copies of.
async fn template(base: &Base, shop: &Shop, from: DateTime<Utc>, ids: &IdSource) -> anyhow::Result<()> {
    let (scope, act) = (AccountScope::whole(shop.account_id), Act::of_system(base.clock.now(), ids.clone()));
    let sale = NewTransaction {
        key: "template".to_owned(),
        customer_key: customer_key(0),
        referring_customer_key: None,
        currency: money::Currency::USD,
        gross: Decimal::ONE_HUNDRED,
        discount: Decimal::ZERO,
        tax: Decimal::ZERO,
        items: Vec::new(),
        coupon_code: None,
        rewardable: true,
        occurred_at: Some(from + Duration::minutes(30)),
    };
    let refund = NewAdjustment {
        sale: SaleNamed::Key { program_id: shop.program_id, key: "template".to_owned() },
        key: "template".to_owned(),
        what: NewAdjustmentKind::Refund(NewRefund {
            amount: Some(Decimal::from(50)),
            ..NewRefund::default()
        }),
        occurred_at: Some(from + Duration::minutes(40)),
    };
    {
        let conn = &mut *base.db.get().await?;
        let answers = Transaction::record_all(conn, &scope, shop.program_id, &[sale], &act).await?;
        ensure!(answers.iter().all(Result::is_ok), "the sale was refused");
        Adjustment::record(conn, &scope, &refund, &act).await?;
    }
    seed::compute(base, ids).await
}

/// Ids and their names, which the database cannot write.
async fn name(base: &Base, sales: u64, at: DateTime<Utc>, ids: &IdSource) -> anyhow::Result<()> {
    let conn = &mut *base.db.get().await?;
    for first in (0..sales).step_by(usize::try_from(NAMED_AT_ONCE)?) {
        let numbers: Vec<i64> =
            (first..sales.min(first + NAMED_AT_ONCE)).map(i64::try_from).collect::<Result<_, _>>()?;
        let sales: Vec<TransactionId> = numbers.iter().map(|_| ids.next(at)).collect();
        let refunds: Vec<AdjustmentId> = numbers.iter().map(|_| ids.next(at)).collect();
        sql_query("INSERT INTO bench_names SELECT * FROM unnest($1, $2, $3, $4, $5)")
            .bind::<Array<BigInt>, _>(numbers)
            .bind::<Array<SqlUuid>, _>(sales.iter().map(|id| id.uuid()).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(sales.iter().map(ToString::to_string).collect::<Vec<_>>())
            .bind::<Array<SqlUuid>, _>(refunds.iter().map(|id| id.uuid()).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(refunds.iter().map(ToString::to_string).collect::<Vec<_>>())
            .execute(conn)
            .await
            .context("name the sales")?;
    }
    Ok(())
}
