//! Every mutation is tried by nobody, by a key that may do all but this, by the owner of another account, and by the
//! owner; whoever is denied has changed nothing.

use domain::team::Permission as P;
use serde_json::{Value, json};
use test_support::{Actor, TestApp};

/// Every mutation that needs a permission, with what it needs; in an order in which the owner may do them.
const MUTATIONS: &[(P, &str)] = &[
    (P::TeamWrite, "accountUpdate(input: { name: \"A\" })"),
    (P::Developers, "apiKeyCreate(input: { name: \"k\", permissions: [PROGRAMS_READ] })"),
    (P::Developers, "apiKeyRevoke(id: \"{key}\")"),
    (P::TeamWrite, "inviteCreate(input: { emails: [\"e@example.com\"], roleId: \"rol_viewer\" })"),
    (P::TeamWrite, "inviteResend(id: \"{inv}\")"),
    (P::TeamWrite, "inviteRevoke(id: \"{inv}\")"),
    (P::TeamWrite, "memberUpdate(id: \"{mem}\", input: { roleId: \"rol_manager\" })"),
    (P::TeamWrite, "memberRemove(id: \"{mem}\")"),
    (P::ProgramsWrite, "programCreate(input: { name: \"P\", currency: \"EUR\" })"),
    (P::ProgramsWrite, "programUpdate(id: \"{prg}\", input: { name: \"Q\" })"),
    (
        P::ProgramsWrite,
        "rateStore(input: { from: \"USD\", to: \"EUR\", rate: \"0.9\", at: \"2026-03-01T00:00:00Z\", source: \"bank\" })",
    ),
    (P::ProgramsWrite, "ratesImport(input: { file: \"Date,USD\\n2026-02-27,1.1\" })"),
    (P::ProgramsWrite, "programPause(id: \"{prg}\")"),
    (P::ProgramsWrite, "programActivate(id: \"{prg}\")"),
    (
        P::ProgramsWrite,
        "termsDraftPut(programId: \"{prg}\", input: { holdDays: 1, rules: [
            { id: \"sale\", trigger: SALE, value: { type: PERCENT, percent: \"5\" } }] })",
    ),
    (P::ProgramsWrite, "termsPublish(id: \"{trm}\")"),
    (P::ProgramsRead, "termsSimulate(id: \"{trm}\", range: { from: \"2026-01-01\", to: \"2026-02-01\" })"),
    (P::ProgramsWrite, "termsDraftDelete(id: \"{trm}\")"),
    (
        P::PartnersWrite,
        "partnerCreate(input: { programId: \"{prg}\", email: \"c@example.com\", name: \"C\" })",
    ),
    (P::PartnersWrite, "groupCreate(input: { programId: \"{prg}\", name: \"G\" })"),
    (P::PartnersWrite, "groupUpdate(id: \"{grp}\", input: { name: \"H\" })"),
    (P::PartnersWrite, "groupDelete(id: \"{grp}\")"),
    (
        P::PartnersWrite,
        "partnerApply(input: { programId: \"{prg}\", email: \"d@example.com\", name: \"D\" })",
    ),
    (P::PartnersWrite, "partnerUpdate(id: \"{prt}\", input: { name: \"E\" })"),
    (P::PartnersWrite, "partnerSuspend(id: \"{prt}\", reason: \"fraud\")"),
    (P::PartnersWrite, "partnerReinstate(id: \"{prt}\")"),
    (P::PartnersWrite, "partnerApprove(id: \"{prt}\")"),
    (P::PartnersWrite, "partnerReject(id: \"{prt}\", reason: \"no\")"),
    (P::PartnersWrite, "linkCreate(partnerId: \"{prt}\", input: { destination: \"https://a.example\" })"),
    (P::PartnersWrite, "linkUpdate(id: \"{lnk}\", input: { status: DISABLED })"),
    (P::CustomersWrite, "customerUpsert(input: { programId: \"{prg}\", key: \"new\" })"),
    (P::CustomersWrite, "customerConfirm(input: { id: \"{cus}\" })"),
    (P::CustomersWrite, "customerEnrol(input: { id: \"{cus}\" })"),
    (
        P::CustomersWrite,
        "customerReassign(input: { customerId: \"{cus}\", reason: \"gone\", idempotencyKey: \"k\" })",
    ),
    (
        P::TransactionsWrite,
        "transactionRecord(programId: \"{prg}\", input: { key: \"t\", customerKey: \"c\",
            amount: { amount: \"1\", currency: \"EUR\" } })",
    ),
    (
        P::TransactionsWrite,
        "transactionRecordMany(programId: \"{prg}\", inputs: [{ key: \"u\", customerKey: \"c\",
            amount: { amount: \"1\", currency: \"EUR\" } }])",
    ),
    (
        P::TransactionsWrite,
        "transactionRefund(input: { transactionId: \"{trx}\", key: \"r\", amount: \"1\" })",
    ),
    (P::TransactionsWrite, "transactionChargeback(input: { transactionId: \"{trx}\", key: \"b\" })"),
    (
        P::TransactionsWrite,
        "transactionChargebackWon(input: { programId: \"{prg}\", chargebackKey: \"b\", key: \"w\" })",
    ),
    (P::TransactionsWrite, "transactionVoid(input: { transactionId: \"{trx}\", key: \"v\" })"),
    (
        P::RewardsWrite,
        "rewardCreateManual(input: { partnerId: \"{prt}\", reason: \"thanks\", idempotencyKey: \"m\",
            amount: { amount: \"1\", currency: \"EUR\" } })",
    ),
    (
        P::RewardsWrite,
        "redemptionCreate(input: { partnerId: \"{prt}\", reason: \"order\", key: \"r\",
            amount: { amount: \"1\", currency: \"points\" } })",
    ),
    (P::RewardsWrite, "rewardApprove(id: \"{rwd}\")"),
    (P::RewardsWrite, "rewardReject(id: \"{rwd}\", reason: \"no\")"),
    (P::RewardsWrite, "rewardsApprove(selection: { ids: [\"{rwd}\"] })"),
    (P::RewardsWrite, "rewardsReject(selection: { ids: [\"{rwd}\"] }, reason: \"no\")"),
    (P::ProgramsWrite, "payoutPolicyUpdate(programId: \"{prg}\", input: { cooldownHours: 12 })"),
    (
        P::PartnersWrite,
        "payoutMethodSet(partnerId: \"{prt}\", input: { manual: { instructions: \"cash\" } })",
    ),
    (P::PartnersWrite, "payeeUpdate(partnerId: \"{prt}\", input: { company: \"C\" })"),
    (P::PartnersWrite, "payoutRequest(input: { partnerId: \"{prt}\" }, idempotencyKey: \"k\")"),
    (P::PartnersWrite, "payoutResubmit(id: \"{pay}\")"),
    (P::PartnersWrite, "payoutWithdraw(id: \"{pay}\")"),
    (P::PayoutsApprove, "payoutsApprove(ids: [\"{pay}\"])"),
    (P::PayoutsApprove, "payoutReject(id: \"{pay}\", reason: \"no\")"),
    (P::PayoutsApprove, "payoutRequestChanges(id: \"{pay}\", reason: \"no\")"),
    (P::PayoutsApprove, "payoutCancel(id: \"{pay}\")"),
    (
        P::PayoutsApprove,
        "payoutBatchCreate(input: { programId: \"{prg}\", rail: MANUAL }, idempotencyKey: \"k\")",
    ),
    (P::PayoutsApprove, "payoutBatchApprove(id: \"{pba}\")"),
    (P::PayoutsApprove, "payoutBatchCancel(id: \"{pba}\")"),
    (P::PayoutsApprove, "payoutBatchRetry(id: \"{pba}\", idempotencyKey: \"k\")"),
    (
        P::PayoutsExecute,
        "payoutBatchExecute(id: \"{pba}\", confirmedTotal: { amount: \"1\", currency: \"EUR\" }, idempotencyKey: \"k\")",
    ),
    (P::PayoutsExecute, "payoutSubmissionRetry(id: \"{psu}\")"),
    (P::PayoutsExecute, "payoutBatchImportResults(id: \"{pba}\", fileId: \"{fil}\")"),
    (P::PayoutsExecute, "payoutMarkPaid(id: \"{pay}\")"),
    (P::PayoutsExecute, "payoutMarkFailed(id: \"{pay}\", code: \"c\", reason: \"no\")"),
    (P::PayoutsApprove, "payoutInvoiceRequest(payoutId: \"{pay}\")"),
    (P::PayoutsApprove, "statementRequest(partnerId: \"{prt}\", currency: \"EUR\", month: \"2026-02\")"),
    (P::PartnersWrite, "payoutMethodArchive(partnerId: \"{prt}\")"),
    (P::Operations, "jobRetry(id: \"{job}\")"),
    (P::Operations, "jobCancel(id: \"{job}\")"),
    (P::Operations, "jobsRetry(input: { filter: { queue: \"emails\" } })"),
    (P::ProgramsWrite, "programArchive(id: \"{prg}\")"),
];

/// A payout that is on its way, its batch and its submission.
async fn paying(app: &TestApp, program: &str, partner: &str) -> Vec<(&'static str, String)> {
    let make = "mutation ($prg: ID!, $prt: ID!) {
        rewardCreateManual(input: { partnerId: $prt, amount: { amount: \"9\", currency: \"EUR\" }, reason: \"r\",
            idempotencyKey: \"paying\" }) { userErrors { message } }
        payoutMethodSet(partnerId: $prt, input: { manual: { instructions: \"Cash\" } }) { userErrors { message } }
        payoutBatchCreate(input: { programId: $prg, rail: MANUAL }, idempotencyKey: \"paying\") {
            batch { id } userErrors { message } } }";
    let made = app.owner().gql(make, json!({ "prg": program, "prt": partner })).await.ok();
    let batch = &made["payoutBatchCreate"]["batch"]["id"];
    app.run_jobs().await;
    let execute = "mutation ($id: ID!) { payoutBatchExecute(id: $id, confirmedTotal: { amount: \"9\", currency: \"EUR\" },
        idempotencyKey: \"paying\") { userErrors { message } } }";
    app.owner().gql(execute, json!({ "id": batch })).await.ok();
    app.run_jobs().await;
    let seen = "query ($id: ID!) { payoutBatch(id: $id) { id submissions { id } payouts { nodes { id } } } }";
    let seen = app.owner().gql(seen, json!({ "id": batch })).await.ok();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let given = app.owner().give_file("results.csv", "text/csv", b"reference,status").await;
    let given: Value = serde_json::from_slice(&given.body).unwrap();
    vec![
        ("{fil}", text(&given["id"])),
        ("{pba}", text(&seen["payoutBatch"]["id"])),
        ("{psu}", text(&seen["payoutBatch"]["submissions"][0]["id"])),
        ("{pay}", text(&seen["payoutBatch"]["payouts"]["nodes"][0]["id"])),
    ]
}

/// One id of each kind that a mutation takes, of the first account.
async fn ids(app: &TestApp) -> Vec<(&'static str, String)> {
    let program = app.program().await;
    let partner = app.partner(program, "bob").await;
    app.customer(program, partner, "ada").await;
    app.sale(program, "ada", "one", "100").await;
    app.run_jobs().await;
    let make = "mutation ($prg: ID!, $prt: ID!) {
        groupCreate(input: { programId: $prg, name: \"made\" }) { group { id } }
        linkCreate(partnerId: $prt, input: { slug: \"made\", destination: \"https://a.example\" }) { link { id } }
        inviteCreate(input: { emails: [\"f@example.com\"], roleId: \"rol_viewer\" }) { results { invite { id } } }
        apiKeyCreate(input: { name: \"made\", permissions: [PROGRAMS_READ] }) { apiKey { id } } }";
    let made =
        app.owner().gql(make, json!({ "prg": program.to_string(), "prt": partner.to_string() })).await.ok();
    app.member(domain::team::Role::Viewer).await;
    app.run_jobs().await;
    let customers = app.owner().gql("{ customers { nodes { id } } }", json!({})).await.ok();
    let team = "{ account { members { nodes { id roles { id } } } } }";
    let team = app.owner().gql(team, json!({})).await.ok();
    let found =
        app.owner().gql("{ rewards { nodes { id transaction { id } terms { id } } } }", json!({})).await.ok();
    let reward = &found["rewards"]["nodes"][0];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let job: ids::JobId = app.ids.next(app.clock.now());
    app.sql(&format!(
        "INSERT INTO job_history (id, account_id, queue, kind, args, priority, state, run_at, attempt, max_attempts, crashes_alone, \
         errors, created_at, finished_at) VALUES ('{}', '{}', 'emails', 'emails.none', '{{}}', 0, 'dead', now(), 1, 1, 0, '[]', \
         now(), now())",
        ids::TypedId::uuid(job),
        ids::TypedId::uuid(app.account_id())
    ))
    .await;
    let mut ids = paying(app, &program.to_string(), &partner.to_string()).await;
    ids.extend([
        ("{job}", job.to_string()),
        ("{prg}", program.to_string()),
        ("{cus}", text(&customers["customers"]["nodes"][0]["id"])),
        ("{prt}", partner.to_string()),
        ("{grp}", text(&made["groupCreate"]["group"]["id"])),
        ("{lnk}", text(&made["linkCreate"]["link"]["id"])),
        ("{key}", text(&made["apiKeyCreate"]["apiKey"]["id"])),
        ("{inv}", text(&made["inviteCreate"]["results"][0]["invite"]["id"])),
        ("{mem}", text(&team["account"]["members"]["nodes"][1]["id"])),
        ("{trm}", text(&reward["terms"]["id"])),
        ("{trx}", text(&reward["transaction"]["id"])),
        ("{rwd}", text(&reward["id"])),
    ]);
    ids
}

/// Panics if what the actor sends changes more than when a credential was last used.
async fn denied(app: &TestApp, actor: &Actor, mutation: &str) -> test_support::Answer {
    let (answer, statements) = app.count_statements(actor.gql(mutation, json!({}))).await;
    let touches = |text: &str| text.contains("\"sessions\"") || text.contains("\"api_keys\"");
    let writes = |text: &&String| {
        ["INSERT", "UPDATE \"", "DELETE"].iter().any(|verb| text.contains(verb)) && !touches(text)
    };
    let changes: Vec<_> = statements.iter().filter(writes).collect();
    assert!(changes.is_empty(), "denied, and yet {mutation} sends {changes:#?}");
    answer
}

#[tokio::test]
async fn every_mutation_denies_three_and_changes_nothing_for_them() {
    let app = TestApp::start().await;
    let ids = ids(&app).await;
    let outsider = app.outsider().await;
    for (needs, words) in MUTATIONS {
        let named = ids.iter().fold((*words).to_owned(), |text, (place, id)| text.replace(place, id));
        let name = words.split('(').next().unwrap();
        let mutation = format!("mutation {{ {named} {{ userErrors {{ code }} }} }}");
        assert_eq!(denied(&app, &app.nobody(), &mutation).await.code(), "UNAUTHENTICATED", "{name}");
        let others: Vec<P> = P::ALL.iter().copied().filter(|permission| permission != needs).collect();
        let unfit = app.api_key(&others, &[]).await;
        assert_eq!(denied(&app, &unfit, &mutation).await.code(), "FORBIDDEN", "{name}");
        if named != *words {
            let answer = denied(&app, &outsider, &mutation).await;
            assert_eq!(answer.user_error_codes(), ["NOT_FOUND"], "{name}: {answer:?}");
        }
        let answer = app.owner().gql(&mutation, json!({})).await;
        assert_eq!(answer.code(), "", "the owner may do it: {name}: {answer:?}");
    }
    app.run_jobs().await;
}

#[test]
fn the_list_above_is_complete() {
    let sdl = api::graphql::sdl();
    let (_, mutations) = sdl.split_once("\ntype Mutation {").unwrap();
    let (mutations, _) = mutations.split_once("\n}").unwrap();
    let guarded = mutations.matches("@needs(permission: ").count();
    let names: Vec<_> = MUTATIONS.iter().map(|(_, words)| words.split('(').next().unwrap()).collect();
    for name in &names {
        assert!(mutations.contains(&format!("\t{name}(")), "{name} is no mutation any more");
    }
    assert_eq!(names.len(), guarded, "try every mutation with @needs here, as four actors");
}
