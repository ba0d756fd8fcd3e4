//! Help for who edits a version that is not the last one any more.

use intake::{Content, Merge, ProposalState};
use kernel::Code;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::intake as rows;
use store::text;
use store::view::intake::ProposalView;
use uuid::Uuid;

use super::draft::patched;
use crate::{Problem, Tx};

/// How many saved versions are looked through for the one that an edit was made from, and how many are read
/// at once.
const VERSIONS: usize = 60;
const AT_ONCE: usize = 6;

/// As [`Tx::precondition`] for an edit; who comes with a stale version is told what helps to put the change
/// into the last one. `part` takes out of a content what the patch is for.
pub(super) async fn precondition<T: Serialize + DeserializeOwned>(
    tx: &mut Tx,
    row: Uuid,
    current: &ProposalView,
    patch: &Value,
    part: impl Fn(&Content) -> Option<T>,
) -> Result<(), Problem> {
    let Err(problem) = tx.precondition(current) else {
        return Ok(());
    };
    if problem.code != Code::StaleVersion {
        return Err(problem);
    }
    let theirs = current.stages.last().and_then(|stage| part(&stage.content));
    let base = base(tx, row, current).await?.and_then(|base| part(&base));
    let merge = match theirs {
        Some(theirs) => merge(base.as_ref(), patch, &theirs)?,
        None => None,
    };
    Err(Problem {
        merge: merge.map(Box::new),
        ..problem
    })
}

/// A patch that cannot be read is not compared with anything.
fn merge<T: Serialize + DeserializeOwned>(
    base: Option<&T>,
    patch: &Value,
    theirs: &T,
) -> Result<Option<Merge>, Problem> {
    let Ok(yours) = patched(base.unwrap_or(theirs), patch) else {
        return Ok(None);
    };
    let base = base.map(text::json).transpose()?;
    let (yours, theirs) = (text::json(&yours)?, text::json(theirs)?);
    Ok(Some(Merge::new(base.as_ref(), &yours, &theirs)))
}

/// What the viewer saw when it read the version that `If-Match` names. An ETag is made of nothing but what its
/// viewer sees, so it is found again by showing the saved versions to the same viewer once more.
async fn base(tx: &mut Tx, row: Uuid, current: &ProposalView) -> Result<Option<Content>, Problem> {
    let given = tx.context.if_match.clone().unwrap_or_default();
    let given: Vec<&str> = given.split(',').map(str::trim).collect();
    let times = rows::submission_times(tx.conn(), row).await?;
    let (mut last, mut until) = (None, None);
    for _ in 0..VERSIONS / AT_ONCE {
        let limit = i64::try_from(AT_ONCE).map_err(Problem::internal)?;
        for saved in rows::saved(tx.conn(), row, last, limit).await? {
            // How many versions were submitted while this one was the last saved.
            let before = |at| times.iter().filter(|(_, time)| *time < at).count();
            // A submission is dated by its arrival, and may have waited for the saving.
            let least = before(saved.saved_at).saturating_sub(1);
            let most = until.map_or(times.len(), before);
            let content: Content = store::text::document(saved.content)?;
            let mut view = current.clone();
            if let Some(stage) = view.stages.last_mut() {
                stage.show(content);
            }
            for submitted in least..=most {
                for &state in states(submitted) {
                    if let Some(stage) = view.stages.last_mut() {
                        stage.state = state;
                        stage.submitted_version = i32::try_from(submitted).ok().filter(|n| *n > 0);
                    }
                    if given.contains(&tx.service.etag(&view)?.as_str()) {
                        return Ok(view.stages.pop().map(|stage| stage.content));
                    }
                }
            }
            (last, until) = (Some(saved.version - 1), Some(saved.saved_at));
        }
        if last.is_some_and(|last| last < 1) {
            break;
        }
    }
    Ok(None)
}

/// Where a draft that was submitted so often may stand.
fn states(submitted: usize) -> &'static [ProposalState] {
    match submitted {
        0 => &[ProposalState::Draft],
        _ => &[ProposalState::Submitted, ProposalState::EditedSince],
    }
}
