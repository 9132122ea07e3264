use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::sleep_until};

use crate::{
    client::Connection,
    sale::Sale,
    seed::{CUSTOMERS, Shop},
    server::Server,
};

/// Spreads the sales over the customers without a pattern: a prime that does not divide their number.
const STRIDE: usize = 7_919;

/// A sale that was accepted.
pub struct Accepted {
    pub id: ids::TransactionId,
    /// When it was sent, or should have been.
    pub due: Instant,
    /// From then to its answer.
    pub latency: Duration,
}

/// What came of a load.
pub struct Outcome {
    pub accepted: Vec<Accepted>,
    pub elapsed: Duration,
}

impl Outcome {
    pub fn per_second(&self) -> f64 {
        self.accepted.len() as f64 / self.elapsed.as_secs_f64()
    }

    pub fn latencies(&self) -> Vec<Duration> {
        self.accepted.iter().map(|accepted| accepted.latency).collect()
    }
}

/// How fast the clients send.
#[derive(Clone, Copy)]
pub enum Pace {
    /// Each sends its next sale as soon as the last one is answered.
    Full,
    /// So many sales a second in all, whatever the answers do: a late answer makes later sales late, and that counts.
    PerSecond(f64),
}

/// What the clients of a load share.
struct Plan {
    shop: Shop,
    /// Of this load alone: keys are unique.
    name: String,
    begun: Instant,
    length: Duration,
    pace: Pace,
    next: AtomicUsize,
}

impl Plan {
    /// The next sale and when it is due; none when the time is over.
    fn next(&self) -> Option<(Sale, Instant)> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let due = match self.pace {
            Pace::Full => Instant::now(),
            Pace::PerSecond(rate) => self.begun + Duration::from_secs_f64(number as f64 / rate),
        };
        let key = format!("{}-{number}", self.name);
        let sale =
            Sale { key, customer: number * STRIDE % CUSTOMERS, cents: 100 + number * STRIDE % 100_000 };
        (due < self.begun + self.length).then_some((sale, due))
    }
}

/// Has `clients` record sales over connections that they keep.
pub async fn run(
    server: &Server,
    (shop, name): (&Shop, String),
    clients: usize,
    pace: Pace,
    length: Duration,
) -> anyhow::Result<Outcome> {
    let mut connections = Vec::with_capacity(clients);
    for _ in 0..clients {
        connections.push(Connection::open(server.address).await?);
    }
    let begun = Instant::now();
    let plan = Arc::new(Plan { shop: shop.clone(), name, begun, length, pace, next: AtomicUsize::new(0) });
    let mut tasks = JoinSet::new();
    for connection in connections {
        tasks.spawn(client(Arc::clone(&plan), connection));
    }
    let mut accepted = Vec::new();
    while let Some(done) = tasks.join_next().await {
        accepted.extend(done??);
    }
    Ok(Outcome { accepted, elapsed: begun.elapsed() })
}

async fn client(plan: Arc<Plan>, mut connection: Connection) -> anyhow::Result<Vec<Accepted>> {
    let mut accepted = Vec::new();
    while let Some((sale, due)) = plan.next() {
        sleep_until(due.into()).await;
        let id = sale.record(&mut connection, &plan.shop).await?;
        accepted.push(Accepted { id, due, latency: due.elapsed() });
    }
    Ok(accepted)
}
