use domain::{
    emails::{EmailFilter, EmailMessage, EmailPreviews, EmailTemplate, Recipient},
    page::PageArgs,
    partners::Entry,
};
use mailer::{Mailer, MailerConfig, Outbox};

use super::office::Office;

#[tokio::test]
async fn previews_are_what_is_sent_with_links_masked() {
    let (office, outbox) = (Office::open().await, Outbox::default());
    office.partner(Entry::Approved).await;
    let mailer = Mailer::from_config(MailerConfig::for_testing(&outbox)).unwrap();
    office.work(&mailer).await;
    let gone = Recipient::Partner(office.ids.next(office.now));
    office.intend(EmailTemplate::RewardCreated, gone, "rwd_nonsense", "gone").await;

    let (filter, page) = (EmailFilter::default(), PageArgs::new(100, None));
    let emails =
        EmailMessage::list(&mut *office.conn().await, &office.scope, &filter, page).await.unwrap().rows;
    assert_eq!(emails.len(), 2);
    let renderer = office.renderer(&mailer);
    let previews = renderer.previews(&office.db, &emails, office.now).await.unwrap();
    assert_eq!(previews.len(), 1, "what is gone has none");
    let preview = &previews[&emails[1].id];
    let sent = outbox.messages().remove(0).message.rendered;
    assert_eq!(preview.subject, sent.subject);
    assert!(sent.text.contains("https://shop.example/?via=ada"), "{}", sent.text);
    assert_eq!(preview.text, sent.text.replace("via=ada", "via=•••"));
    assert_eq!(preview.html, sent.html.replace("via=ada", "via=•••"));
}
