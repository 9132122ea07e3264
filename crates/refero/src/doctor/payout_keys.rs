//! Whether the keys of payout details open all of them.

use domain::{db::Db, payout_methods::PayoutMethod};
use vault::Vault;

use super::{
    Line,
    line::{either, within},
};

const CHECK: &str = "payout keys";

/// Looks for payout methods that no key opens. Keys that cannot be read have their line already.
pub async fn look(db: &Db, keys: Option<&Option<Vault>>) -> Vec<Line> {
    let Some(vault) = keys else { return Vec::new() };
    let mend = "are the payout methods there?";
    let found = within(CHECK, mend, async {
        Ok(PayoutMethod::count_unopenable(&mut *db.get().await?, vault.as_ref()).await?)
    });
    vec![either(found.await.map(|shut| line(vault.as_ref(), shut)))]
}

fn line(vault: Option<&Vault>, shut: i64) -> Line {
    match (vault, shut) {
        (None, 0) => Line::ok(CHECK, "none: nobody can say where to be paid"),
        (Some(vault), 0) => Line::ok(CHECK, format!("{} seals, and all is opened", vault.current_key_id())),
        (_, shut) => {
            let found =
                format!("{shut} payout methods that no key of PAYOUT_KEYS opens: they cannot be paid");
            let mend = "put the key that sealed them behind the present one in PAYOUT_KEYS; if it is lost, their \
                        partners must say again where to be paid";
            Line::fail(CHECK, found, mend)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_that_no_key_opens_fail() {
        let vault: Vault = format!("k1:{}=", "A".repeat(43)).parse().unwrap();
        for (vault, shut, expected) in [
            (None, 0, "OK none: nobody can say where to be paid"),
            (None, 2, "FAIL 2 payout methods that no key of PAYOUT_KEYS opens: they cannot be paid"),
            (Some(&vault), 0, "OK k1 seals, and all is opened"),
            (Some(&vault), 1, "FAIL 1 payout methods that no key of PAYOUT_KEYS opens: they cannot be paid"),
        ] {
            let line = line(vault, shut);
            assert_eq!(format!("{} {}", line.verdict.as_str(), line.found), expected);
        }
    }
}
