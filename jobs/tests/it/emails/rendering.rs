use chrono::TimeDelta;
use domain::{
    attribution::Touch,
    customers::{Customer, CustomerUpsert},
    partners::{Entry, Partner, Transition},
    transactions::{NewTransaction, Transaction},
    users::{Passwords, Registration, User},
};
use mailer::{Mailer, MailerConfig, Outbox};
use money::Currency;

use super::office::{ORIGIN, Office};

/// What was sent, in the order of templates, as a person reads it.
fn read(outbox: &Outbox) -> String {
    let mut mails: Vec<_> = outbox
        .messages()
        .into_iter()
        .map(|mail| {
            let (to, rendered) = (mail.message.to, mail.message.rendered);
            let name = to.name.unwrap_or_default();
            let head =
                format!("{}\nTo: {name} <{}>\nSubject: {}", rendered.template, to.address, rendered.subject);
            format!("--- {head}\n\n{}", rendered.text)
        })
        .collect();
    mails.sort();
    mails.join("\n")
}

fn memory(outbox: &Outbox) -> Mailer {
    Mailer::from_config(MailerConfig::for_testing(outbox)).unwrap()
}

async fn sale(office: &Office, key: &str, customer: &str) {
    let said = NewTransaction {
        key: key.to_owned(),
        customer_key: customer.to_owned(),
        referring_customer_key: None,
        currency: Currency::USD,
        gross: "119.99".parse().unwrap(),
        discount: "0".parse().unwrap(),
        tax: "20.00".parse().unwrap(),
        items: Vec::new(),
        coupon_code: None,
        rewardable: true,
        occurred_at: None,
    };
    let conn = &mut *office.conn().await;
    let recorded =
        Transaction::record_all(conn, &office.scope, office.program.id, &[said], &office.act()).await;
    recorded.unwrap().remove(0).unwrap();
}

#[tokio::test]
async fn a_sale_is_told_to_the_owner_and_its_reward_to_the_partner() {
    let (office, outbox) = (Office::open().await, Outbox::default());
    let ada = office.partner(Entry::Approved).await;
    let customer = CustomerUpsert {
        program_id: office.program.id,
        key: "customer-1".to_owned(),
        email: None,
        name: None,
        country: None,
        tags: None,
        touch: Some(Touch::Partner(ada.id)),
        confirmed: None,
        signed_up_at: None,
    };
    Customer::upsert(&mut *office.conn().await, &office.scope, &customer, &office.act()).await.unwrap();
    sale(&office, "sale-1", "customer-1").await;
    sale(&office, "sale-2", "organic <b>& co</b>").await;
    office.work(&memory(&outbox)).await;
    insta::assert_snapshot!("sale", read(&outbox));
    let of = |template: &str| {
        let found = outbox.messages().into_iter().find(|mail| mail.message.rendered.template == template);
        found.unwrap().message.rendered.html
    };
    insta::assert_snapshot!("reward_html", of("reward_created"));
}

#[tokio::test]
async fn an_application_is_told_to_the_owner_and_its_fate_to_the_partner() {
    let (office, outbox) = (Office::open().await, Outbox::default());
    let partner = office.partner(Entry::Application).await;
    office.work(&memory(&outbox)).await;
    for transition in [Transition::Reject { reason: "We take no coupon sites." }, Transition::Approve] {
        let conn = &mut *office.conn().await;
        Partner::transition(conn, &office.scope, partner.id, transition, &office.act()).await.unwrap();
        office.work(&memory(&outbox)).await;
    }
    insta::assert_snapshot!("application", read(&outbox));
}

#[tokio::test]
async fn the_link_of_a_registration_is_derived_when_it_is_sent() {
    let (mut office, outbox) = (Office::open().await, Outbox::default());
    let passwords = Passwords::for_testing().unwrap();
    let registration = Registration {
        email: "bob@example.com".to_owned(),
        password: "correct horse battery".to_owned(),
        name: Some("Visit https://evil.example".to_owned()),
        account_name: "Bob Inc".to_owned(),
    };
    let known = Registration { email: office.owner.email.clone(), ..registration.clone() };
    for registration in [&registration, &known] {
        User::register(&office.db, (&passwords, &office.secrets), registration, &office.act()).await.unwrap();
    }
    office.pass(TimeDelta::minutes(1));
    office.work(&memory(&outbox)).await;
    let bob = User::find_by_email(&mut *office.conn().await, "bob@example.com").await.unwrap().unwrap();
    let token = office.secrets.verification_token(bob.id, bob.verify_rotation).expose().to_owned();
    let text = read(&outbox);
    assert!(text.contains(&format!("{ORIGIN}/verify?token={token}")), "{text}");
    insta::assert_snapshot!("registration", text.replace(&token, "[token]"));

    let dump = "SELECT coalesce(string_agg(t, ' '), '') AS line FROM (SELECT e::text AS t FROM email_messages e \
                UNION ALL SELECT j::text FROM job_history j UNION ALL SELECT e::text FROM events e) rows";
    let stored = office.lines(dump).await.remove(0);
    assert!(!stored.contains(&token) && !stored.contains("bob@"), "in clear nowhere");
    let proof = (token.as_str(), registration.password.as_str());
    User::verify(&office.db, &passwords, proof, None, &office.act()).await.unwrap();
}

#[tokio::test]
async fn a_link_that_is_of_no_use_any_more_is_not_sent() {
    let (mut office, outbox) = (Office::open().await, Outbox::default());
    let passwords = Passwords::for_testing().unwrap();
    let registration = Registration {
        email: "bob@example.com".to_owned(),
        password: "correct horse battery".to_owned(),
        name: None,
        account_name: "Bob Inc".to_owned(),
    };
    User::register(&office.db, (&passwords, &office.secrets), &registration, &office.act()).await.unwrap();
    office.pass(TimeDelta::hours(48));
    office.work(&memory(&outbox)).await;
    assert_eq!(office.emails().await, ["user_verify DROPPED 0 the link has expired"]);
    assert!(outbox.messages().is_empty());
}
