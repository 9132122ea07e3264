//! Queues and jobs, as operators of the instance and as members see them.

use domain::{team::Permission as P, users::User};
use serde_json::{Value, json};
use test_support::{Actor, TestApp};

const QUEUES: &str =
    "{ queues { name ready scheduled running dead oldestReadyAgeMs throughputPerMinute paused } }";
const JOBS: &str = "query ($filter: JobFilter, $first: Int, $after: String) { jobs(filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { id kind state accountId lastError } } }";
const JOB: &str = "query ($id: ID!) { job(id: $id) { id queue kind state args attempt maxAttempts requestId traceId lastError
    attempts { number startedAt finishedAt error worker } } node(id: $id) { id } }";

/// An operator of the instance, who has no account.
async fn operator(app: &TestApp) -> Actor {
    let outsider = app.outsider().await;
    let who = outsider.gql("{ viewer { actor { ... on User { email } } } }", json!({})).await.ok();
    let email = who["viewer"]["actor"]["email"].as_str().unwrap().to_owned();
    User::make_operator(&mut *app.conn().await, &email, &app.act()).await.unwrap().unwrap();
    app.sql(&format!("DELETE FROM members WHERE user_id = (SELECT id FROM users WHERE email = '{email}')"))
        .await;
    outsider
}

/// Dead jobs, one of the account that the test is about and one of the system, each with this error; their ids in order.
async fn dead(app: &TestApp, error: &str) -> [String; 2] {
    let ids: [ids::JobId; 2] = std::array::from_fn(|_| app.ids.next(app.clock.now()));
    let accounts = [format!("'{}'", ids::TypedId::uuid(app.account_id())), "NULL".to_owned()];
    for (id, account) in ids.iter().zip(accounts) {
        let id = ids::TypedId::uuid(*id);
        let now = app.clock.now().to_rfc3339();
        let sql = format!(
            "INSERT INTO job_history (id, account_id, queue, kind, args, priority, state, run_at, attempt, max_attempts, \
             crashes_alone, errors, request_id, trace, created_at, finished_at) VALUES ('{id}', {account}, 'emails', 'emails.none', \
             '{{\"n\": 1}}', 0, 'dead', '{now}', 1, 1, 0, '[{{\"attempt\": 1, \"at\": \"{now}\", \"error\": \"{error}\"}}]', \
             'req_1', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '{now}', '{now}')"
        );
        app.sql(&sql).await;
    }
    ids.map(|id| id.to_string())
}

fn ids_of(answer: &Value) -> Vec<&str> {
    answer["jobs"]["nodes"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn operators_see_all_and_members_what_is_their_account_s() {
    let app = TestApp::start().await;
    app.leave_jobs();
    let [mine, system] = dead(&app, "refused by the server").await;
    let (operator, outsider) = (operator(&app).await, app.outsider().await);
    let filter = json!({ "filter": { "states": ["DEAD"] } });
    let seen = operator.gql(JOBS, filter.clone()).await.ok();
    assert_eq!(ids_of(&seen), [system.as_str(), &mine]);
    assert_eq!(seen["jobs"]["totalCount"], 2);
    let of_one =
        json!({ "filter": { "accountId": app.account_id().to_string(), "errorContains": "BY THE" } });
    assert_eq!(ids_of(&operator.gql(JOBS, of_one).await.ok()), [mine.as_str()]);
    assert_eq!(ids_of(&app.owner().gql(JOBS, filter.clone()).await.ok()), [mine.as_str()]);
    assert_eq!(ids_of(&outsider.gql(JOBS, filter.clone()).await.ok()), Vec::<&str>::new());
    let key = app.api_key(&[P::Operations], &[]).await;
    assert_eq!(ids_of(&key.gql(JOBS, filter).await.ok()), [mine.as_str()]);
    let program = app.program().await;
    let limited = app.api_key(P::ALL, &[program]).await;
    assert_eq!(ids_of(&limited.gql(JOBS, json!({})).await.ok()), Vec::<&str>::new());

    for (actor, id, is_seen) in [
        (&operator, &system, true),
        (&operator, &mine, true),
        (&app.owner(), &mine, true),
        (&app.owner(), &system, false),
        (&outsider, &mine, false),
        (&limited, &mine, false),
    ] {
        let answer = actor.gql(JOB, json!({ "id": id })).await.ok();
        assert_eq!(!answer["job"].is_null(), is_seen, "{answer}");
        assert_eq!(!answer["node"].is_null(), is_seen, "{answer}");
    }
    let job = app.owner().gql(JOB, json!({ "id": mine })).await.ok()["job"].take();
    assert_eq!(
        (&job["requestId"], &job["traceId"]),
        (&json!("req_1"), &json!("4bf92f3577b34da6a3ce929d0e0e4736"))
    );
    assert_eq!(job["attempts"][0]["error"], "refused by the server");
    let page = operator
        .gql(JOBS, json!({ "first": 1, "filter": { "queue": "emails", "states": ["DEAD"] } }))
        .await
        .ok();
    assert_eq!(
        (ids_of(&page), &page["jobs"]["pageInfo"]["hasNextPage"]),
        (vec![system.as_str()], &json!(true))
    );
    let after = json!({ "first": 1, "after": page["jobs"]["pageInfo"]["endCursor"], "filter": { "states": ["DEAD"] } });
    assert_eq!(ids_of(&operator.gql(JOBS, after).await.ok()), [mine.as_str()]);
}

/// What PostgreSQL or a panic says is for operators; members cannot even find out what it says by looking for it.
#[tokio::test]
async fn members_are_not_told_of_the_inside() {
    let app = TestApp::start().await;
    app.leave_jobs();
    let operator = operator(&app).await;
    let [mine, _] = dead(&app, "database: relation payout_secrets does not exist").await;
    let (as_member, as_operator) = (
        app.owner().gql(JOB, json!({ "id": mine })).await.ok(),
        operator.gql(JOB, json!({ "id": mine })).await.ok(),
    );
    assert!(as_operator["job"]["lastError"].as_str().unwrap().contains("payout_secrets"));
    assert!(as_operator["job"]["attempts"][0]["error"].as_str().unwrap().contains("payout_secrets"));
    assert!(!as_member.to_string().contains("payout_secrets"), "{as_member}");
    let looking = json!({ "filter": { "errorContains": "payout_sec" } });
    assert_eq!(ids_of(&app.owner().gql(JOBS, looking.clone()).await.ok()), Vec::<&str>::new());
    assert_eq!(ids_of(&operator.gql(JOBS, looking).await.ok()).len(), 2);
}

#[tokio::test]
async fn queues_are_for_operators_alone() {
    let app = TestApp::start().await;
    let operator = operator(&app).await;
    let pause = "mutation { queuePause(name: \"emails\") { queue { paused } userErrors { code } } }";
    let resume = pause.replace("Pause", "Resume");
    let key = app.api_key(P::ALL, &[]).await;
    for asked in [QUEUES, pause, &resume] {
        for actor in [&app.owner(), &key, &app.outsider().await] {
            assert_eq!(actor.gql(asked, json!({})).await.code(), "FORBIDDEN", "{asked}");
        }
        assert_eq!(app.nobody().gql(asked, json!({})).await.code(), "UNAUTHENTICATED", "{asked}");
    }
    assert!(
        queue::paused(&mut *app.conn().await).await.unwrap().is_empty(),
        "who is refused changes nothing"
    );
    app.sql("INSERT INTO queue_minutes VALUES ('emails', '2026-03-02T08:59:00Z', 10)").await;
    let paused = operator.gql(pause, json!({})).await.ok();
    assert_eq!(paused["queuePause"]["queue"]["paused"], true);
    let queues = operator.gql(QUEUES, json!({})).await.ok();
    let emails = queues["queues"].as_array().unwrap().iter().find(|queue| queue["name"] == "emails").unwrap();
    assert_eq!((&emails["paused"], &emails["throughputPerMinute"]), (&json!(true), &json!("2.5")));
    assert_eq!(operator.gql(&resume, json!({})).await.ok()["queueResume"]["queue"]["paused"], false);
    let unknown = operator.gql(&pause.replace("emails", "mails"), json!({})).await;
    assert_eq!(unknown.user_error_codes(), ["NOT_FOUND"]);
}

#[tokio::test]
async fn dead_jobs_are_retried_by_ids_or_by_a_filter_and_within_reach_only() {
    let app = TestApp::start().await;
    app.leave_jobs();
    let [mine, system] = dead(&app, "no").await;
    let retry = "mutation ($input: JobsRetryInput!) { jobsRetry(input: $input) { retried goesOnAs { id } userErrors { code field } } }";
    let both = app.owner().gql(retry, json!({ "input": { "ids": [mine, system] } })).await;
    assert_eq!(both.user_error_codes(), ["NOT_FOUND"]);
    assert_eq!(both.data["jobsRetry"]["retried"], 1);
    assert_eq!(both.data["jobsRetry"]["userErrors"][0]["field"], json!(["input", "ids", "1"]));
    for input in [json!({}), json!({ "ids": [mine], "filter": {} })] {
        let refused = app.owner().gql(retry, json!({ "input": input })).await;
        assert_eq!(refused.user_error_codes(), ["INVALID"]);
    }
    let none = app.owner().gql(retry, json!({ "input": { "filter": { "queue": "emails" } } })).await.ok();
    assert_eq!(none["jobsRetry"]["retried"], 0);
    let operator = operator(&app).await;
    let rest = operator.gql(retry, json!({ "input": { "filter": { "queue": "emails" } } })).await.ok();
    assert_eq!((&rest["jobsRetry"]["retried"], &rest["jobsRetry"]["goesOnAs"]), (&json!(1), &Value::Null));
    let cancel =
        format!("mutation {{ jobCancel(id: \"{mine}\") {{ job {{ state }} userErrors {{ code }} }} }}");
    let cancelled = app.owner().gql(&cancel, json!({})).await.ok();
    assert_eq!(cancelled["jobCancel"]["job"]["state"], "CANCELLED");
}

/// A call answers at once; what it began can be followed to its end.
#[tokio::test]
async fn a_bulk_retry_is_followed_to_its_end() {
    let app = TestApp::start().await;
    app.leave_jobs();
    let account = ids::TypedId::uuid(app.account_id());
    let now = app.clock.now().to_rfc3339();
    let sql = format!(
        "INSERT INTO job_history (id, account_id, queue, kind, args, priority, state, run_at, attempt, max_attempts, crashes_alone, \
         errors, created_at, finished_at) SELECT gen_random_uuid(), '{account}', 'invites', 'team.expire_invites', '{{}}', 0, 'dead', \
         '{now}', 1, 1, 0, '[]', '{now}', '{now}' FROM generate_series(1, 250)"
    );
    app.sql(&sql).await;
    let retry = "mutation { jobsRetry(input: { filter: { queue: \"invites\" } }) { retried goesOnAs { id }
        operation { id kind state total totalCapped done finishedAt job { id } } userErrors { code } } }";
    let mut begun = app.owner().gql(retry, json!({})).await.ok()["jobsRetry"].take();
    assert_eq!(begun["goesOnAs"]["id"], begun["operation"]["job"]["id"]);
    let id = begun["operation"]["id"].take();
    begun["operation"]["job"] = Value::Null;
    assert_eq!(
        begun["operation"],
        json!({ "id": null, "kind": "JOBS_RETRY", "state": "RUNNING", "total": 250, "totalCapped": false, "done": 100,
            "finishedAt": null, "job": null })
    );
    let asked = "query($id: ID!) { operation(id: $id) { state total done } node(id: $id) { id } }";
    app.run_jobs().await;
    let ended = app.owner().gql(asked, json!({ "id": id })).await.ok();
    assert_eq!(ended["operation"], json!({ "state": "DONE", "total": 250, "done": 250 }));
    assert_eq!(ended["node"]["id"], id);
    let dead = "{ jobs(filter: { states: [DEAD] }) { totalCount } }";
    assert_eq!(app.owner().gql(dead, json!({})).await.ok()["jobs"]["totalCount"], 0);
    let (outsider, operator) = (app.outsider().await, operator(&app).await);
    let outside = outsider.gql(asked, json!({ "id": id })).await.ok();
    assert_eq!((&outside["operation"], &outside["node"]), (&Value::Null, &Value::Null));
    assert_eq!(operator.gql(asked, json!({ "id": id })).await.ok()["operation"]["done"], 250);
    let key = app.api_key(&[P::ProgramsRead], &[]).await;
    assert_eq!(key.gql(asked, json!({ "id": id })).await.code(), "FORBIDDEN");
    // A job that is given up is what ends it without an end.
    app.sql(&sql).await;
    let second = app.owner().gql(retry, json!({})).await.ok()["jobsRetry"].take();
    let cancel = "mutation($id: ID!) { jobCancel(id: $id) { userErrors { code } } }";
    app.owner().gql(cancel, json!({ "id": second["goesOnAs"]["id"] })).await.ok();
    let stopped = app.owner().gql(asked, json!({ "id": second["operation"]["id"] })).await.ok();
    assert_eq!(stopped["operation"], json!({ "state": "FAILED", "total": 250, "done": 100 }));
}

/// From a request to the jobs that follow from it.
#[tokio::test]
async fn a_job_leads_back_to_its_request() {
    let app = TestApp::start().await;
    let program = app.program().await;
    let partner = app.partner(program, "bob").await;
    app.customer(program, partner, "ada").await;
    app.run_jobs().await;
    let record =
        "mutation ($p: ID!) { transactionRecord(programId: $p, input: { key: \"one\", customerKey: \"ada\",
        amount: { amount: \"100\", currency: \"EUR\" } }) { userErrors { code } } }";
    let answer = app.owner().gql(record, json!({ "p": program.to_string() })).await;
    let request = answer.headers["x-request-id"].to_str().unwrap().to_owned();
    answer.ok();
    app.run_jobs().await;
    let asked = "{ jobs(first: 100) { nodes { kind requestId } } }";
    let jobs = app.owner().gql(asked, json!({})).await.ok();
    let kinds: Vec<_> = jobs["jobs"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|job| job["requestId"] == request.as_str())
        .collect();
    let count = |kind: &str| kinds.iter().filter(|job| job["kind"] == kind).count();
    // To the owner of the sale, and to the partner of the reward that the computation found.
    assert_eq!((count("rewards.compute"), count("emails.send")), (1, 2), "{jobs}");
}

/// Its sale may have been recorded while the run waited: no reward is older than its sale.
#[tokio::test(flavor = "multi_thread")]
async fn a_reward_is_stamped_with_the_time_after_the_wait_for_its_program() {
    let app = TestApp::start().await;
    let program = app.program().await;
    let partner = app.partner(program, "bob").await;
    app.customer(program, partner, "ada").await;
    app.run_jobs().await;
    app.sale(program, "ada", "one", "100").await;
    let later = app.clock.now() + chrono::TimeDelta::seconds(5);
    let pause = |millis| tokio::time::sleep(std::time::Duration::from_millis(millis));
    let held = app.sql("BEGIN; SELECT FROM reward_cursors FOR UPDATE; SELECT pg_sleep(1.5); COMMIT");
    let run = async {
        pause(300).await;
        app.run_jobs().await
    };
    let clock = async {
        pause(900).await;
        app.clock.set(later);
    };
    tokio::join!(held, run, clock);
    app.run_jobs().await;
    let rewards = app.owner().gql("{ rewards { nodes { createdAt } } }", json!({})).await.ok();
    let created_at: chrono::DateTime<chrono::Utc> =
        rewards["rewards"]["nodes"][0]["createdAt"].as_str().unwrap().parse().unwrap();
    assert_eq!(created_at, later);
}
