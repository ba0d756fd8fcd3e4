#![doc = include_str!("../README.md")]

mod process;

pub use process::main;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use typst::foundations::{self, Bytes, Dict, IntoValue, Smart};
use typst_as_lib::TypstEngine;
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

/// The templates, by the name an order gives.
const TEMPLATES: [(&str, &str); 2] = [
    ("package", include_str!("../../../config/pdf/package.typ")),
    ("proposal", include_str!("../../../config/pdf/proposal.typ")),
];

/// What is to be set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Name of the template, such as `proposal`.
    pub template: String,
    /// What it is filled with; the template says in which shape.
    pub document: Value,
    /// Names and sizes in bytes of the files that the document names, in the order in which they follow.
    #[serde(default)]
    pub files: Vec<(String, usize)>,
}

/// Why nothing was set.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There is no such template.
    #[error("there is no template '{0}'")]
    Template(String),
    /// The order, the template or a file in it does not fit.
    #[error("not set: {0}")]
    Set(String),
}

/// Sets a document, with the files it names. It may take as much time and memory as the document asks for.
///
/// # Errors
///
/// [`Fault`] where the template is unknown, or does not fit the document, or a file cannot be read.
pub fn set(order: &Order, files: BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, Fault> {
    let template = TEMPLATES
        .iter()
        .find(|(name, _)| *name == order.template)
        .ok_or_else(|| Fault::Template(order.template.clone()))?;
    let document =
        serde_json::to_vec(&order.document).map_err(|why| Fault::Set(why.to_string()))?;
    let files = files.into_iter().map(|(name, bytes)| (name, value(bytes)));
    let files: Dict = files
        .map(|(name, bytes)| (name.as_str().into(), bytes))
        .collect();
    let mut inputs = Dict::new();
    inputs.insert("document".into(), value(document));
    inputs.insert("files".into(), files.into_value());
    let engine = TypstEngine::builder()
        .main_file(template.1)
        .fonts(typst_assets::fonts())
        .build();
    let paged: PagedDocument = engine
        .compile_with_input(inputs)
        .output
        .map_err(|why| Fault::Set(why.to_string()))?;
    // The usual identifier of a PDF is made of its title and the time.
    let options = PdfOptions {
        ident: Smart::Custom(order.template.clone()),
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&paged, &options).map_err(|why| Fault::Set(format!("{why:?}")))
}

fn value(bytes: Vec<u8>) -> foundations::Value {
    foundations::Value::Bytes(Bytes::new(bytes))
}

#[cfg(test)]
mod tests;
