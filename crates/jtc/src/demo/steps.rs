//! Progress bars, and how long each step took.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// All steps so far.
pub struct Steps {
    bars: MultiProgress,
    done: Mutex<Vec<(String, u64, Duration)>>,
}

/// A step under way.
pub struct Step<'s> {
    steps: &'s Steps,
    name: String,
    started: Instant,
    bar: ProgressBar,
}

impl Steps {
    /// No steps yet.
    pub fn new() -> Steps {
        Steps {
            bars: MultiProgress::new(),
            done: Mutex::default(),
        }
    }

    /// Begins a step of `count` things.
    pub fn begin(&self, name: &str, count: usize) -> Step<'_> {
        let bar = self.bars.add(ProgressBar::new(count as u64));
        let style = ProgressStyle::with_template("{msg:44} {bar:30} {pos:>4}/{len:<4} {elapsed}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_message(name.to_owned());
        Step {
            steps: self,
            name: name.to_owned(),
            started: Instant::now(),
            bar,
        }
    }

    /// Name, count and time of each step that ended.
    pub fn done(&self) -> Vec<(String, u64, Duration)> {
        self.done
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Step<'_> {
    /// One thing is done.
    pub fn one(&self) {
        self.bar.inc(1);
    }

    /// The step is done.
    pub fn end(self) {
        let count = self.bar.length().unwrap_or_default();
        self.bar.set_position(count);
        self.bar.finish();
        let entry = (self.name, count, self.started.elapsed());
        self.steps
            .done
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(entry);
    }
}
