use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

/// A month of a calendar, written as `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month(pub domain::statements::Month);

/// A month of a calendar, written as `2026-11`.
#[Scalar]
impl ScalarType for Month {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => text.parse().map(Self).map_err(InputValueError::custom),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
