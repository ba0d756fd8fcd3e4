use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One thing wrong with an input or a proposal: where, which rule, and what to do about it.
///
/// `pointer` is a JSON pointer (RFC 6901) into the document that was checked, `code` the name of the
/// rule (`snake_case`, stable), `detail` a sentence that says what was found, what is allowed and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Fault {
    /// JSON pointer to the field.
    pub pointer: String,
    /// Name of the rule that is broken.
    pub code: String,
    /// What was found, what is allowed, and the remedy.
    pub detail: String,
}

impl Fault {
    /// A fault at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code: code.to_owned(),
            detail: detail.into(),
        }
    }
}

/// All faults of one check: a caller hears of every fault at once, not of the first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, pointer: impl Into<String>, code: &str, detail: impl Into<String>) {
        self.0.push(Fault::new(pointer, code, detail));
    }

    /// Notes a fault unless `holds`.
    pub fn require(
        &mut self,
        holds: bool,
        pointer: impl Into<String>,
        code: &str,
        detail: impl Into<String>,
    ) {
        if !holds {
            self.add(pointer, code, detail);
        }
    }

    /// `value` when nothing was noted, else all faults.
    pub fn or<T>(self, value: T) -> Result<T, Faults> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }

    /// Whether nothing was noted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A key as a token of a JSON pointer (RFC 6901).
pub fn token(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// What no text may hold: U+0000, which no column of the database takes, named wherever it stands.
pub fn no_text(document: &Value) -> Faults {
    let mut faults = Faults::default();
    nul("", document, &mut faults);
    faults
}

fn nul(at: &str, value: &Value, faults: &mut Faults) {
    let mut refuse = |text: &str| {
        faults.require(
            !text.contains('\0'),
            at,
            "character_forbidden",
            "holds the character U+0000, which is no text; take it out",
        );
    };
    match value {
        Value::String(text) => refuse(text),
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                nul(&format!("{at}/{place}"), item, faults);
            }
        }
        Value::Object(fields) => {
            fields.keys().for_each(|key| refuse(key));
            for (key, field) in fields {
                nul(&format!("{at}/{}", token(key)), field, faults);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
