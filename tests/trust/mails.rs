//! Deeds that send mails, and what comes to whom: a mail tells as much as an answer does.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::collections::BTreeMap;

use serde_json::Value;

use super::Scene;
use super::leak::Leak;

/// What is done: by somebody over HTTP, by a job of the server, or by SQL that sets the scene.
enum Deed {
    Post(&'static str, &'static str, &'static str),
    Reminders,
    Sql(&'static str),
}

use Deed::{Post, Reminders, Sql};

/// While proposals come in: everybody hears of a new deadline, the secretariat of a withdrawal.
const INTAKE: &[Deed] = &[
    Post(
        "secretariat",
        "/calls/{call}/stages/1/extend",
        r#"{"deadline": {"at": "2099-03-11T16:00:00Z", "zone": "Europe/Paris", "label": "11 March 2099, 17:00 CET"}, "reason": "A storm"}"#,
    ),
    Post(
        "coordinator",
        "/proposals/{proposal}/withdraw",
        r#"{"reason": "We merge with another consortium"}"#,
    ),
    Reminders,
];

/// While reviews are written: reviewers hear of days and reminders, one of a review that came back, and the rival of time
/// to reply.
const REVIEWING: &[Deed] = &[
    Post(
        "secretariat",
        "/calls/{call}/stages/1/reviews/due",
        r#"{"due_at": "2097-03-01T12:00:00Z"}"#,
    ),
    Sql(
        "update sealed.review set assigned_at = clock_timestamp() - interval '20 days', reminded_at = null,
                due_at = clock_timestamp() + interval '12 hours' where state in ('invited', 'accepted', 'draft')",
    ),
    Reminders,
    Post(
        "secretariat",
        "/reviews/{review}/return",
        r#"{"reason": "The score of impact does not fit its text"}"#,
    ),
    Sql(
        "update sealed.rebuttal set closes_at = '2026-01-05Z'; update stage set state = 'rebuttal' where id = '{stage}';
         update call set rules = jsonb_set(rules, '{stages,0,evaluation,rebuttal}', '{\"days\": 7, \"max_words\": 500}')
         where id = '{call}'",
    ),
    Post(
        "secretariat",
        "/proposals/{rival}/rebuttal/reopen?stage=1",
        r#"{"until": "{soon}", "reason": "The service was down on the last day"}"#,
    ),
];

/// Between the decision and the letters: the secretariat hears of a withdrawal and of a proposal that was judged again.
const DECISION: &[Deed] = &[
    Sql(
        "insert into draft (proposal_stage_id, call_id, content)
         select s.proposal_stage_id, s.call_id, s.content from submission s on conflict do nothing;
         insert into draft_history (proposal_stage_id, version, call_id, content, saved_by)
         select s.proposal_stage_id, 1, s.call_id, s.content, s.submitted_by from submission s on conflict do nothing",
    ),
    Post(
        "panel_chair",
        "/redress/{redress}/reevaluate",
        r#"{"comment": "With the third review the panel finds it sound.", "rating": "recommended",
            "scores": {"excellence": "4.5", "impact": "4.0", "implementation": "4.0"}}"#,
    ),
    Post(
        "signatory",
        "/selections/{selection}/lines/{funder}/refuse",
        r#"{"reason": "The ministry froze the programme"}"#,
    ),
    Post(
        "coordinator",
        "/proposals/{proposal}/withdraw",
        r#"{"reason": "The coordinator moves"}"#,
    ),
    Reminders,
];

/// The mails by the name of who gets them, each as its template and all that it is made of.
pub type Mails = BTreeMap<&'static str, Vec<String>>;

const OUTBOX: &str = "select coalesce(json_agg(json_build_array(coalesce(a.id, e.account_id), o.template, o.context) order by o.id), '[]')::text
    from outbox o left join account a on a.email = o.recipient
    left join sealed.expert e on e.email = o.recipient and a.id is null";

impl Scene {
    /// Does what sends mails in this scene, and answers what came to whom. Afterwards the scene is to be restored.
    pub async fn mails(&self) -> Mails {
        self.sql("delete from outbox").await;
        let deeds = match self.name {
            "intake" => INTAKE,
            "reviewing" => REVIEWING,
            _ => DECISION,
        };
        for deed in deeds {
            match deed {
                Sql(sql) => self.sql(sql).await,
                Reminders => {
                    service::intake::remind(&self.app.service).await.unwrap();
                    let reviews = service::review::progress::remind(&self.app.service);
                    reviews.await.unwrap();
                }
                Post(who, path, body) => {
                    let body = self.filled(body);
                    let body: Value = serde_json::from_str(&body).unwrap();
                    let request = self.of(who).post(&self.filled(path)).etag("*");
                    let reply = request.json(&body).send().await;
                    assert!(reply.status < 500, "{who} {path}: {}", reply.json);
                    if reply.status >= 300 {
                        println!("{who} {path}: {} {}", reply.status, reply.json);
                    }
                }
            }
        }
        if self.leak == Some(Leak::Mail) {
            let secret = self.app.value(Leak::Mail.secret()).await;
            let leak =
                format!("update outbox set context = context || '{{\"reviews\": {secret}}}'");
            self.sql(&leak).await;
        }
        let all: Value = serde_json::from_str(&self.app.value(OUTBOX).await).unwrap();
        let mut mails = Mails::new();
        for (name, person) in &self.people {
            let account = person.account.map(|id| id.to_string());
            let own = all.as_array().unwrap().iter();
            let own =
                own.filter(|mail| account.is_some() && mail[0].as_str() == account.as_deref());
            let texts = own.map(|mail| without_times(&format!("{} {}", mail[1], mail[2])));
            mails.insert(name, texts.collect());
        }
        mails
    }
}

/// Without the time of the day, as in `12:30:05`, which is another one each time.
fn without_times(text: &str) -> String {
    let digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let near = |at: usize| {
        let colon = |at: usize| {
            bytes.get(at) == Some(&b':')
                && digit(bytes.get(at.wrapping_sub(1)))
                && digit(bytes.get(at + 1))
        };
        (at.saturating_sub(2)..=at + 2).any(colon)
    };
    let characters = text.char_indices();
    characters
        .map(|(at, one)| {
            if one.is_ascii_digit() && near(at) {
                '#'
            } else {
                one
            }
        })
        .collect()
}
