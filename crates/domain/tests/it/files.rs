//! Files: what says where money goes is sealed, and sealed anew after its key was replaced.

use diesel_async::AsyncPgConnection;
use domain::{
    act::Act,
    files::{File, FileContent, NewFile, ReadError},
    payout_methods::PayoutMethod,
};
use ids::{AccountId, FileId};
use vault::{OpenError, Vault};

use crate::{
    paying::{self, vault},
    shop::Shop,
};

const LIST: &[u8] = b"reference,iban\npay_1,DE89370400440532013000";

fn rotated() -> Vault {
    format!("k2:{}=,k1:{}=", "E".repeat(43), "A".repeat(43)).parse().unwrap()
}

/// As if the key k1 were another one now.
fn another() -> Vault {
    format!("k2:{}=,k1:{}=", "E".repeat(43), "I".repeat(43)).parse().unwrap()
}

async fn kept(conn: &mut AsyncPgConnection, vault: Option<&Vault>, whose: AccountId, act: &Act) -> FileId {
    let (name, content_type) = ("list.csv".to_owned(), "text/csv".to_owned());
    let new = NewFile { name, content_type, bytes: LIST.to_vec() };
    File::create(conn, vault, (whose, &new), act).await.unwrap().id
}

async fn reseal(shop: &Shop, vault: &Vault) {
    let (conn, act, mut after) = (&mut *shop.world.conn().await, shop.world.act(), None);
    for _ in 0..10 {
        after = File::reseal(conn, vault, after, &act).await.unwrap();
        if after.is_none() {
            return;
        }
    }
    panic!("there is no end of it");
}

#[tokio::test]
async fn what_is_sealed_is_opened_by_its_key_alone() {
    let shop = paying::shop().await;
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let account_id = shop.scope.account_id;
    let sealed = kept(conn, Some(&vault()), account_id, &act).await;
    let hidden = "SELECT (position('DE89'::bytea in bytes) = 0)::text AS line FROM files";
    assert_eq!(shop.lines(hidden).await, ["true"]);
    let plain = kept(conn, None, account_id, &act).await;
    for (file, vault) in
        [(sealed, Some(vault())), (sealed, Some(rotated())), (plain, Some(vault())), (plain, None)]
    {
        let content = FileContent::read(conn, vault.as_ref(), (account_id, file)).await.unwrap().unwrap();
        assert_eq!((content.bytes.as_slice(), content.name.as_str()), (LIST, "list.csv"));
    }
    let unknown = || OpenError::UnknownKey { key_id: "k1".to_owned() };
    let other: Vault = format!("k9:{}=", "A".repeat(43)).parse().unwrap();
    for (vault, expected) in
        [(None, unknown()), (Some(other), unknown()), (Some(another()), OpenError::Refused)]
    {
        let read = FileContent::read(conn, vault.as_ref(), (account_id, sealed)).await;
        assert!(matches!(&read, Err(ReadError::Sealed(error)) if *error == expected), "{read:?}");
    }
    assert_eq!(File::count_unopenable(conn, None).await.unwrap(), 1);
    assert_eq!(File::count_unopenable(conn, Some(&vault())).await.unwrap(), 0);
    let foreign = crate::partners::account(&shop.world).await.account_id;
    assert!(FileContent::read(conn, Some(&vault()), (foreign, sealed)).await.unwrap().is_none());
}

#[tokio::test]
async fn files_are_sealed_anew_to_the_last() {
    let shop = paying::shop().await;
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let account_id = shop.scope.account_id;
    // More than are sealed at once, and among them as many that nothing opens.
    let lost = format!("k1:{}=", "M".repeat(43)).parse::<Vault>().unwrap();
    let mut sealed = Vec::new();
    for _ in 0..25 {
        kept(conn, Some(&lost), account_id, &act).await;
        sealed.push(kept(conn, Some(&vault()), account_id, &act).await);
    }
    let plain = kept(conn, None, account_id, &act).await;
    reseal(&shop, &rotated()).await;
    let keys = "SELECT concat_ws(' ', key_id, count(*)) AS line FROM files GROUP BY key_id ORDER BY key_id";
    assert_eq!(shop.lines(keys).await, ["k1 25", "k2 25", "1"]);
    let present: Vault = format!("k2:{}=", "E".repeat(43)).parse().unwrap();
    for file in sealed.into_iter().chain([plain]) {
        let content = FileContent::read(conn, Some(&present), (account_id, file)).await.unwrap().unwrap();
        assert_eq!(content.bytes, LIST);
    }
}

#[tokio::test]
async fn payout_methods_are_sealed_anew_to_the_last() {
    let shop = paying::shop().await;
    for number in 0..3 {
        shop.payee(&format!("payee-{number}")).await;
    }
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let end = PayoutMethod::reseal(conn, &rotated(), None, &act).await.unwrap();
    assert_eq!(end, None);
    let keys = "SELECT DISTINCT key_id AS line FROM payout_methods";
    assert_eq!(shop.lines(keys).await, ["k2"]);
}

#[tokio::test]
async fn nothing_else_of_a_file_changes() {
    let shop = paying::shop().await;
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let id = kept(conn, None, shop.scope.account_id, &act).await;
    let only = format!("WHERE id = '{}'", ids::TypedId::uuid(id));
    kept(conn, Some(&vault()), shop.scope.account_id, &act).await;
    for change in [
        format!("UPDATE files SET bytes = 'x' {only}"),
        format!("UPDATE files SET key_id = 'k2' {only}"),
        "UPDATE files SET bytes = 'x' WHERE key_id = 'k1'".to_owned(),
        "UPDATE files SET key_id = NULL, sha256 = 'x' WHERE key_id = 'k1'".to_owned(),
        "UPDATE files SET key_id = 'k2', name = 'other.csv' WHERE key_id = 'k1'".to_owned(),
        "UPDATE files SET key_id = 'k2', content_type = 'text/html' WHERE key_id = 'k1'".to_owned(),
        "DELETE FROM files".to_owned(),
    ] {
        let refused = shop.refused(&change).await;
        assert!(refused.contains("is append-only"), "{change}: {refused}");
    }
}
