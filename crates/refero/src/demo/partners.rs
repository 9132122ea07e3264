use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    act::Actor,
    links::{Link, NewLink},
    partners::{Entry, NewPartner, Partner, Transition},
    team::Role,
};
use ids::PartnerId;

use super::{company::Company, names, past::Past, programs::Open};

const REASONS: [&str; 4] = [
    "Bids on our brand in search ads.",
    "The site has no content about coffee.",
    "Could not be reached for four weeks.",
    "Coupon codes were posted in public forums.",
];

/// Somebody who brings customers, or wants to.
pub struct Promoter {
    /// Once they have come.
    pub id: Option<PartnerId>,
    pub key: String,
    pub name: String,
    pub email: String,
    /// How many they bring, compared with others.
    pub weight: u64,
    pub is_approved: bool,
    /// Whether they have a link: it comes a while after the approval.
    pub has_link: bool,
}

impl Promoter {
    /// Whether customers can come through them.
    pub fn brings(&self) -> bool {
        self.is_approved && self.has_link
    }
}

/// What happens to a partner, and when.
pub struct Happening {
    at: DateTime<Utc>,
    program: usize,
    partner: usize,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Come(Entry),
    Approve,
    Reject,
    Suspend,
    Reinstate,
    /// Gets a link: their first, or one to the shop's offers.
    Link {
        is_first: bool,
    },
}

/// Who will come, and what will happen to them, the earliest first.
pub fn plan(past: &mut Past<'_>, programs: &mut [Open]) -> VecDeque<Happening> {
    let mut plan = Vec::new();
    for program in 0..programs.len() {
        let (earlier, rest) = programs.split_at_mut(program);
        let Some(open) = rest.first_mut() else { continue };
        let count = (past.size.partners * open.offer.partners / 100) as usize;
        for partner in 0..count {
            // Some promote two programs: the same person.
            let known = earlier.first().and_then(|open| open.promoters.get(partner));
            let known =
                known.filter(|_| partner % 9 == 1).map(|known| (known.name.clone(), known.email.clone()));
            let promoter = promoter(past, open, partner, known);
            open.promoters.push(promoter);
            let fate = fate(past, open.offer.opens, (partner, count));
            plan.extend(fate.into_iter().map(|(at, what)| Happening { at, program, partner, what }));
        }
    }
    plan.sort_by_key(|happening| happening.at);
    plan.into()
}

fn promoter(
    past: &mut Past<'_>,
    open: &mut Open,
    number: usize,
    known: Option<(String, String)>,
) -> Promoter {
    let (name, email) = known.unwrap_or_else(|| {
        let name = names::partner(number, &mut past.chance);
        let host = open.program.slug.replace("crema-", "");
        let email = format!("{}.{number}@{host}.example", names::slug(&name));
        (name, email)
    });
    let mut key = names::slug(&name);
    if !open.taken.insert(key.clone()) {
        key = format!("{key}-{number}");
        open.taken.insert(key.clone());
    }
    let weight = 12_000 / (number as u64 + 3) + 60;
    Promoter { id: None, key, name, email, weight, is_approved: false, has_link: false }
}

/// What happens to one of so many partners of a program. Places are fixed, so that a small demo has of everything too.
fn fate(past: &mut Past<'_>, opens: u32, (partner, count): (usize, usize)) -> Vec<(DateTime<Utc>, What)> {
    let opened = past.start + TimeDelta::days(past.day_at(opens).into());
    let lasts = (past.now - opened).num_minutes();
    let minutes = |minutes: i64| TimeDelta::minutes(minutes);
    let day = 24 * 60;
    let (application, entry) = (What::Come(Entry::Application), What::Come(Entry::Approved));
    if partner % 20 == 7 {
        // Waits to be decided.
        let since = past.chance.between(day / 8, 20 * day);
        return vec![(past.now - minutes(since), application)];
    }
    // A third is there soon, the others come over the time, and nobody at the very end.
    let (place, count) = (partner as i64, count.max(1) as i64);
    let usable = lasts - 25 * day;
    let first = if place * 3 < count { 10 * day * place / count } else { usable * place / count };
    let came = opened + minutes(60 + first + past.chance.between(0, day));
    let decided = came + minutes(past.chance.between(day / 4, 4 * day));
    if partner % 20 == 13 {
        return vec![(came, application), (decided, What::Reject)];
    }
    let (mut fate, approved) = match partner % 3 {
        0 => (vec![(came, entry)], came),
        _ => (vec![(came, application), (decided, What::Approve)], decided),
    };
    fate.push((approved + minutes(30), What::Link { is_first: true }));
    if partner % 6 == 0 {
        fate.push((approved + minutes(2 * day), What::Link { is_first: false }));
    }
    let left = (past.now - approved).num_minutes();
    let later = approved + minutes(left * past.chance.between(45, 75) / 100);
    match partner % 40 {
        4 | 24 => fate.push((later, What::Suspend)),
        10 => fate.extend([(later, What::Suspend), (later + minutes(6 * day), What::Reinstate)]),
        _ => {}
    }
    fate
}

/// Does what is planned until then.
pub async fn act_until(
    past: &mut Past<'_>,
    company: &Company,
    programs: &mut [Open],
    plan: &mut VecDeque<Happening>,
    until: DateTime<Utc>,
) -> anyhow::Result<()> {
    while let Some(next) = plan.pop_front_if(|next| next.at <= until) {
        // The manager runs the first program, the administrator the others.
        let by = company.actor(if next.program == 0 { Role::Manager } else { Role::Admin });
        if let Some(open) = programs.get_mut(next.program) {
            happen(past, company, open, &next, by).await?;
        }
    }
    Ok(())
}

async fn happen(
    past: &mut Past<'_>,
    company: &Company,
    open: &mut Open,
    Happening { at, partner, what, .. }: &Happening,
    by: Actor,
) -> anyhow::Result<()> {
    // One in four was brought by somebody who is there.
    let upline_id = (partner % 4 == 3).then(|| open.promoters.get(partner / 4)?.id).flatten();
    let Some(promoter) = open.promoters.get_mut(*partner) else { return Ok(()) };
    let scope = &company.scope;
    let reason = past.chance.pick(&REASONS).unwrap_or_default();
    let transition = match (*what, promoter.id) {
        (What::Come(entry), _) => {
            // Whoever applies does so by the shop's page.
            let act = past.at(*at, if entry == Entry::Application { open.shop } else { by });
            let country = past.chance.pick(open.offer.countries).map(str::to_owned);
            let tags = ["blog", "newsletter", "video", "agency"].map(str::to_owned);
            let new = NewPartner {
                program_id: open.program.id,
                entry,
                email: promoter.email.clone(),
                name: promoter.name.clone(),
                key: Some(promoter.key.clone()),
                country,
                tags: tags.into_iter().skip(partner % 4).take(1).collect(),
                group_id: None,
                upline_id,
                idempotency_key: None,
            };
            promoter.id = Some(Partner::create(past.conn, scope, &new, &act).await?.id);
            promoter.is_approved = entry == Entry::Approved;
            return Ok(());
        }
        (What::Link { is_first }, Some(partner_id)) => {
            let destination = (!is_first).then(|| format!("{}/offers", open.offer.website));
            let new = NewLink { partner_id, slug: None, destination, idempotency_key: None };
            Link::create(past.conn, scope, &new, &past.at(*at, by)).await?;
            promoter.has_link = true;
            return Ok(());
        }
        (What::Approve, _) => Transition::Approve,
        (What::Reject, _) => Transition::Reject { reason },
        (What::Suspend, _) => Transition::Suspend { reason },
        (What::Reinstate, _) => Transition::Reinstate,
        (What::Link { .. }, None) => return Ok(()),
    };
    let Some(id) = promoter.id else { return Ok(()) };
    Partner::transition(past.conn, scope, id, transition, &past.at(*at, by)).await?;
    promoter.is_approved = matches!(transition, Transition::Approve | Transition::Reinstate);
    Ok(())
}
