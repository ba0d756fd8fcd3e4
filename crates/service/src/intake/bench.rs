//! Verdicts, one or many: what they rest on is loaded and locked once, checked as a whole, and written
//! with the outcome that they make.

use std::collections::{HashMap, HashSet};

use access::{Action, Object, Permit};
use call::ConsortiumRules;
use intake::{
    ELIGIBILITY, EligibilityEvent, FormalVerdict, Outcome, PROPOSAL, Partner, PartnerVerdict,
    ProposalEvent, ProposalState, Ruling, eligibility,
};
use kernel::{Amount, Faults};
use serde_json::{Value, json};
use store::call::{self as calls, CallRow, StageRow};
use store::commitment::redress;
use store::intake::{self as rows, FormalRow, JudgedPartner};
use store::outcome::{self, Standing};
use uuid::Uuid;

use super::read::rules_of;
use crate::review::remember_told;
use crate::{Problem, Tx};

/// Everything that verdicts on some proposals of a stage rest on, locked.
pub(super) struct Bench {
    pub(super) call: CallRow,
    pub(super) stage: StageRow,
    pub(super) rules: ConsortiumRules,
    pub(super) standings: Vec<Standing>,
    pub(super) partners: Vec<JudgedPartner>,
    formal: Vec<FormalRow>,
    /// The partners of proposals whose consortium was changed, as they are now.
    changed: HashMap<Uuid, Vec<Partner>>,
    /// The rules that are waived for some of the proposals; while their rows are locked, no other is.
    waived: HashMap<Uuid, Vec<String>>,
    /// Those of which redress was upheld and is not settled.
    upheld: Vec<Uuid>,
}

/// One verdict to be recorded.
pub(super) struct Case {
    /// Where it stands in the request.
    pub(super) pointer: String,
    /// Which proposal, as a place on the bench.
    pub(super) standing: usize,
    pub(super) subject: Subject,
}

/// What is judged.
pub(super) enum Subject {
    Formal(FormalVerdict, String),
    /// A partner, as a place on the bench.
    Partner(usize, Ruling),
}

/// The consortium rules of a stage.
pub(super) fn consortium_rules(
    call: &CallRow,
    stage: &StageRow,
) -> Result<ConsortiumRules, Problem> {
    Ok(rules_of(&call.rules()?, stage.number)?.consortium.clone())
}

/// A thing of a proposal's eligibility. Who reads the verdicts of all funders knows of it, whoever may do
/// something to it.
pub(super) async fn object(
    tx: &mut Tx,
    call: Uuid,
    proposal: Uuid,
    id: Uuid,
) -> Result<Object, Problem> {
    let account = tx.context.actor.account();
    let whole = Object::of_call("eligibility", id, call);
    Ok(Object {
        conflicted: outcome::conflicted(tx.conn(), account, proposal).await?,
        public: access::decide(&tx.context.actor, Action::ReadEligibility, &whole).is_ok(),
        ..whole
    })
}

impl Bench {
    /// Locks the proposals of a stage that `wanted` picks. Those without partners on record were not
    /// submitted, and are not there to be judged.
    pub(super) async fn prepare(
        tx: &mut Tx,
        call: Uuid,
        stage: StageRow,
        wanted: impl Fn(&Standing) -> bool + Send,
    ) -> Result<Bench, Problem> {
        let call = calls::find(tx.conn(), call).await?;
        let mut standings = outcome::standings(tx.conn(), stage.id).await?;
        standings.retain(|standing| wanted(standing));
        let ids: Vec<Uuid> = standings.iter().map(|one| one.proposal_stage).collect();
        rows::lock_contents(tx.conn(), &ids).await?;
        // Read again now that nobody else changes them.
        let mut standings = outcome::standings(tx.conn(), stage.id).await?;
        standings.retain(|standing| ids.contains(&standing.proposal_stage));
        let partners = rows::judged(tx.conn(), &ids).await?;
        let submitted: HashSet<Uuid> = partners.iter().map(|row| row.proposal_stage_id).collect();
        standings.retain(|standing| submitted.contains(&standing.proposal_stage));
        Ok(Bench {
            rules: consortium_rules(&call, &stage)?,
            formal: rows::formal_checks(tx.conn(), &ids).await?,
            changed: rows::changed_partners(tx.conn(), &ids).await?,
            waived: rows::waived_among(tx.conn(), &ids).await?,
            upheld: redress::upheld_among(tx.conn(), &ids).await?,
            call,
            stage,
            standings,
            partners,
        })
    }

    /// The rows of the proposals in the stage.
    pub(super) fn ids(&self) -> Vec<Uuid> {
        self.standings
            .iter()
            .map(|one| one.proposal_stage)
            .collect()
    }

    /// The place of a partner of the one proposal on the bench.
    pub(super) fn place(&self, partner: Uuid) -> Result<usize, Problem> {
        self.partners
            .iter()
            .position(|row| row.partner_id == partner)
            .ok_or_else(Problem::not_found)
    }

    /// Asks the policy: a funder's contact person judges its own applicants, the secretariat the form,
    /// those who bring their own means, and those of a funder whose contact persons all have a conflict of interest.
    pub(super) async fn permit(&self, tx: &mut Tx, case: &Case) -> Result<Permit, Problem> {
        let id = self.standings[case.standing].proposal_stage;
        match &case.subject {
            Subject::Formal(..) => {
                let object = self.object(tx, case.standing, id).await?;
                tx.permit(Action::CheckFormally, &object).await
            }
            Subject::Partner(place, _) => {
                let own_funded = Action::CheckOwnMeans;
                // Where every contact person of a funder is walled off, the secretariat judges in their place.
                let of_funder = match self.partners[*place].funder_id {
                    Some(funder) if self.nobody_left(tx, case.standing, funder).await? => {
                        own_funded
                    }
                    _ => Action::JudgeEligibility,
                };
                let actions = (of_funder, own_funded);
                self.permit_on(tx, case.standing, *place, actions).await
            }
        }
    }

    async fn nobody_left(
        &self,
        tx: &mut Tx,
        standing: usize,
        funder: Uuid,
    ) -> Result<bool, Problem> {
        let proposal = self.standings[standing].proposal;
        Ok(outcome::nobody_left(tx.conn(), self.call.id, funder, proposal).await?)
    }

    /// Asks the policy for a deed on a partner: the first of two where it asks a funder for money, whose
    /// business it is then, the second where it brings its own means.
    pub(super) async fn permit_on(
        &self,
        tx: &mut Tx,
        standing: usize,
        partner: usize,
        (of_funder, of_own_funded): (Action, Action),
    ) -> Result<Permit, Problem> {
        let row = &self.partners[partner];
        let object = Object {
            organisation: row.funder_id,
            ..self.object(tx, standing, row.id).await?
        };
        let action = if row.own_funded() {
            of_own_funded
        } else {
            of_funder
        };
        tx.permit(action, &object).await
    }

    pub(super) async fn object(
        &self,
        tx: &mut Tx,
        standing: usize,
        id: Uuid,
    ) -> Result<Object, Problem> {
        object(tx, self.call.id, self.standings[standing].proposal, id).await
    }

    /// Refuses once the proposal has gone on: verdicts may be revised until the evaluation. What its coordinator was told
    /// by letter is revised by redress alone.
    pub(super) fn judgeable(&self, standing: usize) -> Result<(), Problem> {
        use ProposalState::{Conditional, Eligible, Ineligible, Locked};
        let standing = &self.standings[standing];
        if standing.released.is_some() && !self.upheld.contains(&standing.proposal_stage) {
            return Err(Problem::state(format!(
                "The letter on {} is out: its verdicts are revised where redress was upheld, and the proposal has none.",
                standing.number
            )));
        }
        if matches!(standing.state, Locked | Eligible | Conditional | Ineligible) {
            return Ok(());
        }
        Err(Problem::state(format!(
            "{} is '{}': verdicts can be given and revised from the deadline to the evaluation.",
            standing.number, standing.state
        )))
    }

    /// Notes what is wrong with a verdict.
    pub(super) fn check(&self, case: &Case, faults: &mut Faults) -> Result<(), Problem> {
        let (found, revises, reason) = match &case.subject {
            Subject::Formal(verdict, reason) => {
                let found = eligibility::check_formal(*verdict, reason);
                (found, self.formal_of(case).is_some(), reason)
            }
            Subject::Partner(place, ruling) => {
                let row = &self.partners[*place];
                let requested = Amount(row.requested);
                let found = eligibility::check_verdict(ruling, row.own_funded(), requested);
                (found, row.verdict()?.given(), &ruling.reason)
            }
        };
        let has_reason_fault = found.0.iter().any(|fault| fault.pointer == "/reason");
        for fault in found.0 {
            let pointer = format!("{}{}", case.pointer, fault.pointer);
            faults.add(pointer, &fault.code, fault.detail);
        }
        faults.require(
            has_reason_fault || !revises || !reason.trim().is_empty(),
            format!("{}/reason", case.pointer),
            "reason_missing",
            "this takes back a verdict that was given; say why",
        );
        Ok(())
    }

    fn formal_of(&self, case: &Case) -> Option<&FormalRow> {
        let id = self.standings[case.standing].proposal_stage;
        self.formal.iter().find(|row| row.proposal_stage_id == id)
    }

    /// Whether a verdict is on record already, and if so, whether it is the same one.
    pub(super) fn given(&self, case: &Case) -> Result<Option<bool>, Problem> {
        Ok(match &case.subject {
            Subject::Formal(verdict, reason) => match self.formal_of(case) {
                Some(row) => Some(row.verdict()? == *verdict && row.reason == reason.trim()),
                None => None,
            },
            Subject::Partner(place, ruling) => {
                let row = &self.partners[*place];
                let verdict = row.verdict()?;
                verdict.given().then(|| {
                    verdict == ruling.verdict
                        && row.fundable.map(Amount) == ruling.fundable
                        && row.rule.as_deref().unwrap_or_default() == ruling.rule.trim()
                        && row.reason.as_deref().unwrap_or_default() == ruling.reason.trim()
                })
            }
        })
    }

    /// Writes verdicts, the outcomes they make, and an audit row for each.
    pub(super) async fn record(
        &mut self,
        tx: &mut Tx,
        cases: Vec<(Permit, Case)>,
    ) -> Result<(), Problem> {
        for (permit, case) in &cases {
            let id = self.standings[case.standing].proposal_stage;
            match &case.subject {
                Subject::Formal(verdict, reason) => {
                    let before = self.formal_of(case).cloned();
                    rows::check_formally(tx.conn(), permit, id, before.as_ref(), *verdict, reason)
                        .await?;
                }
                Subject::Partner(place, ruling) => {
                    let row = &self.partners[*place];
                    step(row.verdict()?, ruling.verdict)?;
                    rows::judge(tx.conn(), permit, row, ruling).await?;
                    // An answer that never came must not hold up the call.
                    rows::close_by_verdict(tx.conn(), permit, row.id).await?;
                }
            }
        }
        self.read_again(tx).await?;
        let mut done = HashSet::new();
        for (permit, case) in &cases {
            if done.insert(case.standing) {
                self.settle(tx, permit, case.standing).await?;
            }
            let outcome = self.outcome(case.standing)?;
            let (version, reason, detail) = self.entry(case)?;
            let mut detail = detail;
            detail["outcome"] = json!(outcome);
            detail["proposal"] = json!(self.standings[case.standing].proposal);
            let reason = Some(reason).filter(|reason| !reason.trim().is_empty());
            tx.audit(permit, version, reason, detail).await?;
        }
        Ok(())
    }

    /// Reads again what was written.
    pub(super) async fn read_again(&mut self, tx: &mut Tx) -> Result<(), Problem> {
        let ids = self.ids();
        self.formal = rows::formal_checks(tx.conn(), &ids).await?;
        self.changed = rows::changed_partners(tx.conn(), &ids).await?;
        self.partners = rows::judged(tx.conn(), &ids).await?;
        Ok(())
    }

    fn entry<'a>(&self, case: &'a Case) -> Result<(Option<i32>, &'a str, Value), Problem> {
        Ok(match &case.subject {
            Subject::Formal(verdict, reason) => {
                let version = self.formal_of(case).map(|row| row.version);
                (version, reason, json!({ "verdict": verdict }))
            }
            Subject::Partner(place, ruling) => {
                let row = &self.partners[*place];
                let detail = json!({
                    "partner": row.partner_id, "verdict": ruling.verdict,
                    "fundable": ruling.fundable, "rule": ruling.rule,
                });
                (Some(row.version), &ruling.reason, detail)
            }
        })
    }

    pub(super) fn outcome(&self, standing: usize) -> Result<Option<Outcome>, Problem> {
        let id = self.standings[standing].proposal_stage;
        let formal = self.formal.iter().find(|row| row.proposal_stage_id == id);
        let formal = formal.map_or(Ok(FormalVerdict::Open), FormalRow::verdict)?;
        let partners: Vec<_> = self
            .partners
            .iter()
            .filter(|row| row.proposal_stage_id == id)
            .map(JudgedPartner::for_outcome)
            .collect::<Result<_, _>>()?;
        let changed = self.changed.get(&id).map(Vec::as_slice);
        let waived = self.waived.get(&id).map(Vec::as_slice).unwrap_or_default();
        Ok(eligibility::merge(
            formal,
            &partners,
            &self.rules,
            changed,
            waived,
        ))
    }

    /// Moves a proposal to what its verdicts make of it.
    pub(super) async fn settle(
        &self,
        tx: &mut Tx,
        permit: &Permit,
        place: usize,
    ) -> Result<(), Problem> {
        let standing = &self.standings[place];
        if standing.state == ProposalState::Ineligible {
            // Its reviews are to come again: what the other applicants have read meanwhile stays theirs.
            remember_told(tx, permit, &self.stage).await?;
        }
        let Some(outcome) = self.outcome(place)? else {
            if standing.state != ProposalState::Locked {
                PROPOSAL.apply(standing.state, ProposalEvent::Recheck)?;
                outcome::clear(tx.conn(), permit, standing).await?;
            }
            return Ok(());
        };
        let (event, state, condition) = match outcome {
            Outcome::Eligible => (ProposalEvent::FindEligible, ProposalState::Eligible, None),
            Outcome::Conditional { replace } => (
                ProposalEvent::FindConditional,
                ProposalState::Conditional,
                Some(format!(
                    "to be dropped or replaced: {}",
                    self.names(standing, &replace)
                )),
            ),
            Outcome::Ineligible { reason } => (
                ProposalEvent::FindIneligible,
                ProposalState::Ineligible,
                Some(reason),
            ),
        };
        // A revision that leaves the state may still change what the condition says.
        let next = if standing.state == state {
            state
        } else {
            PROPOSAL.apply(standing.state, event)?
        };
        let condition = condition.as_deref();
        Ok(outcome::set(tx.conn(), permit, standing, next, condition).await?)
    }

    fn names(&self, standing: &Standing, partners: &[Uuid]) -> String {
        let names: Vec<&str> = self
            .partners
            .iter()
            .filter(|row| row.proposal_stage_id == standing.proposal_stage)
            .filter(|row| partners.contains(&row.partner_id))
            .map(|row| row.organisation.as_str())
            .collect();
        names.join(", ")
    }
}

/// Goes from the verdict on record to the new one; a given one is taken back first.
fn step(before: PartnerVerdict, verdict: PartnerVerdict) -> Result<PartnerVerdict, Problem> {
    let open = if before.given() {
        ELIGIBILITY.apply(before, EligibilityEvent::Revise)?
    } else {
        before
    };
    let event = match verdict {
        PartnerVerdict::Eligible => EligibilityEvent::FindEligible,
        PartnerVerdict::EligibleWithConditions => EligibilityEvent::FindWithConditions,
        PartnerVerdict::Ineligible => EligibilityEvent::FindIneligible,
        PartnerVerdict::Asked => EligibilityEvent::Query,
        PartnerVerdict::Open => EligibilityEvent::Revise,
    };
    Ok(ELIGIBILITY.apply(open, event)?)
}
