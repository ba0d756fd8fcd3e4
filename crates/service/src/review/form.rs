//! A review written away from the network: its form out, and the filled-in one back into the draft.

use ::review::form::{self, Form, SHEETS};
use access::Action;
use bytes::Bytes;
use call::EvaluationRules;
use kernel::{Code, Sheet};
use sha2::{Digest, Sha256};
use store::review::review as rows;
use store::view::review::review::{ReviewInside, ReviewView};
use tables::{Asked, Limits, Page, read_workbook, write_form};
use uuid::Uuid;

use super::evaluation;
use super::review::{Opened, begun, lock, open, save, shown, takes_part};
use crate::call::{DocumentFile, SentFile};
use crate::intake::XLSX;
use crate::{Answer, Context, Problem, Service, Tx};

/// How much a filled-in form may hold: it can be made to unpack to any size.
const LIMITS: Limits = Limits {
    unpacked: 20 * 1024 * 1024,
    parts: 200,
    rows: 1000,
    columns: 26,
};

/// What the form of a review is made of.
struct Basis {
    call: String,
    rules: EvaluationRules,
    id: Uuid,
    view: ReviewView,
    inside: ReviewInside,
}

impl Basis {
    /// Of the review as its author sees it: nothing of anybody else's gets into the form.
    fn of(opened: &Opened, mut view: ReviewView) -> Result<Basis, Problem> {
        let inside = view.inside.take();
        Ok(Basis {
            call: opened.call.code.clone(),
            rules: evaluation(&opened.call, opened.stage.number)?,
            id: opened.row.id,
            inside: inside.ok_or_else(Problem::not_found)?,
            view,
        })
    }

    fn form(&self) -> Form<'_> {
        Form {
            rules: &self.rules,
            review: self.id,
            version: self.inside.version,
            call: &self.call,
            stage: self.view.stage,
            proposal: &self.view.number,
            marks: &self.view.scores,
            remark: &self.inside.remark,
        }
    }

    fn pages(&self) -> Vec<Page> {
        let last = u32::try_from(self.rules.criteria.len()).unwrap_or(u32::MAX);
        let page = |sheet: Sheet| {
            let (widths, hidden): (&[u16], &[u32]) = match sheet.name.as_str() {
                "scores" => (&[16, 28, 40, 8, 10, 11, 8, 80], &[]),
                "form" => (&[12, 40], &form::HIDDEN_ROWS),
                _ => (&[110], &[]),
            };
            let asked = (sheet.name == "scores" && last > 0).then(|| Asked {
                column: form::SCORE_COLUMN,
                rows: (1, last),
                between: (0.0, f64::from(self.rules.scale_max.0) / 100.0),
                told: format!("Give {}.", form::scale(&self.rules)),
            });
            Page {
                widths: widths.to_vec(),
                hidden: hidden.to_vec(),
                asked: asked.into_iter().collect(),
                sheet,
            }
        };
        self.form().sheets().into_iter().map(page).collect()
    }
}

/// The form of the own review, with what is saved so far. The file is called by the proposal's number and names nobody.
pub async fn read_review_form(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<DocumentFile>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::find(tx.conn(), id).await?;
        let opened = open(tx, row).await?;
        tx.permit(Action::ReadReviewForm, &opened.object).await?;
        let view = shown(tx, &opened).await?;
        Basis::of(&opened, view)
    };
    let basis = service.look(context, work).await?;
    let name = format!(
        "{}-stage-{}-review.xlsx",
        basis.view.number, basis.view.stage
    );
    let pages = basis.pages();
    let runtime = service.db().runtime();
    let written = runtime.spawn_blocking(move || write_form(&pages)).await;
    let content = written
        .map_err(Problem::internal)?
        .map_err(Problem::internal)?;
    let file = DocumentFile {
        name,
        content_type: XLSX.to_owned(),
        sha256: hex::encode(Sha256::digest(&content)),
        content: Bytes::from(content),
    };
    Ok(Answer {
        etag: file.sha256.clone(),
        value: file,
        dry_run: false,
    })
}

/// Saves what a filled-in form says as the draft of the own review, all or nothing, as
/// [`write_review`](super::review::write_review) does.
pub async fn fill_review_form(
    service: &Service,
    context: Context,
    id: Uuid,
    file: SentFile,
) -> Result<Answer<ReviewView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let opened = lock(tx, id).await?;
        let permit = tx.permit(Action::WriteReview, &opened.object).await?;
        let current = shown(tx, &opened).await?;
        tx.precondition(&current)?;
        let state = begun(&opened)?;
        takes_part(tx, &opened).await?;
        let kind = file.content_type.split(';').next().unwrap_or_default();
        if kind.trim() != XLSX {
            return Err(Problem::new(
                Code::UnsupportedMediaType,
                format!("Send the filled-in form as {XLSX}."),
            ));
        }
        let content = file.content;
        let unpack = move || read_workbook(&content, &SHEETS, LIMITS);
        let sheets = tokio::task::spawn_blocking(unpack)
            .await
            .map_err(Problem::internal)?
            .map_err(|why| Problem::invalid("", "workbook_unreadable", why.to_string()))?;
        let basis = Basis::of(&opened, current)?;
        let filled = form::read(&sheets, &basis.form())?;
        save(tx, &permit, &opened, state, &filled.marks, &filled.remark).await
    };
    service.write(context, work).await
}
