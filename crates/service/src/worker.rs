//! The server's own work: sending the outbox, sealing the audit trail, turning the calendar, reminding, sweeping.

use std::sync::Arc;
use std::time::{Duration, Instant};

use access::Notice;
use store::access::notices;
use store::{Conn, audit, db, idempotency, outbox};
use tokio::sync::watch;
use uuid::Uuid;

use crate::ports::{MailFault, Mailer, OutgoingMail};
use crate::{Problem, Service, calendar};

/// How often the jobs look for something to do. Nothing wakes them earlier: mails that gather meanwhile share their
/// transactions, which at a deadline are as many as the submissions otherwise.
const PAUSE: Duration = Duration::from_millis(300);

/// How long a mail server may take over one mail.
const PATIENCE: Duration = Duration::from_secs(40);

/// So many mails share a transaction: at a deadline there are thousands, and each commit costs as much as a submission's.
const BATCH: i64 = 20;

/// No further mail is begun in a transaction that is as old as this.
const SITTING: Duration = Duration::from_secs(5);

/// Sends every mail that is due; answers how many went out.
pub async fn send_mails(service: &Service, mailer: &dyn Mailer) -> Result<usize, Problem> {
    let mut count = 0;
    while let Some(went_out) = send_some(service, mailer).await? {
        count += went_out;
    }
    Ok(count)
}

/// Some mails in one transaction: whoever dies in between sends them again under the same Message-IDs.
async fn send_some(service: &Service, mailer: &dyn Mailer) -> Result<Option<usize>, Problem> {
    let mut conn = service.db().connection().await?;
    db::begin(&mut conn).await?;
    let due = outbox::due(&mut conn, BATCH).await?;
    if due.is_empty() {
        db::rollback(&mut conn).await?;
        return Ok(None);
    }
    let began = Instant::now();
    let mut went_out = Vec::new();
    for (mail, attempts) in due {
        // Asked when it goes out, so that a preference counts at once, for what waits too.
        if let Some(kind) = Notice::of_template(&mail.template)
            && notices::unwanted(&mut conn, &mail.recipient, kind).await?
        {
            outbox::leave_out(&mut conn, mail.id).await?;
            continue;
        }
        let outgoing = OutgoingMail {
            id: mail.id,
            to: mail.recipient,
            template: mail.template,
            context: mail.context,
            message_id: mail.message_id,
        };
        let sent = tokio::time::timeout(PATIENCE, mailer.send(&outgoing)).await;
        let too_long = MailFault::Transient("the mail server took too long".to_owned());
        match sent.unwrap_or(Err(too_long)) {
            Ok(()) => went_out.push(outgoing.id),
            Err(fault) => put_off(&mut conn, outgoing.id, attempts, &fault).await?,
        }
        if began.elapsed() > SITTING {
            break;
        }
    }
    outbox::sent(&mut conn, &went_out).await?;
    db::commit(&mut conn).await?;
    Ok(Some(went_out.len()))
}

/// Notes why a mail did not go out, and when it is tried again, if ever.
async fn put_off(
    conn: &mut Conn,
    id: Uuid,
    attempts: i32,
    fault: &MailFault,
) -> Result<(), Problem> {
    tracing::warn!(mail = %id, attempts, "mail not sent: {fault}");
    let again = match fault {
        MailFault::Transient(_) if attempts + 1 < outbox::MOST_ATTEMPTS => {
            Some(db::clock(conn).await? + outbox::back_off(attempts))
        }
        MailFault::Transient(_) | MailFault::Permanent(_) => None,
    };
    Ok(outbox::failed(conn, id, &fault.to_string(), again).await?)
}

/// Seals the audit rows that no chain holds yet and signs the new heads; answers how many rows.
pub async fn seal(service: &Service) -> Result<usize, Problem> {
    let parts = service.clone();
    service
        .on_database_runtime(async move {
            let mut conn = parts.db().connection().await?;
            let keys = parts.keys().clone();
            let sign = move |bytes: &[u8]| keys.sign(bytes);
            db::begin(&mut conn).await?;
            match audit::seal(&mut conn, &sign).await {
                Ok(count) => {
                    db::commit(&mut conn).await?;
                    Ok(count)
                }
                Err(error) => {
                    // A connection whose rollback fails is thrown away by the pool.
                    let _ = db::rollback(&mut conn).await;
                    Err(error.into())
                }
            }
        })
        .await
}

async fn sweep(service: &Service) -> Result<usize, Problem> {
    let parts = service.clone();
    service
        .on_database_runtime(async move {
            let mut conn = parts.db().connection().await?;
            Ok(idempotency::sweep(&mut conn).await?)
        })
        .await
}

/// What the server does by itself.
enum Duty {
    Mail(Arc<dyn Mailer>),
    Seal,
    Calendar,
    Remind,
    Sweep,
}

impl Duty {
    async fn once(&self, service: &Service) -> Result<usize, Problem> {
        match self {
            Duty::Mail(mailer) => send_mails(service, &**mailer).await,
            Duty::Seal => seal(service).await,
            Duty::Calendar => calendar::turn(service).await,
            Duty::Remind => {
                crate::review::progress::remind(service).await?;
                crate::intake::remind(service).await
            }
            Duty::Sweep => {
                crate::access::sweep(service).await?;
                crate::intake::sweep_files(service).await?;
                sweep(service).await
            }
        }
    }

    fn pause(&self) -> Duration {
        match self {
            Duty::Mail(_) | Duty::Seal | Duty::Calendar => PAUSE,
            Duty::Remind => Duration::from_secs(60),
            Duty::Sweep => Duration::from_secs(3600),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Duty::Mail(_) => "mail",
            Duty::Seal => "seal",
            Duty::Calendar => "calendar",
            Duty::Remind => "remind",
            Duty::Sweep => "sweep",
        }
    }
}

/// Starts the jobs on the database's runtime; they end when `stop` changes.
pub fn start(
    service: &Service,
    mailer: Arc<dyn Mailer>,
    stop: &watch::Receiver<bool>,
) -> Vec<tokio::task::JoinHandle<()>> {
    [
        Duty::Mail(mailer),
        Duty::Seal,
        Duty::Calendar,
        Duty::Remind,
        Duty::Sweep,
    ]
    .into_iter()
    .map(|duty| {
        let work = repeat(service.clone(), duty, stop.clone());
        service.db().runtime().spawn(work)
    })
    .collect()
}

async fn repeat(service: Service, duty: Duty, mut stop: watch::Receiver<bool>) {
    let name = duty.name();
    loop {
        match duty.once(&service).await {
            Ok(0) => {}
            Ok(count) => tracing::debug!(job = name, count, "done"),
            Err(problem) => {
                tracing::error!(job = name, cause = problem.cause, "{}", problem.detail);
            }
        }
        // A job is never cut off half-way: only the pause is.
        tokio::select! {
            _ = stop.changed() => return,
            () = tokio::time::sleep(duty.pause()) => {}
        }
    }
}
