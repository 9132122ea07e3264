use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, PartnerId, ProgramId, TypedId};
use money::{Currency, Money};
use rust_decimal::Decimal;
use serde::Serialize;

use super::Redemption;
use crate::{
    act::Act,
    audit,
    customers::Customer,
    events,
    idempotency::{Fingerprint, fingerprint},
    ledger::{self, Balance, Owner, Posting, TransferReason},
    partners::Partner,
    schema::redemptions,
    scope::AccountScope,
    text::{self, Checks, FieldProblem, TextProblem},
};

/// A redemption to be made.
#[derive(Debug, Clone)]
pub struct NewRedemption {
    /// Who redeems.
    pub owner: Owner,
    /// In major units, above 0.
    pub amount: Decimal,
    /// A unit; of a customer also a currency.
    pub currency: Currency,
    /// What for: 1 to 500 characters.
    pub reason: String,
    /// The caller's name for it: 1 to 255 characters, unique in the program. The same key and words again answer with the
    /// redemption of the first call.
    pub key: String,
}

/// Why nothing was redeemed.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// No such partner or customer in reach.
    #[error("no such owner")]
    NotFound(Owner),
    /// Money of partners is paid out.
    #[error("partners redeem units only")]
    MoneyOfPartner,
    /// More than is available.
    #[error("only {available} is available")]
    InsufficientBalance {
        /// What is available now; below zero it is debt.
        available: Money,
    },
    /// The key names a redemption of other words.
    #[error("the key was used with other input")]
    KeyMismatch,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// What is in order, in the form in which it is kept, and as its fingerprint is made.
#[derive(Serialize)]
struct Checked {
    partner_id: Option<PartnerId>,
    customer_id: Option<CustomerId>,
    amount: Money,
    reason: String,
    key: String,
}

impl NewRedemption {
    fn checked(&self) -> Result<Checked, CreateError> {
        let mut checks = Checks::default();
        let amount = Money::from_decimal(self.amount, self.currency).ok();
        let amount = amount.filter(|amount| amount.minor() > 0).ok_or(TextProblem::Malformed);
        let amount = checks.take("amount", amount);
        let reason = checks.take("reason", text::line(&self.reason, 500));
        let key = checks.take("key", text::line(&self.key, 255));
        let checked = Checked {
            partner_id: self.owner.partner(),
            customer_id: self.owner.customer(),
            amount: amount.unwrap_or(Money::zero(self.currency)),
            reason: reason.unwrap_or_default(),
            key: key.unwrap_or_default(),
        };
        let checked = checks.done(checked).map_err(CreateError::Invalid)?;
        match self.owner {
            Owner::Partner(_) if !self.currency.is_unit() => Err(CreateError::MoneyOfPartner),
            Owner::Partner(_) | Owner::Customer(_) => Ok(checked),
        }
    }
}

impl Redemption {
    /// Redeems so much of what the owner has available, if it is there.
    ///
    /// # Errors
    /// [`CreateError`].
    pub async fn create(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        said: &NewRedemption,
        act: &Act,
    ) -> Result<Self, CreateError> {
        let checked = said.checked()?;
        let said_before = fingerprint(&checked);
        conn.transaction(async |conn| {
            let program_id = program_of(conn, scope, said.owner).await?;
            // Redemptions of one balance take turns: each sees what the one before has left.
            let owner = (scope.account_id, said.owner);
            let available = Balance::lock_available(conn, owner, said.currency).await?;
            if let Some(known) = find(conn, scope, program_id, &checked.key).await? {
                return known.if_said(&said_before);
            }
            let available_after = available.checked_sub(checked.amount.minor()).filter(|left| *left >= 0);
            let Some(available_after) = available_after else {
                let available = Money::new(available, said.currency);
                return Err(CreateError::InsufficientBalance { available });
            };
            let redemption = Self {
                id: act.ids.next(act.now),
                account_id: scope.account_id,
                program_id,
                partner_id: checked.partner_id,
                customer_id: checked.customer_id,
                key: checked.key,
                currency: said.currency,
                amount: checked.amount.minor(),
                available_after,
                reason: checked.reason,
                fingerprint: said_before,
                created_at: act.now,
            };
            if !redemption.insert(conn).await? {
                // Somebody else's took the key meanwhile: of another owner, or this one would have waited for it.
                return Err(CreateError::KeyMismatch);
            }
            ledger::post(conn, &[redemption.posting(said.owner)], act).await?;
            let change = (None, Some(&redemption));
            audit::record(conn, act, scope.account_id, "redemptionCreate", redemption.id, change).await?;
            events::record(conn, act, &[redemption.event()]).await?;
            Ok(redemption)
        })
        .await
    }

    async fn insert(&self, conn: &mut AsyncPgConnection) -> QueryResult<bool> {
        let inserted = diesel::insert_into(redemptions::table)
            .values(self)
            .on_conflict(diesel::upsert::on_constraint("redemptions_key_key"))
            .do_nothing()
            .execute(conn)
            .await?;
        Ok(inserted == 1)
    }

    /// The redemption, if it is of these words.
    fn if_said(self, said: &Fingerprint) -> Result<Self, CreateError> {
        if self.fingerprint == *said { Ok(self) } else { Err(CreateError::KeyMismatch) }
    }

    fn posting(&self, owner: Owner) -> Posting {
        Posting {
            account_id: self.account_id,
            program_id: self.program_id,
            owner,
            currency: self.currency,
            amount: self.amount,
            reason: TransferReason::Redeemed,
            source: self.id.uuid(),
        }
    }
}

async fn program_of(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    owner: Owner,
) -> Result<ProgramId, CreateError> {
    let program_id = match owner {
        Owner::Partner(id) => Partner::find(conn, scope, id).await?.map(|partner| partner.program_id),
        Owner::Customer(id) => Customer::find(conn, scope, id).await?.map(|customer| customer.program_id),
    };
    program_id.ok_or(CreateError::NotFound(owner))
}

async fn find(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    program_id: ProgramId,
    key: &str,
) -> QueryResult<Option<Redemption>> {
    redemptions::table
        .filter(redemptions::account_id.eq(scope.account_id))
        .filter(redemptions::program_id.eq(program_id))
        .filter(redemptions::key.eq(key))
        .select(Redemption::as_select())
        .first(conn)
        .await
        .optional()
}
