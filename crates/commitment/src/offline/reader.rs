use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use call::{EuBase, EuShare, RankingRule, Score};
use kernel::{Amount, Currency, Faults, token};

use super::node::Node;
use crate::{Convention, EuInput, FunderInput, ProposalInput, Rating, SelectionInput};

/// Reads the whole input. Where something cannot be read, something harmless takes its place, so that the
/// rest can be checked as well.
pub(super) fn input(document: &Node) -> Result<SelectionInput, Faults> {
    let mut reader = Reader(Faults::default());
    let input = reader.input(document);
    let mut faults = reader.0;
    let found: Vec<String> = faults.0.iter().map(|fault| fault.pointer.clone()).collect();
    // What stands where nothing could be read has no faults of its own.
    let below = |pointer: &str| {
        found.iter().any(|at| {
            pointer
                .strip_prefix(at.as_str())
                .is_some_and(|rest| rest.is_empty() || (rest.starts_with('/') && !at.is_empty()))
        })
    };
    let content = input.check().0.into_iter();
    faults
        .0
        .extend(content.filter(|fault| !below(&fault.pointer)));
    faults.or(input)
}

struct Reader(Faults);

/// The fields of an object, and where it stands.
struct Fields<'n> {
    at: String,
    fields: BTreeMap<&'n str, &'n Node>,
    /// Whether it is an object at all.
    read: bool,
}

impl<'n> Fields<'n> {
    /// A field; null says the same as leaving it out.
    fn optional(&self, name: &str) -> Option<&'n Node> {
        self.fields
            .get(name)
            .copied()
            .filter(|node| **node != Node::Null)
    }

    fn place(&self, name: &str) -> String {
        format!("{}/{}", self.at, token(name))
    }
}

impl Reader {
    fn input(&mut self, document: &Node) -> SelectionInput {
        let known = [
            "currency",
            "ranking_rule",
            "eu",
            "convention",
            "gap_share",
            "cap",
            "kept",
            "no_more",
            "chosen",
            "funders",
            "proposals",
        ];
        let root = self.object(String::new(), document, Some(&known));
        SelectionInput {
            currency: self.required(&root, "currency").unwrap_or(Currency::EUR),
            ranking_rule: self
                .word(&root, "ranking_rule", "binding or with_gaps", true)
                .unwrap_or(RankingRule::Binding),
            eu: root
                .optional("eu")
                .map(|node| self.eu(root.place("eu"), node)),
            convention: root
                .optional("convention")
                .map(|node| self.convention(root.place("convention"), node)),
            gap_share: self.given(&root, "gap_share"),
            cap: self.given(&root, "cap"),
            kept: match root.optional("kept") {
                Some(_) => self.list(&root, "kept", Reader::code_alone),
                None => Vec::new(),
            },
            no_more: match root.optional("no_more") {
                Some(_) => self.amounts(&root, "no_more"),
                None => BTreeMap::new(),
            },
            chosen: match root.optional("chosen") {
                Some(_) => self.list(&root, "chosen", Reader::code_alone),
                None => Vec::new(),
            },
            funders: self.list(&root, "funders", Reader::funder),
            proposals: self.list(&root, "proposals", Reader::proposal),
        }
    }

    fn code_alone(&mut self, at: String, node: &Node) -> String {
        match node {
            Node::Text(text) => text.clone(),
            other => {
                let detail = format!("{} where a code belongs; write it in quotes", other.kind());
                self.0.add(at, "type", detail);
                String::new()
            }
        }
    }

    fn eu(&mut self, at: String, node: &Node) -> EuInput {
        let fields = self.object(at, node, Some(&["rate", "ceiling"]));
        EuInput {
            rate: self.required(&fields, "rate").unwrap_or_default(),
            ceiling: self.required(&fields, "ceiling").unwrap_or_default(),
        }
    }

    fn convention(&mut self, at: String, node: &Node) -> Convention {
        let fields = self.object(at, node, Some(&["base", "share"]));
        Convention {
            base: self
                .word(&fields, "base", "planned or earned", true)
                .unwrap_or(EuBase::Earned),
            share: self
                .word(&fields, "share", "by_commitment or by_request", true)
                .unwrap_or(EuShare::ByCommitment),
        }
    }

    fn funder(&mut self, at: String, node: &Node) -> FunderInput {
        let fields = self.object(at, node, Some(&["code", "commitment", "eu_eligible"]));
        FunderInput {
            code: self.code(&fields),
            commitment: self.required(&fields, "commitment").unwrap_or_default(),
            eu_eligible: self.flag(&fields, "eu_eligible", true),
            topics: BTreeMap::new(),
        }
    }

    fn proposal(&mut self, at: String, node: &Node) -> ProposalInput {
        let known = ["code", "score", "rating", "withdrawn", "requests"];
        let fields = self.object(at, node, Some(&known));
        ProposalInput {
            code: self.code(&fields),
            score: self.required::<Score>(&fields, "score").unwrap_or_default(),
            topic: None,
            rating: self
                .word(
                    &fields,
                    "rating",
                    "recommended, if_funds_allow or not_recommended",
                    false,
                )
                .unwrap_or(Rating::Recommended),
            withdrawn: self.flag(&fields, "withdrawn", false),
            requests: self.amounts(&fields, "requests"),
        }
    }

    /// Amounts by funder.
    fn amounts(&mut self, of: &Fields, name: &str) -> BTreeMap<String, Amount> {
        let Some(node) = of.optional(name) else {
            self.missing(of, name);
            return BTreeMap::new();
        };
        let fields = self.object(of.place(name), node, None);
        let mut amounts = BTreeMap::new();
        for code in fields.fields.keys() {
            let amount = self.required(&fields, code);
            amounts.insert((*code).to_owned(), amount.unwrap_or_default());
        }
        amounts
    }

    /// An object; with `known`, of these fields and no others.
    fn object<'n>(&mut self, at: String, node: &'n Node, known: Option<&[&str]>) -> Fields<'n> {
        let mut fields = BTreeMap::new();
        let given: &[(String, Node)] = match node {
            Node::Fields(given) => given,
            other => {
                let detail = format!(
                    "{} where an object belongs; write it in braces",
                    other.kind()
                );
                self.0.add(at.clone(), "type", detail);
                &[]
            }
        };
        for (name, value) in given {
            let place = format!("{at}/{}", token(name));
            if fields.insert(name.as_str(), value).is_some() {
                let detail = format!("'{name}' stands here twice; keep one of the two");
                self.0.add(place.clone(), "field_twice", detail);
            }
            if let Some(known) = known.filter(|known| !known.contains(&name.as_str())) {
                let detail = format!("'{name}' is no field here; there are {}", known.join(", "));
                self.0.add(place, "field_unknown", detail);
            }
        }
        let read = matches!(node, Node::Fields(_));
        Fields { at, fields, read }
    }

    fn list<T>(
        &mut self,
        root: &Fields,
        name: &str,
        each: fn(&mut Self, String, &Node) -> T,
    ) -> Vec<T> {
        let at = root.place(name);
        match root.optional(name) {
            Some(Node::List(items)) => {
                let place = |index: usize| format!("{at}/{index}");
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| each(self, place(index), item))
                    .collect()
            }
            Some(other) => {
                let detail = format!(
                    "{} where a list belongs; write it in brackets",
                    other.kind()
                );
                self.0.add(at, "type", detail);
                Vec::new()
            }
            None => {
                self.missing(root, name);
                Vec::new()
            }
        }
    }

    fn missing(&mut self, fields: &Fields, name: &str) {
        // Of what is no object all fields are missing, which is said already.
        if fields.read {
            self.0.add(
                fields.place(name),
                "field_missing",
                format!("'{name}' is missing; give it"),
            );
        }
    }

    fn text<'n>(&mut self, fields: &Fields<'n>, name: &str) -> Option<&'n str> {
        match fields.optional(name)? {
            Node::Text(text) => Some(text),
            other => {
                let detail = format!("{} where a text belongs; write it in quotes", other.kind());
                self.0.add(fields.place(name), "type", detail);
                None
            }
        }
    }

    fn given<T: FromStr<Err: Display>>(&mut self, fields: &Fields, name: &str) -> Option<T> {
        let text = self.text(fields, name)?;
        let read = text.parse();
        read.map_err(|fault: T::Err| self.0.add(fields.place(name), "value", fault.to_string()))
            .ok()
    }

    fn required<T: FromStr<Err: Display>>(&mut self, fields: &Fields, name: &str) -> Option<T> {
        if fields.optional(name).is_none() {
            self.missing(fields, name);
        }
        self.given(fields, name)
    }

    fn word<T: FromStr>(
        &mut self,
        fields: &Fields,
        name: &str,
        words: &str,
        required: bool,
    ) -> Option<T> {
        if required && fields.optional(name).is_none() {
            self.missing(fields, name);
        }
        let text = self.text(fields, name)?;
        let read = text.parse();
        read.map_err(|_| {
            let detail = format!("'{text}' is not known here; give {words}");
            self.0.add(fields.place(name), "value", detail);
        })
        .ok()
    }

    fn flag(&mut self, fields: &Fields, name: &str, default: bool) -> bool {
        match fields.optional(name) {
            None => default,
            Some(Node::Bool(value)) => *value,
            Some(other) => {
                let detail = format!("{} where true or false belongs", other.kind());
                self.0.add(fields.place(name), "type", detail);
                default
            }
        }
    }

    fn code(&mut self, fields: &Fields) -> String {
        if fields.optional("code").is_none() {
            self.missing(fields, "code");
        }
        let unread = || format!("\0{}", fields.at);
        self.text(fields, "code").map_or_else(unread, str::to_owned)
    }
}
