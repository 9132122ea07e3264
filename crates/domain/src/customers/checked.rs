//! What a call says of customers, looked at before anything is stored.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use ids::CustomerId;

use super::{Customer, CustomerRow, CustomerUpsert, ReferrerProblem, UpsertRefusal, referrers};
use crate::{
    act::Act,
    attribution::{AttributionSource, Candidate, Candidates, Touch},
    programs::Program,
    scope::AccountScope,
};

/// One customer of a call, in order: its row, what was said, and its place in the call.
pub(super) struct Checked<'a> {
    pub(super) place: usize,
    pub(super) row: CustomerRow,
    pub(super) said: &'a CustomerUpsert,
    candidate: Option<&'a Candidate>,
}

impl<'a> Checked<'a> {
    /// Whom it is to be attributed to: a link brings those who are made now, a named partner anybody.
    pub(super) fn candidate_if(&self, created: bool) -> Option<&'a Candidate> {
        self.candidate.filter(|candidate| created || candidate.source != AttributionSource::Link)
    }
}

/// Whom the touches of a call lead to.
pub(super) struct Whom {
    candidates: Candidates,
    referrers: referrers::Referrers,
    /// The keys of customers who are candidates themselves.
    own_keys: HashMap<CustomerId, String>,
}

/// Whom the touches lead to; `None` while the program attributes nobody.
pub(super) async fn look_up(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    program: &Program,
    said: &[CustomerUpsert],
    act: &Act,
) -> QueryResult<Option<Whom>> {
    if !program.status.attributes() {
        return Ok(None);
    }
    let touches: HashSet<&Touch> = said.iter().filter_map(|said| said.touch.as_ref()).collect();
    let touches: Vec<&Touch> = touches.into_iter().collect();
    let keys = touches.iter().filter_map(|touch| match touch {
        Touch::Referrer(key) => Some(key.as_str()),
        _ => None,
    });
    let referrers = referrers::look_up(conn, program, keys, act).await?;
    let candidates = Touch::look_up_all(conn, scope, program.id, &touches).await?;
    let ids: Vec<CustomerId> = candidates.values().flatten().filter_map(|one| one.customer_id).collect();
    let own_keys = match ids.is_empty() {
        true => HashMap::new(),
        false => {
            let own = Customer::find_all(conn, scope, &ids).await?;
            own.into_iter().map(|customer| (customer.id, customer.key)).collect()
        }
    };
    Ok(Some(Whom { candidates, referrers, own_keys }))
}

impl Whom {
    /// Whom this touch leads the customer of this key to. Nobody refers themselves: a link of one's own leads nowhere, and
    /// naming oneself is refused.
    fn of(&self, touch: &Touch, key: &str) -> Result<Option<&Candidate>, UpsertRefusal> {
        if let Touch::Referrer(referring) = touch {
            let chosen = referrers::chosen(&self.referrers, referring, key);
            return chosen.map(Some).map_err(|problem| match problem {
                ReferrerProblem::NotFound => UpsertRefusal::TouchNotFound(touch.clone()),
                other => UpsertRefusal::Referrer(other),
            });
        }
        let found = self.candidates.get(touch);
        let candidate = found.ok_or_else(|| UpsertRefusal::TouchNotFound(touch.clone()))?.as_ref();
        let own_key = candidate.and_then(|candidate| self.own_keys.get(&candidate.customer_id?));
        match candidate {
            Some(candidate) if own_key.is_some_and(|own| own == key) => match candidate.source {
                AttributionSource::Link => Ok(None),
                _ => Err(UpsertRefusal::Referrer(ReferrerProblem::Itself)),
            },
            candidate => Ok(candidate),
        }
    }
}

pub(super) fn check<'a>(
    program: &Program,
    said: &'a CustomerUpsert,
    (place, timely): (usize, bool),
    whom: Option<&'a Whom>,
    act: &Act,
) -> Result<Checked<'a>, UpsertRefusal> {
    let row = said.checked(program, timely, act).map_err(UpsertRefusal::Invalid)?;
    if said.confirmed == Some(false) && !program.kind.asks_to_confirm() {
        return Err(UpsertRefusal::ConfirmsNobody { kind: program.kind });
    }
    let candidate = match said.touch.as_ref().zip(whom) {
        Some((touch, whom)) => whom.of(touch, &row.key)?,
        None => None,
    };
    Ok(Checked { place, row, said, candidate })
}
