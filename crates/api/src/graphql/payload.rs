//! What mutations answer: the changed object, or what is wrong with the input.

/// Defines the payload of a family of mutations.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $(#[$field_doc:meta])* $field:ident: $object:ty }) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            $(#[$field_doc])*
            pub $field: Option<$object>,
            /// What is wrong with the input; empty when it was done.
            pub user_errors: Vec<$crate::graphql::error::UserError>,
        }

        impl $name {
            /// The outcome of a verb as a payload.
            pub fn of<T, E>(outcome: Result<T, E>) -> Result<Self, $crate::graphql::error::ApiError>
            where
                $object: From<T>,
                $crate::graphql::error::Refusal: From<E>,
            {
                match outcome.map_err($crate::graphql::error::Refusal::from) {
                    Ok(object) => Ok(Self { $field: Some(object.into()), user_errors: Vec::new() }),
                    Err($crate::graphql::error::Refusal::User(user_errors)) => Ok(Self { $field: None, user_errors }),
                    Err($crate::graphql::error::Refusal::Api(error)) => Err(error),
                }
            }
        }
    };
}

pub(crate) use payload;
