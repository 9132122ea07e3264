//! How payouts are made: of a program, of a group, of a partner.

mod enums;
mod inputs;
mod loader;
mod object;
mod of_program;

use async_graphql::{Context, Object};
use domain::{
    payout_policies::{UpdateError, Whose},
    team::Permission as P,
};
pub use enums::{PayoutFeePayer, PayoutMethodKind};
use ids::{GroupId, PartnerId, PayoutPolicyId, ProgramId};
use inputs::{PayoutPolicyInput, whose};
pub use loader::PolicyOf;
pub use object::{PayoutPolicy, StoredPayoutPolicy};
pub use of_program::ProgramPayouts;

use super::{
    connection::connection,
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    loading::load_by_id,
    payload::payload,
};

load_by_id!(PayoutPolicyId => StoredPayoutPolicy of domain::payout_policies::PayoutPolicy);

connection!(
    /// What programs, groups and partners say of their own about payouts, the oldest first.
    StoredPayoutPolicyConnection, StoredPayoutPolicyEdge, StoredPayoutPolicy, domain::payout_policies::PayoutPolicy,
    |row| row.id
);

payload!(
    /// What `payoutPolicyUpdate` answers.
    PayoutPolicyPayload {
        /// What is said there now; null when nothing was changed. What holds by it is `payoutPolicy` of the program, the group or
        /// the partner.
        payout_policy: StoredPayoutPolicy
    }
);

/// What can be done with policies.
#[derive(Default)]
pub struct PayoutPolicyMutation;

#[Object]
impl PayoutPolicyMutation {
    /// Changes how payouts of a program, of the partners of a group, or of one partner are made. What is left out stays, null
    /// takes it away. Holds for what is requested and prepared from now on. To change `fourEyes`, `autoApproveRequests` or
    /// `cooldownHours` also needs PAYOUTS_APPROVE: they guard the money also against those who run the program.
    #[graphql(directive = needs::apply(Permission::ProgramsWrite), guard = "Needs(Permission::ProgramsWrite)")]
    async fn payout_policy_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For everybody in this program: `prg_...`. Name one of the three.")]
        program_id: Option<ProgramId>,
        #[graphql(desc = "For the partners of this group: `grp_...`. Name one of the three.")]
        group_id: Option<GroupId>,
        #[graphql(desc = "For this partner: `prt_...`. Name one of the three.")] partner_id: Option<
            PartnerId,
        >,
        #[graphql(desc = "What changes.")] input: PayoutPolicyInput,
    ) -> Result<PayoutPolicyPayload, ApiError> {
        use domain::payout_policies::PayoutPolicy as Stored;
        let request = Request::of(ctx);
        let scope = request.scope()?;
        if input.guards() && !request.viewer.permits(P::PayoutsApprove) {
            return Err(ApiError::Forbidden(P::PayoutsApprove));
        }
        let whose = match whose(program_id, group_id, partner_id) {
            Ok(whose) => whose,
            Err(refused) => return PayoutPolicyPayload::of(Err::<Stored, _>(Refusal::from(refused))),
        };
        let mut conn = request.conn().await?;
        let updated = Stored::update(&mut conn, scope, whose, &input.into(), &request.act).await;
        PayoutPolicyPayload::of(updated.map_err(|error| refused(error, whose)))
    }
}

fn refused(error: UpdateError, whose: Whose) -> Refusal {
    match error {
        UpdateError::NotFound => {
            let (field, noun) = match whose {
                Whose::Program(_) => ("programId", "program"),
                Whose::Group(_) => ("groupId", "group"),
                Whose::Partner(_) => ("partnerId", "partner"),
            };
            UserError::not_found(field, noun).into()
        }
        UpdateError::Invalid(problems) => Refusal::User(UserError::of_fields(&problems)),
        UpdateError::OfProgramsAlone => {
            let sentence = "fourEyes, payByApi and schedule are about batches: only a program says them.";
            UserError::at(&["input"], UserErrorCode::Invalid, sentence).into()
        }
        UpdateError::Database(error) => error.into(),
    }
}
