use access::{Action, Object, Permit};
use intake::{Content, PROPOSAL, ProposalEvent, ProposalState, check, submission};
use kernel::{Code, Fault, Faults, token};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::call::{self as calls};
use store::intake::{self as rows, Beginning, ProposalRow};
use store::view::intake::ProposalView;
use utoipa::ToSchema;
use uuid::Uuid;

use super::file::fill_in;
use super::{Held, hold, in_time, membership, merge, proposal_view};
use crate::{Answer, Context, Problem, Service, Tx};

/// The largest content of a draft in bytes of JSON. Patches add up, so the limit of one request is not
/// enough; the longest texts of a full proposal take a tenth of it.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// A new proposal.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProposal {
    /// What it says at first; everything may be missing.
    #[serde(default)]
    pub content: Content,
}

/// Starts a proposal in the call's first stage; whoever does becomes its coordinator.
pub async fn draft_proposal(
    service: &Service,
    context: Context,
    call: Uuid,
    input: NewProposal,
) -> Result<Answer<ProposalView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), call).await?;
        if !access::sees(&tx.context.actor, &call.object()) {
            return Err(Problem::not_found());
        }
        let stage = calls::stage(tx.conn(), call.id, 1).await?;
        let stage = calls::hold_stage(tx.conn(), stage.id).await?;
        let id = kernel::id::new();
        let permit = tx
            .permit(
                Action::DraftProposal,
                &Object::of_call("proposal", id, call.id),
            )
            .await?;
        let coordinator = permit.account().ok_or_else(Problem::not_found)?;
        if rows::account(tx.conn(), coordinator).await?.is_none() {
            return Err(Problem::new(
                Code::Forbidden,
                "Confirm your e-mail address first: open the link that was sent to it.",
            ));
        }
        let arrived = tx.arrived_at(stage.deadline()?.at).await?;
        in_time(&call, &stage, None, arrived)?;
        no_files_yet(&input.content)?;
        let content = checked(&input.content)?;
        let number = rows::next_numbers(tx.conn(), &permit, call.id, 1).await?;
        let proposal = ProposalRow {
            id,
            call_id: call.id,
            number: format!("{}-{number:03}", call.code),
            coordinator_id: coordinator,
        };
        rows::insert(tx.conn(), &permit, &proposal).await?;
        let beginning = Beginning {
            proposal: id,
            content,
            saved_by: coordinator,
        };
        rows::begin(tx.conn(), &permit, stage.id, &[beginning]).await?;
        let detail = json!({ "number": proposal.number });
        tx.audit(&permit, Some(1), None, detail).await?;
        proposal_view(tx, &call, id).await
    };
    service.write(context, work).await
}

/// A proposal that is only begun has no files that it could name.
fn no_files_yet(content: &Content) -> Result<(), Problem> {
    let mut faults = Faults::default();
    for key in content.annexes.keys() {
        faults.add(
            format!("/content/annexes/{}", token(key)),
            "file_unknown",
            "files are uploaded to a proposal that is there; begin it without, upload the file, then name it",
        );
    }
    Ok(faults.or(())?)
}

/// The content as it is stored, or what even a draft may not hold.
fn checked(content: &Content) -> Result<Value, Problem> {
    let mut faults = check::draft(content);
    let length = submission::canonical(content).len();
    faults.require(
        length <= MOST_BYTES,
        "",
        "content_too_large",
        format!("the whole content has {length} bytes; at most {MOST_BYTES} are kept: shorten it"),
    );
    faults.or(())?;
    serde_json::to_value(content).map_err(Problem::internal)
}

/// Changes the draft of the current stage by a JSON merge patch (RFC 7396): what it names is replaced,
/// `null` takes a field out, lists are replaced whole. A submitted version stays what it was.
pub async fn edit_proposal(
    service: &Service,
    context: Context,
    id: Uuid,
    patch: Value,
) -> Result<Answer<ProposalView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = hold(tx, id).await?;
        let object = held.object(&tx.context.actor);
        let permit = tx.permit(Action::EditProposal, &object).await?;
        held.check_in_time(tx).await?;
        let current = proposal_view(tx, &held.call, id).await?;
        merge::precondition(tx, held.content.id, &current, &patch, |content| {
            Some(content.clone())
        })
        .await?;
        let (before, version) = drafted(tx, &held).await?;
        let mut after = patched(&before, &patch)?;
        fill_in(tx, &permit, id, &before, &mut after).await?;
        let state = save(tx, &permit, &held, (&before, version), &after).await?;
        Ok(current.written(after, state))
    };
    service.write(context, work).await
}

/// What the draft says, and its version.
pub(super) async fn drafted(tx: &mut Tx, held: &Held) -> Result<(Content, i32), Problem> {
    let (draft, version) = rows::draft(tx.conn(), held.content.id).await?;
    Ok((store::text::document(draft)?, version))
}

/// Saves what a draft is to say as the version after the one `before`, unless it says that already; answers where the
/// content stands then.
pub(super) async fn save(
    tx: &mut Tx,
    permit: &Permit,
    held: &Held,
    (before, version): (&Content, i32),
    after: &Content,
) -> Result<ProposalState, Problem> {
    let stored = checked(after)?;
    let Held { content, .. } = held;
    let state = content.state()?;
    let next = PROPOSAL.apply(state, ProposalEvent::Edit)?;
    if after == before {
        return Ok(state);
    }
    rows::save_draft(tx.conn(), permit, content, version, &stored).await?;
    membership::follow(tx, permit, held, before, after).await?;
    if next != state {
        rows::set_state(tx.conn(), permit, content, next, content.submitted, None).await?;
        let detail = json!({ "state": next, "submitted": content.submitted });
        tx.audit(permit, Some(content.version + 1), None, detail)
            .await?;
    }
    Ok(next)
}

/// A document with a merge patch put into it.
pub(super) fn patched<T: Serialize + DeserializeOwned>(
    before: &T,
    patch: &Value,
) -> Result<T, Problem> {
    // Else serde would read a list as the fields in their order.
    if !patch.is_object() {
        let detail = "a merge patch is an object";
        return Err(misshapen(String::new(), detail.to_owned()));
    }
    let mut document = serde_json::to_value(before).map_err(Problem::internal)?;
    json_patch::merge(&mut document, patch);
    serde_path_to_error::deserialize(&document)
        .map_err(|error| misshapen(pointer(error.path()), error.inner().to_string()))
}

fn misshapen(pointer: String, detail: String) -> Problem {
    Problem {
        errors: vec![Fault::new(pointer, "shape", detail.clone())],
        ..Problem::new(
            Code::MalformedBody,
            format!("With this patch the content could not be read: {detail}. Nothing was saved."),
        )
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}
