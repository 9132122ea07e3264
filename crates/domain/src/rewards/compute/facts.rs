use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{PartnerId, TransactionId};
use serde::Deserialize;

use super::{COMPUTE_BATCH, Uncomputable};
use crate::{
    attribution::AttributedPayload, events::EventKind, partners::PartnerStatus, programs::Cursor,
    schema::events, transactions::RecordedPayload,
};

/// The kinds of events that rewards depend on.
pub(super) const FACTS: &[EventKind] = &[
    EventKind::PartnerApplied,
    EventKind::PartnerApproved,
    EventKind::PartnerRejected,
    EventKind::PartnerSuspended,
    EventKind::PartnerReinstated,
    EventKind::CustomerAttributed,
    EventKind::TransactionRecorded,
];

/// An event that rewards depend on.
pub(super) struct Fact {
    pub(super) position: i64,
    pub(super) what: What,
    /// Whether nobody is told of it, nor of what follows.
    pub(super) quiet: bool,
}

pub(super) enum What {
    /// A partner's state changed.
    Partner { partner_id: PartnerId, status: PartnerStatus },
    /// A customer was attributed.
    Attributed(AttributedPayload),
    /// A sale was recorded.
    Sale(TransactionId),
}

/// What stands behind the cursor.
pub(super) struct Read {
    /// Facts in their order.
    pub(super) facts: Vec<Fact>,
    /// Why they end before the next one.
    pub(super) unreadable: Option<Uncomputable>,
}

/// The part of a `partner.*` payload that counts here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PartnerPayload {
    partner_id: PartnerId,
    status: PartnerStatus,
}

/// The next facts behind the cursor, in their order.
pub(super) async fn read(conn: &mut AsyncPgConnection, cursor: &Cursor) -> QueryResult<Read> {
    let rows: Vec<(Option<i64>, EventKind, serde_json::Value, bool)> = events::table
        .filter(events::program_id.eq(cursor.program_id))
        .filter(events::position.gt(cursor.position))
        .filter(events::kind.eq_any(FACTS))
        .order(events::position)
        .limit(COMPUTE_BATCH)
        .select((events::position, events::kind, events::payload, events::quiet))
        .load(conn)
        .await?;
    let mut facts = Vec::with_capacity(rows.len());
    for (position, kind, payload, quiet) in rows {
        match what(position.unwrap_or_default(), kind, payload) {
            Ok((position, what)) => facts.push(Fact { position, what, quiet }),
            Err(error) => return Ok(Read { facts, unreadable: Some(error) }),
        }
    }
    Ok(Read { facts, unreadable: None })
}

fn what(position: i64, kind: EventKind, payload: serde_json::Value) -> Result<(i64, What), Uncomputable> {
    let what = match kind {
        EventKind::CustomerAttributed => serde_json::from_value(payload).map(What::Attributed),
        EventKind::TransactionRecorded => {
            serde_json::from_value(payload).map(|sale: RecordedPayload| What::Sale(sale.transaction_id))
        }
        _ => serde_json::from_value(payload).map(|partner: PartnerPayload| What::Partner {
            partner_id: partner.partner_id,
            status: partner.status,
        }),
    };
    let what = what.map_err(|error| Uncomputable { position, why: format!("its payload: {error}") })?;
    Ok((position, what))
}
