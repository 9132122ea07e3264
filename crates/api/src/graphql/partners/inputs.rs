use async_graphql::{InputObject, MaybeUndefined};
use domain::partners::{Entry, NewPartner, PartnerChanges};
use ids::{GroupId, PartnerId, ProgramId};

use super::enums::PartnerStatus;

/// A partner to be taken in by the program's owner.
#[derive(InputObject)]
pub struct PartnerCreateInput {
    /// The program to be a partner of: `prg_...`
    program_id: ProgramId,
    /// Whose partner it is. An address that the account knows is the same person, who keeps name and country.
    email: String,
    /// 1 to 200 characters.
    name: String,
    /// The public name in links: 1 to 100 of a-z, 0-9, `-` and `_`, whatever the case, unique in the program. Eight
    /// random characters when left out.
    key: Option<String>,
    /// ISO 3166-1 alpha-2, e.g. `DE`.
    country: Option<String>,
    /// At most 50 labels of 1 to 50 characters.
    tags: Option<Vec<String>>,
    /// A group of the program: `grp_...`
    group_id: Option<GroupId>,
    /// Who recruited them, a partner of the program: `prt_...`. Nobody may have more than five uplines.
    upline_id: Option<PartnerId>,
    /// Whether the partner is approved at once; otherwise pending.
    #[graphql(default = true)]
    approved: bool,
    /// The same key and input again answer with the partner of the first call; 1 to 255 characters.
    #[graphql(validator(min_length = 1, max_length = 255))]
    idempotency_key: Option<String>,
}

impl From<PartnerCreateInput> for NewPartner {
    fn from(input: PartnerCreateInput) -> Self {
        Self {
            program_id: input.program_id,
            entry: if input.approved { Entry::Approved } else { Entry::Pending },
            email: input.email,
            name: input.name,
            key: input.key,
            country: input.country,
            tags: input.tags.unwrap_or_default(),
            group_id: input.group_id,
            upline_id: input.upline_id,
            idempotency_key: input.idempotency_key,
        }
    }
}

/// An application to become a partner, handed in by the owner's back end.
#[derive(InputObject)]
pub struct PartnerApplyInput {
    /// The program to become a partner of: `prg_...`
    program_id: ProgramId,
    /// Who applies. An address that the account knows is the same person, who keeps name and country.
    email: String,
    /// 1 to 200 characters.
    name: String,
    /// The public name in links: 1 to 100 of a-z, 0-9, `-` and `_`, whatever the case, unique in the program. Eight
    /// random characters when left out.
    key: Option<String>,
    /// ISO 3166-1 alpha-2, e.g. `DE`.
    country: Option<String>,
    /// At most 50 labels of 1 to 50 characters.
    tags: Option<Vec<String>>,
    /// Who recruited them, a partner of the program: `prt_...`. Nobody may have more than five uplines.
    upline_id: Option<PartnerId>,
    /// The same key and input again answer with the partner of the first call; 1 to 255 characters.
    #[graphql(validator(min_length = 1, max_length = 255))]
    idempotency_key: Option<String>,
}

impl From<PartnerApplyInput> for NewPartner {
    fn from(input: PartnerApplyInput) -> Self {
        Self {
            program_id: input.program_id,
            entry: Entry::Application,
            email: input.email,
            name: input.name,
            key: input.key,
            country: input.country,
            tags: input.tags.unwrap_or_default(),
            group_id: None,
            upline_id: input.upline_id,
            idempotency_key: input.idempotency_key,
        }
    }
}

/// Changes of a partner; what is left out stays as it is. Name, email and country are the person's, and change for their
/// partnerships in all programs.
#[derive(InputObject)]
pub struct PartnerUpdateInput {
    /// 1 to 200 characters.
    name: Option<String>,
    /// Unique in the account, whatever the case.
    email: Option<String>,
    /// ISO 3166-1 alpha-2, e.g. `DE`.
    country: Option<String>,
    /// All labels: at most 50 of 1 to 50 characters.
    tags: Option<Vec<String>>,
    /// A group of the program: `grp_...`; null takes it out of its group. Counts for what is recorded from now on.
    group_id: MaybeUndefined<GroupId>,
    /// Who recruited it, a partner of the program: `prt_...`; null for nobody. Not itself or a partner below it, and nobody
    /// may have more than five uplines. Counts for what is recorded from now on.
    upline_id: MaybeUndefined<PartnerId>,
}

impl From<PartnerUpdateInput> for PartnerChanges {
    fn from(input: PartnerUpdateInput) -> Self {
        Self {
            name: input.name,
            email: input.email,
            country: input.country,
            tags: input.tags,
            group_id: input.group_id.into(),
            upline_id: input.upline_id.into(),
        }
    }
}

/// Which partners a list shows.
#[derive(InputObject, Default)]
pub struct PartnerFilter {
    /// Of one of these programs: `prg_...`
    #[graphql(validator(max_items = 100))]
    program_ids: Option<Vec<ProgramId>>,
    /// In one of these states.
    #[graphql(validator(max_items = 100))]
    status: Option<Vec<PartnerStatus>>,
    /// With at least one of these labels.
    #[graphql(validator(max_items = 50))]
    tags: Option<Vec<String>>,
    /// In one of these groups: `grp_...`
    #[graphql(validator(max_items = 100))]
    group_ids: Option<Vec<GroupId>>,
    /// Recruited by one of these partners: `prt_...`
    #[graphql(validator(max_items = 100))]
    upline_ids: Option<Vec<PartnerId>>,
    /// With this text in the name or key, whatever the case; with PARTNERS_PII also in the email address.
    #[graphql(validator(max_length = 100))]
    search: Option<String>,
}

impl PartnerFilter {
    /// The filter of somebody who may, or may not, see email addresses.
    pub fn seen_by(self, may_see_emails: bool) -> domain::partners::PartnerFilter {
        domain::partners::PartnerFilter {
            program_ids: self.program_ids.unwrap_or_default(),
            status: self.status.unwrap_or_default().into_iter().map(Into::into).collect(),
            tags: self.tags.unwrap_or_default(),
            group_ids: self.group_ids.unwrap_or_default(),
            upline_ids: self.upline_ids.unwrap_or_default(),
            search: self.search,
            search_emails: may_see_emails,
        }
    }
}
