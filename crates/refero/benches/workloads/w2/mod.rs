//! W2: a page of fifty partners, each with its figures of thirty days, its last three sales and its links.

use anyhow::anyhow;
use domain::{
    act::Act,
    scope::AccountScope,
    team::Permission,
    transactions::{NewTransaction, Transaction},
};
use ids::IdSource;
use rust_decimal::Decimal;

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

/// Sales that the partners have.
const SALES: usize = 5_000;
/// Sales of one call.
const CALL: usize = 500;

const PARTNERS: &str = "{ partners(first: 50) { nodes { id name key status \
     stats(range: { from: \"SINCE\", to: \"UNTIL\" }) { sales revenue { amount currency } rewards { amount currency } } \
     transactions(first: 3) { nodes { id key } } links(first: 3) { nodes { slug destination } } } \
     pageInfo { hasNextPage endCursor } } }";

const PEER: &str = "{ allPartners(first: 50) { nodes { rowId key status \
     partnerProfileByAccountIdAndProfileId { name } \
     stats(since: \"SINCE\", until: \"UNTIL\") { nodes { currency sales revenue rewards } } \
     lastSales(most: 3) { nodes { rowId key } } \
     linksByAccountIdAndPartnerId(first: 3) { nodes { slug destination } } } \
     pageInfo { hasNextPage endCursor } } }";

/// Measures all rounds.
pub async fn run(ground: &Ground, options: &Options) -> anyhow::Result<Table> {
    let base = ground.migrated("bench_w2").await?;
    let shop = seed::shop(&base).await?;
    let ids = IdSource::from_system()?;
    let act = Act::of_system(base.clock.now(), ids.clone());
    let scope = AccountScope::whole(shop.account_id);
    let key = seed::api_key(&base, &scope, Permission::ALL.to_vec(), &act).await?;
    sell(&base, &scope, &shop, &act).await?;
    seed::compute(&base, &ids).await?;
    base.fill("VACUUM ANALYZE").await?;
    let (since, until) =
        (base.ask("SELECT current_date - 29").await?, base.ask("SELECT current_date + 1").await?);
    let dated = |query: &str| query.replace("SINCE", &since).replace("UNTIL", &until);
    let variables = variables(&base, (&since, &until)).await?;
    let script = Script::new("w2", include_str!("partners.sql"), variables)?;
    let server = Server::start(ground, &base.url, Role::Serve).await?;
    let target = Target::query(server.address, Credential::Key(key), &dated(PARTNERS), "w2-");
    let mut contestants = vec![
        ("pgbench", Contestant::Pgbench(script, base.url.clone())),
        ("refero", Contestant::Http(target)),
    ];
    let peer = match Peer::find("postgraphile.mjs")? {
        Some(script) => {
            base.fill(include_str!("peer.sql")).await?;
            Some(script.serve(&[("DATABASE_URL", &base.url), ("PEER_SCHEMA", "public")]).await?)
        }
        None => None,
    };
    if let Some(peer) = &peer {
        let target = Target::query(peer.address, Credential::Nobody, &dated(PEER), "w2-");
        contestants.push(("PostGraphile", Contestant::Http(target)));
    }
    let turns = Turns::of(ground, options, "W2", options.clients, &contestants).await?;
    server.stop().await?;
    Ok(table(&turns))
}

/// What the script needs to know: the page's partners are the newest fifty.
async fn variables(base: &Base, (since, until): (&str, &str)) -> anyhow::Result<Vec<(&'static str, String)>> {
    let page = "(SELECT * FROM partners ORDER BY id DESC LIMIT 50) p";
    let question = format!(
        "jsonb_build_object('n', place - 1, 'partner', id, 'since', '{since}', 'until', '{until}', 'grain', 'WHOLE')"
    );
    let placed = format!("(SELECT id, row_number() OVER (ORDER BY id DESC) AS place FROM {page}) placed");
    Ok(vec![
        ("account", base.ask("SELECT id FROM accounts").await?),
        ("token", base.ask("SELECT encode(token_hash, 'hex') FROM api_keys ORDER BY id DESC LIMIT 1").await?),
        ("partners", base.ask(&format!("SELECT array_agg(id) FROM {page}")).await?),
        ("profiles", base.ask(&format!("SELECT array_agg(profile_id) FROM {page}")).await?),
        ("questions", base.ask(&format!("SELECT jsonb_agg({question}) FROM {placed}")).await?),
    ])
}

/// Records sales by the verb, a call at a time.
async fn sell(base: &Base, scope: &AccountScope, shop: &Shop, act: &Act) -> anyhow::Result<()> {
    let conn = &mut *base.db.get().await?;
    for call in 0..SALES / CALL {
        let sales: Vec<NewTransaction> =
            (call * CALL..(call + 1) * CALL).map(sale).collect::<Result<_, _>>()?;
        for recorded in Transaction::record_all(conn, scope, shop.program_id, &sales, act).await? {
            recorded.map_err(|refusal| anyhow!("a sale was refused: {refusal:?}"))?;
        }
    }
    Ok(())
}

fn sale(number: usize) -> anyhow::Result<NewTransaction> {
    Ok(NewTransaction {
        key: format!("w2-{number}"),
        customer_key: seed::customer_key(number % seed::CUSTOMERS),
        referring_customer_key: None,
        currency: "USD".parse()?,
        gross: Decimal::from(10 + number % 500),
        discount: Decimal::ZERO,
        tax: Decimal::ZERO,
        items: Vec::new(),
        coupon_code: None,
        rewardable: true,
        occurred_at: None,
    })
}

fn table(turns: &Turns) -> Table {
    let mut table = Table::new("W2: 50 partners with figures, last sales and links");
    table.line("pgbench, the same statements, pages/s", turns.rates(0), 0);
    table.line("refero, pages/s", turns.rates(1), 0);
    table.ratio("ratio to pgbench", (&turns.rates(1), &turns.rates(0)), "0.4");
    table.line("PostGraphile, pages/s", turns.rates(2), 0);
    table.ratio("ratio to PostGraphile", (&turns.rates(1), &turns.rates(2)), "2");
    table.line("refero, p99, ms", turns.all(1, |turn| turn.p99), 1);
    table
}
