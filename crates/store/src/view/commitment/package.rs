//! The Commission's package on a call, as those see it who may take it out: whole, or not at all.

use std::collections::HashMap;

use ::call::Framework;
use ::intake::ProposalState;
use uuid::Uuid;

use super::{CommitmentView, SelectionView, commitments, selection};
use crate::call::CallRow;
use crate::commitment::balance::{Funder, funders};
use crate::commitment::package::{PackedProposal, PackedRanking, forms, proposals, rankings};
use crate::commitment::selection::SelectionRow;
use crate::commitment::signed;
use crate::document::DocumentRow;
use crate::review::conformity::{self, ConformityRow};
use crate::{Conn, StoreError};

/// All that goes into the package.
#[derive(Debug, Clone)]
pub struct Package {
    /// Code and title of the call.
    pub call: (String, String),
    /// Whether nothing of it is real.
    pub rehearsal: bool,
    /// The framework programme.
    pub framework: Framework,
    /// Every version of the ranking lists.
    pub rankings: Vec<PackedRanking>,
    /// The independent observer's reports that are filed, with the number of the stage each is on.
    pub conformity: Vec<(i32, ConformityRow)>,
    /// The final selection.
    pub selection: SelectionView,
    /// The funders, also those that left.
    pub funders: Vec<Funder>,
    /// What they commit, by their parts in the call.
    pub commitments: HashMap<Uuid, CommitmentView>,
    /// The signed documents of what they commit on availability of funds, by the funders' keys.
    pub signed: Vec<(String, Vec<u8>)>,
    /// The proposals that are told of in full: in Horizon Europe all, else those that are funded.
    pub proposals: Vec<PackedProposal>,
    /// The Commission's own forms, with their bytes.
    pub forms: Vec<(DocumentRow, Vec<u8>)>,
}

/// The package of a call with a final selection. The caller has refused whoever has a conflict of interest with a
/// proposal of the call: with something left out it would not be what the Commission asks for.
pub async fn package(
    conn: &mut Conn,
    call: &CallRow,
    of: &SelectionRow,
) -> Result<Package, StoreError> {
    let framework = call.rules()?.framework;
    let mut told = proposals(conn, call.id).await?;
    if framework == Framework::Horizon2020 {
        told.retain(|one| one.state == ProposalState::Selected);
    }
    let funders = funders(conn, call.id).await?;
    let commitments = commitments(conn, call.id).await?;
    let mut documents = Vec::new();
    for funder in &funders {
        let commitment = commitments.get(&funder.participation);
        if let Some(document) = commitment.and_then(CommitmentView::signed) {
            let content = signed::content(conn, funder.participation, &document.sha256).await?;
            documents.push((funder.key.clone(), content));
        }
    }
    Ok(Package {
        call: (call.code.clone(), call.title.clone()),
        rehearsal: call.rehearsal,
        framework,
        rankings: rankings(conn, call.id).await?,
        conformity: conformity::of_call(conn, call.id).await?,
        selection: selection(conn, of).await?,
        funders,
        commitments,
        signed: documents,
        proposals: told,
        forms: forms(conn, call.id).await?,
    })
}
