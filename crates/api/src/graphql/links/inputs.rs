use async_graphql::InputObject;
use domain::links::{LinkChanges, NewLink};
use ids::{PartnerId, ProgramId};

use super::enums::LinkStatus;

/// A link to be created. What is left out gets its usual value.
#[derive(InputObject)]
pub struct LinkCreateInput {
    /// What names the partner in the address: 1 to 100 of a-z, 0-9, `-` and `_`, whatever the case, unique in the
    /// program. Made of the partner's key when left out.
    slug: Option<String>,
    /// Where it leads: an http or https address of at most 2,000 characters. The program's website when left out.
    destination: Option<String>,
    /// The same key and input again answer with the link of the first call; 1 to 255 characters.
    #[graphql(validator(min_length = 1, max_length = 255))]
    idempotency_key: Option<String>,
}

impl LinkCreateInput {
    /// The link, of this partner.
    pub fn of(self, partner_id: PartnerId) -> NewLink {
        NewLink {
            partner_id,
            slug: self.slug,
            destination: self.destination,
            idempotency_key: self.idempotency_key,
        }
    }
}

/// Changes of a link; what is left out stays as it is. The slug always stays: it is printed and posted.
#[derive(InputObject)]
pub struct LinkUpdateInput {
    /// An http or https address of at most 2,000 characters.
    destination: Option<String>,
    /// Whether it works.
    status: Option<LinkStatus>,
}

impl From<LinkUpdateInput> for LinkChanges {
    fn from(input: LinkUpdateInput) -> Self {
        Self { destination: input.destination, status: input.status.map(Into::into) }
    }
}

/// Which links a list shows.
#[derive(InputObject, Default)]
pub struct LinkFilter {
    /// Of one of these programs: `prg_...`
    #[graphql(validator(max_items = 100))]
    program_ids: Option<Vec<ProgramId>>,
    /// Of one of these partners: `prt_...`
    #[graphql(validator(max_items = 100))]
    partner_ids: Option<Vec<PartnerId>>,
}

impl From<LinkFilter> for domain::links::LinkFilter {
    fn from(filter: LinkFilter) -> Self {
        Self {
            program_ids: filter.program_ids.unwrap_or_default(),
            partner_ids: filter.partner_ids.unwrap_or_default(),
        }
    }
}
