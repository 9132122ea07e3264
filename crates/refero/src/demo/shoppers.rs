use chrono::{DateTime, TimeDelta, Utc};
use domain::{attribution::Touch, customers::CustomerUpsert, programs::ProgramKind};

use super::{names, past::Past, programs::Open};

/// How the shop calls its customer of that number.
pub fn key(number: usize) -> String {
    format!("customer-{number:05}")
}

/// Somebody new, who is about to buy at `at`: most come through a partner's link, some are named by the shop, some come by
/// themselves, and a few are the partner.
pub fn newcomer(past: &mut Past<'_>, open: &mut Open, at: DateTime<Utc>) -> CustomerUpsert {
    open.shoppers += 1;
    let number = open.shoppers;
    let name = names::person(&mut past.chance);
    let mut said = CustomerUpsert {
        program_id: open.program.id,
        key: key(number),
        email: Some(format!("{}.{number}@mail.example", names::slug(&name))),
        name: Some(name),
        country: past.chance.pick(open.offer.countries).map(str::to_owned),
        tags: past.chance.per_mille(40).then(|| vec!["wholesale".to_owned()]),
        touch: None,
        confirmed: None,
        signed_up_at: Some(at - TimeDelta::minutes(past.chance.between(2, 40))),
    };
    if open.offer.kind != ProgramKind::Affiliate {
        said.touch = referrer(past, open);
        if open.offer.kind == ProgramKind::Newsletter {
            said.confirmed = Some(false);
            open.unconfirmed.push(said.key.clone());
        }
        return said;
    }
    if past.chance.per_mille(220) {
        return said;
    }
    let weights = open.promoters.iter().map(|it| if it.brings() { it.weight } else { 0 });
    let promoter = past.chance.weighted(weights).and_then(|place| open.promoters.get(place));
    if let Some(promoter) = promoter {
        said.touch = Some(match past.chance.per_mille(80) {
            true => Touch::PartnerKey(promoter.key.clone()),
            false => Touch::LinkSlug(promoter.key.clone()),
        });
        if past.chance.per_mille(10) {
            (said.name, said.email) = (Some(promoter.name.clone()), Some(promoter.email.clone()));
        }
    }
    said
}

/// Most are brought by somebody who came earlier, above all by the first; who reads the letter knows few of these.
fn referrer(past: &mut Past<'_>, open: &Open) -> Option<Touch> {
    let circle = if open.offer.kind == ProgramKind::Newsletter { 12 } else { 200 };
    let earlier = open.regulars.min(circle);
    let is_brought = earlier > 0 && past.chance.per_mille(750);
    let (one, other) = (past.chance.below(earlier), past.chance.below(earlier));
    is_brought.then(|| Touch::Referrer(key(1 + one.min(other))))
}
