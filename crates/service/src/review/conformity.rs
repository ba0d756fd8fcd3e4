//! The independent observer's report on how a stage was evaluated: drafted, then filed for good.

use ::review::conformity::ConformityReport;
use ::review::{CONFORMITY, ConformityEvent};
use access::{Action, Object, Worn, worn};
use serde_json::json;
use store::call::{self as calls, StageRow};
use store::review::conformity::{self as rows, ConformityRow};
use store::view::review::conformity::{self as view, ConformityView};
use store::view::review::{Depth, after_panel};
use uuid::Uuid;

use crate::{Answer, Context, Problem, Service, Tx};

fn object(stage: &StageRow) -> Object {
    Object::of_call("conformity_report", stage.id, stage.call_id)
}

async fn shown(
    tx: &mut Tx,
    stage: &StageRow,
    row: Option<&ConformityRow>,
) -> Result<ConformityView, Problem> {
    let observer = worn(&tx.context.actor, &object(stage)).contains(&Worn::Observer);
    view::conformity(stage.number, row, observer)?.ok_or_else(Problem::not_found)
}

/// The report on a stage: the observer's own draft, or what was filed.
pub async fn read_conformity(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<ConformityView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        tx.permit(Action::ReadConformity, &object(&stage)).await?;
        // The report tells of the proposals: the chair of the panel, too, declares before reading it.
        let sight = super::sight_at(tx, &object(&stage), number).await?;
        let chairs = worn(&tx.context.actor, &object(&stage)).contains(&Worn::PanelChair);
        if chairs && sight.depth < Depth::Results {
            return Err(Problem::not_found());
        }
        let row = rows::find(tx.conn(), stage.id).await?;
        shown(tx, &stage, row.as_ref()).await
    };
    service.read(context, work).await
}

/// Saves a draft, from the deadline of the stage on until it is filed.
pub async fn write_conformity(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    input: ConformityReport,
) -> Result<Answer<ConformityView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let stage = calls::lock_stage(tx.conn(), stage.id).await?;
        let permit = tx.permit(Action::WriteConformity, &object(&stage)).await?;
        let before = rows::find(tx.conn(), stage.id).await?;
        let current = shown(tx, &stage, before.as_ref()).await?;
        tx.precondition(&current)?;
        if !stage.is_disclosed()? {
            return Err(Problem::state(
                "Nothing is evaluated before the deadline of the stage; write the report after it.",
            ));
        }
        if let Some(before) = &before {
            CONFORMITY.apply(before.state()?, ConformityEvent::Write)?;
        }
        input.check_draft().or(())?;
        let account = permit.account().unwrap_or_default();
        let version = before.map_or(1, |row| row.version + 1);
        let row = ConformityRow::drafted(stage.id, call, account, &input, version);
        rows::save(tx.conn(), &permit, &row).await?;
        if version == 1 {
            let detail = json!({ "stage": number });
            tx.audit(&permit, Some(version), None, detail).await?;
        }
        shown(tx, &stage, Some(&row)).await
    };
    service.write(context, work).await
}

/// Files the draft, once the panel has adopted the ranking list of the stage. Its hash goes into the audit trail, which
/// the sealer chains: nobody can change it after that unseen.
pub async fn file_conformity(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<ConformityView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let stage = calls::lock_stage(tx.conn(), stage.id).await?;
        let permit = tx.permit(Action::FileConformity, &object(&stage)).await?;
        let before = rows::find(tx.conn(), stage.id).await?;
        let current = shown(tx, &stage, before.as_ref()).await?;
        tx.precondition(&current)?;
        if !after_panel(stage.state()?) {
            return Err(Problem::state(format!(
                "The report is filed when the panel has adopted the ranking list; the stage is '{}'.",
                stage.state
            )));
        }
        let Some(row) = before else {
            return Err(Problem::state(
                "Nothing is written yet; write the report first.",
            ));
        };
        let state = CONFORMITY.apply(row.state()?, ConformityEvent::File)?;
        row.report()?.check().or(())?;
        let sha256 = rows::file(tx.conn(), &permit, &row, state).await?;
        let detail = json!({ "stage": number, "sha256": sha256 });
        tx.audit(&permit, Some(row.version + 1), None, detail)
            .await?;
        let row = rows::find(tx.conn(), stage.id).await?;
        shown(tx, &stage, row.as_ref()).await
    };
    service.write(context, work).await
}
