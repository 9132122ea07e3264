use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use domain::{attribution::Touch, customers::CustomerUpsert};
use ids::{PartnerId, ProgramId};

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
    /// Whom it came through, by the slug of a link. Name at most one of this, `partnerId` and `partnerKey`.
    link_slug: Option<String>,
    /// Whom it came through, by id: `prt_...`
    partner_id: Option<PartnerId>,
    /// Whom it came through, by the partner's key.
    partner_key: Option<String>,
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
        let mut touches = [by_link, by_id, by_key].into_iter().flatten();
        let touch = touches.next();
        if touches.next().is_some() {
            let sentence = "Name the partner by one of linkSlug, partnerId and partnerKey.";
            return Err(UserError::at(&["input"], UserErrorCode::Invalid, sentence));
        }
        Ok(CustomerUpsert {
            program_id: self.program_id,
            key: self.key,
            email: self.email,
            name: self.name,
            country: self.country,
            tags: self.tags,
            touch,
            signed_up_at: self.signed_up_at,
        })
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
