use std::collections::{BTreeMap, BTreeSet};

use money::Money;

use super::{Settlement, Verdict};
use crate::payouts::{Payout, PayoutStatus};

/// A bank's word on a whole submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeOrder {
    /// The submission's reference.
    pub order: String,
    /// What became of its payouts.
    pub verdict: Verdict,
    /// But not of these, by their references: it names them, if only to say that it does not know yet.
    pub except: BTreeSet<String>,
}

/// What was read of a file.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// What it says, by the references of payouts.
    pub said: Vec<(String, Verdict)>,
    /// What it says of a whole submission.
    pub whole: Option<WholeOrder>,
    /// What it calls the amounts of some of these.
    pub amounts: BTreeMap<String, Money>,
    /// Of which of these it says that they came back. What is only said to have failed does not take back what was paid.
    pub returned: BTreeSet<String>,
    /// Of which of these it says two things, or one that cannot be read: it says nothing.
    pub doubted: BTreeSet<String>,
    /// Of which of these a line says that nothing is known yet.
    pub open: BTreeSet<String>,
    /// What could not be read, a sentence for each line.
    pub problems: Vec<String>,
}

impl Reading {
    /// What is said of each payout: nothing of one that two lines say different things of.
    pub(super) fn once(mut self) -> Self {
        let mut first = BTreeMap::<&str, &Verdict>::new();
        for (name, verdict) in &self.said {
            if *first.entry(name).or_insert(verdict) != verdict {
                self.doubted.insert(name.clone());
            }
        }
        self.doubted.append(&mut self.open);
        let differ: BTreeSet<&String> =
            self.said.iter().map(|(name, _)| name).filter(|name| self.doubted.contains(*name)).collect();
        self.problems.extend(differ.into_iter().map(|name| format!("{name} stands twice, and differently.")));
        self.said.retain(|(name, _)| !self.doubted.contains(name));
        self
    }

    /// What a line settles; nothing if that is known; or why it settles nothing.
    pub(super) fn judge(
        &self,
        (name, verdict): (&str, &Verdict),
        payout: Option<&Payout>,
    ) -> Result<Option<Settlement>, String> {
        let payout = payout.ok_or_else(|| format!("{name} is no payout of this batch."))?;
        if let Some(amount) = self.amounts.get(name).filter(|amount| **amount != payout.money()) {
            return Err(format!("{name} is a payout of {}, not of {amount}.", payout.money()));
        }
        if verdict.is_told_of(payout.status) {
            return Ok(None);
        }
        match payout.status {
            PayoutStatus::Paid if !self.returned.contains(name) => {
                Err(format!("{name} is PAID; what came back has the status returned."))
            }
            status if !verdict.can_be_told_of(status) => {
                Err(format!("{name} is {status}, which the line cannot follow."))
            }
            _ => Ok(Some(Settlement { payout_id: payout.id, verdict: verdict.clone() })),
        }
    }
}
