//! What programs of other people subscribe to: the calls as an Atom feed (RFC 4287), their dates as
//! a calendar (RFC 5545).

use actix_web::web::{Data, ServiceConfig, get};
use actix_web::{HttpRequest, HttpResponse};
use atom_syndication::{Content, Entry, Feed, Link, Text};
use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component, Event, EventLike};
use service::call::{self, Latest};
use service::view::dates::PublicDate;

use crate::problem::respond;
use crate::server::Frame;

/// Adds the feeds.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/calls.atom", get().to(atom))
        .route("/calls.ics", get().to(calendar));
}

async fn atom(request: HttpRequest, frame: Data<Frame>) -> HttpResponse {
    match call::latest(&frame.service).await {
        Ok(calls) => {
            let feed = feed(&frame.service.settings().public_url, calls);
            file("application/atom+xml", feed.to_string())
        }
        Err(problem) => respond(problem, &request),
    }
}

async fn calendar(request: HttpRequest, frame: Data<Frame>) -> HttpResponse {
    match call::dates(&frame.service).await {
        Ok(dates) => {
            let events: Calendar = dates.iter().map(event).collect();
            file("text/calendar; charset=utf-8", events.to_string())
        }
        Err(problem) => respond(problem, &request),
    }
}

fn file(kind: &str, text: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header(("Cache-Control", "public, max-age=300"))
        .body(text)
}

fn link(href: String, rel: &str) -> Link {
    Link {
        href,
        rel: rel.to_owned(),
        ..Link::default()
    }
}

fn feed(home: &str, calls: Vec<Latest>) -> Feed {
    let updated = calls.first().map(|latest| latest.change.at);
    Feed {
        title: Text::plain("Joint transnational calls"),
        id: format!("{home}/calls.atom"),
        updated: updated
            .unwrap_or(DateTime::<Utc>::UNIX_EPOCH)
            .fixed_offset(),
        authors: vec![atom_syndication::Person {
            name: "Joint Call Secretariat".to_owned(),
            ..Default::default()
        }],
        links: vec![link(format!("{home}/calls.atom"), "self")],
        entries: calls.into_iter().map(|call| entry(home, call)).collect(),
        ..Feed::default()
    }
}

fn entry(home: &str, latest: Latest) -> Entry {
    let Latest {
        id,
        code,
        title,
        topic,
        change,
    } = latest;
    let mut summary = change.change;
    if !change.reason.is_empty() {
        summary.push_str(": ");
        summary.push_str(&change.reason);
    }
    Entry {
        title: Text::plain(format!("{code} {title}")),
        id: format!("urn:uuid:{id}"),
        updated: change.at.fixed_offset(),
        links: vec![
            link(format!("{home}/api/v1/calls/{id}"), "alternate"),
            link(format!("{home}/api/v1/calls/{id}/changes"), "related"),
        ],
        summary: Some(Text::plain(summary)),
        content: Some(Content {
            value: Some(topic),
            content_type: Some("text".to_owned()),
            ..Content::default()
        }),
        ..Entry::default()
    }
}

fn event(date: &PublicDate) -> Event {
    let rehearsal = if date.rehearsal { "REHEARSAL " } else { "" };
    let mut words = format!("{}\nAs published: {}", date.title, date.at.label);
    if !date.note.is_empty() {
        words.push('\n');
        words.push_str(&date.note);
    }
    Event::new()
        .uid(&date.uid)
        .sequence(u32::try_from(date.moved).unwrap_or(0))
        .summary(&format!("{rehearsal}{}: {}", date.code, date.what))
        .description(&words)
        .starts(date.at.at)
        .ends(date.at.at)
        .done()
}
