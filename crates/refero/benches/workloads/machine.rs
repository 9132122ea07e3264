//! What the machine can do at all: the figures that the others are read against.

use std::thread::available_parallelism;

use crate::{
    ground::Ground,
    options::Options,
    pgbench::{Length, Script},
};

/// The machine, its servers and their limits.
pub struct Machine {
    pub cores: usize,
    pub processor: String,
    pub postgres: String,
    pub settings: String,
    pub redis: String,
    /// Processes that wanted to run in the minute before.
    pub load: String,
    /// `SELECT 1`, prepared, per second.
    pub selects: f64,
    /// Transactions of two inserts per second, with one client and with all.
    pub inserts_of_one: f64,
    pub inserts_of_all: f64,
}

const TABLE: &str =
    "CREATE TABLE limits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text NOT NULL)";

const TWO_INSERTS: &str =
    "BEGIN;\nINSERT INTO limits (word) VALUES ('one');\nINSERT INTO limits (word) VALUES ('two');\nCOMMIT;\n";

impl Machine {
    /// Asks and measures.
    pub async fn measure(ground: &Ground, options: &Options) -> anyhow::Result<Self> {
        let load = load_average();
        let base = ground.migrated("bench_limits").await?;
        base.execute(TABLE).await?;
        let select = Script::new("select", "SELECT 1;\n", Vec::new())?;
        let inserts = Script::new("inserts", TWO_INSERTS, Vec::new())?;
        let length = Length::Seconds(options.seconds.div_ceil(2));
        ground.settle().await?;
        Ok(Self {
            cores: available_parallelism()?.get(),
            processor: processor(),
            postgres: ground.ask("SELECT current_setting('server_version')").await?,
            settings: settings(ground).await?,
            redis: redis_version(&ground.redis_url).await?,
            load,
            selects: select.run(&base.url, options.clients, length).await?,
            inserts_of_one: inserts.run(&base.url, 1, length).await?,
            inserts_of_all: inserts.run(&base.url, options.clients, length).await?,
        })
    }
}

async fn settings(ground: &Ground) -> anyhow::Result<String> {
    let names = "('fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size')";
    let shown = "string_agg(name || ' ' || current_setting(name), ', ' ORDER BY name)";
    ground.ask(&format!("SELECT {shown} FROM pg_settings WHERE name IN {names}")).await
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.to_owned())
}

fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("unknown").to_owned()
}

async fn redis_version(url: &str) -> anyhow::Result<String> {
    let mut connection = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
    let info: String = redis::cmd("INFO").arg("server").query_async(&mut connection).await?;
    let version = info.lines().find_map(|line| line.strip_prefix("redis_version:"));
    Ok(version.unwrap_or("of an unknown version").to_owned())
}
