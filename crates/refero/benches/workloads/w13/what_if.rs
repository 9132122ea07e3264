use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use domain::{act::Act, scope::AccountScope, team::Permission, terms::Terms};
use ids::{IdSource, TermsId};
use serde_json::{Value, json};

use super::{DAYS, Promise, beginning, history};
use crate::{
    client::Connection,
    ground::{Base, Ground},
    options::Options,
    seed::{self, Shop},
    server::{Credential, Role, Server},
    table::Table,
};

const START: &str = "mutation($id: ID!, $from: Date!, $to: Date!) { termsSimulate(id: $id, \
    range: { from: $from, to: $to }) { operation { id } userErrors { message } } }";
const ASK: &str = "query($id: ID!) { simulation(id: $id) { failure operation { state done } \
    totals { simulated { amount } earned { amount } difference { amount } } } }";
const PATIENCE: Duration = Duration::from_secs(600);
/// What is asked for, at a million sales.
const TARGET: &str = "120";

/// What a simulation took.
struct Took {
    seconds: f64,
    events: u64,
    peak_bytes: u64,
}

/// Runs two drafts over a filled year through the API, each in a process of its own, so that its memory is told apart.
pub async fn measure(ground: &Ground, options: &Options, table: &mut Table) -> anyhow::Result<()> {
    let base = ground.migrated("bench_w13_history").await?;
    let from = beginning(base.clock.now());
    let offer = seed::Offer { has_uplines: true, ..Promise::Plain.offer(Some(from)) };
    let shop = seed::shop_with(&base, &offer).await?;
    let begun = Instant::now();
    history::fill(&base, &shop, from, (options.simulated_sales as u64, DAYS)).await?;
    println!("W13: a year of {} sales in {:.0} s", options.simulated_sales, begun.elapsed().as_secs_f64());
    ground.settle().await?;
    for promise in [Promise::Plain, Promise::Rich] {
        let took = simulate(ground, &base, &shop, promise).await?;
        let Took { seconds, events, peak_bytes } = took;
        let megabytes = peak_bytes as f64 / 1_048_576.0;
        println!(
            "W13, {}: {events} events simulated in {seconds:.1} s, peak {megabytes:.0} MB",
            promise.word()
        );
        table.target(&format!("simulated: {}, s", promise.word()), vec![seconds], 1, TARGET);
        table.line(format!("peak memory of the process: {}, MB", promise.word()), vec![megabytes], 0);
    }
    Ok(())
}

async fn simulate(ground: &Ground, base: &Base, shop: &Shop, promise: Promise) -> anyhow::Result<Took> {
    let ids = IdSource::from_system()?;
    let (scope, act) = (AccountScope::whole(shop.account_id), Act::of_system(base.clock.now(), ids));
    let (draft, key) = {
        let conn = &mut *base.db.get().await?;
        let draft =
            Terms::put_draft(conn, &scope, shop.program_id, &seed::draft(&promise.rules()), &act).await?;
        (draft.id, seed::api_key(base, &scope, vec![Permission::ProgramsRead], &act).await?)
    };
    let server = Server::start(ground, &base.url, Role::ServeAndWork).await?;
    let mut connection = Connection::open(server.address).await?;
    let begun = Instant::now();
    let answer = ask_for(&mut connection, &Credential::Key(key), draft, base).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let events = answer.pointer("/operation/done").and_then(Value::as_u64).context("no count")?;
    if promise == Promise::Plain {
        let difference = answer.pointer("/totals/0/difference/amount").and_then(Value::as_str);
        ensure!(difference == Some("0.00"), "the same terms come to something else: {answer}");
    }
    let peak_bytes = server.peak_memory();
    server.stop().await?;
    Ok(Took { seconds, events, peak_bytes })
}

/// Begins a simulation of the whole year and waits for its answer.
async fn ask_for(
    connection: &mut Connection,
    key: &Credential,
    draft: TermsId,
    base: &Base,
) -> anyhow::Result<Value> {
    let today = base.clock.now().date_naive();
    let from = beginning(base.clock.now()).date_naive();
    let said = json!({ "id": draft, "from": from.to_string(), "to": today.to_string() });
    let started = connection.ask(key, START, &said).await?;
    let id = started.pointer("/termsSimulate/operation/id").with_context(|| started.to_string())?.clone();
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let mut answer = connection.ask(key, ASK, &json!({ "id": id })).await?;
        match answer.pointer("/simulation/operation/state").and_then(Value::as_str) {
            Some("RUNNING") => tokio::time::sleep(Duration::from_millis(100)).await,
            Some("DONE") => return Ok(answer["simulation"].take()),
            _ => bail!("the simulation came to nothing: {answer}"),
        }
    }
    bail!("the simulation takes longer than {} s", PATIENCE.as_secs())
}
