use std::{
    future::ready,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::{
    act::{Act, Actor},
    clock::Clock,
    db::Db,
    emails::{self, EmailMessage, Outcome, SendEmail},
};
use futures_util::{StreamExt, stream};
use ids::{EmailMessageId, IdSource, JobId};
use mailer::{Message, SendError};

use super::{EmailRenderer, facts::Facts, outdated::outdated, words::answer};
use crate::{
    handler::{Call, Claimed, Failure},
    progress::Progress,
};

/// Emails of a slice that are under way at once. The kind's slices together have as many as the mailer has connections, so
/// that an email that was begun has one at once: one that waits for its turn can still be left when the process ends.
const AT_ONCE: usize = 4;

/// How long what was loaded for a slice may be told.
const FRESH: Duration = Duration::from_secs(1);

/// Sends emails, a slice by and by. What a crash leaves unrecorded is sent again with the same Message-ID.
pub struct SendEmails {
    db: Db,
    clock: Clock,
    ids: IdSource,
    renderer: EmailRenderer,
}

/// Emails and what they tell of.
struct Loaded {
    emails: Vec<EmailMessage>,
    facts: Facts,
    at: Instant,
}

/// What is to be done about one job.
enum Step {
    /// Nothing: the email has ended already, or never was.
    Leave,
    /// There is nobody or nothing to tell any more.
    Drop(&'static str),
    Send(Box<Message>),
    /// It cannot be rendered.
    Defect(String),
}

/// Why an email was not sent.
enum Miss {
    /// The mail server or the network, for now.
    ForNow(String),
    /// It cannot be rendered: tried again only when an operator says so, after the mend.
    Defect(String),
}

impl Miss {
    fn outcome(&self, is_last_attempt: bool) -> Outcome {
        match self {
            Self::ForNow(text) if !is_last_attempt => Outcome::Postponed(text.clone()),
            Self::ForNow(text) | Self::Defect(text) => Outcome::Failed(text.clone()),
        }
    }
}

impl From<Miss> for Failure {
    fn from(miss: Miss) -> Self {
        match miss {
            Miss::ForNow(text) => Self::Retry(text),
            Miss::Defect(text) => Self::Abort(text),
        }
    }
}

impl SendEmails {
    /// The handler.
    pub fn new(db: Db, clock: Clock, ids: IdSource, renderer: EmailRenderer) -> Self {
        Self { db, clock, ids, renderer }
    }

    fn act(&self, job: JobId, now: DateTime<Utc>) -> Act {
        Act { actor: Actor::Job(job), ..Act::of_system(now, self.ids.clone()) }
    }

    /// Loads what emails are to say.
    async fn load(&self, jobs: &[Claimed<SendEmail>]) -> QueryResult<Loaded> {
        let ids: Vec<_> = jobs.iter().map(|job| job.args.email_id).collect();
        let mut conn = self.db.get().await?;
        let emails = EmailMessage::find_to_send(&mut conn, &ids).await?;
        let facts = Facts::load(&mut conn, &emails).await?;
        Ok(Loaded { emails, facts, at: Instant::now() })
    }

    fn step_of(&self, id: EmailMessageId, loaded: &Loaded) -> Step {
        let email = loaded.emails.iter().find(|email| email.id == id);
        email.map_or(Step::Leave, |email| self.step(email, &loaded.facts, self.clock.now()))
    }

    fn step(&self, email: &EmailMessage, facts: &Facts, now: DateTime<Utc>) -> Step {
        if !email.status.is_open() {
            return Step::Leave;
        }
        match (outdated(email, facts, now), self.renderer.message(email, facts, now)) {
            (Some(why), _) => Step::Drop(why),
            (None, Ok(message)) => Step::Send(Box::new(message)),
            (None, Err(error)) => Step::Defect(error.to_string()),
        }
    }

    /// What to record with the job's end, or why the attempt failed.
    async fn take(&self, step: Step) -> Result<Option<Outcome>, Miss> {
        match step {
            Step::Leave => Ok(None),
            Step::Drop(why) => Ok(Some(Outcome::Dropped(why.to_owned()))),
            Step::Defect(text) => Err(Miss::Defect(text)),
            Step::Send(message) => match self.renderer.mailer().send(&message, self.clock.now()).await {
                Ok(_) => Ok(Some(Outcome::Sent)),
                Err(SendError::Permanent { code, text }) => Ok(Some(Outcome::Bounced(answer(code, &text)))),
                Err(SendError::Transient { code, text }) => Err(Miss::ForNow(answer(code, &text))),
            },
        }
    }

    /// One email from its turn to its end.
    async fn end(
        &self,
        job: &Claimed<SendEmail>,
        loaded: &Loaded,
        progress: &Progress<Option<Outcome>>,
    ) -> Result<Option<Outcome>, Failure> {
        if progress.is_stopping() {
            return Err(Failure::NotBegun);
        }
        let id = job.args.email_id;
        let step = match loaded.at.elapsed() < FRESH {
            true => self.step_of(id, loaded),
            // The emails before it took long, and it must not tell what is not so any more.
            false => self.step_of(id, &self.load(std::slice::from_ref(job)).await?),
        };
        if progress.is_stopping() {
            return Err(Failure::NotBegun);
        }
        match self.take(step).await {
            Ok(outcome) => Ok(outcome),
            Err(miss) => {
                self.note(job.id, (job.args.email_id, miss.outcome(job.is_last_attempt))).await;
                Err(miss.into())
            }
        }
    }

    /// Notes an attempt that failed. Its job keeps the error too: a note that is lost is only a note.
    async fn note(&self, job: JobId, missed: (EmailMessageId, Outcome)) {
        let noted = async {
            let (mut conn, act) = (self.db.get().await?, self.act(job, self.clock.now()));
            conn.transaction(async |conn| emails::record(conn, &[missed], &act).await).await
        };
        if let Err(error) = noted.await {
            tracing::warn!(%error, "a failed attempt was not noted");
        }
    }
}

impl Call for SendEmails {
    type Job = SendEmail;
    type Outcome = Option<Outcome>;

    async fn call(&self, jobs: &[Claimed<SendEmail>], progress: &Progress<Option<Outcome>>) {
        let loaded = match self.load(jobs).await {
            Ok(loaded) => loaded,
            Err(error) => {
                for place in 0..jobs.len() {
                    progress.ended(place, Err(Failure::Retry(format!("database: {error}"))));
                }
                return;
            }
        };
        let (mut sends, loaded) = (Vec::with_capacity(jobs.len()), &loaded);
        for (place, job) in jobs.iter().enumerate() {
            sends.push(async move { progress.ended(place, self.end(job, loaded, progress).await) });
        }
        stream::iter(sends).buffer_unordered(AT_ONCE).for_each(|()| ready(())).await;
    }

    async fn record(
        &self,
        conn: &mut AsyncPgConnection,
        ends: &[(&Claimed<SendEmail>, &Option<Outcome>)],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let known = ends.iter().filter_map(|(job, outcome)| Some((*job, (*outcome).clone()?)));
        let (sent, others): (Vec<_>, Vec<_>) = known.partition(|(_, outcome)| *outcome == Outcome::Sent);
        if !others.is_empty() {
            let all: Vec<_> = ends.iter().map(|(job, _)| job.args.email_id).collect();
            emails::hold_invites(conn, &all).await?;
        }
        // Of what was sent no event tells, and so nobody learns which of the jobs it was: all at once.
        if let Some((first, _)) = sent.first() {
            let act = self.act(first.id, now);
            let sent: Vec<_> = sent.into_iter().map(|(job, outcome)| (job.args.email_id, outcome)).collect();
            emails::record(conn, &sent, &act).await?;
        }
        for (job, outcome) in others {
            emails::record(conn, &[(job.args.email_id, outcome)], &self.act(job.id, now)).await?;
        }
        Ok(())
    }
}
