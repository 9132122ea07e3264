//! Orders to banks, and the reports that we try to read, against the schemas of ISO 20022: the message's own, and for
//! orders also the stricter one of the German banks. The schemas are in the package of the crate `sepa`; `xmllint`
//! judges.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use local_stack::Package;
use payout_providers::{LegalForm, Recipient};

use crate::{
    bank::{debtor, order, payment, report},
    office::{of, to_banks},
};

const XMLLINT: Package = Package {
    title: "xmllint",
    least: 2,
    apt: &["libxml2-utils"],
    brew: "libxml2",
    instead: "put `xmllint` (https://gitlab.gnome.org/GNOME/libxml2) on the PATH",
    is_server: false,
};

/// The platform of this machine: packages for others alone were never downloaded.
fn host() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let told = String::from_utf8(Command::new(rustc).arg("-vV").output().unwrap().stdout).unwrap();
    told.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// Where the crate `sepa` lies.
fn package() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let told = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--offline", "--manifest-path", manifest])
        .args(["--filter-platform", &host()])
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    let package =
        told["packages"].as_array().unwrap().iter().find(|package| package["name"] == "sepa").unwrap();
    Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned()
}

/// What `xmllint` says against a document; nothing if it is valid.
fn complaints(document: &str, schema: &Path) -> String {
    let file = std::env::temp_dir().join(format!("refero-order-{}.xml", std::process::id()));
    std::fs::write(&file, document).unwrap();
    let judged =
        Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(schema).arg(&file).output();
    std::fs::remove_file(&file).unwrap();
    let judged = judged.unwrap();
    match judged.status.success() {
        true => String::new(),
        false => String::from_utf8(judged.stderr).unwrap(),
    }
}

/// Names and notes that no bank could take as they are.
fn strange() -> String {
    let strange =
        ["", " ", "//", "Ω ∑ 漢字 🙂", "a & <b> \"c\" 'd' _ \\ | ~", &"ß".repeat(300), "\u{0}\u{1}\r\n"];
    let submission = of("sub_1", money::Currency::EUR, strange.len(), |place| Recipient::Bank {
        name: strange[place].to_owned(),
        form: LegalForm::Business,
        iban: "MT84MALT011000012345MTLCAST001S".parse().unwrap(),
        bic: Some("MALTMTMT".parse().unwrap()),
    });
    order(&submission, &debtor(None), true).unwrap()
}

// One test: what is missing is installed once.
#[test]
fn orders_and_reports_are_valid() {
    if Command::new("xmllint").arg("--version").output().is_err() {
        local_stack::install(&XMLLINT).unwrap();
    }
    let schemas = package().join("tests/xsd");
    let orders = [
        order(&to_banks("sub_01h455vb4pex5vsknk084sn02q", 20), &debtor(Some("BYLADEM1001")), true).unwrap(),
        order(&to_banks("sub_2", 1), &debtor(None), false).unwrap(),
        strange(),
    ];
    for schema in ["pain.001.001.09.xsd", "pain.001.001.09_GBIC_5.xsd"] {
        for order in &orders {
            assert_eq!(complaints(order, &schemas.join(schema)), "", "{schema}");
        }
        let spoilt = orders[0].replacen("<CtrlSum>", "<CtrlSum>-x", 1);
        assert!(complaints(&spoilt, &schemas.join(schema)).contains("CtrlSum"), "{schema} refuses nothing");
    }
    let reason = "<p:StsRsnInf><p:Rsn><p:Cd>AC04</p:Cd></p:Rsn></p:StsRsnInf>";
    let told = report("<p:GrpSts>PART</p:GrpSts>", &payment("pay-0", "RJCT", reason));
    assert_eq!(complaints(&told, &schemas.join("pain.002.001.10.xsd")), "");
}
