//! W1: the overview of an account, with few sales behind it and with many: totals, thirty days one by one, the ten best
//! partners.

mod year;

use std::time::Instant;

use domain::{act::Act, scope::AccountScope, team::Permission};
use ids::IdSource;
use serde_json::{Value, json};

use crate::{
    contest::{Contestant, Turns},
    ground::{Base, Ground},
    options::Options,
    peer::Script as Peer,
    pgbench::Script,
    press::Target,
    seed::{self, Shop},
    server::{Credential, Role, Server},
    table::Table,
};

/// Sales of the small account, all of the days that are shown: every day has its rows in the rollups, as in the large one.
const FEW: u64 = 10_000;
/// The days that are shown, and those that the large account has sold on.
const SHOWN: u32 = 30;
const YEAR: u32 = 365;

/// An account that has sold.
struct Account {
    base: Base,
    key: String,
    /// What the scripts need to know.
    account: String,
    token: String,
    since: String,
    until: String,
}

/// Measures all rounds.
pub async fn run(ground: &Ground, options: &Options) -> anyhow::Result<Table> {
    let empty = ground.migrated("bench_w1").await?;
    let shop = seed::shop(&empty).await?;
    let act = Act::of_system(empty.clock.now(), IdSource::from_system()?);
    let scope = AccountScope::whole(shop.account_id);
    let key = seed::api_key(&empty, &scope, Permission::ALL.to_vec(), &act).await?;
    drop(empty);
    let few = Account::open(ground, "bench_w1_few", (&shop, &key), (FEW, SHOWN)).await?;
    let many = Account::open(ground, "bench_w1_many", (&shop, &key), (options.sales, YEAR)).await?;
    let (few_server, many_server) = (few.serve(ground).await?, many.serve(ground).await?);
    let mut contestants = vec![
        ("pgbench, few", few.pgbench("w1_few")?),
        ("refero, few", few.refero(&few_server)),
        ("pgbench, many", many.pgbench("w1_many")?),
        ("refero, many", many.refero(&many_server)),
    ];
    let peer = match Peer::find("postgraphile.mjs")? {
        Some(script) => {
            many.base.fill(include_str!("peer.sql")).await?;
            Some(script.serve(&[("DATABASE_URL", &many.base.url), ("PEER_SCHEMA", "peer")]).await?)
        }
        None => None,
    };
    if let Some(peer) = &peer {
        let target = Target::query(peer.address, Credential::Nobody, &many.peer_query(), "Partner 1");
        contestants.push(("PostGraphile, many", Contestant::Http(target)));
    }
    let turns = Turns::of(ground, options, "W1", options.clients, &contestants).await?;
    let alone = vec![("refero, many", many.refero(&many_server))];
    let alone = Turns::of(ground, options, "W1, one client,", 1, &alone).await?;
    few_server.stop().await?;
    many_server.stop().await?;
    Ok(table(&turns, &alone, options))
}

impl Account {
    async fn open(
        ground: &Ground,
        name: &str,
        (shop, key): (&Shop, &str),
        (sales, days): (u64, u32),
    ) -> anyhow::Result<Self> {
        let base = Base::open(ground.create(name, Some("bench_w1")).await?).await?;
        let begun = Instant::now();
        year::fill(&base, shop, (sales, days)).await?;
        println!("W1: {sales} sales of {days} days in {:.0} s", begun.elapsed().as_secs_f64());
        Ok(Self {
            key: key.to_owned(),
            account: base.ask("SELECT id FROM accounts").await?,
            token: base
                .ask("SELECT encode(token_hash, 'hex') FROM api_keys ORDER BY id DESC LIMIT 1")
                .await?,
            since: base.ask(&format!("SELECT current_date - {SHOWN}")).await?,
            until: base.ask("SELECT current_date").await?,
            base,
        })
    }

    async fn serve(&self, ground: &Ground) -> anyhow::Result<Server> {
        Server::start(ground, &self.base.url, Role::Serve).await
    }

    fn refero(&self, server: &Server) -> Contestant {
        let range = format!("range: {{ from: \"{}\", to: \"{}\" }}", self.since, self.until);
        let query = format!(
            "{{ overview {{ stats({range}) {{ signups payingCustomers sales revenue {{ amount currency }} rewards {{ amount \
             currency }} }} series({range}, interval: DAY, metrics: [SALES, REVENUE, REWARDS]) {{ date metric currency value }} \
             topPartners({range}, first: 10, by: REVENUE, currency: \"USD\") {{ partner {{ name }} stats {{ sales revenue {{ \
             amount currency }} }} }} }} }}"
        );
        let credential = Credential::Key(self.key.clone());
        Contestant::Http(Target::query(server.address, credential, &query, "Partner "))
    }

    fn pgbench(&self, name: &str) -> anyhow::Result<Contestant> {
        let variables = vec![
            ("account", self.account.clone()),
            ("token", self.token.clone()),
            ("days", json!([self.question(0, "WHOLE"), self.question(1, "DAY")]).to_string()),
            ("best", json!([self.ranking()]).to_string()),
        ];
        let script = Script::new(name, include_str!("overview.sql"), variables)?;
        Ok(Contestant::Pgbench(script, self.base.url.clone()))
    }

    /// In the form of the statement's parameter, as `ranking`.
    fn question(&self, n: usize, grain: &str) -> Value {
        json!({ "n": n, "programs": null, "since": self.since, "until": self.until, "grain": grain })
    }

    fn ranking(&self) -> Value {
        let (since, until) = (&self.since, &self.until);
        json!({
            "n": 0, "programs": null, "since": since, "until": until, "metric": "REVENUE", "currency": "USD", "most": 10,
        })
    }

    fn peer_query(&self) -> String {
        let Self { account, since, until, .. } = self;
        let asked = format!("account: \"{account}\", since: \"{since}\", until: \"{until}\"");
        format!(
            "{{ totals({asked}) {{ nodes {{ currency signups payingCustomers sales revenue rewards }} }} \
             series({asked}) {{ nodes {{ day currency sales revenue rewards }} }} \
             topPartners({asked}, most: 10) {{ nodes {{ name sales revenue }} }} }}"
        )
    }
}

fn table(turns: &Turns, alone: &Turns, options: &Options) -> Table {
    let mut table = Table::new(&format!("W1: the overview, {FEW} and {} sales", options.sales));
    for (size, pgbench, ours) in [(FEW, 0, 1), (options.sales, 2, 3)] {
        table.line(
            format!("pgbench, the same statements, {size} sales, overviews/s"),
            turns.rates(pgbench),
            0,
        );
        table.line(format!("refero, {size} sales, overviews/s"), turns.rates(ours), 0);
        table.ratio(
            &format!("ratio to pgbench, {size} sales"),
            (&turns.rates(ours), &turns.rates(pgbench)),
            "0.5",
        );
    }
    table.ratio("few sales to many", (&turns.rates(1), &turns.rates(3)), "1.2 at most");
    table.line("PostGraphile, the same figures, overviews/s", turns.rates(4), 0);
    table.ratio("ratio to PostGraphile", (&turns.rates(3), &turns.rates(4)), "5");
    table.line("refero, many sales, all clients, p99, ms", turns.all(3, |turn| turn.p99), 1);
    table.line("refero, many sales, one client, p50, ms", alone.all(0, |turn| turn.p50), 2);
    table.target("refero, many sales, one client, p99, ms", alone.all(0, |turn| turn.p99), 2, "10");
    table
}
