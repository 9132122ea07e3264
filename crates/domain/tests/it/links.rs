use domain::{
    links::{CreateError, Link, LinkChanges, LinkFilter, LinkStatus, NewLink, UpdateError},
    page::PageArgs,
    partners::{Entry, NewPartner, PartnerStatus, Transition},
    programs::{LinkStyle, Program},
    scope::AccountScope,
};
use ids::{LinkId, PartnerId};

use crate::partners::{Stage, account, person, program};

impl Stage {
    async fn link(&self, new: &NewLink) -> Result<Link, CreateError> {
        Link::create(&mut *self.world.conn().await, &self.scope, new, &self.world.act()).await
    }

    async fn update_link(&self, id: LinkId, changes: LinkChanges) -> Result<Link, UpdateError> {
        Link::update(&mut *self.world.conn().await, &self.scope, id, &changes, &self.world.act()).await
    }
}

fn of(partner_id: PartnerId) -> NewLink {
    NewLink { partner_id, slug: None, destination: None, idempotency_key: None }
}

fn under(partner_id: PartnerId, slug: &str) -> NewLink {
    NewLink { slug: Some(slug.to_owned()), ..of(partner_id) }
}

#[tokio::test]
async fn the_first_link_is_the_default_one_and_bears_the_key() {
    let stage = Stage::set().await;
    let jane = stage.approved("jane@example.com").await;
    let first = stage.link(&of(jane.id)).await.unwrap();
    assert_eq!((first.slug.as_str(), first.is_default), (jane.key.as_str(), true));
    assert_eq!((first.destination.as_str(), first.status), ("https://shop.example", LinkStatus::Active));
    assert_eq!(first.url(&stage.program), format!("https://shop.example/?via={}", jane.key));
    let second = stage.link(&of(jane.id)).await.unwrap();
    assert!(second.slug.starts_with(&format!("{}-", jane.key)) && !second.is_default, "{second:?}");
    let to =
        NewLink { destination: Some("https://shop.example/sale?x=1".to_owned()), ..under(jane.id, " Sale ") };
    let third = stage.link(&to).await.unwrap();
    assert_eq!(third.url(&stage.program), "https://shop.example/sale?x=1&via=sale");
    let by_path = Program { link_style: LinkStyle::Path, ..stage.program.clone() };
    assert_eq!(third.url(&by_path), "https://shop.example/sale/sale?x=1");
    assert_eq!(stage.told("lnk_").await, ["link.created ACTIVE"; 3]);
    assert_eq!(stage.world.count("audit_entries WHERE action = 'linkCreate'").await, 3);
}

#[tokio::test]
async fn a_slug_is_of_one_link_of_its_program() {
    let stage = Stage::set().await;
    let (jane, bob) = (stage.approved("jane@example.com").await, stage.approved("bob@example.com").await);
    stage.link(&under(bob.id, &jane.key)).await.unwrap();
    let taken = stage.link(&under(jane.id, &jane.key.to_uppercase())).await;
    assert!(matches!(taken, Err(CreateError::SlugTaken)), "{taken:?}");
    let first = stage.link(&of(jane.id)).await.unwrap();
    assert!(first.is_default && first.slug.starts_with(&format!("{}-", jane.key)), "{first:?}");

    let other = program(&stage.world, &stage.scope, "Other").await;
    let there = stage.partner(&person(other.id, "jane@example.com")).await.unwrap();
    let same = stage.link(&under(there.id, &jane.key)).await.unwrap();
    let conn = &mut *stage.world.conn().await;
    for (program_id, slug, expected) in [
        (other.id, jane.key.to_uppercase(), Some(same.id)),
        (stage.program.id, first.slug.clone(), Some(first.id)),
        (other.id, first.slug, None),
        (other.id, "a\0b".to_owned(), None),
    ] {
        let found = Link::find_by_slug(conn, &stage.scope, program_id, &slug).await.unwrap();
        assert_eq!(found.map(|link| link.id), expected, "{slug}");
    }
}

#[tokio::test]
async fn who_gets_a_link() {
    let stage = Stage::set().await;
    let new = NewPartner { entry: Entry::Pending, ..person(stage.program.id, "jane@example.com") };
    let jane = stage.partner(&new).await.unwrap();
    stage.link(&of(jane.id)).await.unwrap();
    stage.transition(jane.id, Transition::Reject { reason: "no site" }).await.unwrap();
    let refused = stage.link(&of(jane.id)).await;
    assert!(
        matches!(refused, Err(CreateError::WrongState { current: PartnerStatus::Rejected })),
        "{refused:?}"
    );
    stage.transition(jane.id, Transition::Approve).await.unwrap();
    stage.transition(jane.id, Transition::Suspend { reason: "spam" }).await.unwrap();
    let refused = stage.link(&of(jane.id)).await;
    assert!(
        matches!(refused, Err(CreateError::WrongState { current: PartnerStatus::Suspended })),
        "{refused:?}"
    );
    stage.transition(jane.id, Transition::Reinstate).await.unwrap();
    stage.world.execute("UPDATE programs SET website = NULL").await;
    assert!(matches!(stage.link(&of(jane.id)).await, Err(CreateError::DestinationMissing)));
    stage.world.execute("UPDATE programs SET status = 'ARCHIVED'").await;
    assert!(matches!(stage.link(&of(jane.id)).await, Err(CreateError::ProgramArchived)));
    let nonsense = NewLink { destination: Some("ftp://x.y".to_owned()), ..under(jane.id, "a/b") };
    let Err(CreateError::Invalid(problems)) = stage.link(&nonsense).await else { panic!("accepted") };
    let fields: Vec<_> = problems.iter().map(|problem| problem.path.join(".")).collect();
    assert_eq!(fields, ["slug", "destination"]);
    assert_eq!(stage.world.count("links").await, 1);
}

#[tokio::test]
async fn sixteen_at_once_have_one_default() {
    let stage = Stage::set().await;
    let jane = stage.approved("jane@example.com").await;
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (db, scope, act) = (stage.world.db.clone(), stage.scope.clone(), stage.world.act());
            let new = of(jane.id);
            tokio::spawn(async move { Link::create(&mut db.get().await.unwrap(), &scope, &new, &act).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(stage.world.count("links").await, 16);
    assert_eq!(stage.world.count("links WHERE is_default").await, 1);
}

#[tokio::test]
async fn a_link_changes_and_a_replay_sees_it() {
    let stage = Stage::set().await;
    let jane = stage.approved("jane@example.com").await;
    let new = NewLink { idempotency_key: Some("k1".to_owned()), ..of(jane.id) };
    let link = stage.link(&new).await.unwrap();
    let off = LinkChanges { status: Some(LinkStatus::Disabled), ..LinkChanges::default() };
    let off = stage.update_link(link.id, off).await.unwrap();
    assert_eq!((off.status, off.destination.as_str()), (LinkStatus::Disabled, "https://shop.example"));
    assert_eq!(stage.link(&new).await.unwrap(), off);
    let other = NewLink { slug: Some("x".to_owned()), ..new };
    assert!(matches!(stage.link(&other).await, Err(CreateError::IdempotencyMismatch)));
    let to = LinkChanges { destination: Some("nowhere".to_owned()), ..LinkChanges::default() };
    assert!(matches!(stage.update_link(link.id, to).await, Err(UpdateError::Invalid(_))));
    let to =
        LinkChanges { destination: Some("https://new.example".to_owned()), status: Some(LinkStatus::Active) };
    assert_eq!(stage.update_link(link.id, to).await.unwrap().destination, "https://new.example");
    let told = ["link.created ACTIVE", "link.updated DISABLED", "link.updated ACTIVE"];
    assert_eq!(stage.told("lnk_").await, told);
    assert_eq!(stage.world.count("audit_entries WHERE action = 'linkUpdate'").await, 2);
}

#[tokio::test]
async fn out_of_reach_is_not_found() {
    let stage = Stage::set().await;
    let jane = stage.approved("jane@example.com").await;
    let link = stage.link(&of(jane.id)).await.unwrap();
    let elsewhere = program(&stage.world, &stage.scope, "Elsewhere").await;
    let outsider = account(&stage.world).await;
    let limited = AccountScope::limited(stage.scope.account_id, vec![elsewhere.id]);
    let (conn, act) = (&mut *stage.world.conn().await, stage.world.act());
    for scope in [outsider, limited] {
        assert_eq!(Link::find(conn, &scope, link.id).await.unwrap(), None);
        assert_eq!(Link::find_all(conn, &scope, &[link.id]).await.unwrap(), []);
        assert_eq!(Link::find_by_slug(conn, &scope, link.program_id, &link.slug).await.unwrap(), None);
        assert_eq!(Link::of_partners(conn, &scope, &[jane.id], None).await.unwrap(), []);
        assert_eq!(Link::count_of_partners(conn, &scope, &[jane.id]).await.unwrap(), []);
        let filter = LinkFilter { program_ids: vec![link.program_id], ..LinkFilter::default() };
        assert_eq!(Link::list(conn, &scope, &filter, PageArgs::new(10, None)).await.unwrap().rows, []);
        assert_eq!(Link::count(conn, &scope, &LinkFilter::default(), 10).await.unwrap(), 0);
        let refused = Link::create(conn, &scope, &of(jane.id), &act).await;
        assert!(matches!(refused, Err(CreateError::PartnerNotFound)), "{refused:?}");
        let refused = Link::update(conn, &scope, link.id, &LinkChanges::default(), &act).await;
        assert!(matches!(refused, Err(UpdateError::NotFound)), "{refused:?}");
    }
    assert_eq!(Link::find(conn, &stage.scope, link.id).await.unwrap(), Some(link));
    assert_eq!(stage.told("lnk_").await.len(), 1);
}

#[tokio::test]
async fn lists_are_walked_and_filtered() {
    let stage = Stage::set().await;
    let other = program(&stage.world, &stage.scope, "Other").await;
    let (jane, bob) = (stage.approved("jane@example.com").await, stage.approved("bob@example.com").await);
    let there = stage.partner(&person(other.id, "jane@example.com")).await.unwrap();
    let mut made = Vec::new();
    for number in 0..12 {
        let whose = [jane.id, bob.id, there.id][number % 3];
        made.push(stage.link(&under(whose, &format!("link-{number}"))).await.unwrap().id);
    }
    let conn = &mut *stage.world.conn().await;
    let oldest = Link::of_partners(conn, &stage.scope, &[jane.id, bob.id], None).await.unwrap();
    let oldest: Vec<_> =
        oldest.iter().map(|link| (link.partner_id, link.slug.as_str(), link.is_default)).collect();
    let (one, two) = (jane.id, bob.id);
    assert_eq!(
        oldest,
        [
            (one, "link-0", true),
            (two, "link-1", true),
            (one, "link-3", false),
            (two, "link-4", false),
            (one, "link-6", false),
            (two, "link-7", false),
            (one, "link-9", false),
            (two, "link-10", false),
        ]
    );
    made.reverse();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let args = PageArgs::new(5, after);
        let page = Link::list(conn, &stage.scope, &LinkFilter::default(), args).await.unwrap();
        after = page.rows.last().map(|link| link.id);
        seen.extend(page.rows.into_iter().map(|link| link.id));
        if !page.has_next {
            break;
        }
    }
    assert_eq!(seen, made);
    for (filter, expected) in [
        (LinkFilter { program_ids: vec![stage.program.id], partner_ids: vec![] }, 8),
        (LinkFilter { program_ids: vec![], partner_ids: vec![jane.id, there.id] }, 8),
        (LinkFilter { program_ids: vec![other.id], partner_ids: vec![jane.id] }, 0),
    ] {
        assert_eq!(Link::count(conn, &stage.scope, &filter, 100).await.unwrap(), expected, "{filter:?}");
    }
}

#[tokio::test]
async fn links_of_partners_come_by_pages_oldest_first() {
    let stage = Stage::set().await;
    let (jane, bob) = (stage.approved("jane@example.com").await, stage.approved("bob@example.com").await);
    let first = stage.link(&of(jane.id)).await.unwrap();
    stage.link(&of(bob.id)).await.unwrap();
    let more = "INSERT INTO links SELECT ('ffffffff-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, account_id, \
                program_id, partner_id, slug || n, destination, false, status, created_at, updated_at \
                FROM links, generate_series(1, 120) AS n WHERE slug = ";
    stage.world.execute(&format!("{more}'{}'", jane.key)).await;
    let conn = &mut *stage.world.conn().await;
    let shown = Link::of_partners(conn, &stage.scope, &[jane.id, bob.id], None).await.unwrap();
    assert_eq!(shown[0], first);
    let count = |whose| shown.iter().filter(|link| link.partner_id == whose).count();
    assert_eq!((count(jane.id), count(bob.id)), (101, 1), "a page and one more");
    let rest = Link::of_partners(conn, &stage.scope, &[jane.id, bob.id], Some(shown[101].id)).await.unwrap();
    assert_eq!(rest.len(), 20);
    let mut counts = Link::count_of_partners(conn, &stage.scope, &[jane.id, bob.id]).await.unwrap();
    counts.sort_unstable();
    assert_eq!(counts, [(jane.id, 121), (bob.id, 1)]);
}
