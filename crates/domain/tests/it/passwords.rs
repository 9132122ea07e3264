use std::sync::Arc;

use chrono::TimeDelta;
use domain::users::{
    LogInError, OpenedSession, PasswordProblem, Session, User, UserStatus, VerifyError,
    password::{ChangePasswordError, PasswordChange, RequestResetError, ResetError},
};

use crate::users::{Desk, EMAIL, PASSWORD};

const NEXT: &str = "another horse battery";

impl Desk {
    async fn request(&self, email: &str) -> Result<(), RequestResetError> {
        let keys = (&self.passwords, &self.secrets);
        User::request_password_reset(&self.world.db, keys, email, &self.world.act()).await
    }

    /// The token in the email number `rotation`.
    async fn reset_link(&self, rotation: i32) -> String {
        self.secrets.reset_token(self.user().await.id, rotation).expose().to_owned()
    }

    async fn reset(&self, token: &str, password: &str) -> Result<OpenedSession, ResetError> {
        let (world, said) = (&self.world, (token, password));
        User::reset_password(&world.db, &self.passwords, said, Some("Firefox"), &world.act()).await
    }

    async fn change(
        &self,
        session: &OpenedSession,
        current: &str,
        new: &str,
    ) -> Result<User, ChangePasswordError> {
        let said = PasswordChange {
            user_id: session.user.id,
            session_id: session.session.id,
            current: current.to_owned(),
            new: new.to_owned(),
        };
        User::change_password(&self.world.db, &self.passwords, &said, &self.world.act()).await
    }

    pub async fn mails(&self, template: &str) -> i64 {
        self.world
            .count(&format!("email_messages WHERE template = '{template}' AND account_id IS NULL"))
            .await
    }
}

#[tokio::test]
async fn a_reset_ends_all_sessions_and_opens_one() {
    let desk = Desk::verified().await;
    let before = [desk.log_in(EMAIL, PASSWORD).await.unwrap(), desk.log_in(EMAIL, PASSWORD).await.unwrap()];
    desk.request(" ADA@example.com ").await.unwrap();
    assert_eq!(desk.mails("password_reset").await, 1);
    let token = desk.reset_link(1).await;
    for table in ["users", "jobs", "email_messages", "audit_entries"] {
        let rows = format!("{table} t WHERE t::text LIKE '%{token}%'");
        assert_eq!(desk.world.count(&rows).await, 0, "in clear in {table}");
    }
    let opened = desk.reset(&token, NEXT).await.unwrap();
    assert!(desk.is_live(&opened).await);
    for session in &before {
        assert!(!desk.is_live(session).await);
    }
    assert!(matches!(desk.log_in(EMAIL, PASSWORD).await, Err(LogInError::Refused)));
    desk.log_in(EMAIL, NEXT).await.unwrap();
    assert_eq!(desk.mails("password_changed").await, 1);
    assert!(
        matches!(desk.reset(&token, "a third horse battery").await, Err(ResetError::InvalidToken)),
        "used"
    );
    let trail = format!("audit_entries WHERE account_id IS NULL AND actor = '{}'", opened.user.id);
    assert_eq!(desk.world.count(&format!("{trail} AND action = 'passwordResetRequest'")).await, 1);
    assert_eq!(desk.world.count(&format!("{trail} AND action = 'passwordReset'")).await, 1);
}

#[tokio::test]
async fn a_link_works_for_an_hour_and_a_newer_one_ends_it() {
    let mut desk = Desk::verified().await;
    desk.request(EMAIL).await.unwrap();
    desk.request(EMAIL).await.unwrap();
    assert_eq!(desk.mails("password_reset").await, 1, "a double click is one request");
    let first = desk.reset_link(1).await;
    desk.world.pass(TimeDelta::minutes(1));
    desk.request(EMAIL).await.unwrap();
    assert_eq!(desk.mails("password_reset").await, 2);
    assert!(matches!(desk.reset(&first, NEXT).await, Err(ResetError::InvalidToken)), "replaced");
    let second = desk.reset_link(2).await;
    desk.world.pass(TimeDelta::hours(1));
    assert!(matches!(desk.reset(&second, NEXT).await, Err(ResetError::InvalidToken)), "expired");
    desk.world.pass(TimeDelta::seconds(-1));
    for nonsense in ["", "nonsense"] {
        assert!(matches!(desk.reset(nonsense, NEXT).await, Err(ResetError::InvalidToken)));
    }
    for (weak, expected) in
        [("short", PasswordProblem::TooShort { minimum: 10 }), ("ada@example.com", PasswordProblem::IsEmail)]
    {
        let refused = desk.reset(&second, weak).await;
        assert!(matches!(&refused, Err(ResetError::Invalid(problem)) if *problem == expected), "{refused:?}");
    }
    desk.reset(&second, NEXT).await.unwrap();
}

#[tokio::test]
async fn unknown_and_disabled_addresses_are_answered_alike_and_get_nothing() {
    let desk = Desk::verified().await;
    desk.request(EMAIL).await.unwrap();
    let token = desk.reset_link(1).await;
    desk.request("bob@example.com").await.unwrap();
    desk.world.execute("UPDATE users SET status = 'DISABLED'").await;
    desk.world.execute("UPDATE users SET reset_expires_at = now() - interval '1 day'").await;
    desk.request(EMAIL).await.unwrap();
    assert_eq!(desk.mails("password_reset").await, 1, "only the first");
    desk.world.execute("UPDATE users SET reset_expires_at = '2100-01-01'").await;
    assert!(matches!(desk.reset(&token, NEXT).await, Err(ResetError::InvalidToken)), "disabled since");
    assert!(matches!(desk.request("nobody").await, Err(RequestResetError::Invalid(_))));
}

/// The stranger who registered the address has nothing of it: the link went to whoever reads its mail.
#[tokio::test]
async fn a_reset_proves_the_address_and_takes_a_registration_from_a_stranger() {
    let desk = Desk::new().await;
    desk.register(EMAIL, "password of a stranger").await.unwrap();
    let verification = desk.link().await;
    desk.request(EMAIL).await.unwrap();
    let opened = desk.reset(&desk.reset_link(1).await, PASSWORD).await.unwrap();
    assert_eq!(opened.user.status, UserStatus::Active);
    let late = desk.verify_with(&verification, "password of a stranger").await;
    assert!(matches!(late, Err(VerifyError::InvalidToken)));
    assert!(matches!(desk.log_in(EMAIL, "password of a stranger").await, Err(LogInError::Refused)));
    desk.log_in(EMAIL, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn of_many_who_spend_a_link_at_once_one_does() {
    let desk = Arc::new(Desk::verified().await);
    desk.request(EMAIL).await.unwrap();
    let token = desk.reset_link(1).await;
    let tasks: Vec<_> = (0..6)
        .map(|n| {
            let (desk, token) = (Arc::clone(&desk), token.clone());
            tokio::spawn(async move { desk.reset(&token, &format!("password number {n}")).await })
        })
        .collect();
    let mut done = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Ok(opened) => done.push(opened),
            Err(ResetError::InvalidToken) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(done.len(), 1);
    assert!(desk.is_live(&done[0]).await);
    assert_eq!(desk.mails("password_changed").await, 1);
}

/// A log-in that checked the old password must not open a session behind the reset that ends them all.
#[tokio::test]
async fn no_session_of_the_old_password_survives_a_reset() {
    for _ in 0..8 {
        let desk = Arc::new(Desk::verified().await);
        desk.request(EMAIL).await.unwrap();
        let token = desk.reset_link(1).await;
        let log_ins: Vec<_> = (0..4)
            .map(|_| {
                let desk = Arc::clone(&desk);
                tokio::spawn(async move { desk.log_in(EMAIL, PASSWORD).await })
            })
            .collect();
        let reset = desk.reset(&token, NEXT).await.unwrap();
        for log_in in log_ins {
            match log_in.await.unwrap() {
                Ok(opened) => assert!(!desk.is_live(&opened).await, "a session of the old password lives"),
                Err(LogInError::Refused) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert!(desk.is_live(&reset).await);
    }
}

#[tokio::test]
async fn a_change_keeps_the_session_that_it_is_made_in() {
    let desk = Desk::verified().await;
    let (here, there) =
        (desk.log_in(EMAIL, PASSWORD).await.unwrap(), desk.log_in(EMAIL, PASSWORD).await.unwrap());
    desk.request(EMAIL).await.unwrap();
    for wrong in ["wrong password", "", &"x".repeat(100_000)] {
        let refused = desk.change(&here, wrong, NEXT).await;
        assert!(matches!(refused, Err(ChangePasswordError::WrongPassword)), "{refused:?}");
    }
    let weak = desk.change(&here, PASSWORD, "short").await;
    assert!(matches!(weak, Err(ChangePasswordError::Invalid(PasswordProblem::TooShort { minimum: 10 }))));
    assert!(desk.is_live(&there).await);
    desk.change(&here, PASSWORD, NEXT).await.unwrap();
    assert!(desk.is_live(&here).await && !desk.is_live(&there).await);
    let token = desk.reset_link(1).await;
    assert!(
        matches!(desk.reset(&token, PASSWORD).await, Err(ResetError::InvalidToken)),
        "a link from before"
    );
    assert!(matches!(desk.log_in(EMAIL, PASSWORD).await, Err(LogInError::Refused)));
    desk.log_in(EMAIL, NEXT).await.unwrap();
    assert_eq!(desk.mails("password_changed").await, 1);
    assert_eq!(desk.world.count("audit_entries WHERE action = 'passwordChange'").await, 1);
}

#[tokio::test]
async fn of_two_changes_at_once_one_is_told_that_the_password_is_another_one() {
    let desk = Arc::new(Desk::verified().await);
    let here = Arc::new(desk.log_in(EMAIL, PASSWORD).await.unwrap());
    let tasks: Vec<_> = (0..4)
        .map(|n| {
            let (desk, here) = (Arc::clone(&desk), Arc::clone(&here));
            tokio::spawn(async move { desk.change(&here, PASSWORD, &format!("password number {n}")).await })
        })
        .collect();
    let mut changed = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => changed += 1,
            Err(ChangePasswordError::WrongPassword) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(changed, 1);
    assert_eq!(desk.mails("password_changed").await, 1);
}

#[tokio::test]
async fn all_other_sessions_end_at_once_and_nobody_elses() {
    let desk = Desk::verified().await;
    let (here, there) =
        (desk.log_in(EMAIL, PASSWORD).await.unwrap(), desk.log_in(EMAIL, PASSWORD).await.unwrap());
    desk.register("bob@example.com", PASSWORD).await.unwrap();
    let bob = User::find_by_email(&mut *desk.world.conn().await, "bob@example.com").await.unwrap().unwrap();
    let link = desk.secrets.verification_token(bob.id, 1);
    let bob = desk.verify(link.expose()).await.unwrap();
    let (conn, act) = (&mut *desk.world.conn().await, desk.world.act());
    let ended = Session::end_others(conn, here.user.id, here.session.id, &act).await.unwrap();
    assert_eq!(ended, 2, "that of the verification, and the other one");
    assert!(desk.is_live(&here).await && desk.is_live(&bob).await && !desk.is_live(&there).await);
    assert_eq!(Session::end_others(conn, here.user.id, here.session.id, &act).await.unwrap(), 0);
}
