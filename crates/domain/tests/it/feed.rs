//! E2: readers see the events of an account in one order, without holes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use diesel_async::AsyncConnection;
use domain::{
    act::Act,
    db::Db,
    events::{self, Event, EventKind, NewEvent},
    page::PageArgs,
    scope::AccountScope,
    subscribers,
};
use ids::{EventId, ProgramId};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{partners::account, shop::Shop};

fn event(scope: &AccountScope, program_id: ProgramId, subject: &str) -> NewEvent {
    NewEvent::of_program(scope.account_id, program_id, EventKind::LinkUpdated, subject, &())
}

/// All that stands behind the position, page by page.
async fn read_on(db: &Db, scope: &AccountScope, seen: &mut Vec<(i64, EventId)>) -> usize {
    let conn = &mut *db.get().await.unwrap();
    let before = seen.len();
    loop {
        let page = PageArgs::new(7, seen.last().map(|(position, _)| *position));
        let page = Event::feed(conn, scope, &[], page).await.unwrap();
        seen.extend(page.rows.iter().map(|event| (event.position.unwrap(), event.id)));
        if !page.has_next {
            return seen.len() - before;
        }
    }
}

/// Forty transactions of up to three events; every fifth is rolled back, and many commit late.
async fn write(seed: u64, db: Db, scope: AccountScope, program_id: ProgramId, act: Act) -> usize {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut committed = 0;
    for round in 0..40 {
        let conn = &mut *db.get().await.unwrap();
        let (count, pause) = (rng.random_range(1..=3), rng.random_range(0..6));
        let done: Result<(), diesel::result::Error> = conn
            .transaction(async |conn| {
                for _ in 0..count {
                    events::record(conn, &act, &[event(&scope, program_id, "lnk_x")]).await?;
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
                if round % 5 == 4 { Err(diesel::result::Error::RollbackTransaction) } else { Ok(()) }
            })
            .await;
        committed += if done.is_ok() { count } else { 0 };
    }
    committed
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reader_misses_or_repeats_an_event() {
    let shop = Shop::empty().await;
    shop.sequence().await;
    let (db, over) = (shop.pool(26), Arc::new(AtomicBool::new(false)));
    let writers: Vec<_> = (0..16)
        .map(|seed| {
            tokio::spawn(write(seed, db.clone(), shop.scope.clone(), shop.program.id, shop.world.act()))
        })
        .collect();
    let sequencers: Vec<_> = (0..3)
        .map(|_| {
            let (db, over, act) = (db.clone(), over.clone(), shop.world.act());
            tokio::spawn(async move {
                let conn = &mut *db.get().await.unwrap();
                while subscribers::sequence(conn, act.now, &act.ids).await.unwrap() > 0
                    || !over.load(Ordering::SeqCst)
                {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            })
        })
        .collect();
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (db, over, scope) = (db.clone(), over.clone(), shop.scope.clone());
            tokio::spawn(async move {
                let mut seen = Vec::new();
                while !over.load(Ordering::SeqCst) {
                    read_on(&db, &scope, &mut seen).await;
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                seen
            })
        })
        .collect();
    let mut committed = 0;
    for writer in writers {
        committed += writer.await.unwrap();
    }
    over.store(true, Ordering::SeqCst);
    for sequencer in sequencers {
        sequencer.await.unwrap();
    }
    shop.sequence().await;
    let mut whole = Vec::new();
    read_on(&db, &shop.scope, &mut whole).await;
    // The first is the program's creation.
    assert_eq!(whole.len(), committed + 1);
    let positions: Vec<i64> = whole.iter().map(|(position, _)| *position).collect();
    assert_eq!(positions, (1..).take(whole.len()).collect::<Vec<i64>>(), "each position once, none left out");
    for reader in readers {
        let mut seen = reader.await.unwrap();
        assert!(!seen.is_empty());
        read_on(&db, &shop.scope, &mut seen).await;
        assert_eq!(seen, whole, "nothing appeared behind a reader");
    }
}

/// Nobody waits for a slow writer, who comes later and stands behind what others did meanwhile.
#[tokio::test]
async fn a_slow_writer_blocks_nobody() {
    let shop = Shop::empty().await;
    shop.sequence().await;
    let slow = &mut *shop.world.conn().await;
    let act = shop.world.act();
    let record = |subject: &str| [event(&shop.scope, shop.program.id, subject)];
    slow.transaction(async |slow| {
        events::record(slow, &act, &record("slow")).await?;
        let quick = &mut *shop.world.conn().await;
        events::record(quick, &act, &record("quick")).await?;
        shop.sequence().await;
        assert_eq!(shop.world.count("events WHERE subject = 'quick' AND position = 2").await, 1);
        Ok::<_, diesel::result::Error>(())
    })
    .await
    .unwrap();
    assert_eq!(shop.world.count("events WHERE position IS NULL").await, 1);
    shop.sequence().await;
    let order = shop.lines("SELECT subject AS line FROM events WHERE position > 1 ORDER BY position").await;
    assert_eq!(order, ["quick", "slow"]);
    let recorded = shop.lines("SELECT subject AS line FROM events WHERE position > 1 ORDER BY seq").await;
    assert_eq!(recorded, ["slow", "quick"]);
}

#[tokio::test]
async fn a_transaction_that_fails_gives_no_position() {
    let shop = Shop::empty().await;
    let conn = &mut *shop.world.conn().await;
    let failed: Result<(), diesel::result::Error> = conn
        .transaction(async |conn| {
            subscribers::sequence(conn, shop.world.now, &shop.world.ids).await?;
            Err(diesel::result::Error::RollbackTransaction)
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(shop.world.count("events WHERE position IS NOT NULL").await, 0);
    assert_eq!(shop.world.count("event_counter WHERE position = 0").await, 1);
    shop.sequence().await;
    assert_eq!(shop.world.count("events WHERE position = 1").await, 1);
    shop.sequence().await;
    assert_eq!(shop.world.count("event_counter WHERE position = 1").await, 1);
}

#[tokio::test]
async fn a_reader_sees_the_programs_in_reach() {
    let shop = Shop::empty().await;
    let other = crate::partners::program(&shop.world, &shop.scope, "Other").await;
    let stranger = account(&shop.world).await;
    crate::partners::program(&shop.world, &stranger, "Third").await;
    shop.sequence().await;
    let conn = &mut *shop.world.conn().await;
    let limited = AccountScope::limited(shop.scope.account_id, vec![other.id]);
    for (scope, programs) in [(&shop.scope, vec![shop.program.id, other.id]), (&limited, vec![other.id])] {
        let page = Event::feed(conn, scope, &[], PageArgs::new(10, None)).await.unwrap();
        let seen: Vec<_> = page.rows.iter().filter_map(|event| event.program_id).collect();
        assert_eq!(seen, programs);
    }
    let page = Event::feed(conn, &shop.scope, &[], PageArgs::new(1, None)).await.unwrap();
    let hidden = page.rows[0].id;
    assert!(page.has_next);
    for (scope, is_seen) in [(&shop.scope, true), (&limited, false), (&stranger, false)] {
        assert_eq!(Event::find(conn, scope, hidden).await.unwrap().is_some(), is_seen);
    }
    let kinds = [EventKind::PartnerApproved];
    let none = Event::feed(conn, &shop.scope, &kinds, PageArgs::new(10, None)).await.unwrap();
    assert!(none.rows.is_empty());
}

/// A burst is one job per program that waits, and none for what rewards do not depend on.
#[tokio::test]
async fn a_program_s_writer_is_called_once() {
    let shop = Shop::open().await;
    shop.sequence().await;
    let waiting = "jobs WHERE kind = 'rewards.compute'";
    assert_eq!(shop.world.count(waiting).await, 0);
    let sales: Vec<_> = (0..50).map(|n| crate::shop::sale(&format!("s{n}"), "c", 100)).collect();
    shop.try_record(&sales).await.unwrap();
    shop.sequence().await;
    shop.record(&crate::shop::sale("more", "c", 100)).await;
    shop.sequence().await;
    assert_eq!(shop.world.count(waiting).await, 1);
    let of_program = format!("{waiting} AND args ->> 'program_id' = '{}'", shop.program.id);
    assert_eq!(shop.world.count(&of_program).await, 1);
}
