use std::sync::Arc;

use chrono::TimeDelta;
use domain::users::{
    Attempt, LogInError, OpenedSession, PasswordProblem, Passwords, RegisterError, Registration, Secrets,
    Session, User, UserStatus, VerifyError,
};

use crate::support::World;

pub const EMAIL: &str = "Ada@Example.com";
pub const PASSWORD: &str = "correct horse battery";

/// A world with what the verbs of users need.
pub struct Desk {
    pub world: World,
    pub passwords: Passwords,
    pub secrets: Secrets,
}

impl Desk {
    pub async fn new() -> Self {
        let secrets = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff".parse().unwrap();
        Self { world: World::new().await, passwords: Passwords::for_testing().unwrap(), secrets }
    }

    pub async fn register(&self, email: &str, password: &str) -> Result<(), RegisterError> {
        let registration = Registration {
            email: email.to_owned(),
            password: password.to_owned(),
            name: Some("Ada".to_owned()),
            account_name: "Analytical Engines".to_owned(),
        };
        User::register(&self.world.db, (&self.passwords, &self.secrets), &registration, &self.world.act())
            .await
    }

    pub async fn user(&self) -> User {
        User::find_by_email(&mut *self.world.conn().await, EMAIL).await.unwrap().unwrap()
    }

    /// The token that stands in the latest email.
    pub async fn link(&self) -> String {
        let user = self.user().await;
        self.secrets.verification_token(user.id, user.verify_rotation).expose().to_owned()
    }

    pub async fn verify(&self, token: &str) -> Result<OpenedSession, VerifyError> {
        self.verify_with(token, PASSWORD).await
    }

    pub async fn verify_with(&self, token: &str, password: &str) -> Result<OpenedSession, VerifyError> {
        let (world, said) = (&self.world, (token, password));
        User::verify(&world.db, &self.passwords, said, Some("Firefox"), &world.act()).await
    }

    pub async fn log_in(&self, email: &str, password: &str) -> Result<OpenedSession, LogInError> {
        self.attempt(email, password, None).await
    }

    pub async fn attempt(
        &self,
        email: &str,
        password: &str,
        replaces: Option<ids::SessionId>,
    ) -> Result<OpenedSession, LogInError> {
        let attempt =
            Attempt { email: email.to_owned(), password: password.to_owned(), user_agent: None, replaces };
        User::log_in(&self.world.db, (&self.passwords, &self.secrets), &attempt, &self.world.act()).await
    }

    pub async fn is_live(&self, opened: &OpenedSession) -> bool {
        let conn = &mut *self.world.conn().await;
        Session::authenticate(conn, opened.token.expose(), self.world.now).await.unwrap().is_some()
    }

    pub async fn verified() -> Self {
        let desk = Self::new().await;
        desk.register(EMAIL, PASSWORD).await.unwrap();
        desk.verify(&desk.link().await).await.unwrap();
        desk
    }
}

#[tokio::test]
async fn a_registration_makes_user_account_owner_and_email() {
    let desk = Desk::new().await;
    desk.register(EMAIL, PASSWORD).await.unwrap();
    let user = desk.user().await;
    assert_eq!((user.email.as_str(), user.status), ("ada@example.com", UserStatus::Unverified));
    let world = &desk.world;
    assert_eq!(world.count("accounts WHERE name = 'Analytical Engines' AND status = 'ACTIVE'").await, 1);
    assert_eq!(world.count("members WHERE role = 'OWNER'").await, 1);
    assert_eq!(world.count("sessions").await, 0, "a session exists only after verification");
    assert_eq!(world.count("email_messages WHERE template = 'user_verify' AND account_id IS NULL").await, 1);
    assert_eq!(world.count("jobs WHERE kind = 'emails.send'").await, 1);
    assert_eq!(world.count("audit_entries WHERE action = 'userRegister'").await, 1);
    let token = desk.link().await;
    assert_eq!(world.count(&format!("users u WHERE u::text LIKE '%{token}%'")).await, 0, "stored hashed");
    assert_eq!(world.count(&format!("users u WHERE u::text LIKE '%{PASSWORD}%'")).await, 0, "stored hashed");
    assert_eq!(world.count("email_messages e WHERE e::text ILIKE '%ada%'").await, 0, "ids only");
}

#[tokio::test]
async fn everything_wrong_is_said_at_once() {
    let desk = Desk::new().await;
    let registration = Registration {
        email: "nobody".to_owned(),
        password: "short".to_owned(),
        name: Some("x".repeat(201)),
        account_name: " ".to_owned(),
    };
    let keys = (&desk.passwords, &desk.secrets);
    let refused = User::register(&desk.world.db, keys, &registration, &desk.world.act()).await.unwrap_err();
    let RegisterError::Invalid { fields, password } = refused else { panic!("{refused}") };
    let paths: Vec<_> = fields.iter().map(|problem| problem.path.join(".")).collect();
    assert_eq!(paths, ["email", "name", "accountName"]);
    assert_eq!(password, Some(PasswordProblem::TooShort { minimum: 10 }));
    assert_eq!(desk.world.count("users").await, 0);
}

#[tokio::test]
async fn one_address_registered_by_many_at_once_is_one_user() {
    let desk = Arc::new(Desk::new().await);
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let desk = Arc::clone(&desk);
            let name = if n % 2 == 0 { EMAIL.to_owned() } else { EMAIL.to_lowercase() };
            tokio::spawn(async move { desk.register(&name, PASSWORD).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    for table in ["users", "accounts", "members"] {
        assert_eq!(desk.world.count(table).await, 1, "{table}");
    }
    desk.verify(&desk.link().await).await.unwrap();
}

#[tokio::test]
async fn a_known_address_is_told_by_email_only() {
    let mut desk = Desk::verified().await;
    desk.register("ADA@example.com", "another password").await.unwrap();
    desk.register("ada@EXAMPLE.com", "another password").await.unwrap();
    assert_eq!(desk.world.count("email_messages WHERE template = 'user_exists'").await, 1, "one an hour");
    desk.world.pass(TimeDelta::hours(1));
    desk.register(EMAIL, "another password").await.unwrap();
    assert_eq!(desk.world.count("email_messages WHERE template = 'user_exists'").await, 2);
    assert_eq!(desk.world.count("users").await, 1);
    assert!(matches!(desk.log_in(EMAIL, "another password").await, Err(LogInError::Refused)));
    desk.log_in(EMAIL, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_registration_that_was_never_verified_gives_way() {
    let desk = Desk::new().await;
    desk.register(EMAIL, "password of a stranger").await.unwrap();
    let stale = desk.link().await;
    desk.register(EMAIL, PASSWORD).await.unwrap();
    assert!(matches!(desk.verify(&stale).await, Err(VerifyError::InvalidToken)));
    desk.verify(&desk.link().await).await.unwrap();
    assert!(matches!(desk.log_in(EMAIL, "password of a stranger").await, Err(LogInError::Refused)));
    desk.log_in(EMAIL, PASSWORD).await.unwrap();
}

/// A stranger who registers an address after its owner did must not have their password activated by the owner's click.
#[tokio::test]
async fn a_link_activates_no_password_but_that_of_whoever_opens_it() {
    let desk = Desk::new().await;
    desk.register(EMAIL, PASSWORD).await.unwrap();
    let own = desk.link().await;
    desk.register(EMAIL, "password of a stranger").await.unwrap();
    assert!(matches!(desk.verify(&own).await, Err(VerifyError::InvalidToken)), "replaced");
    let theirs = desk.link().await;
    assert!(matches!(desk.verify(&theirs).await, Err(VerifyError::WrongPassword)));
    let long = "x".repeat(100_000);
    assert!(matches!(desk.verify_with(&theirs, &long).await, Err(VerifyError::WrongPassword)));
    assert_eq!(desk.user().await.status, UserStatus::Unverified);
    assert_eq!(desk.world.count("sessions").await, 0);
    assert!(matches!(desk.log_in(EMAIL, "password of a stranger").await, Err(LogInError::Refused)));
    desk.register(EMAIL, PASSWORD).await.unwrap();
    desk.verify(&desk.link().await).await.unwrap();
    desk.log_in(EMAIL, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_link_works_once_and_for_two_days() {
    let mut desk = Desk::new().await;
    desk.register(EMAIL, PASSWORD).await.unwrap();
    let token = desk.link().await;
    desk.world.pass(TimeDelta::hours(48));
    assert!(matches!(desk.verify(&token).await, Err(VerifyError::InvalidToken)), "expired");
    desk.world.pass(TimeDelta::seconds(-1));
    let opened = desk.verify(&token).await.unwrap();
    assert_eq!(opened.user.status, UserStatus::Active);
    assert!(desk.is_live(&opened).await);
    assert!(matches!(desk.verify(&token).await, Err(VerifyError::InvalidToken)), "used");
    assert!(matches!(desk.verify("").await, Err(VerifyError::InvalidToken)));
}

#[tokio::test]
async fn refusals_are_alike() {
    let desk = Desk::verified().await;
    for (email, password) in [
        (EMAIL, "wrong password"),
        ("bob@example.com", PASSWORD),
        (EMAIL, ""),
        ("", ""),
        (EMAIL, &"x".repeat(300)),
    ] {
        assert!(matches!(desk.log_in(email, password).await, Err(LogInError::Refused)), "{email}");
    }
    desk.world.execute("UPDATE users SET status = 'DISABLED'").await;
    assert!(matches!(desk.log_in(EMAIL, PASSWORD).await, Err(LogInError::Refused)));
    assert_eq!(desk.world.count("sessions").await, 1, "only that of the verification");
}

#[tokio::test]
async fn an_unverified_user_with_the_right_password_gets_another_link_now_and_then() {
    let mut desk = Desk::new().await;
    desk.register(EMAIL, PASSWORD).await.unwrap();
    let mails = "email_messages WHERE template = 'user_verify'";
    assert!(matches!(desk.log_in(EMAIL, PASSWORD).await, Err(LogInError::Refused)));
    assert_eq!(desk.world.count(mails).await, 1, "the first link is fresh");
    desk.world.pass(TimeDelta::minutes(10));
    assert!(matches!(desk.log_in(EMAIL, "wrong password").await, Err(LogInError::Refused)));
    assert_eq!(desk.world.count(mails).await, 1, "strangers cannot have mail sent");
    assert!(matches!(desk.log_in(EMAIL, PASSWORD).await, Err(LogInError::Refused)));
    assert!(matches!(desk.log_in(EMAIL, PASSWORD).await, Err(LogInError::Refused)));
    assert_eq!(desk.world.count(mails).await, 2);
    desk.verify(&desk.link().await).await.unwrap();
    desk.log_in(EMAIL, PASSWORD).await.unwrap();
}

/// Each of them sends the link again, or finds that another has: none waits for one that waits for it.
#[tokio::test]
async fn many_log_ins_of_an_unverified_user_at_once_send_one_link() {
    let mut desk = Desk::new().await;
    desk.register(EMAIL, PASSWORD).await.unwrap();
    desk.world.pass(TimeDelta::minutes(10));
    let desk = Arc::new(desk);
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let desk = Arc::clone(&desk);
            tokio::spawn(async move { desk.log_in(EMAIL, PASSWORD).await })
        })
        .collect();
    for task in tasks {
        let refused = task.await.unwrap();
        assert!(matches!(refused, Err(LogInError::Refused)), "{refused:?}");
    }
    assert_eq!(desk.world.count("email_messages WHERE template = 'user_verify'").await, 2);
}

#[tokio::test]
async fn a_session_ends_when_idle_and_in_the_end() {
    let mut desk = Desk::verified().await;
    let (idle, busy) =
        (desk.log_in(EMAIL, PASSWORD).await.unwrap(), desk.log_in(EMAIL, PASSWORD).await.unwrap());
    assert_ne!(idle.token, busy.token);
    for _ in 0..5 {
        desk.world.pass(TimeDelta::days(11));
        assert!(desk.is_live(&busy).await);
    }
    assert!(!desk.is_live(&idle).await, "unused for more than 14 days");
    desk.world.pass(TimeDelta::days(5));
    assert!(!desk.is_live(&busy).await, "after 60 days, used or not");
}

#[tokio::test]
async fn the_last_use_is_noted_every_five_minutes() {
    let mut desk = Desk::verified().await;
    let opened = desk.log_in(EMAIL, PASSWORD).await.unwrap();
    let start = desk.world.now;
    for (minutes, noted) in [(4, 0), (2, 6), (4, 6), (1, 11)] {
        desk.world.pass(TimeDelta::minutes(minutes));
        assert!(desk.is_live(&opened).await);
        let conn = &mut *desk.world.conn().await;
        let sessions = Session::list(conn, opened.user.id, desk.world.now).await.unwrap();
        let seen = sessions.iter().find(|session| session.id == opened.session.id).unwrap().last_seen_at;
        assert_eq!(seen, start + TimeDelta::minutes(noted));
    }
}

#[tokio::test]
async fn sessions_are_ended_one_by_one_and_by_their_user_only() {
    let desk = Desk::verified().await;
    let one = desk.log_in(EMAIL, PASSWORD).await.unwrap();
    let two = desk.log_in(EMAIL, PASSWORD).await.unwrap();
    let conn = &mut *desk.world.conn().await;
    let stranger = desk.world.ids.next(desk.world.now);
    let (act, ending) = (desk.world.act(), (one.session.id, two.session.id));
    assert!(Session::log_out(conn, stranger, ending, &act).await.unwrap().is_none());
    assert!(desk.is_live(&one).await);
    assert!(Session::log_out(conn, one.user.id, ending, &act).await.unwrap().is_some());
    assert!(Session::log_out(conn, one.user.id, ending, &act).await.unwrap().is_none());
    let noted = "audit_entries WHERE action = 'sessionDelete' AND account_id IS NULL";
    assert_eq!(desk.world.count(noted).await, 1, "once, and not of a stranger");
    assert!(!desk.is_live(&one).await && desk.is_live(&two).await);
    let (own, last) = (desk.log_in(EMAIL, PASSWORD).await.unwrap(), &act);
    Session::log_out(conn, own.user.id, (own.session.id, own.session.id), last).await.unwrap().unwrap();
    assert_eq!(desk.world.count(noted).await, 1, "logging out is no news");
    let three = desk.attempt(EMAIL, PASSWORD, Some(two.session.id)).await.unwrap();
    assert!(
        !desk.is_live(&two).await && desk.is_live(&three).await,
        "a log-in replaces the session it came with"
    );
    desk.world.execute("UPDATE users SET status = 'DISABLED'").await;
    assert!(!desk.is_live(&three).await);
}

#[tokio::test]
async fn the_first_owner_is_made_once_and_may_log_in() {
    let desk = Desk::new().await;
    let said = ("Owner@localhost.test", "Owner", "First account");
    let make =
        || async { User::create_owner(&desk.world.db, &desk.passwords, said, &desk.world.act()).await };
    let owner = make().await.unwrap();
    let password = owner.password.unwrap();
    desk.log_in("owner@localhost.test", password.expose()).await.unwrap();
    let again = make().await.unwrap();
    assert!(again.password.is_none() && again.user.id == owner.user.id);
    assert_eq!(desk.world.count("members WHERE role = 'OWNER'").await, 1);
    assert!(!owner.user.instance_operator);
    let conn = &mut *desk.world.conn().await;
    let operator = User::make_operator(conn, said.0, &desk.world.act()).await.unwrap().unwrap();
    assert!(operator.instance_operator);
    let trail = format!("audit_entries WHERE action = 'operatorAdd' AND target = '{}'", operator.id);
    assert_eq!(desk.world.count(&trail).await, 1);
    assert!(User::make_operator(conn, "bob@example.com", &desk.world.act()).await.unwrap().is_none());
}

/// Whoever measures must not learn which addresses are known: the hash is made in either case. A factor of five is far
/// from what a lacking hash would make, and from what a busy machine does to medians of what was measured by turns.
#[tokio::test]
async fn unknown_addresses_take_as_long() {
    let mut desk = Desk::verified().await;
    desk.passwords = Passwords::new(Default::default()).unwrap();
    let hash = desk.passwords.hash(PASSWORD, &desk.world.ids).await.unwrap();
    desk.world.execute(&format!("UPDATE users SET password_hash = '{hash}'")).await;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..7 {
        for (times, email) in times.iter_mut().zip([EMAIL, "bob@example.com"]) {
            let start = std::time::Instant::now();
            assert!(desk.log_in(email, "wrong password").await.is_err());
            times.push(start.elapsed());
        }
    }
    let [known, unknown] = times.map(|mut times| {
        times.sort();
        times[3]
    });
    assert!(known < unknown * 5 && unknown < known * 5, "{known:?} {unknown:?}");
}
