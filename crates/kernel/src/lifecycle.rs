use std::fmt::Display;

/// A life cycle is data: the rows (state, event, state) that are allowed, and nothing else.
///
/// The diagram in ARCHITECTURE.md is drawn from these rows, and [`LifeCycle::apply`] is the only way
/// from one state to the next.
#[derive(Debug)]
pub struct LifeCycle<S: 'static, E: 'static> {
    /// What lives this life, as the diagram's title.
    pub name: &'static str,
    /// The state a new one starts in.
    pub start: S,
    /// All allowed steps.
    pub rows: &'static [(S, E, S)],
}

/// The state does not allow the event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{event}' is not possible while the {name} is '{state}'; possible now: {possible}")]
pub struct Refused {
    /// What lives this life.
    pub name: &'static str,
    /// The state found.
    pub state: String,
    /// The event asked for.
    pub event: String,
    /// The events that the state allows, joined by commas.
    pub possible: String,
}

impl<S, E> LifeCycle<S, E>
where
    S: Copy + PartialEq + Display,
    E: Copy + PartialEq + Display,
{
    /// The state after `event`, or why there is none.
    pub fn apply(&self, state: S, event: E) -> Result<S, Refused> {
        self.rows
            .iter()
            .find(|(from, by, _)| *from == state && *by == event)
            .map(|(_, _, to)| *to)
            .ok_or_else(|| Refused {
                name: self.name,
                state: state.to_string(),
                event: event.to_string(),
                possible: self.possible(state),
            })
    }

    fn possible(&self, state: S) -> String {
        let events: Vec<String> = self
            .rows
            .iter()
            .filter(|(from, _, _)| *from == state)
            .map(|(_, event, _)| event.to_string())
            .collect();
        if events.is_empty() {
            "nothing".to_owned()
        } else {
            events.join(", ")
        }
    }

    /// The life cycle as a Mermaid state diagram.
    pub fn mermaid(&self) -> String {
        let mut text = format!("stateDiagram-v2\n    [*] --> {}\n", self.start);
        for (from, event, to) in self.rows {
            text.push_str(&format!("    {from} --> {to}: {event}\n"));
        }
        text
    }
}
