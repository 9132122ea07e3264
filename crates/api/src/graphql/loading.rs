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

pub(crate) use {load_by_id, load_lists};
