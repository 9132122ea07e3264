//! A thousand subscribers who come, go and resume, while 32 writers commit out of order: each sees every event exactly once
//! and in order.

use std::time::Duration;

use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::{
    db::{Db, DbConfig},
    events::{EventKind, NewEvent, record},
    team::Permission as P,
};
use serde_json::json;
use test_support::{Actor, Heard, Socket, TestApp};
use tokio::task::JoinSet;

use super::sequence;

const SOCKETS: usize = 100;
const EACH: usize = 10;
const WRITERS: u64 = 32;
const EVENTS_EACH: u64 = 4;
const EVENTS: usize = 32 * 4;

const CURSORS: &str = "subscription ($after: String) { events(after: $after) { cursor } }";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// A number between 0 and `below` that looks like chance and is the same in every run.
fn chance(seed: u64, below: u64) -> u64 {
    let mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((mixed ^ (mixed >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33) % below
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_of_a_thousand_sees_every_event_once_and_in_order() {
    // A ring that forgets soon, so that pages and ring meet again and again.
    let app = TestApp::builder().pace(|pace| pace.ring = 32).start().await;
    app.leave_jobs();
    let key = app.api_key(&[P::AuditRead], &[]).await;
    let mut crowd = JoinSet::new();
    for number in 0..SOCKETS {
        crowd.spawn(come_and_go(key.clone(), number));
    }
    let mut writers = JoinSet::new();
    let config = DbConfig { pool_size: 33, ..DbConfig::for_testing(&app.database.url) };
    let db = Db::new(&config).unwrap();
    for writer in 0..WRITERS {
        let (db, account, act) = (db.clone(), app.account_id(), app.act());
        writers.spawn(async move {
            let mut conn = db.get().await.unwrap();
            for turn in 0..EVENTS_EACH {
                let seed = writer * 1_000 + turn;
                tokio::time::sleep(Duration::from_millis(chance(seed, 400))).await;
                let event = NewEvent::of_account(account, EventKind::ProgramUpdated, "x", &json!({}));
                let act = &act;
                // The event has its number, and others commit theirs before it.
                let held = conn.transaction::<_, diesel::result::Error, _>(async move |conn| {
                    record(conn, act, &[event]).await?;
                    tokio::time::sleep(Duration::from_millis(chance(seed + 7, 60))).await;
                    Ok(())
                });
                held.await.unwrap();
            }
        });
    }
    while let Some(written) = loop {
        tokio::select! {
            written = writers.join_next() => break written,
            () = tokio::time::sleep(Duration::from_millis(5)) => sequence(&app).await,
        }
    } {
        written.unwrap();
    }
    sequence(&app).await;

    let overtaken =
        "SELECT count(*) FROM events a JOIN events b ON a.seq < b.seq AND a.position > b.position";
    let overtaken: Count = sql_query(overtaken).get_result(&mut *app.conn().await).await.unwrap();
    assert!(overtaken.count > 0, "all committed in the order of their numbers: nothing was tried");
    while let Some(seen) = crowd.join_next().await {
        for (who, positions) in seen.unwrap().into_iter().enumerate() {
            assert_eq!(positions, (1..=EVENTS as i64).collect::<Vec<_>>(), "subscriber {who}");
        }
    }
}

/// The subscribers of one socket, until each has seen all events. They stop and begin again behind their last event, and
/// now and then the whole socket is lost.
async fn come_and_go(key: Actor, number: usize) -> Vec<Vec<i64>> {
    let mut seen = vec![Vec::new(); EACH];
    let mut seed = number as u64 * 10_000;
    while seen.iter().any(|positions| positions.len() < EVENTS) {
        let mut socket = key.socket().await;
        let mut generations = [0; EACH];
        for (who, positions) in seen.iter().enumerate() {
            begin(&mut socket, who, 0, positions).await;
        }
        seed += 1;
        for _ in 0..200 + chance(seed, 600) {
            if seen.iter().all(|positions| positions.len() == EVENTS) {
                break;
            }
            let Heard::Message(message) = socket.hear().await else { panic!("socket {number} was closed") };
            let id = message["id"].as_str().unwrap();
            let (who, generation) = id.split_once('.').unwrap();
            let who: usize = who.parse().unwrap();
            // What was under way when it stopped is not the new one's.
            if generation.parse() != Ok(generations[who]) {
                continue;
            }
            assert_eq!(message["type"], "next", "{message}");
            seen[who].push(position(message["payload"]["data"]["events"]["cursor"].as_str().unwrap()));
            seed += 1;
            if chance(seed, 40) == 0 {
                socket.send(&json!({ "type": "complete", "id": id })).await;
                generations[who] += 1;
                begin(&mut socket, who, generations[who], &seen[who]).await;
            }
        }
    }
    seen
}

async fn begin(socket: &mut Socket, who: usize, generation: u32, seen: &[i64]) {
    let after = super::cursor(seen.last().copied().unwrap_or(0));
    socket.subscribe(&format!("{who}.{generation}"), CURSORS, json!({ "after": after })).await;
}

fn position(cursor: &str) -> i64 {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).unwrap();
    String::from_utf8(bytes).unwrap().parse().unwrap()
}
