//! Looks over a call after the race, in the database and in what everybody was told, and answers what is wrong.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::arena::{Arena, Deed};
use crate::deeds::funder;
use crate::walls;
use crate::world::FUNDERS;

/// What must not be there: a name, and a query for everything that is wrong in that way.
const WRONG: &[(&str, &str)] = &[
    (
        "a conflicted assignment",
        "select r.id from sealed.review r join sealed.conflict c using (expert_id, proposal_id)
         where c.standing and r.state not in ('declined', 'conflicted', 'replaced', 'voided')",
    ),
    (
        "an assignment behind a wall",
        "select r.id from sealed.review r join sealed.expert e on e.id = r.expert_id
         join sealed.wall w on w.account_id = e.account_id and w.proposal_id = r.proposal_id
         where r.state not in ('declined', 'conflicted', 'replaced', 'voided')",
    ),
    (
        "more reviews than agreed on",
        // What was withdrawn is no load any more, whatever was begun on it.
        "select e.id from sealed.expert e join sealed.review r on r.expert_id = e.id
         join proposal_stage s on s.proposal_id = r.proposal_id and s.stage_id = r.stage_id
         join sealed.outcome o on o.proposal_stage_id = s.id join stage st on st.id = r.stage_id
         where r.state not in ('declined', 'conflicted', 'replaced', 'voided')
           and s.state <> 'withdrawn' and o.state <> 'withdrawn'
         group by e.id, st.id having count(*) > coalesce((e.stage_loads ->> st.number::text)::int, e.max_load)",
    ),
    (
        "a review handed in after its conflict was on record",
        "select r.id from sealed.review r join sealed.conflict c using (expert_id, proposal_id)
         join audit a on a.object_id = r.id and a.action in ('write_review', 'submit_review', 'release_review')
         where a.at > (select min(f.at) from audit f where f.at >= c.found_at and
                       (f.detail->>'conflict' = c.id::text or f.action = 'declare_conflicts' and f.object_id = c.expert_id))
           and not exists (select from audit j where j.object_id = c.id and j.action = 'judge_conflict')",
    ),
    (
        "a review handed in after its conflict was upheld",
        "select r.id from sealed.review r join sealed.conflict c using (expert_id, proposal_id)
         join audit j on j.object_id = c.id and j.action = 'judge_conflict' and j.object_version = c.version and c.standing
         join audit a on a.object_id = r.id and a.action in ('write_review', 'submit_review', 'release_review')
         where a.at > j.at",
    ),
    (
        "a review that ended twice, or otherwise than it is on record",
        "select r.id from sealed.review r where (r.state in ('conflicted', 'voided'))::int <>
         (select count(*) from audit a, jsonb_array_elements(a.detail->'reviews_ended') e
          where jsonb_typeof(a.detail->'reviews_ended') = 'array' and e->>'review' = r.id::text and e->>'state' = r.state)",
    ),
    (
        "a submitted review without scores",
        "select id from sealed.review where state in ('submitted', 'released') and scores = '{}'",
    ),
    (
        "a lost change of a conflict",
        "select c.id from sealed.conflict c where c.version - 1 <>
         (select count(a.object_version) from audit a where a.object_id = c.id and a.action = 'judge_conflict')",
    ),
    (
        "a lost declaration, or a lost drop-out",
        "select e.id from sealed.expert e where e.version - 1 <>
         (select count(a.object_version) from audit a where a.object_id = e.id
          and a.action in ('declare_conflicts', 'replace_reviewer'))",
    ),
    (
        "an overdrawn pledge",
        "select id from participation where decided > commitment",
    ),
    (
        "a gap between pledges",
        "select id from (select id, number - lag(number, 1, 0) over (partition by participation_id order by number) as step
                         from commitment) x where step <> 1",
    ),
    (
        "a commitment other than the last pledge",
        "select p.id from participation p join lateral (select amount from commitment c where c.participation_id = p.id
                                                         and kind = 'indicative'
                                                       order by number desc limit 1) c on true where c.amount <> p.commitment",
    ),
    (
        "an availability of funds other than the last signed",
        "select p.id from participation p left join lateral (select amount from commitment c where c.participation_id = p.id
                                                            and kind = 'availability' order by number desc limit 1) c on true
         where p.available is distinct from c.amount",
    ),
    (
        "an availability of funds out of its bounds",
        "select id from participation where available < decided or available > commitment",
    ),
    (
        "a lost pledge",
        "select p.id from participation p
         where p.version - 1 <> (select count(*) from commitment c where c.participation_id = p.id)
            or p.version - 2 <> (select count(*) from audit a where a.object_id = p.id and a.action = 'pledge_commitment')",
    ),
    (
        "money bound otherwise than decided",
        "select p.id from participation p where p.decided <> coalesce(
         (select sum(l.national) from sealed.selection_line l join sealed.selection s on s.id = l.selection_id
          where s.state = 'final' and l.participation_id = p.id), 0)",
    ),
    (
        "a proposal withdrawn twice",
        "select object_id as id from audit where action = 'withdraw_proposal' group by object_id having count(*) > 1",
    ),
    (
        "a project decided on after it was withdrawn",
        "select s.id from sealed.selection s join proposal p on p.call_id = s.call_id
         join audit a on a.object_id = p.id and a.action = 'withdraw_proposal'
         where s.finalised_at > a.at and s.result -> 'selected' @> to_jsonb(p.number)",
    ),
    (
        "a second decision",
        "select id from sealed.selection where state = 'final' offset 1",
    ),
    (
        "a second open selection",
        "select id from sealed.selection where state not in ('amended', 'final') offset 1",
    ),
    (
        "a gap between selections",
        "select id from (select id, number - lag(number, 1, 0) over (order by number) as step from sealed.selection) x
         where step <> 1",
    ),
    (
        "a selection that all accepted and that is not final",
        "select s.id from sealed.selection s where s.finalised_at is null and s.confirmed_by is not null and not exists
         (select from sealed.selection_line l where l.selection_id = s.id and l.state <> 'accepted')",
    ),
    (
        "a final selection that not all accepted",
        "select s.id from sealed.selection s join sealed.selection_line l on l.selection_id = s.id
         where s.state = 'final' and l.state <> 'accepted'",
    ),
    (
        "a lost change of a selection",
        "select id from sealed.selection where version <> 1 + (adopted_by is not null)::int
         + (confirmed_by is not null)::int + (finalised_at is not null)::int + (state = 'amended')::int",
    ),
];

/// What is wrong, as a name and where.
pub async fn findings(arena: &Arena) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, query) in WRONG {
        let all =
            format!("select coalesce(string_agg(distinct x.id::text, ' '), '') from ({query}) x");
        let found = arena.world.app.value(&all).await;
        findings.extend(found.split_whitespace().map(|id| format!("{name}: {id}")));
    }
    let history = arena.history.lock().unwrap().clone();
    let known = [200, 201, 403, 404, 409, 412, 422];
    let strange = history.iter().filter(|deed| !known.contains(&deed.status));
    findings.extend(
        strange.map(|deed| format!("an answer that is none: {} {}", deed.what, deed.status)),
    );
    let mut pairs = history.clone();
    pairs.extend(arena.rearranged.lock().unwrap().iter().cloned());
    findings.extend(after_a_conflict(&pairs));
    findings.extend(after_a_withdrawal(&pairs));
    findings.extend(walls::findings(&history));
    findings.extend(versions(arena, &history).await);
    findings
}

/// Deeds on a pair that were sent after its conflict was acknowledged, and done all the same.
fn after_a_conflict(history: &[Deed]) -> Vec<String> {
    let deeds = [
        "assign",
        "assign as a colleague",
        "replace",
        "rearranged",
        "write",
        "submit",
        "return",
        "release",
    ];
    let dismissed = |pair: &[Uuid]| {
        history
            .iter()
            .any(|deed| deed.what == "dismiss" && deed.to[..2] == *pair)
    };
    let conflicts: Vec<&Deed> = history
        .iter()
        .filter(|deed| matches!(deed.what, "note" | "declare") && deed.done())
        .filter(|deed| !dismissed(&deed.to))
        .collect();
    history
        .iter()
        .filter(|deed| deeds.contains(&deed.what) && deed.done())
        .filter(|deed| {
            let before =
                |conflict: &&&Deed| conflict.to == deed.to[..2] && conflict.answered < deed.sent;
            conflicts.iter().find(before).is_some()
        })
        .map(|deed| {
            format!(
                "done after a conflict was acknowledged: {} {:?}",
                deed.what, deed.to
            )
        })
        .collect()
}

/// By which somebody gets a proposal to review.
const ASSIGNED: [&str; 4] = ["assign", "assign as a colleague", "replace", "rearranged"];

/// Reviewers who were asked for after a proposal was withdrawn, and got it all the same.
fn after_a_withdrawal(history: &[Deed]) -> Vec<String> {
    let mut findings = Vec::new();
    let withdrawn = history
        .iter()
        .filter(|deed| deed.what == "withdraw" && deed.done());
    for gone in withdrawn {
        let later = history.iter().filter(|deed| ASSIGNED.contains(&deed.what));
        for deed in later.filter(|deed| deed.done() && gone.answered < deed.sent) {
            if gone.to.first() == deed.to.get(1) {
                let (what, to) = (deed.what, &deed.to);
                findings.push(format!("assigned after it was withdrawn: {what} {to:?}"));
            }
        }
    }
    findings
}

/// Things whose version is not as many changes as were acknowledged: a change was lost, or came twice.
async fn versions(arena: &Arena, history: &[Deed]) -> Vec<String> {
    let mut changes: BTreeMap<Uuid, i32> = BTreeMap::new();
    let on_reviews = ["write", "submit", "return", "release", "decline", "replace"];
    for deed in history.iter().filter(|deed| deed.done()) {
        if deed.what == "pledge" || on_reviews.contains(&deed.what) {
            *changes.entry(*deed.to.last().unwrap()).or_default() += 1;
        }
    }
    for review in arena.released.lock().unwrap().iter() {
        *changes.entry(*review).or_default() += 1;
    }
    let mut stored = String::from(
        "select coalesce(string_agg(x.id || ' ' || x.changes, ';'), '') from (
         select r.id::text, r.version - 1 - (r.state in ('conflicted', 'voided'))::int
                - (select count(*) from audit a, jsonb_array_elements_text(a.detail->'reassigned'->'replaced') e
                   where e = r.id::text) as changes from sealed.review r",
    );
    for (at, (key, ..)) in FUNDERS.iter().enumerate() {
        stored += &format!(
            " union all select '{}', p.version - 2 from participation p
             join organisation o on o.id = p.organisation_id where o.key = '{key}' and p.call_id = '{}'",
            funder(at), arena.world.call
        );
    }
    let stored = arena.world.app.value(&(stored + ") x")).await;
    let wrong = stored.split(';').filter_map(|one| {
        let (id, stored) = one.split_once(' ')?;
        let told = changes.get(&id.parse().ok()?).copied().unwrap_or_default();
        let differs = stored != told.to_string();
        differs
            .then(|| format!("a lost change: {id} has {stored}, of which {told} were acknowledged"))
    });
    wrong.collect()
}

/// The findings by kind, with how many there are.
pub fn kinds(findings: &[String]) -> BTreeMap<&str, usize> {
    let mut kinds = BTreeMap::new();
    for finding in findings {
        let kind = finding.split(':').next().unwrap_or_default();
        *kinds.entry(kind).or_default() += 1;
    }
    kinds
}
