//! The letters that tell what an amendment changed, once those of the stage are out.

use commitment::SelectionState;
use intake::ProposalState;
use store::commitment::amendment::{self, AmendmentLetterRow};

use super::super::decision::lock;
use super::*;

/// Tells the coordinators of the proposals that an amendment funds and that were told otherwise, and of those that were
/// told so and lost it, since a funder defaulted or ethics experts refused it. Before the letters of
/// the stage are out there is nothing to tell by itself: they say what is in force then.
pub async fn tell_amendment(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<Letters>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (call, stage, row) = lock(tx, id).await?;
        let permit = tx.permit(Action::ReleaseLetters, &row.object()).await?;
        if row.amends.is_none() || row.state()? != SelectionState::Final {
            return Err(Problem::state(
                "Letters tell of an amendment once it is final, and as long as no other took its place.",
            ));
        }
        if stage.state()? != StageState::Communicated {
            return Err(Problem::state(
                "The letters of the stage are not out yet; they tell what this amendment decided.",
            ));
        }
        let standings = outcome::standings(tx.conn(), stage.id).await?;
        let news = |one: &LetterData| -> Option<LetterOutcome> {
            let own = |standing: &&outcome::Standing| standing.proposal_stage == one.proposal_stage;
            let standing = standings.iter().find(own)?;
            match (standing.released?, standing.state) {
                (ProposalState::Selected, ProposalState::Reserve) => Some(LetterOutcome::Reserve),
                (ProposalState::Selected | ProposalState::Reserve, ProposalState::NotFunded)
                    if one.refused_by_ethics =>
                {
                    Some(LetterOutcome::NotFunded)
                }
                (ProposalState::Selected, _) => None,
                (_, ProposalState::Selected) => Some(LetterOutcome::Selected),
                _ => None,
            }
        };
        let data = rows::data(tx.conn(), stage.id).await?;
        let form = Form::new(tx, call.clone(), stage.clone()).await?;
        is_done(tx, &stage, &form.evaluation, Before::Results).await?;
        let (mut letters, mut mails) = (Vec::new(), Vec::new());
        for one in &data {
            let Some(told) = news(one) else { continue };
            letters.push(AmendmentLetterRow {
                selection_id: id,
                proposal_stage_id: one.proposal_stage,
                call_id: call.id,
                outcome: told.to_string(),
                body: form.body(one, told)?,
            });
            let context = form.mail(&tx.service, one, told)?;
            mails.push(crate::mail::letter(
                &tx.service,
                Some(&call),
                &one.email,
                "stage_outcome",
                context,
            ));
        }
        if letters.is_empty() {
            return Err(Problem::state(
                "All coordinators know already what it decided.",
            ));
        }
        amendment::tell(tx.conn(), &permit, id, &letters).await?;
        let told: Vec<Uuid> = letters.iter().map(|one| one.proposal_stage_id).collect();
        ethics::tell(tx.conn(), &permit, &told).await?;
        outbox::queue(tx.conn(), &mails).await?;
        let detail = json!({ "selection": id, "letters": letters.len() });
        tx.audit(&permit, None, None, detail).await?;
        let letters = view::of_stage(tx.conn(), stage.id).await?;
        open(tx, call.id, letters).await
    };
    service.write(context, work).await
}
