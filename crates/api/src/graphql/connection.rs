//! Relay connections over keyset pages. Cursors are opaque to the caller: base64url of the last row's key.

use async_graphql::{Context, SimpleObject};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::error::ApiError;

/// `totalCount` stops here.
pub const COUNT_CAP: i64 = 10_000;

/// Where a page stands in its list.
#[derive(Debug, Clone, SimpleObject)]
pub struct PageInfo {
    /// Whether more follow.
    pub has_next_page: bool,
    /// Whether rows were left out before the first: true when `after` was given.
    pub has_previous_page: bool,
    /// The cursor of the first row.
    pub start_cursor: Option<String>,
    /// The cursor of the last row: give it as `after` for the next page.
    pub end_cursor: Option<String>,
}

/// The opaque form of a row's key.
pub fn cursor(key: impl ToString) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(key.to_string())
}

/// The key in a cursor.
///
/// # Errors
/// [`ApiError::BadInput`] when it is no cursor of this list.
pub fn key<K: std::str::FromStr>(cursor: Option<String>) -> Result<Option<K>, ApiError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(cursor)
        .map_err(|_| ApiError::BadInput("The cursor cannot be read."))?;
    let text = String::from_utf8(bytes).map_err(|_| ApiError::BadInput("The cursor cannot be read."))?;
    text.parse().map(Some).map_err(|_| ApiError::BadInput("The cursor is of another list."))
}

/// Whether the caller selects the total: it is counted only then.
pub fn wants_total(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("totalCount").exists() || ctx.look_ahead().field("totalCountCapped").exists()
}

/// Defines a connection and its edge around an object with a key.
macro_rules! connection {
    ($(#[$doc:meta])* $name:ident, $edge:ident, $object:ident, $model:ty, |$row:ident| $key:expr) => {
        #[doc = concat!("One ", stringify!($object), " of a list, with its cursor.")]
        #[derive(async_graphql::SimpleObject)]
        pub struct $edge {
            /// Marks this row: give it as `after` to go on behind it.
            pub cursor: String,
            /// The row.
            pub node: $object,
        }

        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            /// The rows.
            pub nodes: Vec<$object>,
            /// The rows with their cursors.
            pub edges: Vec<$edge>,
            /// Where this page stands.
            pub page_info: $crate::graphql::connection::PageInfo,
            /// How many there are in all; counted only when selected, and only up to 10,000.
            pub total_count: i64,
            /// Whether counting stopped at 10,000.
            pub total_count_capped: bool,
        }

        impl $name {
            /// A page of rows, with the total if it was counted.
            pub fn of(page: domain::page::Page<$model>, is_first_page: bool, total: Option<i64>) -> Self {
                let cursors: Vec<String> =
                    page.rows.iter().map(|$row| $crate::graphql::connection::cursor($key)).collect();
                let page_info = $crate::graphql::connection::PageInfo {
                    has_next_page: page.has_next,
                    has_previous_page: !is_first_page,
                    start_cursor: cursors.first().cloned(),
                    end_cursor: cursors.last().cloned(),
                };
                let nodes: Vec<$object> = page.rows.into_iter().map($object::from).collect();
                let edges = nodes.iter().cloned().zip(cursors);
                let edges = edges.map(|(node, cursor)| $edge { cursor, node }).collect();
                let cap = $crate::graphql::connection::COUNT_CAP;
                let (total_count, total_count_capped) = (total.unwrap_or(0).min(cap), total.is_some_and(|total| total >= cap));
                Self { nodes, edges, page_info, total_count, total_count_capped }
            }
        }
    };
}

pub(crate) use connection;

#[cfg(test)]
mod tests {
    use ids::{IdSource, PartnerId, ProgramId};

    use super::*;

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let id: ProgramId = IdSource::seeded(1).next(chrono::DateTime::UNIX_EPOCH);
        assert_eq!(key::<ProgramId>(Some(cursor(id))), Ok(Some(id)));
        assert!(matches!(key::<PartnerId>(Some(cursor(id))), Err(ApiError::BadInput(_))));
        assert!(matches!(key::<PartnerId>(Some("%%".into())), Err(ApiError::BadInput(_))));
        assert_eq!(key::<ProgramId>(None), Ok(None));
    }
}
