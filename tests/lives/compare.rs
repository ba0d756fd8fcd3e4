//! Lives random lives, compares each with its model, and shortens the one that differs.

use std::collections::BTreeMap;
use std::fmt;

use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use testkit::Reply;

/// How a life ended; or where it differed from the model.
pub type End = Result<String, String>;

/// What lives.
pub trait Subject {
    /// What may happen to it.
    type Step: Copy + fmt::Debug + 'static;
    /// The steps, the more often listed the more frequent.
    const STEPS: &'static [Self::Step];
    /// The most steps of one life.
    const LONGEST: usize;
    /// How many live side by side.
    const BATCH: usize;

    /// What lives there are.
    fn lives() -> BoxedStrategy<Vec<Self::Step>> {
        let steps = proptest::sample::select(Self::STEPS);
        proptest::collection::vec(steps, 1..=Self::LONGEST).boxed()
    }

    /// Lives some lives.
    async fn live(&self, lives: &[Vec<Self::Step>]) -> Vec<End>;
}

/// What was tried.
#[derive(Default)]
pub struct Tried {
    steps: usize,
    ends: BTreeMap<String, usize>,
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} steps, ends {:?}", self.steps, self.ends)
    }
}

/// Compares so many lives with their models.
///
/// # Errors
/// The shortest life found that differs, and where.
pub async fn compare<S: Subject>(subject: &S, lives: usize) -> Result<Tried, String> {
    let strategy = S::lives();
    // The same lives in every run.
    let mut runner = TestRunner::deterministic();
    let mut tried = Tried::default();
    let mut left = lives;
    while left > 0 {
        let batch = left.min(S::BATCH);
        left -= batch;
        let mut trees: Vec<_> = (0..batch)
            .map(|_| strategy.new_tree(&mut runner).unwrap())
            .collect();
        let sequences: Vec<_> = trees.iter().map(ValueTree::current).collect();
        tried.steps += sequences.iter().map(Vec::len).sum::<usize>();
        for (at, end) in subject.live(&sequences).await.into_iter().enumerate() {
            match end {
                Ok(end) => *tried.ends.entry(end).or_default() += 1,
                Err(story) => return Err(shortest(subject, trees.swap_remove(at), story).await),
            }
        }
    }
    Ok(tried)
}

/// Takes steps out of a life for as long as it still differs.
async fn shortest<S: Subject>(
    subject: &S,
    mut tree: impl ValueTree<Value = Vec<S::Step>>,
    story: String,
) -> String {
    let mut found = (tree.current(), story);
    let mut more = tree.simplify();
    while more {
        let life = tree.current();
        match subject.live(std::slice::from_ref(&life)).await.remove(0) {
            Err(story) => {
                found = (life, story);
                more = tree.simplify();
            }
            Ok(_) => more = tree.complicate(),
        }
    }
    format!("{:?}: {}", found.0, found.1)
}

/// The story of a life that differs; there has to be one.
pub async fn differs<S: Subject>(subject: &S, lives: usize) -> String {
    match compare(subject, lives).await {
        Ok(tried) => panic!("nothing was noticed: {tried}"),
        Err(story) => {
            println!("noticed: {story}");
            story
        }
    }
}

/// Whether a step was answered as the model says.
pub fn answered(step: impl fmt::Debug, reply: &Reply, expected: u16) -> Result<(), String> {
    if reply.status == expected {
        return Ok(());
    }
    let (status, code) = (reply.status, reply.code());
    Err(format!(
        "{step:?} was answered {status} {code}, and the model says {expected}"
    ))
}

/// Whether it ended where the model says.
pub fn ended(found: &str, expected: &str) -> End {
    if found == expected {
        return Ok(found.to_owned());
    }
    Err(format!("it is '{found}', and the model says '{expected}'"))
}
