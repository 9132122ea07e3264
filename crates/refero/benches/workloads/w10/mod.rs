//! W10: what a GraphQL request costs that asks for nothing: one object type with five fields from memory, once and forty
//! times, by the product's whole edge and its engine, and by mercurius with its compiler.

mod engine;

use std::process::Stdio;

use anyhow::Context;
use tokio::process::Command;

pub use self::engine::serve;
use crate::{
    contest::{Contestant, Turns},
    ground::Ground,
    options::Options,
    peer::{Script, Serving},
    press::Target,
    server::Credential,
    table::Table,
};

const FIVE: &str = "{ sales { id key customer cents recordedAt } }";
const TWO_HUNDRED: &str = "{ sales(first: 40) { id key customer cents recordedAt } }";

/// Measures all rounds.
pub async fn run(ground: &Ground, options: &Options) -> anyhow::Result<Table> {
    let (local, shared) = (engine(ground, "local").await?, engine(ground, "shared").await?);
    let mercurius = match Script::find("mercurius.mjs")? {
        Some(script) => Some(script.serve(&[]).await?),
        None => None,
    };
    let ask = |at: &Serving, query: &str, says: &str| {
        Contestant::Http(Target::query(at.address, Credential::Nobody, query, says))
    };
    let hello = Target { path: "/hello", ..Target::query(local.address, Credential::Nobody, FIVE, "hello") };
    let mut contestants = vec![("axum hello", Contestant::Http(hello))];
    for (five, two_hundred, server) in [
        ("refero, 5 fields", "refero, 200 fields", Some(&local)),
        ("limits in Redis, 5 fields", "limits in Redis, 200 fields", Some(&shared)),
        ("mercurius, 5 fields", "mercurius, 200 fields", mercurius.as_ref()),
    ] {
        if let Some(server) = server {
            contestants.push((five, ask(server, FIVE, "order-0")));
            contestants.push((two_hundred, ask(server, TWO_HUNDRED, "order-39")));
        }
    }
    let turns = Turns::of(ground, options, "W10", options.clients, &contestants).await?;
    Ok(table(&turns))
}

/// This program again, as the server.
async fn engine(ground: &Ground, limits: &str) -> anyhow::Result<Serving> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--engine", limits]).env("REDIS_URL", &ground.redis_url).stderr(Stdio::inherit());
    Serving::start(command).await.context("the server of W10")
}

fn table(turns: &Turns) -> Table {
    let mut table = Table::new("W10: GraphQL requests that ask for nothing");
    let rate = |place: usize| turns.rates(place);
    table.line("axum, POST, `hello`, requests/s", rate(0), 0);
    for (fields, ours, shared, theirs) in [("5", 1, 3, 5), ("200", 2, 4, 6)] {
        table.line(format!("refero's edge and engine, {fields} fields, requests/s"), rate(ours), 0);
        let what = format!("the same with its limits counted in Redis, {fields} fields, requests/s");
        table.line(what, rate(shared), 0);
        table.line(format!("mercurius with JIT, {fields} fields, requests/s"), rate(theirs), 0);
        let what = format!("ratio to mercurius, {fields} fields");
        table.ratio(&what, (&rate(ours), &rate(theirs)), "1.5");
        let what = format!("ratio to mercurius, limits in Redis, {fields} fields");
        table.ratio(&what, (&rate(shared), &rate(theirs)), "");
    }
    table.ratio("ratio to axum, 5 fields", (&rate(1), &rate(0)), "");
    table
}
