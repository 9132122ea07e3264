use chrono::DateTime;
use ids::IdSource;
use money::Currency;
use proptest::prelude::*;

use super::*;
use crate::adjustments::{RefundLine, RefundLines};

fn sale(gross: i64, discount: i64) -> Transaction {
    let (ids, now) = (IdSource::seeded(1), DateTime::UNIX_EPOCH);
    Transaction {
        id: ids.next(now),
        account_id: ids.next(now),
        program_id: ids.next(now),
        customer_id: ids.next(now),
        key: "sale".to_owned(),
        currency: Currency::USD,
        gross,
        discount,
        tax: 0,
        net: gross - discount,
        coupon_code: None,
        rewardable: true,
        occurred_at: now,
        fingerprint: Vec::new(),
        created_at: now,
    }
}

fn adjustment(kind: AdjustmentKind, key: &str) -> Adjustment {
    let sale = sale(0, 0);
    Adjustment {
        id: IdSource::seeded(2).next(sale.created_at),
        account_id: sale.account_id,
        program_id: sale.program_id,
        transaction_key: Some(sale.key),
        transaction_id: None,
        kind,
        key: key.to_owned(),
        currency: Some(Currency::USD),
        amount: None,
        basis: AdjustmentBasis::Gross,
        lines: None,
        chargeback_key: None,
        refused: None,
        occurred_at: sale.occurred_at,
        fingerprint: Vec::new(),
        created_at: sale.created_at,
    }
}

fn refund(amount: i64, basis: AdjustmentBasis) -> Adjustment {
    Adjustment { amount: Some(amount), basis, ..adjustment(AdjustmentKind::Refund, "refund") }
}

fn of_lines(lines: &[(usize, i64)]) -> Adjustment {
    let lines = lines.iter().map(|(line, amount)| RefundLine { line: *line, amount: *amount });
    let lines = Some(RefundLines(lines.collect()));
    Adjustment { lines, ..adjustment(AdjustmentKind::Refund, "lines") }
}

fn won(chargeback: &str) -> Adjustment {
    let chargeback_key = Some(chargeback.to_owned());
    Adjustment { chargeback_key, ..adjustment(AdjustmentKind::ChargebackWon, "won") }
}

#[test]
fn what_became_of_a_sale() {
    use AdjustmentBasis::{Gross, Net};
    use AdjustmentKind::{Chargeback, Void};
    use TransactionStatus as S;
    let foreign = Adjustment { currency: Some(Currency::EUR), ..refund(500, Gross) };
    // Of 100.00 the net is 80.00.
    let sale = sale(10_000, 2_000);
    let table: [(&[Adjustment], S, i64); 12] = [
        (&[], S::Recorded, 0),
        (&[foreign, of_lines(&[(2, 1)])], S::Recorded, 0),
        (&[refund(1, Gross)], S::PartiallyRefunded, 1),
        (&[refund(4_000, Net)], S::PartiallyRefunded, 5_000),
        (&[of_lines(&[(0, 2_000), (1, 2_000)])], S::PartiallyRefunded, 5_000),
        (&[refund(4_000, Net), refund(5_000, Gross)], S::Refunded, 10_000),
        (&[refund(10_000, Gross), refund(1, Gross)], S::Refunded, 10_000),
        (&[adjustment(Chargeback, "c")], S::ChargedBack, 0),
        (&[won("c"), adjustment(Chargeback, "c")], S::Recorded, 0),
        (&[adjustment(Chargeback, "c"), won("other")], S::ChargedBack, 0),
        (&[refund(3, Net), adjustment(Chargeback, "c"), won("c")], S::PartiallyRefunded, 4),
        (&[adjustment(Void, "v"), adjustment(Chargeback, "c")], S::Voided, 0),
    ];
    for (adjustments, status, refunded) in table {
        let standing = Standing::new(&sale, 2, adjustments);
        assert_eq!((standing.status(), standing.refunded().minor()), (status, refunded), "{adjustments:?}");
    }
}

#[test]
fn a_refund_needs_room() {
    use AdjustmentBasis::{Gross, Net};
    let sale = sale(10_000, 2_000);
    let exceeds = |left| Err(NoRoom::Exceeds { left: sale.money(left) });
    let after = |before: &[Adjustment], refund: &Adjustment| Standing::new(&sale, 1, before).admits(refund);
    assert_eq!(after(&[], &refund(10_000, Gross)), Ok(()));
    assert_eq!(after(&[], &refund(10_001, Gross)), exceeds(10_000));
    assert_eq!(after(&[], &refund(8_001, Net)), exceeds(10_000));
    assert_eq!(after(&[refund(1, Net)], &refund(9_999, Gross)), exceeds(9_998));
    assert_eq!(after(&[refund(1, Net)], &of_lines(&[(0, 7_999)])), Ok(()));
    let chargeback = [adjustment(AdjustmentKind::Chargeback, "c")];
    let nothing = Err(NoRoom::NothingLeft(TransactionStatus::ChargedBack));
    assert_eq!(after(&chargeback, &refund(1, Gross)), nothing);
}

#[test]
fn a_sale_of_no_net_gives_back_its_gross_alone() {
    let sale = sale(500, 500);
    let standing = Standing::new(&sale, 1, &[]);
    assert_eq!(standing.admits(&refund(500, AdjustmentBasis::Gross)), Ok(()));
    let none = Err(NoRoom::Exceeds { left: sale.money(500) });
    assert_eq!(standing.admits(&refund(1, AdjustmentBasis::Net)), none);
    assert!(refund(500, AdjustmentBasis::Gross).net_of(sale.gross, sale.net).is_zero());
}

fn any_refund() -> impl Strategy<Value = Adjustment> {
    prop_oneof![
        (1_i64..4_000).prop_map(|amount| refund(amount, AdjustmentBasis::Gross)),
        (1_i64..4_000).prop_map(|amount| refund(amount, AdjustmentBasis::Net)),
        proptest::collection::vec((0_usize..3, 1_i64..1_500), 1..3).prop_map(|lines| of_lines(&lines)),
    ]
}

proptest! {
    /// Whatever is asked, in any basis: what is admitted never exceeds the sale, and what is refused would have.
    #[test]
    fn admitted_refunds_never_exceed_the_sale(
        gross in 1_i64..10_000,
        discounted in 0_i64..10_000,
        asked in proptest::collection::vec(any_refund(), 0..12),
    ) {
        let sale = sale(gross, discounted.min(gross - 1));
        // Cross-multiplied by gross, so that integers suffice: 128 bits hold it.
        let weight = |one: &Adjustment| -> i128 {
            let sum = |lines: &RefundLines| lines.0.iter().map(|line| line.amount).sum::<i64>();
            match (&one.lines, one.basis) {
                (Some(lines), _) => i128::from(sum(lines)) * i128::from(sale.gross),
                (None, AdjustmentBasis::Net) => i128::from(one.amount.unwrap_or(0)) * i128::from(sale.gross),
                (None, AdjustmentBasis::Gross) => i128::from(one.amount.unwrap_or(0)) * i128::from(sale.net),
            }
        };
        let most = i128::from(sale.gross) * i128::from(sale.net);
        let (mut taken, mut sum) = (Vec::new(), 0_i128);
        for one in asked {
            let fits = sum + weight(&one) <= most;
            prop_assert_eq!(Standing::new(&sale, 3, &taken).admits(&one).is_ok(), fits);
            if fits {
                sum += weight(&one);
                taken.push(one);
            }
            let standing = Standing::new(&sale, 3, &taken);
            prop_assert!(standing.refunded().minor() <= sale.gross);
            prop_assert_eq!(standing.status() == TransactionStatus::Refunded, sum == most);
        }
    }
}
