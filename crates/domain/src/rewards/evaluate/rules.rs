//! The rules of a version, one after the other, over an event: rewards.md, section 4.

use std::{cmp::Reverse, collections::BTreeSet};

use super::{
    AmountOutOfRange,
    amount::Applying,
    applies,
    counters::Counters,
    facts::Facts,
    gates::Passed,
    line_set::LineSet,
    trace::{Applied, ReviewReason, RuleTrace, Verdict},
};
use crate::{
    ledger::Owner,
    terms::{Beneficiary, Of, Rule, Stacking, Trigger},
};

/// What each rule makes of the event, with whom it is for, in the order in which rules count: shares of rewards behind all
/// others, else by priority, then as written.
pub(super) fn walk(
    facts: &Facts,
    passed: &Passed<'_>,
    counters: &dyn Counters,
) -> Result<Vec<(RuleTrace, Option<Owner>)>, AmountOutOfRange> {
    let trigger = if facts.sale.is_some() { Trigger::Sale } else { Trigger::Signup };
    let mut rules: Vec<&Rule> = passed.terms.rules.iter().filter(|rule| rule.trigger == trigger).collect();
    rules.sort_by_key(|rule| (rule.of == Of::Reward, Reverse(rule.priority))); // stable: else as written
    let budget_left = facts.budget_left;
    let mut walk = Walk {
        applying: Applying { facts, passed, counters, budget_left },
        taken: BTreeSet::new(),
        partner_got: 0,
        partner_was_rewarded: false,
    };
    rules.into_iter().map(|rule| walk.look(rule).ok_or(AmountOutOfRange)).collect()
}

struct Walk<'a> {
    applying: Applying<'a>,
    /// The lines that exclusive rules took, for each beneficiary and level; of a sign-up, line 0.
    taken: BTreeSet<(Beneficiary, u8, usize)>,
    /// The money rewards of the partner at level 0, in the currency of percentages.
    partner_got: i64,
    partner_was_rewarded: bool,
}

impl Walk<'_> {
    /// Nothing if an amount is out of range.
    fn look(&mut self, rule: &Rule) -> Option<(RuleTrace, Option<Owner>)> {
        let (verdict, to) = match self.judge(rule) {
            Ok((to, is_reviewed, lines)) => {
                let mut applied = match lines {
                    Some(lines) => self.applying.of_lines(rule, lines, to)?,
                    None => self.applying.of_rewards(rule, self.partner_got, to)?,
                };
                applied.review = match (is_reviewed, rule.review) {
                    (true, _) => Some(ReviewReason::UplineSelfReferral),
                    (false, true) => Some(ReviewReason::Rule),
                    (false, false) => None,
                };
                self.note(rule, &applied)?;
                (Verdict::Applied(applied), Some(to))
            }
            Err(verdict) => (*verdict, None),
        };
        let (rule_id, value) = (rule.id.clone(), rule.value.clone());
        let (beneficiary, level, base, of) = (rule.beneficiary, rule.level, rule.base, rule.of);
        Some((RuleTrace { rule: rule_id, beneficiary, level, value, base, of, verdict }, to))
    }

    /// Whom the rule gives to, whether that is under review, and of which lines: of none if it gives of rewards.
    fn judge(&mut self, rule: &Rule) -> Result<(Owner, bool, Option<LineSet>), Box<Verdict>> {
        let (facts, passed) = (self.applying.facts, self.applying.passed);
        if let Some(verdict) = applies::outside(rule, facts, passed) {
            return Err(Box::new(verdict));
        }
        let (to, is_reviewed) = applies::beneficiary(rule, facts, passed)?;
        if let Some(condition) = applies::failed(rule, facts, passed) {
            return Err(Box::new(Verdict::ConditionFailed { condition: condition.clone() }));
        }
        let lines = match rule.of {
            Of::Reward if !self.partner_was_rewarded => return Err(Box::new(Verdict::NoReward)),
            Of::Reward => None,
            Of::Base => Some(self.lines(rule)?),
        };
        Ok((to, is_reviewed, lines))
    }

    fn lines(&mut self, rule: &Rule) -> Result<LineSet, Box<Verdict>> {
        let mut is_free = |line: usize| match rule.stacking {
            Stacking::Add => true,
            Stacking::Exclusive => self.taken.insert((rule.beneficiary, rule.level, line)),
        };
        let Some(sale) = &self.applying.facts.sale else {
            return if is_free(0) { Ok(LineSet::default()) } else { Err(Box::new(Verdict::NoLinesLeft)) };
        };
        let matching: Vec<usize> = (0..)
            .zip(&sale.lines)
            .filter(|(_, line)| applies::takes_line(rule, line))
            .map(|(n, _)| n)
            .collect();
        if matching.is_empty() {
            return Err(Box::new(Verdict::NoLinesMatch));
        }
        let lines: LineSet = matching.into_iter().filter(|line| is_free(*line)).collect();
        if lines.is_empty() { Err(Box::new(Verdict::NoLinesLeft)) } else { Ok(lines) }
    }

    /// What later rules see of a reward.
    fn note(&mut self, rule: &Rule, applied: &Applied) -> Option<()> {
        if applied.amount == 0 {
            return Some(());
        }
        let Applying { facts, passed, budget_left, .. } = &mut self.applying;
        if applied.currency == facts.program_currency {
            *budget_left = budget_left.map(|left| left - applied.amount);
        }
        if rule.beneficiary == Beneficiary::Partner && applied.currency == passed.of_percentages.0 {
            self.partner_got = self.partner_got.checked_add(applied.amount)?;
            self.partner_was_rewarded = true;
        }
        Some(())
    }
}
