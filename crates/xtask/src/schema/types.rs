//! PostgreSQL's types in diesel's words.

use anyhow::bail;

use super::catalog::Column;

/// Diesel's type of `column`, such as `Nullable<Array<Text>>`. Elements of an array are never NULL here: a
/// migration that wants a list writes `CHECK (array_position(x, NULL) IS NULL)` if it doubts its writers.
///
/// # Errors
/// When the type is none of those that the house uses.
pub fn diesel(table: &str, column: &Column) -> anyhow::Result<String> {
    let base = match column.type_name.as_str() {
        "uuid" => "Uuid",
        "text" | "varchar" | "bpchar" => "Text",
        "int8" => "Int8",
        "int4" => "Int4",
        "int2" => "Int2",
        "bool" => "Bool",
        "timestamptz" => "Timestamptz",
        "date" => "Date",
        "jsonb" => "Jsonb",
        "numeric" => "Numeric",
        "bytea" => "Bytea",
        other => bail!(
            "{table}.{} is {other}, which has no place here: use text, a number, timestamptz, jsonb, uuid or bytea \
             in the migration, or map it in crates/xtask/src/schema/types.rs",
            column.name
        ),
    };
    let listed = if column.is_array { format!("Array<{base}>") } else { base.to_owned() };
    Ok(if column.is_nullable { format!("Nullable<{listed}>") } else { listed })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(type_name: &str, is_array: bool, is_nullable: bool) -> Column {
        Column { name: "c".to_owned(), type_name: type_name.to_owned(), is_array, is_nullable }
    }

    #[test]
    fn nullable_wraps_array_wraps_element() {
        for (given, want) in [
            (column("int8", false, false), "Int8"),
            (column("bpchar", false, true), "Nullable<Text>"),
            (column("text", true, false), "Array<Text>"),
            (column("uuid", true, true), "Nullable<Array<Uuid>>"),
        ] {
            assert_eq!(diesel("t", &given).unwrap(), want);
        }
    }

    #[test]
    fn foreign_types_are_refused_by_name() {
        for type_name in ["inet", "float8", "timestamp", "json", "mood"] {
            let error = diesel("t", &column(type_name, false, false)).unwrap_err().to_string();
            assert!(error.starts_with(&format!("t.c is {type_name},")), "{error}");
        }
    }
}
