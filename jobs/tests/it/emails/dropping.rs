use domain::{
    emails::{EmailTemplate, Recipient},
    partners::{Entry, Partner, Transition},
};
use mailer::{Mailer, MailerConfig, Outbox};

use super::office::Office;

fn memory(outbox: &Outbox) -> Mailer {
    Mailer::from_config(MailerConfig::for_testing(outbox)).unwrap()
}

#[tokio::test]
async fn an_application_that_is_decided_already_is_not_announced() {
    let (office, outbox) = (Office::open().await, Outbox::default());
    let partner = office.partner(Entry::Application).await;
    let (scope, act) = (&office.scope, office.act());
    let reject = Transition::Reject { reason: "Not a fit." };
    Partner::transition(&mut *office.conn().await, scope, partner.id, reject, &act).await.unwrap();
    Partner::transition(&mut *office.conn().await, scope, partner.id, Transition::Approve, &act)
        .await
        .unwrap();
    office.work(&memory(&outbox)).await;
    let mut emails = office.emails().await;
    emails.sort();
    assert_eq!(
        emails,
        [
            "partner_applied DROPPED 0 the application is decided already",
            "partner_approved SENT 1",
            "partner_rejected DROPPED 0 the partner is not rejected any more",
        ]
    );
    assert_eq!(outbox.messages().len(), 1);
}

#[tokio::test]
async fn who_is_gone_is_not_told() {
    let (office, outbox) = (Office::open().await, Outbox::default());
    let partner = office.partner(Entry::Pending).await;
    let owner = Recipient::User(office.owner.id);
    let nobody = Recipient::Partner(office.ids.next(office.now));
    office.intend(EmailTemplate::PartnerApplied, owner, partner.id, "a").await;
    office
        .intend(EmailTemplate::PartnerApplied, Recipient::User(office.ids.next(office.now)), partner.id, "b")
        .await;
    office.intend(EmailTemplate::PartnerApproved, nobody, partner.id, "c").await;
    office.intend(EmailTemplate::SaleRecorded, owner, "trx_nonsense", "d").await;
    office.execute("UPDATE members SET role = 'VIEWER'").await;
    office.run(&memory(&outbox)).await;
    assert_eq!(
        office.emails().await,
        [
            "partner_applied DROPPED 0 the user is no owner of the account any more",
            "partner_applied DROPPED 0 there is no such user",
            "partner_approved DROPPED 0 there is no such partner",
            "sale_recorded DROPPED 0 the user is no owner of the account any more",
        ]
    );
    assert!(outbox.messages().is_empty());
}

#[tokio::test]
async fn rows_of_another_account_do_not_exist() {
    let (office, outbox) = (Office::open().await, Outbox::default());
    let partner = office.partner(Entry::Pending).await;
    let to = Recipient::Partner(partner.id);
    office.intend(EmailTemplate::PartnerApproved, to, partner.id, "a").await;
    office
        .execute(
            "INSERT INTO accounts SELECT gen_random_uuid(), 'Other', base_currency, time_zone, country, locale, status, \
             created_at, updated_at FROM accounts; \
             UPDATE email_messages SET account_id = (SELECT id FROM accounts WHERE name = 'Other')",
        )
        .await;
    office.run(&memory(&outbox)).await;
    assert_eq!(office.emails().await, ["partner_approved DROPPED 0 there is no such partner"]);
    assert!(outbox.messages().is_empty());
}
