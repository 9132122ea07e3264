use std::{fmt::Display, hash::Hash, str::FromStr};

use uuid::Uuid;

/// An id of one kind: a prefix and a UUIDv7.
pub trait TypedId:
    Copy + Eq + Ord + Hash + Display + FromStr<Err = ParseIdError> + Send + Sync + 'static
{
    /// What stands before the underscore, e.g. `prg`.
    const PREFIX: &'static str;

    /// Wraps a stored value; its bits are not checked.
    fn from_uuid(uuid: Uuid) -> Self;

    /// The value as it is stored.
    fn uuid(self) -> Uuid;
}

/// The text is not an id of the kind that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id that starts with `{prefix}_`")]
pub struct ParseIdError {
    /// The prefix that was expected.
    pub prefix: &'static str,
}

/// Defines an id type with everything that the house needs of it.
macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[doc = concat!("Prints as `", $prefix, "_` and 26 characters of base32.")]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
        #[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Uuid))]
        pub struct $name(uuid::Uuid);

        impl $crate::TypedId for $name {
            const PREFIX: &'static str = $prefix;

            fn from_uuid(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }

            fn uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}_{}", $prefix, $crate::base32::encode(self.0.as_u128()))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then($crate::base32::decode)
                    .map(|value| Self(uuid::Uuid::from_u128(value)))
                    .ok_or($crate::ParseIdError { prefix: $prefix })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "diesel")]
        impl diesel::serialize::ToSql<diesel::sql_types::Uuid, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                <uuid::Uuid as diesel::serialize::ToSql<diesel::sql_types::Uuid, diesel::pg::Pg>>::to_sql(&self.0, out)
            }
        }

        #[cfg(feature = "diesel")]
        impl diesel::deserialize::FromSql<diesel::sql_types::Uuid, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                <uuid::Uuid as diesel::deserialize::FromSql<diesel::sql_types::Uuid, diesel::pg::Pg>>::from_sql(bytes)
                    .map(Self)
            }
        }

        #[cfg(feature = "graphql")]
        $crate::graphql::graphql_id!($name);
    };
}

pub(crate) use id_type;

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{PartnerId, ProgramId};

    #[test]
    fn text_and_back_and_never_another_kind() {
        let id = ProgramId::from_uuid(Uuid::from_u128(0x0189_0a5d_ac96_774b_bcce_b302_099a_8057));
        assert_eq!(id.to_string(), "prg_01h455vb4pex5vsknk084sn02q");
        assert_eq!(id.to_string().parse::<ProgramId>(), Ok(id));
        assert_eq!(id.to_string().parse::<PartnerId>(), Err(ParseIdError { prefix: "prt" }));
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"prg_01h455vb4pex5vsknk084sn02q\"");
        assert_eq!(serde_json::from_str::<ProgramId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
    }
}
