//! The ledger against the database: nothing lost, nothing twice, nothing that nobody did.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use serde_json::Value;

use crate::ledger::Told;
use crate::scene::Scene;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Acknowledged, and not there.
    Lost(String),
    /// There, and more often than it was acknowledged: done twice, or by nobody.
    Twice(String),
    /// Anything else.
    Odd(String),
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Lost(what) => write!(f, "lost: {what}"),
            Finding::Twice(what) => write!(f, "twice: {what}"),
            Finding::Odd(what) => write!(f, "odd: {what}"),
        }
    }
}

/// All of each proposal that its coordinator was told, as one JSON object by id. Audit rows are counted
/// beside what they speak of: they are part of the deed.
const PROPOSALS: &str = "
    with deeds as (select object_id, json_agg(action) as actions from audit group by 1),
    saves as (
        select proposal_stage_id as id,
               json_agg(version || ' ' || (content ->> 'title') order by version) as titles
        from draft_history group by 1),
    versions as (
        select proposal_stage_id as id,
               json_agg(number || ' ' || (receipt ->> 'signature') order by number) as receipts
        from submission group by 1),
    files as (select proposal_id as id, json_agg(sha256) as files from file group by 1)
    select coalesce(json_object_agg(p.id, json_build_object(
        'titles', saves.titles, 'receipts', versions.receipts, 'actions', deeds.actions, 'files', files.files,
        'now', json_build_array((draft.content ->> 'title') || ' ' || s.submitted))), '{}')
    from proposal p
    join proposal_stage s on s.proposal_id = p.id
    join draft on draft.proposal_stage_id = s.id
    left join saves on saves.id = s.id
    left join versions on versions.id = s.id
    left join files on files.id = p.id
    left join deeds on deeds.object_id = p.id";

/// The commitments of each funder in their order, and how many audit rows speak of them.
const PLEDGES: &str = "
    select coalesce(json_object_agg(o.key, json_build_object(
        'amounts', (select json_agg(number || ' ' || (amount / 100) || '.00' order by number)
                    from commitment where participation_id = p.id),
        'actions', (select json_agg(action) from audit
                    where object_id = p.id and action = 'pledge_commitment'),
        'now', json_build_array((p.commitment / 100) || '.00'))), '{}')
    from participation p join organisation o on o.id = p.organisation_id";

/// How many receipts were put into the outbox for whom. What they said is gone once they are sent.
const MAILS: &str = "
    select coalesce(json_object_agg(recipient, mails), '{}')
    from (select recipient, json_agg(template) as mails from outbox
          where template = 'submission_receipt' group by 1) m";

impl Scene {
    /// Everything that is wrong.
    pub async fn check(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self
            .ledger
            .surprises()
            .into_iter()
            .map(Finding::Odd)
            .collect();
        let mut there = read(&self.server.value(PROPOSALS).await);
        for (id, told) in self.ledger.proposals().iter() {
            match there.remove(id) {
                Some(found) => findings.extend(proposal(id, told, &found)),
                None => findings.push(Finding::Lost(format!("proposal {id}"))),
            }
        }
        for id in there.keys() {
            findings.push(Finding::Twice(format!("proposal {id}, which nobody began")));
        }
        for told in self.ledger.proposals().values() {
            let lost = told.files.iter().filter(|hash| !self.server.keeps(hash));
            findings.extend(lost.map(|hash| Finding::Lost(format!("bytes of file {hash}"))));
        }
        let mut receipts: BTreeMap<String, usize> = BTreeMap::new();
        for told in self.ledger.proposals().values() {
            *receipts.entry(told.owner.clone()).or_default() += told.receipts.len();
        }
        let there = read(&self.server.value(MAILS).await);
        for (owner, count) in receipts {
            let mails = vec!["submission_receipt".to_owned(); count];
            let found = there.get(&owner).cloned().unwrap_or_default();
            findings.extend(compare(&format!("mail to {owner}"), &mails, &list(&found)));
        }
        let there = read(&self.server.value(PLEDGES).await);
        for (key, told) in self.ledger.pledges() {
            let found = there.get(&key).cloned().unwrap_or_default();
            let actions = vec!["pledge_commitment".to_owned(); told.len()];
            let now: Vec<String> = told.last().cloned().into_iter().collect();
            findings.extend(compare(&key, &numbered(&told), &list(&found["amounts"])));
            findings.extend(compare(&key, &actions, &list(&found["actions"])));
            findings.extend(compare(&key, &now, &list(&found["now"])));
        }
        findings
    }
}

fn read(text: &str) -> BTreeMap<String, Value> {
    serde_json::from_str(text).unwrap()
}

fn proposal(id: &str, told: &Told, found: &Value) -> Vec<Finding> {
    let of = |what: &str| format!("{what} of proposal {id}");
    let mut actions = vec!["draft_proposal"];
    actions.extend(vec!["submit_proposal"; told.receipts.len()]);
    actions.extend(vec!["edit_proposal"; told.reopened]);
    let actions: Vec<String> = actions.into_iter().map(str::to_owned).collect();
    let last = told.titles.last().cloned().unwrap_or_default();
    let now = vec![format!("{last} {}", told.receipts.len())];
    [
        ("title", numbered(&told.titles), "titles"),
        ("receipt", numbered(&told.receipts), "receipts"),
        ("file", told.files.clone(), "files"),
        ("audit row", actions, "actions"),
        ("last title and version submitted", now, "now"),
    ]
    .into_iter()
    .flat_map(|(what, told, key)| compare(&of(what), &told, &list(&found[key])))
    .collect()
}

fn list(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Each with its place, so that a gap shows.
fn numbered(items: &[String]) -> Vec<String> {
    let places = 1..=items.len();
    places
        .zip(items)
        .map(|(n, item)| format!("{n} {item}"))
        .collect()
}

fn compare(what: &str, told: &[String], found: &[String]) -> Vec<Finding> {
    let mut left = found.to_vec();
    let mut findings = Vec::new();
    for item in told {
        match left.iter().position(|other| other == item) {
            Some(at) => drop(left.remove(at)),
            None => findings.push(Finding::Lost(format!("{what}: {item}"))),
        }
    }
    findings.extend(
        left.into_iter()
            .map(|item| Finding::Twice(format!("{what}: {item}"))),
    );
    findings
}

/// Fails with everything that is wrong.
pub fn expect_none(findings: &[Finding]) {
    let lines: Vec<String> = findings.iter().take(30).map(Finding::to_string).collect();
    assert!(
        findings.is_empty(),
        "{} findings:\n{}",
        findings.len(),
        lines.join("\n")
    );
}
