//! What a call says in public: every change makes a version, and versions are compared.

use access::{Action, Permit};
use call::{CALL, CallEvent, Milestone, Rules};
use kernel::Finding;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::call::{self as rows, CallRow, StageRow};
use store::publication;
use store::view::call::CallView;
use store::view::dates::PublicDate;
use store::view::publication::{self as view, ChangeView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::judging::check_kept;
use super::mapping::unknown_in_parts;
use super::read::visible;
use super::topic_money::check_change;
use super::{breakage, calendar_of, refreshed};
use crate::{Answer, Context, Problem, Service, Tx};

/// A change of a published call; what is left out stays.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    /// Another title.
    #[serde(default)]
    pub title: Option<String>,
    /// Another description.
    #[serde(default)]
    pub topic: Option<String>,
    /// Other rules, whole.
    #[serde(default)]
    pub rules: Option<Rules>,
    /// What else has a date, all of it.
    #[serde(default)]
    pub milestones: Option<Vec<Milestone>>,
    /// Why, for the public log of changes.
    pub reason: String,
    /// Whether to go on although the change breaks something; a dry run says what.
    #[serde(default)]
    pub despite_breaking: bool,
}

/// The changes of a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Changes {
    /// Oldest first.
    pub items: Vec<ChangeView>,
}

/// What a call said in one version, and how that differs from another.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VersionView {
    /// The version.
    pub number: i32,
    /// The version compared with; 0 for none, before the first.
    pub against: i32,
    /// What the call said, in the shape of its time: code, title, topic, year, rules, and under their
    /// names the stages, action items and funders.
    #[schema(value_type = Object)]
    pub document: Value,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// One place where two versions differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// Where, as a JSON pointer (RFC 6901).
    #[schema(example = "/stages/1/deadline/label")]
    pub pointer: String,
    /// What stood there before; null when nothing did.
    pub before: Value,
    /// What stands there after; null when nothing does.
    pub after: Value,
}

/// Keeps what the call says now as its next version, when the public knows of it.
pub(crate) async fn publish(
    tx: &mut Tx,
    permit: &Permit,
    call: Uuid,
    change: &str,
    reason: &str,
) -> Result<(), Problem> {
    let row = rows::lock(tx.conn(), call).await?;
    if !row.is_published() {
        return Ok(());
    }
    let document = view::document(tx.conn(), &row).await?;
    let document = serde_json::to_value(document).map_err(Problem::internal)?;
    publication::publish(tx.conn(), permit, call, change, reason, &document).await?;
    Ok(())
}

/// Changes what a published call says. What the change breaks is listed first: without
/// `despite_breaking` it is refused. By what a stage is judged stays, once reviewers are assigned.
pub async fn amend_call(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Amendment,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::lock(tx.conn(), id).await?;
        let permit = tx.permit(Action::AmendCall, &row.object()).await?;
        let current = refreshed(tx, id).await?;
        tx.precondition(&current)?;
        CALL.apply(row.state()?, CallEvent::Amend)?;
        if !row.is_published() {
            return Err(Problem::state(
                "The call is not published yet; rewrite the draft (PUT /calls/{call}).",
            ));
        }
        let stages = rows::stages(tx.conn(), id).await?;
        let unknown = match &input.rules {
            Some(rules) => {
                let mut found = unknown_in_parts(tx, rules).await?;
                check_change(tx, &row, rules, &mut found).await?;
                let both = (&row.rules()?, rules);
                check_kept(tx, &stages, both, &mut found).await?;
                found
            }
            None => kernel::Faults::default(),
        };
        let amended = amended(&row, &stages, &input, unknown)?;
        if let Some(rules) = &input.rules {
            breakage::refuse(
                breakage::of_rules(tx, &row, rules).await?,
                input.despite_breaking,
            )?;
        }
        rows::amend(tx.conn(), &permit, &amended).await?;
        let changed: Vec<&str> = [
            ("title", input.title.is_some()),
            ("topic", input.topic.is_some()),
            ("rules", input.rules.is_some()),
            ("milestones", input.milestones.is_some()),
        ]
        .into_iter()
        .filter_map(|(part, changed)| changed.then_some(part))
        .collect();
        let change = format!("Amended: {}", changed.join(", "));
        let reason = input.reason.trim();
        publish(tx, &permit, id, &change, reason).await?;
        let detail = json!({ "changed": changed });
        tx.audit(&permit, Some(row.version + 1), Some(reason), detail)
            .await?;
        refreshed(tx, id).await
    };
    service.write(context, work).await
}

/// The call as amended; `faults` are those found already.
fn amended(
    row: &CallRow,
    stages: &[StageRow],
    input: &Amendment,
    mut faults: kernel::Faults,
) -> Result<CallRow, Problem> {
    let parts = [
        ("/title", input.title.as_deref()),
        ("/topic", input.topic.as_deref()),
        ("/reason", Some(input.reason.as_str())),
    ];
    for (pointer, text) in parts {
        faults.require(
            text.is_none_or(|text| !text.trim().is_empty()),
            pointer,
            "required",
            "give at least one character",
        );
    }
    faults.require(
        input.title.is_some()
            || input.topic.is_some()
            || input.rules.is_some()
            || input.milestones.is_some(),
        "",
        "nothing_changed",
        "give a title, a topic, rules or milestones",
    );
    let mut amended = row.clone();
    if let Some(rules) = &input.rules {
        for fault in rules.check().0 {
            faults.add(
                format!("/rules{}", fault.pointer),
                &fault.code,
                fault.detail,
            );
        }
        let before: Vec<_> = row.rules()?.stages.iter().map(|stage| stage.kind).collect();
        let after: Vec<_> = rules.stages.iter().map(|stage| stage.kind).collect();
        faults.require(
            before == after,
            "/rules/stages",
            "stages",
            "the stages of a published call stay as they are",
        );
        amended.rules = serde_json::to_value(rules).map_err(Problem::internal)?;
    }
    let new =
        |text: &Option<String>, old: String| text.as_deref().map_or(old, |t| t.trim().to_owned());
    amended.title = new(&input.title, amended.title);
    amended.topic = new(&input.topic, amended.topic);
    if let Some(milestones) = &input.milestones {
        amended.milestones = serde_json::to_value(milestones).map_err(Problem::internal)?;
    }
    brought_into_calendar(row, &amended, stages, input, &mut faults)?;
    Ok(faults.or(amended)?)
}

/// Notes the faults of the calendar that the change brings itself: an extension may have left others.
fn brought_into_calendar(
    before: &CallRow,
    after: &CallRow,
    stages: &[StageRow],
    input: &Amendment,
    faults: &mut kernel::Faults,
) -> Result<(), Problem> {
    let found = |row: &CallRow| -> Result<Vec<Finding>, Problem> {
        let calendar = calendar_of(stages, row.milestones()?)?;
        Ok(calendar.check(row.rules()?.funding.eu.is_some()))
    };
    let known = found(before)?;
    for mut finding in found(after)? {
        if known.contains(&finding) || !finding.is_fault() {
            continue;
        }
        if input.milestones.is_none() {
            finding.pointer = "/rules/funding/eu".to_owned();
        } else if !finding.pointer.starts_with("/milestones") {
            finding.pointer = "/milestones".to_owned();
        }
        faults.0.push(finding.into());
    }
    Ok(())
}

/// The public log of a call's changes.
pub async fn list_changes(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<Changes>, Problem> {
    let work = async move |tx: &mut Tx| {
        visible(tx, id).await?;
        let items = view::changes(tx.conn(), id).await?;
        Ok(Changes { items })
    };
    service.read(context, work).await
}

/// A call and its latest change, for the feed.
#[derive(Debug, Clone)]
pub struct Latest {
    /// The call's id.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its title.
    pub title: String,
    /// What the call is about.
    pub topic: String,
    /// The change.
    pub change: ChangeView,
}

/// The published calls with their latest changes, newest first, for the feed.
pub async fn latest(service: &Service) -> Result<Vec<Latest>, Problem> {
    let parts = service.clone();
    let work = async move {
        let mut conn = parts.db().connection().await?;
        let rows = view::latest_changes(&mut conn).await?;
        let latest = rows.into_iter().map(|(call, change)| Latest {
            id: call.id,
            code: call.code,
            title: call.title,
            topic: call.topic,
            change,
        });
        Ok(latest.collect())
    };
    service.on_database_runtime(work).await
}

/// The dates of the published calls, soonest first, for the calendar.
pub async fn dates(service: &Service) -> Result<Vec<PublicDate>, Problem> {
    let parts = service.clone();
    let work = async move {
        let mut conn = parts.db().connection().await?;
        Ok(store::view::dates::dates(&mut conn).await?)
    };
    service.on_database_runtime(work).await
}

/// What a call said in a version, and how that differs from `against` (left out: the one before).
pub async fn read_version(
    service: &Service,
    context: Context,
    id: Uuid,
    number: i32,
    against: Option<i32>,
) -> Result<Answer<VersionView>, Problem> {
    let work = async move |tx: &mut Tx| {
        visible(tx, id).await?;
        let document = view::version(tx.conn(), id, number).await?;
        let against = against.unwrap_or(number - 1);
        let before = match against {
            0 => json!({}),
            other => view::version(tx.conn(), id, other).await?,
        };
        let differences = differences(&before, &document);
        Ok(VersionView {
            number,
            against,
            document,
            differences,
        })
    };
    service.read(context, work).await
}

/// Where two documents differ, in the order of their pointers.
fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let at =
        |document: &Value, pointer: &str| document.pointer(pointer).cloned().unwrap_or_default();
    let mut pointers: Vec<String> = json_patch::diff(before, after)
        .iter()
        .map(|operation| operation.path().to_string())
        .collect();
    pointers.sort();
    pointers.dedup();
    pointers
        .into_iter()
        .map(|pointer| Difference {
            before: at(before, &pointer),
            after: at(after, &pointer),
            pointer,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_says_what_stood_there_and_what_stands_there() {
        let before = json!({"title": "A", "funders": {"X": {"name": "X"}}, "year": 2031});
        let after = json!({"title": "B", "funders": {"Y": {"name": "Y"}}, "year": 2031});
        let found = differences(&before, &after);
        let pointers: Vec<&str> = found.iter().map(|d| d.pointer.as_str()).collect();
        assert_eq!(pointers, ["/funders/X", "/funders/Y", "/title"]);
        assert_eq!(found[0].after, Value::Null);
        assert_eq!(found[1].before, Value::Null);
        assert_eq!(
            (&found[2].before, &found[2].after),
            (&json!("A"), &json!("B"))
        );
        assert_eq!(differences(&after, &after), []);
    }
}
