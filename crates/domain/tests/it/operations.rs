use domain::{
    operations::{self, JobError, JobScope, Operation, RETRY_BATCH},
    rewards::ComputeRewards,
};
use ids::{AccountId, JobId};
use queue::{
    Claim, Mode, NewJob, Queue, Verdict,
    find::{JobFilter, JobState},
};

use crate::{
    partners::account,
    shop::{Shop, sale},
    support::World,
};

const LEASE: std::time::Duration = std::time::Duration::from_secs(30);

/// Dead jobs of `rewards.compute` for so many programs that do not exist, of an account or of the system.
async fn dead(world: &World, whose: Option<AccountId>, count: usize) -> Vec<JobId> {
    let conn = &mut *world.conn().await;
    let job = |_| {
        let job = NewJob::of(&ComputeRewards { program_id: world.ids.next(world.now) });
        whose.map_or(job.clone(), |account| job.account(account))
    };
    let jobs: Vec<NewJob> = (0..count).map(job).collect();
    let ids = queue::enqueue(conn, world.now, &world.ids, &jobs).await.unwrap();
    let (token, worker) = (world.ids.next(world.now), world.ids.next(world.now));
    let kind = "rewards.compute";
    let claim = Claim { kind, ids: &ids, mode: Mode::Shared, serial: true, token, lease: LEASE, worker };
    for row in queue::claim(conn, claim, world.now).await.unwrap() {
        queue::fail(conn, &row, token, Verdict::Abort, "no", world.now).await.unwrap();
    }
    ids
}

#[tokio::test]
async fn a_dead_job_runs_again_for_who_reaches_it_and_the_trail_says_so() {
    let world = World::new().await;
    let (mine, other) = (account(&world).await.account_id, account(&world).await.account_id);
    let id = dead(&world, Some(mine), 1).await[0];
    let system = dead(&world, None, 1).await[0];
    let (conn, act) = (&mut *world.conn().await, world.act());
    for (scope, id) in
        [(JobScope::Account(other), id), (JobScope::Account(mine), system), (JobScope::Nothing, id)]
    {
        let refused = operations::retry(conn, scope, id, &act).await;
        assert!(matches!(refused, Err(JobError::NotFound)), "{scope:?}: {refused:?}");
        let refused = operations::cancel(conn, scope, id, &act).await;
        assert!(matches!(refused, Err(JobError::NotFound)), "{scope:?}: {refused:?}");
    }
    let runs = operations::retry(conn, JobScope::Account(mine), id, &act).await.unwrap();
    assert_eq!((runs.id, runs.state()), (id, JobState::Ready));
    let again = operations::retry(conn, JobScope::Account(mine), id, &act).await;
    assert!(matches!(again, Err(JobError::WrongState(JobState::Ready))), "{again:?}");
    let ended = operations::cancel(conn, JobScope::Account(mine), id, &act).await.unwrap();
    assert_eq!(ended.state(), JobState::Cancelled);
    operations::retry(conn, JobScope::Instance, system, &act).await.unwrap();
    let trail = "audit_entries WHERE actor = 'system' AND action =";
    assert_eq!(
        world.count(&format!("{trail} 'jobRetry' AND account_id = '{}'", ids::TypedId::uuid(mine))).await,
        1
    );
    assert_eq!(world.count(&format!("{trail} 'jobCancel' AND account_id IS NOT NULL")).await, 1);
    assert_eq!(world.count(&format!("{trail} 'jobRetry' AND account_id IS NULL")).await, 1);
}

#[tokio::test]
async fn a_queue_is_paused_and_resumed_and_the_instance_s_trail_says_so() {
    let world = World::new().await;
    let (conn, act) = (&mut *world.conn().await, world.act());
    operations::pause(conn, Queue::Emails, &act).await.unwrap();
    assert_eq!(queue::paused(conn).await.unwrap(), [Queue::Emails]);
    operations::resume(conn, Queue::Emails, &act).await.unwrap();
    assert_eq!(queue::paused(conn).await.unwrap(), []);
    assert_eq!(world.count("audit_entries WHERE account_id IS NULL AND target = 'emails'").await, 2);
}

#[tokio::test]
async fn many_are_retried_a_hundred_at_once_and_the_rest_by_a_job_each_once() {
    let world = World::new().await;
    let (mine, other) = (account(&world).await.account_id, account(&world).await.account_id);
    dead(&world, Some(mine), 2 * RETRY_BATCH + 30).await;
    dead(&world, Some(other), 1).await;
    let (conn, act) = (&mut *world.conn().await, world.act());
    let scope = JobScope::Account(mine);
    let of_another = JobFilter { account: Some(other), ..JobFilter::default() };
    let retried = operations::retry_dead(conn, scope, &of_another, &act).await.unwrap();
    assert_eq!(retried.jobs, RETRY_BATCH, "the scope counts, not the filter");
    let begun = retried.operation.unwrap();
    assert_eq!((begun.total, begun.total_capped, begun.done), (230, false, 100));
    let mut next = Some(begun.job_id);
    let mut batches = vec![retried.jobs];
    while let Some(id) = next {
        let job = queue::find::find_all(conn, None, &[id]).await.unwrap().remove(0);
        let work = serde_json::from_value(job.args).unwrap();
        let retried = operations::retry_dead_batch(conn, &work, &act).await.unwrap();
        batches.push(retried.jobs);
        next = retried.goes_on_as;
        let noted = Operation::find(conn, scope, begun.id).await.unwrap().unwrap();
        assert_eq!(noted.done, batches.iter().sum::<usize>() as i64);
        assert_eq!(
            next,
            noted.finished_at.is_none().then_some(noted.job_id),
            "the job that goes on is named"
        );
    }
    for out_of_reach in [JobScope::Account(other), JobScope::Nothing] {
        assert_eq!(Operation::find(conn, out_of_reach, begun.id).await.unwrap(), None);
    }
    assert!(Operation::find(conn, JobScope::Instance, begun.id).await.unwrap().is_some());
    assert_eq!(batches, [RETRY_BATCH, RETRY_BATCH, 30]);
    assert_eq!(world.count("job_history WHERE state = 'dead'").await, 1, "the other account's");
    assert_eq!(world.count("audit_entries WHERE action = 'jobsRetry'").await, 1);
}

/// Retrying the dead job of a stopped program is what has the fact tried again.
#[tokio::test]
async fn a_retry_takes_the_mark_from_a_stopped_program() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let sold = shop.record(&sale("s", "c", 100)).await;
    shop.world
        .execute("UPDATE reward_cursors SET stopped_position = 1, stopped_why = 'x', stopped_at = now()")
        .await;
    shop.sequence().await;
    shop.compute().await.unwrap();
    assert_eq!(shop.result(&sold).await, "");
    let conn = &mut *shop.world.conn().await;
    let rewards = JobFilter { queue: Some(Queue::Rewards), ..JobFilter::default() };
    let id = queue::find::list(conn, &rewards, None, 1).await.unwrap().rows[0].id;
    let (token, worker) = (shop.world.ids.next(shop.world.now), shop.world.ids.next(shop.world.now));
    let kind = "rewards.compute";
    let claim = Claim { kind, ids: &[id], mode: Mode::Shared, serial: true, token, lease: LEASE, worker };
    let row = queue::claim(conn, claim, shop.world.now).await.unwrap().remove(0);
    queue::fail(conn, &row, token, Verdict::Abort, "no", shop.world.now).await.unwrap();
    operations::retry(conn, JobScope::Instance, id, &shop.world.act()).await.unwrap();
    shop.settle().await;
    assert_eq!(shop.result(&sold).await, "base 30 HELD");
}
