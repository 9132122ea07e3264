//! What the company sells, where, and under which terms.

use serde_json::{Value, json};

/// A program, and the shop behind it.
pub struct Offer {
    pub name: &'static str,
    pub website: &'static str,
    pub currency: &'static str,
    pub time_zone: &'static str,
    /// Hours ahead of UTC, without summer time: when people there are awake.
    pub hours: i64,
    /// How much of the sales it has.
    pub share: u64,
    /// When it opens, in thousandths of the history.
    pub opens: u32,
    /// How much of the partners it has, in percent.
    pub partners: u32,
    /// Percent of the net.
    pub tax: i64,
    pub countries: &'static [&'static str],
    pub goods: &'static [Good],
    pub hold_days: i32,
    pub rounding: money::Rounding,
    pub self_referral: domain::terms::SelfReferral,
}

/// Something to buy.
#[derive(Clone, Copy)]
pub struct Good {
    pub id: &'static str,
    pub kind: &'static str,
    /// In minor units.
    pub price: i64,
}

const fn good(id: &'static str, kind: &'static str, price: i64) -> Good {
    Good { id, kind, price }
}

/// The three programs.
pub const OFFERS: [Offer; 3] = [
    Offer {
        name: "Crema Europe",
        website: "https://crema.example/eu",
        currency: "EUR",
        time_zone: "Europe/Berlin",
        hours: 1,
        share: 50,
        opens: 0,
        partners: 50,
        tax: 7,
        countries: &["DE", "AT", "FR", "IT", "NL", "ES", "DK"],
        goods: &[
            good("subscription-monthly", "subscription", 1_900),
            good("beans-250", "beans", 990),
            good("beans-1000", "beans", 3_290),
            good("filter-papers", "accessories", 650),
            good("hand-grinder", "equipment", 8_900),
            good("espresso-machine", "equipment", 64_900),
        ],
        hold_days: 30,
        rounding: money::Rounding::HalfEven,
        self_referral: domain::terms::SelfReferral::Review,
    },
    Offer {
        name: "Crema US",
        website: "https://crema.example/us",
        currency: "USD",
        time_zone: "America/New_York",
        hours: -5,
        share: 35,
        opens: 0,
        partners: 34,
        tax: 0,
        countries: &["US", "US", "US", "CA"],
        goods: &[
            good("subscription-monthly", "subscription", 2_200),
            good("beans-12oz", "beans", 1_450),
            good("beans-2lb", "beans", 3_800),
            good("pour-over-kit", "accessories", 4_200),
            good("hand-grinder", "equipment", 9_900),
        ],
        hold_days: 45,
        rounding: money::Rounding::HalfUp,
        self_referral: domain::terms::SelfReferral::Reject,
    },
    Offer {
        name: "Crema Japan",
        website: "https://crema.example/jp",
        currency: "JPY",
        time_zone: "Asia/Tokyo",
        hours: 9,
        share: 15,
        opens: 300,
        partners: 16,
        tax: 8,
        countries: &["JP"],
        goods: &[
            good("subscription-monthly", "subscription", 2_800),
            good("beans-200", "beans", 1_480),
            good("drip-bags", "beans", 980),
            good("hand-grinder", "equipment", 13_800),
        ],
        hold_days: 14,
        rounding: money::Rounding::Down,
        self_referral: domain::terms::SelfReferral::Review,
    },
];

/// The rules of the offer's terms, the first version's first. The last version of Europe stays a draft.
pub fn rules(offer: &Offer) -> Vec<Value> {
    let percent = |id: &str, percent: &str, stacking: &str, base: &str| {
        json!({
            "id": id, "trigger": "SALE", "beneficiary": "PARTNER", "stacking": stacking, "base": base,
            "value": { "type": "PERCENT", "percent": percent },
        })
    };
    let fixed = |id: &str, amount: &str, per: Option<&str>| {
        let mut value = json!({ "type": "FIXED", "amount": amount });
        if let Some(per) = per {
            value["per"] = json!(per);
        }
        json!({ "id": id, "trigger": "SALE", "beneficiary": "PARTNER", "stacking": "ADD", "value": value })
    };
    match offer.currency {
        "EUR" => vec![
            json!([percent("sale", "12", "EXCLUSIVE", "NET"), percent("thanks", "2.5", "ADD", "GROSS")]),
            json!([percent("sale", "15", "EXCLUSIVE", "NET"), percent("thanks", "2.5", "ADD", "GROSS")]),
            json!([percent("sale", "18", "EXCLUSIVE", "NET"), fixed("bag", "0.50", Some("UNIT"))]),
        ],
        "USD" => vec![json!([percent("sale", "10", "EXCLUSIVE", "NET"), fixed("bag", "0.75", Some("UNIT"))])],
        _ => vec![json!([percent("sale", "8", "EXCLUSIVE", "NET"), fixed("order", "100", None)])],
    }
}
