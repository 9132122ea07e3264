//! The customers whom sales name as referring the buyers.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::CustomerId;

use super::{input::Checked, record::Recorded};
use crate::{
    act::Act,
    attribution::{Attributed, Candidate},
    customers::{ReferrerProblem, Referrers, SIGNUP, chosen_referrer, look_up_referrers},
    deltas::Deltas,
    programs::Program,
    schema::customers,
    text::FieldProblem,
};

/// The referrers of a call's sales; `None` while the program attributes nobody.
pub(super) struct Referrals(Option<Referrers>);

/// Buyers of new sales, by key, with whom they are attributed to if they have nobody, and since when: their first new sale that
/// names somebody decides.
pub(super) type Referred<'a> = BTreeMap<&'a str, (&'a Candidate, DateTime<Utc>)>;

impl Referrals {
    /// Looks up the referrers of sales that were not recorded before, and enrols who is not one yet.
    pub(super) async fn look_up(
        conn: &mut AsyncPgConnection,
        program: &Program,
        checked: &[Result<Checked, Vec<FieldProblem>>],
        before: &Recorded,
        act: &Act,
    ) -> QueryResult<Self> {
        if !program.status.attributes() {
            return Ok(Self(None));
        }
        let news =
            checked.iter().flatten().filter(|sale| sale.is_timely && !before.contains_key(&sale.sale.key));
        let keys = news.filter_map(|sale| sale.referring_customer_key.as_deref());
        Ok(Self(Some(look_up_referrers(conn, program, keys, act).await?)))
    }

    /// Whom the sale names as referring its buyer.
    pub(super) fn of(&self, sale: &Checked) -> Result<Option<&Candidate>, ReferrerProblem> {
        match (&self.0, sale.referring_customer_key.as_deref()) {
            (Some(referrers), Some(key)) => chosen_referrer(referrers, key, &sale.customer_key).map(Some),
            _ => Ok(None),
        }
    }

    /// Whom the buyers of these sales are attributed to.
    pub(super) fn of_buyers<'a>(&'a self, news: &[&'a Checked]) -> Referred<'a> {
        let mut referred = Referred::new();
        for sale in news {
            if let Ok(Some(candidate)) = self.of(sale) {
                referred.entry(sale.customer_key.as_str()).or_insert((candidate, sale.sale.occurred_at));
            }
        }
        referred
    }
}

/// Attributes these buyers, who exist by now, and answers whether anybody was: whoever had a partner before keeps it. Some were
/// created a moment ago.
pub(super) async fn attribute(
    conn: &mut AsyncPgConnection,
    program: &Program,
    (referred, created): (&Referred<'_>, &HashSet<CustomerId>),
    deltas: &mut Deltas,
    act: &Act,
) -> QueryResult<bool> {
    if referred.is_empty() {
        return Ok(false);
    }
    // Locked, in the order of their keys, so that nobody confirms or reassigns them meanwhile.
    let rows: Vec<(String, CustomerId, Option<DateTime<Utc>>)> = customers::table
        .filter(customers::program_id.eq(program.id))
        .filter(customers::key.eq_any(referred.keys()))
        .order(customers::key)
        .for_no_key_update()
        .select((customers::key, customers::id, customers::confirmed_at))
        .load(conn)
        .await?;
    let attributed: Vec<Attributed<'_>> = rows
        .iter()
        .filter_map(|(key, id, confirmed_at)| {
            let (to, at) = *referred.get(key.as_str())?;
            let (is_confirmed, is_new) = (confirmed_at.is_some(), created.contains(id));
            Some(Attributed { customer_id: *id, to, at, is_confirmed, is_new })
        })
        .collect();
    let made = Candidate::attribute_all(conn, (program.account_id, program.id), &attributed, act).await?;
    for one in attributed.iter().filter(|one| one.is_confirmed && made.contains(&one.customer_id)) {
        deltas.of_partner(one.to.partner_id, act.now, program.currency, SIGNUP);
    }
    Ok(!made.is_empty())
}
