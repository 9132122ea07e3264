use async_graphql::{Context, SimpleObject, Union};
use domain::act;

use super::{User, UserLoader};
use crate::graphql::{api_keys::ApiKey, context::Request, error::ApiError};

/// Who did something.
#[derive(Union)]
pub enum Actor {
    /// A person.
    User(User),
    /// A machine, for those with DEVELOPERS and for itself.
    ApiKey(ApiKey),
    /// Refero itself.
    System(SystemActor),
}

/// Refero itself, or an actor that is out of your reach: an API key is to whoever lacks DEVELOPERS.
#[derive(Clone, SimpleObject)]
pub struct SystemActor {
    /// `system`, or the id of the job, key or user that acted.
    pub name: String,
}

impl Actor {
    /// The actor as it is stored: a TypeID, `system`, or a word for a rule that acted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_stored(ctx: &Context<'_>, stored: &str) -> Result<Self, ApiError> {
        match stored.parse() {
            Ok(actor) => Self::resolve(ctx, actor).await,
            Err(_) => Ok(Self::System(SystemActor { name: stored.to_owned() })),
        }
    }

    /// The actor as an object; one who is gone or out of reach by id only.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resolve(ctx: &Context<'_>, actor: act::Actor) -> Result<Self, ApiError> {
        let found = match actor {
            act::Actor::User(id) => UserLoader::load(ctx, id).await?.map(Self::User),
            act::Actor::ApiKey(id) => {
                let request = Request::of(ctx);
                request.scope()?;
                // What keys may do is shown to those who may make them, and to the key itself.
                let is_shown = request.viewer.permits(domain::team::Permission::Developers)
                    || request.viewer.actor == Some(actor);
                match is_shown {
                    true => Request::loader(ctx)?.load_one(id).await?.map(Self::ApiKey),
                    false => None,
                }
            }
            act::Actor::Job(_) | act::Actor::System => None,
        };
        Ok(found.unwrap_or_else(|| Self::System(SystemActor { name: actor.to_string() })))
    }
}
