//! Keyset pages: every list is ordered by something unique, and the next page starts after a value, never at an offset.

/// The most rows of a page.
pub const MAX_PAGE: i64 = 100;

/// The part of a list that is asked for: at most `first` rows after the cursor `after`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageArgs<K> {
    first: i64,
    /// The key of the last row that the caller has seen.
    pub after: Option<K>,
}

impl<K> PageArgs<K> {
    /// A page of `first` rows, kept within 0 and [`MAX_PAGE`].
    pub fn new(first: i64, after: Option<K>) -> Self {
        Self { first: first.clamp(0, MAX_PAGE), after }
    }

    /// What to ask of the database: one row more than is shown tells whether there is a next page.
    pub fn limit(&self) -> i64 {
        self.first + 1
    }
}

/// Rows of a list, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether more follow.
    pub has_next: bool,
}

impl<T> Page<T> {
    /// Cuts what was loaded with [`PageArgs::limit`] to the page.
    pub fn of<K>(mut rows: Vec<T>, args: &PageArgs<K>) -> Self {
        let wanted = usize::try_from(args.first).unwrap_or(0);
        let has_next = rows.len() > wanted;
        rows.truncate(wanted);
        Self { rows, has_next }
    }
}

/// The `LIKE` pattern of texts that contain `search`, taken literally. Control characters, of which PostgreSQL refuses
/// one, stand in no stored text.
pub fn containing(search: &str) -> String {
    let mut pattern = String::from("%");
    for c in search.trim().chars().filter(|c| !c.is_control()) {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Walking any list by pages of any size shows each row once, in order.
        #[test]
        fn pages_neither_skip_nor_repeat(total in 0_i64..300, first in 1_i64..150) {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let args = PageArgs::new(first, after);
                let loaded = (0..total).filter(|row| args.after.is_none_or(|last| *row > last));
                let page = Page::of(loaded.take(args.limit() as usize).collect(), &args);
                prop_assert!(page.rows.len() <= MAX_PAGE as usize);
                after = page.rows.last().copied();
                seen.extend(page.rows);
                if !page.has_next { break; }
            }
            prop_assert_eq!(seen, (0..total).collect::<Vec<_>>());
        }
    }
}
