use domain::statements::Statement;
use ids::{PartnerId, StatementId};

use crate::graphql::loading::{load_counts, load_pages};

load_pages!(
    /// The key of a page of a partner's statements, the last asked for first.
    StatementsOfPartner(PartnerId, StatementId) => Statement of Statement::of_partners, by partner_id
);
load_counts!(
    /// The key of how many statements a partner has.
    StatementCountOf(PartnerId) => Statement::count_of_partners
);
