use std::collections::BTreeMap;

use ::review::Marks;
use ::review::ethics::Before;
use ::review::summary::{Summary, as_text};
use access::{Action, Object};
use call::{
    CALL, CallEvent, EvaluationRules, STAGE, Score, StageEvent, StageState, redress_closes_at,
    redress_last_day,
};
use commitment::letter::{Advice, Letter, LetterOutcome, WayToRedress};
use commitment::redress as domain;
use serde_json::{Value, json};
use store::call::{self as calls, CallRow, StageRow};
use store::commitment::letter::{self as rows, LetterData, LetterRow};
use store::commitment::redress;
use store::review::{conflict as conflicts, ethics, summary};
use store::view::commitment::{self as view, LetterView, Letters};
use store::{outbox, outcome};
use uuid::Uuid;

mod amended;

pub use amended::tell_amendment;

use super::{last_stage, lock_stage};
use crate::review::ethics::is_done;
use crate::{Answer, Context, Problem, Service, Tx};

/// What all letters of a stage have in common.
struct Form {
    call: CallRow,
    stage: StageRow,
    evaluation: EvaluationRules,
    redress_days: u32,
    redress_until: String,
    /// Titles of the grounds for redress.
    grounds: Vec<String>,
    /// The evaluation summary reports, by the rows of the proposals in the stage.
    reports: BTreeMap<Uuid, Summary>,
    /// The rows of the proposals that were judged again and not told so yet: of these the consensus is newer than the
    /// report.
    judged_again: Vec<Uuid>,
    /// Until when those invited can submit.
    deadline: String,
}

impl Form {
    async fn new(tx: &mut Tx, call: CallRow, stage: StageRow) -> Result<Form, Problem> {
        let rules = call.rules()?;
        let stages = calls::stages(tx.conn(), call.id).await?;
        let index = usize::try_from(stage.number - 1).unwrap_or_default();
        let own = rules.stages.get(index);
        let own = own.ok_or_else(|| Problem::internal("the rules have no such stage"))?;
        let zone = stage.deadline()?.zone;
        let days = rules.redress_days(own);
        let closes_at = redress_closes_at(tx.now().await?, days, zone);
        let frozen = summary::of_call(tx.conn(), call.id).await?.into_iter();
        let frozen = frozen.filter(|one| one.stage == stage.number);
        let mut reports: BTreeMap<Uuid, Summary> =
            frozen.map(|one| (one.proposal_stage, one.report)).collect();
        // A report frozen before its ethics were assessed tells the outcome all the same.
        for row in ethics::of_stage(tx.conn(), stage.id).await? {
            let report = reports.get_mut(&row.proposal_stage_id);
            if let (Some(report), Some(found)) = (report, row.assessment()?) {
                report.ethics = Some(found);
            }
        }
        let grounds = own.redress.grounds.iter();
        let judged_again = redress::judged_again(tx.conn(), call.id).await?;
        Ok(Form {
            judged_again,
            redress_days: days,
            redress_until: redress_last_day(closes_at, zone),
            grounds: grounds.map(|one| one.title.clone()).collect(),
            reports,
            evaluation: own.evaluation.clone(),
            deadline: stages
                .get(index + 1)
                .map(|next| next.label.clone())
                .unwrap_or_default(),
            call,
            stage,
        })
    }

    /// Title of each criterion with the panel's score.
    fn scores(&self, data: &LetterData) -> Result<Vec<(String, Score)>, Problem> {
        let Some((scores, ..)) = &data.consensus else {
            return Ok(Vec::new());
        };
        let scores: BTreeMap<String, Score> =
            serde_json::from_value(scores.clone()).map_err(Problem::internal)?;
        Ok(self
            .evaluation
            .criteria
            .iter()
            .filter_map(|one| Some((one.title.clone(), *scores.get(&one.key)?)))
            .collect())
    }

    /// What the reviewers say to the applicants, where the call has it told; of the ineligible there is none.
    fn advice(&self, data: &LetterData, outcome: LetterOutcome) -> Vec<Advice> {
        if !self.evaluation.reviews_in_letters || outcome == LetterOutcome::Ineligible {
            return Vec::new();
        }
        let criteria = &self.evaluation.criteria;
        let comments = |marks: &Marks| -> Vec<(String, String)> {
            criteria
                .iter()
                .filter_map(|one| Some((one.title.clone(), marks.get(&one.key)?.comment.clone())))
                .filter(|(_, comment)| !comment.trim().is_empty())
                .collect()
        };
        let reviews = data.reviews.iter();
        reviews
            .map(|(label, marks)| Advice {
                label: label.clone(),
                comments: comments(marks),
            })
            .collect()
    }

    fn body(&self, data: &LetterData, outcome: LetterOutcome) -> Result<String, Problem> {
        let ineligible = outcome == LetterOutcome::Ineligible;
        let told_before = self.stage.state()? == StageState::Communicated;
        // The report says all that the consensus does, and was frozen with the ranking list.
        let stands = !ineligible && !self.judged_again.contains(&data.proposal_stage);
        let report = self.reports.get(&data.proposal_stage);
        let report = report.filter(|_| stands).map(as_text);
        let consensus = data.consensus.as_ref();
        let consensus = consensus.filter(|_| !ineligible && report.is_none());
        let advice = match report {
            None => self.advice(data, outcome),
            Some(_) => Vec::new(),
        };
        Ok(Letter {
            call: &format!("{} ({})", self.call.title, self.call.code),
            rehearsal: self.call.rehearsal,
            proposal: format!("{} {}", data.number, data.acronym).trim(),
            name: &data.name,
            outcome,
            deadline: &self.deadline,
            condition: data
                .condition
                .as_deref()
                .filter(|_| outcome.may_have_a_condition()),
            reasons: if ineligible { &data.reasons } else { &[] },
            report: report.as_deref(),
            scores: &self.scores(data)?,
            total: consensus.map(|(_, total, _)| Score(*total)),
            comment: consensus.map_or("", |(.., comment)| comment),
            advice: &advice,
            refused_by_ethics: data.refused_by_ethics,
            // Its days are counted from the letters of the stage, and it is open to who has not what was asked for.
            redress: (!told_before && domain::is_open_to(outcome)).then_some(WayToRedress {
                days: self.redress_days,
                last_day: &self.redress_until,
                grounds: &self.grounds,
            }),
        }
        .body())
    }

    /// The variables of the mail, as config/mail/README.md lists them.
    fn mail(
        &self,
        service: &Service,
        data: &LetterData,
        outcome: LetterOutcome,
    ) -> Result<Value, Problem> {
        use LetterOutcome::*;
        let told = match outcome {
            Ineligible => "ineligible",
            Invited | InvitedWithConditions => "invited",
            NotInvited => "not_invited",
            Selected => "funded",
            Reserve | NotFunded => "not_funded",
        };
        let (total, summary) = match &data.consensus {
            Some((_, total, comment)) if outcome != Ineligible => {
                (Score(*total).to_string(), comment.clone())
            }
            _ => (String::new(), data.reasons.join("\n")),
        };
        let scores: Vec<Value> = self
            .scores(data)?
            .iter()
            .filter(|_| outcome != Ineligible)
            .map(|(criterion, score)| json!({ "criterion": criterion, "score": score }))
            .collect();
        let invited = matches!(outcome, Invited | InvitedWithConditions);
        let conditions: Vec<&str> = data
            .condition
            .as_deref()
            .filter(|_| outcome.may_have_a_condition())
            .into_iter()
            .collect();
        Ok(json!({
            "name": data.name, "call": self.call.title,
            "stage": if self.stage.kind == "pre_proposal" { "pre-proposal" } else { "full proposal" },
            "proposal": data.number, "acronym": data.acronym, "outcome": told,
            "deadline": invited.then_some(&self.deadline),
            "insufficient_budget": outcome.insufficient_budget(), "conditions": conditions,
            "scores": scores, "total": total, "summary": summary,
            "link": service.api(format_args!("/proposals/{}/letters", data.proposal)),
        }))
    }
}

/// The outcome that a letter tells; none while nothing is decided on the proposal.
fn told(data: &LetterData) -> Option<LetterOutcome> {
    data.state.to_string().parse().ok()
}

/// The letters of a stage as they would be sent now; after the release as they were sent.
pub async fn preview_letters(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<Letters>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = calls::find(tx.conn(), call).await?;
        let stage = calls::stage(tx.conn(), call, number).await?;
        tx.permit(Action::PreviewLetters, &stage.object()).await?;
        let letters = if stage.state()? == StageState::Communicated {
            view::of_stage(tx.conn(), stage.id).await?
        } else {
            let data = rows::data(tx.conn(), stage.id).await?;
            let form = Form::new(tx, row, stage).await?;
            previews(&form, &data)?
        };
        open(tx, call, letters).await
    };
    service.read(context, work).await
}

/// Without the letters on proposals of which the actor may not know.
async fn open(tx: &mut Tx, call: Uuid, mut letters: Letters) -> Result<Letters, Problem> {
    let account = tx.context.actor.account();
    let walled = conflicts::walled(tx.conn(), account, call).await?;
    let items = &mut letters.items;
    items.retain(|one| !walled.contains(&one.proposal));
    Ok(letters)
}

fn previews(form: &Form, data: &[LetterData]) -> Result<Letters, Problem> {
    let mut items = Vec::new();
    for one in data {
        let Some(outcome) = told(one) else { continue };
        items.push(LetterView {
            proposal: one.proposal,
            number: one.number.clone(),
            stage: form.stage.number,
            outcome,
            body: form.body(one, outcome)?,
            released_at: None,
        });
    }
    Ok(Letters { items })
}

/// Releases all letters of a stage together: the outcomes become the coordinators' to see, each gets a
/// mail, and after the last stage the call goes on to its grants.
pub async fn release_letters(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<Letters>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (_, stage) = lock_stage(tx, call, number).await?;
        let permit = tx.permit(Action::ReleaseLetters, &stage.object()).await?;
        let state = STAGE.apply(stage.state()?, StageEvent::Communicate)?;
        let row = calls::lock(tx.conn(), call).await?;
        let is_last = last_stage(tx, call).await?.id == stage.id;
        let data = rows::data(tx.conn(), stage.id).await?;
        let form = Form::new(tx, row.clone(), stage.clone()).await?;
        is_done(tx, &form.stage, &form.evaluation, Before::Results).await?;
        let (mut letters, mut mails, mut undecided) = (Vec::new(), Vec::new(), Vec::new());
        for one in &data {
            let Some(outcome) = told(one) else {
                undecided.push(one);
                continue;
            };
            letters.push(LetterRow {
                proposal_stage_id: one.proposal_stage,
                call_id: call,
                outcome: outcome.to_string(),
                body: form.body(one, outcome)?,
            });
            let context = form.mail(&tx.service, one, outcome)?;
            let template = "stage_outcome";
            mails.push(crate::mail::letter(
                &tx.service,
                Some(&row),
                &one.email,
                template,
                context,
            ));
        }
        if !undecided.is_empty() {
            let account = tx.context.actor.account();
            let walled = conflicts::walled(tx.conn(), account, call).await?;
            let known = undecided
                .iter()
                .filter(|one| !walled.contains(&one.proposal));
            let mut named: Vec<&str> = known.map(|one| one.number.as_str()).collect();
            if named.len() < undecided.len() {
                named.push("proposals that you may not know about");
            }
            return Err(Problem::state(format!(
                "All letters go out together, and nothing is decided on {} yet.",
                named.join(", ")
            )));
        }
        rows::insert(tx.conn(), &permit, stage.id, &letters).await?;
        outcome::release(tx.conn(), &permit, stage.id).await?;
        let told: Vec<Uuid> = letters.iter().map(|one| one.proposal_stage_id).collect();
        ethics::tell(tx.conn(), &permit, &told).await?;
        calls::set_stage_state(tx.conn(), &permit, &stage, state).await?;
        if is_last {
            let next = CALL.apply(row.state()?, CallEvent::ReleaseLetters)?;
            calls::set_state(tx.conn(), &permit, &row, next, None).await?;
        }
        outbox::queue(tx.conn(), &mails).await?;
        tx.audit(
            &permit,
            Some(stage.version + 1),
            None,
            json!({ "letters": letters.len() }),
        )
        .await?;
        let letters = view::of_stage(tx.conn(), stage.id).await?;
        open(tx, call, letters).await
    };
    service.write(context, work).await
}

/// The letters released on one proposal.
pub async fn read_letters(
    service: &Service,
    context: Context,
    proposal: Uuid,
) -> Result<Answer<Letters>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (call, coordinator) = rows::relation(tx.conn(), proposal).await?;
        let Some(account) = tx.context.actor.account() else {
            return Err(Problem::not_found());
        };
        let parts = store::intake::parts_of(tx.conn(), proposal, account).await?;
        let own = account == coordinator || !parts.is_empty();
        let conflicted = outcome::conflicted(tx.conn(), Some(account), proposal).await?;
        let object = Object {
            coordinator: Some(coordinator),
            partner: (!parts.is_empty()).then_some(account),
            conflicted: conflicted && !own,
            ..Object::of_call("proposal", proposal, call)
        };
        tx.permit(Action::ReadLetter, &object).await?;
        let letters = view::of_proposal(tx.conn(), proposal).await?;
        // That a proposal is begun is told by what it got, and by nothing else.
        let disclosed = own
            || store::intake::disclosed_stage(tx.conn(), proposal)
                .await?
                .is_some();
        if letters.items.is_empty() && !disclosed {
            return Err(Problem::not_found());
        }
        Ok(letters)
    };
    service.read(context, work).await
}
