//! Agendas of action items and organisations.

use actix_web::web::{Path, Query};
use actix_web::{delete, get, post, put};
use call::{MemberReport, Part, Scope, TimeFrame};
use serde::Deserialize;
use service::agenda::{
    self, ActionItems, AgendaCoverage, Agendas, OrganisationInput, Organisations, RorInput,
};
use service::call::Reason;
use service::view::agenda::{ItemFilter, OrganisationFilter, OrganisationView};
use utoipa::IntoParams;

use crate::api::Routes;
use crate::{Ask, Problems, PublicAsk, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(list_agendas)
        .service(list_action_items)
        .service(read_coverage)
        .service(read_member_report)
        .service(list_organisations)
        .service(add_organisation)
        .service(set_ror)
        .service(let_act_for)
        .service(end_acting_for);
}

/// Which action items.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Items {
    /// Part of the agenda.
    part: Option<Part>,
    /// Heading, as the agenda writes it, such as `Data`.
    category: Option<String>,
    /// One of the time frames: S, M or L.
    time_frame: Option<TimeFrame>,
    /// One of the levels: R/N, E or I.
    scope: Option<Scope>,
}

/// Which organisations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Country (ISO 3166-1 alpha-2).
    country: Option<String>,
    /// Body that it belongs to, such as `ICPerMed`.
    body: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many; more than 200 are never given at once, usually all of them.
    #[serde(default = "usual")]
    #[param(minimum = 0, maximum = 65535)]
    limit: u16,
}

fn usual() -> u16 {
    200
}

/// The agendas that calls can be mapped to.
#[utoipa::path(tag = "agenda", security(()), responses((status = 200, description = "The agendas", body = Agendas), Problems))]
#[get("/agendas")]
async fn list_agendas(ask: PublicAsk) -> Reply<Agendas> {
    Reply::ok(agenda::list_agendas(&ask.service, ask.context).await)
}

/// The action items of an agenda.
#[utoipa::path(tag = "agenda", security(()), params(Items), responses((status = 200, description = "The items", body = ActionItems), Problems))]
#[get("/agendas/{agenda}/action-items")]
async fn list_action_items(
    ask: PublicAsk,
    path: Path<String>,
    items: Query<Items>,
) -> Reply<ActionItems> {
    let items = items.into_inner();
    let filter = ItemFilter {
        part: items.part,
        category: items.category,
        time_frame: items.time_frame,
        scope: items.scope,
    };
    let code = path.into_inner();
    Reply::ok(agenda::list_action_items(&ask.service, ask.context, code, filter).await)
}

/// The calls of which years count.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Years {
    /// The first year; left out, from the first call on.
    #[param(example = 2018)]
    from: Option<i32>,
    /// The last year; left out, to the last call.
    #[param(example = 2025)]
    to: Option<i32>,
}

/// What the calls do for an agenda: per action item calls, commitments, awards, projects, countries.
#[utoipa::path(tag = "agenda", params(Years), responses((status = 200, description = "The coverage", body = AgendaCoverage), Problems))]
#[get("/agendas/{agenda}/coverage")]
async fn read_coverage(ask: Ask, path: Path<String>, years: Query<Years>) -> Reply<AgendaCoverage> {
    let (code, Years { from, to }) = (path.into_inner(), years.into_inner());
    Reply::ok(agenda::read_coverage(&ask.service, ask.context, code, from, to).await)
}

/// The calls of which year.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Year {
    /// The year of the calls; left out, this one.
    #[param(example = 2019)]
    year: Option<i32>,
}

/// What one member did for an agenda in the calls of a year.
#[utoipa::path(tag = "agenda", params(Year), responses((status = 200, description = "The report", body = MemberReport), Problems))]
#[get("/agendas/{agenda}/members/{organisation}/report")]
async fn read_member_report(
    ask: Ask,
    path: Path<(String, String)>,
    year: Query<Year>,
) -> Reply<MemberReport> {
    let ((code, member), Year { year }) = (path.into_inner(), year.into_inner());
    Reply::ok(agenda::read_member_report(&ask.service, ask.context, code, member, year).await)
}

/// Organisations, with their memberships and whom they act for.
#[utoipa::path(tag = "agenda", security(()), params(Which), responses((status = 200, description = "A page of organisations", body = Organisations, headers(("Link" = String, description = "The next page, where there is one (RFC 8288)"))), Problems))]
#[get("/organisations")]
async fn list_organisations(ask: PublicAsk, which: Query<Which>) -> Reply<Organisations> {
    let which = which.into_inner();
    let filter = OrganisationFilter {
        key: None,
        country: which.country,
        body: which.body,
        after: which.cursor,
    };
    let page = agenda::list_organisations(&ask.service, ask.context, filter, which.limit).await;
    Reply::page(page, |page| page.next.as_ref())
}

/// Enter an organisation into the register.
#[utoipa::path(tag = "agenda", request_body(content = OrganisationInput, example = json!({
    "key": "BE-FNRS", "name": "Fund for Scientific Research", "country": "BE", "acronym": "F.R.S.-FNRS"})),
    responses((status = 201, description = "The organisation", body = OrganisationView), Problems))]
#[post("/organisations")]
async fn add_organisation(ask: Ask<OrganisationInput>) -> Reply<OrganisationView> {
    Reply::created(agenda::add_organisation(&ask.service, ask.context, ask.input).await)
}

/// Say which ROR id an organisation has, or that it has none; conflicts of interest of those who speak for it are looked for by it.
#[utoipa::path(tag = "agenda", request_body(content = RorInput, example = json!({"ror": "03yrm5c26"})),
    responses((status = 200, description = "The organisation", body = OrganisationView), Problems))]
#[put("/organisations/{organisation}/ror")]
async fn set_ror(ask: Ask<RorInput>, path: Path<String>) -> Reply<OrganisationView> {
    Reply::ok(agenda::set_ror(&ask.service, ask.context, path.into_inner(), ask.input).await)
}

/// Let an organisation act for another: who speaks for the first speaks for the second too.
#[utoipa::path(tag = "agenda", request_body(content = Reason, example = json!({"reason": "Runs the programmes of the ministry"})),
    responses((status = 200, description = "The organisation", body = OrganisationView), Problems))]
#[put("/organisations/{organisation}/acting-for/{other}")]
async fn let_act_for(ask: Ask<Reason>, path: Path<(String, String)>) -> Reply<OrganisationView> {
    let (key, other) = path.into_inner();
    Reply::ok(agenda::let_act_for(&ask.service, ask.context, key, other, ask.input).await)
}

/// End that an organisation acts for another.
#[utoipa::path(tag = "agenda", request_body(content = Reason, example = json!({"reason": "The mandate has ended"})),
    responses((status = 200, description = "The organisation", body = OrganisationView), Problems))]
#[delete("/organisations/{organisation}/acting-for/{other}")]
async fn end_acting_for(ask: Ask<Reason>, path: Path<(String, String)>) -> Reply<OrganisationView> {
    let (key, other) = path.into_inner();
    Reply::ok(agenda::end_acting_for(&ask.service, ask.context, key, other, ask.input).await)
}
