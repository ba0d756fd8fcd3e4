//! Files of proposals: named in a draft, handed out, looked at by the doctor, and removed when nobody names them.

use std::collections::HashSet;

use access::{Action, Permit};
use chrono::TimeDelta;
use intake::{Annex, Content};
use kernel::{Faults, token};
use store::call as calls;
use store::doctor::{Broken, SHOWN};
use store::intake as rows;
use store::view::intake::{FileView, readable_file};
use store::{Conn, db};
use uuid::Uuid;

use super::{object_to_read, viewer};
use crate::ports::{self, FileStream};
use crate::{Context, Problem, Service, Tx};

/// Days after which what nobody names is removed.
const KEPT_DAYS: i32 = 7;

/// A file of a proposal with its bytes.
pub struct ProposalFile {
    /// What is known of it.
    pub file: FileView,
    /// The bytes.
    pub bytes: FileStream,
}

/// Hands a file out to whoever may read a version of the proposal that names it.
pub async fn read_file(
    service: &Service,
    context: Context,
    id: Uuid,
    sha256: String,
) -> Result<ProposalFile, Problem> {
    let work = async move |tx: &mut Tx| {
        let proposal = rows::find(tx.conn(), id).await?;
        let object = object_to_read(tx, &proposal).await?;
        tx.permit(Action::ReadProposal, &object).await?;
        let call = calls::find(tx.conn(), proposal.call_id).await?;
        let viewer = viewer(tx, call.id).await?;
        let found = readable_file(tx.conn(), &viewer, call.id, id, &sha256).await?;
        Ok(FileView::from(found.ok_or_else(Problem::not_found)?))
    };
    let file = service.read(context, work).await?.value;
    let bytes = service.files().store.get(&file.sha256).await?;
    let bytes = bytes.ok_or_else(|| Problem::internal("a file's bytes are gone"))?;
    Ok(ProposalFile { file, bytes })
}

/// Fills in what is known of the files that a draft newly names. Each must have been uploaded to the proposal.
pub(super) async fn fill_in(
    tx: &mut Tx,
    permit: &Permit,
    proposal: Uuid,
    before: &Content,
    after: &mut Content,
) -> Result<(), Problem> {
    let new = |key: &String, annex: &Annex| before.annexes.get(key) != Some(annex);
    let mut named: Vec<(&String, &mut Annex)> = after.annexes.iter_mut().collect();
    named.retain(|(key, annex)| new(key, annex));
    if named.is_empty() {
        return Ok(());
    }
    let hashes: Vec<&str> = named.iter().map(|(_, annex)| annex.file.as_str()).collect();
    let known = rows::name_files(tx.conn(), permit, proposal, &hashes).await?;
    let mut faults = Faults::default();
    for (key, annex) in named {
        match known.iter().find(|file| file.sha256 == annex.file) {
            Some(file) => {
                *annex = Annex {
                    file: file.sha256.clone(),
                    name: file.name.clone(),
                    bytes: u64::try_from(file.bytes).map_err(Problem::internal)?,
                    pages: file.pages.and_then(|pages| u32::try_from(pages).ok()),
                    media_type: file.media_type.clone(),
                }
            }
            None => faults.add(
                format!("/annexes/{}/file", token(key)),
                "file_unknown",
                "no file with this SHA-256 was uploaded to this proposal; upload it, then name it",
            ),
        }
    }
    Ok(faults.or(())?)
}

/// Looks at every file that a submission names: whether it is there, and is what was submitted. Answers how
/// many there are, and what is wrong.
pub async fn examine_files(service: &Service) -> Result<(usize, Option<Broken>), Problem> {
    let parts = service.clone();
    let hashes = service
        .on_database_runtime(async move {
            let mut conn = parts.db().connection().await?;
            Ok(rows::submitted_files(&mut conn).await?)
        })
        .await?;
    let mut wrong = Vec::new();
    for hash in &hashes {
        let found = match service.files().store.get(hash).await? {
            Some(bytes) => ports::sha256(bytes).await?,
            None => String::new(),
        };
        if found != *hash {
            wrong.push(hash.clone());
        }
    }
    let broken = (!wrong.is_empty()).then(|| Broken {
        name: "submitted_files_are_kept",
        says: "every file that a submission names is kept, with the bytes that were uploaded",
        count: wrong.len() as i64,
        ids: wrong.iter().take(SHOWN).cloned().collect(),
    });
    Ok((hashes.len(), broken))
}

/// Removes uploads that were not finished and files that nothing names, some days after; answers how many.
pub async fn sweep_files(service: &Service) -> Result<usize, Problem> {
    let parts = service.clone();
    service
        .on_database_runtime(async move {
            let mut conn = parts.db().connection().await?;
            let forgotten = rows::forget_old(&mut conn, KEPT_DAYS).await?;
            let abandoned = sweep_parts(&parts, &mut conn).await?;
            Ok(forgotten + abandoned + sweep_bytes(&parts, &mut conn).await?)
        })
        .await
}

/// A part is made after its upload's row, so one that is older than the look at the rows has it or never will.
async fn sweep_parts(service: &Service, conn: &mut Conn) -> Result<usize, Problem> {
    let parts = &service.files().parts;
    let there = parts.list().await?;
    let known = rows::uploads_among(conn, &there).await?;
    let known: HashSet<Uuid> = known.into_iter().collect();
    let mut count = 0;
    for part in there.iter().filter(|part| !known.contains(*part)) {
        parts.discard(*part).await?;
        count += 1;
    }
    Ok(count)
}

/// Whoever keeps the same bytes at this moment holds their lock, and is seen by the second look.
async fn sweep_bytes(service: &Service, conn: &mut Conn) -> Result<usize, Problem> {
    let store = &service.files().store;
    let old = db::clock(conn).await? - TimeDelta::days(i64::from(KEPT_DAYS));
    let mut count = 0;
    for kept in store.list().await?.iter().filter(|kept| kept.since < old) {
        if rows::is_known(conn, &kept.sha256).await? {
            continue;
        }
        db::begin(conn).await?;
        rows::lock_bytes(conn, &kept.sha256).await?;
        if !rows::is_known(conn, &kept.sha256).await? {
            store.delete(&kept.sha256).await?;
            count += 1;
        }
        db::commit(conn).await?;
    }
    Ok(count)
}
