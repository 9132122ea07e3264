use diesel::{QueryableByName, sql_query, sql_types::Text};
use domain::{
    accounts::{AccountStatus, NewAccount},
    partners::{
        CreateError, Entry, NewPartner, Partner, PartnerAction, PartnerChanges, PartnerProfile,
        PartnerStatus, Transition, TransitionError, UpdateError,
    },
    programs::{NewProgram, Program, ProgramKind, ProgramStatus},
    scope::AccountScope,
    text::TextProblem,
};
use ids::{PartnerId, ProgramId};
use money::Currency;

use crate::support::World;

/// An account with one program.
pub struct Stage {
    pub world: World,
    pub scope: AccountScope,
    pub program: Program,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Stage {
    pub async fn set() -> Self {
        let world = World::new().await;
        let scope = account(&world).await;
        let program = program(&world, &scope, "Acme").await;
        Self { world, scope, program }
    }

    pub async fn partner(&self, new: &NewPartner) -> Result<Partner, CreateError> {
        Partner::create(&mut *self.world.conn().await, &self.scope, new, &self.world.act()).await
    }

    /// An approved partner of that address.
    pub async fn approved(&self, email: &str) -> Partner {
        self.partner(&person(self.program.id, email)).await.unwrap()
    }

    pub async fn transition(
        &self,
        id: PartnerId,
        transition: Transition<'_>,
    ) -> Result<Partner, TransitionError> {
        Partner::transition(&mut *self.world.conn().await, &self.scope, id, transition, &self.world.act())
            .await
    }

    pub async fn update(&self, id: PartnerId, changes: PartnerChanges) -> Result<Partner, UpdateError> {
        Partner::update(&mut *self.world.conn().await, &self.scope, id, &changes, &self.world.act()).await
    }

    async fn profile(&self, partner: &Partner) -> PartnerProfile {
        let conn = &mut *self.world.conn().await;
        PartnerProfile::find_all(conn, &self.scope, &[partner.profile_id]).await.unwrap().remove(0)
    }

    /// The kinds of the events whose subject starts so, in order, each with the status in its payload.
    pub async fn told(&self, subject: &str) -> Vec<String> {
        let query = format!(
            "SELECT kind || ' ' || (payload ->> 'status') AS line FROM events \
             WHERE subject LIKE '{subject}%' ORDER BY seq"
        );
        self.lines(&query).await
    }

    /// The payloads of the events whose kind starts so, in order.
    pub async fn payloads(&self, kind: &str) -> Vec<String> {
        self.lines(&format!(
            "SELECT payload::text AS line FROM events WHERE kind LIKE '{kind}%' ORDER BY seq"
        ))
        .await
    }

    /// The texts that a query finds in its column `line`.
    pub async fn lines(&self, query: &str) -> Vec<String> {
        // In scope here only: its `execute` would hide the world's.
        use diesel_async::RunQueryDsl;
        let mut conn = self.world.conn().await;
        let lines: Vec<Line> = RunQueryDsl::load(sql_query(query), &mut *conn).await.unwrap();
        lines.into_iter().map(|row| row.line).collect()
    }
}

pub async fn account(world: &World) -> AccountScope {
    let id = world.ids.next(world.now);
    let new = NewAccount {
        id,
        name: "Acme Inc",
        base_currency: Currency::USD,
        time_zone: "UTC",
        country: None,
        company: None,
        address: None,
        tax_id: None,
        locale: "en",
        status: AccountStatus::Active,
        created_at: world.now,
        updated_at: world.now,
    };
    new.insert(&mut *world.conn().await).await.unwrap();
    AccountScope::whole(id)
}

pub async fn program(world: &World, scope: &AccountScope, name: &str) -> Program {
    program_of(world, scope, name, ProgramKind::Affiliate).await
}

pub async fn program_of(world: &World, scope: &AccountScope, name: &str, kind: ProgramKind) -> Program {
    let new = NewProgram {
        kind,
        name: name.to_owned(),
        currency: Currency::USD,
        slug: None,
        website: Some("https://shop.example".to_owned()),
        time_zone: None,
        grandfathering: None,
        link_parameter: None,
        link_style: None,
        attribution_model: None,
        attribution_window_days: None,
        auto_approve: None,
        late_sale_days: None,
        idempotency_key: None,
    };
    Program::create(&mut *world.conn().await, scope, &new, &world.act()).await.unwrap()
}

pub fn person(program_id: ProgramId, email: &str) -> NewPartner {
    NewPartner {
        program_id,
        entry: Entry::Approved,
        email: email.to_owned(),
        name: "Jane Doe".to_owned(),
        key: None,
        country: None,
        tags: Vec::new(),
        group_id: None,
        upline_id: None,
        idempotency_key: None,
    }
}

#[tokio::test]
async fn a_partner_comes_in() {
    let stage = Stage::set().await;
    let id = stage.program.id;
    let new = NewPartner {
        key: Some(" Jane-1 ".to_owned()),
        country: Some("de".to_owned()),
        tags: vec!["vip".to_owned(), " b2b ".to_owned(), "vip".to_owned()],
        ..person(id, " Jane@Example.com ")
    };
    let jane = stage.partner(&new).await.unwrap();
    assert_eq!((jane.key.as_str(), jane.status), ("jane-1", PartnerStatus::Approved));
    assert_eq!(jane.tags, ["b2b", "vip"]);
    let profile = stage.profile(&jane).await;
    assert_eq!((profile.email.as_str(), profile.country.as_deref()), ("Jane@Example.com", Some("DE")));

    let bob = NewPartner { entry: Entry::Pending, ..person(id, "bob@example.com") };
    let bob = stage.partner(&bob).await.unwrap();
    assert_eq!((bob.key.len(), bob.status), (8, PartnerStatus::Pending));
    let eve = NewPartner { entry: Entry::Application, ..person(id, "eve@example.com") };
    assert_eq!(stage.partner(&eve).await.unwrap().status, PartnerStatus::Pending);
    stage.world.execute("UPDATE programs SET auto_approve = true").await;
    let ann = NewPartner { entry: Entry::Application, ..person(id, "ann@example.com") };
    assert_eq!(stage.partner(&ann).await.unwrap().status, PartnerStatus::Approved);

    let told = ["partner.approved APPROVED", "partner.applied PENDING", "partner.applied PENDING"];
    assert_eq!(stage.told("prt_").await, [told.as_slice(), &["partner.approved APPROVED"]].concat());
    assert_eq!(stage.world.count("audit_entries WHERE action = 'partnerCreate'").await, 2);
    assert_eq!(stage.world.count("audit_entries WHERE action = 'partnerApply'").await, 2);
    // Ids, status and labels, and nothing that would have to be erased.
    let ids_only = format!(
        "events WHERE payload = jsonb_build_object('partnerId', '{}', 'programId', '{id}', 'status', 'APPROVED', \
         'group', NULL, 'tags', '[\"b2b\", \"vip\"]'::jsonb, 'upline', NULL)",
        jane.id
    );
    assert_eq!(stage.world.count(&ids_only).await, 1);
    let personal = "audit_entries WHERE concat(before, after) ILIKE '%example.com%' OR concat(before, after) LIKE '%Doe%'";
    assert_eq!(stage.world.count(personal).await, 0);
}

#[tokio::test]
async fn everything_wrong_is_said_at_once() {
    let stage = Stage::set().await;
    let new = NewPartner {
        name: " ".to_owned(),
        key: Some("a b".to_owned()),
        country: Some("Germany".to_owned()),
        tags: vec!["x".repeat(51)],
        ..person(stage.program.id, "nobody")
    };
    let Err(CreateError::Invalid(problems)) = stage.partner(&new).await else { panic!("accepted") };
    let fields: Vec<_> = problems.iter().map(|problem| problem.path.join(".")).collect();
    assert_eq!(fields, ["email", "name", "country", "key", "tags"]);
    assert_eq!(stage.world.count("partner_profiles").await, 0);
}

#[tokio::test]
async fn one_partner_per_person_and_program() {
    let stage = Stage::set().await;
    let jane = stage.approved("jane@example.com").await;
    let again = stage.partner(&person(stage.program.id, "JANE@example.com")).await;
    assert!(matches!(again, Err(CreateError::AlreadyPartner)), "{again:?}");
    let same_key = NewPartner { key: Some(jane.key.clone()), ..person(stage.program.id, "bob@example.com") };
    let same_key = stage.partner(&same_key).await;
    assert!(matches!(same_key, Err(CreateError::KeyTaken)), "{same_key:?}");

    let other = program(&stage.world, &stage.scope, "Other").await;
    let there = NewPartner {
        name: "Someone".to_owned(),
        key: Some(jane.key.clone()),
        ..person(other.id, "Jane@Example.com")
    };
    let there = stage.partner(&there).await.unwrap();
    assert_eq!(there.profile_id, jane.profile_id);
    assert_eq!(stage.profile(&there).await.name, "Jane Doe", "a known person keeps the name");
    assert_eq!(stage.world.count("partner_profiles").await, 1, "what failed left no profile");
}

#[tokio::test]
async fn a_key_of_the_caller_makes_once() {
    let stage = Stage::set().await;
    let new =
        NewPartner { idempotency_key: Some("k1".to_owned()), ..person(stage.program.id, "jane@example.com") };
    let first = stage.partner(&new).await.unwrap();
    let suspended = stage.transition(first.id, Transition::Suspend { reason: "spam" }).await.unwrap();
    assert_eq!(stage.partner(&new).await.unwrap(), suspended, "the object in its present state");
    let other = NewPartner { entry: Entry::Pending, ..new.clone() };
    assert!(matches!(stage.partner(&other).await, Err(CreateError::IdempotencyMismatch)));
    let applies = NewPartner { entry: Entry::Application, email: "bob@example.com".to_owned(), ..new };
    assert_ne!(stage.partner(&applies).await.unwrap().id, first.id, "keys of another mutation are apart");
}

#[tokio::test]
async fn an_archived_program_takes_in_nobody() {
    let stage = Stage::set().await;
    stage.world.execute("UPDATE programs SET status = 'ARCHIVED'").await;
    let refused = stage.partner(&person(stage.program.id, "jane@example.com")).await;
    assert!(
        matches!(refused, Err(CreateError::WrongState { current: ProgramStatus::Archived })),
        "{refused:?}"
    );
}

fn transition_of(action: PartnerAction) -> Transition<'static> {
    match action {
        PartnerAction::Approve => Transition::Approve,
        PartnerAction::Reject => Transition::Reject { reason: "no site" },
        PartnerAction::Suspend => Transition::Suspend { reason: "spam" },
        PartnerAction::Reinstate => Transition::Reinstate,
    }
}

#[tokio::test]
async fn states_follow_each_other_and_nothing_else_happens() {
    let stage = Stage::set().await;
    let new = NewPartner { entry: Entry::Pending, ..person(stage.program.id, "jane@example.com") };
    let mut jane = stage.partner(&new).await.unwrap();
    use PartnerAction as A;
    for step in [A::Reject, A::Approve, A::Suspend, A::Reinstate] {
        for action in PartnerAction::ALL.iter().filter(|action| !action.allowed_from(jane.status)) {
            let refused = stage.transition(jane.id, transition_of(*action)).await;
            let Err(TransitionError::WrongState { current }) = refused else {
                panic!("{action} of {}", jane.status)
            };
            assert_eq!(current, jane.status);
        }
        jane = stage.transition(jane.id, transition_of(step)).await.unwrap();
        let reason = match step {
            A::Reject => Some("no site"),
            A::Suspend => Some("spam"),
            A::Approve | A::Reinstate => None,
        };
        assert_eq!(jane.status_reason.as_deref(), reason);
    }
    let told = [
        "partner.applied PENDING",
        "partner.rejected REJECTED",
        "partner.approved APPROVED",
        "partner.suspended SUSPENDED",
        "partner.reinstated APPROVED",
    ];
    assert_eq!(stage.told("prt_").await, told);
    assert_eq!(stage.world.count("audit_entries WHERE target LIKE 'prt_%'").await, 5);
}

#[tokio::test]
async fn a_reason_is_said() {
    let stage = Stage::set().await;
    let jane = stage.approved("jane@example.com").await;
    for (reason, problem) in
        [(" ", TextProblem::Missing), (&*"x".repeat(501), TextProblem::TooLong { limit: 500 })]
    {
        let refused = stage.transition(jane.id, Transition::Suspend { reason }).await;
        assert!(matches!(refused, Err(TransitionError::Reason(said)) if said == problem), "{refused:?}");
    }
    assert_eq!(stage.told("prt_").await.len(), 1);
}

#[tokio::test]
async fn a_change_of_the_person_is_told_of_all_their_partners() {
    let stage = Stage::set().await;
    let other = program(&stage.world, &stage.scope, "Other").await;
    let jane = stage.approved("jane@example.com").await;
    let there = NewPartner { entry: Entry::Pending, ..person(other.id, "jane@example.com") };
    let there = stage.partner(&there).await.unwrap();
    let tags = PartnerChanges { tags: Some(vec!["vip".to_owned()]), ..PartnerChanges::default() };
    assert_eq!(stage.update(jane.id, tags).await.unwrap().tags, ["vip"]);
    assert_eq!(stage.told(&jane.id.to_string()).await[1..], ["partner.updated APPROVED"]);
    assert_eq!(stage.told(&there.id.to_string()).await.len(), 1, "tags are a partner's own");

    let named = PartnerChanges {
        name: Some("Jane Roe".to_owned()),
        email: Some("JANE@example.com".to_owned()),
        country: Some("fr".to_owned()),
        ..PartnerChanges::default()
    };
    let updated = stage.update(jane.id, named.clone()).await.unwrap();
    assert_eq!(updated.tags, ["vip"]);
    let profile = stage.profile(&jane).await;
    assert_eq!((profile.name.as_str(), profile.email.as_str()), ("Jane Roe", "JANE@example.com"));
    assert_eq!(stage.told(&there.id.to_string()).await[1..], ["partner.updated PENDING"]);
    let trail = r#"audit_entries WHERE after -> 'profile_fields' = '["name", "email", "country"]'"#;
    assert_eq!(stage.world.count(trail).await, 1);

    let limited = AccountScope::limited(stage.scope.account_id, vec![stage.program.id]);
    let changes = PartnerChanges { name: Some("Mallory".to_owned()), ..PartnerChanges::default() };
    let conn = &mut *stage.world.conn().await;
    let refused = Partner::update(conn, &limited, jane.id, &changes, &stage.world.act()).await;
    assert!(matches!(refused, Err(UpdateError::Shared)), "{refused:?}");
    let same = Partner::update(conn, &limited, jane.id, &named, &stage.world.act()).await;
    assert!(same.is_ok(), "what changes nothing elsewhere is no harm: {same:?}");
    assert_eq!(stage.profile(&jane).await.name, "Jane Roe");
}

#[tokio::test]
async fn an_address_is_of_one_person() {
    let stage = Stage::set().await;
    let jane = stage.approved("jane@example.com").await;
    stage.approved("bob@example.com").await;
    let changes = PartnerChanges { email: Some("BOB@example.com".to_owned()), ..PartnerChanges::default() };
    assert!(matches!(stage.update(jane.id, changes).await, Err(UpdateError::EmailTaken)));
    let changes = PartnerChanges { country: Some("x".to_owned()), ..PartnerChanges::default() };
    assert!(matches!(stage.update(jane.id, changes).await, Err(UpdateError::Invalid(_))));
    assert_eq!(stage.told("prt_").await.len(), 2, "nothing changed, nothing is told");
}
