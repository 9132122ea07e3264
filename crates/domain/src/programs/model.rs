use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, ProgramId};
use money::Currency;
use serde::Serialize;

use crate::{calendar::Calendar, deltas::Deltas, schema::programs, text_enum};

text_enum! {
    /// What kind of program it is: who brings customers, and when one counts. It stays.
    ProgramKind {
        /// Partners bring customers and earn.
        Affiliate = "AFFILIATE",
        /// Refer-a-friend: customers bring customers, and both sides may earn.
        Referral = "REFERRAL",
        /// Subscribers bring subscribers, who count once they have confirmed.
        Newsletter = "NEWSLETTER",
    }
}

impl ProgramKind {
    /// Whether customers refer others: each is then a partner too, once enrolled.
    pub fn customers_refer(self) -> bool {
        matches!(self, Self::Referral | Self::Newsletter)
    }

    /// Whether a customer may have to confirm (the double opt-in) before it counts.
    pub fn asks_to_confirm(self) -> bool {
        self == Self::Newsletter
    }
}

text_enum! {
    /// Where a program stands.
    ProgramStatus {
        /// Being set up; refuses sales.
        Draft = "DRAFT",
        /// Open.
        Active = "ACTIVE",
        /// Records sales and rewards them, but attributes nobody new.
        Paused = "PAUSED",
        /// Closed for good; refuses sales.
        Archived = "ARCHIVED",
    }
}

impl ProgramStatus {
    /// Whether sales are recorded.
    pub fn accepts_sales(self) -> bool {
        matches!(self, Self::Active | Self::Paused)
    }

    /// Whether customers are attributed to partners.
    pub fn attributes(self) -> bool {
        self == Self::Active
    }
}

text_enum! {
    /// Which version of the terms holds for customers who came under an earlier one (rewards.md, section 2).
    Grandfathering {
        /// The version at the time of the customer's attribution.
        Keep = "KEEP",
        /// The version at the time of the sale.
        Follow = "FOLLOW",
    }
}

text_enum! {
    /// How a referral link names its partner.
    LinkStyle {
        /// `https://example.com/?via=slug`
        Query = "QUERY",
        /// `https://example.com/slug`
        Path = "PATH",
    }
}

text_enum! {
    /// Which of several clicks wins.
    AttributionModel {
        /// The earliest in the window.
        FirstClick = "FIRST_CLICK",
        /// The latest in the window.
        LastClick = "LAST_CLICK",
    }
}

/// A program.
#[derive(Debug, Clone, Queryable, Selectable, Serialize)]
#[diesel(table_name = programs)]
pub struct Program {
    /// Its id.
    pub id: ProgramId,
    /// The tenant.
    pub account_id: AccountId,
    /// What kind of program it is.
    pub kind: ProgramKind,
    /// Where it stands.
    pub status: ProgramStatus,
    /// What people call it.
    pub name: String,
    /// Its name in addresses, unique in the account.
    pub slug: String,
    /// The site that partners send visitors to.
    pub website: Option<String>,
    /// What rewards are paid in.
    pub currency: Currency,
    /// IANA name; the program's calendar.
    pub time_zone: String,
    /// Which terms hold for earlier customers.
    pub grandfathering: Grandfathering,
    /// The query parameter of links, e.g. `via`.
    pub link_parameter: String,
    /// How links name their partner.
    pub link_style: LinkStyle,
    /// Which click wins.
    pub attribution_model: AttributionModel,
    /// How long a click counts, in days of 24 h.
    pub attribution_window_days: i32,
    /// Whether applications are approved at once.
    pub auto_approve: bool,
    /// How old a sale may be when it is recorded, in days of 24 h.
    pub late_sale_days: i32,
    /// The most that its money rewards may come to, in minor units of its currency; no bound if absent.
    pub reward_budget: Option<i64>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Program {
    /// Its calendar: whatever is said of days, weeks and months of the program goes by it.
    pub fn calendar(&self) -> Calendar {
        Calendar::of(&self.time_zone)
    }

    /// What an act adds to its figures: nothing yet.
    pub fn deltas(&self) -> Deltas {
        Deltas::new(self.account_id, self.id, self.calendar())
    }
}
