use chrono::{DateTime, Utc};
use domain::{
    page::PageArgs,
    rates::{ExchangeRate, ImportError, NewRate, RateFilter, RateHosts, StoreError, UrlRefused},
    scope::AccountScope,
};
use money::Currency::{self, EUR, GBP, JPY, USD};

use crate::{
    partners::account,
    shop::{Shop, days},
};

/// A daily file of one day.
const DAY: &str = "Date, USD, GBP, HRK, \n24 November 2026, 1.25, 0.75, 7.5, \n";

fn rate(from: Currency, to: Currency, rate: &str, at: DateTime<Utc>) -> NewRate {
    NewRate { from, to, rate: rate.parse().unwrap(), at, source: "bank".to_owned() }
}

impl Shop {
    async fn store(&self, said: &NewRate) -> Result<ExchangeRate, StoreError> {
        ExchangeRate::store(&mut *self.world.conn().await, &self.scope, said, &self.world.act()).await
    }

    /// `stored unchanged` of an import.
    async fn import(&self, text: &str) -> String {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        let (_, done) = ExchangeRate::import_text(conn, &self.scope, text, &act).await.unwrap();
        format!("{} {}", done.stored, done.unchanged)
    }

    /// The rates that count, in the order asked.
    async fn latest(&self, asked: &[(Currency, Currency, DateTime<Utc>)]) -> Vec<String> {
        let conn = &mut *self.world.conn().await;
        let found = ExchangeRate::latest(conn, self.scope.account_id, asked).await.unwrap();
        found
            .iter()
            .map(|rate| rate.as_ref().map_or("none".to_owned(), |rate| rate.rate.to_string()))
            .collect()
    }

    /// `from to at` of each `rate.stored`, in order.
    async fn announced(&self) -> Vec<String> {
        self.lines(
            "SELECT concat_ws(' ', payload->>'from', payload->>'to', payload->>'at') AS line FROM events \
             WHERE kind = 'rate.stored' ORDER BY seq",
        )
        .await
    }
}

#[tokio::test]
async fn the_latest_rate_before_an_instant_counts_and_of_two_the_one_stored_later() {
    let shop = Shop::open().await;
    let noon = shop.world.now;
    let first = shop.store(&rate(EUR, USD, "1.1", noon)).await.unwrap();
    assert_eq!(shop.store(&rate(EUR, USD, "1.100", noon)).await.unwrap(), first, "the same again");
    shop.store(&rate(EUR, USD, "1.2", noon + days(1))).await.unwrap();
    shop.store(&rate(EUR, USD, "1.3", noon)).await.unwrap();
    let asked = [
        (EUR, USD, noon - days(1)),
        (EUR, USD, noon),
        (EUR, USD, noon + days(1)),
        (USD, EUR, noon + days(1)),
        (EUR, GBP, noon + days(1)),
        (EUR, USD, noon + days(9)),
    ];
    assert_eq!(shop.latest(&asked).await, ["none", "1.3", "1.2", "none", "none", "1.2"]);
    // What was said first is said again: it is stored later.
    shop.store(&rate(EUR, USD, "1.1", noon)).await.unwrap();
    assert_eq!(shop.latest(&asked[1..2]).await, ["1.1"]);
    // Another source says the same at the same time: that is another rate.
    let other = NewRate { source: "other bank".to_owned(), ..rate(EUR, USD, "1.4", noon) };
    shop.store(&other).await.unwrap();
    assert_eq!(shop.latest(&asked[1..2]).await, ["1.4"]);
    assert_eq!(shop.world.count("exchange_rates").await, 5);
    assert_eq!(shop.world.count("audit_entries WHERE action = 'rateStore'").await, 5);
    let stranger = account(&shop.world).await;
    let conn = &mut *shop.world.conn().await;
    assert_eq!(ExchangeRate::latest(conn, stranger.account_id, &asked).await.unwrap(), vec![None; 6]);
    for change in ["UPDATE exchange_rates SET rate = 2", "DELETE FROM exchange_rates"] {
        assert!(shop.refused(change).await.contains("append-only"));
    }
}

#[tokio::test]
async fn a_rate_is_announced_to_the_programs_that_convert_to_it() {
    let shop = Shop::open().await;
    let at = shop.world.now;
    shop.store(&rate(EUR, USD, "1.1", at)).await.unwrap();
    shop.store(&rate(EUR, USD, "1.1", at)).await.unwrap();
    shop.store(&rate(USD, EUR, "0.9", at)).await.unwrap();
    assert_eq!(shop.announced().await, ["EUR USD 2026-11-22T12:00:00Z"]);
}

#[tokio::test]
async fn what_is_no_rate_is_refused() {
    let shop = Shop::open().await;
    let at = shop.world.now;
    let wrong = NewRate { source: " ".to_owned(), ..rate(EUR, EUR, "0", at) };
    let Err(StoreError::Invalid(problems)) = shop.store(&wrong).await else { panic!() };
    let fields: Vec<_> = problems.iter().map(|problem| problem.path.join(".")).collect();
    assert_eq!(fields, ["source", "rate", "to"]);
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let limited = AccountScope::limited(shop.scope.account_id, vec![shop.program.id]);
    let refused = ExchangeRate::store(conn, &limited, &rate(EUR, USD, "1", at), &act).await;
    assert!(matches!(refused, Err(StoreError::Limited)));
    let refused = ExchangeRate::import_text(conn, &limited, DAY, &act).await;
    assert!(matches!(refused, Err(ImportError::Limited)));
    let (hosts, url) = (RateHosts::default(), "https://www.ecb.europa.eu/a.xml");
    let refused = ExchangeRate::import_later(conn, &limited, (url, &hosts), &act).await;
    assert!(matches!(refused, Err(ImportError::Limited)));
    let refused = ExchangeRate::import_later(conn, &shop.scope, ("https://a.example/", &hosts), &act).await;
    assert!(matches!(refused, Err(ImportError::Url(UrlRefused::Host { .. }))));
    let refused = ExchangeRate::import_text(conn, &shop.scope, "hello", &act).await;
    assert!(matches!(refused, Err(ImportError::Feed(_))));
    assert_eq!(shop.world.count("exchange_rates").await + shop.world.count("jobs").await, 0);
    let job = ExchangeRate::import_later(conn, &shop.scope, (url, &hosts), &act).await.unwrap();
    let again = ExchangeRate::import_later(conn, &shop.scope, (url, &hosts), &act).await.unwrap();
    assert_eq!((job, shop.world.count("jobs WHERE kind = 'rates.import'").await), (again, 1));
}

#[tokio::test]
async fn a_file_is_imported_once_with_the_rates_that_programs_need() {
    let shop = Shop::open().await;
    assert_eq!(shop.import(DAY).await, "3 0");
    assert_eq!(shop.import(DAY).await, "0 3");
    let at: DateTime<Utc> = "2026-11-24T15:00:00Z".parse().unwrap();
    let asked = [(EUR, USD, at), (EUR, GBP, at), (GBP, USD, at), (USD, GBP, at), (GBP, EUR, at)];
    assert_eq!(
        shop.latest(&asked).await,
        ["1.25", "0.75", "1.66666666666666667", "none", "none"],
        "no program is in pounds or euros"
    );
    assert_eq!(shop.latest(&[(EUR, USD, at - days(1))]).await, ["none"]);
    assert_eq!(shop.announced().await, ["EUR USD 2026-11-24T15:00:00Z", "GBP USD 2026-11-24T15:00:00Z"]);
    // What a program in another currency needs comes with the same file.
    shop.world.execute("UPDATE programs SET currency = 'EUR'").await;
    assert_eq!(shop.import(DAY).await, "2 2");
    assert_eq!(shop.latest(&asked[4..]).await, ["1.33333333333333333"]);
    // A corrected file counts from then on.
    assert_eq!(shop.import(&DAY.replace("0.75", "0.8")).await, "2 2");
    assert_eq!(shop.latest(&asked[4..]).await, ["1.25"]);
}

#[tokio::test]
async fn of_a_history_each_pair_is_announced_once_from_its_earliest_day_on() {
    let shop = Shop::open().await;
    let mut history = "Date,USD,JPY,\n".to_owned();
    let newest: chrono::NaiveDate = "2026-11-20".parse().unwrap();
    for back in 0..120 {
        history += &format!("{},1.{back:03},160,\n", newest - days(back));
    }
    assert_eq!(shop.import(&history).await, "360 0");
    assert_eq!(shop.announced().await, ["EUR USD 2026-07-24T14:00:00Z", "JPY USD 2026-07-24T14:00:00Z"]);
    let (conn, mut seen, mut after) = (&mut *shop.world.conn().await, Vec::new(), None);
    let filter = RateFilter { from: Some(JPY), to: Some(USD) };
    assert_eq!(ExchangeRate::count(conn, &shop.scope, &filter, 1_000).await.unwrap(), 120);
    loop {
        let page = ExchangeRate::list(conn, &shop.scope, &filter, PageArgs::new(50, after)).await.unwrap();
        after = page.rows.last().map(ExchangeRate::place);
        seen.extend(page.rows.into_iter().map(|rate| rate.at));
        if !page.has_next {
            break;
        }
    }
    assert_eq!(seen.len(), 120);
    assert!(seen.is_sorted_by(|one, next| one > next), "the latest first, each once");
}

/// Eight at once say the same, and eight say it differently: one row each, whoever comes first.
#[tokio::test(flavor = "multi_thread")]
async fn rates_at_once_are_stored_once() {
    let shop = Shop::open().await;
    let at = shop.world.now;
    let same: Vec<_> = (0..8).map(|_| rate(EUR, USD, "1.1", at)).collect();
    let other: Vec<_> = (0..8).map(|n| rate(GBP, USD, &format!("1.{n}1"), at)).collect();
    let all = futures_util::future::join_all(same.iter().chain(&other).map(|said| shop.store(said))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(shop.world.count("exchange_rates WHERE from_currency = 'EUR'").await, 1);
    assert_eq!(shop.world.count("exchange_rates WHERE from_currency = 'GBP'").await, 8);
    assert_eq!(shop.announced().await.len(), 9);
}
