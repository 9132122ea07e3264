use std::process::Command;

use documents::SigningKey;

use crate::samples::{company, invoice, kept, line, statement};

#[test]
fn openssl_verifies_what_was_signed_and_nothing_else() {
    let key: SigningKey = format!("2026:{}=", "A".repeat(43)).parse().unwrap();
    let signed = key.sign(&statement(3).complete().unwrap()).unwrap();
    let verifies = |json: &[u8], signature: &[u8]| {
        let pem = key.public_key_pem();
        let files = [("key.pem", pem.as_bytes()), ("statement.json", json), ("sig", signature)];
        let [key, json, signature] = files.map(|(name, bytes)| kept(name, bytes));
        let mut openssl = Command::new("openssl");
        openssl.args(["pkeyutl", "-verify", "-pubin", "-rawin", "-inkey"]).arg(key);
        openssl.arg("-in").arg(json).arg("-sigfile").arg(signature);
        openssl.output().expect("openssl is installed").status.success()
    };
    assert!(verifies(&signed.json, &signed.signature));

    let json = String::from_utf8(signed.json.clone()).unwrap();
    let forged = json.replace(r#""amount":"30.00""#, r#""amount":"90.00""#);
    assert_ne!(forged, json);
    assert!(!verifies(forged.as_bytes(), &signed.signature));
    let mut wrong = signed.signature.clone();
    wrong[0] ^= 1;
    assert!(!verifies(&signed.json, &wrong));
}

#[test]
fn what_is_signed_holds_the_paper_and_its_sums() {
    let key: SigningKey = format!("2026:{}=", "A".repeat(43)).parse().unwrap();
    let mut small = statement(0);
    (small.lines, small.notes, small.payee) = (vec![line(2, "Reward", None, 3_000)], Vec::new(), company());
    let signed = key.sign(&small.complete().unwrap()).unwrap();
    assert_eq!(
        String::from_utf8(signed.json).unwrap(),
        concat!(
            r#"{"closing":{"amount":"1072.17","currency":"EUR"},"document":"payout_statement/1","id":"stm_01h455vb4pex5vsknk084sn02q","issued_on":"2026-11-30","#,
            r#""issuer":{"address":["Musterstraße 12","10115 Berlin","Germany"],"id":"acc_01h455vb4pex5vsknk084sn02q","name":"Łódź Żagle & Söhne GmbH","#,
            r#""tax_id":"VAT ID DE123456789"},"lines":[{"amount":{"amount":"30.00","currency":"EUR"},"detail":null,"#,
            r#""on":"2026-11-02","what":"Reward"}],"notes":[],"number":"ST-2026-11-0042","#,
            r#""opening":{"amount":"1042.17","currency":"EUR"},"#,
            r#""payee":{"address":["Musterstraße 12","10115 Berlin","Germany"],"id":"acc_01h455vb4pex5vsknk084sn02q","name":"Łódź Żagle & Söhne GmbH","#,
            r#""tax_id":"VAT ID DE123456789"},"period":{"from":"2026-11-01","to":"2026-11-30"},"#,
            r#""total_in":{"amount":"30.00","currency":"EUR"},"total_out":{"amount":"0.00","currency":"EUR"}}"#,
        )
    );
    assert!(key.sign(&invoice().complete().unwrap()).is_ok());
}
