//! The Commission's package on a call whose selection is final.

mod parts;

use access::{Action, Object};
use bytes::Bytes;
use kernel::Sheet;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::call as calls;
use store::commitment::selection as selections;
use store::view::commitment::{self as view, Package};
use tables::{Archive, csv_line, write_workbook};
use uuid::Uuid;

use self::parts::{Part, parts};
use super::holding::as_a_whole;
use crate::call::DocumentFile;
use crate::{Answer, Context, Problem, Service, Tx};

/// The list of the files with their hashes, as `sha256sum --check` reads it.
const MANIFEST: &str = "SHA256SUMS";

/// The package as one archive: ranking lists, conformity report, selection list, commitments, participants, principal
/// investigators and abstracts as a document, as a workbook and as CSV; the signed commitments and the Commission's own
/// forms unchanged; and the SHA-256 of each. The same data give the same bytes. Nobody with a conflict of interest takes it out: it is whole or
/// nothing.
pub async fn read_package(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<DocumentFile>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = calls::find(tx.conn(), call).await?;
        let object = as_a_whole(tx, Object::of_call("package", call, call)).await?;
        tx.permit(Action::ReadPackage, &object).await?;
        let Some(of) = selections::in_force(tx.conn(), call).await? else {
            return Err(Problem::state(
                "The package is made of a final selection, and the call has none yet.",
            ));
        };
        Ok(view::package(tx.conn(), &row, &of).await?)
    };
    let package = service.look(context, work).await?;
    let parts = parts(&package)?;
    // No connection is held while the document is set.
    let document = document(&package, &parts);
    let pdf = service
        .typesetter()
        .typeset("package", document, Vec::new())
        .await?;
    let sheets: Vec<Sheet> = parts.iter().map(Part::sheet).collect();
    let runtime = service.db().runtime();
    let workbook = runtime.spawn_blocking(move || write_workbook(&sheets));
    let workbook = workbook.await.map_err(Problem::internal)?;
    let mut files: Vec<(String, Bytes)> = vec![
        ("package.pdf".to_owned(), pdf),
        (
            "package.xlsx".to_owned(),
            workbook.map_err(Problem::internal)?.into(),
        ),
    ];
    files.extend(parts.iter().map(csv));
    for (funder, content) in package.signed {
        files.push((format!("commitments/{funder}.pdf"), content.into()));
    }
    for (form, content) in package.forms {
        let ending = form.format()?.extension();
        files.push((format!("forms/{}.{ending}", form.key), content.into()));
    }
    let content = archive(&files)?;
    let file = DocumentFile {
        name: format!("{}-package.zip", package.call.0),
        content_type: "application/zip".to_owned(),
        sha256: digest(&content),
        content: content.into(),
    };
    Ok(Answer {
        etag: file.sha256.clone(),
        value: file,
        dry_run: false,
    })
}

/// What the template `package` sets.
fn document(package: &Package, parts: &[Part]) -> Value {
    let (code, title) = &package.call;
    let part = |one: &Part| {
        let words = |row: &Vec<kernel::Cell>| -> Vec<String> {
            row.iter().map(|cell| cell.as_str().to_owned()).collect()
        };
        let rows: Vec<Vec<String>> = one.rows.iter().map(words).collect();
        let spoken = |name: &&str| name.replace('_', " ");
        let columns: Vec<String> = one.columns.iter().map(spoken).collect();
        json!({ "title": one.title, "records": one.records, "columns": columns, "rows": rows })
    };
    json!({
        "title": format!("{code} {title}"),
        "subtitle": format!("Package for the Commission, {}", match package.framework {
            call::Framework::Horizon2020 => "Horizon 2020: funded projects",
            call::Framework::HorizonEurope => "Horizon Europe: all proposals",
        }),
        "rehearsal": package.rehearsal,
        "parts": parts.iter().map(part).collect::<Vec<Value>>(),
    })
}

/// A part as a file of CSV.
fn csv(part: &Part) -> (String, Bytes) {
    // The mark tells spreadsheets that it is UTF-8.
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    for line in part.lines() {
        bytes.extend(csv_line(&line));
    }
    (format!("{}.csv", part.key), bytes.into())
}

/// The archive with its manifest.
fn archive(files: &[(String, Bytes)]) -> Result<Vec<u8>, Problem> {
    let sums: String = files
        .iter()
        .map(|(name, bytes)| format!("{}  {name}\n", digest(bytes)))
        .collect();
    let mut archive = Archive::default();
    let mut content = archive
        .add(MANIFEST, sums.as_bytes())
        .map_err(Problem::internal)?;
    for (name, bytes) in files {
        content.extend(archive.add(name, bytes).map_err(Problem::internal)?);
    }
    content.extend(archive.finish().map_err(Problem::internal)?);
    Ok(content)
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
