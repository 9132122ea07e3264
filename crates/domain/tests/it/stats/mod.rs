//! Figures: equal to a scan, exact while others write and fold, and at a cost that history does not change.

mod cost;
mod market;
mod ranking;
mod scan;
mod together;

use domain::stats::{Answer, Question};

use crate::shop::Shop;

/// The answers to these questions, of all that the account has.
pub async fn ask(shop: &Shop, questions: &[Question]) -> Vec<Answer> {
    Question::answer(&mut *shop.world.conn().await, &shop.scope, questions).await.unwrap()
}
