//! Payouts by the endings of their ids, which are all that rails with short fields carry.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, PayoutBatchId, PayoutId};

use super::Reading;
use crate::schema::payouts;

/// How many characters of an id they carry: fifty bits, which are random.
const ENDING: usize = 10;

impl Reading {
    /// Names by its id each payout of the batch that the file names by its ending. An ending that two of them have names neither.
    pub(super) async fn by_whole_ids(
        self,
        conn: &mut AsyncPgConnection,
        (account_id, batch_id): (AccountId, PayoutBatchId),
    ) -> QueryResult<Self> {
        if !self.names_endings() {
            return Ok(self);
        }
        let ids: Vec<PayoutId> = payouts::table
            .filter(payouts::account_id.eq(account_id))
            .filter(payouts::batch_id.eq(batch_id))
            .select(payouts::id)
            .load(conn)
            .await?;
        Ok(self.renamed(&whole_ids(&ids)))
    }

    fn names_endings(&self) -> bool {
        let said = self.said.iter().map(|(name, _)| name);
        let names = said.chain(&self.doubted).chain(&self.open).chain(self.amounts.keys());
        names.map(String::len).any(|length| length == ENDING)
    }

    fn renamed(self, whole: &BTreeMap<String, String>) -> Self {
        let id = |name: String| match whole.get(&name.to_ascii_lowercase()) {
            Some(id) => id.clone(),
            None => name,
        };
        let mut doubted: BTreeSet<String> = self.doubted.into_iter().map(id).collect();
        let mut amounts = BTreeMap::new();
        for (name, amount) in self.amounts {
            let name = id(name);
            if *amounts.entry(name.clone()).or_insert(amount) != amount {
                doubted.insert(name);
            }
        }
        Self {
            said: self.said.into_iter().map(|(name, verdict)| (id(name), verdict)).collect(),
            returned: self.returned.into_iter().map(id).collect(),
            open: self.open.into_iter().map(id).collect(),
            amounts,
            doubted,
            ..self
        }
    }
}

/// Whole ids by the endings that only one has.
fn whole_ids(ids: &[PayoutId]) -> BTreeMap<String, String> {
    let (mut whole, mut shared) = (BTreeMap::new(), BTreeSet::new());
    for id in ids.iter().map(ToString::to_string) {
        let Some(ending) = id.get(id.len().saturating_sub(ENDING)..).map(str::to_owned) else { continue };
        if whole.insert(ending.clone(), id).is_some() {
            shared.insert(ending);
        }
    }
    whole.retain(|ending, _| !shared.contains(ending));
    whole
}

#[cfg(test)]
mod tests {
    use money::{Currency, Money};

    use super::*;
    use crate::payout_batches::Verdict;

    fn ids() -> [PayoutId; 3] {
        ["pay_01h455vb4pex5vsknk084sn02q", "pay_01h455vb4pex5vsknk084sn02r", "pay_01h455vb4pex6vsknk084sn02r"]
            .map(|id| id.parse().unwrap())
    }

    #[test]
    fn an_ending_names_the_one_that_has_it() {
        let paid = || Verdict::Paid { reference: None, fee: None };
        let said =
            ["KNK084SN02Q", "nk084sn02q", "NK084SN02Q", "nk084sn02r", "pay_01h455vb4pex5vsknk084sn02r"];
        let [first, second, _] = ids().map(|id| id.to_string());
        let reading = Reading {
            said: said.map(|name| (name.to_owned(), paid())).to_vec(),
            returned: ["nk084sn02q".to_owned()].into(),
            doubted: ["nk084sn02q".to_owned()].into(),
            open: [second.clone()].into(),
            ..Reading::default()
        };
        let renamed = reading.renamed(&whole_ids(&ids()));
        let names: Vec<_> = renamed.said.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["KNK084SN02Q", &first, &first, "nk084sn02r", &second], "two have an ending");
        assert_eq!(renamed.returned, [first.clone()].into());
        assert_eq!(renamed.open, [second.clone()].into());
        let once = Reading { open: BTreeSet::new(), ..renamed }.once();
        let names: Vec<_> = once.said.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["KNK084SN02Q", "nk084sn02r", &second]);
    }

    #[test]
    fn two_names_of_one_are_one() {
        let usd = |minor| Money::new(minor, Currency::USD);
        let [first, ..] = ids().map(|id| id.to_string());
        let of = |ending: &str| (ending.to_owned(), Verdict::Paid { reference: None, fee: None });
        for reading in [
            Reading {
                amounts: [("nk084sn02q".to_owned(), usd(1)), (first.clone(), usd(2))].into(),
                ..Reading::default()
            },
            Reading { doubted: ["NK084SN02Q".to_owned()].into(), ..Reading::default() },
            Reading { open: ["nk084sn02q".to_owned()].into(), ..Reading::default() },
        ] {
            for said in [vec![of(&first)], vec![of("nk084sn02q"), of(&first)]] {
                let reading = Reading { said, ..reading.clone() };
                assert!(reading.names_endings(), "{reading:?}");
                assert_eq!(reading.renamed(&whole_ids(&ids())).once().said, vec![]);
            }
        }
    }
}
