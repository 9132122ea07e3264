use std::collections::HashMap;

use ids::TypedId;
use uuid::Uuid;

/// Ids for the names of one kind of thing, given in the order of their coming.
#[derive(Default)]
pub(super) struct Names<'h> {
    names: Vec<&'h str>,
    ids: HashMap<&'h str, usize>,
}

impl<'h> Names<'h> {
    /// The id of a name.
    pub(super) fn id<T: TypedId>(&mut self, name: &'h str) -> T {
        let next = self.names.len();
        let place = *self.ids.entry(name).or_insert(next);
        if place == next {
            self.names.push(name);
        }
        T::from_uuid(Uuid::from_u128(place as u128))
    }

    /// Whether the name was given an id.
    pub(super) fn has(&self, name: &str) -> bool {
        self.ids.contains_key(name)
    }

    /// The name of an id.
    pub(super) fn of<T: TypedId>(&self, id: T) -> &'h str {
        usize::try_from(id.uuid().as_u128())
            .ok()
            .and_then(|place| self.names.get(place))
            .copied()
            .unwrap_or_default()
    }
}
