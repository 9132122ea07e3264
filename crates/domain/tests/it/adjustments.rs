use chrono::{DateTime, Utc};
use diesel::result::Error;
use domain::{
    action_items::{ActionItem, ActionItemKind as K},
    adjustments::{
        AdjustError, Adjustment, AdjustmentBasis, AdjustmentFilter, AdjustmentKind, NewAdjustment,
        NewAdjustmentKind, NewChargebackWon, NewRefund, NewRefundLine, RefundLine, RefundLines, SaleNamed,
        Standing, TransactionStatus,
    },
    page::PageArgs,
    programs::Transition,
    scope::AccountScope,
    text::TextProblem,
    transactions::{ItemInput, NewTransaction, Transaction, TransactionItem},
};
use ids::ProgramId;
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    partners::{account, program},
    shop::{Shop, days, sale},
};

pub fn of(program_id: ProgramId, sale: &str, key: &str, what: NewAdjustmentKind) -> NewAdjustment {
    let sale = SaleNamed::Key { program_id, key: sale.to_owned() };
    NewAdjustment { sale, key: key.to_owned(), what, occurred_at: None }
}

/// A refund of so many cents of the gross, in dollars.
pub fn cents(cents: i64) -> NewRefund {
    NewRefund { amount: Some(Decimal::new(cents, 2)), currency: Some(Currency::USD), ..NewRefund::default() }
}

fn lines(lines: &[(i32, i64)]) -> NewRefund {
    let line = |(line, cents): &(i32, i64)| NewRefundLine { line: *line, amount: Decimal::new(*cents, 2) };
    NewRefund { lines: lines.iter().map(line).collect(), ..NewRefund::default() }
}

impl Shop {
    pub async fn adjust(
        &self,
        sale: &str,
        key: &str,
        what: NewAdjustmentKind,
    ) -> Result<Adjustment, AdjustError> {
        self.record_adjustment(&of(self.program.id, sale, key, what)).await
    }

    async fn record_adjustment(&self, said: &NewAdjustment) -> Result<Adjustment, AdjustError> {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        Adjustment::record(conn, &self.scope, said, &act).await
    }

    async fn refund(&self, sale: &str, key: &str, refund: NewRefund) -> Result<Adjustment, AdjustError> {
        self.adjust(sale, key, NewAdjustmentKind::Refund(refund)).await
    }

    pub async fn won(&self, chargeback: &str, key: &str) -> Result<Adjustment, AdjustError> {
        let said = NewChargebackWon {
            program_id: self.program.id,
            chargeback_key: chargeback.to_owned(),
            key: key.to_owned(),
            occurred_at: None,
        };
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        Adjustment::record_won(conn, &self.scope, &said, &act).await
    }

    /// `status refunded`, in cents.
    pub async fn standing(&self, sale: &Transaction) -> String {
        let conn = &mut *self.world.conn().await;
        let items = TransactionItem::of(conn, &self.scope, &[sale.id]).await.unwrap();
        let named = [(sale.program_id, sale.key.clone())];
        let adjusted = Adjustment::of_sales(conn, &self.scope, &named).await.unwrap();
        let standing = Standing::new(sale, sale.line_count(&items), &adjusted);
        format!("{} {}", standing.status(), standing.refunded().minor())
    }

    async fn keys(&self, filter: &AdjustmentFilter) -> String {
        let conn = &mut *self.world.conn().await;
        let page = Adjustment::list(conn, &self.scope, filter, PageArgs::new(100, None)).await.unwrap();
        let count = Adjustment::count(conn, &self.scope, filter, 100).await.unwrap();
        assert_eq!(count as usize, page.rows.len());
        page.rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// A sale of 100.00 of which 20.00 are tax; the items leave 10.00 of the net.
fn basket(key: &str) -> NewTransaction {
    let item = |cents| ItemInput {
        product_id: None,
        product_type: None,
        quantity: 1,
        amount: Decimal::new(cents, 2),
    };
    NewTransaction {
        tax: Decimal::from(20),
        items: vec![item(5_000), item(2_000)],
        ..sale(key, "ada", 10_000)
    }
}

#[tokio::test]
async fn refunds_in_all_bases_add_up_to_the_sale() {
    let shop = Shop::open().await;
    let sold = shop.record(&basket("s")).await;
    let made = shop.refund("s", "r1", cents(2_500)).await.unwrap();
    assert_eq!(
        (made.kind, made.amount, made.currency),
        (AdjustmentKind::Refund, Some(2_500), Some(Currency::USD))
    );
    assert_eq!((made.transaction_key.as_deref(), made.transaction_id, made.refused), (Some("s"), None, None));
    assert_eq!(shop.standing(&sold).await, "PARTIALLY_REFUNDED 2500");
    let net = NewRefund { basis: Some(AdjustmentBasis::Net), currency: None, ..cents(2_000) };
    shop.refund("s", "r2", net).await.unwrap();
    assert_eq!(shop.standing(&sold).await, "PARTIALLY_REFUNDED 5000");
    // The lines beat the amount.
    let made =
        shop.refund("s", "r3", NewRefund { amount: Some(Decimal::ONE), ..lines(&[(0, 3_000), (2, 999)]) });
    let made = made.await.unwrap();
    let kept = [RefundLine { line: 0, amount: 3_000 }, RefundLine { line: 2, amount: 999 }];
    assert_eq!((made.amount, made.lines), (Some(100), Some(RefundLines(kept.to_vec()))));
    assert_eq!(shop.standing(&sold).await, "PARTIALLY_REFUNDED 9999");
    // What is left is 1.25 cents of the gross.
    let refused = shop.refund("s", "r4", cents(2)).await.unwrap_err();
    assert!(matches!(refused, AdjustError::ExceedsSale { left } if left.minor() == 1), "{refused:?}");
    shop.refund("s", "r4", lines(&[(1, 1)])).await.unwrap();
    assert_eq!(shop.standing(&sold).await, "REFUNDED 10000");
    let refused = shop.refund("s", "r5", cents(1)).await.unwrap_err();
    assert!(matches!(refused, AdjustError::ExceedsSale { left } if left.is_zero()), "{refused:?}");
    assert_eq!(shop.world.count("events WHERE kind = 'transaction.adjusted'").await, 4);
}

#[tokio::test]
async fn the_same_words_are_the_same_adjustment_whatever_happened_since() {
    let mut shop = Shop::open().await;
    let sold = shop.record(&basket("s")).await;
    let first = shop.refund("s", "r", cents(10_000)).await.unwrap();
    shop.adjust("s", "v", NewAdjustmentKind::Void).await.unwrap();
    shop.world.pass(days(4_000));
    let said = NewRefund { amount: Some(Decimal::new(1_000, 1)), ..cents(0) };
    assert_eq!(shop.refund(" s ", " r ", said).await.unwrap(), first);
    let by_id = NewAdjustment {
        sale: SaleNamed::Id(sold.id),
        ..of(shop.program.id, "", "r", NewAdjustmentKind::Refund(cents(10_000)))
    };
    assert_eq!(shop.record_adjustment(&by_id).await.unwrap(), first);
    let others: [Result<Adjustment, AdjustError>; 5] = [
        shop.refund("s", "r", cents(9_999)).await,
        shop.refund("other", "r", cents(10_000)).await,
        shop.refund("s", "r", lines(&[(0, 10_000)])).await,
        shop.adjust("s", "r", NewAdjustmentKind::Chargeback).await,
        shop.won("v", "r").await,
    ];
    for other in others {
        assert!(matches!(other, Err(AdjustError::KeyMismatch)), "{other:?}");
    }
    assert_eq!(shop.world.count("adjustments").await, 2);
    assert_eq!(shop.world.count("events WHERE kind = 'transaction.adjusted'").await, 2);
}

#[tokio::test]
async fn a_chargeback_or_a_void_leaves_nothing_to_refund_until_it_is_won() {
    use NewAdjustmentKind::{Chargeback, Void};
    let shop = Shop::open().await;
    let sold = shop.record(&sale("s", "ada", 100)).await;
    // It was won before it arrived.
    let won = shop.won("early", "w0").await.unwrap();
    assert_eq!((won.transaction_key, won.chargeback_key.as_deref()), (None, Some("early")));
    shop.adjust("s", "early", Chargeback).await.unwrap();
    assert_eq!(shop.standing(&sold).await, "RECORDED 0");
    shop.adjust("s", "cb", Chargeback).await.unwrap();
    let refused = shop.refund("s", "r", cents(1)).await.unwrap_err();
    let status = TransactionStatus::ChargedBack;
    assert!(matches!(refused, AdjustError::NothingLeft { status: found } if found == status), "{refused:?}");
    assert_eq!(shop.won("cb", "w1").await.unwrap().transaction_key.as_deref(), Some("s"));
    shop.refund("s", "r", cents(100)).await.unwrap();
    assert!(matches!(shop.won("r", "w2").await, Err(AdjustError::NotAChargeback)));
    shop.adjust("s", "v", Void).await.unwrap();
    assert_eq!(shop.standing(&sold).await, "VOIDED 100");
    let refused = shop.refund("s", "r2", cents(1)).await.unwrap_err();
    assert!(matches!(refused, AdjustError::NothingLeft { status: TransactionStatus::Voided }), "{refused:?}");
}

#[tokio::test]
async fn what_comes_before_its_sale_waits_and_counts_up_to_it() {
    let shop = Shop::open().await;
    let waiting = AdjustmentFilter { waiting: Some(true), ..AdjustmentFilter::default() };
    shop.refund("s", "r1", cents(60)).await.unwrap();
    shop.refund("s", "r2", cents(60)).await.unwrap();
    let euros = NewRefund { currency: Some(Currency::EUR), ..cents(5) };
    shop.refund("s", "euros", euros).await.unwrap();
    shop.refund("s", "line", NewRefund { currency: Some(Currency::USD), ..lines(&[(1, 1)]) }).await.unwrap();
    shop.adjust("later", "cb", NewAdjustmentKind::Chargeback).await.unwrap();
    shop.won("unknown", "w").await.unwrap();
    assert_eq!(shop.keys(&waiting).await, "w cb line euros r2 r1");
    let sold = shop.record(&sale("s", "ada", 100)).await;
    assert_eq!(shop.keys(&waiting).await, "w cb");
    assert_eq!(shop.keys(&AdjustmentFilter { waiting: Some(false), ..waiting }).await, "line euros r2 r1");
    assert_eq!(shop.standing(&sold).await, "REFUNDED 100");
    let conn = &mut *shop.world.conn().await;
    let all = Adjustment::of_sales(conn, &shop.scope, &[(shop.program.id, "s".to_owned())]).await.unwrap();
    let refusals: Vec<_> =
        all.iter().filter_map(|one| one.refusal(sold.currency, 1)).map(|why| why.as_str()).collect();
    assert_eq!(refusals, ["OTHER_CURRENCY", "UNKNOWN_LINE"]);
}

#[tokio::test]
async fn what_is_wrong_with_an_adjustment_is_said() {
    let shop = Shop::open().await;
    let sold = shop.record(&basket("s")).await;
    let problem = async |refund: NewRefund, sale: &str| match shop.refund(sale, "r", refund).await {
        Err(AdjustError::Invalid(problems)) => {
            problems.iter().map(|problem| problem.path.join(".")).collect::<Vec<_>>().join(" ")
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(problem(NewRefund::default(), "s").await, "amount");
    assert_eq!(problem(NewRefund { currency: None, ..cents(1) }, "unknown").await, "currency");
    assert_eq!(problem(cents(0), "s").await, "amount");
    let fine = NewRefund { amount: Some(Decimal::new(1, 3)), ..lines(&[(-1, 1), (0, 0)]) };
    assert_eq!(problem(fine, "s").await, "amount lines.0.line lines.1.amount");
    assert_eq!(problem(cents(1), " ").await, "transactionKey");
    let euros = NewRefund { currency: Some(Currency::EUR), ..cents(1) };
    let refused = shop.refund("s", "r", euros).await.unwrap_err();
    assert!(matches!(refused, AdjustError::CurrencyMismatch { sale: Currency::USD }), "{refused:?}");
    let refused = shop.refund("s", "r", lines(&[(2, 1), (3, 1)])).await.unwrap_err();
    assert!(matches!(refused, AdjustError::UnknownLine { place: 1, lines: 3 }), "{refused:?}");
    let far: DateTime<Utc> = shop.world.now + days(2);
    let late =
        NewAdjustment { occurred_at: Some(far), ..of(shop.program.id, "s", "r", NewAdjustmentKind::Void) };
    let refused = shop.record_adjustment(&late).await.unwrap_err();
    let AdjustError::Invalid(problems) = refused else { panic!("{refused:?}") };
    assert_eq!((problems[0].path[0].as_str(), problems[0].problem), ("occurredAt", TextProblem::Malformed));
    let draft = program(&shop.world, &shop.scope, "Draft").await;
    let early = of(draft.id, "s", "r", NewAdjustmentKind::Void);
    assert!(matches!(shop.record_adjustment(&early).await, Err(AdjustError::WrongState { .. })));
    let stranger = account(&shop.world).await;
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let by_id = NewAdjustment { sale: SaleNamed::Id(sold.id), ..late.clone() };
    let found = Adjustment::record(conn, &stranger, &by_id, &act).await;
    assert!(matches!(found, Err(AdjustError::TransactionNotFound)), "{found:?}");
    let beside = AccountScope::limited(shop.scope.account_id, vec![draft.id]);
    let found = Adjustment::record(conn, &beside, &late, &act).await;
    assert!(matches!(found, Err(AdjustError::ProgramNotFound)), "{found:?}");
    assert_eq!(shop.world.count("adjustments").await, 0);
}

/// Money goes back also after a program was closed.
#[tokio::test]
async fn sales_of_an_archived_program_are_adjusted() {
    let shop = Shop::open().await;
    let sold = shop.record(&sale("s", "ada", 100)).await;
    shop.transition(Transition::Archive).await;
    shop.refund("s", "r", cents(40)).await.unwrap();
    assert_eq!(shop.standing(&sold).await, "PARTIALLY_REFUNDED 40");
}

/// Only the writer joins an adjustment to its sale or refuses it, once.
#[tokio::test]
async fn an_adjustment_is_never_changed() {
    let shop = Shop::open().await;
    let sold = shop.record(&sale("s", "ada", 100)).await;
    shop.refund("s", "r", cents(40)).await.unwrap();
    for change in ["UPDATE adjustments SET amount = 41", "DELETE FROM adjustments", "TRUNCATE adjustments"] {
        assert!(shop.refused(change).await.contains("append-only"), "{change}");
    }
    use diesel::prelude::*;
    use domain::schema::adjustments;
    let conn = &mut *shop.world.conn().await;
    let join = diesel::update(adjustments::table).set(adjustments::transaction_id.eq(Some(sold.id)));
    assert_eq!(diesel_async::RunQueryDsl::execute(join, conn).await, Ok(1));
    let part =
        diesel::update(adjustments::table).set(adjustments::transaction_id.eq(None::<ids::TransactionId>));
    let parted: Result<usize, Error> = diesel_async::RunQueryDsl::execute(part, conn).await;
    assert!(parted.is_err());
}

/// What waits longer than a day for its sale, and what was refused in the last week, is shown to a person.
#[tokio::test]
async fn what_is_stuck_is_an_action_item() {
    let mut shop = Shop::open().await;
    let sold = shop.record(&sale("s", "ada", 100)).await;
    shop.refund("s", "known", cents(1)).await.unwrap();
    shop.adjust("later", "cb", NewAdjustmentKind::Chargeback).await.unwrap();
    shop.won("unknown", "w").await.unwrap();
    shop.won("cb", "w2").await.unwrap();
    let refused = format!(
        "UPDATE adjustments SET transaction_id = '{}', refused = 'UNKNOWN_LINE' WHERE key = 'known'",
        ids::TypedId::uuid(sold.id)
    );
    shop.world.execute(&refused).await;
    let stuck = async |shop: &Shop| {
        let (conn, kinds) = (&mut *shop.world.conn().await, [K::AdjustmentsRefused, K::AdjustmentsWaiting]);
        let open = ActionItem::open(conn, &shop.scope, &kinds, 100, shop.world.now).await.unwrap();
        open.iter().map(|item| format!("{} {}", item.kind, item.count)).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(stuck(&shop).await, "ADJUSTMENTS_REFUSED 1");
    let all = AdjustmentFilter { refused: Some(true), ..AdjustmentFilter::default() };
    assert_eq!(shop.keys(&all).await, "known");
    shop.world.pass(days(2));
    assert_eq!(stuck(&shop).await, "ADJUSTMENTS_REFUSED 1, ADJUSTMENTS_WAITING 2");
    shop.record(&sale("later", "ada", 100)).await;
    shop.world.pass(days(6));
    assert_eq!(stuck(&shop).await, "ADJUSTMENTS_WAITING 1");
}
