use async_graphql::{Context, Object};
use domain::page::{Page, PageArgs};

use super::{
    PayoutConnection,
    loader::{PayoutCountOf, PayoutsOfPartner},
};
use crate::graphql::{
    connection,
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
    payout_methods::{MethodHistoryOf, MethodsOf, Payee, PayeeOf, PayoutMethod},
    payout_policies::{PayoutPolicy, PolicyOf},
};

/// How a partner is paid.
pub struct PartnerPayouts<'a>(pub &'a domain::partners::Partner);

/// How a partner is paid.
#[Object]
impl PartnerPayouts<'_> {
    /// How its payouts are made: what is said of it, of its group and of its program, and the default of the rest.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn payout_policy(&self, ctx: &Context<'_>) -> Result<Option<PayoutPolicy>, ApiError> {
        PayoutPolicy::of(ctx, PolicyOf::Partner(self.0.program_id, self.0.group_id, self.0.id)).await
    }

    /// Where its money goes; null as long as nobody has said it. The same for all partners of the person or company.
    #[graphql(directive = needs::apply(Permission::PayoutsRead), guard = "Needs(Permission::PayoutsRead)")]
    async fn payout_method(&self, ctx: &Context<'_>) -> Result<Option<PayoutMethod>, ApiError> {
        let methods = Request::loader(ctx)?.load_one(MethodsOf(self.0.profile_id)).await?.unwrap_or_default();
        Ok(methods.into_iter().find(|method| method.0.default_since.is_some()))
    }

    /// Where its money goes and went, the newest first: the last 100.
    #[graphql(directive = needs::apply(Permission::PayoutsRead), guard = "Needs(Permission::PayoutsRead)")]
    async fn payout_methods(&self, ctx: &Context<'_>) -> Result<Option<Vec<PayoutMethod>>, ApiError> {
        let history = Request::loader(ctx)?.load_one(MethodHistoryOf(self.0.profile_id)).await?;
        Ok(Some(history.unwrap_or_default()))
    }

    /// Who it is to invoices and tax offices; null as long as nobody has said it. The same for all partners of the person or
    /// company.
    #[graphql(directive = needs::apply(Permission::PayoutsRead), guard = "Needs(Permission::PayoutsRead)")]
    async fn payee(&self, ctx: &Context<'_>) -> Result<Option<Payee>, ApiError> {
        let payees = Request::loader(ctx)?.load_one(PayeeOf(self.0.profile_id)).await?;
        Ok(payees.unwrap_or_default().pop())
    }

    /// Its payouts, newest first.
    #[graphql(directive = needs::apply(Permission::PayoutsRead), guard = "Needs(Permission::PayoutsRead)")]
    async fn payouts(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
    ) -> Result<Option<PayoutConnection>, ApiError> {
        let (loader, page) = (Request::loader(ctx)?, PageArgs::new(first.into(), connection::key(after)?));
        let wanted = PayoutsOfPartner { whose: self.0.id, after: page.after, most: page.limit() };
        let rows = loader.load_one(wanted).await?.unwrap_or_default();
        let total = match connection::wants_total(ctx) {
            true => Some(loader.load_one(PayoutCountOf(self.0.id)).await?.unwrap_or(0)),
            false => None,
        };
        Ok(Some(PayoutConnection::of(Page::of(rows, &page), page.after.is_none(), total)))
    }
}
