//! Whether a review that was released by mistake may still go back to its author.

use chrono::{DateTime, Utc};

/// A review that was released, and what came of it since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recall {
    /// When it was released.
    pub released_at: DateTime<Utc>,
    /// How its applicants come to read it.
    pub told: Told,
    /// Whether somebody read it, or may have, who reviews the proposal too: the rules let who has handed in read the others.
    pub peer_reads: bool,
    /// Whether the panel has said or written anything on the proposal.
    pub panel_began: bool,
}

/// How the applicants come to read a released review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// When the window to reply opens, which it has not yet.
    Later,
    /// With all others of the stage, as soon as none is to come any more: when those that are to come were assigned.
    WithTheLast(Vec<DateTime<Utc>>),
}

/// Who was told of a released review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The applicants.
    Applicants,
    /// The other reviewers of the proposal.
    Reviewers,
    /// The panel, which goes by it.
    Panel,
}

impl Recall {
    /// Who was told of it, or may have been, so that it cannot be unsaid; none as long as it may go back.
    ///
    /// A review that was there when this one was released and is still to come kept the applicants from reading any of the
    /// stage all the time. One that was assigned later proves nothing: before that, they may have read them all.
    pub fn reader(&self) -> Option<Reader> {
        let told = match &self.told {
            Told::Later => false,
            Told::WithTheLast(to_come) => to_come.iter().all(|at| *at > self.released_at),
        };
        if told {
            Some(Reader::Applicants)
        } else if self.peer_reads {
            Some(Reader::Reviewers)
        } else {
            self.panel_began.then_some(Reader::Panel)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn released() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(100)
    }

    fn recall(told: Told) -> Recall {
        Recall {
            released_at: released(),
            told,
            peer_reads: false,
            panel_began: false,
        }
    }

    #[test]
    fn what_is_told_to_nobody_goes_back() {
        assert_eq!(recall(Told::Later).reader(), None);
        let waited_for = Told::WithTheLast(vec![released() - TimeDelta::days(1)]);
        assert_eq!(recall(waited_for).reader(), None);
    }

    #[test]
    fn what_the_applicants_read_or_may_have_read_stays() {
        let later = vec![released() + TimeDelta::days(1)];
        for to_come in [Vec::new(), later.clone()] {
            let told = recall(Told::WithTheLast(to_come));
            assert_eq!(told.reader(), Some(Reader::Applicants));
        }
        let both = [later, vec![released()]].concat();
        assert_eq!(recall(Told::WithTheLast(both)).reader(), None);
    }

    #[test]
    fn what_reviewers_or_panel_know_stays() {
        let known = Recall {
            peer_reads: true,
            ..recall(Told::Later)
        };
        assert_eq!(known.reader(), Some(Reader::Reviewers));
        let begun = Recall {
            panel_began: true,
            ..recall(Told::Later)
        };
        assert_eq!(begun.reader(), Some(Reader::Panel));
    }
}
