//! Assignments and reviews.

use std::collections::BTreeMap;

use ::call::EvaluationRules;
use ::review::{Marks, ReviewState, coherence_doubts, label, labelled};
use chrono::{DateTime, Utc};
use kernel::Finding;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::conflict::names;
use super::{Depth, Sight};
use crate::call::StageRow;
use crate::review::naming::Names;
use crate::review::progress::{Due, dues};
use crate::review::review::ReviewRow;
use crate::review::{expert as experts, facts, review as rows};
use crate::{Conn, StoreError};

/// A review.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReviewView {
    /// Its id; left out for whoever does not learn who wrote it, as an id tells when it was asked for.
    pub id: Option<Uuid>,
    /// For those the reviewer's label, the same in reply, report and letter: given with the release and kept.
    pub label: Option<String>,
    /// The reviewer's name, for the other reviewers of the proposal where the call lets them know each other.
    pub reviewer: Option<String>,
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
    /// What to look at before a submitted review is released: what names somebody who evaluates the proposal, words that
    /// do not fit their score. For the secretariat alone, and nobody's proof.
    pub findings: Vec<Finding>,
}

/// What a viewer is to one review, besides the roles in the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Its author.
    Author,
    /// The coordinator of the proposal reviewed, or a partner that joined.
    Applicant,
    /// Another reviewer of the proposal, who has handed the own review in and whom the rules let read the others.
    Peer {
        /// Whether they learn each other's names.
        named: bool,
    },
    /// None of these.
    None,
}

/// What surrounds the reviews of a stage.
pub struct Surroundings {
    stage: i32,
    after_panel: bool,
    names: BTreeMap<Uuid, String>,
    numbers: BTreeMap<Uuid, String>,
    at_panel: BTreeMap<Uuid, bool>,
    labels: BTreeMap<Uuid, String>,
    dues: BTreeMap<Uuid, Due>,
    check: Option<Check>,
}

/// What submitted reviews are looked over with.
struct Check {
    rules: EvaluationRules,
    names: Names,
}

impl Check {
    fn findings(&self, row: &ReviewRow, marks: &Marks) -> Vec<Finding> {
        let mut found = coherence_doubts(&self.rules, marks);
        let texts = marks.iter().map(|(key, mark)| {
            let pointer = format!("/scores/{}/comment", kernel::token(key));
            (pointer, mark.comment.as_str())
        });
        let texts: Vec<(String, &str)> = texts.collect();
        found.extend(self.names.doubts(row.proposal_id, &texts));
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
        let mut told: BTreeMap<Uuid, Vec<(i32, Uuid)>> = BTreeMap::new();
        for place in rows::places(conn, stage.id, proposal).await? {
            if place.state.holds_a_place() {
                let ready = at_panel.entry(place.proposal).or_insert(true);
                *ready &= place.state == ReviewState::Released;
            }
            if place.ever_released {
                // Where all were voided since, the panel may still talk of what it knows.
                at_panel.entry(place.proposal).or_insert(true);
            }
            if let Some(number) = place.number {
                let of_it = told.entry(place.proposal).or_default();
                of_it.push((number, place.review));
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
            labels: told
                .into_values()
                .flat_map(labelled)
                .map(|(label, review)| (review, label))
                .collect(),
            dues: dues(conn, stage.id, proposal).await?,
            check: None,
        })
    }

    /// The same with what submitted reviews are looked over with, for whoever releases them: reviews of the whole stage,
    /// or of one proposal in it.
    pub async fn checking(
        mut self,
        conn: &mut Conn,
        (stage, proposal): (&StageRow, Option<Uuid>),
        sight: &Sight,
        rules: EvaluationRules,
    ) -> Result<Surroundings, StoreError> {
        if sight.depth < Depth::Office {
            return Ok(self);
        }
        let names = Names::of(conn, stage, proposal).await?;
        self.check = Some(Check { rules, names });
        Ok(self)
    }

    /// Whether the proposal is ready for the panel.
    pub fn at_panel(&self, proposal: Uuid) -> bool {
        self.after_panel || self.at_panel.get(&proposal).copied().unwrap_or(false)
    }

    /// Whether the viewer, who may know of the proposal, learns of a review of it in this state and who has it. That one
    /// ended, by a conflict of interest or otherwise, is for secretariat and observer: what is left of it counts nowhere,
    /// and the conflict is not everybody's to know.
    fn is_named(&self, proposal: Uuid, state: ReviewState, sight: &Sight) -> bool {
        let deep = sight.depth >= Depth::Everything
            || sight.depth == Depth::Panel && self.at_panel(proposal);
        deep && (sight.named || state.holds_a_place())
    }

    /// The review as the viewer sees it, if at all.
    pub fn review(
        &self,
        row: &ReviewRow,
        sight: &Sight,
        relation: Relation,
    ) -> Result<Option<ReviewView>, StoreError> {
        let state = row.state()?;
        // Who applies with the proposal reads its reviews as an applicant, whatever other role is worn.
        let (applies, open) = (relation == Relation::Applicant, sight.open(row.proposal_id));
        if !open && !applies {
            return Ok(None);
        }
        let author = relation == Relation::Author && state.holds_a_place();
        let named = author || open && self.is_named(row.proposal_id, state, sight);
        let peer = matches!(relation, Relation::Peer { .. });
        let nameless = applies || peer || sight.depth >= Depth::Results && self.after_panel;
        // What applicants were told stays as it was: neither they nor who reads their letters learn by what is gone that
        // there was a conflict of interest, or when.
        let told = match peer {
            true => state == ReviewState::Released,
            false => row.is_for_applicants()?,
        };
        if !named && (!nameless || !told) {
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
        // The other reviewers read some before the applicants do, whose labels leave out what was never told to them.
        let called = match peer {
            true => row.label.map(label),
            false => self.labels.get(&row.id).cloned(),
        };
        let introduced = !named && relation == (Relation::Peer { named: true });
        let reviewer = self.names.get(&row.expert_id).filter(|_| introduced);
        Ok(Some(ReviewView {
            id: named.then_some(row.id),
            label: called.filter(|_| !named),
            reviewer: reviewer.cloned(),
            proposal: row.proposal_id,
            number: self
                .numbers
                .get(&row.proposal_id)
                .cloned()
                .unwrap_or_default(),
            stage: self.stage,
            state: match named {
                true => state,
                false => ReviewState::Released,
            },
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
        let state = row.state()?;
        if !sight.open(row.proposal_id) || !around.is_named(row.proposal_id, state, sight) {
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
            state,
        });
    }
    found.sort_by(|a, b| (&a.number, &a.name, a.review).cmp(&(&b.number, &b.name, b.review)));
    Ok(found)
}
