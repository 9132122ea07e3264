use insta::assert_snapshot;
use mailer::{Rendered, Template, mask_links, templates::*};

use crate::support::{renderer, verify};

fn render<T: Template>(email: &T) -> Rendered {
    renderer().render(email).unwrap()
}

fn shown(rendered: &Rendered) -> String {
    format!("Subject: {}\n\n{}", rendered.subject, rendered.text)
}

fn text(words: &str) -> String {
    words.to_owned()
}

fn reward() -> RewardCreated {
    RewardCreated {
        partner_name: text("Ada Lovelace"),
        program_name: text("Acme Affiliates"),
        amount: text("12.00 EUR"),
        is_correction: false,
        hold_until: Some(text("22 December 2026")),
        reason: text(
            "20 % of 60.00 EUR, the sale of 22 November 2026 to a customer who came through your link.",
        ),
        portal_url: Some(text("https://refero.example/portal/rewards")),
    }
}

fn sale() -> SaleRecorded {
    SaleRecorded {
        program_name: text("Acme Affiliates"),
        amount: text("60.00 EUR"),
        partner_name: Some(text("Ada Lovelace")),
        customer_key: text("cus-1001"),
        sale_url: Some(text("https://refero.example/sales/1")),
    }
}

fn applied() -> PartnerApplied {
    PartnerApplied {
        program_name: text("Acme Affiliates"),
        partner_name: text("Ada Lovelace"),
        partner_email: text("ada@example.com"),
        review_url: Some(text("https://refero.example/applications?program=acme&state=pending")),
    }
}

fn approved() -> PartnerApproved {
    PartnerApproved {
        partner_name: text("Ada Lovelace"),
        program_name: text("Acme Affiliates"),
        referral_url: Some(text("https://acme.example/?via=ada")),
        portal_url: Some(text("https://refero.example/portal")),
    }
}

fn rejected() -> PartnerRejected {
    PartnerRejected {
        partner_name: text("Ada Lovelace"),
        program_name: text("Acme Affiliates"),
        reason: Some(text("We only take partners with a website of their own.")),
    }
}

#[test]
fn user_verify_reads_well() {
    let rendered = render(&verify());
    assert_snapshot!("user_verify.txt", shown(&rendered));
    assert_snapshot!("user_verify.html", rendered.html);
}

#[test]
fn user_exists_reads_well() {
    let rendered = render(&UserExists { log_in_url: text("https://refero.example/log-in") });
    assert_snapshot!("user_exists.txt", shown(&rendered));
    assert_snapshot!("user_exists.html", rendered.html);
}

#[test]
fn emails_about_a_password_read_well() {
    let reset_url = text("https://refero.example/reset?token=s3cret");
    let rendered = render(&PasswordReset { reset_url, valid_for: text("60 minutes") });
    assert_snapshot!("password_reset.txt", shown(&rendered));
    assert_snapshot!("password_reset.html", rendered.html);
    assert!(!mask_links(&rendered.text).contains("s3cret") && !mask_links(&rendered.html).contains("s3cret"));
    let (changed_at, reset_url) = (text("22 December 2026, 23:30 UTC"), text("https://refero.example/reset"));
    let rendered = render(&PasswordChanged { changed_at, reset_url });
    assert_snapshot!("password_changed.txt", shown(&rendered));
    assert_snapshot!("password_changed.html", rendered.html);
}

#[test]
fn emails_about_a_change_of_address_read_well() {
    let verify_url = text("https://refero.example/verify?token=s3cret");
    let rendered = render(&EmailChange { verify_url, valid_for: text("48 hours") });
    assert_snapshot!("email_change.txt", shown(&rendered));
    assert_snapshot!("email_change.html", rendered.html);
    let rendered = render(&EmailChangeAsked {
        new_email: text("ada@new.example"),
        asked_at: text("22 December 2026, 23:30 UTC"),
        reset_url: text("https://refero.example/reset"),
    });
    assert_snapshot!("email_change_asked.txt", shown(&rendered));
    assert_snapshot!("email_change_asked.html", rendered.html);
    let (changed_at, instance_url) = (text("22 December 2026, 23:30 UTC"), text("https://refero.example/"));
    let rendered = render(&EmailChanged { changed_at, instance_url });
    assert_snapshot!("email_changed.txt", shown(&rendered));
    assert_snapshot!("email_changed.html", rendered.html);
}

#[test]
fn reward_created_reads_well() {
    let rendered = render(&reward());
    assert_snapshot!("reward_created.txt", shown(&rendered));
    assert_snapshot!("reward_created.html", rendered.html);
    let bare = render(&RewardCreated { hold_until: None, portal_url: None, ..reward() });
    assert_snapshot!("reward_created_without_hold.txt", shown(&bare));
    assert!(bare.html.contains("<td>now</td>") && !bare.html.contains("<a "), "{}", bare.html);
    let amount = text("-12.00 EUR");
    let correction = render(&RewardCreated { amount, is_correction: true, hold_until: None, ..reward() });
    assert_eq!(correction.subject, "A correction of -12.00 EUR with Acme Affiliates");
    for body in [&correction.text, &correction.html] {
        assert!(body.contains("was corrected") && !body.contains("earned a reward"), "{body}");
        assert!(!body.contains("Available"), "{body}");
    }
}

#[test]
fn sale_recorded_reads_well() {
    let rendered = render(&sale());
    assert_snapshot!("sale_recorded.txt", shown(&rendered));
    assert_snapshot!("sale_recorded.html", rendered.html);
    let organic = render(&SaleRecorded { partner_name: None, sale_url: None, ..sale() });
    assert_snapshot!("sale_recorded_organic.txt", shown(&organic));
}

#[test]
fn partner_applied_reads_well() {
    let rendered = render(&applied());
    assert_snapshot!("partner_applied.txt", shown(&rendered));
    assert_snapshot!("partner_applied.html", rendered.html);
}

#[test]
fn partner_approved_reads_well() {
    let rendered = render(&approved());
    assert_snapshot!("partner_approved.txt", shown(&rendered));
    assert_snapshot!("partner_approved.html", rendered.html);
    let bare = render(&PartnerApproved { referral_url: None, portal_url: None, ..approved() });
    assert!(!bare.text.contains("http") && !bare.html.contains("<a "), "{}", bare.text);
}

#[test]
fn partner_rejected_reads_well() {
    let rendered = render(&rejected());
    assert_snapshot!("partner_rejected.txt", shown(&rendered));
    assert_snapshot!("partner_rejected.html", rendered.html);
    let bare = render(&PartnerRejected { reason: None, ..rejected() });
    assert!(!bare.text.contains("reason") && !bare.html.contains("reason"), "{}", bare.text);
}

fn invite() -> Invite {
    Invite {
        account_name: text("Acme Inc"),
        inviter_name: Some(text("Olivia Owner")),
        role: text("a manager"),
        message: Some(text("Welcome! You will run the newsletter program.")),
        expires_on: text("29 November 2026"),
        accept_url: text("https://refero.example/invite?token=abc"),
    }
}

#[test]
fn invite_reads_well() {
    let rendered = render(&invite());
    assert_snapshot!("invite.txt", shown(&rendered));
    assert_snapshot!("invite.html", rendered.html);
    let bare = render(&Invite { inviter_name: None, message: None, ..invite() });
    assert_snapshot!("invite_of_a_machine.txt", shown(&bare));
    assert!(!mask_links(&rendered.text).contains("abc"), "{}", mask_links(&rendered.text));
}

#[test]
fn invite_accepted_reads_well() {
    let (account_name, role) = (text("Acme Inc"), text("a manager"));
    let rendered = render(&InviteAccepted { account_name, email: text("ada@example.com"), role });
    assert_snapshot!("invite_accepted.txt", shown(&rendered));
    assert_snapshot!("invite_accepted.html", rendered.html);
}

#[test]
fn member_removed_reads_well() {
    let rendered = render(&MemberRemoved { account_name: text("Acme Inc") });
    assert_snapshot!("member_removed.txt", shown(&rendered));
    assert_snapshot!("member_removed.html", rendered.html);
}

#[test]
fn values_stay_values() {
    let evil = "<img src=x>&\"\r\nBcc: all@example.com\r\n\r\nClick http://evil.example \u{202e}{{ 1 + 1 }}";
    let rendered = render(&PartnerApplied { partner_name: text(evil), ..applied() });
    let one_line = "<img src=x>&\"  Bcc: all@example.com    Click http://evil.example  {{ 1 + 1 }}";
    assert_eq!(rendered.subject, format!("{one_line} wants to join Acme Affiliates"));
    assert!(rendered.text.contains(&format!("\n  Name:    {one_line}\n")), "{}", rendered.text);
    assert!(!rendered.html.contains("<img"), "{}", rendered.html);
    assert!(rendered.html.contains("&lt;img src=x&gt;&amp;&quot;"), "{}", rendered.html);
    let rendered = render(&PartnerApproved { program_name: text("A & B <i>"), ..approved() });
    assert!(rendered.html.contains("<h1>Welcome to A &amp; B &lt;i&gt;</h1>"), "{}", rendered.html);
    assert_eq!(rendered.subject, "Welcome to A & B <i>");
}

#[test]
fn operators_see_no_token() {
    let rendered = render(&verify());
    for body in [&rendered.text, &rendered.html] {
        assert!(body.contains("s3cret") && !mask_links(body).contains("s3cret"), "{body}");
    }
    assert!(mask_links(&rendered.text).contains("https://refero.example/verify?token=•••\n"));
}
