use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, Integer, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::InviteId;

use super::{Invite, InviteDelivery};
use crate::{
    act::Act,
    events::{self, EventKind},
    prepared::Prepare,
    schema::invites,
};

/// What became of an email that carried a link.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// The invite.
    pub invite_id: InviteId,
    /// The dedupe key of the email: it tells which of the invite's links it carried.
    pub email_key: String,
    /// What became of it.
    pub delivery: InviteDelivery,
    /// Why it was not sent; without the address.
    pub error: Option<String>,
}

#[derive(AsChangeset)]
#[diesel(table_name = invites)]
struct Change<'a> {
    delivery: InviteDelivery,
    delivery_error: Option<&'a str>,
    /// `None` leaves it as it is.
    last_sent_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
}

/// Notes on invites what became of their emails, in the transaction that records it of the emails. An email whose link was
/// replaced since tells nothing about the invite any more.
///
/// # Errors
/// The database's.
pub async fn note_deliveries(
    conn: &mut AsyncPgConnection,
    noted: &[Delivered],
    act: &Act,
) -> QueryResult<()> {
    let (sent, others): (Vec<&Delivered>, Vec<&Delivered>) =
        noted.iter().partition(|delivered| delivered.delivery == InviteDelivery::Sent);
    hold(conn, noted.iter().map(|delivered| delivered.invite_id).collect()).await?;
    note_sent(conn, &sent, act).await?;
    for delivered in others {
        note(conn, delivered, act).await?;
    }
    Ok(())
}

/// Takes the rows of invites for the rest of the transaction, in the order of their ids, as whoever takes several does:
/// nobody waits for a row of somebody who waits for theirs.
pub(crate) async fn hold(conn: &mut AsyncPgConnection, ids: Vec<InviteId>) -> QueryResult<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let rows = invites::table.filter(invites::id.eq_any(ids)).order(invites::id).for_no_key_update();
    rows.select(invites::id).prepared().load::<InviteId>(conn).await?;
    Ok(())
}

/// What happens to most, for all at once.
async fn note_sent(conn: &mut AsyncPgConnection, sent: &[&Delivered], act: &Act) -> QueryResult<()> {
    let of_link =
        |delivered: &&Delivered| Some((delivered.invite_id, Invite::rotation_of(&delivered.email_key)?));
    let (invites, rotations): (Vec<InviteId>, Vec<i32>) = sent.iter().filter_map(of_link).unzip();
    if invites.is_empty() {
        return Ok(());
    }
    diesel::sql_query(
        "UPDATE invites SET delivery = 'SENT', last_sent_at = $3, updated_at = $3 \
         FROM unnest($1, $2) AS told (id, rotation) \
         WHERE invites.id = told.id AND invites.rotation = told.rotation",
    )
    .bind::<Array<Uuid>, _>(invites)
    .bind::<Array<Integer>, _>(rotations)
    .bind::<Timestamptz, _>(act.now)
    .prepared()
    .execute(conn)
    .await?;
    Ok(())
}

async fn note(conn: &mut AsyncPgConnection, delivered: &Delivered, act: &Act) -> QueryResult<()> {
    let change = Change {
        delivery: delivered.delivery,
        delivery_error: delivered.error.as_deref(),
        last_sent_at: (delivered.delivery == InviteDelivery::Sent).then_some(act.now),
        updated_at: act.now,
    };
    let Some(rotation) = Invite::rotation_of(&delivered.email_key) else { return Ok(()) };
    let told = invites::table.find(delivered.invite_id).filter(invites::rotation.eq(rotation));
    let after: Option<Invite> = diesel::update(told)
        .set(&change)
        .returning(Invite::as_returning())
        .get_result(conn)
        .await
        .optional()?;
    match after.filter(|after| after.delivery == InviteDelivery::Bounced) {
        Some(bounced) => events::record(conn, act, &[bounced.event(EventKind::InviteBounced)]).await,
        None => Ok(()),
    }
}
