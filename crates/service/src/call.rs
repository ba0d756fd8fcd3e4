//! Calls: drafting, mapping to action items, funders and their commitments, opening, deadlines.

use access::{Action, Object};
use call::{CALL, CallEvent, CallState, Rules, STAGE, StageEvent, StageState};
use chrono::{DateTime, Utc};
use kernel::{Amount, Deadline, Faults};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::agenda;
use store::call::{self as rows, CallRow, ParticipationRow, StageRow};
use store::view::call::{self as view, CallSummary, CallView, FunderView};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Answer, Context, Problem, Service, Tx};

/// What a call says while it is drafted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallInput {
    /// Short code, unique in the installation, such as `JTC2026`.
    #[schema(example = "JTC2026")]
    pub code: String,
    /// Title.
    pub title: String,
    /// What the call is about.
    pub topic: String,
    /// Year.
    #[schema(example = 2026)]
    pub year: i32,
    /// A rehearsal: marked everywhere, and allowed to shorten its own deadlines. Cannot be changed later.
    #[serde(default)]
    pub rehearsal: bool,
    /// The rules; left out, the usual ones of a two-stage call.
    #[serde(default = "Rules::default_two_stage")]
    pub rules: Rules,
    /// One entry for each stage of the rules.
    pub stages: Vec<StageInput>,
}

/// When a stage is open.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StageInput {
    /// From when proposals can be submitted.
    pub opens_at: DateTime<Utc>,
    /// Until when.
    pub deadline: Deadline,
}

/// The action items a call serves.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingInput {
    /// Code of the agenda.
    #[schema(example = "icpermed-2017")]
    pub agenda: String,
    /// The items; their shares add up to 10000 hundredths of a percent, or are all left out for equal ones.
    pub items: Vec<MappingItem>,
}

/// One action item with its share.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingItem {
    /// The item's number.
    #[schema(example = "A.7")]
    pub number: String,
    /// Its share in hundredths of a percent.
    #[serde(default)]
    pub share: Option<i32>,
}

/// A funder joining a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FunderInput {
    /// Key of the organisation.
    #[schema(example = "DE-BMBF")]
    pub organisation: String,
    /// The most it pays to one partner, in the call's currency.
    #[serde(default)]
    pub max_per_partner: Option<Amount>,
}

/// A commitment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PledgeInput {
    /// The whole amount committed to the call, in the call's currency.
    pub amount: Amount,
    /// Where it stands, or why it changed.
    #[schema(example = "Letter of commitment of 12 October 2026")]
    pub reason: String,
}

/// A reason.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Why, for everybody concerned.
    pub reason: String,
}

/// Another deadline.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDeadline {
    /// The new deadline.
    pub deadline: Deadline,
    /// Why, for everybody concerned.
    pub reason: String,
}

/// Calls as a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Calls {
    /// Newest first.
    pub items: Vec<CallSummary>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// The funders of a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Funders {
    /// By key.
    pub items: Vec<FunderView>,
}

/// Drafts a call; whoever drafts it becomes its secretariat.
pub async fn draft_call(
    service: &Service,
    context: Context,
    input: CallInput,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let id = kernel::id::new();
        let permit = tx
            .permit(Action::DraftCall, &Object::of_call("call", id, id))
            .await?;
        let (row, stages) = rows_of(id, &input)?;
        rows::insert(tx.conn(), &permit, &row, &stages)
            .await
            .map_err(code_taken)?;
        if let Some(account) = permit.account() {
            store::access::grant_secretariat(tx.conn(), &permit, account, id).await?;
        }
        tx.audit(&permit, Some(1), None, json!({ "code": row.code }))
            .await?;
        Ok(view::call_view(tx.conn(), &row, true).await?)
    };
    service.write(context, work).await
}

fn code_taken(error: store::StoreError) -> Problem {
    match error {
        store::StoreError::Exists(constraint) if constraint == "call_code_key" => Problem::invalid(
            "/code",
            "taken",
            "another call has this code; choose another one",
        ),
        other => other.into(),
    }
}

fn rows_of(id: Uuid, input: &CallInput) -> Result<(CallRow, Vec<StageRow>), Problem> {
    let mut faults = Faults::default();
    for (field, text) in [
        ("/code", &input.code),
        ("/title", &input.title),
        ("/topic", &input.topic),
    ] {
        faults.require(
            !text.trim().is_empty(),
            field,
            "required",
            "give at least one character",
        );
    }
    faults.require(
        (2000..=2100).contains(&input.year),
        "/year",
        "out_of_range",
        "give a year from 2000 to 2100",
    );
    for fault in input.rules.check().0 {
        faults.add(
            format!("/rules{}", fault.pointer),
            &fault.code,
            fault.detail,
        );
    }
    faults.require(
        input.stages.len() == input.rules.stages.len(),
        "/stages",
        "stages",
        format!(
            "the rules have {} stages and {} are given; give opening and deadline for each",
            input.rules.stages.len(),
            input.stages.len()
        ),
    );
    let deadlines: Vec<Deadline> = input.stages.iter().map(|s| s.deadline.clone()).collect();
    if let Some(first) = input.stages.first() {
        faults
            .0
            .extend(call::check_calendar(first.opens_at, &deadlines).faults.0);
    }
    faults.or(())?;
    let row = CallRow {
        id,
        code: input.code.trim().to_owned(),
        title: input.title.trim().to_owned(),
        topic: input.topic.trim().to_owned(),
        year: input.year,
        state: CallState::Draft.to_string(),
        rehearsal: input.rehearsal,
        rules: serde_json::to_value(&input.rules).map_err(Problem::internal)?,
        version: 1,
    };
    let stages = (1..)
        .zip(&input.stages)
        .zip(&input.rules.stages)
        .map(|((number, stage), rules)| StageRow {
            id: kernel::id::new(),
            call_id: id,
            number,
            kind: rules.kind.to_string(),
            state: StageState::Planned.to_string(),
            opens_at: stage.opens_at,
            deadline_at: stage.deadline.at,
            zone: stage.deadline.zone.name().to_owned(),
            label: stage.deadline.label.clone(),
            version: 1,
        })
        .collect();
    Ok((row, stages))
}

/// Replaces what a draft says.
pub async fn edit_call(
    service: &Service,
    context: Context,
    id: Uuid,
    input: CallInput,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::lock(tx.conn(), id).await?;
        let permit = tx.permit(Action::EditCall, &row.object()).await?;
        let current = view::call_view(tx.conn(), &row, true).await?;
        tx.precondition(&current)?;
        if row.state()? != CallState::Draft {
            return Err(Problem::state(format!(
                "Only a draft can be rewritten, and the call is '{}'; extend a stage or cancel the call instead.",
                row.state
            )));
        }
        let (new, stages) = rows_of(id, &input)?;
        let new = CallRow {
            rehearsal: row.rehearsal,
            version: row.version,
            ..new
        };
        rows::replace(tx.conn(), &permit, &new, &stages)
            .await
            .map_err(code_taken)?;
        tx.audit(&permit, Some(row.version + 1), None, json!({}))
            .await?;
        refreshed(tx, id).await
    };
    service.write(context, work).await
}

async fn refreshed(tx: &mut Tx, id: Uuid) -> Result<CallView, Problem> {
    let row = rows::find(tx.conn(), id).await?;
    let insider = !row.is_published() || tx.wears_a_role(&row.object());
    Ok(view::call_view(tx.conn(), &row, insider).await?)
}

/// Maps a call to action items; the shares add up to 100 %.
pub async fn map_call(
    service: &Service,
    context: Context,
    id: Uuid,
    input: MappingInput,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::lock(tx.conn(), id).await?;
        let permit = tx.permit(Action::MapCall, &row.object()).await?;
        let current = view::call_view(tx.conn(), &row, true).await?;
        tx.precondition(&current)?;
        CALL.apply(row.state()?, CallEvent::Amend)?;
        let shares = mapped_shares(tx, &input).await?;
        rows::replace_mapping(tx.conn(), &permit, id, &shares).await?;
        let numbers: Vec<&str> = input
            .items
            .iter()
            .map(|item| item.number.as_str())
            .collect();
        tx.audit(&permit, None, None, json!({ "items": numbers }))
            .await?;
        refreshed(tx, id).await
    };
    service.write(context, work).await
}

async fn mapped_shares(tx: &mut Tx, input: &MappingInput) -> Result<Vec<(Uuid, i32)>, Problem> {
    let none_given = input.items.iter().all(|item| item.share.is_none());
    let equal = call::equal_shares(input.items.len());
    let shares: Vec<(String, i32)> = input
        .items
        .iter()
        .zip(equal)
        .map(|(item, equal)| {
            let share = if none_given {
                equal
            } else {
                item.share.unwrap_or(0)
            };
            (item.number.clone(), share)
        })
        .collect();
    let mut faults = call::check_mapping(&shares);
    let known = agenda::item_ids(tx.conn(), &input.agenda).await?;
    faults.require(
        !known.is_empty(),
        "/agenda",
        "unknown_agenda",
        format!(
            "there is no agenda '{}'; GET /api/v1/agendas lists them",
            input.agenda
        ),
    );
    let mut mapped = Vec::new();
    for (index, (number, share)) in shares.iter().enumerate() {
        match known.iter().find(|(known, _)| known == number) {
            Some((_, id)) => mapped.push((*id, *share)),
            None => faults.add(
                format!("/items/{index}/number"),
                "unknown_item",
                format!("the agenda has no item '{number}'"),
            ),
        }
    }
    Ok(faults.or(mapped)?)
}

/// Adds a funder to a call.
pub async fn add_funder(
    service: &Service,
    context: Context,
    id: Uuid,
    input: FunderInput,
) -> Result<Answer<Funders>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::lock(tx.conn(), id).await?;
        let permit = tx.permit(Action::ManageFunders, &row.object()).await?;
        CALL.apply(row.state()?, CallEvent::Amend)?;
        let organisation = organisation(tx, &input.organisation).await?;
        let max = input.max_per_partner.map(|amount| amount.0);
        if max.is_some_and(|max| max <= 0) {
            return Err(Problem::invalid(
                "/max_per_partner",
                "out_of_range",
                "give an amount above 0, or leave it out for no ceiling",
            ));
        }
        let participation = ParticipationRow {
            id: kernel::id::new(),
            call_id: id,
            organisation_id: organisation,
            commitment: 0,
            decided: 0,
            max_per_partner: max,
            version: 1,
            left_at: None,
        };
        rows::add_participation(tx.conn(), &permit, &participation)
            .await
            .map_err(|error| match error {
                store::StoreError::Exists(_) => Problem::invalid(
                    "/organisation",
                    "taken",
                    "this organisation takes part already",
                ),
                other => other.into(),
            })?;
        if row.is_published() {
            let change = format!("{} joins as a funder", input.organisation);
            rows::note_change(tx.conn(), &permit, id, &change, "").await?;
        }
        tx.audit(
            &permit,
            None,
            None,
            json!({ "organisation": input.organisation }),
        )
        .await?;
        Ok(Funders {
            items: view::funders(tx.conn(), id, true).await?,
        })
    };
    service.write(context, work).await
}

async fn organisation(tx: &mut Tx, key: &str) -> Result<Uuid, Problem> {
    agenda::organisation_id(tx.conn(), key)
        .await?
        .ok_or_else(|| {
            Problem::invalid(
                "/organisation",
                "unknown_organisation",
                format!("there is no organisation '{key}'; GET /api/v1/organisations lists them"),
            )
        })
}

/// Pledges or changes a funder's commitment; never below what a final selection has bound.
pub async fn pledge_commitment(
    service: &Service,
    context: Context,
    id: Uuid,
    key: String,
    input: PledgeInput,
) -> Result<Answer<Funders>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = rows::find(tx.conn(), id).await?;
        let organisation = agenda::organisation_id(tx.conn(), &key)
            .await?
            .ok_or_else(Problem::not_found)?;
        let row = rows::lock_participation(tx.conn(), id, organisation).await?;
        let permit = tx.permit(Action::PledgeCommitment, &row.object()).await?;
        let current = Funders {
            items: view::funders(tx.conn(), id, true).await?,
        };
        tx.precondition(&current)?;
        if matches!(call.state()?, CallState::Cancelled | CallState::Closed) {
            return Err(Problem::state(format!("The call is '{}'.", call.state)));
        }
        let mut faults =
            commitment::check_change(Amount(row.commitment), input.amount, Amount(row.decided))
                .err()
                .unwrap_or_default();
        faults.require(
            !input.reason.trim().is_empty(),
            "/reason",
            "required",
            "say where the commitment stands or why it changed",
        );
        faults.or(())?;
        rows::pledge(tx.conn(), &permit, &row, input.amount, input.reason.trim()).await?;
        tx.audit(
            &permit,
            Some(row.version + 1),
            Some(&input.reason),
            json!({ "amount": input.amount, "before": Amount(row.commitment) }),
        )
        .await?;
        Ok(Funders {
            items: view::funders(tx.conn(), id, true).await?,
        })
    };
    service.write(context, work).await
}

/// Approves the draft for the steering committee.
pub async fn approve_call(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<CallView>, Problem> {
    advance(
        service,
        context,
        id,
        Action::ApproveCall,
        CallEvent::Approve,
        None,
    )
    .await
}

/// Pre-announces the approved call: from now on the public sees it.
pub async fn pre_announce_call(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<CallView>, Problem> {
    advance(
        service,
        context,
        id,
        Action::PreAnnounceCall,
        CallEvent::PreAnnounce,
        None,
    )
    .await
}

/// Publishes and opens the call; its first stage opens at its time.
pub async fn open_call(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<CallView>, Problem> {
    advance(
        service,
        context,
        id,
        Action::OpenCall,
        CallEvent::Publish,
        None,
    )
    .await
}

/// Cancels the call.
pub async fn cancel_call(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Reason,
) -> Result<Answer<CallView>, Problem> {
    let reason = Some(input.reason);
    advance(
        service,
        context,
        id,
        Action::CancelCall,
        CallEvent::Cancel,
        reason,
    )
    .await
}

async fn advance(
    service: &Service,
    context: Context,
    id: Uuid,
    action: Action,
    event: CallEvent,
    reason: Option<String>,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::lock(tx.conn(), id).await?;
        let permit = tx.permit(action, &row.object()).await?;
        let current = view::call_view(tx.conn(), &row, true).await?;
        tx.precondition(&current)?;
        let state = CALL.apply(row.state()?, event)?;
        if let Some(reason) = &reason {
            if reason.trim().is_empty() {
                return Err(Problem::invalid("/reason", "required", "say why"));
            }
        }
        if matches!(event, CallEvent::Approve | CallEvent::Publish) {
            check_complete(tx, &current).await?;
        }
        rows::set_state(tx.conn(), &permit, &row, state, reason.as_deref()).await?;
        tx.audit(
            &permit,
            Some(row.version + 1),
            reason.as_deref(),
            json!({ "state": state }),
        )
        .await?;
        if event == CallEvent::Publish {
            open_first_stage(tx, id).await?;
        }
        refreshed(tx, id).await
    };
    service.write(context, work).await
}

/// A call that opens is mapped to action items and has funders with money in enough countries.
async fn check_complete(tx: &mut Tx, call: &CallView) -> Result<(), Problem> {
    let mut faults = Faults::default();
    faults.require(
        !call.action_items.is_empty(),
        "/action_items",
        "mapping_missing",
        "map the call to at least one action item (PUT /calls/{call}/action-items)",
    );
    let funders = view::funders(tx.conn(), call.id, true).await?;
    let paying: std::collections::BTreeSet<_> = funders
        .iter()
        .filter(|funder| {
            funder
                .commitment
                .as_ref()
                .is_some_and(|c| c.amount > Amount::ZERO)
        })
        .filter_map(|funder| funder.country.clone())
        .collect();
    let needed = call
        .rules
        .stages
        .iter()
        .map(|stage| stage.consortium.countries_min as usize)
        .max()
        .unwrap_or(1);
    faults.require(
        paying.len() >= needed,
        "/funders",
        "funders_missing",
        format!(
            "funders of {} countries have committed money and the consortium rules ask for {needed}; \
             add funders and their commitments",
            paying.len()
        ),
    );
    Ok(faults.or(())?)
}

async fn open_first_stage(tx: &mut Tx, call: Uuid) -> Result<(), Problem> {
    let first = rows::stage(tx.conn(), call, 1).await?;
    if first.opens_at <= tx.now().await? {
        crate::calendar::open_stage(tx, &first).await?;
    }
    Ok(())
}

/// Moves a deadline to a later time, for everybody, with a reason.
pub async fn extend_stage(
    service: &Service,
    context: Context,
    id: Uuid,
    number: i32,
    input: NewDeadline,
) -> Result<Answer<CallView>, Problem> {
    move_deadline(service, context, id, number, input, StageEvent::Extend).await
}

/// Moves the deadline of a rehearsal to an earlier time.
pub async fn shorten_stage(
    service: &Service,
    context: Context,
    id: Uuid,
    number: i32,
    input: NewDeadline,
) -> Result<Answer<CallView>, Problem> {
    move_deadline(service, context, id, number, input, StageEvent::Shorten).await
}

async fn move_deadline(
    service: &Service,
    context: Context,
    id: Uuid,
    number: i32,
    input: NewDeadline,
    event: StageEvent,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = rows::find(tx.conn(), id).await?;
        let stage = rows::stage(tx.conn(), id, number).await?;
        let stage = rows::lock_stage(tx.conn(), stage.id).await?;
        let object = Object {
            public: call.is_published(),
            ..stage.object()
        };
        let action = match event {
            StageEvent::Shorten => Action::ShortenStage,
            _ => Action::ExtendStage,
        };
        let permit = tx.permit(action, &object).await?;
        let current = view::call_view(tx.conn(), &call, true).await?;
        tx.precondition(&current)?;
        STAGE.apply(stage.state()?, event)?;
        if event == StageEvent::Shorten && !call.rehearsal {
            return Err(Problem::state(
                "Only a rehearsal may shorten a deadline; applicants rely on the published one.",
            ));
        }
        let now = tx.now().await?;
        let before = stage.deadline()?;
        let mut faults = match event {
            StageEvent::Shorten => call::check_shortening(&before, &input.deadline, now),
            _ => call::check_extension(&before, &input.deadline),
        };
        faults.require(
            !input.reason.trim().is_empty(),
            "/reason",
            "required",
            "say why",
        );
        faults.or(())?;
        rows::set_deadline(tx.conn(), &permit, &stage, &input.deadline).await?;
        let change = format!(
            "Deadline of stage {number} moved from {} to {}",
            before.label, input.deadline.label
        );
        rows::note_change(tx.conn(), &permit, id, &change, input.reason.trim()).await?;
        tx.audit(
            &permit,
            Some(stage.version + 1),
            Some(&input.reason),
            json!({ "before": before.at, "after": input.deadline.at }),
        )
        .await?;
        crate::intake::tell_of_new_deadline(tx, &call, &stage, &input).await?;
        refreshed(tx, id).await
    };
    service.write(context, work).await
}

/// Reads a call; a draft answers as absent to everybody without a role in it.
pub async fn read_call(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = visible(tx, id).await?;
        let insider = tx.wears_a_role(&row.object());
        Ok(view::call_view(tx.conn(), &row, insider).await?)
    };
    service.read(context, work).await
}

/// The call, for those who may know of it.
pub(crate) async fn visible(tx: &mut Tx, id: Uuid) -> Result<CallRow, Problem> {
    let row = rows::find(tx.conn(), id).await?;
    if !access::sees(&tx.context.actor, &row.object()) {
        return Err(Problem::not_found());
    }
    tx.permit(Action::ReadCall, &row.object()).await?;
    Ok(row)
}

/// Lists the published calls and those in which the viewer wears a role.
pub async fn list_calls(
    service: &Service,
    context: Context,
    cursor: Option<Uuid>,
    limit: u16,
) -> Result<Answer<Calls>, Problem> {
    let work = async move |tx: &mut Tx| {
        let own = tx.calls_with_a_role();
        let limit = i64::from(limit.clamp(1, 200));
        let items = view::calls(tx.conn(), &own, cursor, limit).await?;
        let full = items.len() as i64 == limit;
        let next = items
            .last()
            .filter(|_| full)
            .map(|call| call.id.to_string());
        Ok(Calls { items, next })
    };
    service.read(context, work).await
}

/// The funders of a call.
pub async fn list_funders(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<Funders>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = visible(tx, id).await?;
        let object = row.object();
        let with_commitments =
            access::decide(&tx.context.actor, Action::ReadCommitments, &object).is_ok();
        Ok(Funders {
            items: view::funders(tx.conn(), id, with_commitments).await?,
        })
    };
    service.read(context, work).await
}

/// The published calls, for the front page.
pub async fn published(service: &Service) -> Result<Vec<CallSummary>, Problem> {
    let service = service.clone();
    let database = service.clone();
    database
        .on_database_runtime(async move {
            let mut conn = service.db().connection().await?;
            Ok(view::calls(&mut conn, &[], None, 50).await?)
        })
        .await
}
