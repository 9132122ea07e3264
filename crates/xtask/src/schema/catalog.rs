//! Tables, columns and foreign keys as `pg_catalog` tells them.

use std::collections::BTreeMap;

use anyhow::Context;

use crate::psql::Psql;

/// Everything the renderer needs to know of a database.
#[derive(Debug, Default)]
pub struct Catalog {
    /// By name, partitions and diesel's own table left out.
    pub tables: Vec<Table>,
    /// In order of child, parent and columns.
    pub foreign_keys: Vec<ForeignKey>,
}

/// One table.
#[derive(Debug)]
pub struct Table {
    /// As in the database.
    pub name: String,
    /// Names of the primary key's columns, in key order.
    pub primary_key: Vec<String>,
    /// In the order of the table.
    pub columns: Vec<Column>,
}

/// One column.
#[derive(Debug)]
pub struct Column {
    /// As in the database.
    pub name: String,
    /// PostgreSQL's type name, of the element for an array.
    pub type_name: String,
    /// Whether it holds a list of `type_name`.
    pub is_array: bool,
    /// Whether NULL is allowed.
    pub is_nullable: bool,
}

/// One foreign key.
#[derive(Debug)]
pub struct ForeignKey {
    /// The table that refers.
    pub child: String,
    /// The table that is referred to.
    pub parent: String,
    /// Pairs of (child's column, parent's column).
    pub columns: Vec<(String, String)>,
}

const TABLES: &str = "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
  AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> '__diesel_schema_migrations'";

impl Catalog {
    /// Reads the public schema of `database`.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn read(database: &Psql) -> anyhow::Result<Self> {
        let mut tables: BTreeMap<String, Table> = BTreeMap::new();
        for row in database.rows(&columns_sql())? {
            let [table, name, type_name, is_array, is_nullable, key] = fields(row)?;
            let entry = tables.entry(table.clone()).or_insert_with(|| Table {
                name: table,
                primary_key: key.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
                columns: Vec::new(),
            });
            let (is_array, is_nullable) = (is_array == "t", is_nullable == "t");
            entry.columns.push(Column { name, type_name, is_array, is_nullable });
        }
        let foreign_keys = database.rows(&foreign_keys_sql())?.into_iter().map(|row| {
            let [child, parent, from, to] = fields(row)?;
            let columns =
                from.split(',').zip(to.split(',')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
            Ok(ForeignKey { child, parent, columns })
        });
        let foreign_keys = foreign_keys.collect::<anyhow::Result<_>>()?;
        Ok(Self { tables: tables.into_values().collect(), foreign_keys })
    }
}

fn fields<const N: usize>(row: Vec<String>) -> anyhow::Result<[String; N]> {
    row.try_into().ok().context("a row of pg_catalog has another number of columns than asked for")
}

fn columns_sql() -> String {
    format!(
        "SELECT c.relname, a.attname, coalesce(e.typname, t.typname), e.oid IS NOT NULL, NOT a.attnotnull,
           (SELECT string_agg(k.attname, ',' ORDER BY array_position(i.indkey::int2[], k.attnum))
              FROM pg_index i JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY(i.indkey)
             WHERE i.indrelid = c.oid AND i.indisprimary)
         FROM {TABLES} JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
         ORDER BY c.relname COLLATE \"C\", a.attnum"
    )
}

/// Keys that partitions inherit have a parent constraint and are left out.
fn foreign_keys_sql() -> String {
    let names = |relation: &str, numbers: &str| {
        format!(
            "(SELECT string_agg(a.attname, ',' ORDER BY u.place)
                FROM unnest(f.{numbers}) WITH ORDINALITY AS u(number, place)
                JOIN pg_attribute a ON a.attrelid = f.{relation} AND a.attnum = u.number)"
        )
    };
    let (from, to) = (names("conrelid", "conkey"), names("confrelid", "confkey"));
    format!(
        "SELECT c.relname, p.relname, {from} AS columns, {to}
         FROM {TABLES} JOIN pg_constraint f ON f.conrelid = c.oid AND f.contype = 'f' AND f.conparentid = 0
         JOIN pg_class p ON p.oid = f.confrelid
         ORDER BY c.relname COLLATE \"C\", p.relname COLLATE \"C\", columns"
    )
}
