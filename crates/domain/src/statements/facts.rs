use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{PartnerId, PayoutId};

use super::{Course, Statement};
use crate::{
    accounts::Account,
    calendar::Calendar,
    partners::{Partner, PartnerProfile},
    payout_methods::Payee,
    programs::Program,
    schema::{payout_methods, payouts},
    scope::AccountScope,
};

/// Who pays, and who is paid.
#[derive(Debug, Clone)]
pub struct Parties {
    /// Who pays.
    pub account: Account,
    /// Who is paid.
    pub profile: PartnerProfile,
    /// What they are to tax offices, if they have said it.
    pub payee: Option<Payee>,
}

/// What a statement is written from.
#[derive(Debug, Clone)]
pub struct StatementFacts {
    /// The two sides.
    pub parties: Parties,
    /// The program.
    pub program: Program,
    /// What happened.
    pub course: Course,
    /// Where the money of its payouts went, as people may see it.
    pub methods: HashMap<PayoutId, String>,
}

impl Parties {
    /// The account and a partner of it, as they are now.
    ///
    /// # Errors
    /// The database's, and `NotFound` when one of them is gone.
    pub(crate) async fn load(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        partner_id: PartnerId,
    ) -> QueryResult<Self> {
        let gone = diesel::result::Error::NotFound;
        let account = Account::of_scope(conn, scope).await?.ok_or(gone)?;
        let partner = Partner::find(conn, scope, partner_id).await?.ok_or(diesel::result::Error::NotFound)?;
        let profile = PartnerProfile::find_all(conn, scope, &[partner.profile_id]).await?.pop();
        let profile = profile.ok_or(diesel::result::Error::NotFound)?;
        let payee = Payee::of_profiles(conn, scope, &[partner.profile_id]).await?.pop();
        Ok(Self { account, profile, payee })
    }
}

impl Statement {
    /// What it is to be written from, as it is now.
    ///
    /// # Errors
    /// The database's.
    pub async fn facts(&self, conn: &mut AsyncPgConnection) -> QueryResult<StatementFacts> {
        let scope = AccountScope::whole(self.account_id);
        let program = Program::find(conn, &scope, self.program_id).await?;
        let program = program.ok_or(diesel::result::Error::NotFound)?;
        let parties = Parties::load(conn, &scope, self.partner_id).await?;
        let course = Course::load(conn, self, program.calendar()).await?;
        let paid: Vec<PayoutId> = course.lines.iter().filter_map(|line| line.payout_id).collect();
        let methods: Vec<(PayoutId, String)> = payouts::table
            .inner_join(payout_methods::table.on(payout_methods::id.eq(payouts::method_id)))
            .filter(payouts::account_id.eq(self.account_id))
            .filter(payouts::id.eq_any(paid))
            .select((payouts::id, payout_methods::label))
            .load(conn)
            .await?;
        Ok(StatementFacts { parties, program, course, methods: methods.into_iter().collect() })
    }
}

impl Parties {
    /// The calendar of whoever makes papers out.
    pub fn calendar(&self) -> Calendar {
        Calendar::of(&self.account.time_zone)
    }
}
