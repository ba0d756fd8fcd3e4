//! A deadline as coordinators make it: half of all submissions come in its last part, more and more towards
//! the end, between autosaves and logins; some come too late.

use std::time::Duration;

use futures::{StreamExt, future, stream};
use serde_json::json;
use testkit::{Client, Reply, Request, figure, whole_run};
use tokio::time::Instant;

use crate::check::expect_none;
use crate::ledger::Ledger;
use crate::scene::Scene;
use crate::writer::{Draft, Writer};

/// Who comes late comes at least so late: the server gives the time that it takes to read the database's
/// clock to the applicant, and on a slow machine that is some time.
const LATE: Duration = Duration::from_millis(200);

/// Bytes of one request of an upload.
const PIECE: usize = 1_000_000;

const PASSWORD: &str = "nine storms before the quay";

/// How the storm is made.
struct Weather {
    /// Proposals submitted in time; a hundredth of them more come late.
    count: usize,
    /// From the first submission to the last one in time.
    length: Duration,
    /// The last one in time is sent so long before the deadline. What is sent later, because the machine
    /// is slow, may be refused.
    early: Duration,
    /// How long before its submission each proposal is saved.
    saves: Vec<Duration>,
    /// Of a hundred applicants so many log in first.
    log_in: usize,
    /// So many files are uploaded meanwhile, evenly.
    uploads: usize,
    /// Bytes of each.
    bytes: usize,
}

impl Weather {
    fn now() -> Weather {
        let seconds = Duration::from_secs;
        if whole_run() {
            return Weather {
                count: figure(3000),
                length: seconds(120),
                early: seconds(1),
                // Half of all submit in the last minute: 300 autosaves a second then.
                saves: (1..=12).rev().map(|nth| seconds(5 * nth)).collect(),
                // 20 a second in that minute.
                log_in: 80,
                uploads: 50,
                bytes: 5_000_000,
            };
        }
        // A debug build does a tenth in the time that the machine needs for it.
        Weather {
            count: figure(3000),
            length: seconds(10),
            early: seconds(2),
            saves: vec![seconds(1)],
            log_in: 5,
            uploads: 5,
            bytes: 500_000,
        }
    }
}

/// How long each kind of request took, from sending it to its answer, repetitions included.
#[derive(Default)]
struct Times {
    submits: Vec<Duration>,
    saves: Vec<Duration>,
    logins: Vec<Duration>,
    uploads: Vec<Duration>,
    /// Sent too late for the deadline by a slow machine, and refused.
    delayed: usize,
}

/// What one applicant does: saves, logs in before where it is that one's turn, and submits.
struct Applicant<'a> {
    writer: Writer<'a>,
    draft: Draft,
    submits_at: Instant,
    deadline: Instant,
    logs_in: bool,
}

fn too_late(reply: &Reply) -> bool {
    reply.status == 409 && reply.code() == "deadline_passed"
}

impl Applicant<'_> {
    async fn play(mut self, weather: &Weather) -> Times {
        let mut times = Times::default();
        for before in &weather.saves {
            tokio::time::sleep_until(self.submits_at - *before).await;
            if std::mem::take(&mut self.logs_in) {
                let began = Instant::now();
                self.writer.log_in(PASSWORD).await;
                times.logins.push(began.elapsed());
            }
            let began = Instant::now();
            let outcome = self.writer.save(&mut self.draft).await;
            times.saves.push(began.elapsed());
            self.judge("a save", outcome, began, weather, &mut times);
        }
        tokio::time::sleep_until(self.submits_at).await;
        let began = Instant::now();
        let outcome = self.writer.submit(&mut self.draft).await;
        times.submits.push(began.elapsed());
        self.judge("a submission", outcome, began, weather, &mut times);
        times
    }

    /// What was sent in time must have been done.
    fn judge(
        &self,
        deed: &str,
        outcome: Result<(), Reply>,
        sent: Instant,
        weather: &Weather,
        times: &mut Times,
    ) {
        match outcome {
            Ok(()) => {}
            Err(reply) if too_late(&reply) && sent + weather.early > self.deadline => {
                times.delayed += 1;
            }
            Err(reply) => self.writer.surprise(deed, &reply),
        }
    }

    /// Comes after the deadline, and must be refused for that.
    async fn come_late(mut self) {
        tokio::time::sleep_until(self.submits_at).await;
        match self.writer.submit(&mut self.draft).await {
            Err(reply) if too_late(&reply) => {}
            Err(reply) => self.writer.surprise("a late submission", &reply),
            Ok(()) => self.writer.accepted_late(&self.draft),
        }
    }
}

/// A file that goes up, piece by piece.
struct Upload<'a> {
    ledger: &'a Ledger,
    client: Client,
    proposal: String,
    begins_at: Instant,
    bytes: usize,
    deadline: Instant,
}

impl Upload<'_> {
    /// Uploads it; answers how long that took, from its announcement to its acceptance. Nothing when a piece was
    /// sent too late for the deadline by a slow machine, and refused.
    async fn go(self, weather: &Weather) -> Option<Duration> {
        tokio::time::sleep_until(self.begins_at).await;
        let began = Instant::now();
        let pdf = testkit::sample::pdf(1, &"x".repeat(self.bytes));
        let uploads = self
            .client
            .post(&format!("/proposals/{}/uploads", self.proposal));
        let announced = json!({ "name": "annex.pdf", "bytes": pdf.len() });
        let upload = self.answer(uploads.json(&announced), weather, 201).await?;
        let path = format!("/uploads/{}", upload.id());
        let mut now = upload.json;
        for (nth, piece) in pdf.chunks(PIECE).enumerate() {
            let send = self.client.patch(&path);
            let send = send.header("Upload-Offset", &(nth * PIECE).to_string());
            let send = send.body("application/offset+octet-stream", piece.to_vec());
            now = self.answer(send, weather, 200).await?.json;
        }
        assert_eq!(now["state"], "accepted");
        let sha256 = now["file"]["sha256"].as_str().unwrap();
        self.ledger.filed(&self.proposal, sha256);
        Some(began.elapsed())
    }

    /// What was sent in time must have been done.
    async fn answer(&self, request: Request, weather: &Weather, status: u16) -> Option<Reply> {
        let sent = Instant::now();
        let reply = request.send().await;
        if too_late(&reply) && sent + weather.early > self.deadline {
            return None;
        }
        Some(reply.expect(status))
    }
}

/// Gives everybody the same password, hashed once: the logins are what costs.
async fn give_passwords(scene: &Scene) {
    let first = &scene.applicants()[0];
    let me = first.read("/me").await;
    let change = first.put("/me/password").etag(&me.etag);
    let changed = change.json(&json!({ "new": PASSWORD })).send().await;
    assert!(changed.status < 300, "{}", changed.json);
    scene
        .server
        .sql(&format!(
            "update account set password_hash =
                (select password_hash from account where email = '{}')",
            first.email
        ))
        .await;
}

/// Moves the deadline of the first stage, and answers when it is by the clock here.
async fn set_deadline(scene: &Scene, from_now: Duration) -> Instant {
    scene
        .server
        .sql(&format!(
            "update stage set deadline_at = clock_timestamp() + interval '{} milliseconds'
             where number = 1",
            from_now.as_millis()
        ))
        .await;
    let left = "select ceil(extract(epoch from deadline_at - clock_timestamp()) * 1000)::bigint
                from stage where number = 1";
    let left: u64 = scene.server.value(left).await.parse().unwrap();
    Instant::now() + Duration::from_millis(left)
}

/// When each of `count` submits, as a part of the whole length: half of them evenly over the first half,
/// the others twice as close at the end as on average.
fn moment(at: usize, count: usize) -> f64 {
    let share = 2.0 * at as f64 / count as f64;
    if share < 1.0 {
        share / 2.0
    } else {
        0.5 + (share - 1.0).sqrt() / 2.0
    }
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort();
    let last = times.len().saturating_sub(1);
    times.get(last * percent / 100).copied().unwrap_or_default()
}

fn print(what: &str, times: &mut [Duration]) {
    println!(
        "{} {what}: median {:.0?}, p99 {:.0?}, longest {:.0?}",
        times.len(),
        percentile(times, 50),
        percentile(times, 99),
        percentile(times, 100)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_at_the_deadline_loses_nothing() {
    let weather = Weather::now();
    let count = weather.count;
    let late = (count / 100).max(3);
    let scene = Scene::open(count + late).await;
    give_passwords(&scene).await;
    let drafts: Vec<(Writer, Draft)> = stream::iter(scene.applicants().iter().cloned().enumerate())
        .map(|(number, client)| {
            let mut writer = scene.writer(client, number);
            async move {
                let draft = writer.draft().await.expect("a draft");
                (writer, draft)
            }
        })
        .buffered(12)
        .collect()
        .await;
    // The first saves come before the first submission.
    let whole = weather.saves[0] + weather.length + weather.early;
    let deadline = set_deadline(&scene, whole).await;
    let begins = deadline - weather.early - weather.length;
    let proposals: Vec<String> = drafts.iter().map(|(_, draft)| draft.id.clone()).collect();
    let applicants = drafts.into_iter().enumerate().map(|(at, (writer, draft))| {
        let submits_at = if at < count {
            begins + weather.length.mul_f64(moment(at, count))
        } else {
            deadline + LATE + Duration::from_millis(20) * u32::try_from(at - count).unwrap()
        };
        Applicant {
            writer,
            draft,
            submits_at,
            deadline,
            logs_in: at % 100 < weather.log_in,
        }
    });
    let uploads = (0..weather.uploads).map(|nth| Upload {
        ledger: &scene.ledger,
        client: scene.applicants()[nth * count / weather.uploads].clone(),
        proposal: proposals[nth * count / weather.uploads].clone(),
        begins_at: begins + weather.length.mul_f64(nth as f64 / weather.uploads as f64),
        bytes: weather.bytes,
        deadline,
    });
    let uploads = uploads.map(|upload| upload.go(&weather));
    let (in_time, too_late): (Vec<_>, Vec<_>) =
        applicants.partition(|applicant| applicant.submits_at < deadline);
    let in_time = in_time.into_iter().map(|one| one.play(&weather));
    let too_late = too_late.into_iter().map(Applicant::come_late);
    let (played, _, uploaded) = future::join3(
        future::join_all(in_time),
        future::join_all(too_late),
        future::join_all(uploads),
    )
    .await;
    let closed = "select count(*) from stage where number = 1 and state <> 'open'";
    while scene.server.value(closed).await == "0" {
        tokio::task::yield_now().await;
    }
    let mut times = Times {
        delayed: uploaded.iter().filter(|time| time.is_none()).count(),
        uploads: uploaded.into_iter().flatten().collect(),
        ..Times::default()
    };
    for one in played {
        times.submits.extend(one.submits);
        times.saves.extend(one.saves);
        times.logins.extend(one.logins);
        times.delayed += one.delayed;
    }
    print("submissions", &mut times.submits);
    print("autosaves", &mut times.saves);
    print("logins", &mut times.logins);
    print("uploads", &mut times.uploads);
    let findings = scene.check().await;
    println!(
        "{} requests sent once more, {} delayed by the machine and refused, {late} came late and were refused, \
         {} findings",
        scene.ledger.repeated(),
        times.delayed,
        findings.len()
    );
    expect_none(&findings);
    println!("{}", scene.server.doctor().trim());
    let submitted = scene.ledger.with_receipt();
    let states = "select string_agg(state || ' ' || n, ', ' order by state)
                  from (select state, count(*) n from proposal_stage group by 1) s";
    let states = scene.server.value(states).await;
    let lapsed = count + late - submitted;
    assert_eq!(states, format!("lapsed {lapsed}, locked {submitted}"));
    scene.find_planted().await;
    if whole_run() {
        let slowest = percentile(&mut times.submits, 99);
        assert!(slowest < Duration::from_secs(1), "p99 is {slowest:?}");
        assert_eq!(submitted, count, "all were sent in time");
    }
}
