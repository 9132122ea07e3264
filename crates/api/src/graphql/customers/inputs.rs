use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use domain::{
    attribution::Touch,
    customers::{CustomerName, CustomerUpsert, Reassignment},
};
use ids::{CustomerId, PartnerId, ProgramId};

use super::enums::PastRewards;

use crate::graphql::{
    error::{UserError, UserErrorCode},
    years::CommonYears,
};

/// A customer as you know it. What is left out stays as it is, or empty on a new customer.
#[derive(InputObject)]
pub struct CustomerInput {
    /// `prg_...`
    program_id: ProgramId,
    /// Your name for the customer: 1 to 255 characters, unique in the program.
    key: String,
    /// For the self-referral check; at most 254 characters.
    email: Option<String>,
    /// At most 200 characters.
    name: Option<String>,
    /// ISO 3166-1 alpha-2.
    country: Option<String>,
    /// At most 50 of at most 50 characters.
    tags: Option<Vec<String>>,
    /// In a NEWSLETTER program: false for a subscriber who has to confirm (the double opt-in) before it counts as a sign-up, true
    /// for one who has. Left out, a new one is confirmed, and a known one stays as it is; a confirmation is not taken back. In
    /// other programs nobody confirms, and false is refused.
    confirmed: Option<bool>,
    /// Whom it came through, by the slug of a link. Name at most one of this, `partnerId`, `partnerKey` and
    /// `referringCustomerKey`.
    link_slug: Option<String>,
    /// Whom it came through, by id: `prt_...`
    partner_id: Option<PartnerId>,
    /// Whom it came through, by the partner's key.
    partner_key: Option<String>,
    /// In a REFERRAL or NEWSLETTER program: your name for the customer who referred it, who is enrolled as a referrer at once if it
    /// is none yet, and needs an email address for that. Nobody refers themselves.
    referring_customer_key: Option<String>,
    /// When it signed up: the instant that its attribution counts from. Now when left out; at most 24 h ahead, and not
    /// older than the program's late sale days.
    #[graphql(validator(custom = "CommonYears"))]
    signed_up_at: Option<DateTime<Utc>>,
}

impl CustomerInput {
    pub(super) fn into_domain(self) -> Result<CustomerUpsert, UserError> {
        let by_link = self.link_slug.map(Touch::LinkSlug);
        let by_id = self.partner_id.map(Touch::Partner);
        let by_key = self.partner_key.map(Touch::PartnerKey);
        let by_referrer = self.referring_customer_key.map(Touch::Referrer);
        let mut touches = [by_link, by_id, by_key, by_referrer].into_iter().flatten();
        let touch = touches.next();
        if touches.next().is_some() {
            let sentence =
                "Name the partner by one of linkSlug, partnerId, partnerKey and referringCustomerKey.";
            return Err(UserError::at(&["input"], UserErrorCode::Invalid, sentence));
        }
        Ok(CustomerUpsert {
            program_id: self.program_id,
            key: self.key,
            email: self.email,
            name: self.name,
            country: self.country,
            tags: self.tags,
            confirmed: self.confirmed,
            touch,
            signed_up_at: self.signed_up_at,
        })
    }
}

/// A subscriber who gave the double opt-in. Name the customer by `id`, or by `programId` and `key`.
#[derive(InputObject)]
pub struct CustomerConfirmInput {
    /// `cus_...`
    id: Option<CustomerId>,
    /// The program of `key`: `prg_...`
    program_id: Option<ProgramId>,
    /// Your name for the customer.
    key: Option<String>,
}

impl CustomerConfirmInput {
    pub(super) fn name(self) -> Result<CustomerName, UserError> {
        name(self.id, self.program_id, self.key)
    }
}

/// A customer who is to refer others. Name the customer by `id`, or by `programId` and `key`.
#[derive(InputObject)]
pub struct CustomerEnrolInput {
    /// `cus_...`
    id: Option<CustomerId>,
    /// The program of `key`: `prg_...`
    program_id: Option<ProgramId>,
    /// Your name for the customer.
    key: Option<String>,
    /// The referrer's public name in links: 1 to 100 of a-z, 0-9, `-` and `_`, whatever the case, unique in the program. When left
    /// out it is the customer's key, if that is of these characters and free; else eight random characters.
    pub(super) partner_key: Option<String>,
}

impl CustomerEnrolInput {
    pub(super) fn name(self) -> Result<CustomerName, UserError> {
        name(self.id, self.program_id, self.key)
    }
}

fn name(
    id: Option<CustomerId>,
    program_id: Option<ProgramId>,
    key: Option<String>,
) -> Result<CustomerName, UserError> {
    match (id, program_id, key) {
        (Some(id), None, None) => Ok(CustomerName::Id(id)),
        (None, Some(program_id), Some(key)) => Ok(CustomerName::Key { program_id, key }),
        _ => {
            let sentence = "Name the customer either by id, or by programId and key.";
            Err(UserError::at(&["input"], UserErrorCode::Invalid, sentence))
        }
    }
}

/// A customer who is to be given to another partner, or taken from the one that it has.
#[derive(InputObject)]
pub struct CustomerReassignInput {
    /// `cus_...`
    customer_id: CustomerId,
    /// The partner of the same program that it is to belong to: `prt_...`; null or left out takes it from the one that it has.
    partner_id: Option<PartnerId>,
    /// What becomes of rewards that were earned through it, and of the sign-up in the partners' figures.
    #[graphql(default_with = "PastRewards::Keep")]
    past_rewards: PastRewards,
    /// Why, in 1 to 500 characters; it is kept in the audit trail.
    reason: String,
    /// The same key and input again change nothing; 1 to 255 characters.
    #[graphql(validator(min_length = 1, max_length = 255))]
    idempotency_key: String,
}

impl From<CustomerReassignInput> for Reassignment {
    fn from(input: CustomerReassignInput) -> Self {
        Self {
            customer_id: input.customer_id,
            partner_id: input.partner_id,
            past_rewards: input.past_rewards.into(),
            reason: input.reason,
            idempotency_key: input.idempotency_key,
        }
    }
}

/// Which customers a list shows.
#[derive(InputObject, Default)]
pub struct CustomerFilter {
    /// Of one of these programs, at most 100.
    #[graphql(validator(max_items = 100))]
    program_ids: Option<Vec<ProgramId>>,
    /// Attributed to one of these partners, at most 100.
    #[graphql(validator(max_items = 100))]
    partner_ids: Option<Vec<PartnerId>>,
    /// With this text in the key, whatever the case.
    #[graphql(validator(max_length = 100))]
    search: Option<String>,
}

impl From<CustomerFilter> for domain::customers::CustomerFilter {
    fn from(filter: CustomerFilter) -> Self {
        let partners = filter.partner_ids.unwrap_or_default();
        Self { programs: filter.program_ids, partners, search: filter.search }
    }
}
