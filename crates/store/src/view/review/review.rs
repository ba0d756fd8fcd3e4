//! Assignments and reviews.

use std::collections::BTreeMap;

use ::call::EvaluationRules;
use ::review::conflict::ExpertFacts;
use ::review::{Marks, ReviewState, coherence_doubts, identity_doubts};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::Finding;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::conflict::names;
use super::{Depth, Sight};
use crate::call::StageRow;
use crate::review::progress::{Due, dues};
use crate::review::review::ReviewRow;
use crate::review::{expert as experts, facts, review as rows};
use crate::{Conn, StoreError};

/// A review.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReviewView {
    /// Its id.
    pub id: Uuid,
    /// The proposal.
    pub proposal: Uuid,
    /// The proposal's number.
    pub number: String,
    /// The stage, 1 or 2.
    pub stage: i32,
    /// Where it stands.
    pub state: ReviewState,
    /// Scores and comments by criterion; empty while nobody but the author may read them.
    pub scores: Marks,
    /// Who wrote it and what is not for the applicants; left out for them and for funders.
    pub inside: Option<ReviewInside>,
}

/// What stays inside the evaluation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReviewInside {
    /// The expert.
    pub expert: Uuid,
    /// The expert's name.
    pub name: String,
    /// A confidential remark to the panel.
    pub remark: String,
    /// Why the secretariat gave it back.
    pub returned_because: Option<String>,
    /// Until when it is due, as long as it is not handed in.
    pub due_at: Option<DateTime<Utc>>,
    /// When it was submitted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it was released.
    pub released_at: Option<DateTime<Utc>>,
    /// Raised with every change.
    pub version: i32,
    /// What to look at before a submitted review is released: what gives its author away, words that do not fit
    /// their score. For the secretariat alone, and nobody's proof.
    pub findings: Vec<Finding>,
}

/// What a viewer is to one review, besides the roles in the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Its author.
    Author,
    /// The coordinator of the proposal reviewed.
    Coordinator,
    /// Neither.
    None,
}

/// What surrounds the reviews of a stage.
pub struct Surroundings {
    stage: i32,
    after_panel: bool,
    names: BTreeMap<Uuid, String>,
    numbers: BTreeMap<Uuid, String>,
    at_panel: BTreeMap<Uuid, bool>,
    dues: BTreeMap<Uuid, Due>,
    check: Option<Check>,
}

/// What submitted reviews are looked over with.
struct Check {
    rules: EvaluationRules,
    authors: BTreeMap<Uuid, ExpertFacts>,
}

impl Check {
    fn findings(&self, row: &ReviewRow, marks: &Marks) -> Vec<Finding> {
        let mut found = coherence_doubts(&self.rules, marks);
        if let Some(author) = self.authors.get(&row.expert_id) {
            let texts = marks.iter().map(|(key, mark)| {
                let pointer = format!("/scores/{}/comment", kernel::token(key));
                (pointer, mark.comment.as_str())
            });
            found.extend(identity_doubts(author, &texts.collect::<Vec<_>>()));
        }
        found
    }
}

impl Surroundings {
    /// Reads names and numbers, and which proposals are ready for the panel: those whose reviews are
    /// all released, so that nobody's judgement can follow another's. Of the whole stage, or of one
    /// proposal in it.
    pub async fn of(
        conn: &mut Conn,
        stage: &StageRow,
        proposal: Option<Uuid>,
    ) -> Result<Surroundings, StoreError> {
        let mut at_panel = BTreeMap::new();
        for (proposal, state) in rows::places(conn, stage.id, proposal).await? {
            if state.holds_a_place() {
                let ready = at_panel.entry(proposal).or_insert(true);
                *ready &= state == ReviewState::Released;
            }
        }
        let numbers = match proposal {
            Some(id) => [(id, crate::intake::find(conn, id).await?.number)].into(),
            None => facts::numbers(conn, stage.call_id).await?,
        };
        Ok(Surroundings {
            stage: stage.number,
            after_panel: super::after_panel(stage.state()?),
            names: names(&experts::of_call(conn, stage.call_id).await?),
            numbers,
            at_panel,
            dues: dues(conn, stage.id, proposal).await?,
            check: None,
        })
    }

    /// The same with what submitted reviews are looked over with, for whoever releases them.
    pub async fn checking(
        mut self,
        conn: &mut Conn,
        call: Uuid,
        sight: &Sight,
        rules: EvaluationRules,
    ) -> Result<Surroundings, StoreError> {
        if sight.depth < Depth::Office {
            return Ok(self);
        }
        let mut authors = BTreeMap::new();
        for expert in experts::of_call(conn, call).await? {
            // A place of work gives somebody away even when it is over.
            authors.insert(expert.id, expert.facts(NaiveDate::MIN)?);
        }
        self.check = Some(Check { rules, authors });
        Ok(self)
    }

    /// Whether the proposal is ready for the panel.
    pub fn at_panel(&self, proposal: Uuid) -> bool {
        self.after_panel || self.at_panel.get(&proposal).copied().unwrap_or(false)
    }

    /// The review as the viewer sees it, if at all.
    pub fn review(
        &self,
        row: &ReviewRow,
        sight: &Sight,
        relation: Relation,
    ) -> Result<Option<ReviewView>, StoreError> {
        let state = row.state()?;
        if !sight.open(row.proposal_id) {
            return Ok(None);
        }
        let author = relation == Relation::Author && state.holds_a_place();
        let named = author
            || sight.depth >= Depth::Everything
            || sight.depth == Depth::Panel && self.at_panel(row.proposal_id);
        let nameless =
            relation == Relation::Coordinator || sight.depth >= Depth::Results && self.after_panel;
        let released = state == ReviewState::Released;
        if !named && (!nameless || !released) {
            return Ok(None);
        }
        let readable = author || handed_in(state);
        let marks = if readable { row.marks()? } else { Marks::new() };
        let check = self.check.as_ref();
        let check = check.filter(|_| state == ReviewState::Submitted);
        let findings = check.map(|check| check.findings(row, &marks));
        let due = self.dues.get(&row.id).filter(|_| state.is_waited_for());
        let inside = named.then(|| ReviewInside {
            expert: row.expert_id,
            name: self.names.get(&row.expert_id).cloned().unwrap_or_default(),
            remark: if readable {
                row.remark.clone()
            } else {
                String::new()
            },
            returned_because: row.returned_because.clone(),
            due_at: due.map(|(due, _)| *due),
            submitted_at: row.submitted_at,
            released_at: row.released_at,
            version: row.version,
            findings: findings.unwrap_or_default(),
        });
        Ok(Some(ReviewView {
            id: row.id,
            proposal: row.proposal_id,
            number: self
                .numbers
                .get(&row.proposal_id)
                .cloned()
                .unwrap_or_default(),
            stage: self.stage,
            state,
            scores: marks,
            inside,
        }))
    }
}

/// Whether others than the author may read what is written: drafts are nobody else's.
fn handed_in(state: ReviewState) -> bool {
    matches!(
        state,
        ReviewState::Submitted
            | ReviewState::Returned
            | ReviewState::Released
            | ReviewState::Voided
    )
}

/// Who reviews what.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AssignmentView {
    /// The review.
    pub review: Uuid,
    /// The proposal.
    pub proposal: Uuid,
    /// The proposal's number.
    pub number: String,
    /// The expert.
    pub expert: Uuid,
    /// The expert's name.
    pub name: String,
    /// How well they fitted when they were assigned, in millionths: as computed by the weights of the stage, or as imported.
    pub affinity: i32,
    /// Where the review stands.
    pub state: ReviewState,
}

/// Who reviews what at a stage, by number and name.
pub async fn assignments(
    conn: &mut Conn,
    stage: &StageRow,
    sight: &Sight,
) -> Result<Vec<AssignmentView>, StoreError> {
    let around = Surroundings::of(conn, stage, None).await?;
    let mut found = Vec::new();
    for row in rows::of_stage(conn, stage.id).await? {
        let deep = sight.depth >= Depth::Everything
            || sight.depth == Depth::Panel && around.at_panel(row.proposal_id);
        if !deep || !sight.open(row.proposal_id) {
            continue;
        }
        found.push(AssignmentView {
            review: row.id,
            proposal: row.proposal_id,
            number: around
                .numbers
                .get(&row.proposal_id)
                .cloned()
                .unwrap_or_default(),
            expert: row.expert_id,
            name: around
                .names
                .get(&row.expert_id)
                .cloned()
                .unwrap_or_default(),
            affinity: row.affinity,
            state: row.state()?,
        });
    }
    found.sort_by(|a, b| (&a.number, &a.name, a.review).cmp(&(&b.number, &b.name, b.review)));
    Ok(found)
}
