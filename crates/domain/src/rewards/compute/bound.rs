use std::collections::HashMap;

use diesel::{dsl::count_star, prelude::*};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, TransactionId};

use super::{
    MOST_WORK,
    facts::{Fact, What, sales_of},
};
use crate::{schema::transaction_items, terms::TermsInForce};

/// Weighs what is kept of each line whatever the rules are: the sale's facts.
const FACTS_OF_A_LINE: usize = 4;

/// How many of the facts, from the first on, one run may take: at least one.
pub(super) async fn affordable(
    conn: &mut AsyncPgConnection,
    account_id: AccountId,
    terms: &[TermsInForce],
    facts: &[Fact],
) -> QueryResult<usize> {
    let works = works(conn, account_id, terms, &sales_of(facts)).await?;
    let work = |fact: &Fact| match fact.what {
        What::Sale(id) => works(id),
        _ => 0,
    };
    Ok(prefix(facts.iter().map(work)))
}

/// How many of these sales, from the first on, one run may evaluate: at least one.
pub(super) async fn affordable_sales(
    conn: &mut AsyncPgConnection,
    account_id: AccountId,
    terms: &[TermsInForce],
    sales: &[TransactionId],
) -> QueryResult<usize> {
    let works = works(conn, account_id, terms, sales).await?;
    Ok(prefix(sales.iter().map(|id| works(*id))))
}

/// What each of these sales weighs.
async fn works(
    conn: &mut AsyncPgConnection,
    account_id: AccountId,
    terms: &[TermsInForce],
    sales: &[TransactionId],
) -> QueryResult<impl Fn(TransactionId) -> usize + use<>> {
    use transaction_items as i;
    let rows: Vec<(TransactionId, i64)> = i::table
        .filter(i::account_id.eq(account_id))
        .filter(i::transaction_id.eq_any(sales))
        .group_by(i::transaction_id)
        .select((i::transaction_id, count_star()))
        .load(conn)
        .await?;
    let items: HashMap<TransactionId, i64> = rows.into_iter().collect();
    let rules = terms.iter().map(|version| version.rules.len()).max().unwrap_or(0);
    Ok(move |id| {
        let items = items.get(&id).and_then(|count| usize::try_from(*count).ok()).unwrap_or(0);
        // What the items leave of the net is one more.
        (items + 1) * (rules + FACTS_OF_A_LINE)
    })
}

/// How many of these fit into a run.
fn prefix(works: impl Iterator<Item = usize>) -> usize {
    let mut left = MOST_WORK;
    let fits = |(place, work): &(usize, usize)| {
        let fits = *place == 0 || *work <= left;
        left = left.saturating_sub(*work);
        fits
    };
    works.enumerate().take_while(fits).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_fit_and_never_none() {
        let table: [(&[usize], usize); 6] = [
            (&[], 0),
            (&[MOST_WORK + 1, 1], 1),
            (&[MOST_WORK, 0, 0, 1], 3),
            (&[MOST_WORK / 2, MOST_WORK / 2, 1], 2),
            (&[0, MOST_WORK + 1, 1], 1),
            (&[5; 500], 500),
        ];
        for (works, taken) in table {
            assert_eq!(prefix(works.iter().copied()), taken, "{works:?}");
        }
    }
}
