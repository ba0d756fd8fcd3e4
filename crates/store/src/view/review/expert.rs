//! Experts.

use std::collections::BTreeMap;

use ::review::{Affiliation, ExpertRole, ExpertState, Gender, ReviewState};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Depth, Sight};
use crate::call::current_stage;
use crate::review::expert::ExpertRow;
use crate::review::{conflict as conflicts, ethics, expert as rows, review as reviews};
use crate::schema::call;
use crate::{Conn, StoreError, text};

/// An expert of a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExpertView {
    /// The expert's id in this call.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Where the expert works.
    pub organisation: String,
    /// Institute or department.
    pub department: String,
    /// ISO 3166-1 code of the country.
    pub country: Option<String>,
    /// Fields of expertise.
    pub keywords: Vec<String>,
    /// Modules of the call, by their keys.
    pub modules: Vec<String>,
    /// Languages, by their two letters of ISO 639-1.
    pub languages: Vec<String>,
    /// What the expert works on.
    pub statement: String,
    /// What the expert does in the evaluation.
    pub role: ExpertRole,
    /// Where the expert stands.
    pub state: ExpertState,
    /// The most proposals at one stage; left out for the committee and the members of the panel, as of who drops out it
    /// tells how many are handed in.
    pub max_load: Option<i32>,
    /// The most at single stages for which another number is said, by the number of the stage; left out as `max_load` is.
    pub stage_loads: Option<BTreeMap<String, i32>>,
    /// How to reach the expert, for the secretariat.
    pub contact: Option<ExpertContact>,
}

/// What only the secretariat needs of an expert.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExpertContact {
    /// E-mail address.
    pub email: String,
    /// ORCID iD.
    pub orcid: Option<String>,
    /// ROR id of the organisation.
    pub ror: Option<String>,
    /// For the balance of the panel alone.
    pub gender: Option<Gender>,
    /// Other and former places of work.
    pub affiliations: Vec<Affiliation>,
    /// Why the invitation was declined.
    pub declined_because: Option<String>,
    /// When conflicts of interest were declared last.
    pub declared_at: Option<DateTime<Utc>>,
    /// The stages for which they were declared: each opens with its own declaration.
    pub declared_stages: Vec<i32>,
}

/// An expert as `sight` shows one.
pub fn expert(row: &ExpertRow, sight: &Sight) -> Result<ExpertView, StoreError> {
    let contact = match sight.depth >= Depth::Office {
        true => Some(contact(row)?),
        false => None,
    };
    let loads = match sight.depth >= Depth::Everything {
        true => Some(row.loads()?),
        false => None,
    };
    Ok(ExpertView {
        id: row.id,
        name: row.name.clone(),
        organisation: row.organisation.clone(),
        department: row.department.clone(),
        country: row.country.clone(),
        keywords: row.keywords.clone(),
        modules: row.modules.clone(),
        languages: row.languages.clone(),
        statement: row.statement.clone(),
        role: row.role()?,
        state: row.state()?,
        max_load: loads.as_ref().map(|loads| loads.max_load),
        stage_loads: loads.map(|loads| loads.stage_loads),
        contact,
    })
}

fn contact(row: &ExpertRow) -> Result<ExpertContact, StoreError> {
    Ok(ExpertContact {
        email: row.email.clone(),
        orcid: row.orcid.clone(),
        ror: row.ror.clone(),
        gender: row.gender()?,
        affiliations: row.affiliations()?,
        declined_because: row.declined_because.clone(),
        declared_at: row.declared_at,
        declared_stages: row.declared_stages.clone(),
    })
}

/// The experts of a call.
pub async fn experts(
    conn: &mut Conn,
    call: Uuid,
    sight: &Sight,
) -> Result<Vec<ExpertView>, StoreError> {
    let rows = rows::of_call(conn, call).await?;
    rows.iter().map(|row| expert(row, sight)).collect()
}

/// What somebody is as an expert of a call, and what waits for them there.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeskView {
    /// The expert's id in this call.
    pub expert: Uuid,
    /// The call.
    pub call: Uuid,
    /// The call's code.
    pub code: String,
    /// The call's title.
    pub title: String,
    /// What the expert does in the evaluation.
    pub role: ExpertRole,
    /// Where the expert stands.
    pub state: ExpertState,
    /// The most proposals at one stage.
    pub max_load: i32,
    /// The most at single stages for which another number is said, by the number of the stage.
    pub stage_loads: BTreeMap<String, i32>,
    /// What waits.
    pub tasks: Vec<DeskTask>,
}

/// Something that waits for an expert.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum DeskTask {
    /// Accept or decline the invitation.
    AnswerInvitation,
    /// Declare conflicts of interest.
    DeclareConflicts,
    /// Write and submit reviews.
    WriteReviews {
        /// How many are still to be submitted.
        open: usize,
    },
    /// Look at the ethics of proposals and say what was found.
    AssessEthics {
        /// How many wait for an outcome.
        open: usize,
    },
}

/// Everything an account is as an expert. Whoever was not yet invited learns nothing here.
pub async fn desks(conn: &mut Conn, account: Uuid) -> Result<Vec<DeskView>, StoreError> {
    let mut desks = Vec::new();
    for row in rows::desks(conn, account).await? {
        let state = row.state()?;
        if matches!(state, ExpertState::Nominated | ExpertState::Approved) {
            continue;
        }
        let (code, title): (String, String) = call::table
            .find(row.call_id)
            .select((call::code, call::title))
            .first(conn)
            .await?;
        let loads = row.loads()?;
        desks.push(DeskView {
            expert: row.id,
            call: row.call_id,
            code,
            title,
            role: row.role()?,
            state,
            max_load: loads.max_load,
            stage_loads: loads.stage_loads,
            tasks: tasks(conn, &row, state).await?,
        });
    }
    Ok(desks)
}

async fn tasks(
    conn: &mut Conn,
    row: &ExpertRow,
    state: ExpertState,
) -> Result<Vec<DeskTask>, StoreError> {
    if state == ExpertState::Invited {
        return Ok(vec![DeskTask::AnswerInvitation]);
    }
    if state != ExpertState::Contracted {
        return Ok(Vec::new());
    }
    let stage = current_stage(conn, row.call_id).await?;
    if stage.is_some_and(|stage| !row.declared_stages.contains(&stage.number)) {
        return Ok(vec![DeskTask::DeclareConflicts]);
    }
    use ReviewState::{Accepted, Draft, Invited, Returned};
    let mut open = 0;
    for review in reviews::of_experts(conn, &[row.id]).await? {
        let state: ReviewState = text::name(&review.state)?;
        open += usize::from(matches!(state, Invited | Accepted | Draft | Returned));
    }
    let mut tasks = Vec::new();
    if open > 0 {
        tasks.push(DeskTask::WriteReviews { open });
    }
    let open = ethics_to_assess(conn, row).await?;
    if open > 0 {
        tasks.push(DeskTask::AssessEthics { open });
    }
    Ok(tasks)
}

async fn ethics_to_assess(conn: &mut Conn, row: &ExpertRow) -> Result<usize, StoreError> {
    let Some(account) = row.account_id else {
        return Ok(0);
    };
    let walled = conflicts::walled(conn, Some(account), row.call_id).await?;
    let named = ethics::at_work(conn, account, row.call_id).await?;
    Ok(named.difference(&walled).count())
}
