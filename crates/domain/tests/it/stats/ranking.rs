//! The best partners.

use chrono::Days;
use domain::{
    scope::AccountScope,
    stats::{DateRange, Metric, Question, RankedPartner, Ranking, Subject},
};
use money::Currency;

use super::{ask, scan::line};
use crate::shop::{Shop, sale};

async fn best(
    shop: &Shop,
    scope: &AccountScope,
    by: Metric,
    currency: Option<Currency>,
) -> Vec<RankedPartner> {
    let today = shop.world.now.date_naive();
    let range = DateRange::new(today, today + Days::new(1)).unwrap();
    let ranking = Ranking { programs: None, range, by, currency, first: 2 };
    Ranking::partners(&mut *shop.world.conn().await, scope, &[ranking]).await.unwrap().remove(0)
}

#[tokio::test]
async fn the_best_come_first_by_what_is_asked_for() {
    let shop = Shop::open().await;
    let partners = [shop.partner("jane").await, shop.partner("joe").await, shop.partner("zoe").await];
    for (number, sales) in [(0, 3), (1, 1), (2, 2)] {
        let customer = format!("c{number}");
        shop.customer_of(&customer, &partners[number]).await;
        for n in 0..sales {
            let cents = if number == 1 { 90_000 } else { 1_000 };
            shop.record(&sale(&format!("s{number}-{n}"), &customer, cents)).await;
        }
    }
    shop.record(&sale("organic", "somebody", 500_000)).await;
    shop.settle().await;
    let keys = |ranked: &[RankedPartner]| {
        ranked
            .iter()
            .map(|one| format!("{} {} of {}", one.partner.key, one.value, one.total))
            .collect::<Vec<_>>()
    };
    for folded in [false, true] {
        if folded {
            shop.fold().await;
        }
        assert_eq!(keys(&best(&shop, &shop.scope, Metric::Sales, None).await), ["jane 3 of 6", "zoe 2 of 6"]);
        let revenue = best(&shop, &shop.scope, Metric::Revenue, Some(Currency::USD)).await;
        assert_eq!(keys(&revenue), ["joe 90000 of 95000", "jane 3000 of 95000"]);
        // Of equals the first.
        let signups = best(&shop, &shop.scope, Metric::Signups, None).await;
        assert_eq!(keys(&signups), ["jane 1 of 3", "joe 1 of 3"]);
        assert!(best(&shop, &shop.scope, Metric::Rewards, Some(Currency::EUR)).await.is_empty());
        // The figures beside are those that the partner's own stats show.
        let today = shop.world.now.date_naive();
        let range = DateRange::new(today, today + Days::new(1)).unwrap();
        let own = ask(&shop, &[Question::of(Subject::Partner(partners[1].id), range)]).await.remove(0);
        assert_eq!(line(&revenue[0].figures), line(own.values().next().unwrap()));
    }
    let elsewhere = AccountScope::limited(shop.scope.account_id, vec![shop.world.ids.next(shop.world.now)]);
    assert!(best(&shop, &elsewhere, Metric::Sales, None).await.is_empty());
}
