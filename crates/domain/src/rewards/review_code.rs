use diesel::{
    BoxableExpression,
    dsl::sql,
    pg::Pg,
    sql_types::{Array, Bool, Text},
};

use super::{ReviewReason, Reward};
use crate::{schema::rewards, text_enum};

text_enum! {
    /// What made a reward wait for a person's decision.
    ReviewCode {
        /// The customer is the partner, by their addresses.
        SelfReferral = "SELF_REFERRAL",
        /// The customer is the partner above who would get it, by their addresses.
        UplineSelfReferral = "UPLINE_SELF_REFERRAL",
        /// A sale of the same gross and currency was recorded shortly before.
        DuplicateSale = "DUPLICATE_SALE",
        /// The customer was known before the partner brought them.
        ExistingCustomer = "EXISTING_CUSTOMER",
        /// A person rejected a reward of the same event, when it was another partner's.
        RejectedBefore = "REJECTED_BEFORE",
        /// The rule asks for it.
        Rule = "RULE",
    }
}

impl ReviewReason {
    /// The reason without its evidence.
    pub fn code(&self) -> ReviewCode {
        match self {
            Self::SelfReferral => ReviewCode::SelfReferral,
            Self::UplineSelfReferral => ReviewCode::UplineSelfReferral,
            Self::DuplicateSale { .. } => ReviewCode::DuplicateSale,
            Self::ExistingCustomer { .. } => ReviewCode::ExistingCustomer,
            Self::RejectedBefore => ReviewCode::RejectedBefore,
            Self::Rule => ReviewCode::Rule,
        }
    }
}

impl Reward {
    /// Why a person decides about it, or did; nothing of a reward that was given by hand.
    ///
    /// # Errors
    /// As [`Reward::trace`].
    pub fn review_reasons(&self) -> serde_json::Result<Vec<ReviewReason>> {
        let Some(trace) = self.trace()? else { return Ok(Vec::new()) };
        let of_rule =
            trace.rules.first().and_then(|rule| rule.applied()).and_then(|rule| rule.review.clone());
        Ok(trace.reviews.into_iter().chain(of_rule).collect())
    }
}

type Condition = Box<dyn BoxableExpression<rewards::table, Pg, SqlType = Bool>>;

/// Whether one of these is among the reasons in a reward's stored trace.
pub(super) fn is_reason(codes: &[ReviewCode]) -> Condition {
    let words: Vec<&'static str> = codes.iter().map(|code| code.as_str()).collect();
    let exists = "EXISTS (SELECT FROM jsonb_array_elements(coalesce(rewards.trace -> 'reviews', '[]') \
         || coalesce(rewards.trace -> 'rules' -> 0 -> 'verdict' -> 'review', '[]')) AS r (reason) \
         WHERE r.reason ->> 'type' = ANY (";
    Box::new(sql::<Bool>(exists).bind::<Array<Text>, _>(words).sql("))"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_code_is_the_word_that_a_trace_stores() {
        for code in ReviewCode::ALL {
            let stored = json!({ "type": code, "transaction": "trx_00000000000000000000000001",
                "occurredAt": "2026-01-01T00:00:00Z", "since": "2026-01-01T00:00:00Z" });
            let reason: ReviewReason = serde_json::from_value(stored).unwrap();
            assert_eq!(reason.code(), *code);
        }
    }
}
