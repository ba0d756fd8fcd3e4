//! An expert's declaration of conflicts of interest: content of a stage opens only after the one for that stage.

use ::review::{ConflictKind, ExpertState};
use access::Action;
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as calls;
use store::outbox::Mail;
use store::review::conflict::{self as conflicts, ConflictRow};
use store::review::declaration::note_undeclared;
use store::review::expert::{self as experts, ExpertRow};
use store::review::facts::{self, Candidate};
use store::view::review::conflict::{self as view, DeclarationView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{call_words, detection, stage_or_current, stage_words};
use crate::mail::letter;
use crate::{Answer, Context, Problem, Service, Tx};

/// What an expert declares: the conflicts that there are, or none.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// The conflicts; those declared before stay.
    pub conflicts: Vec<Declared>,
}

/// A conflict that the expert declares.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// The proposal.
    pub proposal: Uuid,
    /// What it rests on.
    pub reason: String,
}

/// What the expert has to know to declare: titles, institutions and people, and no content. There is nothing to know before
/// the deadline of the stage.
pub async fn read_declaration(
    service: &Service,
    context: Context,
    id: Uuid,
    stage: Option<i32>,
) -> Result<Answer<DeclarationView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let expert = experts::find(tx.conn(), id).await?;
        tx.permit(Action::ReadDeclaration, &expert.object()).await?;
        let (view, _) = current(tx, &expert, stage).await?;
        Ok(view)
    };
    service.read(context, work).await
}

async fn current(
    tx: &mut Tx,
    expert: &ExpertRow,
    stage: Option<i32>,
) -> Result<(DeclarationView, Vec<Candidate>), Problem> {
    if expert.state()? != ExpertState::Contracted {
        return Err(Problem::state(
            "Accept the invitation and its confidentiality first.",
        ));
    }
    let stage = stage_or_current(tx, expert.call_id, stage).await?;
    if !stage.is_locked()? {
        return Err(Problem::state(format!(
            "Conflicts of interest at stage {} are declared once its deadline has passed: only then it is known who \
             takes part.",
            stage.number
        )));
    }
    let candidates = facts::candidates(tx.conn(), stage.id).await?;
    let view = view::declaration(tx.conn(), expert, stage.number, &candidates).await?;
    Ok((view, candidates))
}

/// Declares the conflicts. They stand at once, as do certain ones that a search finds now; content of all other
/// proposals that the expert may read at the stage opens.
pub async fn declare_conflicts(
    service: &Service,
    context: Context,
    id: Uuid,
    stage: Option<i32>,
    input: Declaration,
) -> Result<Answer<DeclarationView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let seen = experts::find(tx.conn(), id).await?;
        detection::hold_stages(tx, seen.call_id).await?;
        let expert = experts::lock(tx.conn(), id).await?;
        let permit = tx
            .permit(Action::DeclareConflicts, &expert.object())
            .await?;
        let (before, candidates) = current(tx, &expert, stage).await?;
        tx.precondition(&before)?;
        check(&input, &candidates)?;
        let mut on_file = conflicts::of_expert(tx.conn(), id).await?;
        on_file.retain(|old| !old.is_taken_back());
        let kind = ConflictKind::Declared.to_string();
        let mut noted = 0;
        for one in &input.conflicts {
            let same = |old: &&ConflictRow| old.proposal_id == one.proposal && old.kind == kind;
            let old = on_file.iter().find(same);
            if let Some(old) = old.filter(|old| old.source == conflicts::NOTED) {
                // Of what the secretariat was told the expert says the same: it is no slip, and nobody withdraws it.
                let reason = one.reason.trim();
                conflicts::declare_too(tx.conn(), &permit, old, reason).await?;
                noted += 1;
            }
        }
        let mut new: Vec<ConflictRow> = input
            .conflicts
            .iter()
            .filter(|one| {
                let same = |old: &&ConflictRow| old.proposal_id == one.proposal && old.kind == kind;
                on_file.iter().find(same).is_none()
            })
            .map(|one| ConflictRow {
                id: kernel::id::new(),
                call_id: expert.call_id,
                expert_id: id,
                proposal_id: one.proposal,
                kind: kind.clone(),
                about: String::new(),
                certain: true,
                evidence: one.reason.trim().to_owned(),
                source: "declared".to_owned(),
                standing: true,
                judged_because: None,
                version: 1,
                taken_back_at: None,
                remembered_from: None,
            })
            .collect();
        // Content opens with the declaration: what a search would find stands from now on, too.
        let stage = stage_or_current(tx, expert.call_id, Some(before.stage)).await?;
        let one = std::slice::from_ref(&expert);
        let found = detection::look(tx, &stage, one, &candidates, &candidates).await?;
        let (declared, searched) = (new.len() + noted, found.len());
        new.extend(found);
        let ended = detection::put_on_file(tx, &permit, &new).await?;
        experts::declared(tx.conn(), &permit, &expert, stage.number).await?;
        let detail = json!({
            "stage": stage.number, "conflicts": declared, "found": searched, "reviews_ended": ended,
        });
        tx.audit(&permit, Some(expert.version + 1), None, detail)
            .await?;
        let expert = experts::find(tx.conn(), id).await?;
        let view = view::declaration(tx.conn(), &expert, before.stage, &candidates).await?;
        Ok(view)
    };
    service.write(context, work).await
}

/// What asks experts to declare who have not, as their declarations have opened; that each is asked is noted with it.
pub(super) async fn requests(tx: &mut Tx) -> Result<Vec<Mail>, Problem> {
    let mut mails = Vec::new();
    for one in note_undeclared(tx.conn()).await? {
        let call = calls::find(tx.conn(), one.call_id).await?;
        let stage = calls::stage(tx.conn(), one.call_id, one.stage).await?;
        let service = &tx.service;
        let variables = json!({
            "name": one.name, "call": call_words(&call), "stage": stage_words(&stage),
            "link": format!("{}/me/experts", service.settings().public_url),
        });
        let (call, template) = (Some(&call), "declare_conflicts");
        mails.push(letter(service, call, &one.email, template, variables));
    }
    Ok(mails)
}

fn check(input: &Declaration, candidates: &[Candidate]) -> Result<(), Problem> {
    let mut faults = Faults::default();
    for (index, one) in input.conflicts.iter().enumerate() {
        let known = candidates
            .iter()
            .any(|candidate| candidate.standing.proposal == one.proposal);
        let first = input.conflicts[..index]
            .iter()
            .all(|before| before.proposal != one.proposal);
        faults.require(
            known && first,
            format!("/conflicts/{index}/proposal"),
            "unknown_proposal",
            "the stage has no such proposal, or it is named twice; GET the declaration lists them",
        );
        faults.require(
            !one.reason.trim().is_empty(),
            format!("/conflicts/{index}/reason"),
            "required",
            "say what the conflict rests on",
        );
    }
    Ok(faults.or(())?)
}
