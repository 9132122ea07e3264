use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, PartnerProfileId, PayoutMethodId};
use money::Currency;
use serde::Serialize;

use super::Route;
use crate::{payout_policies::PayoutMethodKind, schema::payout_methods};

/// Where somebody's money goes.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Insertable, Serialize)]
#[diesel(table_name = payout_methods)]
pub struct PayoutMethod {
    /// Its id.
    pub id: PayoutMethodId,
    /// The tenant.
    pub account_id: AccountId,
    /// Whose it is.
    pub profile_id: PartnerProfileId,
    /// What kind of place it is.
    pub kind: PayoutMethodKind,
    /// By which way exactly.
    pub route: Route,
    /// The one currency that arrives there; `None` if any may.
    pub currency: Option<Currency>,
    /// What people may see of it, e.g. `DE** **** 1234`.
    pub label: String,
    /// Which key of the vault opens the details.
    pub key_id: String,
    /// The sealed details.
    #[serde(skip)]
    pub details: Vec<u8>,
    /// Since when it is the one that is paid to; `None` if it is not.
    pub default_since: Option<DateTime<Utc>>,
    /// Whether the profile had another before.
    pub replaced_another: bool,
    /// When it was put away.
    pub archived_at: Option<DateTime<Utc>>,
    /// Who gave it, as [`Actor`](crate::act::Actor) prints.
    pub created_by: String,
    /// When it was given.
    pub created_at: DateTime<Utc>,
    /// When its state last changed.
    pub updated_at: DateTime<Utc>,
}
