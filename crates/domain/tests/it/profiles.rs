use chrono::TimeDelta;
use domain::{
    accounts::AccountChanges,
    team::{Membership, Role},
    users::{
        CreateAccountError, LogInError, MOST_ACCOUNTS, OpenedSession, ProfileChanges, ProfileError, User,
        UserStatus, VerifyError,
    },
};
use ids::UserId;

use crate::users::{Desk, EMAIL, PASSWORD};

const NEW: &str = "ada@new.example";

impl Desk {
    async fn update(&self, user: UserId, changes: ProfileChanges) -> Result<User, ProfileError> {
        let keys = (&self.passwords, &self.secrets);
        User::update_profile(&self.world.db, keys, user, &changes, &self.world.act()).await
    }

    async fn ask(&self, user: UserId, email: &str, password: &str) -> Result<User, ProfileError> {
        let (email, password) = (Some(email.to_owned()), Some(password.to_owned()));
        self.update(user, ProfileChanges { email, password, ..ProfileChanges::default() }).await
    }

    async fn follow(
        &self,
        user: UserId,
        rotation: i32,
        password: &str,
    ) -> Result<OpenedSession, VerifyError> {
        let token = self.secrets.email_token(user, rotation).expose().to_owned();
        self.verify_with(&token, password).await
    }

    async fn found(&self, email: &str) -> User {
        User::find_by_email(&mut *self.world.conn().await, email).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn name_and_locale_change_without_a_password() {
    let desk = Desk::verified().await;
    let id = desk.user().await.id;
    let said = |name: &str, locale: &str| ProfileChanges {
        name: Some(name.to_owned()),
        locale: Some(locale.to_owned()),
        ..ProfileChanges::default()
    };
    let user = desk.update(id, said(" Countess ", "de-AT")).await.unwrap();
    assert_eq!((user.name.as_str(), user.locale.as_str()), ("Countess", "de-AT"));
    let same = ProfileChanges { email: Some("ADA@example.com".to_owned()), ..said(" ", "en") };
    let user = desk.update(id, same).await.unwrap();
    assert_eq!((user.name.as_str(), user.new_email), ("", None), "their own address needs no proof");
    let wrong = ProfileChanges { email: Some("nobody".to_owned()), ..said(&"x".repeat(201), "german") };
    let Err(ProfileError::Invalid(problems)) = desk.update(id, wrong).await else { panic!("accepted") };
    let fields: Vec<_> = problems.iter().map(|problem| problem.path.join(".")).collect();
    assert_eq!(fields, ["name", "locale", "email"]);
    assert_eq!(desk.world.count("audit_entries WHERE action = 'profileUpdate'").await, 2);
    assert_eq!(desk.world.count("audit_entries a WHERE a::text LIKE '%Countess%'").await, 0, "no name in it");
}

#[tokio::test]
async fn another_address_counts_from_when_it_is_proven() {
    let mut desk = Desk::verified().await;
    let session = desk.log_in(EMAIL, PASSWORD).await.unwrap();
    let id = session.user.id;
    for password in ["", "wrong password"] {
        assert!(matches!(desk.ask(id, NEW, password).await, Err(ProfileError::WrongPassword)));
    }
    let asked = desk.ask(id, " Ada@NEW.example", PASSWORD).await.unwrap();
    assert_eq!((asked.email.as_str(), asked.new_email.as_deref()), ("ada@example.com", Some(NEW)));
    assert_eq!((desk.mails("email_change").await, desk.mails("email_change_asked").await), (1, 1));
    assert!(matches!(desk.log_in(NEW, PASSWORD).await, Err(LogInError::Refused)), "nothing changed yet");
    desk.log_in(EMAIL, PASSWORD).await.unwrap();
    assert!(matches!(desk.follow(id, 1, "wrong password").await, Err(VerifyError::WrongPassword)));
    desk.world.pass(TimeDelta::hours(48));
    assert!(matches!(desk.follow(id, 1, PASSWORD).await, Err(VerifyError::InvalidToken)), "expired");
    desk.ask(id, NEW, PASSWORD).await.unwrap();
    assert!(matches!(desk.follow(id, 1, PASSWORD).await, Err(VerifyError::InvalidToken)), "replaced");
    let opened = desk.follow(id, 2, PASSWORD).await.unwrap();
    assert_eq!((opened.user.email.as_str(), opened.user.new_email), (NEW, None));
    assert!(desk.is_live(&session).await, "sessions go on");
    assert!(matches!(desk.follow(id, 2, PASSWORD).await, Err(VerifyError::InvalidToken)), "used");
    assert!(matches!(desk.log_in(EMAIL, PASSWORD).await, Err(LogInError::Refused)));
    desk.log_in(NEW, PASSWORD).await.unwrap();
    assert_eq!(desk.mails("email_changed").await, 1);
    assert_eq!(desk.world.count("users WHERE former_emails = '{ada@example.com}'").await, 1);
    for table in ["audit_entries", "email_messages", "jobs"] {
        assert_eq!(desk.world.count(&format!("{table} t WHERE t::text ILIKE '%@new.example%'")).await, 0);
    }
}

#[tokio::test]
async fn a_new_password_stops_a_change_of_address_and_the_change_ends_a_reset() {
    let desk = Desk::verified().await;
    let id = desk.user().await.id;
    desk.ask(id, NEW, PASSWORD).await.unwrap();
    let keys = (&desk.passwords, &desk.secrets);
    User::request_password_reset(&desk.world.db, keys, EMAIL, &desk.world.act()).await.unwrap();
    let token = desk.secrets.reset_token(id, 1);
    let said = (token.expose(), "another horse battery");
    User::reset_password(&desk.world.db, &desk.passwords, said, None, &desk.world.act()).await.unwrap();
    let stopped = desk.follow(id, 1, "another horse battery").await;
    assert!(matches!(stopped, Err(VerifyError::InvalidToken)), "{stopped:?}");
    assert_eq!(desk.user().await.new_email, None);
}

#[tokio::test]
async fn somebody_elses_address_is_not_told_apart_and_not_taken() {
    let desk = Desk::verified().await;
    let ada = desk.user().await.id;
    desk.register("bob@example.com", PASSWORD).await.unwrap();
    let bob = desk.found("bob@example.com").await.id;
    desk.verify(desk.secrets.verification_token(bob, 1).expose()).await.unwrap();
    let asked = desk.ask(ada, "bob@example.com", PASSWORD).await.unwrap();
    assert_eq!(asked.new_email.as_deref(), Some("bob@example.com"), "as for any address");
    assert_eq!((desk.mails("email_change").await, desk.mails("user_exists").await), (0, 1));
    let taken = desk.follow(ada, 1, PASSWORD).await;
    assert!(matches!(taken, Err(VerifyError::Taken)), "{taken:?}");
    assert_eq!(desk.found("bob@example.com").await.id, bob);
    assert_eq!(desk.user().await.id, ada);
}

#[tokio::test]
async fn a_registration_that_nobody_proved_gives_way_to_a_change() {
    let desk = Desk::verified().await;
    let ada = desk.user().await.id;
    desk.register(NEW, "password of a stranger").await.unwrap();
    let stranger = desk.found(NEW).await.id;
    let theirs = desk.secrets.verification_token(stranger, 1);
    desk.ask(ada, NEW, PASSWORD).await.unwrap();
    desk.follow(ada, 1, PASSWORD).await.unwrap();
    assert_eq!(desk.found(NEW).await.id, ada);
    let late = desk.verify_with(theirs.expose(), "password of a stranger").await;
    assert!(matches!(late, Err(VerifyError::InvalidToken)));
    let gone = User::find(&mut *desk.world.conn().await, stranger).await.unwrap().unwrap();
    assert_eq!((gone.status, gone.email.ends_with("@replaced.invalid")), (UserStatus::Disabled, true));
}

#[tokio::test]
async fn a_user_makes_more_accounts_up_to_a_limit() {
    let desk = Desk::verified().await;
    let id = desk.user().await.id;
    let conn = &mut *desk.world.conn().await;
    let said = AccountChanges { name: Some("Second".to_owned()), ..AccountChanges::default() };
    let made = User::create_account(conn, id, &said, &desk.world.act()).await.unwrap();
    let memberships = Membership::of_user(conn, id).await.unwrap();
    let last = memberships.last().unwrap();
    assert_eq!((memberships.len(), last.account.id, last.member.role), (2, made.id, Role::Owner));
    assert_eq!(
        desk.world.count("audit_entries WHERE action = 'accountCreate' AND account_id IS NOT NULL").await,
        1
    );
    let nameless = User::create_account(conn, id, &AccountChanges::default(), &desk.world.act()).await;
    assert!(matches!(nameless, Err(CreateAccountError::Invalid(_))));
    for _ in 2..MOST_ACCOUNTS {
        User::create_account(conn, id, &said, &desk.world.act()).await.unwrap();
    }
    let more = User::create_account(conn, id, &said, &desk.world.act()).await;
    assert!(matches!(more, Err(CreateAccountError::TooMany)), "{more:?}");
}
