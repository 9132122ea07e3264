//! The papers that are tried.

use std::{fs, path::PathBuf};

use chrono::NaiveDate;
use documents::{Amount, Line, Party, Period, SelfBilledInvoice, Statement, Tax};
use money::{Currency, Money};

pub fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

pub fn euro(minor: i64) -> Amount {
    Money::new(minor, Currency::EUR).into()
}

pub fn line(on: u32, what: &str, detail: Option<&str>, minor: i64) -> Line {
    Line { on: day(on), what: what.to_owned(), detail: detail.map(str::to_owned), amount: euro(minor) }
}

pub fn company() -> Party {
    Party {
        id: "acc_01h455vb4pex5vsknk084sn02q".to_owned(),
        name: "Łódź Żagle & Söhne GmbH".to_owned(),
        address: ["Musterstraße 12", "10115 Berlin", "Germany"].map(str::to_owned).to_vec(),
        tax_id: Some("VAT ID DE123456789".to_owned()),
    }
}

pub fn partner() -> Party {
    Party {
        id: "prt_01h455vb4pex5vsknk084sn02q".to_owned(),
        name: "山田太郎 (Tarō Yamada) · שרה כהן · محمد بن عبد الله · 김민준".to_owned(),
        address: ["1-2-3 Marunouchi, Chiyoda-ku", "Tōkyō 100-0005", "Japan 日本"].map(str::to_owned).to_vec(),
        tax_id: None,
    }
}

pub fn statement(lines: usize) -> Statement {
    let mut all = vec![
        line(2, "Reward for a sale", Some("Sale inv_20261102-18, 30 % of 99.99 EUR"), 3_000),
        line(4, "Reversal after a refund", Some("Sale inv_20261021-07"), -1_250),
        line(
            9,
            "Bonus for 25 customers, promised in the autumn campaign to every partner who reached it before the end of October",
            None,
            25_000,
        ),
        line(27, "Payout PO-2026-0311", Some("Wise DE** **** 3000"), -120_000),
    ];
    all.extend((0..lines).map(|n| {
        line(1 + u32::try_from(n % 30).unwrap(), "Reward for a sale", Some("30 % of 99.99 EUR"), 2_999)
    }));
    Statement {
        id: "stm_01h455vb4pex5vsknk084sn02q".to_owned(),
        number: "ST-2026-11-0042".to_owned(),
        issued_on: day(30),
        period: Period { from: day(1), to: day(30) },
        issuer: company(),
        payee: partner(),
        opening: euro(104_217),
        lines: all,
        notes: vec![
            "Amounts above zero are owed to you; amounts below zero were paid to you, or taken back after a refund.".to_owned(),
            "Rewards become payable 30 days after the sale. Questions about this statement: partners@example.com".to_owned(),
        ],
    }
}

pub fn invoice() -> SelfBilledInvoice {
    SelfBilledInvoice {
        id: "sbi_01h455vb4pex5vsknk084sn02q".to_owned(),
        number: "SB-2026-0017".to_owned(),
        issued_on: day(30),
        period: Period { from: day(1), to: day(30) },
        supplier: partner(),
        customer: company(),
        legal_title: Some("Gutschrift".to_owned()),
        currency: Currency::EUR,
        lines: vec![
            line(30, "Referral of customers, November 2026", Some("41 rewards"), 123_456),
            line(30, "=SUM(A1:A9)", None, -3_456),
        ],
        taxes: vec![Tax { what: "VAT 19 %".to_owned(), base: euro(120_000), amount: euro(22_800) }],
        notes: vec!["Paid on 27 November 2026 by bank transfer to DE** **** 3000.".to_owned()],
    }
}

/// Leaves the bytes where people can look at them.
pub fn kept(name: &str, bytes: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, bytes).unwrap();
    path
}
