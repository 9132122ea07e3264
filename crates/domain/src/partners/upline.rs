use diesel::{
    prelude::*,
    sql_types::{Bool, Integer, Nullable, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::PartnerId;

use crate::programs::Program;

/// The most uplines above anybody: as many levels as rules may reward.
pub const MOST_UPLINES: i32 = 5;

/// Why a partner is not, or not anybody's, upline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UplineProblem {
    /// No such partner in the program.
    NotFound,
    /// It is the partner itself, or below it.
    Cycle,
    /// Somebody would have more than [`MOST_UPLINES`] above them.
    TooDeep,
}

/// How far it goes up from the upline, and down from the partner.
#[derive(QueryableByName)]
struct Chain {
    #[diesel(sql_type = Nullable<Integer>)]
    above: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    below: Option<i32>,
    #[diesel(sql_type = Bool)]
    closes: bool,
}

/// What stands in the way of this upline of the partner, or of a new one. The caller holds the program's row, so that no
/// other upline changes meanwhile: two changes that together close a circle take turns.
pub(super) async fn problem(
    conn: &mut AsyncPgConnection,
    program: &Program,
    upline: PartnerId,
    partner: Option<PartnerId>,
) -> QueryResult<Option<UplineProblem>> {
    // Neither search ends by itself in a circle: they stop where it is too deep already.
    let chain: Chain = diesel::sql_query(
        "WITH RECURSIVE above AS ( \
             SELECT id, upline_id, 0 AS level FROM partners WHERE account_id = $1 AND program_id = $2 AND id = $3 \
             UNION ALL SELECT p.id, p.upline_id, a.level + 1 FROM above a \
             JOIN partners p ON p.account_id = $1 AND p.id = a.upline_id WHERE a.level <= $5 \
         ), below AS ( \
             SELECT id, 0 AS level FROM partners WHERE account_id = $1 AND program_id = $2 AND id = $4 \
             UNION ALL SELECT p.id, b.level + 1 FROM below b \
             JOIN partners p ON p.account_id = $1 AND p.upline_id = b.id WHERE b.level <= $5 \
         ) SELECT (SELECT max(level) FROM above) AS above, (SELECT max(level) FROM below) AS below, \
         EXISTS (SELECT FROM above WHERE id = $4) AS closes",
    )
    .bind::<Uuid, _>(program.account_id)
    .bind::<Uuid, _>(program.id)
    .bind::<Uuid, _>(upline)
    .bind::<Nullable<Uuid>, _>(partner)
    .bind::<Integer, _>(MOST_UPLINES)
    .get_result(conn)
    .await?;
    let Some(above) = chain.above else { return Ok(Some(UplineProblem::NotFound)) };
    let deepest = above + 1 + chain.below.unwrap_or(0);
    Ok(match chain.closes {
        true => Some(UplineProblem::Cycle),
        false => (deepest > MOST_UPLINES).then_some(UplineProblem::TooDeep),
    })
}
