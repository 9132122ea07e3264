//! What the company sells, where, and under which terms.

use domain::{programs::ProgramKind, terms::SelfReferral};
use serde_json::{Value, json};

/// A program, and the shop behind it.
pub struct Offer {
    pub kind: ProgramKind,
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
    pub self_referral: SelfReferral,
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

/// What is sold in Europe.
const EUROPE: [Good; 6] = [
    good("subscription-monthly", "subscription", 1_900),
    good("beans-250", "beans", 990),
    good("beans-1000", "beans", 3_290),
    good("filter-papers", "accessories", 650),
    good("hand-grinder", "equipment", 8_900),
    good("espresso-machine", "equipment", 64_900),
];

/// The programs: three with partners, one of customers who bring friends, and one of a newsletter.
pub const OFFERS: [Offer; 5] = [
    Offer {
        kind: ProgramKind::Affiliate,
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
        goods: &EUROPE,
        hold_days: 30,
        rounding: money::Rounding::HalfEven,
        self_referral: SelfReferral::Review,
    },
    Offer {
        kind: ProgramKind::Affiliate,
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
        self_referral: SelfReferral::Reject,
    },
    Offer {
        kind: ProgramKind::Affiliate,
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
        self_referral: SelfReferral::Review,
    },
    Offer {
        kind: ProgramKind::Referral,
        name: "Crema Friends",
        website: "https://crema.example/friends",
        currency: "EUR",
        time_zone: "Europe/Berlin",
        hours: 1,
        share: 12,
        opens: 0,
        partners: 0,
        tax: 7,
        countries: &["DE", "AT", "NL"],
        goods: &EUROPE,
        hold_days: 14,
        rounding: money::Rounding::HalfEven,
        self_referral: SelfReferral::Reject,
    },
    Offer {
        kind: ProgramKind::Newsletter,
        name: "Crema Letter",
        website: "https://crema.example/letter",
        currency: "EUR",
        time_zone: "Europe/Berlin",
        hours: 1,
        share: 0,
        opens: 0,
        partners: 0,
        tax: 0,
        countries: &["DE", "AT", "FR", "NL"],
        goods: &[],
        hold_days: 0,
        rounding: money::Rounding::HalfEven,
        self_referral: SelfReferral::Reject,
    },
];

/// The rules of the offer's terms, the first version's first. The last version of Europe stays a draft.
pub fn rules(offer: &Offer) -> Vec<Value> {
    match (offer.kind, offer.currency) {
        (ProgramKind::Referral, _) => vec![friends()],
        (ProgramKind::Newsletter, _) => vec![letter()],
        (ProgramKind::Affiliate, "EUR") => europe(),
        (ProgramKind::Affiliate, "USD") => {
            vec![json!([percent("sale", "10", "EXCLUSIVE", "NET"), fixed("bag", "0.75", Some("UNIT"))])]
        }
        (ProgramKind::Affiliate, _) => {
            vec![json!([percent("sale", "8", "EXCLUSIVE", "NET"), fixed("order", "100", None)])]
        }
    }
}

fn percent(id: &str, percent: &str, stacking: &str, base: &str) -> Value {
    json!({
        "id": id, "trigger": "SALE", "beneficiary": "PARTNER", "stacking": stacking, "base": base,
        "value": { "type": "PERCENT", "percent": percent },
    })
}

fn fixed(id: &str, amount: &str, per: Option<&str>) -> Value {
    let mut value = json!({ "type": "FIXED", "amount": amount });
    if let Some(per) = per {
        value["per"] = json!(per);
    }
    json!({ "id": id, "trigger": "SALE", "beneficiary": "PARTNER", "stacking": "ADD", "value": value })
}

/// The second version has tiers by the month's revenue, a cap, and a share for who brought the partner.
fn europe() -> Vec<Value> {
    let step = |from: &str, percent: &str| json!({ "from": from, "value": { "type": "PERCENT", "percent": percent } });
    let thanks = || percent("thanks", "2.5", "ADD", "GROSS");
    let mut tiered = percent("sale", "15", "EXCLUSIVE", "NET");
    tiered["tiers"] =
        json!({ "metric": "REVENUE", "period": "MONTH", "steps": [step("500", "17"), step("1500", "20")] });
    tiered["caps"] = json!({ "perPartner": { "amount": "600", "period": "MONTH" } });
    let above = json!({
        "id": "above", "trigger": "SALE", "beneficiary": "UPLINE", "level": 1, "of": "REWARD",
        "value": { "type": "PERCENT", "percent": "10" },
    });
    vec![
        json!([percent("sale", "12", "EXCLUSIVE", "NET"), thanks()]),
        json!([tiered, thanks(), above]),
        json!([percent("sale", "18", "EXCLUSIVE", "NET"), fixed("bag", "0.50", Some("UNIT"))]),
    ]
}

/// Both sides: credit for the friend, money for the referrer's first sale of each friend, and points for the later ones.
fn friends() -> Value {
    let euros = |amount: &str| json!({ "type": "FIXED", "amount": amount });
    let points = json!({ "type": "UNITS", "unit": "points", "amount": "25" });
    json!([
        { "id": "welcome", "trigger": "SIGNUP", "beneficiary": "REFERRED", "value": euros("5") },
        { "id": "thanks", "trigger": "SALE", "beneficiary": "PARTNER", "value": euros("10"),
          "duration": { "type": "COUNT", "n": 1 } },
        { "id": "points", "trigger": "SALE", "beneficiary": "PARTNER", "value": points, "startAfter": 1, "endAfter": 4 },
    ])
}

/// Points for the subscribers that one brings.
fn letter() -> Value {
    let milestone = |id: &str, points: &str, milestone: Value| {
        json!({
            "id": id, "trigger": "MILESTONE", "beneficiary": "PARTNER", "milestone": milestone,
            "value": { "type": "UNITS", "unit": "points", "amount": points },
        })
    };
    json!([
        milestone("first", "20", json!({ "metric": "SIGNUPS", "at": ["1", "3"] })),
        milestone("five", "100", json!({ "metric": "SIGNUPS", "every": "5" })),
    ])
}
