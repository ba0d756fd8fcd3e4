//! The proposals of a stage as files. What is larger than a few pages goes out as it is read.

use std::pin::Pin;
use std::time::Duration;

use access::Action;
use bytes::Bytes;
use call::{Rules, StageRules};
use futures::{Stream, stream};
use intake::exchange::{self, Exported};
use kernel::{Code, Sheet};
use sha2::{Digest, Sha256};
use store::call as calls;
use store::view::intake::{self as view, Depth, ListFilter, Outgoing};
use tables::{Archive, MOST_ROWS, csv_line, write_workbook};
use uuid::Uuid;

use super::duplicates::laid_open;
use super::import::XLSX;
use super::read::{may_filter, rules_of, stage_of};
use super::{typeset_proposal, viewer};
use crate::call::DocumentFile;
use crate::{Answer, Context, Problem, Service, Tx};

/// How many proposals are read at once.
const AT_ONCE: usize = 50;

/// How long somebody waits for the turn to put a workbook together.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How often a document is asked for while many are being set, and how long is waited between.
const ATTEMPTS: usize = 120;
const PAUSE: Duration = Duration::from_millis(500);

/// A file that goes out piece by piece.
pub struct Export {
    /// What it may be called where it is kept.
    pub name: String,
    /// The media type.
    pub content_type: &'static str,
    /// The bytes.
    pub pieces: Pieces,
}

/// Bytes as they come.
pub type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, Problem>> + Send>>;

/// What goes out, and who asked for it.
struct Way {
    service: Service,
    context: Context,
    call: Uuid,
    stage: i32,
    depth: Depth,
    rules: Rules,
    /// Of the files, without an ending.
    name: String,
    all: Vec<Outgoing>,
}

impl Way {
    /// Asks the policy, and finds out which proposals go out. Only whoever reads their verdicts takes them out.
    async fn begin(
        service: &Service,
        context: Context,
        call: Uuid,
        stage: i32,
        filter: ListFilter,
    ) -> Result<Way, Problem> {
        // A long way out must not keep a stage from closing.
        let context = Context {
            arrival: None,
            ..context
        };
        let work = async move |tx: &mut Tx| {
            let call = calls::find(tx.conn(), call).await?;
            let row = calls::stage(tx.conn(), call.id, stage).await?;
            tx.permit(Action::ExportProposals, &stage_of(&call, &row))
                .await?;
            laid_open(&row)?;
            may_filter(tx, call.id, &filter).await?;
            let viewer = viewer(tx, call.id).await?;
            let filter = ListFilter {
                stage: Some(stage),
                ..filter
            };
            Ok(Way {
                all: view::outgoing(tx.conn(), &viewer, call.id, &filter).await?,
                service: tx.service.clone(),
                context: tx.context.clone(),
                call: call.id,
                stage,
                depth: viewer.depth,
                rules: call.rules()?,
                name: format!("{}-stage-{stage}", call.code),
            })
        };
        service.look(context, work).await
    }

    fn stage_rules(&self) -> Result<&StageRules, Problem> {
        rules_of(&self.rules, self.stage)
    }

    /// The next ones, until none is left.
    fn next(&mut self) -> Vec<Outgoing> {
        let many = self.all.len().min(AT_ONCE);
        self.all.drain(..many).collect()
    }

    fn file_name(&self, ending: &str) -> String {
        format!("{}.{ending}", self.name)
    }
}

/// An overview: one line of CSV for each proposal.
pub async fn export_csv(
    service: &Service,
    context: Context,
    call: Uuid,
    stage: i32,
    filter: ListFilter,
) -> Result<Export, Problem> {
    let way = Way::begin(service, context, call, stage, filter).await?;
    let name = way.file_name("csv");
    // The mark tells spreadsheets that it is UTF-8.
    let head = [
        "\u{feff}".as_bytes(),
        &csv_line(&exchange::overview_heading()),
    ]
    .concat();
    let lines = stream::try_unfold(way, |mut way: Way| async move {
        let some = way.next();
        if some.is_empty() {
            return Ok(None);
        }
        let lines = exported(&way, some).await?;
        let lines = lines.iter().map(|one| csv_line(&exchange::overview(one)));
        let piece = Bytes::from(lines.collect::<Vec<_>>().concat());
        Ok(Some((piece, way)))
    });
    let head = stream::once(async { Ok(Bytes::from(head)) });
    Ok(Export {
        name,
        content_type: "text/csv; charset=utf-8",
        pieces: Box::pin(futures::StreamExt::chain(head, lines)),
    })
}

/// Everything that the pages of the proposals show: one line of JSON for each.
pub async fn export_ndjson(
    service: &Service,
    context: Context,
    call: Uuid,
    stage: i32,
    filter: ListFilter,
) -> Result<Export, Problem> {
    let way = Way::begin(service, context, call, stage, filter).await?;
    let name = way.file_name("ndjson");
    let lines = stream::try_unfold(way, |mut way: Way| async move {
        let some = way.next();
        if some.is_empty() {
            return Ok(None);
        }
        let (call, depth) = (way.call, way.depth);
        let work = async move |tx: &mut Tx| {
            let call = calls::find(tx.conn(), call).await?;
            Ok(view::outgoing_views(tx.conn(), depth, &call, &some).await?)
        };
        let views = way.service.look(way.context.clone(), work).await?;
        let mut lines = Vec::new();
        for one in &views {
            serde_json::to_writer(&mut lines, one).map_err(Problem::internal)?;
            lines.push(b'\n');
        }
        Ok(Some((Bytes::from(lines), way)))
    });
    Ok(Export {
        name,
        content_type: "application/x-ndjson",
        pieces: Box::pin(lines),
    })
}

/// A workbook of the proposals, their partners, budgets and verdicts, in the form in which they are brought in.
pub async fn export_xlsx(
    service: &Service,
    context: Context,
    call: Uuid,
    stage: i32,
    filter: ListFilter,
) -> Result<Answer<DocumentFile>, Problem> {
    let mut way = Way::begin(service, context, call, stage, filter).await?;
    // A workbook is in memory as a whole until it is written.
    let turn = tokio::time::timeout(LONGEST_WAIT, service.workbooks().acquire());
    let _turn = turn.await.map_err(|_| Problem {
        retry_after: Some(10),
        ..Problem::new(
            Code::Unavailable,
            "Other workbooks are being put together at this moment; ask for it again in a few seconds.",
        )
    })?;
    let mut sheets = exchange::sheets(&way.rules, way.stage_rules()?);
    loop {
        let some = way.next();
        if some.is_empty() {
            break;
        }
        for one in exported(&way, some).await? {
            exchange::add(&mut sheets, &one, &way.rules, way.stage_rules()?);
        }
        if sheets.iter().any(|sheet| sheet.rows.len() > MOST_ROWS) {
            return Err(Problem::state(
                "These are more rows than a sheet can have; filter for fewer proposals, or take the lines of JSON.",
            ));
        }
    }
    workbook(service, way.file_name("xlsx"), sheets).await
}

/// Writes a workbook where it keeps nobody waiting.
pub(crate) async fn workbook(
    service: &Service,
    name: String,
    sheets: Vec<Sheet>,
) -> Result<Answer<DocumentFile>, Problem> {
    let runtime = service.db().runtime();
    let written = runtime
        .spawn_blocking(move || write_workbook(&sheets))
        .await;
    let content = written
        .map_err(Problem::internal)?
        .map_err(Problem::internal)?;
    let file = DocumentFile {
        name,
        content_type: XLSX.to_owned(),
        sha256: hex::encode(Sha256::digest(&content)),
        content: content.into(),
    };
    Ok(Answer {
        etag: file.sha256.clone(),
        value: file,
        dry_run: false,
    })
}

/// An archive of the proposals as PDF. Each is set when its turn comes, so that no more than one is in memory; in the
/// place of one that cannot be set stands a text that says so.
pub async fn export_pdfs(
    service: &Service,
    context: Context,
    call: Uuid,
    stage: i32,
    filter: ListFilter,
) -> Result<Export, Problem> {
    let mut way = Way::begin(service, context, call, stage, filter).await?;
    let name = way.file_name("zip");
    way.all.reverse();
    let pieces = stream::try_unfold(
        Some((way, Archive::default())),
        |state: Option<(Way, Archive)>| async move {
            let Some((mut way, mut archive)) = state else {
                return Ok(None);
            };
            let Some(one) = way.all.pop() else {
                let last = archive.finish().map_err(Problem::internal)?;
                return Ok(Some((Bytes::from(last), None)));
            };
            let (name, bytes) = set(&way, &one).await?;
            let piece = archive.add(&name, &bytes).map_err(Problem::internal)?;
            Ok(Some((Bytes::from(piece), Some((way, archive)))))
        },
    );
    Ok(Export {
        name,
        content_type: "application/zip",
        pieces: Box::pin(pieces),
    })
}

/// A proposal's PDF, or what there is to say instead.
async fn set(way: &Way, one: &Outgoing) -> Result<(String, Bytes), Problem> {
    let stage = Some(way.stage);
    for _ in 0..ATTEMPTS {
        let context = way.context.clone();
        match typeset_proposal(&way.service, context, one.proposal(), stage).await {
            Ok(answer) => return Ok((answer.value.name, answer.value.content)),
            Err(problem) if problem.code == Code::Unavailable => {
                tokio::time::sleep(PAUSE).await;
            }
            // Lost rights end the archive; what is wrong with one document does not.
            Err(problem) if problem.code == Code::StateConflict => {
                let name = format!("{}.txt", one.number());
                return Ok((name, problem.detail.into()));
            }
            Err(problem) => return Err(problem),
        }
    }
    Err(Problem::new(
        Code::Unavailable,
        "Many documents are being set at this moment; ask for the archive later.",
    ))
}

/// The next proposals with their verdicts.
async fn exported(way: &Way, some: Vec<Outgoing>) -> Result<Vec<Exported>, Problem> {
    let rules = way.stage_rules()?.consortium.clone();
    let work = async move |tx: &mut Tx| Ok(view::exported(tx.conn(), &rules, &some).await?);
    way.service.look(way.context.clone(), work).await
}
