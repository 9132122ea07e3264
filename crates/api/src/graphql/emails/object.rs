use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};

use super::{
    enums::{EmailStatus, EmailTemplate},
    previews::EmailPreview,
};
use crate::graphql::guard::{Needs, Permission, needs};

/// A row, and what was loaded beside it because it is asked for.
pub struct Shown {
    /// The row.
    pub row: domain::emails::EmailMessage,
    /// The recipient's address, as the viewer may see it.
    pub address: Option<String>,
    /// The email as it would be rendered now.
    pub preview: Option<EmailPreview>,
}

/// An email that was intended.
#[derive(Clone)]
pub struct EmailMessage {
    row: domain::emails::EmailMessage,
    address: Option<String>,
    preview: Option<EmailPreview>,
}

impl From<Shown> for EmailMessage {
    fn from(Shown { row, address, preview }: Shown) -> Self {
        Self { row, address, preview }
    }
}

/// An email that was intended.
#[Object]
impl EmailMessage {
    /// `eml_...`
    pub async fn id(&self) -> ID {
        self.row.id.into()
    }

    /// What it says.
    async fn template(&self) -> EmailTemplate {
        self.row.template.into()
    }

    /// To whom it goes: the id of a partner (`prt_...`), a user (`usr_...`) or an invite (`inv_...`).
    async fn recipient_id(&self) -> ID {
        self.row.recipient.to_string().into()
    }

    /// The recipient's present address; masked like `a•••@example.com` without PARTNERS_PII, null if they are gone.
    async fn recipient(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// What it is about: the id of a reward, a sale, a partner, an invite or a member.
    async fn subject_id(&self) -> ID {
        self.row.subject.clone().into()
    }

    /// Where it stands.
    async fn status(&self) -> EmailStatus {
        self.row.status.into()
    }

    /// How often it was handed to the mail server, or tried to be.
    async fn attempts(&self) -> i32 {
        self.row.attempts
    }

    /// Why it was not sent, the last time; without addresses. Stays when a later attempt succeeds.
    async fn last_error(&self) -> Option<&str> {
        self.row.last_error.as_deref()
    }

    /// When the mail server took it.
    async fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.row.sent_at
    }

    /// When it was intended.
    async fn created_at(&self) -> DateTime<Utc> {
        self.row.created_at
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.row.updated_at
    }

    /// The email as it would be rendered now, from what is true now, with tokens and ids in its links masked. Null if
    /// what it tells of is gone. It names people, so it needs a right of its own.
    #[graphql(directive = needs::apply(Permission::PartnersPii), guard = "Needs(Permission::PartnersPii)")]
    async fn preview(&self) -> Option<EmailPreview> {
        self.preview.clone()
    }
}
