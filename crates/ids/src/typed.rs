use std::{fmt::Display, hash::Hash, str::FromStr};

use uuid::{Builder, Uuid};

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

    /// The id with that number under another one, of the other's time. Whoever makes it again, also from a copy of the database
    /// that is older, makes the same.
    fn nth_of(parent: impl TypedId, number: u32) -> Self {
        let parent = parent.uuid();
        let name = format!("{} {number}", Self::PREFIX);
        let hash = Uuid::new_v5(&parent, name.as_bytes()).as_u128().to_be_bytes();
        let mut tail = [0_u8; 10];
        tail.copy_from_slice(&hash[6..]);
        let millis = (parent.as_u128() >> 80) as u64;
        Self::from_uuid(Builder::from_unix_timestamp_millis(millis, &tail).into_uuid())
    }
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
    use crate::{PartnerId, PayoutBatchId, PayoutSubmissionId, ProgramId};

    #[test]
    fn text_and_back_and_never_another_kind() {
        let id = ProgramId::from_uuid(Uuid::from_u128(0x0189_0a5d_ac96_774b_bcce_b302_099a_8057));
        assert_eq!(id.to_string(), "prg_01h455vb4pex5vsknk084sn02q");
        assert_eq!(id.to_string().parse::<ProgramId>(), Ok(id));
        assert_eq!(id.to_string().parse::<PartnerId>(), Err(ParseIdError { prefix: "prt" }));
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"prg_01h455vb4pex5vsknk084sn02q\"");
        assert_eq!(serde_json::from_str::<ProgramId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
    }

    #[test]
    fn what_is_numbered_under_another_id_has_one_id_for_ever() {
        let batch: PayoutBatchId = "pba_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        let first = PayoutSubmissionId::nth_of(batch, 1);
        assert_eq!(first.to_string(), "psu_01h455vb4pfcj9qzyg15aht4ag");
        assert_eq!(first.uuid().get_version_num(), 7);
        assert_eq!(first.uuid().as_u128() >> 80, batch.uuid().as_u128() >> 80, "the time of the other");
        assert_ne!(first, PayoutSubmissionId::nth_of(batch, 2));
        assert_ne!(first.uuid(), PartnerId::nth_of(batch, 1).uuid());
    }
}
