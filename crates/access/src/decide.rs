use uuid::Uuid;

use crate::policy::{allowed, visible};
use crate::{Action, Actor, Person, Role, Worn};

/// The thing acted on, with the relations that decide rights, read from rows locked in the same
/// transaction.
#[derive(Debug, Clone)]
pub struct Object {
    /// Table name of the thing, such as `call` or `review`.
    pub kind: &'static str,
    /// Its id.
    pub id: Uuid,
    /// The call it belongs to.
    pub call: Option<Uuid>,
    /// Whether the public sees that it exists.
    pub public: bool,
    /// The funding organisation whose business it is; funder roles of other organisations do not count.
    pub organisation: Option<Uuid>,
    /// The account whose own thing it is (account, session, role).
    pub owner: Option<Uuid>,
    /// The coordinator's account, for a proposal and what hangs on it.
    pub coordinator: Option<Uuid>,
    /// The account that writes another partner's part of the proposal, when the actor's is one.
    pub partner: Option<Uuid>,
    /// The expert's account, for a panel invitation or a review.
    pub expert: Option<Uuid>,
    /// Whether the actor has a conflict of interest with the proposal concerned.
    pub conflicted: bool,
}

impl Object {
    /// A thing without a call.
    pub fn new(kind: &'static str, id: Uuid) -> Self {
        Self {
            kind,
            id,
            call: None,
            public: false,
            organisation: None,
            owner: None,
            coordinator: None,
            partner: None,
            expert: None,
            conflicted: false,
        }
    }

    /// A thing of a call.
    pub fn of_call(kind: &'static str, id: Uuid, call: Uuid) -> Self {
        Self {
            call: Some(call),
            ..Self::new(kind, id)
        }
    }
}

/// Why the deed is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Nobody is logged in, and the public may not.
    NotAuthenticated,
    /// The thing does not exist for this person.
    Hidden,
    /// The thing is visible, the deed is not allowed.
    Forbidden,
    /// The token's scopes do not cover the deed.
    OutOfScope,
    /// Allowed after logging in again.
    NotFresh,
    /// Allowed with a second factor.
    SecondFactor,
    /// A conflict of interest forbids it.
    Conflict,
}

/// Proof that the policy allowed one deed on one thing to one actor. Only [`decide`] makes it.
#[derive(Debug, Clone)]
pub struct Permit {
    account: Option<Uuid>,
    worn: Worn,
    action: Action,
    kind: &'static str,
    object: Uuid,
    call: Option<Uuid>,
}

impl Permit {
    /// The account that acts; `None` for the public and the server's jobs.
    pub fn account(&self) -> Option<Uuid> {
        self.account
    }

    /// The first role that allowed it.
    pub fn worn(&self) -> Worn {
        self.worn
    }

    /// The deed.
    pub fn action(&self) -> Action {
        self.action
    }

    /// Kind and id of the thing.
    pub fn object(&self) -> (&'static str, Uuid) {
        (self.kind, self.object)
    }

    /// The call concerned.
    pub fn call(&self) -> Option<Uuid> {
        self.call
    }

    /// Whether the permit is for this deed on this thing.
    pub fn covers(&self, action: Action, object: Uuid) -> bool {
        self.action == action && self.object == object
    }
}

/// A relation as the session holds it: one at an expert's desk holds those of the expert alone.
fn in_session(person: &Person, object: &Object, relation: Worn) -> Option<Worn> {
    let Some(desk) = person.desk else {
        return Some(relation);
    };
    match relation {
        Worn::Oneself if object.kind == "account" => Some(Worn::AtDesk),
        Worn::Expert if object.call == Some(desk) => Some(relation),
        _ => None,
    }
}

/// The roles that `actor` wears towards `object`, granted ones first, in the order of the grants.
pub fn worn(actor: &Actor, object: &Object) -> Vec<Worn> {
    let mut roles = Vec::new();
    match actor {
        Actor::System(_) => roles.push(Worn::System),
        Actor::Public => {}
        Actor::Person(person) => {
            for grant in &person.grants {
                let in_call = grant.role.is_installation_wide() || grant.call == object.call;
                let of_funder = !grant.role.speaks_for_an_organisation()
                    || object.organisation.is_none()
                    || grant.organisation == object.organisation;
                if in_call && of_funder {
                    roles.push(grant.role.into());
                }
            }
            let relations = [
                (object.owner, Worn::Oneself),
                (object.coordinator, Worn::Coordinator),
                (object.partner, Worn::Partner),
                (object.expert, Worn::Expert),
            ];
            for (account, relation) in relations {
                if account == Some(person.account) {
                    roles.extend(in_session(person, object, relation));
                }
            }
            if person.desk.is_none() {
                roles.push(Worn::Account);
            }
        }
    }
    roles.push(Worn::Public);
    roles
}

/// Whether the actor may know that the thing exists.
pub fn sees(actor: &Actor, object: &Object) -> bool {
    let known_to = visible(object.kind);
    object.public
        || worn(actor, object)
            .iter()
            .any(|role| known_to.contains(role))
}

/// Decides whether `actor` may do `action` to `object`.
pub fn decide(actor: &Actor, action: Action, object: &Object) -> Result<Permit, Denied> {
    let roles = worn(actor, object);
    let allows = allowed(action);
    let found = roles.iter().copied().find(|role| allows.contains(role));
    if let Actor::Person(person) = actor {
        if !person.scopes.contains(&action.scope()) {
            return Err(Denied::OutOfScope);
        }
        // At the desk an applicant is none, and so sees as an expert would: nothing of the own proposal.
        let own = [object.coordinator, object.partner].contains(&Some(person.account));
        if (object.conflicted || person.desk.is_some() && own) && found.is_some() {
            return Err(Denied::Conflict);
        }
        if let Some(role) = found {
            let privileged = person
                .grants
                .iter()
                .any(|grant| Worn::from(grant.role) == role && Role::is_privileged(grant.role));
            if privileged && !person.strong {
                return Err(Denied::SecondFactor);
            }
            if action.needs_fresh_login() && !person.fresh {
                return Err(Denied::NotFresh);
            }
        }
    }
    let Some(worn) = found else {
        return Err(match actor {
            Actor::Public => Denied::NotAuthenticated,
            Actor::Person(_) | Actor::System(_) if sees(actor, object) => Denied::Forbidden,
            Actor::Person(_) | Actor::System(_) => Denied::Hidden,
        });
    };
    Ok(Permit {
        account: actor.account(),
        worn,
        action,
        kind: object.kind,
        object: object.id,
        call: object.call,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Grant, Scope, at_desk};
    use strum::IntoEnumIterator;

    fn person(grants: Vec<Grant>) -> Actor {
        Actor::Person(Person {
            account: Uuid::from_u128(7),
            token: Uuid::from_u128(8),
            scopes: Scope::iter().collect(),
            fresh: true,
            strong: true,
            desk: None,
            grants,
        })
    }

    fn grant(role: Role, call: u128, organisation: Option<u128>) -> Grant {
        Grant {
            role,
            call: Some(Uuid::from_u128(call)),
            organisation: organisation.map(Uuid::from_u128),
        }
    }

    #[test]
    fn a_role_of_another_call_does_not_count() {
        let object = Object::of_call("call", Uuid::from_u128(1), Uuid::from_u128(1));
        let here = person(vec![grant(Role::Secretariat, 1, None)]);
        let elsewhere = person(vec![grant(Role::Secretariat, 2, None)]);
        assert!(decide(&here, Action::EditCall, &object).is_ok());
        assert_eq!(
            decide(&elsewhere, Action::EditCall, &object).unwrap_err(),
            Denied::Hidden
        );
    }

    #[test]
    fn a_funder_acts_for_its_own_applicants_only() {
        let mut object = Object::of_call("eligibility", Uuid::from_u128(3), Uuid::from_u128(1));
        object.organisation = Some(Uuid::from_u128(50));
        let own = person(vec![grant(Role::ContactPerson, 1, Some(50))]);
        let other = person(vec![grant(Role::ContactPerson, 1, Some(51))]);
        assert!(decide(&own, Action::JudgeEligibility, &object).is_ok());
        assert!(decide(&other, Action::JudgeEligibility, &object).is_err());
    }

    #[test]
    fn a_conflict_walls_off_whatever_the_role() {
        let mut object = Object::of_call("proposal", Uuid::from_u128(3), Uuid::from_u128(1));
        object.conflicted = true;
        let secretary = person(vec![grant(Role::Secretariat, 1, None)]);
        assert_eq!(
            decide(&secretary, Action::RecordConsensus, &object).unwrap_err(),
            Denied::Conflict
        );
    }

    #[test]
    fn money_is_bound_only_by_who_logged_in_moments_ago() {
        let object = Object::of_call("selection", Uuid::from_u128(3), Uuid::from_u128(1));
        let Actor::Person(mut chair) = person(vec![grant(Role::CscChair, 1, None)]) else {
            unreachable!()
        };
        chair.fresh = false;
        let stale = Actor::Person(chair.clone());
        assert_eq!(
            decide(&stale, Action::ConfirmSelection, &object).unwrap_err(),
            Denied::NotFresh
        );
        chair.fresh = true;
        chair.strong = false;
        assert_eq!(
            decide(&Actor::Person(chair), Action::ConfirmSelection, &object).unwrap_err(),
            Denied::SecondFactor
        );
    }

    #[test]
    fn a_forgotten_session_of_the_office_takes_no_step_of_the_decision() {
        let object = Object::of_call("selection", Uuid::from_u128(3), Uuid::from_u128(1));
        let Actor::Person(mut office) = person(vec![grant(Role::Secretariat, 1, None)]) else {
            unreachable!()
        };
        for action in [
            Action::ProposeSelection,
            Action::AmendSelection,
            Action::AdoptSelection,
            Action::RecordDefault,
        ] {
            office.fresh = false;
            let stale = Actor::Person(office.clone());
            assert_eq!(
                decide(&stale, action, &object).unwrap_err(),
                Denied::NotFresh,
                "{action:?}"
            );
            office.fresh = true;
            let fresh = Actor::Person(office.clone());
            assert!(decide(&fresh, action, &object).is_ok(), "{action:?}");
        }
    }

    #[test]
    fn an_experts_link_opens_the_desk_and_nothing_else() {
        let Actor::Person(whole) = person(vec![
            grant(Role::PanelMember, 1, None),
            grant(Role::Secretariat, 1, None),
            grant(Role::PanelMember, 2, None),
            grant(Role::Signatory, 1, Some(50)),
        ]) else {
            unreachable!()
        };
        let me = Some(whole.account);
        let desk = Actor::Person(at_desk(whole, Uuid::from_u128(1)));
        let of = |call: u128| {
            let mut object = Object::of_call("review", Uuid::from_u128(3), Uuid::from_u128(call));
            object.expert = me;
            object
        };
        assert!(decide(&desk, Action::WriteReview, &of(1)).is_ok());
        assert!(decide(&desk, Action::ReadDiscussion, &of(1)).is_ok());
        for action in [Action::WriteReview, Action::ReadDiscussion] {
            assert_eq!(decide(&desk, action, &of(2)).unwrap_err(), Denied::Hidden);
        }
        let mut own = Object::of_call("proposal", Uuid::from_u128(3), Uuid::from_u128(1));
        own.coordinator = me;
        assert_eq!(
            decide(&desk, Action::ReadProposal, &own).unwrap_err(),
            Denied::Conflict
        );
        let mut account = Object::new("account", Uuid::from_u128(7));
        account.owner = me;
        for action in Action::iter() {
            let may = matches!(action, Action::ReadDesk | Action::LogOut);
            assert_eq!(
                decide(&desk, action, &account).is_ok(),
                may || allowed(action).contains(&Worn::Public) && action.scope() == Scope::Read,
                "{action}"
            );
        }
        let call = Object::of_call("call", Uuid::from_u128(1), Uuid::from_u128(1));
        assert!(decide(&desk, Action::AnswerLine, &call).is_err());
        assert!(decide(&desk, Action::AssignReviewers, &call).is_err());
    }

    #[test]
    fn the_public_does_nothing_but_what_is_public() {
        let public = [
            Action::SignUp,
            Action::RequestLink,
            Action::ReadAgenda,
            Action::ReadCall,
        ];
        for action in Action::iter() {
            let object = Object::of_call("call", Uuid::from_u128(1), Uuid::from_u128(1));
            let allowed = decide(&Actor::Public, action, &object).is_ok();
            assert_eq!(allowed, public.contains(&action), "{action}");
        }
    }
}
