//! The written histories, recorded by GraphQL, each as a program of an account of its own, all at once, while workers run
//! beside: what the API shows in the end is what `refero evaluate` answers for the same lines.

mod answer;
mod record;
mod stage;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use domain::rewards::vectors::evaluate_history;
use serde_json::Value;
use test_support::TestApp;
use tokio::task::JoinSet;

use self::stage::Stage;

const HISTORIES: &str = include_str!("../../../../domain/tests/vectors/rewards.jsonl");
/// Workers, each a task of its own.
const WORKERS: usize = 3;

/// Records a history to its end, and answers what it came to and how it was called; nothing if a verb refuses one of its
/// events, as it does with a refund beyond its sale.
async fn play(app: Arc<TestApp>, line: &'static str) -> Option<(Stage, &'static str)> {
    let history: Value = serde_json::from_str(line).unwrap();
    let stage = Stage::set(app.outsider().await, &history).await;
    for event in history["events"].as_array().unwrap() {
        if !stage.record(event).await {
            return None;
        }
    }
    Some((stage, line))
}

/// Gives events their places and runs jobs, whatever others do, until it is told to stop.
async fn work(app: Arc<TestApp>, stopped: Arc<AtomicBool>) {
    while !stopped.load(Ordering::Relaxed) {
        app.run_jobs().await;
        tokio::task::yield_now().await;
    }
}

fn sorted(values: &[Value]) -> Vec<String> {
    let mut lines: Vec<String> = values.iter().map(ToString::to_string).collect();
    lines.sort();
    lines
}

/// Only sales say by GraphQL why they earned nothing.
fn reasons_of_sales(answer: &Value, history: &Value) -> Vec<Value> {
    let sales = history["events"].as_array().unwrap().iter().filter(|event| event["type"] == "SALE");
    let sales: Vec<&Value> = sales.map(|event| &event["id"]).collect();
    let reasons = answer["nonRewards"].as_array().unwrap().iter();
    reasons.filter(|reason| sales.contains(&&reason["source"])).cloned().collect()
}

async fn compare(stage: &Stage, line: &str) {
    let history: Value = serde_json::from_str(line).unwrap();
    let expected = serde_json::to_value(evaluate_history(line)).unwrap();
    let rewards = sorted(expected["rewards"].as_array().unwrap());
    assert_eq!(sorted(&stage.rewards().await), rewards, "{}", history["name"]);
    let reasons = reasons_of_sales(&expected, &history);
    assert_eq!(sorted(&stage.reasons().await), sorted(&reasons), "{}", history["name"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_programs_at_once_come_to_what_is_evaluated() {
    let app = Arc::new(TestApp::builder().at("2028-06-01T00:00:00Z").start().await);
    let stopped = Arc::new(AtomicBool::new(false));
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        workers.spawn(work(Arc::clone(&app), Arc::clone(&stopped)));
    }
    let mut playing: JoinSet<_> = HISTORIES.lines().map(|line| play(Arc::clone(&app), line)).collect();
    let mut played = Vec::new();
    while let Some(done) = playing.join_next().await {
        played.extend(done.unwrap());
    }
    stopped.store(true, Ordering::Relaxed);
    while let Some(ended) = workers.join_next().await {
        ended.unwrap();
    }
    app.run_jobs().await;
    eprintln!("{} histories were recorded to their end", played.len());
    assert!(played.len() >= 60, "only {} histories were recorded to their end", played.len());
    for (stage, line) in &played {
        compare(stage, line).await;
    }
}
