use async_graphql::InputObject;
use domain::emails::EmailFilter;

use super::enums::{EmailStatus, EmailTemplate};

/// Which emails a list shows.
#[derive(InputObject, Default)]
pub struct EmailMessageFilter {
    /// In one of these states.
    #[graphql(validator(max_items = 100))]
    status: Option<Vec<EmailStatus>>,
    /// Of one of these templates.
    #[graphql(validator(max_items = 100))]
    template: Option<Vec<EmailTemplate>>,
}

impl From<EmailMessageFilter> for EmailFilter {
    fn from(filter: EmailMessageFilter) -> Self {
        Self {
            status: filter.status.unwrap_or_default().into_iter().map(Into::into).collect(),
            template: filter.template.unwrap_or_default().into_iter().map(Into::into).collect(),
        }
    }
}
