use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AdjustmentId, CustomerId, ProgramId, TransactionId};
use money::Currency;
use serde::de::DeserializeOwned;

use super::{COMPUTE_BATCH, Uncomputable};
use crate::{
    adjustments::AdjustedPayload,
    attribution::{AttributedPayload, PastRewards, ReassignedPayload},
    customers::{ConfirmedPayload, CreatedPayload, UpdatedPayload},
    events::EventKind,
    partners::PartnerPayload,
    programs::Cursor,
    rates::StoredPayload,
    schema::events,
    transactions::RecordedPayload,
};

/// The kinds of events that rewards depend on.
pub(super) const FACTS: &[EventKind] = &[
    EventKind::PartnerApplied,
    EventKind::PartnerApproved,
    EventKind::PartnerRejected,
    EventKind::PartnerSuspended,
    EventKind::PartnerReinstated,
    EventKind::PartnerUpdated,
    EventKind::CustomerCreated,
    EventKind::CustomerUpdated,
    EventKind::CustomerAttributed,
    EventKind::CustomerConfirmed,
    EventKind::CustomerReassigned,
    EventKind::TransactionRecorded,
    EventKind::TransactionAdjusted,
    EventKind::RateStored,
];

/// An event that rewards depend on.
pub(super) struct Fact {
    pub(super) position: i64,
    pub(super) what: What,
    /// Whether nobody is told of it, nor of what follows.
    pub(super) quiet: bool,
}

pub(super) enum What {
    /// A partner is now like this.
    Partner(PartnerPayload),
    /// A customer came.
    Created(CreatedPayload),
    /// A customer is now like this.
    Updated(UpdatedPayload),
    /// A customer was attributed.
    Attributed(AttributedPayload),
    /// A sign-up counts now.
    Confirmed(ConfirmedPayload),
    /// A customer was given to another partner.
    Reassigned(ReassignedPayload),
    /// A sale was recorded.
    Sale(TransactionId),
    /// A sale was adjusted.
    Adjusted(AdjustmentId),
    /// A rate from this currency to the program's was stored.
    Rate(Currency),
}

/// What stands behind the cursor.
pub(super) struct Read {
    /// Facts in their order.
    pub(super) facts: Vec<Fact>,
    /// Why they end before the next one.
    pub(super) unreadable: Option<Uncomputable>,
}

/// The next facts behind the cursor, in their order.
pub(super) async fn read(conn: &mut AsyncPgConnection, cursor: &Cursor) -> QueryResult<Read> {
    read_between(conn, cursor.program_id, (cursor.position, i64::MAX), COMPUTE_BATCH).await
}

/// At most so many facts of a program, behind one position and up to another, in their order.
pub(super) async fn read_between(
    conn: &mut AsyncPgConnection,
    program_id: ProgramId,
    (behind, up_to): (i64, i64),
    most: i64,
) -> QueryResult<Read> {
    let rows: Vec<(Option<i64>, EventKind, serde_json::Value, bool)> = events::table
        .filter(events::program_id.eq(program_id))
        .filter(events::position.gt(behind))
        .filter(events::position.le(up_to))
        .filter(events::kind.eq_any(FACTS))
        .order(events::position)
        .limit(most)
        .select((events::position, events::kind, events::payload, events::quiet))
        .load(conn)
        .await?;
    let mut facts = Vec::with_capacity(rows.len());
    for (position, kind, payload, quiet) in rows {
        let position = position.unwrap_or_default();
        match what(kind, payload) {
            Ok(what) => facts.push(Fact { position, what, quiet }),
            Err(error) => {
                let unreadable = Some(Uncomputable { position, why: format!("its payload: {error}") });
                return Ok(Read { facts, unreadable });
            }
        }
    }
    Ok(Read { facts, unreadable: None })
}

fn what(kind: EventKind, payload: serde_json::Value) -> serde_json::Result<What> {
    fn read<T: DeserializeOwned>(payload: serde_json::Value) -> serde_json::Result<T> {
        serde_json::from_value(payload)
    }
    Ok(match kind {
        EventKind::CustomerCreated => What::Created(read(payload)?),
        EventKind::CustomerUpdated => What::Updated(read(payload)?),
        EventKind::CustomerAttributed => What::Attributed(read(payload)?),
        EventKind::CustomerConfirmed => What::Confirmed(read(payload)?),
        EventKind::CustomerReassigned => What::Reassigned(read(payload)?),
        EventKind::TransactionRecorded => What::Sale(read::<RecordedPayload>(payload)?.transaction_id),
        EventKind::TransactionAdjusted => What::Adjusted(read::<AdjustedPayload>(payload)?.adjustment_id),
        EventKind::RateStored => What::Rate(read::<StoredPayload>(payload)?.from),
        _ => What::Partner(read(payload)?),
    })
}

/// The sales that are recorded by these facts.
pub(super) fn sales_of(facts: &[Fact]) -> Vec<TransactionId> {
    let sale = |fact: &Fact| match fact.what {
        What::Sale(id) => Some(id),
        _ => None,
    };
    facts.iter().filter_map(sale).collect()
}

/// The adjustments that are recorded by these facts.
pub(super) fn adjustments_of(facts: &[Fact]) -> Vec<AdjustmentId> {
    let adjustment = |fact: &Fact| match fact.what {
        What::Adjusted(id) => Some(id),
        _ => None,
    };
    facts.iter().filter_map(adjustment).collect()
}

/// The customers whom these facts name themselves.
pub(super) fn customers_of(facts: &[Fact]) -> Vec<CustomerId> {
    let customer = |fact: &Fact| match &fact.what {
        What::Created(created) => Some(created.customer_id),
        What::Updated(updated) => Some(updated.customer_id),
        What::Attributed(attributed) => Some(attributed.customer_id),
        What::Confirmed(confirmed) => Some(confirmed.customer_id),
        What::Reassigned(reassigned) => Some(reassigned.customer_id),
        _ => None,
    };
    facts.iter().filter_map(customer).collect()
}

/// The customers whose past goes with them.
pub(super) fn moved_of(facts: &[Fact]) -> Vec<CustomerId> {
    let moved = |fact: &Fact| match &fact.what {
        What::Reassigned(made) if made.past_rewards == PastRewards::Move => Some(made.customer_id),
        _ => None,
    };
    facts.iter().filter_map(moved).collect()
}
