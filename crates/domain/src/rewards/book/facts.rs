use chrono::{DateTime, Utc};
use ids::{CustomerId, PartnerId};

use super::{Book, CustomerState, PartnerState};
use crate::{
    rewards::{AttributionFacts, CustomerFacts, Facts, SaleFacts, UplineFacts, emails_equal},
    terms::self_referral_without_terms,
};

/// How far up the partners above are looked at (A4).
const MOST_LEVELS: usize = 5;

impl Book<'_> {
    /// The facts of an event of this customer's, as everything stands. The customer is not copied: one of many sales is
    /// large.
    pub(super) fn facts(&self, id: CustomerId, occurred_at: DateTime<Utc>, sale: Option<SaleFacts>) -> Facts {
        let stranger = CustomerState::since(occurred_at);
        let customer = self.customers.get(&id).unwrap_or(&stranger);
        let (since, country, tags) = (customer.since, customer.country.clone(), customer.tags.clone());
        let lost_partner = customer.had_partner && customer.attribution.is_none();
        Facts {
            occurred_at,
            sale,
            customer: CustomerFacts { id, since, country, tags, lost_partner },
            attribution: customer.attribution.map(|(partner, at)| self.attribution(customer, partner, at)),
            program_currency: self.policy.currency,
            calendar: self.policy.calendar,
            self_referral_without_terms: self_referral_without_terms(&self.versions),
            budget_left: None,
            rejected_before: false,
        }
    }

    pub(super) fn attribution(
        &self,
        customer: &CustomerState,
        partner: PartnerId,
        at: DateTime<Utc>,
    ) -> AttributionFacts {
        let unknown = PartnerState::default();
        let state = self.partners.get(&partner).unwrap_or(&unknown);
        AttributionFacts {
            partner,
            at,
            partner_approved: state.is_approved,
            partner_suspended: state.is_suspended,
            self_referred: same_person(customer, state),
            group: state.group.clone(),
            tags: state.tags.clone(),
            uplines: self.uplines(customer, state),
        }
    }

    fn uplines(&self, customer: &CustomerState, partner: &PartnerState) -> Vec<UplineFacts> {
        let mut above = Vec::new();
        let mut next = partner.upline;
        while let Some((id, state)) = next.and_then(|id| Some((id, self.partners.get(&id)?))) {
            if above.len() == MOST_LEVELS {
                break;
            }
            let self_referred = same_person(customer, state);
            above.push(UplineFacts { partner: id, approved: state.is_approved, self_referred });
            next = state.upline;
        }
        above
    }
}

fn same_person(customer: &CustomerState, partner: &PartnerState) -> bool {
    match (&customer.email, &partner.email) {
        (Some(one), Some(other)) => emails_equal(one, other),
        _ => false,
    }
}
