//! How these types are stored: codes and modes as text, percentages, rates and thresholds as NUMERIC.

mod numeric;

use crate::{Currency, Percent, Rate, Rounding, Threshold};
use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue, data_types::PgNumeric};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Numeric, Text};

macro_rules! as_text {
    ($name:ident) => {
        impl ToSql<Text, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                <str as ToSql<Text, Pg>>::to_sql(self.as_str(), out)
            }
        }

        impl FromSql<Text, Pg> for $name {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                Ok(std::str::from_utf8(value.as_bytes())?.parse()?)
            }
        }
    };
}

macro_rules! as_numeric {
    ($name:ident) => {
        impl ToSql<Numeric, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                let numeric = numeric::from_decimal(self.to_decimal());
                ToSql::<Numeric, Pg>::to_sql(&numeric, &mut out.reborrow())
            }
        }

        impl FromSql<Numeric, Pg> for $name {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                let numeric = <PgNumeric as FromSql<Numeric, Pg>>::from_sql(value)?;
                Ok(Self::new(numeric::to_decimal(&numeric)?)?)
            }
        }
    };
}

as_text!(Currency);
as_text!(Rounding);
as_numeric!(Percent);
as_numeric!(Rate);
as_numeric!(Threshold);
