use chrono::{DateTime, Utc};
use diesel::{
    pg::Pg,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, GroupId, PartnerId, PayoutMethodId, ProgramId};
use money::Currency;

use crate::{
    partners::PartnerStatus, payout_methods::Route, payout_policies::PayoutMethodKind, prepared::Prepare,
};

/// A partner with something available, and all that decides whether it is paid.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Candidate {
    /// The partner.
    #[diesel(sql_type = Uuid)]
    pub partner_id: PartnerId,
    /// Where it stands.
    #[diesel(sql_type = Text)]
    pub status: PartnerStatus,
    /// The group that it is in.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub group_id: Option<GroupId>,
    /// What is available, in minor units.
    #[diesel(sql_type = BigInt)]
    pub available: i64,
    /// How many customers who have paid it has referred.
    #[diesel(sql_type = BigInt)]
    pub customers: i64,
    /// Where the money goes.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub method_id: Option<PayoutMethodId>,
    /// What kind of place that is.
    #[diesel(sql_type = Nullable<Text>)]
    pub method_kind: Option<PayoutMethodKind>,
    /// By which way exactly.
    #[diesel(sql_type = Nullable<Text>)]
    pub method_route: Option<Route>,
    /// The one currency that arrives there; `None` if any may.
    #[diesel(sql_type = Nullable<Text>)]
    pub method_currency: Option<Currency>,
    /// Since when it goes there.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub method_since: Option<DateTime<Utc>>,
    /// Whether that took the place of another.
    #[diesel(sql_type = Bool)]
    pub method_replaced_another: bool,
    /// Whether the payee has given a tax number.
    #[diesel(sql_type = Bool)]
    pub has_tax_id: bool,
}

const CANDIDATES: &str = "\
    SELECT p.id AS partner_id, p.status, p.group_id, b.available, \
      (SELECT count(*) FROM attributions a JOIN customers c ON c.id = a.customer_id AND c.account_id = a.account_id \
        WHERE a.account_id = p.account_id AND a.partner_id = p.id AND a.counted_at IS NOT NULL AND c.status = 'ACTIVE') \
        AS customers, \
      m.id AS method_id, m.kind AS method_kind, m.route AS method_route, m.currency AS method_currency, m.default_since AS method_since, \
      coalesce(m.replaced_another, false) AS method_replaced_another, coalesce(y.tax_id IS NOT NULL, false) AS has_tax_id \
    FROM balances b JOIN partners p ON p.account_id = b.account_id AND p.id = b.partner_id \
      LEFT JOIN payout_methods m ON m.account_id = p.account_id AND m.profile_id = p.profile_id \
        AND m.default_since IS NOT NULL \
      LEFT JOIN payees y ON y.account_id = p.account_id AND y.profile_id = p.profile_id \
    WHERE b.account_id = $1 AND b.program_id = $2 AND b.currency = $3 AND b.available > 0 \
      AND ($4 IS NULL OR b.partner_id = ANY ($4)) AND ($5 IS NULL OR b.partner_id > $5) \
    ORDER BY b.partner_id LIMIT $6";

/// As many of the same, without what decides: whoever suspends one of them, or pays one otherwise, waits from now on.
const LOCKED: &str = "\
    SELECT p.id AS partner_id FROM balances b JOIN partners p ON p.account_id = b.account_id AND p.id = b.partner_id \
    WHERE b.account_id = $1 AND b.program_id = $2 AND b.currency = $3 AND b.available > 0 \
      AND ($4 IS NULL OR b.partner_id = ANY ($4)) AND ($5 IS NULL OR b.partner_id > $5) \
    ORDER BY b.partner_id LIMIT $6 FOR NO KEY UPDATE OF p";

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Uuid)]
    partner_id: PartnerId,
}

/// Which partners are looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidates<'a> {
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The currency that something is available in.
    pub currency: Currency,
    /// These alone; all if absent.
    pub partners: Option<&'a [PartnerId]>,
}

impl Candidates<'_> {
    /// The first `most` of them behind a partner, in the order of ids.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn load(
        self,
        conn: &mut AsyncPgConnection,
        after: Option<PartnerId>,
        most: i64,
    ) -> QueryResult<Vec<Candidate>> {
        self.ask(conn, CANDIDATES, (after, most)).await
    }

    /// Who the first `most` of them behind a partner are, in the order of ids, locked until the transaction ends: judged after
    /// this, they are judged by what holds when they are paid.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn lock(
        self,
        conn: &mut AsyncPgConnection,
        after: Option<PartnerId>,
        most: i64,
    ) -> QueryResult<Vec<PartnerId>> {
        let locked: Vec<Locked> = self.ask(conn, LOCKED, (after, most)).await?;
        Ok(locked.into_iter().map(|locked| locked.partner_id).collect())
    }

    async fn ask<T: QueryableByName<Pg> + Send + 'static>(
        self,
        conn: &mut AsyncPgConnection,
        sql: &'static str,
        (after, most): (Option<PartnerId>, i64),
    ) -> QueryResult<Vec<T>> {
        diesel::sql_query(sql)
            .bind::<Uuid, _>(self.account_id)
            .bind::<Uuid, _>(self.program_id)
            .bind::<Text, _>(self.currency)
            .bind::<Nullable<Array<Uuid>>, _>(self.partners)
            .bind::<Nullable<Uuid>, _>(after)
            .bind::<BigInt, _>(most)
            .prepared()
            .load(conn)
            .await
    }
}
