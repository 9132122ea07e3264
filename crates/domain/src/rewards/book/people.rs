use chrono::{DateTime, Utc};
use ids::{CustomerId, PartnerId, TransactionId};
use money::Currency;

use super::Book;
use crate::rewards::Twin;

/// A partner, as their events so far left them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartnerState {
    /// Whether they earn.
    pub is_approved: bool,
    /// Whether they did, and are suspended.
    pub is_suspended: bool,
    /// Their address, for the self-referral check alone.
    pub email: Option<String>,
    /// Their group.
    pub group: Option<String>,
    /// Their tags.
    pub tags: Vec<String>,
    /// The partner above.
    pub upline: Option<PartnerId>,
}

/// A customer, as their events so far left them.
#[derive(Debug, Clone)]
pub struct CustomerState {
    /// When they signed up.
    pub since: DateTime<Utc>,
    /// Their address, for the self-referral check alone.
    pub email: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The caller's marks.
    pub tags: Vec<String>,
    /// Through whom they came, and since when.
    pub attribution: Option<(PartnerId, DateTime<Utc>)>,
    /// Whether they have or had a partner.
    pub had_partner: bool,
    /// Whether their sign-up was evaluated with an attribution.
    pub is_signed_up: bool,
    /// Whether their sign-up does not count yet.
    pub awaits_confirmation: bool,
    /// How many evaluations of their sign-up there were.
    pub evaluations: i32,
    /// Whether a sale of theirs ever counted.
    pub has_paid: bool,
    /// How many of their sales count.
    pub sales: u32,
    /// The first recorded of these.
    pub first: Option<(TransactionId, DateTime<Utc>)>,
    /// Those after it that are known, in recorded order: needed when the first is void.
    pub later: Vec<(TransactionId, DateTime<Utc>)>,
    /// Sales that later ones may look like.
    pub recent: Vec<(TransactionId, DateTime<Utc>, Currency, i64)>,
}

impl CustomerState {
    /// Somebody of whom nothing is known but when they came.
    pub fn since(since: DateTime<Utc>) -> Self {
        Self {
            since,
            email: None,
            country: None,
            tags: Vec::new(),
            attribution: None,
            had_partner: false,
            is_signed_up: false,
            awaits_confirmation: false,
            evaluations: 0,
            has_paid: false,
            sales: 0,
            first: None,
            later: Vec::new(),
            recent: Vec::new(),
        }
    }

    /// Notes whose they are now.
    pub(super) fn is_of(&mut self, attribution: Option<(PartnerId, DateTime<Utc>)>) {
        self.attribution = attribution;
        self.had_partner |= attribution.is_some();
    }

    /// Counts a sale.
    pub(super) fn counts(&mut self, sale: TransactionId, at: DateTime<Utc>) {
        self.sales += 1;
        self.has_paid = true;
        match self.first {
            None => self.first = Some((sale, at)),
            Some(_) => self.later.push((sale, at)),
        }
    }

    /// Counts a sale no more.
    pub(super) fn uncount(&mut self, sale: TransactionId) {
        self.sales = self.sales.saturating_sub(1);
        self.later.retain(|(later, _)| *later != sale);
        if self.first.is_some_and(|(first, _)| first == sale) {
            self.first = if self.later.is_empty() { None } else { Some(self.later.remove(0)) };
        }
    }

    /// The earlier sale of this gross and currency that is nearest in time.
    pub(super) fn twin(&self, at: DateTime<Utc>, currency: Currency, gross: i64) -> Option<Twin> {
        let same = self.recent.iter().filter(|recent| (recent.2, recent.3) == (currency, gross));
        let nearest = same.min_by_key(|recent| ((recent.1 - at).abs(), recent.0))?;
        Some(Twin { transaction: nearest.0, occurred_at: nearest.1 })
    }
}

impl Book<'_> {
    /// A partner is now like this.
    pub fn partner_is(&mut self, id: PartnerId, state: PartnerState) {
        self.partners.insert(id, state);
    }

    /// The partner, as they are now.
    pub fn partner(&self, id: PartnerId) -> Option<&PartnerState> {
        self.partners.get(&id)
    }

    /// A customer's country and tags are now these.
    pub fn customer_is(&mut self, id: CustomerId, country: Option<String>, tags: Vec<String>) {
        if let Some(customer) = self.customers.get_mut(&id) {
            (customer.country, customer.tags) = (country, tags);
        }
    }

    /// The customer, as they are now.
    pub fn customer(&self, id: CustomerId) -> Option<&CustomerState> {
        self.customers.get(&id)
    }
}
