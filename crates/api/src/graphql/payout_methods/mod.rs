//! Where partners' money goes, and who they are to the tax office.

mod bank;
mod details;
mod errors;
mod object;
mod refused;

use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use details::PayoutMethodInput;
use domain::payout_methods::{NewPayoutMethod, PayeeChanges};
use ids::{PartnerId, PartnerProfileId, PayoutMethodId};
pub use object::{Payee, PayoutMethod};

use super::{
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    loading::{load_by_id, load_lists},
    payload::payload,
};
use crate::auth::Gate;

load_by_id!(PayoutMethodId => PayoutMethod of domain::payout_methods::PayoutMethod);
load_lists!(
    /// The key of the methods of a profile that were not put away, the newest first.
    MethodsOf(PartnerProfileId) => PayoutMethod of domain::payout_methods::PayoutMethod::of_profiles, by profile_id
);
load_lists!(
    /// The key of the last 100 methods of a profile, the newest first.
    MethodHistoryOf(PartnerProfileId) => PayoutMethod
        of domain::payout_methods::PayoutMethod::history_of_profiles, by profile_id
);
load_lists!(
    /// The key of who a profile is to the tax office: one or none.
    PayeeOf(PartnerProfileId) => Payee of domain::payout_methods::Payee::of_profiles, by profile_id
);

payload!(
    /// What a mutation of a payout method answers.
    PayoutMethodPayload {
        /// The method that is paid to from now on, or the one that was put away; null when nothing was done.
        payout_method: PayoutMethod
    }
);

payload!(
    /// What `payeeUpdate` answers.
    PayeePayload {
        /// The payee as it is now; null when nothing was done.
        payee: Payee
    }
);

/// Changes of who a partner is to invoices and tax offices. What is left out stays as it is; null empties it.
#[derive(InputObject)]
pub struct PayeeInput {
    /// The company: 1 to 200 characters.
    company: MaybeUndefined<String>,
    /// The postal address: up to 8 lines, 500 characters together.
    address: MaybeUndefined<String>,
    /// The tax number, as it is written on invoices: 1 to 50 characters.
    tax_id: MaybeUndefined<String>,
}

impl From<PayeeInput> for PayeeChanges {
    fn from(input: PayeeInput) -> Self {
        Self { company: input.company.into(), address: input.address.into(), tax_id: input.tax_id.into() }
    }
}

/// What can be done with payout methods and payees.
#[derive(Default)]
pub struct PayoutMethodMutation;

#[Object]
impl PayoutMethodMutation {
    /// Says where a partner's money goes from now on, in all programs of the same person or company. The details are checked and
    /// sealed; nothing shows them again. The partner is told by email, and nothing is paid to a method that took the place of
    /// another until the policy's hours are over. The same details again change nothing. Payouts that are under way keep theirs.
    /// VAULT_MISSING where the instance has no PAYOUT_KEYS.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn payout_method_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose money: `prt_...`")] partner_id: PartnerId,
        #[graphql(desc = "Where it goes.")] input: PayoutMethodInput,
    ) -> Result<PayoutMethodPayload, ApiError> {
        use domain::payout_methods::PayoutMethod as Stored;
        let request = Request::of(ctx);
        let scope = request.scope()?;
        let Some(vault) = &Gate::of(ctx).vault else {
            let sentence = "PAYOUT_KEYS is not set: the operator of this instance must set it before payout methods can be kept.";
            let missing = Refusal::from(UserError::new(UserErrorCode::VaultMissing, sentence));
            return PayoutMethodPayload::of(Err::<Stored, _>(missing));
        };
        let new = NewPayoutMethod { partner_id, details: input.into() };
        let mut conn = request.conn().await?;
        let created = Stored::create(&mut conn, scope, vault, &new, &request.act).await;
        PayoutMethodPayload::of(created.map_err(|error| errors::of_create(error, &new.details)))
    }

    /// Puts away where a partner's money goes, in all programs of the same person or company: nothing is paid until there is
    /// another method. Payouts that are under way keep theirs.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn payout_method_archive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose method: `prt_...`")] partner_id: PartnerId,
    ) -> Result<PayoutMethodPayload, ApiError> {
        use domain::payout_methods::PayoutMethod as Stored;
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        PayoutMethodPayload::of(Stored::archive(&mut conn, request.scope()?, partner_id, &request.act).await)
    }

    /// Changes who a partner is to invoices and tax offices, in all programs of the same person or company.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn payee_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is paid: `prt_...`")] partner_id: PartnerId,
        #[graphql(desc = "What changes.")] input: PayeeInput,
    ) -> Result<PayeePayload, ApiError> {
        use domain::payout_methods::Payee as Stored;
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        PayeePayload::of(
            Stored::update(&mut conn, request.scope()?, partner_id, &input.into(), &request.act).await,
        )
    }
}
