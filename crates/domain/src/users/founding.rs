use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use ids::{AccountId, UserId};
use serde_json::json;

use crate::{
    accounts::{AccountSettings, AccountStatus, NewAccount},
    act::{Act, Actor},
    audit,
    team::{NewMember, Role},
};

/// Makes an account and its first owner, in the caller's transaction.
pub(super) async fn found_account(
    conn: &mut AsyncPgConnection,
    user_id: UserId,
    settings: &AccountSettings,
    action: &str,
    act: &Act,
) -> QueryResult<AccountId> {
    let account = NewAccount {
        id: act.ids.next(act.now),
        name: &settings.name,
        base_currency: settings.base_currency,
        time_zone: &settings.time_zone,
        country: settings.country.as_deref(),
        company: settings.company.as_deref(),
        address: settings.address.as_deref(),
        tax_id: settings.tax_id.as_deref(),
        locale: &settings.locale,
        status: AccountStatus::Active,
        created_at: act.now,
        updated_at: act.now,
    };
    account.insert(conn).await?;
    let member = NewMember {
        id: act.ids.next(act.now),
        account_id: account.id,
        user_id,
        role: Role::Owner,
        created_at: act.now,
        updated_at: act.now,
    };
    member.insert(conn).await?;
    let act = Act { actor: Actor::User(user_id), ..act.clone() };
    let after = json!({ "name": settings.name, "owner": member.id });
    audit::record(conn, &act, account.id, action, account.id, (None, Some(&after))).await?;
    Ok(account.id)
}
