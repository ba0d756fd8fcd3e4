use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use uuid::Uuid;

use crate::Scope;

/// A role that is granted to a person, for one call or (administrator, agenda editor, call office) for
/// the installation. Coordinators and reviewers are not granted: they follow from the proposal and the
/// assignment.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// Runs the installation; appoints the call office. Sees no proposal and no review.
    Administrator,
    /// Keeps agendas of action items and the register of organisations.
    AgendaEditor,
    /// May draft calls, and becomes the secretariat of each call drafted.
    CallOffice,
    /// Speaks for a member organisation where the agenda is worked on, before and between calls.
    MemberRepresentative,
    /// Joint Call Secretariat of one call.
    Secretariat,
    /// Has a funder's seat in the Call Steering Committee.
    CscRepresentative,
    /// A funder's national or regional contact person: checks its applicants.
    ContactPerson,
    /// Signs for a funder: commitments and the funder's lines of a selection.
    Signatory,
    /// Chairs the Call Steering Committee.
    CscChair,
    /// Chairs the peer review panel.
    PanelChair,
    /// Sits on the peer review panel.
    PanelMember,
    /// Independent observer: reads the whole evaluation.
    Observer,
}

impl Role {
    /// Whether the role is worn for the whole installation and not for one call.
    pub fn is_installation_wide(self) -> bool {
        matches!(
            self,
            Role::Administrator
                | Role::AgendaEditor
                | Role::CallOffice
                | Role::MemberRepresentative
        )
    }

    /// Whether the role speaks for an organisation.
    pub fn speaks_for_an_organisation(self) -> bool {
        matches!(
            self,
            Role::MemberRepresentative
                | Role::CscRepresentative
                | Role::ContactPerson
                | Role::Signatory
        )
    }

    /// Whether an expert of the call wears it, by a seat on the panel.
    pub fn is_of_an_expert(self) -> bool {
        matches!(self, Role::PanelChair | Role::PanelMember)
    }

    /// Whether the role must use a second factor where the installation demands one (S4).
    pub fn is_privileged(self) -> bool {
        !matches!(self, Role::PanelChair | Role::PanelMember | Role::Observer)
    }
}

/// A role held: for which call and, for funders, for which organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The call; `None` for roles of the installation.
    pub call: Option<Uuid>,
    /// The funding organisation spoken for: the one of the grant, or one it acts for.
    pub organisation: Option<Uuid>,
}

/// A logged-in person.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account.
    pub account: Uuid,
    /// The session or bearer token the request came with.
    pub token: Uuid,
    /// What the token may be used for; a session may be used for everything.
    pub scopes: Vec<Scope>,
    /// Whether the session logged in within the last minutes that the installation calls fresh.
    pub fresh: bool,
    /// Whether the login used a second factor, or the installation does not demand one.
    pub strong: bool,
    /// The call whose expert's desk is all that the session opens: it began by the link of an invitation. See
    /// [`at_desk`].
    pub desk: Option<Uuid>,
    /// The roles held.
    pub grants: Vec<Grant>,
}

/// The person as far as an expert's mailed link in a call goes: with what an expert of that call may do, and nothing of
/// what the person may do otherwise, the own account included. Who finds the mail finds no more than the desk.
pub fn at_desk(mut person: Person, call: Uuid) -> Person {
    person
        .grants
        .retain(|grant| grant.call == Some(call) && grant.role.is_of_an_expert());
    person.scopes = vec![Scope::Read, Scope::Review];
    person.fresh = false;
    person.desk = Some(call);
    person
}

/// A background job of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Job {
    /// Opens and closes stages when their time has come.
    Calendar,
    /// Loads the seed data and makes the first administrator, from the command line.
    Setup,
}

/// Who acts.
#[derive(Debug, Clone)]
pub enum Actor {
    /// Nobody known.
    Public,
    /// A logged-in person.
    Person(Person),
    /// The server itself.
    System(Job),
}

impl Actor {
    /// The account that acts, if a person does.
    pub fn account(&self) -> Option<Uuid> {
        match self {
            Actor::Person(person) => Some(person.account),
            Actor::Public | Actor::System(_) => None,
        }
    }

    /// The call whose expert's desk is all that the session opens.
    pub fn desk(&self) -> Option<Uuid> {
        match self {
            Actor::Person(person) => person.desk,
            Actor::Public | Actor::System(_) => None,
        }
    }
}

/// A role as it is worn towards one thing: granted roles and relations together.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Worn {
    /// Anybody, logged in or not.
    Public,
    /// Anybody logged in.
    Account,
    /// The person whose account, session, token or role it is.
    Oneself,
    /// The same, come by an expert's mailed link: no more than the desk needs.
    AtDesk,
    /// See [`Role::Administrator`].
    Administrator,
    /// See [`Role::AgendaEditor`].
    AgendaEditor,
    /// See [`Role::CallOffice`].
    CallOffice,
    /// See [`Role::MemberRepresentative`]; of the organisation concerned where the thing belongs to one.
    MemberRepresentative,
    /// See [`Role::Secretariat`].
    Secretariat,
    /// See [`Role::CscRepresentative`]; of the funder concerned where the thing belongs to one.
    CscRepresentative,
    /// See [`Role::ContactPerson`]; of the funder concerned where the thing belongs to one.
    ContactPerson,
    /// See [`Role::Signatory`]; of the funder concerned where the thing belongs to one.
    Signatory,
    /// See [`Role::CscChair`].
    CscChair,
    /// Coordinator of the proposal.
    Coordinator,
    /// Writes the part of another partner of the proposal.
    Partner,
    /// The expert concerned: invited to the panel, or asked to review.
    Expert,
    /// See [`Role::PanelMember`].
    PanelMember,
    /// See [`Role::PanelChair`].
    PanelChair,
    /// See [`Role::Observer`].
    Observer,
    /// The server itself.
    System,
}

impl From<Role> for Worn {
    fn from(role: Role) -> Worn {
        match role {
            Role::Administrator => Worn::Administrator,
            Role::AgendaEditor => Worn::AgendaEditor,
            Role::CallOffice => Worn::CallOffice,
            Role::MemberRepresentative => Worn::MemberRepresentative,
            Role::Secretariat => Worn::Secretariat,
            Role::CscRepresentative => Worn::CscRepresentative,
            Role::ContactPerson => Worn::ContactPerson,
            Role::Signatory => Worn::Signatory,
            Role::CscChair => Worn::CscChair,
            Role::PanelChair => Worn::PanelChair,
            Role::PanelMember => Worn::PanelMember,
            Role::Observer => Worn::Observer,
        }
    }
}
