//! Batch loaders over the domain's finders: one statement per kind and request, however many nodes ask.

/// Loads a noun by its id.
macro_rules! load_by_id {
    ($id:ty => $object:ident of $model:ty) => {
        impl async_graphql::dataloader::Loader<$id> for $crate::graphql::context::Loader {
            type Value = $object;
            type Error = $crate::graphql::error::ApiError;

            async fn load(
                &self,
                ids: &[$id],
            ) -> Result<std::collections::HashMap<$id, $object>, Self::Error> {
                let rows = <$model>::find_all(&mut *self.db.get().await?, &self.scope, ids).await?;
                Ok(rows.into_iter().map(|row| (row.id, $object::from(row))).collect())
            }
        }
    };
}

/// Loads what hangs on an id, grouped by it: a list for each.
macro_rules! load_lists {
    ($(#[$doc:meta])* $key:ident($id:ty) => $object:ident of $find:path, by $by:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $key(pub $id);

        impl async_graphql::dataloader::Loader<$key> for $crate::graphql::context::Loader {
            type Value = Vec<$object>;
            type Error = $crate::graphql::error::ApiError;

            async fn load(&self, keys: &[$key]) -> Result<std::collections::HashMap<$key, Vec<$object>>, Self::Error> {
                let ids: Vec<$id> = keys.iter().map(|key| key.0).collect();
                let mut lists = std::collections::HashMap::<$key, Vec<$object>>::new();
                for row in $find(&mut *self.db.get().await?, &self.scope, &ids).await? {
                    // A row may hang on something else: then it is none of those that were asked for.
                    let Some(id) = Option::<$id>::from(row.$by) else { continue };
                    lists.entry($key(id)).or_default().push($object::from(row));
                }
                Ok(lists)
            }
        }
    };
}

/// Loads a page of what hangs on each id behind the last row seen: one statement for each place and length, and a page of nodes
/// has one of both.
macro_rules! load_pages {
    ($(#[$doc:meta])* $key:ident($id:ty, $cursor:ty) => $model:ident of $find:path, by $by:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $key {
            /// On what it hangs.
            pub whose: $id,
            /// The last row seen.
            pub after: Option<$cursor>,
            /// How many rows are looked for.
            pub most: i64,
        }

        impl async_graphql::dataloader::Loader<$key> for $crate::graphql::context::Loader {
            type Value = Vec<$model>;
            type Error = $crate::graphql::error::ApiError;

            async fn load(&self, keys: &[$key]) -> Result<std::collections::HashMap<$key, Vec<$model>>, Self::Error> {
                let mut conn = self.db.get().await?;
                let mut pages = std::collections::HashMap::<$key, Vec<$model>>::new();
                let places: std::collections::HashSet<_> = keys.iter().map(|key| (key.after, key.most)).collect();
                for (after, most) in places {
                    let wanted = keys.iter().filter(|key| (key.after, key.most) == (after, most));
                    let ids: Vec<$id> = wanted.map(|key| key.whose).collect();
                    for row in $find(&mut conn, &self.scope, &ids, (after, most)).await? {
                        let Some(whose) = Option::<$id>::from(row.$by) else { continue };
                        pages.entry($key { whose, after, most }).or_default().push(row);
                    }
                }
                Ok(pages)
            }
        }
    };
}

/// Loads how many hang on each id.
macro_rules! load_counts {
    ($(#[$doc:meta])* $key:ident($id:ty) => $find:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $key(pub $id);

        impl async_graphql::dataloader::Loader<$key> for $crate::graphql::context::Loader {
            type Value = i64;
            type Error = $crate::graphql::error::ApiError;

            async fn load(&self, keys: &[$key]) -> Result<std::collections::HashMap<$key, i64>, Self::Error> {
                let ids: Vec<$id> = keys.iter().map(|key| key.0).collect();
                let counts = $find(&mut *self.db.get().await?, &self.scope, &ids).await?;
                Ok(counts.into_iter().map(|(id, count)| ($key(id), count)).collect())
            }
        }
    };
}

pub(crate) use {load_by_id, load_counts, load_lists, load_pages};
