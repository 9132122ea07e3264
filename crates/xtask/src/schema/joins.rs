//! Which pairs of tables diesel may join by itself.

use std::collections::BTreeSet;

use super::catalog::{Catalog, ForeignKey};

/// The tenant's column: it leads every composite key and says nothing about which row is meant.
const TENANT: &str = "account_id";

/// (child, parent, child's column) for each pair of `tables` that exactly one foreign key joins, if it points at
/// the parent's primary key `id`. Any other pair needs its ON clause written out.
pub fn joinable(catalog: &Catalog, tables: &BTreeSet<&str>) -> Vec<(String, String, String)> {
    let both_here = |key: &&ForeignKey| {
        key.child != key.parent && tables.contains(key.child.as_str()) && tables.contains(key.parent.as_str())
    };
    let keys: Vec<&ForeignKey> = catalog.foreign_keys.iter().filter(both_here).collect();
    let alone = |key: &ForeignKey| keys.iter().filter(|other| pair(other) == pair(key)).count() == 1;
    let mut joins: Vec<_> = keys
        .iter()
        .filter(|key| alone(key) && parent_is_known_by_id(catalog, &key.parent))
        .filter_map(|key| Some((key.child.clone(), key.parent.clone(), column_to_id(key)?.to_owned())))
        .collect();
    joins.sort();
    joins
}

/// The two tables, whichever refers to the other.
fn pair(key: &ForeignKey) -> (&str, &str) {
    let (a, b) = (key.child.as_str(), key.parent.as_str());
    if a < b { (a, b) } else { (b, a) }
}

fn parent_is_known_by_id(catalog: &Catalog, parent: &str) -> bool {
    catalog.tables.iter().any(|table| table.name == parent && table.primary_key == ["id"])
}

fn column_to_id(key: &ForeignKey) -> Option<&str> {
    let is_composite = key.columns.len() > 1;
    let mut telling = key.columns.iter().filter(|(from, _)| !(is_composite && from == TENANT));
    let (from, to) = telling.next()?;
    (telling.next().is_none() && to == "id").then_some(from)
}

#[cfg(test)]
mod tests {
    use super::super::catalog::Table;
    use super::*;

    fn table(name: &str, key: &str) -> Table {
        Table { name: name.to_owned(), primary_key: vec![key.to_owned()], columns: Vec::new() }
    }

    fn key(child: &str, parent: &str, columns: &[(&str, &str)]) -> ForeignKey {
        let columns = columns.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        ForeignKey { child: child.to_owned(), parent: parent.to_owned(), columns }
    }

    #[test]
    fn only_a_lone_key_to_an_id_joins() {
        let tenant = ("account_id", "account_id");
        let catalog = Catalog {
            tables: ["accounts", "links", "partners", "transfers"].map(|name| table(name, "id")).into(),
            foreign_keys: vec![
                key("links", "accounts", &[("account_id", "id")]),
                key("links", "partners", &[tenant, ("partner_id", "id")]),
                key("partners", "partners", &[tenant, ("upline_id", "id")]),
                key("transfers", "partners", &[tenant, ("debit", "id")]),
                key("transfers", "partners", &[tenant, ("credit", "id")]),
                key("transfers", "links", &[tenant, ("link_slug", "slug")]),
                key("transfers", "jobs", &[("job_id", "id")]),
            ],
        };
        let tables = catalog.tables.iter().map(|table| table.name.as_str()).collect();
        let want = [("links", "accounts", "account_id"), ("links", "partners", "partner_id")];
        assert_eq!(joinable(&catalog, &tables), want.map(|(a, b, c)| (a.into(), b.into(), c.into())));
    }
}
