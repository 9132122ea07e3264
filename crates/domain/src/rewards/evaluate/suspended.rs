use serde_json::json;

use super::{
    tests::{evaluated, facts, percent, said, terms},
    *,
};

#[test]
fn a_suspended_partner_s_customers_get_theirs_if_the_terms_say_so() {
    let rules = terms(
        json!([{"value": percent("30")}, {"value": percent("10"), "beneficiary": "UPLINE", "level": 1},
        {"value": percent("5"), "beneficiary": "REFERRED"}]),
    );
    let theirs = TermsInForce { referred_while_suspended: true, ..rules.clone() };
    let without = TermsInForce { rules: vec![rules.rules[0].clone()], ..theirs.clone() };
    let mut sale = facts(1_000, &[]);
    let of = |sale: &mut Facts, (approved, suspended): (bool, bool)| {
        let attribution = sale.attribution.as_mut().unwrap();
        (attribution.partner_approved, attribution.partner_suspended) = (approved, suspended);
    };
    of(&mut sale, (false, true));
    assert_eq!(said(&sale, Some(&rules)), Err(NonRewardReason::PartnerNotApproved));
    assert_eq!(said(&sale, Some(&theirs)), Ok(vec![("r2".to_owned(), 50)]));
    assert!(!evaluated(&sale, Some(&theirs)).is_qualified);
    assert_eq!(said(&sale, Some(&without)), Err(NonRewardReason::PartnerNotApproved));
    of(&mut sale, (false, false));
    assert_eq!(said(&sale, Some(&theirs)), Err(NonRewardReason::PartnerNotApproved), "rejected, or pending");
    of(&mut sale, (true, false));
    assert_eq!(said(&sale, Some(&theirs)), Ok(vec![("r0".to_owned(), 300), ("r2".to_owned(), 50)]));
}
