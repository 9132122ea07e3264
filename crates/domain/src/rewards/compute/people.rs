use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, Bool, Nullable, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, CustomerId, PartnerId, ProgramId};

use crate::{
    attribution::AttributedPayload,
    partners::PartnerStatus,
    prepared::Prepare,
    schema::{partner_profiles, partners, reward_customers, reward_partners},
};

/// The writer's own copy of what it knows of partners and customers. It is changed by their events in the order of the
/// feed and by nothing else, so that a sale sees them as they were when it was recorded.
#[derive(Default)]
pub(super) struct People {
    statuses: BTreeMap<PartnerId, PartnerStatus>,
    attributions: BTreeMap<CustomerId, (PartnerId, DateTime<Utc>)>,
    changed_partners: BTreeSet<PartnerId>,
    changed_customers: BTreeSet<CustomerId>,
    customer_emails: BTreeMap<CustomerId, String>,
    /// Those of whom a sale that counts was evaluated.
    paying: BTreeSet<CustomerId>,
    partner_emails: BTreeMap<PartnerId, String>,
}

impl People {
    /// Loads the copies of these customers and of their partners, and of those who are named in the batch.
    pub(super) async fn load(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        buyers: &[CustomerId],
        named: &[PartnerId],
    ) -> QueryResult<Self> {
        use reward_customers as c;
        use reward_partners as p;
        let rows: Vec<(CustomerId, PartnerId, DateTime<Utc>)> = c::table
            .filter(c::account_id.eq(account_id))
            .filter(c::customer_id.eq_any(buyers))
            .select((c::customer_id, c::partner_id, c::attributed_at))
            .load(conn)
            .await?;
        let attributions: BTreeMap<_, _> =
            rows.into_iter().map(|(id, partner, at)| (id, (partner, at))).collect();
        let partners: BTreeSet<PartnerId> =
            named.iter().copied().chain(attributions.values().map(|(partner, _)| *partner)).collect();
        let partners: Vec<PartnerId> = partners.into_iter().collect();
        let statuses: Vec<(PartnerId, PartnerStatus)> = p::table
            .filter(p::account_id.eq(account_id))
            .filter(p::partner_id.eq_any(&partners))
            .select((p::partner_id, p::status))
            .load(conn)
            .await?;
        let partner_emails = emails_of_partners(conn, account_id, &partners).await?;
        let statuses = statuses.into_iter().collect();
        let mut people = Self { statuses, attributions, partner_emails, ..Self::default() };
        for buyer in load_buyers(conn, account_id, buyers).await? {
            if buyer.pays {
                people.paying.insert(buyer.id);
            }
            people.customer_emails.extend(buyer.email.map(|email| (buyer.id, email)));
        }
        Ok(people)
    }

    pub(super) fn partner_changed(&mut self, id: PartnerId, status: PartnerStatus) {
        self.statuses.insert(id, status);
        self.changed_partners.insert(id);
    }

    pub(super) fn attributed(&mut self, attributed: &AttributedPayload) {
        let to = (attributed.partner_id, attributed.attributed_at);
        self.attributions.insert(attributed.customer_id, to);
        self.changed_customers.insert(attributed.customer_id);
    }

    pub(super) fn attribution(&self, customer: CustomerId) -> Option<(PartnerId, DateTime<Utc>)> {
        self.attributions.get(&customer).copied()
    }

    /// Whether a sale of this customer's that counts is its first; the next one is not.
    pub(super) fn pays_first(&mut self, customer: CustomerId) -> bool {
        self.paying.insert(customer)
    }

    pub(super) fn is_approved(&self, partner: PartnerId) -> bool {
        self.statuses.get(&partner) == Some(&PartnerStatus::Approved)
    }

    /// Whether the customer is the partner, by the addresses that are known of them now. The answer is stored with the
    /// evaluation; the addresses are not.
    pub(super) fn same_person(&self, customer: CustomerId, partner: PartnerId) -> bool {
        match (self.customer_emails.get(&customer), self.partner_emails.get(&partner)) {
            (Some(one), Some(other)) => super::super::emails_equal(one, other),
            _ => false,
        }
    }

    /// Writes back what events have changed.
    pub(super) async fn store(
        &self,
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        program_id: ProgramId,
    ) -> QueryResult<()> {
        use diesel::upsert::excluded;
        use reward_customers as c;
        use reward_partners as p;
        let partners = self.changed_partners.iter().filter_map(|id| Some((id, self.statuses.get(id)?)));
        let partners: Vec<_> = partners
            .map(|(id, status)| {
                (
                    p::account_id.eq(account_id),
                    p::program_id.eq(program_id),
                    p::partner_id.eq(id),
                    p::status.eq(status.as_str()),
                )
            })
            .collect();
        if !partners.is_empty() {
            diesel::insert_into(p::table)
                .values(partners)
                .on_conflict((p::account_id, p::partner_id))
                .do_update()
                .set(p::status.eq(excluded(p::status)))
                .execute(conn)
                .await?;
        }
        let customers = self.changed_customers.iter().filter_map(|id| Some((id, self.attributions.get(id)?)));
        let customers: Vec<_> = customers
            .map(|(id, (partner, at))| {
                let whose =
                    (c::account_id.eq(account_id), c::program_id.eq(program_id), c::customer_id.eq(id));
                (whose, c::partner_id.eq(partner), c::attributed_at.eq(at))
            })
            .collect();
        if !customers.is_empty() {
            diesel::insert_into(c::table)
                .values(customers)
                .on_conflict((c::account_id, c::customer_id))
                .do_update()
                .set((
                    c::partner_id.eq(excluded(c::partner_id)),
                    c::attributed_at.eq(excluded(c::attributed_at)),
                ))
                .execute(conn)
                .await?;
        }
        Ok(())
    }
}

/// A customer as far as its sales need it.
#[derive(QueryableByName)]
struct Buyer {
    #[diesel(sql_type = Uuid)]
    id: CustomerId,
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
    #[diesel(sql_type = Bool)]
    pays: bool,
}

async fn load_buyers(
    conn: &mut AsyncPgConnection,
    account_id: AccountId,
    ids: &[CustomerId],
) -> QueryResult<Vec<Buyer>> {
    // The first such sale ends the search, however many there are.
    diesel::sql_query(
        "SELECT c.id, c.email, paid.sale IS NOT NULL AS pays FROM customers c LEFT JOIN LATERAL ( \
             SELECT t.id AS sale FROM transactions t \
             JOIN evaluations e ON e.account_id = t.account_id AND e.transaction_id = t.id \
             WHERE t.account_id = c.account_id AND t.customer_id = c.id AND t.rewardable AND t.net > 0 \
             ORDER BY t.id LIMIT 1 \
         ) AS paid ON true WHERE c.account_id = $1 AND c.id = ANY ($2)",
    )
    .bind::<Uuid, _>(account_id)
    .bind::<Array<Uuid>, _>(ids)
    .prepared()
    .load(conn)
    .await
}

async fn emails_of_partners(
    conn: &mut AsyncPgConnection,
    account_id: AccountId,
    ids: &[PartnerId],
) -> QueryResult<BTreeMap<PartnerId, String>> {
    let rows: Vec<(PartnerId, String)> = partners::table
        .inner_join(partner_profiles::table.on(partner_profiles::id.eq(partners::profile_id)))
        .filter(partners::account_id.eq(account_id))
        .filter(partners::id.eq_any(ids))
        .select((partners::id, partner_profiles::email))
        .load(conn)
        .await?;
    Ok(rows.into_iter().collect())
}
