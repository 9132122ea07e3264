//! Writers, folds and readers at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::Days;
use domain::{
    act::Act,
    db::Db,
    scope::AccountScope,
    stats::{DateRange, Question, Subject, fold},
    transactions::Transaction,
};
use ids::ProgramId;

use super::ask;
use crate::shop::{Shop, sale};

/// Sales of one call, which commit together.
const SALES: i64 = 3;
const CENTS: i64 = 100;

/// How many sales have begun to be recorded, and how many are for certain.
#[derive(Default)]
struct Sold {
    begun: AtomicI64,
    done: AtomicI64,
}

async fn sell(task: usize, db: Db, scope: AccountScope, id: ProgramId, act: Act, sold: Arc<Sold>) {
    for round in 0..25 {
        let key = |n: i64| format!("{task}-{round}-{n}");
        let said: Vec<_> = (0..SALES).map(|n| sale(&key(n), &format!("c{n}"), CENTS)).collect();
        let conn = &mut *db.get().await.unwrap();
        sold.begun.fetch_add(SALES, Ordering::SeqCst);
        Transaction::record_all(conn, &scope, id, &said, &act).await.unwrap();
        sold.done.fetch_add(SALES, Ordering::SeqCst);
    }
}

async fn fold_on(db: Db, over: Arc<AtomicBool>) -> i64 {
    let mut folded = 0;
    loop {
        let was_over = over.load(Ordering::SeqCst);
        let now = fold(&mut db.get().await.unwrap()).await.unwrap();
        folded += now;
        if now == 0 {
            if was_over {
                return folded;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

/// Reads again and again: every call as a whole, none twice, none gone.
async fn watch(
    db: Db,
    scope: AccountScope,
    question: Question,
    sold: Arc<Sold>,
    over: Arc<AtomicBool>,
) -> usize {
    let (mut before, mut reads) = (0, 0);
    while !over.load(Ordering::SeqCst) {
        let conn = &mut *db.get().await.unwrap();
        let done = sold.done.load(Ordering::SeqCst);
        let answer = Question::answer(conn, &scope, std::slice::from_ref(&question)).await.unwrap().remove(0);
        let begun = sold.begun.load(Ordering::SeqCst);
        let figures = answer.into_values().next().unwrap_or_default();
        let (sales, revenue) = (figures.sales, figures.revenue());
        assert_eq!(sales % SALES, 0, "a call in parts");
        assert!((done..=begun).contains(&sales), "{done} <= {sales} <= {begun}");
        assert!(before <= sales, "{before}, then {sales}");
        assert_eq!(revenue.first().map_or(0, |revenue| revenue.minor()), sales * CENTS);
        (before, reads) = (sales, reads + 1);
    }
    reads
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_never_sees_what_is_neither_before_nor_after() {
    let shop = Shop::open().await;
    let db = shop.pool(20);
    let today = shop.world.now.date_naive();
    let range = DateRange::new(today, today + Days::new(1)).unwrap();
    let question = Question::of(Subject::Programs(None), range);
    let (sold, over, folded) =
        (Arc::new(Sold::default()), Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let folders: Vec<_> = (0..4).map(|_| tokio::spawn(fold_on(db.clone(), folded.clone()))).collect();
    let watchers: Vec<_> = (0..3)
        .map(|_| {
            let watcher = watch(db.clone(), shop.scope.clone(), question.clone(), sold.clone(), over.clone());
            tokio::spawn(watcher)
        })
        .collect();
    let sellers: Vec<_> = (0..6)
        .map(|task| {
            let (scope, act) = (shop.scope.clone(), shop.world.act());
            tokio::spawn(sell(task, db.clone(), scope, shop.program.id, act, sold.clone()))
        })
        .collect();
    for seller in sellers {
        seller.await.unwrap();
    }
    folded.store(true, Ordering::SeqCst);
    for folder in folders {
        folder.await.unwrap();
    }
    over.store(true, Ordering::SeqCst);
    for watcher in watchers {
        assert!(watcher.await.unwrap() > 0);
    }
    assert_eq!(shop.world.count("stat_deltas").await, 0);
    let figures = ask(&shop, &[question]).await.remove(0).into_values().next().unwrap();
    assert_eq!((figures.sales, figures.signups), (450, 3));
    shop.settle().await;
    shop.assert_verified().await;
}
