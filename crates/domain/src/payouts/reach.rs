use diesel::prelude::*;
use money::Currency;

use super::LeftOut;
use crate::{payout_methods::Route, payout_policies::PayoutMethodKind, schema::payout_methods};

/// Accounts that something can be paid to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Accounts {
    /// Of these forms.
    pub routes: &'static [Route],
    /// In which currency it arrives; `None` where whoever pays sees to that.
    pub currency: Option<Currency>,
}

/// Where money can be paid to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach<'a> {
    /// To these kinds of methods.
    pub kinds: &'a [PayoutMethodKind],
    /// To such accounts.
    pub accounts: Accounts,
    /// But to none of these.
    pub but: Option<Accounts>,
}

/// What of a method decides whether it is reached.
#[derive(Debug, Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = payout_methods)]
pub(crate) struct Destination {
    /// What kind of place it is.
    pub kind: PayoutMethodKind,
    /// By which way exactly.
    pub route: Route,
    /// The one currency that arrives there; `None` if any may.
    pub currency: Option<Currency>,
}

impl Accounts {
    fn reach(self, to: Destination) -> Result<(), LeftOut> {
        let arrives = |currency| to.currency.is_none_or(|takes| takes == currency);
        match () {
            () if !self.routes.contains(&to.route) => Err(LeftOut::MethodOutOfReach),
            () if !self.currency.is_none_or(arrives) => Err(LeftOut::MethodOfAnotherCurrency),
            () => Ok(()),
        }
    }
}

impl Reach<'_> {
    /// Anywhere: it is a batch's to say what it reaches.
    pub(crate) const ANYWHERE: Self = Self {
        kinds: PayoutMethodKind::ALL,
        accounts: Accounts { routes: Route::ALL, currency: None },
        but: None,
    };

    /// Whether it reaches such a method.
    pub(crate) fn reaches(self, to: Destination) -> Result<(), LeftOut> {
        let is_another_s = |but: Accounts| but.reach(to).is_ok();
        match self.kinds.contains(&to.kind) && !self.but.is_some_and(is_another_s) {
            true => self.accounts.reach(to),
            false => Err(LeftOut::MethodOfAnotherBatch),
        }
    }
}
