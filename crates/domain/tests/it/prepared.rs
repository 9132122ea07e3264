//! Hot statements are prepared once per connection, not at every call.

use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::RunQueryDsl;
use domain::{
    events::{self, EventKind, NewEvent},
    subscribers,
};

use crate::shop::Shop;

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = BigInt)]
    kept: i64,
}

#[tokio::test]
async fn a_connection_keeps_what_every_sale_sends() {
    let shop = Shop::open().await;
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let payload = serde_json::json!({ "programId": shop.program.id });
    let event = NewEvent::of_program(
        shop.program.account_id,
        shop.program.id,
        EventKind::ProgramUpdated,
        shop.program.id,
        &payload,
    );
    for rows in [1, 1, 2, 2, 30, 30] {
        events::record(conn, &act, &vec![event.clone(); rows]).await.unwrap();
        subscribers::sequence(conn, act.now, &act.ids).await.unwrap();
    }
    for (statement, kept) in [
        ("SELECT pg_advisory_xact_lock%", 1),
        ("UPDATE events SET position%", 1),
        ("UPDATE \"event_counter\"%", 1),
        // One for each number of rows, up to a few: a text for each of thousands would fill the memory.
        ("INSERT INTO \"events\"%", 2),
    ] {
        let count = "SELECT count(*) AS kept FROM pg_prepared_statements WHERE statement LIKE $1";
        let found = sql_query(count).bind::<diesel::sql_types::Text, _>(statement).get_result::<Kept>(conn);
        assert_eq!(found.await.unwrap().kept, kept, "{statement}");
    }
}
