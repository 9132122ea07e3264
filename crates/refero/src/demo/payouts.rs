//! How the partners of the first program in euros are paid: by a list that somebody pays from, each with a second look.

use std::collections::BTreeSet;

use anyhow::Context;
use domain::{
    act::Act,
    page::PageArgs,
    payout_batches::{
        BatchStatus, ExecuteBatch, Execution, FreezeBatch, NewBatch, PayoutBatch, Rail, Settlement, Verdict,
        settle,
    },
    payout_methods::{NewPayoutMethod, PayoutMethod},
    payout_policies::{PayoutPolicy, PolicyChanges, Whose},
    payouts::{Decision, NewRequest, Payout, PayoutFilter},
    programs::ProgramKind,
    rewards::{Reward, RewardFilter, RewardStatus},
    team::Role,
};
use ids::{PartnerId, ProgramId};
use payout_details::{BankAccountInput, PayoutDetailsInput, PaypalReceiverInput, PaypalWallet};
use vault::Vault;

use super::{company::Company, past::Past, programs::Open};

/// Accounts that exist in examples only.
const IBANS: [&str; 3] = ["DE89370400440532013000", "FR1420041010050500013M02606", "NL91ABNA0417164300"];

/// So many partners have said where their money goes.
const PAYEES: usize = 12;

/// On one day late in the history partners are paid; shortly before its end some ask for more, and the next batch waits
/// for its approval.
pub async fn of_day(
    past: &mut Past<'_>,
    (company, vault): (&Company, &Vault),
    programs: &[Open],
    day: u32,
) -> anyhow::Result<()> {
    let (first, second) = (past.day_at(850), past.size.days.saturating_sub(2));
    let affiliates = |open: &&Open| open.offer.kind == ProgramKind::Affiliate && open.offer.currency == "EUR";
    let Some(open) = programs.iter().find(affiliates) else { return Ok(()) };
    let program = open.program.id;
    if day == first {
        set_out(past, company, program, day).await?;
    }
    if day != first && day != second {
        return Ok(());
    }
    let payees = payees(past, company, program).await?;
    for (place, partner) in payees.iter().enumerate() {
        say_where(past, (company, vault), (*partner, place), day).await?;
    }
    request(past, company, &payees, day).await?;
    let batch = begin(past, company, (program, day)).await?;
    if day == first && batch.status == BatchStatus::AwaitingApproval {
        pay(past, company, batch, day).await?;
    }
    Ok(())
}

/// The program pays from ten euros on, and never without a second person.
async fn set_out(past: &mut Past<'_>, company: &Company, program: ProgramId, day: u32) -> anyhow::Result<()> {
    let changes = PolicyChanges {
        minimum: Some(Some("10".parse()?)),
        four_eyes: Some(Some(true)),
        partner_requests: Some(Some(true)),
        ..PolicyChanges::default()
    };
    let act = by(past, company, Role::Owner, day);
    PayoutPolicy::update(past.conn, &company.scope, Whose::Program(program), &changes, &act).await?;
    Ok(())
}

fn by(past: &Past<'_>, company: &Company, role: Role, day: u32) -> Act {
    past.at(past.end_of(day), company.actor(role))
}

/// Partners who have something available, in the order of their ids.
async fn payees(
    past: &mut Past<'_>,
    company: &Company,
    program: ProgramId,
) -> anyhow::Result<BTreeSet<PartnerId>> {
    let filter = RewardFilter {
        programs: Some(vec![program]),
        status: vec![RewardStatus::Available],
        ..RewardFilter::default()
    };
    let rewards = Reward::list(past.conn, &company.scope, &filter, PageArgs::new(100, None)).await?.rows;
    Ok(rewards.iter().filter_map(|reward| reward.partner_id).take(PAYEES).collect())
}

/// Half of them by their bank, some by PayPal.
async fn say_where(
    past: &mut Past<'_>,
    (company, vault): (&Company, &Vault),
    (partner_id, place): (PartnerId, usize),
    day: u32,
) -> anyhow::Result<()> {
    let details = match IBANS.get(place % 4) {
        Some(iban) => PayoutDetailsInput::Bank {
            holder: format!("Account holder {}", place + 1),
            account: BankAccountInput::Iban { iban: (*iban).to_owned(), bic: None },
        },
        None => PayoutDetailsInput::Paypal {
            wallet: PaypalWallet::Paypal,
            receiver: PaypalReceiverInput::Email(format!("payee-{place}@example.com")),
        },
    };
    let (new, act) = (NewPayoutMethod { partner_id, details }, by(past, company, Role::Manager, day));
    PayoutMethod::create(past.conn, &company.scope, vault, &new, &act).await?;
    Ok(())
}

/// Some ask to be paid: the first is approved, the second is to send something else, the third waits.
async fn request(
    past: &mut Past<'_>,
    company: &Company,
    payees: &BTreeSet<PartnerId>,
    day: u32,
) -> anyhow::Result<()> {
    let changes = Decision::RequestChanges { reason: "Please tell us your new address first.".to_owned() };
    let decisions = [Some(Decision::Approve), Some(changes), None];
    for (partner_id, decision) in payees.iter().zip(decisions) {
        let idempotency_key = format!("asked-{day:03}-{partner_id}");
        let (currency, rewards, invoice_id) = (None, None, None);
        let said = NewRequest { partner_id: *partner_id, currency, rewards, invoice_id, idempotency_key };
        let act = by(past, company, Role::Manager, day);
        // Too little, or a method that is too new: they ask again some day.
        let Ok(payout) = Payout::request(past.conn, &company.scope, &said, &act).await else { continue };
        if let Some(decision) = decision {
            let act = by(past, company, Role::Finance, day);
            Payout::decide(past.conn, &company.scope, &[payout.id], &decision, &act).await?;
        }
    }
    Ok(())
}

/// Finance prepares a batch of all that is there.
async fn begin(
    past: &mut Past<'_>,
    company: &Company,
    (program_id, day): (ProgramId, u32),
) -> anyhow::Result<PayoutBatch> {
    let act = by(past, company, Role::Finance, day);
    let new = NewBatch::over(Rail::File, program_id);
    let batch =
        PayoutBatch::create(past.conn, &company.scope, &new, &format!("batch-{day:03}"), &act).await?;
    let job = FreezeBatch { account_id: batch.account_id, batch_id: batch.id };
    loop {
        let found = PayoutBatch::find(past.conn, &company.scope, batch.id).await?;
        let found = found.context("a batch that was made is there")?;
        if found.status != BatchStatus::Draft {
            return Ok(found);
        }
        PayoutBatch::freeze_range(past.conn, &job, &act).await?;
    }
}

/// Somebody else approves it; it is executed, and all arrives but one.
async fn pay(past: &mut Past<'_>, company: &Company, batch: PayoutBatch, day: u32) -> anyhow::Result<()> {
    let (scope, act) = (&company.scope, by(past, company, Role::Admin, day));
    PayoutBatch::approve(past.conn, scope, batch.id, &act).await?;
    let said = Execution {
        batch_id: batch.id,
        confirmed_total: batch.total_money(),
        idempotency_key: format!("paid-{day:03}"),
    };
    let act = by(past, company, Role::Finance, day);
    PayoutBatch::execute(past.conn, scope, &said, &act).await?;
    let job = ExecuteBatch { account_id: batch.account_id, batch_id: batch.id };
    PayoutBatch::execute_range(past.conn, &job, &act).await?;
    let filter = PayoutFilter { batches: vec![batch.id], ..PayoutFilter::default() };
    let payouts = Payout::list(past.conn, scope, &filter, PageArgs::new(100, None)).await?.rows;
    let arrived =
        |place: usize| Verdict::Paid { reference: Some(format!("Transfer {}", place + 1)), fee: None };
    let closed =
        || Verdict::Failed { code: "ACCOUNT_CLOSED".to_owned(), reason: "The account is closed.".to_owned() };
    let settlements: Vec<Settlement> = payouts
        .iter()
        .enumerate()
        .map(|(place, payout)| Settlement {
            payout_id: payout.id,
            verdict: if place == 1 { closed() } else { arrived(place) },
        })
        .collect();
    settle(past.conn, batch.account_id, &settlements, &act).await?;
    Ok(())
}
