//! A life in which every kind of event happens, through the API; its events are the samples of docs/events.md.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use api::graphql::sdl;
use diesel_async::AsyncConnection;
use domain::{
    events::EventKind,
    page::PageArgs,
    programs::{Cursor, Program},
    rewards::{NetChange, ReversalCause, Reward, RewardFilter, RewardStatus, change_nets},
    scope::AccountScope,
    team::Role,
};
use ids::{PartnerId, ProgramId};
use mailer::test_server::{Behaviour, Step};
use serde_json::{Value, json};
use test_support::TestApp;

const DAY: Duration = Duration::from_secs(24 * 3600);
const FILE: &str = "../../docs/events.md";
const MEND: &str = "REFERO_WRITE_DOCS=1 cargo nextest run -p api event_samples";

/// Sends one mutation of the owner that must go well, and answers with its payload.
async fn owner(app: &TestApp, mutation: &str) -> Value {
    let data = app.owner().gql(&format!("mutation {{ it: {mutation} }}"), json!({})).await.ok();
    data["it"].clone()
}

/// A mutation of the object with this id, and perhaps more arguments.
async fn change(app: &TestApp, verb: &str, id: impl ToString, more: &str) {
    owner(app, &format!("{verb}(id: \"{}\" {more}) {{ userErrors {{ code }} }}", id.to_string())).await;
}

async fn live(app: &TestApp) {
    let terms = json!({ "holdDays": 1, "selfReferral": "REVIEW",
        "rules": [{ "id": "sale", "trigger": "SALE", "value": { "type": "PERCENT", "percent": "20" } }] });
    let program = app.program_with(terms).await;
    change(app, "programUpdate", program, "input: { name: \"Coffee\" }").await;
    change(app, "programPause", program, "").await;
    change(app, "programActivate", program, "").await;
    let partner = app.partner(program, "bob").await;
    change(app, "partnerUpdate", partner, "input: { name: \"Bob\" }").await;
    change(app, "partnerSuspend", partner, "reason: \"checks\"").await;
    change(app, "partnerReinstate", partner, "").await;
    for (key, verdict, more) in
        [("dan", "partnerApprove", ""), ("eve", "partnerReject", "reason: \"no site\"")]
    {
        let apply = format!(
            "partnerApply(input: {{ programId: \"{program}\", email: \"{key}@example.com\", name: \"{key}\" }})
             {{ partner {{ id }} userErrors {{ code }} }}"
        );
        let applied = owner(app, &apply).await["partner"]["id"].as_str().unwrap().to_owned();
        change(app, verdict, applied, more).await;
    }
    let link = format!(
        "linkCreate(partnerId: \"{partner}\", input: {{ destination: \"https://coffee.example\" }})
         {{ link {{ id }} userErrors {{ code }} }}"
    );
    let link = owner(app, &link).await["link"]["id"].as_str().unwrap().to_owned();
    change(app, "linkUpdate", link, "input: { status: DISABLED }").await;
    sell(app, program, partner).await;
    subscribe(app, partner).await;
    announce(app, program).await;
    refund(app, program).await;
    redeem(app, program).await;
    pay(app, program, partner).await;
    change(app, "programArchive", program, "").await;
    app.run_jobs().await;
    team(app).await;
    state(app, partner).await;
}

/// The month in which all that began is stated.
async fn state(app: &TestApp, partner: PartnerId) {
    app.advance(31 * DAY).await;
    let request = format!(
        "statementRequest(partnerId: \"{partner}\", currency: \"EUR\", month: \"2026-03\") {{ userErrors {{ code }} }}"
    );
    assert_eq!(owner(app, &request).await["userErrors"], json!([]));
    app.run_jobs().await;
}

/// An invite that bounces, is sent again and taken back; one that expires; one that is accepted by somebody who is promoted,
/// makes a key, and is removed.
async fn team(app: &TestApp) {
    app.smtp().behave(Behaviour::Answer(Step::Recipient, 550));
    let bounced = invite(app, "nobody@example.org").await;
    app.smtp().behave(Behaviour::Accept);
    app.advance(Duration::from_secs(60)).await;
    change(app, "inviteResend", &bounced, "").await;
    change(app, "inviteRevoke", &bounced, "").await;
    invite(app, "late@example.org").await;
    app.advance(8 * DAY).await;
    app.run_jobs().await;
    invite(app, "gina@example.org").await;
    let mail = app.emails().into_iter().rfind(|mail| mail.to == "gina@example.org").unwrap();
    let token =
        mail.text.split_once("/invite?token=").unwrap().1.split_whitespace().next().unwrap().to_owned();
    let accept =
        "mutation ($token: String!) { inviteAccept(input: { token: $token, password: \"correct horse\" })
        { member { id } userErrors { code } } }";
    let accepted = app.nobody().gql(accept, json!({ "token": token })).await;
    let gina = app.with_session(&accepted);
    let member = accepted.ok()["inviteAccept"]["member"]["id"].as_str().unwrap().to_owned();
    change(app, "memberUpdate", &member, "input: { roleId: \"rol_admin\" }").await;
    let key = "mutation { apiKeyCreate(input: { name: \"k\", permissions: [PROGRAMS_READ] }) { userErrors { code } } }";
    gina.gql(key, json!({})).await.ok();
    change(app, "memberRemove", &member, "").await;
    app.run_jobs().await;
}

async fn invite(app: &TestApp, email: &str) -> String {
    let create = format!(
        "inviteCreate(input: {{ emails: [\"{email}\"], roleId: \"rol_manager\" }})
         {{ results {{ invite {{ id }} }} userErrors {{ code }} }}"
    );
    let done = owner(app, &create).await;
    app.run_jobs().await;
    done["results"][0]["invite"]["id"].as_str().unwrap().to_owned()
}

/// A newsletter whose subscriber confirms; and a customer who is taken from the partner.
async fn subscribe(app: &TestApp, partner: PartnerId) {
    let program = app.program_of("NEWSLETTER").await;
    let upsert =
        format!("customerUpsert(input: {{ programId: \"{program}\", key: \"sue\", confirmed: false }})");
    let stored = owner(app, &format!("{upsert} {{ customer {{ id }} userErrors {{ code }} }}")).await;
    let sue = stored["customer"]["id"].as_str().unwrap();
    owner(app, &format!("customerConfirm(input: {{ id: \"{sue}\" }}) {{ userErrors {{ code }} }}")).await;
    let theirs =
        format!("{{ customers(filter: {{ partnerIds: [\"{partner}\"] }}, first: 1) {{ nodes {{ id }} }} }}");
    let theirs = app.owner().gql(&theirs, json!({})).await.ok();
    let customer = theirs["customers"]["nodes"][0]["id"].as_str().unwrap();
    let reassign = format!(
        "customerReassign(input: {{ customerId: \"{customer}\", reason: \"moved away\", idempotencyKey: \"k\" }})
         {{ userErrors {{ code }} }}"
    );
    owner(app, &reassign).await;
    app.run_jobs().await;
}

/// Three sales: one is rewarded at once; two, to the partner's own address, wait for a review.
async fn sell(app: &TestApp, program: ProgramId, partner: PartnerId) {
    app.customer(program, partner, "ada").await;
    let own = format!(
        "customerUpsert(input: {{ programId: \"{program}\", key: \"own\", email: \"bob@partners.example.com\",
         partnerId: \"{partner}\" }}) {{ userErrors {{ code }} }}"
    );
    owner(app, &own).await;
    for (customer, key) in [("ada", "one"), ("own", "two"), ("own", "three")] {
        app.sale(program, customer, key, "100").await;
    }
    app.run_jobs().await;
    let waiting = "{ rewards(filter: { status: [PENDING_REVIEW] }) { nodes { id } } }";
    let waiting = app.owner().gql(waiting, json!({})).await.ok();
    let waiting = waiting["rewards"]["nodes"].as_array().unwrap();
    assert_eq!(waiting.len(), 2, "both wait for a review");
    change(app, "rewardApprove", waiting[0]["id"].as_str().unwrap(), "").await;
    change(app, "rewardReject", waiting[1]["id"].as_str().unwrap(), "reason: \"own\"").await;
    app.advance(2 * DAY).await;
    app.run_jobs().await;
}

/// A refund, and a rate to the program's currency.
async fn announce(app: &TestApp, program: ProgramId) {
    let refund = format!(
        "transactionRefund(input: {{ programId: \"{program}\", transactionKey: \"one\", key: \"back\", amount: \"10\" }})
         {{ userErrors {{ code }} }}"
    );
    owner(app, &refund).await;
    let rate = "rateStore(input: { from: \"USD\", to: \"EUR\", rate: \"0.9\", at: \"2026-03-01T00:00:00Z\", source: \"bank\" })
        { userErrors { code } }";
    owner(app, rate).await;
    app.run_jobs().await;
}

/// The first sale is refunded by half, as the program's writer does it.
async fn refund(app: &TestApp, program: ProgramId) {
    let (act, conn) = (app.act(), &mut *app.conn().await);
    let scope = AccountScope::whole(app.account_id());
    let program = Program::find(conn, &scope, program).await.unwrap().unwrap();
    let released = RewardFilter { status: vec![RewardStatus::Available], ..RewardFilter::default() };
    let page = Reward::list(conn, &scope, &released, PageArgs::new(1, None)).await.unwrap();
    let reward = page.rows.into_iter().next().unwrap();
    let net = reward.amount / 2;
    let spent = net - reward.net;
    let change = NetChange { reward, net, cause: ReversalCause::Refund, adjustment_id: None };
    conn.transaction(async |conn| {
        let cursor = Cursor::lock(conn, program.id).await?;
        let mut deltas = program.deltas();
        change_nets(conn, &[change], &mut deltas, &act).await?;
        cursor.spend(conn, spent).await?;
        deltas.append(conn).await
    })
    .await
    .unwrap();
    app.run_jobs().await;
}

/// A customer is given credit by hand, and redeems it.
async fn redeem(app: &TestApp, program: ProgramId) {
    let ada = format!("{{ customerByKey(programId: \"{program}\", key: \"ada\") {{ id }} }}");
    let ada = app.owner().gql(&ada, json!({})).await.ok();
    let ada = ada["customerByKey"]["id"].as_str().unwrap();
    let said =
        format!("customerId: \"{ada}\", amount: {{ amount: \"5\", currency: \"EUR\" }}, reason: \"thanks\"");
    let give =
        format!("rewardCreateManual(input: {{ {said}, idempotencyKey: \"k\" }}) {{ userErrors {{ code }} }}");
    assert_eq!(owner(app, &give).await["userErrors"], json!([]));
    let redeem = format!("redemptionCreate(input: {{ {said}, key: \"k\" }}) {{ userErrors {{ code }} }}");
    assert_eq!(owner(app, &redeem).await["userErrors"], json!([]));
    app.run_jobs().await;
}

/// Payouts of every fate: approved and paid, rejected, asked to be changed and cancelled, of a cancelled batch, failed, returned.
async fn pay(app: &TestApp, program: ProgramId, partner: PartnerId) {
    owner(app, &format!("payoutPolicyUpdate(programId: \"{program}\", input: {{ fourEyes: true }}) {{ userErrors {{ code }} }}")).await;
    let set = format!(
        "payoutMethodSet(partnerId: \"{partner}\", input: {{ manual: {{ instructions: \"Cash\" }} }}) {{ userErrors {{ code }} }}"
    );
    assert_eq!(owner(app, &set).await["userErrors"], json!([]));
    let rejected = request(app, partner, "rejected").await;
    change(app, "payoutRequestChanges", &rejected, "reason: \"whose invoice?\"").await;
    change(app, "payoutReject", &rejected, "reason: \"no invoice\"").await;
    let cancelled = request(app, partner, "cancelled").await;
    change(app, "payoutCancel", &cancelled, "").await;
    let paid = request(app, partner, "paid").await;
    owner(app, &format!("payoutsApprove(ids: [\"{paid}\"]) {{ userErrors {{ code }} }}")).await;
    let batch = execute(app, program, "returned").await;
    change(app, "payoutMarkPaid", &paid, "reference: \"7\"").await;
    change(app, "payoutMarkFailed", &paid, "code: \"RETURNED\", reason: \"nobody took it\"").await;
    let again = owner(app, &format!("payoutBatchRetry(id: \"{batch}\", idempotencyKey: \"k\") {{ batch {{ id }} userErrors {{ code }} }}")).await;
    app.run_jobs().await;
    change(app, "payoutBatchCancel", again["batch"]["id"].as_str().unwrap(), "").await;
    let failed = execute(app, program, "failed").await;
    let list = format!("{{ payouts(filter: {{ batchIds: [\"{failed}\"] }}) {{ nodes {{ id }} }} }}");
    let list = app.owner().gql(&list, json!({})).await.ok();
    let one = list["payouts"]["nodes"][0]["id"].as_str().unwrap();
    change(app, "payoutMarkFailed", one, "code: \"CLOSED\", reason: \"the account is closed\"").await;
    let archive = format!("payoutMethodArchive(partnerId: \"{partner}\") {{ userErrors {{ code }} }}");
    assert_eq!(owner(app, &archive).await["userErrors"], json!([]));
    app.run_jobs().await;
}

async fn request(app: &TestApp, partner: PartnerId, key: &str) -> String {
    let request = format!(
        "payoutRequest(input: {{ partnerId: \"{partner}\" }}, idempotencyKey: \"{key}\") {{ payout {{ id }} userErrors {{ message }} }}"
    );
    owner(app, &request).await["payout"]["id"].as_str().unwrap().to_owned()
}

/// A batch that is prepared, approved by another person, and executed.
async fn execute(app: &TestApp, program: ProgramId, key: &str) -> String {
    let create = format!(
        "payoutBatchCreate(input: {{ programId: \"{program}\", rail: MANUAL }}, idempotencyKey: \"{key}\")
         {{ batch {{ id }} userErrors {{ message }} }}"
    );
    let batch = owner(app, &create).await["batch"]["id"].as_str().unwrap().to_owned();
    app.run_jobs().await;
    let approve = format!(
        "mutation {{ payoutBatchApprove(id: \"{batch}\") {{ batch {{ total {{ amount }} }} userErrors {{ message }} }} }}"
    );
    let approved = app.member(Role::Finance).await.gql(&approve, json!({})).await.ok();
    let total = approved["payoutBatchApprove"]["batch"]["total"]["amount"].as_str().unwrap().to_owned();
    change(
        app,
        "payoutBatchExecute",
        &batch,
        &format!("confirmedTotal: {{ amount: \"{total}\", currency: \"EUR\" }}, idempotencyKey: \"{key}\""),
    )
    .await;
    app.run_jobs().await;
    batch
}

/// The last event of each topic, with ids and amounts of chance made the same for every run.
async fn samples(app: &TestApp) -> BTreeMap<String, Value> {
    let feed = "query ($after: String) { events(first: 100, after: $after) {
        nodes { topic subjectId payload } pageInfo { hasNextPage endCursor } } }";
    let (mut samples, mut after) = (BTreeMap::new(), Value::Null);
    loop {
        let data = app.owner().gql(feed, json!({ "after": after })).await.ok();
        let nodes = data["events"]["nodes"].as_array().unwrap().iter();
        samples.extend(nodes.map(|node| (node["topic"].as_str().unwrap().to_owned(), masked(node))));
        let page = &data["events"]["pageInfo"];
        if page["hasNextPage"] == false {
            return samples;
        }
        after = page["endCursor"].clone();
    }
}

/// TypeIDs keep their prefix only.
fn masked(value: &Value) -> Value {
    match value {
        Value::String(text) => match text.split_once('_') {
            Some((prefix, rest)) if prefix.len() == 3 && rest.len() == 26 => json!(format!("{prefix}_…")),
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(masked).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), masked(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        _ => value.clone(),
    }
}

/// What the schema says of a topic.
fn meaning(topic: &str) -> String {
    let sdl = sdl();
    let (_, topics) = sdl.split_once("enum EventTopic {").unwrap();
    let (before, _) = topics.split_once(&format!("\n\t{topic}\n")).unwrap();
    let mut words = before.rsplit("\"\"\"");
    words.nth(1).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn page(samples: &BTreeMap<String, Value>) -> String {
    let mut page = format!(
        "# Events\n\nEvery kind of event, with a payload as the feed `events` shows it. Payloads hold ids and small facts, never\n\
         personal data. Written by a test, from a life in which all of them happen: `{MEND}`.\n"
    );
    for (topic, sample) in samples {
        let payload = serde_json::to_string_pretty(&sample["payload"]).unwrap();
        let subject = sample["subjectId"].as_str().unwrap();
        page +=
            &format!("\n## {topic}\n\n{} Subject: `{subject}`.\n\n```json\n{payload}\n```\n", meaning(topic));
    }
    page
}

#[tokio::test]
async fn every_kind_of_event_happens_and_is_documented() {
    let app = TestApp::builder().smtp().start().await;
    live(&app).await;
    let samples = samples(&app).await;
    let kinds: Vec<String> =
        EventKind::ALL.iter().map(|kind| kind.as_str().replace('.', "_").to_uppercase()).collect();
    let missing: Vec<_> = kinds.iter().filter(|kind| !samples.contains_key(*kind)).collect();
    assert!(missing.is_empty(), "let {missing:?} happen in `live` above, so that there is a sample of each");
    let (page, file) = (page(&samples), Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE));
    if std::env::var_os("REFERO_WRITE_DOCS").is_some() {
        fs::write(&file, &page).unwrap();
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert!(written == page, "docs/events.md differs from what happens; write it again: {MEND}");
}
