//! Figures as clients meet them.

use std::time::Duration;

use domain::team::Permission as P;
use ids::{PartnerId, ProgramId};
use serde_json::{Value, json};
use test_support::TestApp;

const DAY: Duration = Duration::from_secs(86_400);

/// Two partners with a customer each, who buy on 2 March, and on 4 March three days late.
async fn busy(app: &TestApp) -> (ProgramId, [PartnerId; 2]) {
    let program = app.program().await;
    let partners = [app.partner(program, "jane").await, app.partner(program, "joe").await];
    app.customer(program, partners[0], "ada").await;
    app.customer(program, partners[1], "bob").await;
    app.sale(program, "ada", "one", "100").await;
    app.sale(program, "bob", "two", "300").await;
    app.run_jobs().await;
    app.advance(2 * DAY).await;
    app.sale(program, "ada", "three", "50").await;
    app.sale(program, "somebody", "four", "7.50").await;
    let late =
        "mutation($id: ID!) { transactionRecord(programId: $id, input: { key: \"five\", customerKey: \"ada\",
        amount: { amount: \"1000\", currency: \"JPY\" }, occurredAt: \"2026-03-01T23:30:00Z\" }) {
            transaction { id } userErrors { message } } }";
    app.owner().gql(late, json!({ "id": program.to_string() })).await.ok();
    app.run_jobs().await;
    (program, partners)
}

#[tokio::test]
async fn figures_with_growth_count_on_their_own_dates() {
    let app = TestApp::start().await;
    let (program, _) = busy(&app).await;
    let query = "query($id: ID!) {
        overview { stats(range: { from: \"2026-03-04\", to: \"2026-03-06\" }) { ...Figures previous { from to sales } } }
        program(id: $id) { stats(range: { from: \"2026-03-01\", to: \"2026-03-05\" }) { ...Figures } } }
        fragment Figures on ProgramStats { applications partners signups payingCustomers sales conversionRate
            revenue { amount currency } rewards { amount currency }
            growth { signups sales partners revenue { currency percent } rewards { percent } } }";
    let seen = app.owner().gql(query, json!({ "id": program.to_string() })).await.ok();
    assert_eq!(
        seen["overview"]["stats"],
        json!({
            "applications": 0, "partners": 0, "signups": 1, "payingCustomers": 1, "sales": 2, "conversionRate": "1",
            "revenue": [{ "amount": "57.50", "currency": "EUR" }], "rewards": [{ "amount": "10.00", "currency": "EUR" }],
            "growth": { "signups": "-50", "sales": "0", "partners": "-100",
                "revenue": [{ "currency": "EUR", "percent": "-85.62" }], "rewards": [{ "percent": "-87.5" }] },
            "previous": { "from": "2026-03-02", "to": "2026-03-04", "sales": 2 },
        })
    );
    let stats = &seen["program"]["stats"];
    assert_eq!((stats["sales"].as_i64(), stats["partners"].as_i64()), (Some(5), Some(2)));
    assert_eq!((stats["signups"].as_i64(), stats["payingCustomers"].as_i64()), (Some(3), Some(3)));
    assert_eq!(
        stats["revenue"],
        json!([{ "amount": "457.50", "currency": "EUR" }, { "amount": "1000", "currency": "JPY" }])
    );
    assert_eq!(stats["growth"]["sales"], Value::Null, "nothing was there before");
}

#[tokio::test]
async fn a_series_has_a_point_for_every_part() {
    let app = TestApp::start().await;
    let (program, _) = busy(&app).await;
    let query = "query($id: ID!, $interval: Interval!, $metrics: [Metric!]!) { program(id: $id) {
        series(range: { from: \"2026-02-28\", to: \"2026-03-05\" }, interval: $interval, metrics: $metrics) {
            date at metric currency value } } }";
    let series = async |interval: &str, metrics: Value| {
        let variables = json!({ "id": program.to_string(), "interval": interval, "metrics": metrics });
        let seen = app.owner().gql(query, variables).await.ok();
        seen["program"]["series"].as_array().unwrap().clone()
    };
    let told = |points: &[Value]| {
        let words = points.iter().map(|point| {
            format!("{} {} {}", point["date"], point["currency"], point["value"]).replace('"', "")
        });
        words.collect::<Vec<_>>()
    };
    assert_eq!(
        told(&series("DAY", json!(["SALES", "SALES"])).await),
        [
            "2026-02-28 null 0",
            "2026-03-01 null 1",
            "2026-03-02 null 2",
            "2026-03-03 null 0",
            "2026-03-04 null 2"
        ]
    );
    assert_eq!(
        told(&series("WEEK", json!(["REVENUE"])).await),
        ["2026-02-23 EUR 0.00", "2026-03-02 EUR 457.50", "2026-02-23 JPY 1000", "2026-03-02 JPY 0",]
    );
    assert_eq!(
        told(&series("MONTH", json!(["REWARDS", "SIGNUPS"])).await)[..2],
        ["2026-02-01 EUR 0.00", "2026-03-01 EUR 90.00"]
    );
    let hours = series("HOUR", json!(["SALES"])).await;
    assert_eq!(hours.len(), 5 * 24);
    let late =
        hours.iter().find(|point| point["at"].as_str().unwrap().starts_with("2026-03-01T23:00:00")).unwrap();
    assert_eq!((late["date"].as_str(), late["value"].as_str()), (Some("2026-03-01"), Some("1")));
}

#[tokio::test]
async fn a_figure_is_broken_down_and_partners_are_ranked() {
    let app = TestApp::start().await;
    let (program, partners) = busy(&app).await;
    let query = "query($id: ID!, $partner: ID!) { program(id: $id) {
            sales: breakdown(range: { from: \"2026-03-01\", to: \"2026-04-01\" }, by: PARTNER, metric: SALES) {
                label value share currency partner { key } }
            revenue: breakdown(range: { from: \"2026-03-01\", to: \"2026-04-01\" }, by: PARTNER, metric: REVENUE, first: 1) {
                key value share currency }
            currencies: breakdown(range: { from: \"2026-03-01\", to: \"2026-04-01\" }, by: CURRENCY, metric: SALES) {
                key label value share } }
        overview { topPartners(range: { from: \"2026-03-01\", to: \"2026-04-01\" }, by: REVENUE, currency: \"EUR\") {
            partner { name } stats { sales signups revenue { amount currency } previous { sales } } } }
        partner(id: $partner) { stats(range: { from: \"2026-03-01\", to: \"2026-04-01\" }) {
                sales payingCustomers rewards { amount } growth { sales } }
            transactions(first: 2) { totalCount nodes { key } pageInfo { hasNextPage endCursor } } } }";
    let variables = json!({ "id": program.to_string(), "partner": partners[0].to_string() });
    let seen = app.owner().gql(query, variables).await.ok();
    let row = |label: &str, value: &str, share: &str| json!({ "label": label, "value": value, "share": share, "currency": null, "partner": { "key": label } });
    assert_eq!(seen["program"]["sales"], json!([row("jane", "3", "0.75"), row("joe", "1", "0.25")]));
    let most =
        json!({ "key": partners[1].to_string(), "value": "300.00", "share": "0.6667", "currency": "EUR" });
    assert_eq!(seen["program"]["revenue"], json!([most]));
    let currency = |key: &str, value: &str, share: &str| json!({ "key": key, "label": key, "value": value, "share": share });
    assert_eq!(
        seen["program"]["currencies"],
        json!([currency("EUR", "4", "0.8"), currency("JPY", "1", "0.2")])
    );
    assert_eq!(
        seen["overview"]["topPartners"][1],
        json!({ "partner": { "name": "jane" }, "stats": { "sales": 3, "signups": 1, "previous": { "sales": 0 },
            "revenue": [{ "amount": "150.00", "currency": "EUR" }, { "amount": "1000", "currency": "JPY" }] } })
    );
    assert_eq!(
        seen["partner"]["stats"],
        json!({ "sales": 3, "payingCustomers": 1, "rewards": [{ "amount": "30.00" }], "growth": { "sales": null } })
    );
    let first = &seen["partner"]["transactions"];
    assert_eq!(first["nodes"], json!([{ "key": "five" }, { "key": "three" }]));
    assert_eq!(
        (first["totalCount"].as_i64(), first["pageInfo"]["hasNextPage"].as_bool()),
        (Some(3), Some(true))
    );
    let rest = "query($id: ID!, $after: String) { partner(id: $id) { transactions(first: 2, after: $after) { nodes { key } } } }";
    let variables = json!({ "id": partners[0].to_string(), "after": first["pageInfo"]["endCursor"] });
    let rest = app.owner().gql(rest, variables).await.ok();
    assert_eq!(rest["partner"]["transactions"]["nodes"], json!([{ "key": "one" }]));
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_a_sentence() {
    let app = TestApp::start().await;
    let program = app.program().await;
    let kolkata =
        "mutation { programCreate(input: { name: \"K\", currency: \"INR\", timeZone: \"Asia/Kolkata\" }) {
        program { id } userErrors { message } } }";
    app.owner().gql(kolkata, json!({})).await.ok();
    let year = "range: { from: \"2026-01-01\", to: \"2027-01-01\" }";
    let month = "range: { from: \"2026-03-01\", to: \"2026-04-01\" }";
    let cases = [
        (
            "overview { stats(range: { from: \"2026-01-02\", to: \"2026-01-02\" }) { sales } }".to_owned(),
            "must end after",
        ),
        (
            "overview { stats(range: { from: \"2016-01-01\", to: \"2026-01-09\" }) { sales } }".to_owned(),
            "3,660 days",
        ),
        (
            "overview { stats(range: { from: \"1910-01-01\", to: \"1911-01-09\" }) { sales } }".to_owned(),
            "1970 to 9999",
        ),
        (
            format!("overview {{ series({month}, interval: HOUR, metrics: [SALES]) {{ value }} }}"),
            "one time zone",
        ),
        (format!("overview {{ topPartners({month}, by: REVENUE) {{ partner {{ id }} }} }}"), "one currency"),
        (
            format!("overview {{ topPartners({month}, by: PARTNERS) {{ partner {{ id }} }} }}"),
            "no such figure",
        ),
        (
            format!(
                "program(id: \"{program}\") {{ series({year}, interval: HOUR, metrics: [SALES]) {{ value }} }}"
            ),
            "31 days",
        ),
        (
            format!(
                "program(id: \"{program}\") {{ breakdown({month}, by: CURRENCY, metric: SIGNUPS) {{ value }} }}"
            ),
            "Only sales",
        ),
    ];
    for (field, sentence) in cases {
        let answer = app.owner().gql(&format!("{{ {field} }}"), json!({})).await;
        let said = serde_json::to_string(&answer.errors).unwrap();
        assert!(said.contains(sentence) && said.contains("BAD_USER_INPUT"), "{field}: {said}");
    }
    let date = "{ overview { stats(range: { from: \"2026-1-01\", to: \"2026-03-01\" }) { sales } } }";
    let said = serde_json::to_string(&app.owner().gql(date, json!({})).await.errors).unwrap();
    assert!(said.contains("not a date"), "{said}");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_figure_is_shown_to_who_may_see_what_it_counts() {
    let app = TestApp::start().await;
    app.program().await;
    let month = "range: { from: \"2026-03-01\", to: \"2026-04-01\" }";
    let narrow = app.api_key(&[P::ProgramsRead, P::CustomersRead], &[]).await;
    for (metric, allowed) in [("SIGNUPS", true), ("SALES", false), ("REWARDS", false), ("PARTNERS", false)] {
        let query =
            format!("{{ overview {{ series({month}, interval: DAY, metrics: [{metric}]) {{ value }} }} }}");
        let answer = narrow.gql(&query, json!({})).await;
        let said = serde_json::to_string(&answer.errors).unwrap();
        assert_eq!(!said.contains("FORBIDDEN"), allowed, "{metric}: {said}");
    }
    for (field, allowed) in [("signups", true), ("revenue { amount }", false), ("rewards { amount }", false)]
    {
        let answer =
            narrow.gql(&format!("{{ overview {{ stats({month}) {{ {field} }} }} }}"), json!({})).await;
        assert_eq!(!serde_json::to_string(&answer.errors).unwrap().contains("FORBIDDEN"), allowed, "{field}");
    }
    app.run_jobs().await;
}

/// The dashboard's first page, and a page of partners with all that hangs on them.
#[tokio::test]
async fn a_dashboard_costs_a_handful_of_statements() {
    let app = TestApp::start().await;
    for name in ["a", "b", "c"] {
        let program = app.program().await;
        for number in 0..17 {
            let key = format!("{name}{number}");
            let partner = app.partner(program, &key).await;
            if number % 4 == 0 {
                app.customer(program, partner, &key).await;
                for sale in 0..4 {
                    app.sale(program, &key, &format!("{key}-{sale}"), "10").await;
                }
            }
        }
    }
    app.run_jobs().await;
    let overview = "{ overview {
        programs { name currency }
        stats(range: { from: \"2026-02-15\", to: \"2026-03-17\" }) { partners signups payingCustomers sales
            revenue { amount } rewards { amount } growth { sales } previous { sales } }
        series(range: { from: \"2026-02-15\", to: \"2026-03-17\" }, interval: DAY, metrics: [SALES, REVENUE, SIGNUPS]) {
            date value currency }
        topPartners(range: { from: \"2026-02-15\", to: \"2026-03-17\" }, first: 10) {
            partner { name } stats { sales revenue { amount } } } } }";
    let partners = "query($first: Int!) { partners(first: $first) { nodes { name
        stats(range: { from: \"2026-02-15\", to: \"2026-03-17\" }) { sales revenue { amount } previous { sales } }
        transactions(first: 3) { nodes { key net { amount } } } links { nodes { slug } } } } }";
    let pages = [(overview, 10, 4), (partners, 5, 5), (partners, 50, 5)];
    for (query, first, most) in pages {
        let own = least(&app, query, json!({ "first": first })).await;
        assert!(own.len() <= most, "{} statements for {query}:\n{own:#?}", own.len());
    }
    let each = "{ overview { programs { name stats(range: { from: \"2026-02-15\", to: \"2026-03-17\" }) { sales growth { sales } }
        topPartners(range: { from: \"2026-02-15\", to: \"2026-03-17\" }) { partner { name } } } } }";
    let seen = app.owner().gql(each, json!({})).await.ok();
    assert_eq!(seen["overview"]["programs"][2]["stats"]["sales"], 20);
    assert_eq!(seen["overview"]["programs"][2]["topPartners"].as_array().unwrap().len(), 5);
    let own = least(&app, each, json!({})).await;
    assert!(own.len() <= 4, "the programs, their figures, their best partners, the names of these: {own:#?}");
}

/// The statements of a query, without those of the credential. Loaders gather keys for a millisecond, and a busy machine may
/// cut a page in two: of many runs the one with the fewest.
async fn least(app: &TestApp, query: &str, variables: Value) -> Vec<String> {
    let mut least: Option<Vec<String>> = None;
    for _ in 0..20 {
        let (answer, statements) = app.count_statements(app.owner().gql(query, variables.clone())).await;
        answer.ok();
        let own: Vec<_> = statements
            .into_iter()
            .filter(|sql| !is_of_the_credential(sql))
            .map(|sql| sql.chars().take(120).collect())
            .collect();
        if least.as_ref().is_none_or(|least| own.len() < least.len()) {
            least = Some(own);
        }
    }
    least.unwrap()
}

/// Reading the session and its memberships.
fn is_of_the_credential(sql: &str) -> bool {
    ["\"sessions\"", "\"members\"", " sessions ", " members "].iter().any(|table| sql.contains(table))
}
