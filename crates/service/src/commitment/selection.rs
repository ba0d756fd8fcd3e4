use access::{Action, Object, Permit};
use call::{Rules, STAGE, StageEvent};
use commitment::{
    Before, ENGINE, FunderInput, ProposalInput, Rating, SELECTION, Selection, SelectionEvent,
    SelectionInput, SelectionState, divide,
};
use intake::ProposalState;
use kernel::{Amount, Code, Faults};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::call::StageRow;
use store::commitment::balance::{self as money, Funder, Request};
use store::commitment::defaulting;
use store::commitment::invitation::RankedEntry;
use store::commitment::selection::{self as rows, NewLine, NewSelection, Origin, SelectionRow};
use store::outcome::{self, Standing};
use store::view::commitment::{self as view, SelectionView};
use uuid::Uuid;

use super::holding::{are_signed_for, carry, seen_whole};
use super::ties::selected_by;
use super::{last_stage, lock_stage_by_id, topics};
use crate::{Answer, Context, Problem, Service, Tx};

/// Proposes a selection: walks down the ranking under the funders' commitments. One that is not final
/// gives way to it.
pub async fn propose_selection(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<SelectionView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let last = last_stage(tx, call).await?;
        let (row, stage) = lock_stage_by_id(tx, last.id).await?;
        let permit = tx.permit(Action::ProposeSelection, &row.object()).await?;
        STAGE.apply(stage.state()?, StageEvent::Decide)?;
        let funders = money::funders(tx.conn(), call).await?;
        let rules = row.rules()?;
        let input = input_of(tx, &stage, &rules, &funders).await?;
        let (input, result) = selected_by(tx, &stage, &rules, input).await?;
        let new = Proposed {
            stage: &stage,
            funders: &funders,
            input: &input,
            result: &result,
            origin: Origin::Call,
        };
        keep(tx, &permit, new).await
    };
    service.write(context, work).await
}

/// A selection that was computed, to be proposed.
pub(super) struct Proposed<'a> {
    pub(super) stage: &'a StageRow,
    pub(super) funders: &'a [Funder],
    pub(super) input: &'a SelectionInput,
    pub(super) result: &'a Selection,
    pub(super) origin: Origin,
}

/// Stores a proposed selection. One that is proposed, adopted or confirmed gives way to it at once; the one in
/// force stays so until this one is final.
pub(super) async fn keep(
    tx: &mut Tx,
    permit: &Permit,
    proposed: Proposed<'_>,
) -> Result<SelectionView, Problem> {
    let call = proposed.stage.call_id;
    // Who proposes a selection reads the whole of it.
    let object = Object::of_call("selection", call, call);
    let object = seen_whole(tx, object, proposed.input).await?;
    tx.permit(Action::ReadSelection, &object).await?;
    let before = rows::latest(tx.conn(), call).await?;
    if let Some(before) = &before
        && !matches!(
            before.state()?,
            SelectionState::Amended | SelectionState::Final
        )
    {
        let state = SELECTION.apply(before.state()?, SelectionEvent::Amend)?;
        rows::set_state(tx.conn(), permit, before, state).await?;
    }
    let Proposed { input, result, .. } = proposed;
    let lines = lines(proposed.funders, result);
    are_signed_for(proposed.funders, &lines)?;
    let new = NewSelection {
        id: kernel::id::new(),
        stage_id: proposed.stage.id,
        number: before.map_or(1, |before| before.number + 1),
        engine: ENGINE.to_owned(),
        lines,
        input: serde_json::to_value(input).map_err(Problem::internal)?,
        result: serde_json::to_value(result).map_err(Problem::internal)?,
        origin: proposed.origin,
    };
    rows::insert(tx.conn(), permit, call, &new).await?;
    let mut detail = json!({
        "selection": new.id, "number": new.number, "engine": ENGINE,
        "sha256": fingerprint(input, result).map_err(Problem::internal)?,
    });
    let mut reason = None;
    match &new.origin {
        Origin::Call => {}
        Origin::Scenario(id) => detail["scenario"] = json!(id),
        Origin::Amendment {
            amends,
            cause,
            reason: words,
        } => {
            detail["amends"] = json!(amends);
            detail["cause"] = json!(cause);
            reason = Some(words.as_str());
        }
    }
    tx.audit(permit, None, reason, detail).await?;
    refreshed(tx, new.id).await
}

/// SHA-256 over a selection's input and result: the audit row holds it, so that neither can be
/// exchanged later.
pub(crate) fn fingerprint(
    input: &SelectionInput,
    result: &Selection,
) -> Result<String, serde_json::Error> {
    let bytes = serde_json::to_vec(&(input, result))?;
    Ok(hex::encode(Sha256::digest(bytes)))
}

/// What a selection of the call is computed from now.
pub(super) async fn input_of(
    tx: &mut Tx,
    stage: &StageRow,
    rules: &Rules,
    funders: &[Funder],
) -> Result<SelectionInput, Problem> {
    let ranking = topics::ranking(tx, stage, rules).await?;
    let standings = outcome::standings(tx.conn(), stage.id).await?;
    let requests = money::requests(tx.conn(), stage.id).await?;
    let refused = store::review::ethics::refused(tx.conn(), stage.id).await?;
    let mut faults = Faults::default();
    let mut proposals = Vec::new();
    for entry in &ranking {
        let Some(standing) = standings.iter().find(|one| one.proposal == entry.proposal) else {
            continue;
        };
        let own: Vec<&Request> = requests
            .iter()
            .filter(|request| request.proposal_stage == standing.proposal_stage)
            .collect();
        let mut one = proposal(entry, standing, &own, &mut faults)?;
        if refused.contains(&standing.proposal_stage) {
            // What ethics experts refuse may not be funded, whatever the panel recommends.
            one.rating = Rating::NotRecommended;
        }
        proposals.push(one);
    }
    faults.or(())?;
    let funders = funders.iter().map(|funder| {
        let topics = divide(rules.funded_topics(), &funder.topics).into_iter();
        FunderInput {
            code: funder.key.clone(),
            commitment: funder.commitment,
            eu_eligible: funder.eu_eligible,
            topics: topics
                .map(|(topic, money)| (topic, money.indicative))
                .collect(),
        }
    });
    let mut input = SelectionInput::of_call(&rules.funding, funders.collect(), proposals)?;
    without_defaulted(tx, stage.call_id, &mut input).await?;
    Ok(input)
}

/// Leaves out what projects asked of funders that defaulted, where they go on without that money.
async fn without_defaulted(
    tx: &mut Tx,
    call: Uuid,
    input: &mut SelectionInput,
) -> Result<(), Problem> {
    for (key, default) in defaulting::going_on(tx.conn(), call).await? {
        let going_on = default.goes_on()?;
        let goes_on = |one: &&mut ProposalInput| going_on.iter().any(|it| it.proposal == one.code);
        for one in input.proposals.iter_mut().filter(goes_on) {
            one.requests.remove(&key);
        }
    }
    Ok(())
}

/// Keeps what of the call is decided by the selection in force, which stays so in whatever is computed now.
pub(super) async fn keep_decided(
    tx: &mut Tx,
    call: Uuid,
    now: &mut SelectionInput,
) -> Result<(), Problem> {
    let Some(row) = rows::in_force(tx.conn(), call).await? else {
        return Ok(());
    };
    carry(tx, &row, now).await?;
    let (input, result) = (row.input()?, row.result()?);
    let defaulted = defaulting::standing_keys(tx.conn(), call).await?;
    let before = Before {
        state: row.state()?,
        input: &input,
        result: &result,
        refused: false,
        defaulted: &defaulted,
    };
    now.kept = before.kept(now);
    Ok(())
}

/// Selects where it keeps nobody waiting.
pub(super) async fn selected(
    input: SelectionInput,
) -> Result<(SelectionInput, Selection), Problem> {
    tokio::task::spawn_blocking(move || {
        let result = commitment::select(&input)?;
        Ok::<_, Faults>((input, result))
    })
    .await
    .map_err(Problem::internal)?
    .map_err(Problem::from)
}

fn proposal(
    entry: &RankedEntry,
    standing: &Standing,
    requests: &[&Request],
    faults: &mut Faults,
) -> Result<ProposalInput, Problem> {
    let withdrawn = matches!(
        standing.state,
        ProposalState::Withdrawn | ProposalState::Excluded
    );
    let mut input = ProposalInput {
        code: entry.number.clone(),
        score: entry.total,
        topic: entry.topic.clone(),
        rating: match entry.rating {
            review::Rating::Recommended => Rating::Recommended,
            review::Rating::RecommendedIfFundsAllow => Rating::IfFundsAllow,
            review::Rating::NotRecommended => Rating::NotRecommended,
        },
        withdrawn,
        requests: Default::default(),
    };
    for request in requests {
        faults.require(
            withdrawn || request.verdict.given(),
            "/proposals",
            "eligibility_open",
            format!(
                "{}: there is no verdict on {} yet; it has to be given first",
                entry.number, request.partner
            ),
        );
        if let Some(funder) = &request.funder {
            let sum = input.requests.entry(funder.clone()).or_default();
            *sum = sum
                .checked_add(request.fundable.unwrap_or_default())
                .map_err(Problem::internal)?;
        }
    }
    Ok(input)
}

/// What each funder's part in the call is to pay; a line for those who pay anything, if only EU money.
fn lines(funders: &[Funder], result: &Selection) -> Vec<NewLine> {
    result
        .funders
        .iter()
        .filter(|one| one.requested > Amount::ZERO)
        .filter_map(|one| {
            let funder = funders.iter().find(|funder| funder.key == one.funder)?;
            Some(NewLine {
                participation: funder.participation,
                requested: one.requested,
                eu: one.eu,
                national: one.national,
            })
        })
        .collect()
}

pub(super) async fn refreshed(tx: &mut Tx, id: Uuid) -> Result<SelectionView, Problem> {
    let row = rows::find(tx.conn(), id).await?;
    Ok(view::selection(tx.conn(), &row).await?)
}

/// Whether the viewer may read a selection; to all others, and to the public, it does not exist.
pub(super) async fn readable(tx: &mut Tx, object: &Object) -> Result<(), Problem> {
    if !access::sees(&tx.context.actor, object) {
        return Err(Problem::not_found());
    }
    match tx.permit(Action::ReadSelection, object).await {
        Ok(_) => Ok(()),
        Err(problem) if problem.code == Code::NotAuthenticated => Err(Problem::not_found()),
        Err(problem) => Err(problem),
    }
}

/// The latest selection of a call.
pub async fn current_selection(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<SelectionView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row: Option<SelectionRow> = rows::latest(tx.conn(), call).await?;
        let row = row.ok_or_else(Problem::not_found)?;
        let object = seen_whole(tx, row.object(), &row.input()?).await?;
        readable(tx, &object).await?;
        Ok(view::selection(tx.conn(), &row).await?)
    };
    service.read(context, work).await
}

/// One selection.
pub async fn read_selection(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<SelectionView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::find(tx.conn(), id).await?;
        let object = seen_whole(tx, row.object(), &row.input()?).await?;
        readable(tx, &object).await?;
        Ok(view::selection(tx.conn(), &row).await?)
    };
    service.read(context, work).await
}
