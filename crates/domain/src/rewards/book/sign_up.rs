use chrono::{DateTime, Utc};
use ids::{CustomerId, PartnerId};

use super::{Book, CustomerState, Effect, Source};
use crate::rewards::AmountOutOfRange;

/// A customer who signed up.
#[derive(Debug, Clone)]
pub struct SignUp {
    /// Who.
    pub id: CustomerId,
    /// When.
    pub at: DateTime<Utc>,
    /// Their address, for the self-referral check alone.
    pub email: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The caller's marks.
    pub tags: Vec<String>,
    /// Through whom they came, if through anybody.
    pub partner: Option<PartnerId>,
}

impl Book<'_> {
    /// A customer signed up.
    ///
    /// # Errors
    /// When an amount or a time does not fit.
    pub fn signed_up(&mut self, sign_up: SignUp) -> Result<Vec<Effect>, AmountOutOfRange> {
        let SignUp { id, at, email, country, tags, partner } = sign_up;
        let mut state = CustomerState { email, country, tags, ..CustomerState::since(at) };
        state.is_of(partner.map(|partner| (partner, at)));
        self.customers.insert(id, state);
        self.evaluate_sign_up(id, at)
    }

    /// A customer was attributed who was to nobody before: their sign-up counts for the partner from that time.
    ///
    /// # Errors
    /// When an amount or a time does not fit.
    pub fn attributed(
        &mut self,
        id: CustomerId,
        partner: PartnerId,
        at: DateTime<Utc>,
    ) -> Result<Vec<Effect>, AmountOutOfRange> {
        let customer = self.customers.entry(id).or_insert_with(|| CustomerState::since(at));
        if customer.attribution == Some((partner, at)) {
            return Ok(Vec::new());
        }
        customer.is_of(Some((partner, at)));
        if customer.is_signed_up || customer.awaits_confirmation {
            return Ok(Vec::new());
        }
        self.evaluate_sign_up(id, at)
    }

    /// A customer confirmed that they signed up: it counts from that time.
    ///
    /// # Errors
    /// When an amount or a time does not fit.
    pub fn confirmed(&mut self, id: CustomerId, at: DateTime<Utc>) -> Result<Vec<Effect>, AmountOutOfRange> {
        let waits = self.customers.get_mut(&id).filter(|customer| customer.awaits_confirmation);
        let Some(customer) = waits else { return Ok(Vec::new()) };
        customer.awaits_confirmation = false;
        self.evaluate_sign_up(id, at)
    }

    fn evaluate_sign_up(
        &mut self,
        id: CustomerId,
        at: DateTime<Utc>,
    ) -> Result<Vec<Effect>, AmountOutOfRange> {
        let Some(customer) = self.customers.get_mut(&id) else { return Ok(Vec::new()) };
        customer.is_signed_up = customer.attribution.is_some();
        customer.evaluations += 1;
        let (number, attribution) = (customer.evaluations, customer.attribution);
        let facts = self.facts(id, at, None);
        let mut effects = Vec::new();
        let is_qualified = self.evaluate_source(Source::SignUp(id), number, facts, &mut effects)?;
        if let Some((partner, _)) = attribution.filter(|_| is_qualified) {
            self.counted.sign_up(partner, self.policy.calendar.day(at), 1);
        }
        self.look_at_milestones((Source::SignUp(id), number), (id, at), &mut effects)?;
        Ok(effects)
    }
}
