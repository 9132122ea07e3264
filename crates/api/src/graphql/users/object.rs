use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};

/// A person with a log-in.
#[derive(Clone)]
pub struct User(pub domain::users::User);

impl From<domain::users::User> for User {
    fn from(user: domain::users::User) -> Self {
        Self(user)
    }
}

/// A person with a log-in.
#[Object]
impl User {
    /// `usr_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The address they log in with.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// What people call them.
    async fn name(&self) -> Option<&str> {
        Some(self.0.name.as_str()).filter(|name| !name.is_empty())
    }

    /// BCP 47 language tag, e.g. `en`.
    async fn locale(&self) -> &str {
        &self.0.locale
    }

    /// Whether they operate this instance: they see all queues and system jobs, and may pause them.
    async fn instance_operator(&self) -> bool {
        self.0.instance_operator
    }

    /// When they registered.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}
