//! Rapporteurs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::review::Surroundings;
use super::{Depth, Sight};
use crate::call::StageRow;
use crate::outcome::{self, Standing};
use crate::review::facts;
use crate::review::rapporteur::{self as rows, Rapporteur};
use crate::{Conn, StoreError};

/// A proposal with those who present it at the panel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RapporteurLine {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number.
    pub number: String,
    /// The rapporteurs, the leading one first. A member of the panel reads the others' names once all reviews of the
    /// proposal are released.
    pub rapporteurs: Vec<RapporteurView>,
}

/// Who presents a proposal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RapporteurView {
    /// The expert's id in the call.
    pub expert: Uuid,
    /// The expert's name.
    pub name: String,
}

/// The proposals that take part in a stage with their rapporteurs, by number.
pub async fn lines(
    conn: &mut Conn,
    stage: &StageRow,
    sight: &Sight,
) -> Result<Vec<RapporteurLine>, StoreError> {
    let around = Surroundings::of(conn, stage, None).await?;
    let mut named: BTreeMap<Uuid, Vec<Rapporteur>> = BTreeMap::new();
    for row in rows::of_stage(conn, stage.id).await? {
        named.entry(row.proposal_stage).or_default().push(row);
    }
    let mut lines = Vec::new();
    for standing in outcome::standings(conn, stage.id).await? {
        if facts::takes_part(standing.state) && sight.open(standing.proposal) {
            let of_it = named.remove(&standing.proposal_stage).unwrap_or_default();
            let ready = around.at_panel(standing.proposal);
            lines.push(line(&standing, &of_it, ready, sight));
        }
    }
    Ok(lines)
}

/// One proposal with its rapporteurs; `ready` says whether all its reviews are released.
pub fn line(
    standing: &Standing,
    named: &[Rapporteur],
    ready: bool,
    sight: &Sight,
) -> RapporteurLine {
    let deep = sight.depth >= Depth::Everything || sight.depth == Depth::Panel && ready;
    let own = |one: &Rapporteur| sight.account.is_some() && one.account == sight.account;
    let shown = named.iter().filter(|one| deep || own(one));
    RapporteurLine {
        proposal: standing.proposal,
        number: standing.number.clone(),
        rapporteurs: shown
            .map(|one| RapporteurView {
                expert: one.expert,
                name: one.name.clone(),
            })
            .collect(),
    }
}
