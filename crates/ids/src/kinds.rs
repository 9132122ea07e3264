//! Every kind of id there is, in the order of docs: people, programs, partners, customers, money, messages, work.

use crate::typed::id_type;

id_type!(/// An account: the tenant.
    AccountId, "acc");
id_type!(/// A person with a log-in.
    UserId, "usr");
id_type!(/// A user's membership in an account.
    MemberId, "mem");
id_type!(/// An invite to join the team of an account.
    InviteId, "inv");
id_type!(/// A log-in session.
    SessionId, "ses");
id_type!(/// An API key.
    ApiKeyId, "key");
id_type!(/// An entry of the audit trail.
    AuditEntryId, "aud");
id_type!(/// A program.
    ProgramId, "prg");
id_type!(/// A group of a program's partners.
    GroupId, "grp");
id_type!(/// A version of a program's terms.
    TermsId, "trm");
id_type!(/// The person or company behind partners, one per account.
    PartnerProfileId, "ppr");
id_type!(/// A partner: the membership of a profile in one program.
    PartnerId, "prt");
id_type!(/// A referral link.
    LinkId, "lnk");
id_type!(/// A customer of a program.
    CustomerId, "cus");
id_type!(/// The decision that a customer came through a partner.
    AttributionId, "att");
id_type!(/// A sale.
    TransactionId, "trx");
id_type!(/// A refund, chargeback, won dispute or void of a sale.
    AdjustmentId, "adj");
id_type!(/// A stored exchange rate.
    ExchangeRateId, "rat");
id_type!(/// A reward.
    RewardId, "rwd");
id_type!(/// A change of what is left of a reward: a reversal or a restoration.
    ReversalId, "rvs");
id_type!(/// What a partner or customer redeemed.
    RedemptionId, "rdm");
id_type!(/// Bytes that a person gave or that the system made.
    FileId, "fil");
id_type!(/// How payouts of a program, a group or a partner are made.
    PayoutPolicyId, "ppo");
id_type!(/// Where somebody's money goes.
    PayoutMethodId, "pmt");
id_type!(/// What a partner is paid at once.
    PayoutId, "pay");
id_type!(/// Payouts that are approved and executed together.
    PayoutBatchId, "pba");
id_type!(/// What one call to a provider, or one file, pays.
    PayoutSubmissionId, "psu");
id_type!(/// What people bring back from a bank about a batch.
    PayoutResultsId, "prs");
id_type!(/// One time that a provider was asked to pay.
    PayoutAttemptId, "pat");
id_type!(/// What happened to what a partner is owed within a month, as a paper.
    StatementId, "stm");
id_type!(/// An invoice that an account makes out to itself for a partner who was paid.
    SelfBillingInvoiceId, "sbi");
id_type!(/// The record that a sale earned nothing, with its reason.
    NonRewardId, "nrw");
id_type!(/// One evaluation of a sale: the facts that it used.
    EvaluationId, "evl");
id_type!(/// An account of the ledger.
    LedgerAccountId, "lac");
id_type!(/// A transfer of the ledger.
    LedgerTransferId, "ltr");
id_type!(/// What a partner or customer has in one currency.
    BalanceId, "bal");
id_type!(/// An event of the feed.
    EventId, "evt");
id_type!(/// An email that was intended, and perhaps sent.
    EmailMessageId, "eml");
id_type!(/// A job.
    JobId, "job");
id_type!(/// Work that a person began and that jobs go on with.
    OperationId, "opr");
id_type!(/// The fence of one claim of a job.
    LeaseToken, "lse");
id_type!(/// A process that works.
    WorkerId, "wrk");
id_type!(/// A request, for logs and error messages.
    RequestId, "req");
