//! What figures cost does not grow with the number of sales: blocks touched, not seconds.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, Json, Jsonb, Nullable, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use domain::stats::statements;
use ids::TypedId;
use serde_json::{Value, json};

use crate::shop::Shop;

#[derive(QueryableByName)]
struct Plan {
    #[diesel(sql_type = Json, column_name = "QUERY PLAN")]
    plan: Value,
}

#[derive(QueryableByName)]
struct First {
    #[diesel(sql_type = Uuid)]
    id: ids::PartnerId,
}

/// Sales of a year, evenly over days and twenty partners, and the rollups that they come to. Keys and triggers are of no
/// interest here, nor is the room that rows leave which one statement changes all at once, nor the order in which a plan of
/// the moment happened to write them: the rollups are packed anew, in the order of their keys, as they are when days come to them
/// one after the other, and nobody cleans up beside, who would keep alive what the packing drops.
async fn fill(shop: &Shop, from: i64, to: i64) {
    let program = format!("'{}'::uuid", shop.program.id.uuid());
    let account = format!("'{}'::uuid", shop.scope.account_id.uuid());
    let sql = format!(
        "SET session_replication_role = replica; SET statement_timeout = 0; \
         ALTER TABLE transactions SET (autovacuum_enabled = false); \
         ALTER TABLE program_days SET (autovacuum_enabled = false); \
         ALTER TABLE program_hours SET (autovacuum_enabled = false); \
         ALTER TABLE partner_days SET (autovacuum_enabled = false); \
         INSERT INTO transactions (id, account_id, program_id, customer_id, key, currency, gross, discount, tax, net, \
             rewardable, occurred_at, fingerprint, created_at) \
         SELECT gen_random_uuid(), {account}, {program}, {account}, n::text, 'USD', 100, 0, 0, 100, true, \
             '2026-01-01T12:00:00Z'::timestamptz + (n % 365) * interval '1 day', '', now() \
         FROM generate_series({from}::bigint, {to}::bigint - 1) n; \
         INSERT INTO program_days AS r (account_id, program_id, day, currency, applications, partners, signups, \
             paying_customers, sales, revenue, rewards) \
         SELECT {account}, {program}, date '2026-01-01' + (n % 365)::int, 'USD', 0, 0, 0, 0, count(*), sum(100), 0 \
         FROM generate_series({from}::bigint, {to}::bigint - 1) n GROUP BY 3 \
         ON CONFLICT (account_id, program_id, day, currency) DO UPDATE SET sales = r.sales + excluded.sales; \
         INSERT INTO program_hours AS r (account_id, program_id, hour, currency, applications, partners, signups, \
             paying_customers, sales, revenue, rewards) \
         SELECT {account}, {program}, '2026-01-01T12:00:00Z'::timestamptz + (n % 365) * interval '1 day', 'USD', 0, 0, 0, \
             0, count(*), sum(100), 0 \
         FROM generate_series({from}::bigint, {to}::bigint - 1) n GROUP BY 3 \
         ON CONFLICT (account_id, program_id, hour, currency) DO UPDATE SET sales = r.sales + excluded.sales; \
         INSERT INTO partner_days AS r (account_id, program_id, partner_id, day, currency, signups, paying_customers, \
             sales, revenue, rewards) \
         SELECT {account}, {program}, partners.id, date '2026-01-01' + (n % 365)::int, 'USD', 0, 0, count(*), sum(100), 0 \
         FROM generate_series({from}::bigint, {to}::bigint - 1) n \
         JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM partners) AS partners \
             ON partners.place = (n / 365) % 20 GROUP BY 3, 4 \
         ON CONFLICT (account_id, partner_id, day, currency) DO UPDATE SET sales = r.sales + excluded.sales; \
         RESET session_replication_role; RESET statement_timeout; VACUUM ANALYZE transactions; \
         CLUSTER program_days USING program_days_pkey; CLUSTER program_hours USING program_hours_pkey; \
         CLUSTER partner_days USING partner_days_pkey; VACUUM ANALYZE program_days; VACUUM ANALYZE program_hours; \
         VACUUM ANALYZE partner_days; ANALYZE stat_deltas; ANALYZE programs; ANALYZE partners"
    );
    let conn = &mut *shop.world.conn().await;
    for statement in sql.split(';') {
        conn.batch_execute(statement).await.unwrap();
    }
}

/// The blocks that a plan touched.
fn blocks(plan: &Value) -> i64 {
    let top = &plan[0]["Plan"];
    top["Shared Hit Blocks"].as_i64().unwrap() + top["Shared Read Blocks"].as_i64().unwrap()
}

/// The fewest blocks that each statement of an overview touches: a run that finds what it knows of the catalogs gone, since
/// others made tables meanwhile, reads them anew.
async fn costs(shop: &Shop) -> [i64; 4] {
    let conn: &mut AsyncPgConnection = &mut *shop.world.conn().await;
    let explain = |sql: &str| format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}");
    let account = shop.scope.account_id;
    let question = |more: Value| {
        let mut question = json!({ "n": 0, "since": "2026-11-01", "until": "2026-12-01", "grain": "DAY" });
        question.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
        json!([question])
    };
    let hours = question(json!({
        "since": "2026-11-01T00:00:00Z", "until": "2026-11-30T23:00:00Z", "first": "2026-11-01", "last": "2026-12-01",
    }));
    let first: First =
        sql_query("SELECT min(id::text)::uuid AS id FROM partners").get_result(conn).await.unwrap();
    let whose = question(json!({ "partner": first.id.uuid() }));
    let mut costs = [i64::MAX; 4];
    for _ in 0..6 {
        let days: Plan = sql_query(explain(statements::DAYS))
            .bind::<Uuid, _>(account)
            .bind::<Jsonb, _>(question(json!({})))
            .get_result(conn)
            .await
            .unwrap();
        let hours: Plan = sql_query(explain(statements::HOURS))
            .bind::<Uuid, _>(account)
            .bind::<Jsonb, _>(hours.clone())
            .get_result(conn)
            .await
            .unwrap();
        let theirs: Plan = sql_query(explain(statements::PARTNERS))
            .bind::<Uuid, _>(account)
            .bind::<Jsonb, _>(whose.clone())
            .bind::<Nullable<Array<Uuid>>, _>(None::<Vec<uuid::Uuid>>)
            .get_result(conn)
            .await
            .unwrap();
        let ranking: Plan = sql_query(explain(statements::RANKING))
            .bind::<Uuid, _>(account)
            .bind::<Jsonb, _>(question(json!({ "metric": "SALES", "most": 10 })))
            .get_result(conn)
            .await
            .unwrap();
        for (least, plan) in costs.iter_mut().zip([&days, &hours, &theirs, &ranking]) {
            *least = blocks(&plan.plan).min(*least);
        }
    }
    costs
}

#[tokio::test]
async fn a_million_sales_cost_what_ten_thousand_do() {
    let shop = Shop::open().await;
    for number in 0..20 {
        shop.partner(&format!("p{number}")).await;
    }
    shop.fold().await;
    fill(&shop, 0, 10_000).await;
    let few = costs(&shop).await;
    fill(&shop, 10_000, 1_000_000).await;
    let many = costs(&shop).await;
    assert_eq!(shop.world.count("transactions").await, 1_000_000);
    for (few, many) in few.into_iter().zip(many) {
        assert!(few > 0 && many * 5 <= few * 6, "{few} blocks at 10,000 sales, {many} at 1,000,000");
    }
}
