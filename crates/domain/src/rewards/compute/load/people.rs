use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_query,
    sql_types::{Array, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, CustomerId, GroupId, PartnerId, TransactionId};

use crate::{
    partners::PartnerStatus,
    prepared::Prepare,
    rewards::{CustomerState, PartnerState},
    schema::{customers, partner_profiles, partners, reward_customers},
};

/// The partners and customers of a batch, with their addresses.
#[derive(Default)]
pub(in crate::rewards::compute) struct People {
    pub(in crate::rewards::compute) partners: HashMap<PartnerId, PartnerState>,
    pub(in crate::rewards::compute) customers: HashMap<CustomerId, CustomerState>,
    pub(in crate::rewards::compute) partner_emails: HashMap<PartnerId, String>,
    pub(in crate::rewards::compute) customer_emails: HashMap<CustomerId, String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = reward_customers)]
struct CustomerRow {
    customer_id: CustomerId,
    since: DateTime<Utc>,
    country: Option<String>,
    tags: Vec<String>,
    partner_id: Option<PartnerId>,
    attributed_at: Option<DateTime<Utc>>,
    had_partner: bool,
    is_signed_up: bool,
    awaits_confirmation: bool,
    evaluations: i32,
    has_paid: bool,
    sales: i32,
    first_sale_id: Option<TransactionId>,
    first_sale_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct PartnerRow {
    #[diesel(sql_type = SqlUuid)]
    partner_id: PartnerId,
    #[diesel(sql_type = Text)]
    status: PartnerStatus,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    group_id: Option<GroupId>,
    #[diesel(sql_type = Array<Text>)]
    tags: Vec<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    upline_id: Option<PartnerId>,
}

/// These partners, and those above them up to five steps.
const PARTNERS: &str = "\
    WITH RECURSIVE line AS ( \
        SELECT p.partner_id, p.status, p.group_id, p.tags, p.upline_id, 0 AS steps FROM reward_partners p \
        WHERE p.account_id = $1 AND p.partner_id = ANY ($2) \
        UNION SELECT p.partner_id, p.status, p.group_id, p.tags, p.upline_id, l.steps + 1 FROM line l \
        JOIN reward_partners p ON p.account_id = $1 AND p.partner_id = l.upline_id WHERE l.steps < 5 \
    ) SELECT DISTINCT ON (partner_id) partner_id, status, group_id, tags, upline_id FROM line ORDER BY partner_id";

impl People {
    /// Loads these customers with their partners, these partners, and all partners above.
    pub(super) async fn load(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        buyers: &BTreeSet<CustomerId>,
        named: BTreeSet<PartnerId>,
    ) -> QueryResult<Self> {
        use reward_customers as c;
        let buyers: Vec<CustomerId> = buyers.iter().copied().collect();
        let rows: Vec<CustomerRow> = c::table
            .filter(c::account_id.eq(account_id))
            .filter(c::customer_id.eq_any(&buyers))
            .select(CustomerRow::as_select())
            .load(conn)
            .await?;
        let emails: Vec<(CustomerId, Option<String>)> = customers::table
            .filter(customers::account_id.eq(account_id))
            .filter(customers::id.eq_any(&buyers))
            .select((customers::id, customers::email))
            .load(conn)
            .await?;
        let customer_emails: HashMap<_, _> =
            emails.into_iter().filter_map(|(id, email)| Some((id, email?))).collect();
        let customers = rows.into_iter().map(|row| {
            let email = customer_emails.get(&row.customer_id).cloned();
            (row.customer_id, row.state(email))
        });
        let mut people = Self { customers: customers.collect(), customer_emails, ..Self::default() };
        let attributed = people.customers.values().filter_map(|customer| Some(customer.attribution?.0));
        let partners: BTreeSet<PartnerId> = named.into_iter().chain(attributed).collect();
        if !partners.is_empty() {
            people.load_partners(conn, account_id, partners.into_iter().collect()).await?;
        }
        Ok(people)
    }

    async fn load_partners(
        &mut self,
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        named: Vec<PartnerId>,
    ) -> QueryResult<()> {
        let rows: Vec<PartnerRow> = sql_query(PARTNERS)
            .bind::<SqlUuid, _>(account_id)
            .bind::<Array<SqlUuid>, _>(&named)
            .prepared()
            .load(conn)
            .await?;
        let all: Vec<PartnerId> = rows.iter().map(|row| row.partner_id).chain(named).collect();
        let emails: Vec<(PartnerId, String)> = partners::table
            .inner_join(partner_profiles::table.on(partner_profiles::id.eq(partners::profile_id)))
            .filter(partners::account_id.eq(account_id))
            .filter(partners::id.eq_any(&all))
            .select((partners::id, partner_profiles::email))
            .load(conn)
            .await?;
        self.partner_emails = emails.into_iter().collect();
        for row in rows {
            let state = PartnerState {
                is_approved: row.status == PartnerStatus::Approved,
                is_suspended: row.status == PartnerStatus::Suspended,
                email: self.partner_emails.get(&row.partner_id).cloned(),
                group: row.group_id.map(|group| group.to_string()),
                tags: row.tags,
                upline: row.upline_id,
            };
            self.partners.insert(row.partner_id, state);
        }
        Ok(())
    }
}

impl CustomerRow {
    fn state(self, email: Option<String>) -> CustomerState {
        CustomerState {
            since: self.since,
            email,
            country: self.country,
            tags: self.tags,
            attribution: self.partner_id.zip(self.attributed_at),
            had_partner: self.had_partner,
            is_signed_up: self.is_signed_up,
            awaits_confirmation: self.awaits_confirmation,
            evaluations: self.evaluations,
            has_paid: self.has_paid,
            sales: u32::try_from(self.sales).unwrap_or(0),
            first: self.first_sale_id.zip(self.first_sale_at),
            later: Vec::new(),
            recent: Vec::new(),
        }
    }
}
