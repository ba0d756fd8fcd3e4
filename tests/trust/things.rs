//! What stands in the place of a path's parameters: everything of its kind that the database has.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::collections::BTreeMap;

use testkit::TestApp;

/// The parameters of paths, and where their values are.
const KINDS: &[(&str, &str)] = &[
    ("agenda", "select code from agenda"),
    ("call", "select id from call"),
    (
        "condition",
        "select number from sealed.invitation_condition union select 1",
    ),
    ("conflict", "select id from sealed.conflict"),
    ("expert", "select id from sealed.expert"),
    ("item", "select number from action_item"),
    ("key", "select key from call_document"),
    ("invitation", "select id from invitation"),
    (
        "organisation",
        "select o.key from organisation o join participation p on p.organisation_id = o.id",
    ),
    ("other", "select key from organisation"),
    ("own_conflict", "select id from sealed.own_conflict"),
    (
        "partner",
        "select partner_id from partner union select partner_id from partner_member",
    ),
    ("proposal", "select id from proposal"),
    ("query", "select id from query"),
    ("question", "select id from question"),
    ("redress", "select id from sealed.redress"),
    ("request", "select id from join_request"),
    ("review", "select id from sealed.review"),
    ("role", "select id from role_grant"),
    ("scenario", "select id from sealed.scenario"),
    ("selection", "select id from sealed.selection"),
    ("sha256", "select sha256 from file"),
    ("upload", "select id from upload"),
    ("session", "select id from token where kind = 'session'"),
    ("stage", "select number from stage"),
    ("waiver", "select id from waiver"),
    ("version", "select number from call_version"),
    ("token", "select id from token where kind = 'bearer'"),
];

/// The values by parameter.
pub struct Things(pub BTreeMap<&'static str, Vec<String>>);

impl Things {
    /// Reads them.
    pub async fn of(app: &TestApp) -> Things {
        let mut things = BTreeMap::new();
        for (name, query) in KINDS {
            let list = format!("select string_agg(distinct x::text, ',') from ({query}) t (x)");
            let found = app.value(&list).await;
            let found = found.split(',').filter(|id| !id.is_empty());
            things.insert(*name, found.map(str::to_owned).collect());
        }
        Things(things)
    }

    /// A path that is there as far as there is anything of its kinds, or one as long that is not.
    pub fn fill(&self, template: &str, there: bool) -> String {
        let part = |part: &str| {
            let Some(name) = part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) else {
                return part.to_owned();
            };
            let known = self
                .0
                .get(name)
                .unwrap_or_else(|| panic!("what is a {name}?"));
            match known.first() {
                Some(known) if there => known.clone(),
                Some(known) => absent(known),
                None => absent("019a0000-0000-7000-8000-0000000000ff"),
            }
        };
        let parts = template.trim_start_matches("/api/v1").split('/').map(part);
        parts.collect::<Vec<_>>().join("/")
    }
}

/// Of the same form, and nobody's.
fn absent(known: &str) -> String {
    match known.len() {
        36 => format!("019a0000{}ff", &known[8..34]),
        1 => "9".to_owned(),
        length => "Z".repeat(length),
    }
}
