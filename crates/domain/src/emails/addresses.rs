use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{InviteId, PartnerId, UserId};

use super::{EmailMessage, Recipient};
use crate::{
    schema::{invites, partner_profiles, partners, users},
    scope::AccountScope,
};

impl EmailMessage {
    /// The present addresses of the recipients of these emails of an account: three statements at most.
    ///
    /// # Errors
    /// The database's.
    pub async fn addresses(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        emails: &[Self],
    ) -> QueryResult<HashMap<Recipient, String>> {
        let (mut to_users, mut to_partners, mut to_invites) = (Vec::new(), Vec::new(), Vec::new());
        for email in emails.iter().filter(|email| email.account_id == Some(scope.account_id)) {
            match email.recipient {
                Recipient::User(id) => to_users.push(id),
                Recipient::Partner(id) => to_partners.push(id),
                Recipient::Invite(id) => to_invites.push(id),
            }
        }
        let mut addresses = HashMap::new();
        if !to_users.is_empty() {
            let rows: Vec<(UserId, String)> = users::table
                .filter(users::id.eq_any(to_users))
                .select((users::id, users::email))
                .load(conn)
                .await?;
            addresses.extend(rows.into_iter().map(|(id, address)| (Recipient::User(id), address)));
        }
        if !to_partners.is_empty() {
            let profile = partner_profiles::account_id
                .eq(partners::account_id)
                .and(partner_profiles::id.eq(partners::profile_id));
            let rows: Vec<(PartnerId, String)> = partners::table
                .inner_join(partner_profiles::table.on(profile))
                .filter(partners::account_id.eq(scope.account_id))
                .filter(partners::id.eq_any(to_partners))
                .select((partners::id, partner_profiles::email))
                .load(conn)
                .await?;
            addresses.extend(rows.into_iter().map(|(id, address)| (Recipient::Partner(id), address)));
        }
        if !to_invites.is_empty() {
            let rows: Vec<(InviteId, String)> = invites::table
                .filter(invites::account_id.eq(scope.account_id))
                .filter(invites::id.eq_any(to_invites))
                .select((invites::id, invites::email))
                .load(conn)
                .await?;
            addresses.extend(rows.into_iter().map(|(id, address)| (Recipient::Invite(id), address)));
        }
        Ok(addresses)
    }
}
