use async_graphql::{Context, Enum, SimpleObject};
use ids::TermsId;

use super::Terms;
use crate::graphql::{context::Request, error::ApiError, programs::Program};

/// What becomes of a rule from one version to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::RuleChange")]
pub enum RewardRuleChange {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed,
}

/// What changes when one version of the terms takes the place of another.
#[derive(SimpleObject)]
pub struct TermsDiff {
    /// The rules that differ, by id: first those of the earlier version in its order, then the new ones in theirs.
    rules: Vec<RewardRuleDiff>,
    /// What differs beside the rules: `holdDays`, `rounding` and so on.
    policies: Vec<FieldChange>,
    /// All of it in words, a sentence for each difference; empty when nothing differs.
    sentences: Vec<String>,
}

/// A rule that differs.
#[derive(SimpleObject)]
pub struct RewardRuleDiff {
    /// The rule's id.
    rule: String,
    /// What becomes of it.
    change: RewardRuleChange,
    /// With CHANGED: what differs.
    fields: Vec<FieldChange>,
    /// The rule in words, as it was; null when it is new.
    before: Option<String>,
    /// The rule in words, as it is; null when it is gone.
    after: Option<String>,
}

/// A field that differs.
#[derive(SimpleObject)]
pub struct FieldChange {
    /// Its name as in `RewardRuleInput` or `TermsInput`. `position` is a rule's place among those of both versions, from 1: of
    /// equal priorities the earlier one counts first.
    field: String,
    /// What it said: texts as they are, numbers and structures as JSON in the names of stored rules; null for nothing.
    before: Option<String>,
    /// What it says, likewise.
    after: Option<String>,
}

impl TermsDiff {
    /// Nothing unless both are versions in reach, of one program.
    pub(super) async fn between(
        ctx: &Context<'_>,
        from: TermsId,
        to: TermsId,
    ) -> Result<Option<Self>, ApiError> {
        let loader = Request::loader(ctx)?;
        let versions: [Option<Terms>; 2] = [loader.load_one(from).await?, loader.load_one(to).await?];
        let [Some(Terms(before)), Some(Terms(after))] = versions else { return Ok(None) };
        let program: Option<Program> = loader.load_one(after.program_id).await?;
        let program = program.filter(|program| program.0.id == before.program_id);
        let Some(Program(program)) = program else { return Ok(None) };
        let diff = after.diff_from(&before, program.currency).map_err(|error| {
            tracing::error!(%error, %from, %to, "stored rules cannot be read");
            ApiError::Internal
        })?;
        Ok(Some(diff.into()))
    }
}

impl From<domain::terms::TermsDiff> for TermsDiff {
    fn from(diff: domain::terms::TermsDiff) -> Self {
        Self {
            sentences: diff.sentences(),
            rules: diff.rules.into_iter().map(Into::into).collect(),
            policies: diff.policies.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<domain::terms::RuleDiff> for RewardRuleDiff {
    fn from(diff: domain::terms::RuleDiff) -> Self {
        Self {
            rule: diff.rule,
            change: diff.change.into(),
            fields: diff.fields.into_iter().map(Into::into).collect(),
            before: diff.before,
            after: diff.after,
        }
    }
}

impl From<domain::terms::FieldChange> for FieldChange {
    fn from(change: domain::terms::FieldChange) -> Self {
        Self { field: change.field, before: change.before, after: change.after }
    }
}
