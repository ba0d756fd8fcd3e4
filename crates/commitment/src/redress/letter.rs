use call::Score;

use crate::letter::{LetterOutcome, evaluation, verdict};

/// Scores per criterion by title, their total, and what the panel says.
pub type Judged<'a> = (&'a [(String, Score)], Score, &'a str);

/// The letter after redress was upheld: what was found, and what comes of it. It never names a funder or a reviewer.
#[derive(Debug, Clone, Copy)]
pub struct RedressLetter<'a> {
    /// Title and code of the call.
    pub call: &'a str,
    /// Whether nothing of it is real.
    pub rehearsal: bool,
    /// The proposal's number and acronym.
    pub proposal: &'a str,
    /// Name of the coordinator.
    pub name: &'a str,
    /// Title of the ground.
    pub ground: &'a str,
    /// Why the steering committee upheld it.
    pub because: &'a str,
    /// The new scores with their criteria, total and reasons; none where the proposal was not judged again.
    pub judged: Option<Judged<'a>>,
    /// What the proposal's outcome is now.
    pub outcome: LetterOutcome,
    /// Until when a full proposal can be submitted, for those invited.
    pub deadline: &'a str,
    /// What else there is to say.
    pub remark: &'a str,
}

impl RedressLetter<'_> {
    /// The text.
    pub fn body(&self) -> String {
        let mut parts = Vec::new();
        if self.rehearsal {
            parts.push("REHEARSAL: nothing in this letter is real.".to_owned());
        }
        parts.push(format!("{}\nProposal {}", self.call, self.proposal));
        parts.push(format!("Dear {},", self.name));
        parts.push(format!(
            "The steering committee has upheld your request for redress.\nGround: {}\nReasons of the committee: {}",
            self.ground,
            self.because.trim()
        ));
        match self.judged {
            Some((scores, total, comment)) => {
                parts.push(
                    "Your proposal was judged again, and a new version of the ranking list was adopted."
                        .to_owned(),
                );
                parts.push(evaluation(scores, total, comment));
                parts.push(verdict(self.outcome, self.deadline));
            }
            None => parts.push(
                "This does not change the outcome that you were told: your proposal was not judged again."
                    .to_owned(),
            ),
        }
        if !self.remark.trim().is_empty() {
            parts.push(self.remark.trim().to_owned());
        }
        parts.join("\n\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_was_found_and_what_comes_of_it() {
        let scores = [("Excellence".to_owned(), Score(450))];
        let letter = RedressLetter {
            call: "Clinical tools (JTC2031)",
            rehearsal: true,
            proposal: "P-007 HEART",
            name: "Ada",
            ground: "The procedure was not followed",
            because: "A step was left out.",
            judged: Some((&scores, Score(1350), "Sound.")),
            outcome: LetterOutcome::Reserve,
            deadline: "",
            remark: "Thank you.",
        };
        let body = letter.body();
        for part in [
            "REHEARSAL",
            "Ground: The procedure was not followed",
            "A step was left out.",
            "Excellence: 4.5",
            "Total: 13.5",
            "insufficient budget",
            "Thank you.",
        ] {
            assert!(body.contains(part), "{part}: {body}");
        }
        let unchanged = RedressLetter {
            judged: None,
            ..letter
        };
        let body = unchanged.body();
        assert!(body.contains("does not change the outcome") && !body.contains("Total"));
    }
}
