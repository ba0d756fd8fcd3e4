//! Documents, set in a process of its own for each.

use serde_json::{Value, json};
use service::ports::{Deed, TypesetFault, Typesetter};

use crate::child::{Ended, Program};

/// The longest PDF, in bytes: the annexes of a proposal are in it.
const LONGEST: u64 = 1 << 28;

/// Starts a program for each document, which does as `typeset::main` does.
pub struct ChildTypesetter(pub Program);

impl ChildTypesetter {
    async fn ask(
        &self,
        template: &str,
        document: Value,
        files: Vec<(String, Vec<u8>)>,
    ) -> Result<Vec<u8>, TypesetFault> {
        if self.0.is_busy() {
            return Err(TypesetFault::Busy);
        }
        let order = order(template, &document, &files);
        let ended = self.0.run(None, &order, LONGEST).await;
        match ended.map_err(|why| TypesetFault::Failed(why.to_string()))? {
            Ended::Answered(pdf) => Ok(pdf),
            Ended::Died => Err(TypesetFault::TooHard),
        }
    }
}

/// One line of JSON, then the bytes of the files.
fn order(template: &str, document: &Value, files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let sizes: Vec<(&str, usize)> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.len()))
        .collect();
    let line = json!({ "template": template, "document": document, "files": sizes });
    let mut order = format!("{line}\n").into_bytes();
    for (_, bytes) in files {
        order.extend_from_slice(bytes);
    }
    order
}

impl Typesetter for ChildTypesetter {
    fn typeset<'a>(
        &'a self,
        template: &'a str,
        document: Value,
        files: Vec<(String, Vec<u8>)>,
    ) -> Deed<'a, Vec<u8>, TypesetFault> {
        Box::pin(self.ask(template, document, files))
    }
}
