use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Transport {
    transport: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    code: u32,
}

/// What is open, and how sockets ended. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveFigures {
    open: Family<Transport, Gauge>,
    subscriptions: Gauge,
    closed: Family<Ended, Counter>,
}

/// Counts something as open until it is dropped.
#[derive(Debug)]
pub(crate) struct Counted(Gauge);

impl LiveFigures {
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("live_connections", "Sockets and event streams that are open", self.open.clone());
        registry.register("live_subscriptions", "Subscriptions under way", self.subscriptions.clone());
        registry.register(
            "live_closed",
            "Sockets that we closed, by close code; 4290 is a client that was too slow",
            self.closed.clone(),
        );
    }

    pub(crate) fn socket(&self) -> Counted {
        Counted::of(&self.open.get_or_create(&Transport { transport: "websocket" }))
    }

    pub(crate) fn stream(&self) -> Counted {
        Counted::of(&self.open.get_or_create(&Transport { transport: "sse" }))
    }

    pub(crate) fn subscription(&self) -> Counted {
        Counted::of(&self.subscriptions)
    }

    pub(crate) fn closed(&self, code: u16) {
        self.closed.get_or_create(&Ended { code: u32::from(code) }).inc();
    }
}

impl Counted {
    fn of(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}
