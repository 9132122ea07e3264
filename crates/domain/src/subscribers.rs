//! What happens when...? This page answers. An event gets its place in the feed, and in the same transaction what
//! follows from it is enqueued; feature code never sends an email or enqueues another concept's job.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use ids::{AccountId, IdSource, PartnerId, ProgramId, UserId};
use queue::NewJob;
use serde::Deserialize;

use crate::{
    emails::{self, Cause, EmailTemplate, NewEmail, Recipient},
    events::{Event, EventKind, sequence as positions},
    payouts::PayoutPayload,
    rewards::ComputeRewards,
    stats::{FOLD_DELAY, FoldStats},
    team::{
        Member,
        invites::{AcceptedPayload, Invite, InvitePayload},
    },
};

/// What an event causes.
enum Reaction {
    /// The program's writer of rewards has something to read.
    ComputeRewards,
    /// Its verb appended deltas, which are folded a moment later.
    FoldStats,
    /// The partner that the payload names is told.
    TellPartner(EmailTemplate),
    /// The partner of a payout is told, if it had been asked for: of what a batch made nobody knew.
    TellWhoAsked(EmailTemplate),
    /// Every owner of the account is told.
    TellOwners(EmailTemplate),
    /// The address of the invite that the event is about gets the link that the payload numbers.
    TellInvited(EmailTemplate),
    /// Whoever invited is told; if a machine did, the owners are.
    TellInviter(EmailTemplate),
    /// The user that the payload names is told, unless they did it themselves.
    TellUser(EmailTemplate),
}

/// The table: the one place that knows what follows from what.
fn reactions(kind: EventKind) -> &'static [Reaction] {
    use EmailTemplate as T;
    use EventKind as K;
    use Reaction::{ComputeRewards, FoldStats, TellInvited, TellInviter, TellOwners, TellPartner, TellUser};
    match kind {
        K::PartnerApplied => &[ComputeRewards, FoldStats, TellOwners(T::PartnerApplied)],
        K::PartnerApproved => &[ComputeRewards, FoldStats, TellPartner(T::PartnerApproved)],
        K::PartnerRejected => &[ComputeRewards, TellPartner(T::PartnerRejected)],
        K::PartnerSuspended
        | K::PartnerReinstated
        | K::PartnerUpdated
        | K::CustomerUpdated
        | K::TransactionAdjusted
        | K::RateStored => &[ComputeRewards],
        K::CustomerCreated | K::CustomerAttributed | K::CustomerConfirmed | K::CustomerReassigned => {
            &[ComputeRewards, FoldStats]
        }
        K::RewardRejected | K::RewardReversed => &[FoldStats],
        K::TransactionRecorded => &[ComputeRewards, FoldStats, TellOwners(T::SaleRecorded)],
        K::RewardCreated => &[FoldStats, TellPartner(T::RewardCreated)],
        K::InviteCreated | K::InviteResent => &[TellInvited(T::Invite)],
        K::InviteAccepted => &[TellInviter(T::InviteAccepted)],
        K::MemberRemoved => &[TellUser(T::MemberRemoved)],
        K::PayoutRequested => &[TellOwners(T::PayoutRequested)],
        K::PayoutApproved => &[TellPartner(T::PayoutApproved)],
        K::PayoutRejected => &[TellPartner(T::PayoutRejected)],
        K::PayoutCancelled => &[Reaction::TellWhoAsked(T::PayoutCancelled)],
        K::PayoutChangesRequested => &[TellPartner(T::PayoutChangesRequested)],
        K::PayoutPaid => &[TellPartner(T::PayoutPaid)],
        K::PayoutFailed => &[TellPartner(T::PayoutFailed)],
        K::PayoutReturned => &[TellPartner(T::PayoutReturned), TellOwners(T::PayoutReturned)],
        K::PayoutMethodChanged => &[TellPartner(T::PayoutMethodChanged)],
        K::PayoutMethodArchived => &[TellPartner(T::PayoutMethodArchived)],
        K::PayoutBatchFrozen => &[TellOwners(T::PayoutBatchFrozen)],
        K::PayoutBatchCompleted => &[TellOwners(T::PayoutBatchCompleted)],
        K::ApiKeyRevoked
        | K::PayoutPolicyUpdated
        | K::PayoutBatched
        | K::PayoutSent
        | K::PayoutBatchApproved
        | K::PayoutBatchExecuted
        | K::PayoutBatchCancelled
        | K::StatementReady
        | K::InviteBounced
        | K::InviteExpired
        | K::InviteRevoked
        | K::MemberJoined
        | K::MemberUpdated
        | K::ProgramCreated
        | K::ProgramUpdated
        | K::ProgramActivated
        | K::ProgramPaused
        | K::ProgramArchived
        | K::TermsPublished
        | K::LinkCreated
        | K::LinkUpdated
        | K::BalanceRedeemed
        | K::RewardReleased
        | K::RewardApproved => &[],
    }
}

/// The part of a payload that names a partner.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamesPartner {
    partner_id: PartnerId,
}

/// The part of a payload that names a user.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamesUser {
    user_id: UserId,
}

/// Gives up to 5,000 events their place in the feed, and enqueues what follows from them; answers how many they were. Any
/// process may call it at any time: they take turns.
///
/// # Errors
/// The database's; nothing was done then.
pub async fn sequence(
    conn: &mut AsyncPgConnection,
    now: DateTime<Utc>,
    ids: &IdSource,
) -> diesel::QueryResult<usize> {
    conn.transaction(async |conn| {
        positions::lock(conn).await?;
        let events = positions::assign(conn).await?;
        if events.is_empty() {
            return Ok(0);
        }
        let told: Vec<&Event> = events.iter().filter(|event| !event.quiet).collect();
        let owners = owners_of(conn, &told).await?;
        let emails: Vec<(NewEmail, Cause)> = told
            .into_iter()
            .flat_map(|event| emails_of(event, &owners).map(|email| (email, cause(event))))
            .collect();
        emails::intend_because(conn, ids, now, &emails).await?;
        let mut jobs = computations(&events);
        jobs.extend(folds(&events, now));
        queue::enqueue(conn, now, ids, &jobs).await?;
        Ok(events.len())
    })
    .await
}

/// One job per program, however many of its events there are.
fn computations(events: &[Event]) -> Vec<NewJob> {
    let is_compute = |reaction: &Reaction| matches!(reaction, Reaction::ComputeRewards);
    let computes = |event: &&Event| reactions(event.kind).iter().any(is_compute);
    let mut programs: BTreeMap<ProgramId, &Event> = BTreeMap::new();
    for event in events.iter().filter(computes) {
        if let Some(program_id) = event.program_id {
            // The first of them is what the job is traced to.
            programs.entry(program_id).or_insert(event);
        }
    }
    let job = |(program_id, first): (ProgramId, &Event)| {
        let Cause { request_id, trace } = cause(first);
        NewJob::of(&ComputeRewards { program_id }).account(first.account_id).caused_by(request_id, trace)
    };
    programs.into_iter().map(job).collect()
}

/// One job, however many deltas there are; while it waits, more may gather.
fn folds(events: &[Event], now: DateTime<Utc>) -> Option<NewJob> {
    let is_fold = |reaction: &Reaction| matches!(reaction, Reaction::FoldStats);
    let has_deltas = events.iter().any(|event| reactions(event.kind).iter().any(is_fold));
    has_deltas.then(|| NewJob::of(&FoldStats {}).run_at(now + FOLD_DELAY))
}

fn cause(event: &Event) -> Cause {
    Cause { request_id: event.request_id.clone(), trace: event.trace.clone() }
}

type Owners = BTreeMap<AccountId, Vec<UserId>>;

async fn owners_of(conn: &mut AsyncPgConnection, events: &[&Event]) -> diesel::QueryResult<Owners> {
    let told = |event: &&&Event| {
        let is_told =
            |reaction: &Reaction| matches!(reaction, Reaction::TellOwners(_) | Reaction::TellInviter(_));
        reactions(event.kind).iter().any(is_told)
    };
    let accounts: BTreeSet<AccountId> = events.iter().filter(told).map(|event| event.account_id).collect();
    if accounts.is_empty() {
        return Ok(Owners::new());
    }
    let mut owners = Owners::new();
    for (account_id, user_id) in Member::owners_of(conn, &accounts.into_iter().collect::<Vec<_>>()).await? {
        owners.entry(account_id).or_default().push(user_id);
    }
    Ok(owners)
}

fn emails_of<'a>(event: &'a Event, owners: &'a Owners) -> impl Iterator<Item = NewEmail> + 'a {
    reactions(event.kind).iter().flat_map(move |reaction| match reaction {
        Reaction::ComputeRewards | Reaction::FoldStats => Vec::new(),
        Reaction::TellPartner(template) => {
            let named = NamesPartner::deserialize(&event.payload).ok();
            named
                .map(|named| email(event, *template, Recipient::Partner(named.partner_id)))
                .into_iter()
                .collect()
        }
        Reaction::TellWhoAsked(template) => {
            let asked = PayoutPayload::deserialize(&event.payload).ok().filter(|payout| !payout.by_batch);
            asked
                .map(|payout| email(event, *template, Recipient::Partner(payout.partner_id)))
                .into_iter()
                .collect()
        }
        Reaction::TellOwners(template) => to_owners(event, *template, owners),
        Reaction::TellInvited(template) => to_invited(event, *template).into_iter().collect(),
        Reaction::TellInviter(template) => {
            let inviter = AcceptedPayload::deserialize(&event.payload).ok().and_then(|said| said.invited_by);
            match inviter {
                Some(user) => vec![email(event, *template, Recipient::User(user))],
                None => to_owners(event, *template, owners),
            }
        }
        Reaction::TellUser(template) => {
            let named = NamesUser::deserialize(&event.payload).ok().map(|named| named.user_id);
            let other = named.filter(|user| event.actor != user.to_string());
            other.map(|user| email(event, *template, Recipient::User(user))).into_iter().collect()
        }
    })
}

fn to_owners(event: &Event, template: EmailTemplate, owners: &Owners) -> Vec<NewEmail> {
    let owners = owners.get(&event.account_id).map(Vec::as_slice).unwrap_or_default();
    owners.iter().map(|owner| email(event, template, Recipient::User(*owner))).collect()
}

/// An email per link: what became of it is told to the invite only while that link is its latest.
fn to_invited(event: &Event, template: EmailTemplate) -> Option<NewEmail> {
    let named = InvitePayload::deserialize(&event.payload).ok()?;
    let dedupe_key = Invite::email_key(named.invite_id, named.rotation);
    Some(NewEmail { dedupe_key, ..email(event, template, Recipient::Invite(named.invite_id)) })
}

/// An email per event and recipient: an event that is sequenced once is told once.
fn email(event: &Event, template: EmailTemplate, recipient: Recipient) -> NewEmail {
    NewEmail {
        account_id: Some(event.account_id),
        template,
        recipient,
        subject: event.subject.clone(),
        dedupe_key: format!("{template}:{}:{recipient}", event.id),
    }
}
