use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use ids::{AccountId, UserId};
use money::Currency;
use serde_json::json;

use crate::{
    accounts::{AccountStatus, NewAccount},
    act::{Act, Actor},
    audit,
    team::{NewMember, Role},
};

/// Makes an account and its first owner, in the caller's transaction. What nobody was asked for starts with the usual
/// value: dollars, UTC, English.
pub(super) async fn found_account(
    conn: &mut AsyncPgConnection,
    user_id: UserId,
    name: &str,
    action: &str,
    act: &Act,
) -> QueryResult<AccountId> {
    let account = NewAccount {
        id: act.ids.next(act.now),
        name,
        base_currency: Currency::USD,
        time_zone: "UTC",
        country: None,
        locale: "en",
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
    let after = json!({ "name": name, "owner": member.id });
    audit::record(conn, &act, account.id, action, account.id, (None, Some(&after))).await?;
    Ok(account.id)
}
