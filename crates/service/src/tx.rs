use std::time::{Duration, Instant};

use access::{Action, Object, Permit};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Code;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::audit::AuditRow;
use store::call::CallRow;
use store::db::Pooled;
use store::{Conn, StoreError, db, idempotency, outbox};
use uuid::Uuid;

use crate::{Context, Problem, Service};

/// What a use case answers: the view, its ETag, and whether it was a dry run or a replay.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// What the viewer may see now.
    pub value: T,
    /// The view's ETag.
    pub etag: String,
    /// Nothing was changed.
    pub dry_run: bool,
}

/// How often the database's clock is read at most, and how quick an answer is exact enough.
const CLOCK_READINGS: usize = 3;
const CLOCK_PRECISION: Duration = Duration::from_millis(2);

/// How quick an answer is exact enough for what only says when.
const CLOCK_ROUGHLY: Duration = Duration::from_millis(50);

/// The transaction of one use case.
pub struct Tx {
    conn: Pooled,
    /// About the request.
    pub context: Context,
    /// The parts.
    pub service: Service,
    replay: Replay,
}

/// Whether the request's idempotency key was looked up, and what was found.
enum Replay {
    Unchecked,
    New,
    Stored(Value),
}

/// An asynchronous closure whose future may be sent to another thread; `AsyncFnOnce` alone cannot say so.
pub trait Work<A, R>: FnOnce(A) -> Self::Fut {
    /// The future.
    type Fut: Future<Output = R>;
}

impl<F, A, R, Fut> Work<A, R> for F
where
    F: FnOnce(A) -> Fut,
    Fut: Future<Output = R>,
{
    type Fut = Fut;
}

impl Service {
    /// Runs `work` in one transaction, as a task of its own: commits it, or rolls it back when it fails
    /// or is a dry run.
    pub async fn write<T, F>(&self, context: Context, work: F) -> Result<Answer<T>, Problem>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: for<'t> Work<&'t mut Tx, Result<T, Problem>, Fut: Send> + Send + 'static,
    {
        let service = self.clone();
        self.on_database_runtime(async move {
            let mut tx = Tx::begin(service, context).await?;
            let outcome = match work(&mut tx).await {
                Ok(value) => tx.finish(value).await,
                Err(problem) => Err(problem),
            };
            if outcome.is_err() {
                // A connection whose rollback fails is thrown away by the pool.
                let _ = db::rollback(&mut tx.conn).await;
            }
            match tx.replay {
                Replay::Stored(answer) => {
                    let value = serde_json::from_value(answer).map_err(Problem::internal)?;
                    tx.service.answer(value, false)
                }
                Replay::Unchecked | Replay::New => outcome,
            }
        })
        .await
    }

    /// Runs `work` over one snapshot of the database.
    pub async fn read<T, F>(&self, context: Context, work: F) -> Result<Answer<T>, Problem>
    where
        T: Serialize + Send + 'static,
        F: for<'t> Work<&'t mut Tx, Result<T, Problem>, Fut: Send> + Send + 'static,
    {
        self.answer(self.look(context, work).await?, false)
    }

    /// As [`Service::read`], for what nobody asks for again by its ETag.
    pub(crate) async fn look<T, F>(&self, context: Context, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: for<'t> Work<&'t mut Tx, Result<T, Problem>, Fut: Send> + Send + 'static,
    {
        let service = self.clone();
        self.on_database_runtime(async move {
            let conn = service.db().connection().await?;
            let mut tx = Tx {
                conn,
                context,
                service,
                replay: Replay::New,
            };
            db::begin_snapshot(&mut tx.conn).await?;
            let outcome = work(&mut tx).await;
            let _ = db::rollback(&mut tx.conn).await;
            outcome
        })
        .await
    }

    /// Runs a future where the connections live, to its end even when the caller goes away.
    pub async fn on_database_runtime<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Problem>> + Send + 'static,
    ) -> Result<T, Problem> {
        match self.db().runtime().spawn(work).await {
            Ok(outcome) => outcome,
            Err(error) => Err(Problem::internal(error)),
        }
    }

    fn answer<T: Serialize>(&self, value: T, dry_run: bool) -> Result<Answer<T>, Problem> {
        let etag = self.etag(&value)?;
        Ok(Answer {
            value,
            etag,
            dry_run,
        })
    }

    /// The ETag of a view.
    pub fn etag<T: Serialize>(&self, view: &T) -> Result<String, Problem> {
        let bytes = serde_json::to_vec(view).map_err(Problem::internal)?;
        Ok(self.keys().etag(&bytes))
    }
}

impl Tx {
    async fn begin(service: Service, context: Context) -> Result<Tx, Problem> {
        let mut conn = service.db().connection().await?;
        db::begin(&mut conn).await?;
        Ok(Tx {
            conn,
            context,
            service,
            replay: Replay::Unchecked,
        })
    }

    /// The connection, inside the transaction.
    pub fn conn(&mut self) -> &mut Conn {
        &mut self.conn
    }

    /// Asks the policy. The first permit of a request also looks its idempotency key up, so that the
    /// order is: authorise, then replay, then everything else.
    pub async fn permit(&mut self, action: Action, object: &Object) -> Result<Permit, Problem> {
        let permit = access::decide(&self.context.actor, action, object)?;
        if matches!(self.replay, Replay::Unchecked) {
            self.replay = Replay::New;
            self.look_up_replay().await?;
        }
        Ok(permit)
    }

    async fn look_up_replay(&mut self) -> Result<(), Problem> {
        let Some((actor, key)) = self.idempotent() else {
            return Ok(());
        };
        let (route, key, sha256) = (key.route, key.key, key.body_sha256);
        match idempotency::look_up(&mut self.conn, actor, &route, &key, &sha256).await? {
            idempotency::Seen::New => Ok(()),
            idempotency::Seen::Busy => Err(Problem::new(
                Code::RequestInProgress,
                "A request with this idempotency key is being worked on; ask again in a moment.",
            )),
            idempotency::Seen::Answered(answer) => {
                self.replay = Replay::Stored(answer);
                Err(Problem::internal(
                    "the stored answer stands in for this error",
                ))
            }
            idempotency::Seen::OtherBody => Err(Problem::new(
                Code::IdempotencyKeyReused,
                "This idempotency key came with another body before; use a new key for a new request.",
            )),
        }
    }

    fn idempotent(&self) -> Option<(Uuid, crate::Idempotency)> {
        let actor = self.context.actor.account()?;
        let key = self.context.idempotency.clone()?;
        (!self.context.dry_run).then_some((actor, key))
    }

    /// Refuses unless `If-Match` names what the viewer sees now.
    pub fn precondition<T: Serialize>(&self, current: &T) -> Result<(), Problem> {
        let etag = self.service.etag(current)?;
        match self.context.if_match.as_deref() {
            None => Err(Problem {
                etag: Some(etag),
                ..Problem::new(
                    Code::VersionRequired,
                    "Send If-Match with the ETag of the version you read, so that nobody's change is \
                     overwritten.",
                )
            }),
            Some(given) if given == "*" || given.split(',').any(|tag| tag.trim() == etag) => Ok(()),
            Some(_) => Err(Problem {
                etag: Some(etag),
                ..Problem::new(
                    Code::StaleVersion,
                    "It was changed since you read it. Nothing was saved: read it again, put your \
                     change into what you find, and send it with the new ETag.",
                )
            }),
        }
    }

    /// Whether the actor wears a granted role towards the thing.
    pub fn wears_a_role(&self, object: &Object) -> bool {
        let known_to = access::visible(object.kind);
        access::worn(&self.context.actor, object)
            .iter()
            .any(|role| known_to.contains(role))
    }

    /// The calls in which the actor holds a role.
    pub fn calls_with_a_role(&self) -> Vec<Uuid> {
        match &self.context.actor {
            access::Actor::Person(person) => person
                .grants
                .iter()
                .filter_map(|grant| grant.call)
                .collect(),
            access::Actor::Public | access::Actor::System(_) => Vec::new(),
        }
    }

    /// The database's time now.
    pub async fn now(&mut self) -> Result<DateTime<Utc>, Problem> {
        Ok(db::clock(&mut self.conn).await?)
    }

    /// When the request was complete at the server, by the database's clock. The clock was read some time
    /// before its answer was here, so each reading puts the arrival too early, never too late: the doubt is
    /// the applicant's. It is kept small by asking again, and smallest where it is whether `deadline` was met.
    pub async fn arrived_at(&mut self, deadline: DateTime<Utc>) -> Result<DateTime<Utc>, Problem> {
        let mut latest = DateTime::<Utc>::MIN_UTC;
        for _ in 0..CLOCK_READINGS {
            let asked = Instant::now();
            let now = db::clock(&mut self.conn).await?;
            let answered = Instant::now();
            let ago = answered.saturating_duration_since(self.context.arrived);
            latest = latest.max(now - TimeDelta::from_std(ago).unwrap_or_default());
            let doubt = answered.duration_since(asked);
            let surely = latest + TimeDelta::from_std(doubt).unwrap_or_default();
            let decided = surely < deadline || deadline <= latest;
            if doubt < CLOCK_PRECISION || decided && doubt < CLOCK_ROUGHLY {
                break;
            }
        }
        Ok(latest)
    }

    /// Writes the deed's audit row.
    pub async fn audit(
        &mut self,
        permit: &Permit,
        version: Option<i32>,
        reason: Option<&str>,
        detail: Value,
    ) -> Result<AuditRow, Problem> {
        Ok(store::audit::record(&mut self.conn, permit, version, reason, detail).await?)
    }

    /// Queues a mail that goes out once this transaction is committed.
    pub async fn mail(
        &mut self,
        call: Option<&CallRow>,
        recipient: &str,
        template: &str,
        context: Value,
    ) -> Result<(), Problem> {
        let mail = crate::mail::letter(&self.service, call, recipient, template, context);
        Ok(outbox::queue(&mut self.conn, &[mail]).await?)
    }

    async fn finish<T: Serialize>(&mut self, value: T) -> Result<Answer<T>, Problem> {
        let answer = self.service.answer(value, self.context.dry_run)?;
        if self.context.dry_run {
            db::rollback(&mut self.conn).await?;
            return Ok(answer);
        }
        if let Some((actor, key)) = self.idempotent() {
            let stored = serde_json::to_value(&answer.value).map_err(Problem::internal)?;
            let (route, key, sha256) = (key.route, key.key, key.body_sha256);
            idempotency::keep(&mut self.conn, actor, &route, &key, &sha256, stored).await?;
        }
        db::commit(&mut self.conn).await.map_err(unsure)?;
        Ok(answer)
    }
}

/// A commit that was not answered may have happened all the same: the usual words would promise too much.
fn unsure(error: StoreError) -> Problem {
    match Problem::from(error) {
        problem if problem.code == Code::Unavailable => Problem {
            detail: "The database broke off while it was saving, and whether your change was kept is not \
                     known. Send it once more with the same Idempotency-Key, or read what is there."
                .to_owned(),
            ..problem
        },
        other => other,
    }
}
