//! Whether the keys of payout details and files open all of them.

use domain::{db::Db, files::File, payout_methods::PayoutMethod};
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
        let conn = &mut *db.get().await?;
        let methods = PayoutMethod::count_unopenable(conn, vault.as_ref()).await?;
        Ok((methods, File::count_unopenable(conn, vault.as_ref()).await?))
    });
    vec![either(found.await.map(|shut| line(vault.as_ref(), shut)))]
}

fn line(vault: Option<&Vault>, (methods, files): (i64, i64)) -> Line {
    match (vault, methods + files) {
        (None, 0) => Line::ok(CHECK, "none: nobody can say where to be paid"),
        (Some(vault), 0) => Line::ok(CHECK, format!("{} seals, and all is opened", vault.current_key_id())),
        _ => {
            let found = format!(
                "{methods} payout methods and {files} files that no key of PAYOUT_KEYS opens: they cannot be paid, or read"
            );
            let mend = "put the key that sealed them behind the present one in PAYOUT_KEYS; if it is lost, partners \
                        must say again where to be paid, and such files are lost";
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
            (None, (0, 0), "OK none: nobody can say where to be paid"),
            (Some(&vault), (0, 0), "OK k1 seals, and all is opened"),
            (
                None,
                (2, 0),
                "FAIL 2 payout methods and 0 files that no key of PAYOUT_KEYS opens: they cannot be paid, or read",
            ),
            (
                Some(&vault),
                (0, 1),
                "FAIL 0 payout methods and 1 files that no key of PAYOUT_KEYS opens: they cannot be paid, or read",
            ),
        ] {
            let line = line(vault, shut);
            assert_eq!(format!("{} {}", line.verdict.as_str(), line.found), expected);
        }
    }
}
