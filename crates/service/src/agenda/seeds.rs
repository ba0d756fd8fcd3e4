//! The agendas and organisations that come with the program, loaded from `config/` as often as wanted.

use std::collections::BTreeMap;

use access::{Action, Job, Object};
use call::{
    ActionItem, AgendaExpectation, ListedOrganisation, MembershipExpectation, Organisation,
    check_agenda, kept_ror, parse_action_items, parse_organisations,
};
use chrono::NaiveDate;
use kernel::{Faults, id};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::agenda::{self as rows, AgendaRow, OrganisationRow};

use crate::{Context, Problem, Service, Tx};

const AGENDA: &str = include_str!("../../../../config/agenda/icpermed-2017.toml");
const ITEMS: &str = include_str!("../../../../config/agenda/icpermed-2017.csv");
const BODY: &str = include_str!("../../../../config/funders/icpermed-2017.toml");
const MEMBERS: &str = include_str!("../../../../config/funders/icpermed-2017.csv");
const OTHERS: &str = include_str!("../../../../config/funders/organisations-extra.csv");
const ACTING: &str = include_str!("../../../../config/funders/acting_for.csv");

/// What the files hold, and what of it was news to the database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Loaded {
    /// Action items by part of the agenda.
    pub action_items: BTreeMap<String, usize>,
    /// Organisations of the membership list by kind of membership.
    pub members: BTreeMap<String, usize>,
    /// Organisations beside the list.
    pub others: usize,
    /// Who acts for whom.
    pub acting_for: usize,
    /// Rows written: 0 when everything was there as it is.
    pub changed: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgendaFile {
    code: String,
    title: String,
    year: i32,
    expected: AgendaExpectation,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BodyFile {
    body: String,
    as_of: String,
    expected: MembershipExpectation,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherLine {
    key: String,
    country_code: String,
    organisation: String,
    acronym: Option<String>,
    #[serde(default)]
    ror: Option<String>,
    #[serde(rename = "note")]
    _note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActingLine {
    organisation: String,
    acts_for: String,
    since: Option<NaiveDate>,
    reason: String,
}

struct Seeds {
    agenda: Agenda,
    body: BodyFile,
    as_of: NaiveDate,
    members: Vec<ListedOrganisation>,
    others: Vec<Organisation>,
    acting: Vec<ActingLine>,
}

fn lines<T: serde::de::DeserializeOwned>(text: &str) -> Result<Vec<T>, Problem> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(Problem::internal)
}

/// An agenda as its two files have it.
struct Agenda {
    about: AgendaFile,
    items: Vec<ActionItem>,
    sha256: String,
}

/// Reads and checks an agenda: what it is (TOML) and its items (CSV).
fn read_agenda(about: &str, items: &str) -> Result<Agenda, Problem> {
    let mut hash = Sha256::new();
    hash.update(about);
    hash.update([0]);
    hash.update(items);
    let about: AgendaFile =
        toml::from_str(about).map_err(|error| Problem::invalid("", "toml", error.to_string()))?;
    let items = parse_action_items(items)?;
    check_agenda(&items, &about.expected).or(())?;
    Ok(Agenda {
        about,
        items,
        sha256: hex::encode(hash.finalize()),
    })
}

/// Reads and checks all files: their counts, codes and keys.
fn read() -> Result<Seeds, Problem> {
    let agenda = read_agenda(AGENDA, ITEMS)?;
    let body: BodyFile = toml::from_str(BODY).map_err(Problem::internal)?;
    // The list states its month; the day is the first, for want of a better one.
    let as_of = NaiveDate::parse_from_str(&format!("{}-01", body.as_of), "%Y-%m-%d")
        .map_err(Problem::internal)?;
    let members = parse_organisations(MEMBERS, &body.expected)?;
    let mut faults = Faults::default();
    let mut others = Vec::new();
    for line in lines::<OtherLine>(OTHERS)? {
        let country = match line.country_code.parse() {
            Ok(country) => Some(country),
            Err(error) => {
                faults.add("/organisations-extra", "country", format!("{error}"));
                continue;
            }
        };
        others.push(Organisation {
            key: line.key,
            country,
            name: line.organisation,
            native_name: None,
            acronym: line.acronym,
            region: None,
            ror: kept_ror("/organisations-extra", line.ror.as_deref(), &mut faults),
        });
    }
    faults
        .or(Seeds {
            agenda,
            body,
            as_of,
            members,
            others,
            acting: lines(ACTING)?,
        })
        .map_err(Problem::from)
}

/// Loads what comes with the program. What is there already stays as it is, so that it may run at every
/// start; a changed file raises the agenda's version.
pub async fn load_seeds(service: &Service) -> Result<Loaded, Problem> {
    let work = async move |tx: &mut Tx| {
        let seeds = read()?;
        let mut changed = save_agenda(tx, &seeds.agenda).await?;
        changed += load_organisations(tx, &seeds).await?;
        let parts = seeds.agenda.items.iter().map(|item| item.part.to_string());
        let kinds = seeds.members.iter().map(|one| one.membership.to_string());
        Ok(Loaded {
            action_items: counted(parts),
            members: counted(kinds),
            others: seeds.others.len(),
            acting_for: seeds.acting.len(),
            changed,
        })
    };
    let answer = service.write(Context::system(Job::Setup), work).await?;
    Ok(answer.value)
}

fn counted(names: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

/// Loads a further agenda beside those there are, from its two files: what it is (TOML, as
/// `config/agenda/icpermed-2017.toml`) and its items (CSV). One that is known by its code is replaced and
/// its items keep their ids. Answers how many items were written: none when nothing has changed.
pub async fn load_agenda(
    service: &Service,
    about: String,
    items: String,
) -> Result<usize, Problem> {
    let work = async move |tx: &mut Tx| save_agenda(tx, &read_agenda(&about, &items)?).await;
    let answer = service.write(Context::system(Job::Setup), work).await?;
    Ok(answer.value)
}

async fn save_agenda(tx: &mut Tx, agenda: &Agenda) -> Result<usize, Problem> {
    let known = rows::lock(tx.conn(), &agenda.about.code).await?;
    if known
        .as_ref()
        .is_some_and(|known| known.content_sha256 == agenda.sha256)
    {
        return Ok(0);
    }
    let row = AgendaRow {
        id: known.as_ref().map_or_else(id::new, |known| known.id),
        code: agenda.about.code.clone(),
        title: agenda.about.title.clone(),
        year: agenda.about.year,
        version: known.as_ref().map_or(1, |known| known.version + 1),
        content_sha256: agenda.sha256.clone(),
    };
    let permit = tx.permit(Action::LoadAgenda, &row.object()).await?;
    rows::save(tx.conn(), &permit, &row, &agenda.items).await?;
    tx.audit(
        &permit,
        Some(row.version),
        None,
        json!({ "agenda": row.code, "sha256": row.content_sha256 }),
    )
    .await?;
    Ok(agenda.items.len())
}

async fn load_organisations(tx: &mut Tx, seeds: &Seeds) -> Result<usize, Problem> {
    let mut changed = 0;
    for listed in &seeds.members {
        let (row, news) = load_organisation(tx, &listed.organisation).await?;
        let object = row.object();
        let permit = tx.permit(Action::ManageOrganisations, &object).await?;
        let body = &seeds.body.body;
        let joined =
            rows::note_membership(tx.conn(), &permit, row.id, body, seeds.as_of, listed).await?;
        changed += usize::from(news || joined);
    }
    for organisation in &seeds.others {
        changed += usize::from(load_organisation(tx, organisation).await?.1);
    }
    for line in &seeds.acting {
        changed += usize::from(load_acting(tx, line).await?);
    }
    Ok(changed)
}

/// The organisation's row, and whether it was new or changed.
async fn load_organisation(
    tx: &mut Tx,
    given: &Organisation,
) -> Result<(OrganisationRow, bool), Problem> {
    let known = rows::lock_organisation(tx.conn(), &given.key).await?;
    let new = OrganisationRow::new(given);
    let Some(known) = known else {
        let permit = tx
            .permit(Action::ManageOrganisations, &new.object())
            .await?;
        rows::insert_organisation(tx.conn(), &permit, &new).await?;
        tx.audit(&permit, Some(1), None, json!({ "key": new.key }))
            .await?;
        return Ok((new, true));
    };
    let wanted = OrganisationRow {
        id: known.id,
        version: known.version,
        // What was entered here is not lost to a file that has none.
        ror: new.ror.clone().or_else(|| known.ror.clone()),
        ..new
    };
    if wanted == known {
        return Ok((known, false));
    }
    let permit = tx
        .permit(Action::ManageOrganisations, &known.object())
        .await?;
    rows::save_organisation(tx.conn(), &permit, &wanted).await?;
    tx.audit(
        &permit,
        Some(known.version + 1),
        None,
        json!({ "key": known.key }),
    )
    .await?;
    Ok((wanted, true))
}

/// A pair that was ended by hand is not brought back.
async fn load_acting(tx: &mut Tx, line: &ActingLine) -> Result<bool, Problem> {
    let unknown = |key: &str| {
        Problem::invalid(
            "/acting_for",
            "unknown_organisation",
            format!("there is no organisation '{key}'"),
        )
    };
    let acts = rows::organisation_id(tx.conn(), &line.organisation)
        .await?
        .ok_or_else(|| unknown(&line.organisation))?;
    let other = rows::organisation_id(tx.conn(), &line.acts_for)
        .await?
        .ok_or_else(|| unknown(&line.acts_for))?;
    if rows::has_acted_for(tx.conn(), acts, other).await? {
        return Ok(false);
    }
    let permit = tx
        .permit(
            Action::ManageOrganisations,
            &Object::new("organisation", acts),
        )
        .await?;
    rows::act_for(tx.conn(), &permit, acts, other, line.since, &line.reason).await?;
    let detail = json!({ "acts_for": line.acts_for });
    tx.audit(&permit, None, Some(&line.reason), detail).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_hold_what_they_promise() {
        let seeds = read().unwrap();
        assert_eq!((seeds.agenda.items.len(), seeds.members.len()), (30, 36));
        assert_eq!(seeds.as_of, NaiveDate::from_ymd_opt(2017, 3, 1).unwrap());
        assert!(
            seeds
                .acting
                .iter()
                .any(|line| line.organisation == "DE-DLRPT")
        );
    }
}
