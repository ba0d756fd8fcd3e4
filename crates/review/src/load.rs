//! How many proposals an expert takes at one stage at most.

use std::collections::BTreeMap;

use kernel::{Faults, token};

/// The most proposals that an expert may take at one stage.
pub const MOST_LOAD: i32 = 100;

/// How many proposals an expert takes at most: the same number at every stage but those for which another is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loads {
    /// The most at each stage for which no other number is said.
    pub max_load: i32,
    /// The most at single stages, by the number of the stage.
    pub stage_loads: BTreeMap<String, i32>,
}

impl Loads {
    /// The most proposals at a stage.
    pub fn load_at(&self, stage: i32) -> i32 {
        let own = self.stage_loads.get(&stage.to_string());
        own.copied().unwrap_or(self.max_load)
    }

    /// What is left to an expert who gets nothing more: at each stage of the call as many as are held there.
    pub fn left(held: &BTreeMap<i32, i32>) -> Loads {
        let most = held.values().copied().max().unwrap_or_default();
        let fewer = held.iter().filter(|(_, held)| **held < most);
        Loads {
            max_load: most,
            stage_loads: fewer
                .map(|(stage, held)| (stage.to_string(), *held))
                .collect(),
        }
    }

    /// What is wrong with them in a call that has these stages; `at` points to a field.
    pub fn check(&self, stages: &[i32], at: &impl Fn(&str) -> String, faults: &mut Faults) {
        let detail = format!("give 0 to {MOST_LOAD} proposals at one stage");
        let range = 0..=MOST_LOAD;
        faults.require(
            range.contains(&self.max_load),
            at("max_load"),
            "out_of_range",
            detail.as_str(),
        );
        for (key, load) in &self.stage_loads {
            let pointer = at(&format!("stage_loads/{}", token(key)));
            known(key, stages, &pointer, faults);
            faults.require(
                range.contains(load),
                pointer,
                "out_of_range",
                detail.as_str(),
            );
        }
    }

    /// What is wrong with them for an expert who has so many reviews at each stage of the call.
    pub fn check_held(&self, held: &BTreeMap<i32, i32>, faults: &mut Faults) {
        let mut others = 0;
        for (stage, held) in held {
            match self.stage_loads.get(&stage.to_string()) {
                Some(load) => covers(*load, *held, format!("/stage_loads/{stage}"), faults),
                None => others = others.max(*held),
            }
        }
        covers(self.max_load, others, "/max_load".to_owned(), faults);
    }

    /// These loads with what an expert says of single stages on accepting: no more than was asked for there.
    pub fn accepted(&self, own: BTreeMap<String, i32>, stages: &[i32]) -> Result<Loads, Faults> {
        let mut faults = Faults::default();
        for (key, load) in &own {
            let pointer = format!("/stage_loads/{}", token(key));
            if let Some(stage) = known(key, stages, &pointer, &mut faults) {
                let asked = self.load_at(stage);
                faults.require(
                    (0..=asked).contains(load),
                    pointer,
                    "out_of_range",
                    format!("you are asked for at most {asked} proposals at this stage; give 0 to {asked}, and agree on more with the secretariat"),
                );
            }
        }
        let mut loads = self.clone();
        loads.stage_loads.extend(own);
        faults.or(loads)
    }
}

/// The stage that a key names, as the call writes its number; a fault where it has no such stage.
fn known(key: &str, stages: &[i32], pointer: &str, faults: &mut Faults) -> Option<i32> {
    let stage = stages.iter().find(|stage| stage.to_string() == key);
    let numbers: Vec<String> = stages.iter().map(i32::to_string).collect();
    faults.require(
        stage.is_some(),
        pointer,
        "stage_unknown",
        format!(
            "the call has no stage '{key}'; give a load for {}, or leave it out",
            numbers.join(" or ")
        ),
    );
    stage.copied()
}

fn covers(load: i32, held: i32, pointer: String, faults: &mut Faults) {
    faults.require(
        held <= load,
        pointer,
        "below_held",
        format!("the expert has {held} proposals at a stage; give at least as many, or replace reviews first"),
    );
}

#[cfg(test)]
mod tests;
