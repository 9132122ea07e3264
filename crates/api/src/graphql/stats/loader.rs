use std::collections::HashMap;

use async_graphql::dataloader::Loader as BatchLoader;
use domain::stats::{Answer, Question, RankedPartner, Ranking};

use crate::graphql::{context::Loader, error::ApiError};

impl BatchLoader<Question> for Loader {
    type Value = Answer;
    type Error = ApiError;

    async fn load(&self, questions: &[Question]) -> Result<HashMap<Question, Answer>, ApiError> {
        let answers = Question::answer(&mut *self.db.get().await?, &self.scope, questions).await?;
        Ok(questions.iter().cloned().zip(answers).collect())
    }
}

impl BatchLoader<Ranking> for Loader {
    type Value = Vec<RankedPartner>;
    type Error = ApiError;

    async fn load(&self, rankings: &[Ranking]) -> Result<HashMap<Ranking, Vec<RankedPartner>>, ApiError> {
        let ranked = Ranking::partners(&mut *self.db.get().await?, &self.scope, rankings).await?;
        Ok(rankings.iter().cloned().zip(ranked).collect())
    }
}
