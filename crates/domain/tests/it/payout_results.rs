//! What people bring back from banks: read line by line, and once.

use diesel_async::AsyncConnection;
use domain::{
    act::Actor,
    files::{File, NewFile},
    payout_batches::{
        BatchStatus, PayoutBatch, PayoutResults, Rail, Reading, ResultsError, ResultsStatus, Verdict,
        WholeOrder,
    },
    payouts::PayoutStatus,
};
use ids::PayoutId;
use money::Money;

use crate::{
    paying::{batch, failed, paid, somebody},
    payout_batches::ready,
    shop::Shop,
};

/// What is read of a file settles line by line, once; what cannot be used is told.
#[tokio::test]
async fn files_of_results_settle_line_by_line() {
    let (shop, _, frozen) = ready().await;
    shop.executed(frozen.id).await;
    let payouts = shop.payouts(frozen.id).await;
    let (conn, mut act) = (&mut *shop.world.conn().await, shop.world.act());
    act.actor = somebody(&act);
    let new = NewFile { name: "results.csv".to_owned(), content_type: "text/csv".to_owned(), bytes: vec![1] };
    let file = File::create(conn, None, (shop.scope.account_id, &new), &act).await.unwrap();
    let brought = PayoutResults::bring(conn, &shop.scope, (frozen.id, file.id), &act).await.unwrap();
    let again = PayoutResults::bring(conn, &shop.scope, (frozen.id, file.id), &act).await.unwrap();
    assert_eq!((again.id, brought.status), (brought.id, ResultsStatus::Pending), "the same file once");
    let unknown = act.ids.next::<PayoutId>(act.now).to_string();
    let said = vec![
        (payouts[0].id.to_string(), paid()),
        (payouts[1].id.to_string(), failed()),
        (payouts[1].id.to_string(), failed()),
        // Which of the two is true is for a person to find out.
        (payouts[2].id.to_string(), paid()),
        (payouts[2].id.to_string(), failed()),
        (unknown.clone(), paid()),
        ("nonsense".to_owned(), paid()),
    ];
    for _ in 0..2 {
        let reading = Reading {
            said: said.clone(),
            problems: vec!["line 9: unreadable".to_owned()],
            ..Reading::default()
        };
        conn.transaction(async |conn| {
            let account_id = shop.scope.account_id;
            match PayoutResults::waiting(conn, account_id, brought.id).await? {
                Some((waiting, _)) => waiting.read(conn, reading, &act).await,
                None => Ok(()),
            }
        })
        .await
        .unwrap();
    }
    let read = PayoutResults::of_batches(conn, &shop.scope, &[frozen.id]).await.unwrap().remove(0);
    assert_eq!((read.status, read.settled, read.unchanged), (ResultsStatus::Read, 2, 0));
    assert_eq!(read.problems.len(), 4, "{:?}", read.problems);
    assert_eq!(shop.payout(payouts[0].id).await.status, PayoutStatus::Paid);
    assert_eq!(shop.payout(payouts[1].id).await.status, PayoutStatus::Failed);
    assert_eq!(shop.payout(payouts[2].id).await.status, PayoutStatus::Sending);
    let draft = shop.begun(&batch(&shop, Rail::Manual), Actor::System).await;
    let early = PayoutResults::bring(conn, &shop.scope, (draft.id, file.id), &act).await;
    assert!(matches!(early, Err(ResultsError::WrongState { current: BatchStatus::Draft })), "{early:?}");
    shop.assert_verified().await;
}

/// Has a file say this of a batch.
async fn say(shop: &Shop, batch: &PayoutBatch, reading: Reading) -> PayoutResults {
    let (conn, mut act) = (&mut *shop.world.conn().await, shop.world.act());
    act.actor = somebody(&act);
    let new = NewFile { name: "results.xml".to_owned(), content_type: "text/xml".to_owned(), bytes: vec![1] };
    let file = File::create(conn, None, (shop.scope.account_id, &new), &act).await.unwrap();
    let brought = PayoutResults::bring(conn, &shop.scope, (batch.id, file.id), &act).await.unwrap();
    conn.transaction(async |conn| {
        let waiting = PayoutResults::waiting(conn, shop.scope.account_id, brought.id).await?;
        waiting.unwrap().0.read(conn, reading, &act).await
    })
    .await
    .unwrap();
    PayoutResults::of_batches(conn, &shop.scope, &[batch.id]).await.unwrap().remove(0)
}

fn whole(order: &str, verdict: Verdict, said: Vec<(String, Verdict)>) -> Reading {
    all_but(order, verdict, &[], said)
}

fn all_but(order: &str, verdict: Verdict, but: &[PayoutId], said: Vec<(String, Verdict)>) -> Reading {
    let except = but.iter().map(ToString::to_string).collect();
    let whole = WholeOrder { order: order.to_owned(), verdict, except };
    Reading { said, whole: Some(whole), ..Reading::default() }
}

/// A bank that says one word of a whole order says it of what it does not name, and of nothing else.
#[tokio::test]
async fn a_word_on_a_whole_order_ends_what_is_still_on_its_way() {
    let (shop, _, frozen) = ready().await;
    shop.executed(frozen.id).await;
    let payouts = shop.payouts(frozen.id).await;
    let order = shop.lines("SELECT reference AS line FROM payout_submissions").await.remove(0);
    let other = say(&shop, &frozen, whole("psu_other", failed(), Vec::new())).await;
    assert_eq!(
        (other.settled, other.problems.as_slice()),
        (0, &["psu_other is no order of this batch.".to_owned()][..])
    );
    let named = vec![(payouts[0].id.to_string(), paid())];
    let read = say(&shop, &frozen, all_but(&order, failed(), &[payouts[2].id], named)).await;
    assert_eq!((read.settled, read.problems.len()), (2, 0), "{:?}", read.problems);
    let pending = shop.payout(payouts[2].id).await.status;
    assert_eq!(pending, PayoutStatus::Sending, "the bank names it, and does not know yet");
    assert_eq!(say(&shop, &frozen, whole(&order, failed(), Vec::new())).await.settled, 1);
    let stands: Vec<PayoutStatus> =
        shop.payouts(frozen.id).await.into_iter().map(|payout| payout.status).collect();
    assert_eq!(stands, [PayoutStatus::Paid, PayoutStatus::Failed, PayoutStatus::Failed]);
    // What was paid failed only if it came back.
    let name = payouts[0].id.to_string();
    let said = || vec![(name.clone(), failed())];
    let late = say(&shop, &frozen, Reading { said: said(), ..Reading::default() }).await;
    assert_eq!((late.settled, late.problems.len()), (0, 1), "{:?}", late.problems);
    let again = say(&shop, &frozen, whole(&order, failed(), Vec::new())).await;
    assert_eq!((again.settled, shop.payout(payouts[0].id).await.status), (0, PayoutStatus::Paid));
    let returned = Reading { said: said(), returned: [name.clone()].into(), ..Reading::default() };
    assert_eq!(say(&shop, &frozen, returned).await.settled, 1);
    assert_eq!(shop.payout(payouts[0].id).await.status, PayoutStatus::Returned);
    shop.assert_verified().await;
}

/// Whoever paid another amount has not paid this.
#[tokio::test]
async fn a_line_of_another_amount_settles_nothing() {
    let (shop, _, frozen) = ready().await;
    shop.executed(frozen.id).await;
    let payouts = shop.payouts(frozen.id).await;
    let said = payouts.iter().map(|payout| (payout.id.to_string(), paid())).collect();
    let right = (payouts[0].id.to_string(), payouts[0].money());
    let wrong = (payouts[1].id.to_string(), Money::new(payouts[1].amount / 10, payouts[1].currency));
    let reading = Reading { said, amounts: [right, wrong].into(), ..Reading::default() };
    let read = say(&shop, &frozen, reading).await;
    assert_eq!((read.settled, read.problems.len()), (2, 1), "{:?}", read.problems);
    assert_eq!(shop.payout(payouts[1].id).await.status, PayoutStatus::Sending);
    shop.assert_verified().await;
}

/// More payouts than one transaction settles: the file is read again until all of them have ended.
#[tokio::test]
async fn a_long_file_is_settled_in_ranges() {
    let mut shop = crate::paying::shop().await;
    let names: Vec<String> = (0..502).map(|number| format!("p{number}")).collect();
    for name in &names {
        shop.payee(name).await;
    }
    shop.earn(&names.iter().map(|name| (name.as_str(), 100)).collect::<Vec<_>>()).await;
    let frozen = shop.frozen(Rail::File, Actor::System).await;
    shop.executed(frozen.id).await;
    let order = shop.lines("SELECT reference AS line FROM payout_submissions").await.remove(0);
    let reading = || whole(&order, paid(), Vec::new());
    let read = say(&shop, &frozen, reading()).await;
    assert_eq!((read.status, read.settled), (ResultsStatus::Pending, 500));
    let conn = &mut *shop.world.conn().await;
    let act = shop.world.act();
    conn.transaction(async |conn| {
        let waiting = PayoutResults::waiting(conn, shop.scope.account_id, read.id).await?;
        waiting.unwrap().0.read(conn, reading(), &act).await
    })
    .await
    .unwrap();
    let read = PayoutResults::of_batches(conn, &shop.scope, &[frozen.id]).await.unwrap().remove(0);
    assert_eq!((read.status, read.settled, read.unchanged), (ResultsStatus::Read, 502, 0));
    assert_eq!(shop.batch(frozen.id).await.status, BatchStatus::Completed);
    shop.assert_verified().await;
}
