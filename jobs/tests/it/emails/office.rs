use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{QueryDsl, QueryableByName, sql_query, sql_types::Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use domain::{
    act::Act,
    clock::Clock,
    db::{Conn, Db, DbConfig},
    emails::{EmailTemplate, NewEmail, Recipient, intend},
    links::{Link, NewLink},
    partners::{Entry, NewPartner, Partner},
    programs::{NewProgram, Program, Transition},
    schema::accounts,
    scope::AccountScope,
    subscribers,
    terms::{DraftTerms, RewardCurrency, SelfReferral, Terms, TermsFor},
    users::{Passwords, Secrets, User},
};
use ids::IdSource;
use jobs::{EmailRenderer, Outside, SendEmails, handlers, run_due};
use mailer::{Mailbox, Mailer, MailerConfig, SmtpConfig, TransportConfig, test_server::SmtpServer};
use money::{Currency, Rounding};
use test_database::TestDatabase;

pub const ORIGIN: &str = "https://refero.example";

/// An instance with an owner, an active program that pays 20 % of the net, held for 30 days, and a mailer.
pub struct Office {
    pub db: Db,
    pub ids: IdSource,
    pub now: DateTime<Utc>,
    pub scope: AccountScope,
    pub owner: User,
    pub program: Program,
    pub secrets: Secrets,
    pub database: TestDatabase,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// A mailer that speaks to this server and waits for it not longer than tests like.
pub fn smtp(server: &SmtpServer) -> Mailer {
    let (timeout, answer_timeout) = (Duration::from_millis(700), Duration::ZERO);
    let config = SmtpConfig { timeout, answer_timeout, ..SmtpConfig::from_url(&server.url()).unwrap() };
    let from = Mailbox::new("Refero", "no-reply@refero.example");
    Mailer::from_config(MailerConfig { transport: TransportConfig::Smtp(config), from }).unwrap()
}

impl Office {
    pub async fn open() -> Self {
        let database = TestDatabase::create().await.unwrap();
        let db = Db::new(&DbConfig::for_testing(&database.url)).unwrap();
        let (ids, now) = (IdSource::seeded(1), "2026-11-22T12:00:00Z".parse().unwrap());
        let act = Act::of_system(now, ids.clone());
        let passwords = Passwords::for_testing().unwrap();
        let person = ("olivia@acme.example", "Olivia Owner", "Acme Inc");
        let owner = User::create_owner(&db, &passwords, person, &act).await.unwrap().user;
        let mut conn = db.get().await.unwrap();
        let scope = AccountScope::whole(accounts::table.select(accounts::id).first(&mut conn).await.unwrap());
        let program = active_program(&mut conn, &scope, &act).await;
        drop(conn);
        let secrets = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff".parse().unwrap();
        Self { db, ids, now, scope, owner, program, secrets, database }
    }

    /// Goes back to an older copy of the database.
    pub fn restore(&mut self, copy: TestDatabase) {
        self.db = Db::new(&DbConfig::for_testing(&copy.url)).unwrap();
        self.database = copy;
    }

    pub async fn conn(&self) -> Conn {
        self.db.get().await.unwrap()
    }

    pub fn act(&self) -> Act {
        Act::of_system(self.now, self.ids.clone())
    }

    pub fn pass(&mut self, time: TimeDelta) {
        self.now += time;
    }

    /// Ada, in the program's time zone of Berlin, with a link to share if she is approved at once.
    pub async fn partner(&self, entry: Entry) -> Partner {
        let new = NewPartner {
            program_id: self.program.id,
            entry,
            email: "ada@example.com".to_owned(),
            name: "Ada Lovelace".to_owned(),
            key: Some("ada".to_owned()),
            country: None,
            tags: Vec::new(),
            group_id: None,
            upline_id: None,
            idempotency_key: None,
        };
        let conn = &mut *self.conn().await;
        let partner = Partner::create(conn, &self.scope, &new, &self.act()).await.unwrap();
        if entry == Entry::Approved {
            let link =
                NewLink { partner_id: partner.id, slug: None, destination: None, idempotency_key: None };
            Link::create(conn, &self.scope, &link, &self.act()).await.unwrap();
        }
        partner
    }

    /// Intends one email of its own: no event's.
    pub async fn intend(&self, template: EmailTemplate, to: Recipient, subject: impl ToString, key: &str) {
        let email = NewEmail {
            account_id: Some(self.scope.account_id),
            template,
            recipient: to,
            subject: subject.to_string(),
            dedupe_key: key.to_owned(),
        };
        let conn = &mut *self.conn().await;
        assert_eq!(intend(conn, &self.ids, self.now, &[email]).await.unwrap(), 1);
    }

    pub fn renderer(&self, mailer: &Mailer) -> EmailRenderer {
        EmailRenderer::new(mailer.clone(), self.secrets.clone(), ORIGIN)
    }

    /// What sends emails.
    pub fn handler(&self, mailer: &Mailer) -> SendEmails {
        let clock = Clock::fixed(self.now);
        SendEmails::new(self.db.clone(), clock, self.ids.clone(), self.renderer(mailer))
    }

    /// Runs the jobs that are due; answers how many runs there were.
    pub async fn run(&self, mailer: &Mailer) -> usize {
        let clock = Clock::fixed(self.now);
        let registry = handlers(&self.db, &clock, &self.ids, Outside::of(self.renderer(mailer)));
        run_due(&registry, &self.db, &self.ids, self.now).await.unwrap()
    }

    /// Sequences events and runs what they cause, until nothing is due.
    pub async fn work(&self, mailer: &Mailer) {
        loop {
            let events = subscribers::sequence(&mut *self.conn().await, self.now, &self.ids).await.unwrap();
            if events + self.run(mailer).await == 0 {
                return;
            }
        }
    }

    /// The one column `line` of a query.
    pub async fn lines(&self, query: &str) -> Vec<String> {
        let lines: Vec<Line> = sql_query(query).load(&mut *self.conn().await).await.unwrap();
        lines.into_iter().map(|row| row.line).collect()
    }

    /// The emails, oldest first: `template status attempts error`.
    pub async fn emails(&self) -> Vec<String> {
        let columns = "concat_ws(' ', template, status, attempts, last_error)";
        self.lines(&format!("SELECT {columns} AS line FROM email_messages ORDER BY id")).await
    }

    /// The jobs that send, live or ended: `state attempt`.
    pub async fn jobs(&self) -> Vec<String> {
        let of = |table: &str| {
            format!("SELECT id, state || ' ' || attempt AS line FROM {table} WHERE kind = 'emails.send'")
        };
        let (live, ended) = (of("jobs"), of("job_history"));
        self.lines(&format!("SELECT line FROM ({live} UNION ALL {ended}) j ORDER BY id")).await
    }

    pub async fn execute(&self, sql: &str) {
        self.conn().await.batch_execute(sql).await.unwrap();
    }
}

async fn active_program(conn: &mut AsyncPgConnection, scope: &AccountScope, act: &Act) -> Program {
    let new = NewProgram {
        kind: domain::programs::ProgramKind::Affiliate,
        name: "Acme Affiliates".to_owned(),
        currency: Currency::USD,
        slug: None,
        website: Some("https://shop.example".to_owned()),
        time_zone: Some("Europe/Berlin".to_owned()),
        grandfathering: None,
        link_parameter: None,
        link_style: None,
        attribution_model: None,
        attribution_window_days: None,
        auto_approve: None,
        late_sale_days: None,
        idempotency_key: None,
    };
    let program = Program::create(conn, scope, &new, act).await.unwrap();
    let draft = DraftTerms {
        rules: serde_json::json!([{ "id": "base", "trigger": "SALE", "beneficiary": "PARTNER",
            "value": { "type": "PERCENT", "percent": "20" }, "base": "NET", "stacking": "EXCLUSIVE" }]),
        hold_days: 30,
        rounding: Rounding::HalfUp,
        self_referral: SelfReferral::Allow,
        rate_max_age_days: None,
        whose: TermsFor::Everybody,
        reward_currency: RewardCurrency::Program,
        duplicate_sale_minutes: None,
        existing_customer_review: false,
        referred_while_suspended: false,
    };
    let terms = Terms::put_draft(conn, scope, program.id, &draft, act).await.unwrap();
    Terms::publish(conn, scope, terms.id, None, act).await.unwrap();
    Program::transition(conn, scope, program.id, Transition::Activate, act).await.unwrap()
}
