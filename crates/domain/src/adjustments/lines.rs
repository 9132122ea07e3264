use diesel::{
    deserialize::{self, FromSql},
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types::Jsonb,
};
use serde::{Deserialize, Serialize};

/// What a refund gives back of one line of its sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundLine {
    /// The line, numbered from 0.
    pub line: usize,
    /// In minor units of net; above 0.
    pub amount: i64,
}

/// The lines that a refund names, as they are stored.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = Jsonb)]
pub struct RefundLines(pub Vec<RefundLine>);

impl ToSql<Jsonb, Pg> for RefundLines {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let lines = serde_json::to_value(self)?;
        ToSql::<Jsonb, Pg>::to_sql(&lines, &mut out.reborrow())
    }
}

impl FromSql<Jsonb, Pg> for RefundLines {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let lines = <serde_json::Value as FromSql<Jsonb, Pg>>::from_sql(value)?;
        Ok(serde_json::from_value(lines)?)
    }
}
