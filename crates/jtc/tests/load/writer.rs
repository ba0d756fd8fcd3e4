//! People who write, and send again what was not answered: with the same `Idempotency-Key`, or over the
//! same version, so that nothing is done twice.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use serde_json::json;
use testkit::{Client, Reply, Request, sample};

use crate::ledger::Ledger;
use crate::scene::content;

/// How long somebody waits before sending again. A real client would be more patient.
const PAUSE: Duration = Duration::from_millis(30);

/// Bytes with which a file is filled up.
const FILLING: usize = 20_000;

/// Nobody waits longer than this for a server to come back.
const PATIENCE: Duration = Duration::from_secs(90);

/// Whether an upload stands elsewhere than the sender thought: an earlier try was taken, whatever its answer was.
fn stands_elsewhere(reply: &Reply) -> bool {
    reply.status == 409 && reply.json["errors"][0]["code"] == "offset_wrong"
}

/// One person at one thing at a time.
pub struct Writer<'a> {
    ledger: &'a Ledger,
    call: &'a str,
    client: Client,
    number: usize,
    deeds: usize,
    /// Some try of the last request was left open: it had no answer, or the answer said that it is not known
    /// what was done.
    left_open: AtomicBool,
}

/// A proposal being written.
#[derive(Clone)]
pub struct Draft {
    /// Its id.
    pub id: String,
    /// The version last read.
    pub etag: String,
    submitted: bool,
    /// A file that was taken and is not named yet.
    file: Option<String>,
}

impl Draft {
    fn path(&self) -> String {
        format!("/proposals/{}", self.id)
    }
}

impl<'a> Writer<'a> {
    /// Nothing is written yet.
    pub fn new(ledger: &'a Ledger, call: &'a str, client: Client, number: usize) -> Writer<'a> {
        Writer {
            ledger,
            call,
            client,
            number,
            deeds: 0,
            left_open: AtomicBool::new(false),
        }
    }

    /// Sends until the answer says whether it was done.
    pub async fn insist(&self, request: impl Fn(&Client) -> Request) -> Reply {
        let started = Instant::now();
        self.left_open.store(false, Relaxed);
        loop {
            let open = match request(&self.client).try_send().await {
                Ok(reply) if reply.status < 500 && reply.code() != "request_in_progress" => {
                    return reply;
                }
                Ok(reply) => {
                    if reply.status == 500 {
                        self.surprise("any request", &reply);
                    }
                    let detail = reply.json["detail"].as_str().unwrap_or_default();
                    reply.status >= 500 && !detail.contains("nothing was changed")
                }
                Err(_) => true,
            };
            self.left_open.fetch_or(open, Relaxed);
            self.ledger.unanswered();
            assert!(started.elapsed() < PATIENCE, "no answer for {PATIENCE:?}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The next deed's name: no two are the same.
    fn next(&mut self) -> String {
        self.deeds += 1;
        format!("{}-{}", self.number, self.deeds)
    }

    /// An answer that cannot be.
    pub fn surprise(&self, deed: &str, reply: &Reply) {
        let body = String::from_utf8_lossy(&reply.body);
        self.ledger
            .surprise(format!("{deed} answered {}: {body}", reply.status));
    }

    /// A submission after the deadline was not refused.
    pub fn accepted_late(&self, draft: &Draft) {
        self.ledger.surprise(format!(
            "proposal {} was accepted after the deadline",
            draft.id
        ));
    }

    /// Logs in by password, and goes on in the new session.
    pub async fn log_in(&mut self, password: &str) {
        let body = json!({"email": self.client.email, "password": password});
        let reply = self
            .insist(|client| client.post("/sessions").json(&body))
            .await;
        match reply.json["token"].as_str() {
            Some(token) => self.client.token = Some(token.to_owned()),
            None => self.surprise("a login", &reply),
        }
    }

    /// Begins a proposal.
    pub async fn draft(&mut self) -> Option<Draft> {
        let title = self.next();
        let path = format!("{}/proposals", self.call);
        let body = json!({ "content": content(&title) });
        let reply = self
            .insist(|client| client.post(&path).key(&title).json(&body))
            .await;
        if reply.status != 201 {
            self.surprise("a draft", &reply);
            return None;
        }
        self.ledger.drafted(&reply.id(), &self.client.email, &title);
        Some(Draft {
            id: reply.id(),
            etag: reply.etag,
            submitted: false,
            file: None,
        })
    }

    /// Saves a new title over the version last read, and the file that was uploaded, or answers why not.
    pub async fn save(&mut self, draft: &mut Draft) -> Result<(), Reply> {
        let title = self.next();
        let mut patch = json!({ "title": title });
        if let Some(file) = draft.file.take() {
            patch["annexes"] = json!({ "letters": { "file": file } });
        }
        let path = draft.path();
        let reply = self
            .insist(|client| client.patch(&path).etag(&draft.etag).json(&patch))
            .await;
        draft.etag = match reply.status {
            200 => reply.etag,
            // The answer to an earlier try was lost: what is there says whether it was kept.
            412 => {
                if !self.left_open.load(Relaxed) {
                    return Err(reply);
                }
                let now = self.insist(|client| client.get(&path)).await;
                if now.json["stages"][0]["content"]["title"] != title.as_str() {
                    return Err(now);
                }
                now.etag
            }
            _ => return Err(reply),
        };
        self.ledger.saved(&draft.id, &title, draft.submitted);
        draft.submitted = false;
        Ok(())
    }

    /// Submits the version last read, or answers why not.
    pub async fn submit(&mut self, draft: &mut Draft) -> Result<(), Reply> {
        let (key, path) = (self.next(), format!("{}/submit", draft.path()));
        let reply = self
            .insist(|client| client.post(&path).etag(&draft.etag).key(&key))
            .await;
        let Some(signature) = reply.json["receipt"]["signature"].as_str() else {
            return Err(reply);
        };
        self.ledger.submitted(&draft.id, signature);
        draft.submitted = true;
        Ok(())
    }

    /// Uploads a file in two pieces. What a server that went away kept of it shows where to go on.
    pub async fn upload(&mut self, draft: &mut Draft) -> Result<(), Reply> {
        let name = self.next();
        let pdf = sample::pdf(1, &format!("{name} {}", "x".repeat(FILLING)));
        let uploads = format!("{}/uploads", draft.path());
        let announced = json!({ "name": format!("{name}.pdf"), "bytes": pdf.len() });
        let begun = self
            .insist(|client| client.post(&uploads).key(&name).json(&announced))
            .await;
        if begun.status != 201 {
            return Err(begun);
        }
        let path = format!("/uploads/{}", begun.id());
        let mut upload = begun;
        while upload.json["state"] == "receiving" {
            let at = upload.json["offset"].as_u64().unwrap_or_default();
            let from = usize::try_from(at).unwrap();
            let to = if from < pdf.len() / 2 {
                pdf.len() / 2
            } else {
                pdf.len()
            };
            let sent = self
                .insist(|client| {
                    let send = client.patch(&path).header("Upload-Offset", &at.to_string());
                    send.body("application/offset+octet-stream", pdf[from..to].to_vec())
                })
                .await;
            upload = match sent.status {
                200 => sent,
                _ if stands_elsewhere(&sent) || self.left_open.load(Relaxed) => {
                    self.insist(|client| client.get(&path)).await
                }
                _ => return Err(sent),
            };
        }
        let Some(sha256) = upload.json["file"]["sha256"].as_str() else {
            return Err(upload);
        };
        self.ledger.filed(&draft.id, sha256);
        draft.file = Some(sha256.to_owned());
        Ok(())
    }

    /// A proposal from its draft to the second version submitted and written on, as far as it goes until
    /// so many writes are acknowledged.
    pub async fn one_proposal(&mut self, until: usize) {
        let Some(mut draft) = self.draft().await else {
            return;
        };
        for deed in "save upload save submit read save upload save submit read save".split(' ') {
            if self.ledger.acknowledged() >= until {
                return;
            }
            let outcome = match deed {
                "save" => self.save(&mut draft).await,
                "submit" => self.submit(&mut draft).await,
                "upload" => self.upload(&mut draft).await,
                _ => {
                    let path = draft.path();
                    draft.etag = self.insist(|client| client.get(&path)).await.etag;
                    Ok(())
                }
            };
            if let Err(reply) = outcome {
                return self.surprise(deed, &reply);
            }
        }
    }

    /// Sets a funder's commitment. Others pledge at the same time, and any pledge changes the version.
    pub async fn pledge(&mut self, funder: &str, amount: &str) {
        let list = format!("{}/funders", self.call);
        let path = format!("{list}/{funder}/commitment");
        let body = json!({"amount": amount, "reason": "A letter of commitment"});
        loop {
            let now = self.insist(|client| client.get(&list)).await;
            let items = now.json["items"].as_array().cloned().unwrap_or_default();
            let mine = items.iter().find(|item| item["key"] == funder);
            if mine.is_some_and(|item| item["commitment"] == amount) {
                break;
            }
            let reply = self
                .insist(|client| client.put(&path).etag(&now.etag).json(&body))
                .await;
            match reply.status {
                200 => break,
                412 => {}
                _ => return self.surprise("a pledge", &reply),
            }
        }
        self.ledger.pledged(funder, amount);
    }
}
