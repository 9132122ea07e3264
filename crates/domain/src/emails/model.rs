use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    prelude::*,
    serialize::{self, Output, ToSql},
    sql_types::Text,
};
use ids::{AccountId, EmailMessageId, InviteId, PartnerId, UserId};

use crate::{schema::email_messages, text_enum};

text_enum! {
    /// What an email says. The word is also the folder of its templates.
    EmailTemplate {
        /// To who registers: prove that the address is yours.
        UserVerify = "user_verify",
        /// To a user whose address is registered again.
        UserExists = "user_exists",
        /// To a user: the link to another password.
        PasswordReset = "password_reset",
        /// To a user whose password was set anew.
        PasswordChanged = "password_changed",
        /// To the new address of a user: prove that it is yours.
        EmailChange = "email_change",
        /// To the present address of a user who wants another one.
        EmailChangeAsked = "email_change_asked",
        /// To the address that a user had until now.
        EmailChanged = "email_changed",
        /// To a partner: a reward was earned.
        RewardCreated = "reward_created",
        /// To an owner: a sale was recorded.
        SaleRecorded = "sale_recorded",
        /// To an owner: an application waits for a decision.
        PartnerApplied = "partner_applied",
        /// To a partner: welcome.
        PartnerApproved = "partner_approved",
        /// To an applicant: not this time.
        PartnerRejected = "partner_rejected",
        /// To who is invited to the team.
        Invite = "invite",
        /// To who invited: the invite was accepted.
        InviteAccepted = "invite_accepted",
        /// To who is no member of an account any more.
        MemberRemoved = "member_removed",
        /// To an owner: a payout was asked for.
        PayoutRequested = "payout_requested",
        /// To a partner: the payout will be made.
        PayoutApproved = "payout_approved",
        /// To a partner: the payout will not be made.
        PayoutRejected = "payout_rejected",
        /// To a partner: the payout that was asked for was taken back.
        PayoutCancelled = "payout_cancelled",
        /// To a partner: something is to be changed first.
        PayoutChangesRequested = "payout_changes_requested",
        /// To a partner: the payout was made.
        PayoutPaid = "payout_paid",
        /// To a partner: the payout could not be made.
        PayoutFailed = "payout_failed",
        /// To a partner and the owners: the payout came back.
        PayoutReturned = "payout_returned",
        /// To a partner: money goes to another place from now on.
        PayoutMethodChanged = "payout_method_changed",
        /// To a partner: money goes nowhere for now.
        PayoutMethodArchived = "payout_method_archived",
        /// To an owner: a batch is ready.
        PayoutBatchFrozen = "payout_batch_frozen",
        /// To an owner: all payouts of a batch have ended.
        PayoutBatchCompleted = "payout_batch_completed",
    }
}

text_enum! {
    /// Where an email stands.
    EmailStatus {
        /// To be sent, perhaps again.
        Queued = "QUEUED",
        /// Taken by the mail server.
        Sent = "SENT",
        /// Its attempts are used up; an operator may retry its job.
        Failed = "FAILED",
        /// Refused by the mail server for good.
        Bounced = "BOUNCED",
        /// Not sent, because there is nobody or nothing to tell any more.
        Dropped = "DROPPED",
    }
}

impl EmailStatus {
    /// Whether it is still to be sent when its job runs.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Failed)
    }
}

/// To whom an email goes. Printed and stored as the TypeID; the address is looked up when it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Recipient {
    /// A person with a log-in.
    User(UserId),
    /// A partner, at the address of the profile.
    Partner(PartnerId),
    /// Somebody who is invited to the team, at the address of the invite.
    Invite(InviteId),
}

/// The text is the id of no user, partner or invite.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is the id of no user, partner or invite")]
pub struct UnknownRecipient(pub String);

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::Partner(id) => id.fmt(f),
            Self::Invite(id) => id.fmt(f),
        }
    }
}

impl FromStr for Recipient {
    type Err = UnknownRecipient;

    fn from_str(text: &str) -> Result<Self, UnknownRecipient> {
        text.parse()
            .map(Self::User)
            .or_else(|_| text.parse().map(Self::Partner))
            .or_else(|_| text.parse().map(Self::Invite))
            .map_err(|_| UnknownRecipient(text.to_owned()))
    }
}

impl ToSql<Text, Pg> for Recipient {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <String as ToSql<Text, Pg>>::to_sql(&self.to_string(), &mut out.reborrow())
    }
}

impl FromSql<Text, Pg> for Recipient {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(<String as FromSql<Text, Pg>>::from_sql(bytes)?.parse()?)
    }
}

/// An email that was intended.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = email_messages)]
pub struct EmailMessage {
    /// Its id.
    pub id: EmailMessageId,
    /// The tenant on whose behalf it is sent; none for emails about a user's own log-in.
    pub account_id: Option<AccountId>,
    /// What it says.
    pub template: EmailTemplate,
    /// To whom it goes.
    pub recipient: Recipient,
    /// The TypeID of what it is about.
    pub subject: String,
    /// Exists once for ever; the Message-ID follows from it.
    pub dedupe_key: String,
    /// Where it stands.
    pub status: EmailStatus,
    /// How often it was handed to the mail server, or tried to be.
    pub attempts: i32,
    /// Why it was not sent, the last time; without the recipient's address.
    pub last_error: Option<String>,
    /// When the mail server took it.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was intended.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use ids::{IdSource, ProgramId};

    use super::*;

    #[test]
    fn recipients_go_there_and_back_and_are_of_three_kinds() {
        let (ids, now) = (IdSource::seeded(1), DateTime::UNIX_EPOCH);
        let of_each = [
            Recipient::User(ids.next(now)),
            Recipient::Partner(ids.next(now)),
            Recipient::Invite(ids.next(now)),
        ];
        for recipient in of_each {
            assert_eq!(recipient.to_string().parse(), Ok(recipient));
        }
        let program: ProgramId = ids.next(now);
        assert_eq!(program.to_string().parse::<Recipient>(), Err(UnknownRecipient(program.to_string())));
    }
}
