use ::review::ExpertState;
use kernel::{Amount, MoneyFault};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::commitment::classification::served;
use crate::commitment::selection::in_force;
use crate::review::{expert as experts, panel as sitting};
use crate::view::call::MappedItem;
use crate::{Conn, StoreError};

/// The funded projects of a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FundedProjects {
    /// By number.
    pub items: Vec<FundedProject>,
    /// What all projects get together, EU money included.
    pub total: Amount,
    /// Who sat on the panel, by name, once the letters are out and where the call publishes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub panel: Option<Vec<PanelExpert>>,
}

/// Somebody who sat on the panel, whoever reviewed what.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PanelExpert {
    /// Name.
    pub name: String,
    /// Where the expert works; empty for who sat there by a role alone.
    pub organisation: String,
}

/// A funded project.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FundedProject {
    /// The proposal's number in the call.
    pub number: String,
    /// Acronym.
    pub acronym: String,
    /// Title.
    pub title: String,
    /// Countries of the partners, ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
    /// What the project gets of all funders together, EU money included.
    pub amount: Amount,
    /// What of it each funder pays, told apart by whose money it is; shown to the steering committee, the secretariat and the observer.
    pub awards: Option<Vec<Award>>,
    /// The action items it serves, as the secretariat classified it; none until then.
    pub action_items: Vec<MappedItem>,
}

/// What a funder pays for one project.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Award {
    /// The funder's key.
    pub organisation: String,
    /// What the project's partners get of it.
    pub requested: Amount,
    /// What of that is EU money.
    pub eu: Amount,
    /// What of that is the funder's national money.
    pub national: Amount,
}

/// What the final selection of a call funds, also while it is being amended; nothing where none is final. With `told` only what letters
/// have told; `insider` sees the money by funder.
pub async fn funded(
    conn: &mut Conn,
    call: Uuid,
    told: bool,
    insider: bool,
) -> Result<Option<FundedProjects>, StoreError> {
    // The latest one may be an amendment under way: what it is to replace funds the projects until it is final.
    if in_force(conn, call).await?.is_none() {
        return Ok(None);
    }
    let too_large = |fault: MoneyFault| StoreError::Refused(fault.to_string());
    let served = served(conn, &[call]).await?;
    let mut items = Vec::new();
    for project in crate::commitment::funded::funded(conn, &[call], told).await? {
        let own = served.iter().filter(|one| one.proposal == project.proposal);
        let action_items = own.map(|one| MappedItem {
            agenda: one.agenda.clone(),
            number: one.number.clone(),
            title: one.title.clone(),
            share: one.share,
        });
        let amounts = project.awards.values().map(|award| award.requested);
        let awards = project.awards.iter().map(|(organisation, award)| Award {
            organisation: organisation.clone(),
            requested: award.requested,
            eu: award.eu,
            national: award.national,
        });
        items.push(FundedProject {
            amount: Amount::sum(amounts).map_err(too_large)?,
            awards: insider.then(|| awards.collect()),
            action_items: action_items.collect(),
            number: project.number,
            acronym: project.acronym,
            title: project.title,
            countries: project.countries.into_iter().collect(),
        });
    }
    let total = Amount::sum(items.iter().map(|item| item.amount)).map_err(too_large)?;
    let panel = match told {
        true => panel(conn, call).await?,
        false => None,
    };
    Ok(Some(FundedProjects {
        items,
        total,
        panel,
    }))
}

/// Who sits on the panel, and who sat on it when it adopted a ranking list, whatever became of the seat since.
async fn panel(conn: &mut Conn, call: Uuid) -> Result<Option<Vec<PanelExpert>>, StoreError> {
    let rules = crate::call::find(conn, call).await?.rules()?;
    let last = rules.stages.last();
    if !last.is_some_and(|last| last.evaluation.names.panel_published) {
        return Ok(None);
    }
    let mut served = sitting::served(conn, call).await?;
    let mut found = Vec::new();
    for row in experts::of_call(conn, call).await? {
        let served = row.account_id.and_then(|account| served.remove(&account));
        let sits = row.state()? == ExpertState::Contracted && row.role()?.sits_on_panel();
        if sits || served.is_some() {
            found.push(PanelExpert {
                name: row.name,
                organisation: row.organisation,
            });
        }
    }
    // Who sat there by a role alone, without being an expert of the call.
    found.extend(served.into_values().map(|name| PanelExpert {
        name,
        organisation: String::new(),
    }));
    found.sort_by(|a, b| (&a.name, &a.organisation).cmp(&(&b.name, &b.organisation)));
    Ok(Some(found))
}
