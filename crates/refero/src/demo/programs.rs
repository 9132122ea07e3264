use std::collections::HashSet;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    act::{Act, Actor},
    api_keys::{ApiKey, NewApiKey},
    programs::{NewProgram, Program, Transition},
    team::{Permission, Role},
    terms::{DraftTerms, RewardCurrency, Terms, TermsFor},
};
use serde_json::Value;

use super::{
    catalog::{OFFERS, Offer, rules},
    company::Company,
    partners::Promoter,
    past::Past,
};

/// A program that is open, and what has happened in it so far.
pub struct Open {
    pub offer: &'static Offer,
    pub program: Program,
    /// What the shop's server calls with.
    pub shop: Actor,
    pub promoters: Vec<Promoter>,
    /// The keys of partners, which are unique.
    pub taken: HashSet<String>,
    /// How many customers the shop has made up keys for.
    pub shoppers: usize,
    /// How many of them were there before today.
    pub regulars: usize,
    pub orders: usize,
    /// The orders of which something was taken back, and the chargebacks that are disputed.
    pub adjusted: HashSet<usize>,
    pub disputes: Vec<String>,
    /// Subscribers who have yet to confirm.
    pub unconfirmed: Vec<String>,
}

/// When the second version of the terms is published, in thousandths of the history.
const REVISED: u32 = 450;

/// Makes the programs with their first terms, and a key for each shop.
pub async fn open(past: &mut Past<'_>, company: &Company) -> anyhow::Result<Vec<Open>> {
    let mut programs = Vec::with_capacity(OFFERS.len());
    for offer in &OFFERS {
        let at = past.start + TimeDelta::days(past.day_at(offer.opens).into());
        // What is made at the start is made by the owner, who is alone then.
        let act = past.at(at, company.actor(Role::Owner));
        let program = Program::create(past.conn, &company.scope, &new_program(offer)?, &act).await?;
        // Japan's terms begin three days after it opens: what is sold before has none.
        let from = (offer.opens > 0).then(|| at + TimeDelta::days(3));
        let first = rules(offer).into_iter().next().context("an offer has terms")?;
        publish(past, company, &program, (offer, first), (from, &act)).await?;
        let program =
            Program::transition(past.conn, &company.scope, program.id, Transition::Activate, &act).await?;
        let shop = Actor::ApiKey(key(past, company, &program, &act).await?);
        programs.push(Open {
            offer,
            program,
            shop,
            promoters: Vec::new(),
            taken: HashSet::new(),
            shoppers: 0,
            regulars: 0,
            orders: 0,
            adjusted: HashSet::new(),
            disputes: Vec::new(),
            unconfirmed: Vec::new(),
        });
    }
    Ok(programs)
}

/// Europe's terms change at some day; at the end a third version is being written.
pub async fn revise(
    past: &mut Past<'_>,
    company: &Company,
    programs: &[Open],
    day: u32,
) -> anyhow::Result<()> {
    let is_last = day + 4 == past.size.days;
    let version = match day {
        day if day == past.day_at(REVISED) => 1,
        _ if is_last => 2,
        _ => return Ok(()),
    };
    // What happened as the day before ended is evaluated: new terms come after it.
    let begun = past.end_of(day) - TimeDelta::days(1) + TimeDelta::seconds(1);
    let act = past.at(begun, company.actor(Role::Manager));
    for open in programs {
        let Some(rules) = rules(open.offer).into_iter().nth(version) else { continue };
        if is_last {
            let draft = draft(open.offer, rules);
            Terms::put_draft(past.conn, &company.scope, open.program.id, &draft, &act).await?;
        } else {
            publish(past, company, &open.program, (open.offer, rules), (None, &act)).await?;
        }
    }
    Ok(())
}

async fn publish(
    past: &mut Past<'_>,
    company: &Company,
    program: &Program,
    (offer, rules): (&Offer, Value),
    (from, act): (Option<DateTime<Utc>>, &Act),
) -> anyhow::Result<()> {
    let draft = draft(offer, rules);
    let draft = Terms::put_draft(past.conn, &company.scope, program.id, &draft, act).await?;
    Terms::publish(past.conn, &company.scope, draft.id, from, act).await?;
    Ok(())
}

fn draft(offer: &Offer, rules: Value) -> DraftTerms {
    DraftTerms {
        whose: TermsFor::Everybody,
        rules,
        hold_days: offer.hold_days,
        rounding: offer.rounding,
        self_referral: offer.self_referral,
        rate_max_age_days: None,
        reward_currency: RewardCurrency::Program,
        duplicate_sale_minutes: None,
        existing_customer_review: false,
        referred_while_suspended: false,
    }
}

fn new_program(offer: &Offer) -> anyhow::Result<NewProgram> {
    Ok(NewProgram {
        kind: offer.kind,
        name: offer.name.to_owned(),
        currency: offer.currency.parse()?,
        slug: None,
        website: Some(offer.website.to_owned()),
        time_zone: Some(offer.time_zone.to_owned()),
        grandfathering: None,
        link_parameter: None,
        link_style: None,
        attribution_model: None,
        attribution_window_days: None,
        auto_approve: None,
        late_sale_days: None,
        idempotency_key: None,
    })
}

/// The key that the shop's server has. Its secret is shown to nobody, and no seed repeats it.
async fn key(
    past: &mut Past<'_>,
    company: &Company,
    program: &Program,
    act: &Act,
) -> anyhow::Result<ids::ApiKeyId> {
    let new = NewApiKey {
        name: format!("Shop of {}", program.name),
        permissions: vec![Permission::CustomersWrite, Permission::TransactionsWrite],
        programs: vec![program.id],
        expires_at: None,
        idempotency_key: None,
    };
    let act = Act { ids: past.keyed.clone(), ..act.clone() };
    let created = ApiKey::create(past.conn, &company.scope, Permission::ALL, &new, &act).await?;
    Ok(created.key.id)
}
