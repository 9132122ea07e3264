use std::time::Instant;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use jobs::WorkersConfig;

use super::{Line, Verdict, line::within};

const MEND: &str = "is the server of REDIS_URL running? Jobs are safe meanwhile, and wait";

/// The oldest version that is supported.
const OLDEST: u32 = 7;

/// What its clock showed, and when that was.
pub type Reading = (DateTime<Utc>, Instant);

/// Connects and reads what the server tells of itself.
pub async fn look(config: Option<&WorkersConfig>) -> (Vec<Line>, Option<Reading>) {
    let Some(config) = config else { return (Vec::new(), None) };
    let asked = within("redis", MEND, async {
        let client = redis::Client::open(config.redis_url.as_str())?;
        let mut conn = client.get_multiplexed_async_connection().await?;
        let info: String = redis::cmd("INFO").query_async(&mut conn).await?;
        let asked = Instant::now();
        let (secs, micros): (i64, u32) = redis::cmd("TIME").query_async(&mut conn).await?;
        let answered = Instant::now();
        let at = DateTime::from_timestamp(secs, micros * 1_000).context("its clock shows no time")?;
        Ok((info, (at - half(answered - asked), asked)))
    });
    match asked.await {
        Ok((info, reading)) => (vec![server(&info), policy(&info), persistence(&info)], Some(reading)),
        Err(line) => (vec![line], None),
    }
}

fn half(round_trip: std::time::Duration) -> TimeDelta {
    TimeDelta::from_std(round_trip / 2).unwrap_or_default()
}

fn value<'a>(info: &'a str, key: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':')).map(str::trim)
}

fn number(info: &str, key: &str) -> u64 {
    value(info, key).and_then(|value| value.parse().ok()).unwrap_or(0)
}

fn server(info: &str) -> Line {
    let version = value(info, "redis_version").unwrap_or("unknown");
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    let verdict = if major.is_none_or(|major| major < OLDEST) { Verdict::Fail } else { Verdict::Ok };
    Line::judged("redis", verdict, format!("{version} answers"), "upgrade to Redis 7 or newer")
}

/// A full memory must refuse, not forget: an id that is evicted waits until it is missed.
fn policy(info: &str) -> Line {
    let policy = value(info, "maxmemory_policy").unwrap_or("unknown");
    let (used, most) = (number(info, "used_memory"), number(info, "maxmemory"));
    let memory = match most {
        0 => format!("{} MB used, no maxmemory", used >> 20),
        _ => format!("{} of {} MB used", used >> 20, most >> 20),
    };
    let found = format!("policy {policy}, {memory}");
    if policy != "noeviction" {
        let mend = "set maxmemory-policy to noeviction: what is evicted are ids of jobs and limits";
        return Line::fail("redis memory", found, mend);
    }
    let verdict = if most > 0 && used / 9 >= most / 10 { Verdict::Warn } else { Verdict::Ok };
    Line::judged("redis memory", verdict, found, "raise maxmemory")
}

/// Nothing in it must last; a server that cannot save may refuse to write, though.
fn persistence(info: &str) -> Line {
    let saves = value(info, "rdb_last_bgsave_status").unwrap_or("unknown");
    let aof = if value(info, "aof_enabled") == Some("1") { "on" } else { "off" };
    let writes = value(info, "aof_last_write_status").unwrap_or("ok");
    let found = format!("last snapshot {saves}, append-only file {aof}; nothing in it needs to last");
    let verdict = if saves == "err" || writes == "err" { Verdict::Warn } else { Verdict::Ok };
    let mend = "it cannot write to its disk, and may refuse commands: free the disk, or turn snapshots off";
    Line::judged("redis persistence", verdict, found, mend)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_judged_by_what_it_tells() {
        for (info, expected) in [
            (
                "redis_version:8.0.1\r\nmaxmemory_policy:noeviction\r\nused_memory:1\r\nmaxmemory:0\r\n",
                "OK OK OK",
            ),
            (
                "redis_version:6.2.1\r\nmaxmemory_policy:allkeys-lru\r\nrdb_last_bgsave_status:err\r\n",
                "FAIL FAIL WARN",
            ),
            (
                "redis_version:7.4\r\nmaxmemory_policy:noeviction\r\nused_memory:95\r\nmaxmemory:100\r\n",
                "OK WARN OK",
            ),
            ("", "FAIL FAIL OK"),
        ] {
            let verdicts = [server(info), policy(info), persistence(info)].map(|line| line.verdict.as_str());
            assert_eq!(verdicts.join(" "), expected, "{info}");
        }
    }
}
