//! W9: people are invited by the thousand, and their invites mailed to a server on this machine.

mod bare;
mod sink;

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use domain::{act::Act, scope::AccountScope, team::Permission};
use ids::IdSource;
use serde_json::json;

use self::{bare::Way, sink::Sink};
use crate::{
    client::Connection,
    figures::per_second,
    ground::Ground,
    options::Options,
    seed,
    server::{Credential, Role, Server},
    table::Table,
};

/// Addresses of one call: as many as are allowed.
const CALL: usize = 500;
/// Connections to the mail server: as many as the product opens.
const CONNECTIONS: usize = 8;
/// Emails of lettre as it comes: each takes 40 ms.
const SLOW: usize = 50;
const LIMIT: Duration = Duration::from_secs(120);

const INVITE: &str = "mutation Invite($input: InviteCreateInput!) { \
     inviteCreate(input: $input) { results { email } userErrors { message } } }";

/// What each round gives.
#[derive(Default)]
struct Rounds {
    /// Seconds from the first call to the last answer.
    enqueued: Vec<f64>,
    /// Emails per second, from the first call to the last email.
    mailed: Vec<f64>,
    /// Emails per second of lettre as it comes, one after the other on one connection.
    as_it_comes: Vec<f64>,
    /// The same without the system's delay.
    bare: Vec<f64>,
    /// The same on as many connections as the product has.
    bare_at_once: Vec<f64>,
}

/// Measures all rounds.
pub async fn run(ground: &Ground, options: &Options) -> anyhow::Result<Table> {
    let base = ground.migrated("bench_invites").await?;
    let act = Act::of_system(base.clock.now(), IdSource::from_system()?);
    let scope = AccountScope::whole(seed::owner(&base, &act).await?.account_id);
    let key = seed::api_key(&base, &scope, Permission::ALL.to_vec(), &act).await?;
    let credential = Credential::Key(key);
    base.execute("VACUUM ANALYZE").await?;
    let sink = Sink::start().await?;
    let mail = ("SMTP_URL", &*sink.url());
    let server = Server::start_with(ground, &base.url, Role::ServeAndWork, mail).await?;
    let mut rounds = Rounds::default();
    for number in 1..=options.rounds {
        ground.settle().await?;
        let (before, begun) = (sink.taken(), Instant::now());
        enqueue(&server, &credential, options.invites, number).await?;
        rounds.enqueued.push(begun.elapsed().as_secs_f64());
        while sink.taken() < before + options.invites {
            ensure!(begun.elapsed() < LIMIT, "{} emails came", sink.taken() - before);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        rounds.mailed.push(per_second(options.invites, begun.elapsed()));
        drained(&base).await?;
        let like = sink.last().context("an email came")?;
        rounds.as_it_comes.push(bare::send(&sink, &like, SLOW, (1, Way::AsItComes)).await?);
        rounds.bare.push(bare::send(&sink, &like, options.invites, (1, Way::NoDelay)).await?);
        let at_once = bare::send(&sink, &like, options.invites, (CONNECTIONS, Way::NoDelay)).await?;
        rounds.bare_at_once.push(at_once);
        println!("W9 round {number}: {}", rounds.last());
    }
    server.stop().await?;
    Ok(rounds.table(options.invites))
}

/// Calls one after the other, as a script does.
async fn enqueue(
    server: &Server,
    credential: &Credential,
    invites: usize,
    round: usize,
) -> anyhow::Result<()> {
    let mut connection = Connection::open(server.address).await?;
    for call in 0..invites.div_ceil(CALL) {
        let numbers = call * CALL..invites.min((call + 1) * CALL);
        let count = numbers.len();
        let emails: Vec<String> =
            numbers.map(|number| format!("colleague-{round}-{number}@example.com")).collect();
        let variables = json!({ "input": { "emails": emails, "roleId": "rol_viewer" } });
        let data = connection.ask(credential, INVITE, &variables).await?;
        let results = data["inviteCreate"]["results"].as_array().map_or(0, Vec::len);
        ensure!(results == count, "not everybody was invited: {data}");
    }
    Ok(())
}

/// Waits until the last outcome is written.
async fn drained(base: &crate::ground::Base) -> anyhow::Result<()> {
    let begun = Instant::now();
    while base.count("SELECT count(*) FROM jobs WHERE kind = 'emails.send'").await? > 0 {
        ensure!(begun.elapsed() < LIMIT, "the workers do not come to an end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

impl Rounds {
    fn last(&self) -> String {
        let last = |values: &[f64]| values.last().copied().unwrap_or_default();
        format!(
            "enqueued in {:.2} s, mailed {:.0}/s, lettre {:.0}/s, on {CONNECTIONS} connections {:.0}/s",
            last(&self.enqueued),
            last(&self.mailed),
            last(&self.bare),
            last(&self.bare_at_once)
        )
    }

    fn table(self, invites: usize) -> Table {
        let mut table =
            Table::new(&format!("W9: {invites} invites, enqueued in calls of {CALL}, and mailed"));
        table.target("enqueued, s", self.enqueued, 2, "2");
        table.line("enqueued and mailed, emails/s from the first call", self.mailed.clone(), 0);
        table.line("a bare loop of lettre as it comes, one connection, emails/s", self.as_it_comes, 0);
        table.line("the same without the system's delay, emails/s", self.bare.clone(), 0);
        table.ratio("ratio to it", (&self.mailed, &self.bare), "0.6");
        let name = format!("the same on {CONNECTIONS} connections, emails/s");
        table.line(name, self.bare_at_once.clone(), 0);
        table.ratio("ratio to that", (&self.mailed, &self.bare_at_once), "");
        table
    }
}
