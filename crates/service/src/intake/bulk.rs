//! Many verdicts at once.

use std::collections::{BTreeSet, HashSet};

use access::{Action, Object};
use intake::{FormalVerdict, Outcome, PartnerVerdict, Ruling};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use store::call::{self as calls};
use store::outcome::Standing;
use utoipa::ToSchema;
use uuid::Uuid;

use super::bench::{Bench, Case, Subject};
use crate::{Answer, Context, Problem, Service, Tx};

/// How many verdicts are recorded at once.
const MOST: usize = 500;

/// Many verdicts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkRulings {
    /// At most 500; all are recorded, or none.
    pub rulings: Vec<BulkRuling>,
}

/// One of many verdicts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkRuling {
    /// Number or id of the proposal.
    #[schema(example = "JTC2026-001")]
    pub proposal: String,
    /// The partner, by its id in the proposal; left out, the ruling is the formal check.
    #[serde(default)]
    pub partner: Option<Uuid>,
    /// The verdict. A formal check has no fundable amount and no rule.
    pub ruling: Ruling,
}

/// What was recorded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordedRulings {
    /// Verdicts recorded; those that said what is on record already are not counted.
    pub recorded: usize,
    /// What the proposals concerned have come to.
    pub proposals: Vec<RecordedProposal>,
}

/// What a proposal has come to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordedProposal {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// The outcome; none until all verdicts are given.
    pub outcome: Option<Outcome>,
}

/// Records many first verdicts, all or none. One that is on record already is left when it says the
/// same, and refused when it does not: it is revised by itself, by somebody who has read it.
pub async fn record_rulings(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    input: BulkRulings,
) -> Result<Answer<RecordedRulings>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        // Whoever may not even read the verdicts learns nothing of which proposals there are.
        let object = Object::of_call("eligibility", stage.id, call);
        tx.permit(Action::ReadEligibility, &object).await?;
        if input.rulings.is_empty() || input.rulings.len() > MOST {
            return Err(Problem::invalid(
                "/rulings",
                "number",
                format!("{} rulings; give 1 to {MOST}", input.rulings.len()),
            ));
        }
        let stage = calls::hold_stage(tx.conn(), stage.id).await?;
        let named: BTreeSet<&str> = input.rulings.iter().map(|r| r.proposal.as_str()).collect();
        let wanted = |one: &Standing| {
            named.contains(one.number.as_str()) || named.contains(one.proposal.to_string().as_str())
        };
        let mut bench = Bench::prepare(tx, call, stage, wanted).await?;
        let mut faults = Faults::default();
        let cases = cases(&bench, &input.rulings, &mut faults);
        let mut permitted = Vec::new();
        for case in cases {
            let permit = bench.permit(tx, &case).await?;
            if let Err(problem) = bench.judgeable(case.standing) {
                faults.add(&case.pointer, "state", problem.detail);
                continue;
            }
            match bench.given(&case)? {
                Some(true) => continue,
                Some(false) => faults.add(
                    &case.pointer,
                    "verdict_given",
                    "another verdict is on record; revise it by itself, after reading it",
                ),
                None => bench.check(&case, &mut faults)?,
            }
            permitted.push((permit, case));
        }
        faults.or(())?;
        let recorded = permitted.len();
        bench.record(tx, permitted).await?;
        let proposals = (0..bench.standings.len()).map(|place| {
            let standing = &bench.standings[place];
            Ok(RecordedProposal {
                id: standing.proposal,
                number: standing.number.clone(),
                outcome: bench.outcome(place)?,
            })
        });
        Ok(RecordedRulings {
            recorded,
            proposals: proposals.collect::<Result<_, Problem>>()?,
        })
    };
    service.write(context, work).await
}

fn cases(bench: &Bench, rulings: &[BulkRuling], faults: &mut Faults) -> Vec<Case> {
    let mut seen = HashSet::new();
    let mut cases = Vec::new();
    for (at, one) in rulings.iter().enumerate() {
        let pointer = format!("/rulings/{at}");
        let place = bench.standings.iter().position(|standing| {
            standing.number == one.proposal || standing.proposal.to_string() == one.proposal
        });
        let Some(place) = place else {
            faults.add(
                format!("{pointer}/proposal"),
                "unknown_proposal",
                format!("'{}' was not submitted in this stage", one.proposal),
            );
            continue;
        };
        if !seen.insert((place, one.partner)) {
            faults.add(
                &pointer,
                "repeated",
                "an earlier ruling judges the same; give each verdict once",
            );
            continue;
        }
        let standing = &bench.standings[place];
        let subject = match one.partner {
            None => formal_subject(&pointer, &one.ruling, faults),
            Some(partner) => {
                let row = bench.partners.iter().position(|row| {
                    row.proposal_stage_id == standing.proposal_stage && row.partner_id == partner
                });
                if row.is_none() {
                    faults.add(
                        format!("{pointer}/partner"),
                        "unknown_partner",
                        format!("{} has no partner {partner}", standing.number),
                    );
                }
                row.map(|row| Subject::Partner(row, one.ruling.clone()))
            }
        };
        if let Some(subject) = subject {
            cases.push(Case {
                pointer: format!("{pointer}/ruling"),
                standing: place,
                subject,
            });
        }
    }
    cases
}

fn formal_subject(pointer: &str, ruling: &Ruling, faults: &mut Faults) -> Option<Subject> {
    let verdict = match ruling.verdict {
        PartnerVerdict::Eligible => FormalVerdict::Eligible,
        PartnerVerdict::Ineligible => FormalVerdict::Ineligible,
        PartnerVerdict::Open | PartnerVerdict::Asked => FormalVerdict::Open,
        PartnerVerdict::EligibleWithConditions => {
            faults.add(
                format!("{pointer}/ruling/verdict"),
                "verdict_missing",
                "a formal check has no conditions; give eligible or ineligible",
            );
            return None;
        }
    };
    for (given, field) in [
        (ruling.fundable.is_some(), "fundable"),
        (!ruling.rule.trim().is_empty(), "rule"),
    ] {
        faults.require(
            !given,
            format!("{pointer}/ruling/{field}"),
            "not_expected",
            "a formal check has none; leave it out, or name the partner",
        );
    }
    Some(Subject::Formal(verdict, ruling.reason.clone()))
}
