use std::collections::BTreeSet;

use uuid::Uuid;

use super::*;
use crate::assign::{
    CLOSED, ExpertNode, Group, Limits, Partition, Problem, ProposalNode, assign_for,
};

const USUAL: Defaults = Defaults {
    per_proposal: 2,
    min_load: 0,
    max_load: 2,
};

fn files<'a>(affinity: &'a str, conflicts: &'a str, experts: &'a str) -> Files<'a> {
    Files {
        affinity,
        conflicts: Some(conflicts),
        experts: Some(experts),
    }
}

#[test]
fn tables_are_solved_and_the_answer_is_a_table() {
    let affinity = "proposal,reviewer,affinity\nP1,Ada,1\nP1,Bo,0.5\nP2,Ada,0.000001\nP2,Bo,0.25\n";
    let conflicts = "proposal,reviewer\nP2,Ada\n";
    let experts = "reviewer,min_load,max_load,group\nCy,,1,SE\nAda,,,\n";
    let tables = Tables::read(files(affinity, conflicts, experts), USUAL).unwrap();
    assert_eq!(tables.reviewers, ["Ada", "Bo", "Cy"]);
    assert_eq!(tables.grid.most, [2, 2, 1]);
    let answer = tables.assign(Objective::Total).unwrap();
    assert_eq!(
        (answer.total, answer.worst, answer.gap),
        (1_750_000, 250_000, 0)
    );
    assert_eq!(
        tables.csv(&answer),
        "proposal,reviewer,affinity\nP1,Ada,1\nP1,Bo,0.5\nP2,Bo,0.25\nP2,Cy,0\n"
    );
}

#[test]
fn all_faults_are_named_with_their_lines() {
    let affinity = "proposal,reviewer,affinity\nP1,Ada,1.5\nP1,Ada,0.2\n,Bo,0.1234567\nP2,Bo\nP3,Bo,-1\nP3,Cy,1e-3\n";
    let conflicts = "proposal,expert\nP1,Ada\n";
    let experts = "reviewer,min_load,max_load,group\nAda,3,,\nBo,x,1,\nBo,,,\n";
    let faults = Tables::read(files(affinity, conflicts, experts), USUAL).unwrap_err();
    let places: Vec<(Source, u64)> = faults
        .iter()
        .map(|fault| (fault.source, fault.line))
        .collect();
    let a = Source::Affinity;
    let e = Source::Experts;
    assert_eq!(
        places,
        [
            (a, 2),
            (a, 3),
            (a, 4),
            (a, 4),
            (a, 5),
            (a, 6),
            (a, 7),
            (Source::Conflicts, 1),
            (e, 2),
            (e, 3),
            (e, 4)
        ],
        "{faults:#?}"
    );
    assert!(
        faults[0]
            .to_string()
            .starts_with("affinity, line 2: the affinity \"1.5\" is not")
    );
}

#[test]
fn an_empty_table_is_a_fault_and_one_without_pairs_is_not() {
    let read = |text| {
        Tables::read(
            Files {
                affinity: text,
                ..Files::default()
            },
            USUAL,
        )
    };
    assert_eq!(read("").unwrap_err().len(), 1);
    let tables = read("\u{feff}proposal,reviewer,affinity\r\n").unwrap();
    assert_eq!(tables.assign(Objective::Fair).unwrap().pairs, []);
}

#[test]
fn where_there_is_none_the_names_are_told() {
    let affinity = "proposal,reviewer,affinity\nP1,Ada,1\nP2,Bo,1\nP3,Ada,0\n";
    let conflicts = "proposal,reviewer\nP1,Bo\n";
    let tables = Tables::read(files(affinity, conflicts, "reviewer\n"), USUAL).unwrap();
    let why = tables.assign(Objective::Total).unwrap_err().join(" ");
    assert!(why.contains("P1") && why.contains("Ada"), "{why}");
    assert!(why.contains("Smallest change: "), "{why}");
}

#[test]
fn the_objective_decides_which_bound_is_told() {
    let affinity = "proposal,reviewer,affinity\nP1,Ada,1\nP1,Bo,0.6\nP2,Ada,0.5\nP2,Bo,0\n";
    let tables = Tables::read(
        Files {
            affinity,
            ..Files::default()
        },
        Defaults {
            per_proposal: 1,
            max_load: 1,
            ..USUAL
        },
    )
    .unwrap();
    let total = tables.assign(Objective::Total).unwrap();
    let fair = tables.assign(Objective::Fair).unwrap();
    assert_eq!((total.total, total.bound), (1_100_000, 1_100_000));
    assert_eq!((fair.worst, fair.total), (500_000, 1_100_000));
    assert_eq!(fair.gap, fair.bound - fair.worst);
}

#[test]
fn decimals_end_without_zeros() {
    assert_eq!(
        [0, 1, 250_000, 3_000_000].map(decimal),
        ["0", "0.000001", "0.25", "3"]
    );
}

/// Eight proposals and nine reviewers, of whom the first six are of two groups and the seventh alone of a third.
fn grouped() -> Tables {
    let mut affinity = "proposal,reviewer,affinity\n".to_owned();
    let mut experts = "reviewer,group\n".to_owned();
    for reviewer in 0..9 {
        for proposal in 0..8 {
            let value = (proposal * 37 + reviewer * 53 + proposal * reviewer * 7) % 100;
            affinity += &format!("P{proposal},R{reviewer},0.{value:02}\n");
        }
        let group = ["SE", "DE", "SE", "SE", "DE", "DE", "FR", "", ""][reviewer];
        experts += &format!("R{reviewer},{group}\n");
    }
    let conflicts = "proposal,reviewer\nP0,R7\nP3,R1\n";
    let defaults = Defaults {
        per_proposal: 3,
        max_load: 4,
        ..USUAL
    };
    Tables::read(files(&affinity, conflicts, &experts), defaults).unwrap()
}

/// The tables with their limits as a problem by ids, which numbers its nodes in the same order.
fn problem(tables: &Tables, limits: &GroupLimits) -> Problem {
    let groups = tables.groups.as_ref().unwrap();
    let id = |side, number: usize| Uuid::from_u64_pair(side, number as u64);
    let (rows, columns) = (tables.proposals.len(), tables.reviewers.len());
    let pairs = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    let closed = pairs.filter(|(row, column)| tables.grid.value(*row, *column) == CLOSED);
    let least = |name: &String| limits.least.iter().find(|(of, _)| of == name);
    Problem {
        proposals: (0..rows)
            .map(|row| ProposalNode {
                id: id(0, row),
                reviewers: 3,
            })
            .collect(),
        experts: (0..columns)
            .map(|column| ExpertNode {
                id: id(1, column),
                min_load: 0,
                max_load: 4,
            })
            .collect(),
        affinity: (tables.grid.affinity.iter())
            .map(|value| i64::from(*value).max(0))
            .collect(),
        forbidden: closed
            .map(|(row, column)| (id(0, row), id(1, column)))
            .collect(),
        kept: BTreeSet::new(),
        partition: Some(Partition {
            groups: (groups.names.iter())
                .map(|name| Group {
                    name: name.clone(),
                    per_proposal: Limits {
                        least: least(name).map_or(0, |(_, least)| *least),
                        most: limits.most,
                    },
                    load: Limits::default(),
                })
                .collect(),
            member: (groups.member.iter().enumerate())
                .filter_map(|(column, group)| Some((id(1, column), (*group)?)))
                .collect(),
        }),
    }
}

#[test]
fn groups_are_limited_as_a_partition_is() {
    let of = |name: &str, least| (name.to_owned(), least);
    let limits = [
        (Some(1), vec![]),
        (Some(2), vec![of("SE", 1)]),
        (None, vec![of("DE", 1), of("SE", 1)]),
    ];
    for (most, least) in limits {
        let limits = GroupLimits { most, least };
        let mut tables = grouped();
        let before = tables.assign(Objective::Total).unwrap();
        tables.limit(limits.clone()).unwrap();
        for objective in [Objective::Total, Objective::Fair] {
            let found = tables.assign(objective).unwrap();
            let same = assign_for(&problem(&tables, &limits), objective).unwrap();
            let number = |id: Uuid| id.as_u64_pair().1 as u32;
            let pairs = same.pairs.iter();
            let pairs: Vec<_> = pairs
                .map(|pair| (number(pair.proposal), number(pair.expert)))
                .collect();
            assert_eq!(found.pairs, pairs, "{limits:?} {objective:?}");
            assert_eq!(
                (found.total, found.worst, found.bound, found.gap),
                (same.total, same.worst, same.bound, same.gap),
                "{limits:?} {objective:?}"
            );
            assert!(found.total < before.total, "{limits:?}: it binds");
        }
    }
}

#[test]
fn who_is_in_no_group_is_not_limited_and_without_limits_nothing_is() {
    let mut tables = grouped();
    let before = tables.clone();
    assert_eq!(tables.limit(GroupLimits::default()), Ok(()));
    assert_eq!(tables, before);
    let limits = GroupLimits {
        most: Some(1),
        least: Vec::new(),
    };
    tables.limit(limits).unwrap();
    assert_eq!(tables.group_names(), ["DE", "FR", "SE"]);
    assert_eq!(tables.grid.group, [2, 0, 2, 2, 0, 0, 1, 3, 3]);
    assert_eq!(tables.grid.nests.len(), 8 * 3, "none of those in no group");
}

#[test]
fn a_limit_of_a_group_that_is_not_there_is_refused() {
    let limits = GroupLimits {
        most: None,
        least: vec![
            ("IT".to_owned(), 1),
            ("SE".to_owned(), 1),
            ("".to_owned(), 1),
        ],
    };
    let mut tables = grouped();
    let before = tables.clone();
    let faults = tables.limit(limits.clone()).unwrap_err();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(
        faults[0].contains("nobody is of the group IT"),
        "{faults:?}"
    );
    assert_eq!(tables, before);
    let affinity = "proposal,reviewer,affinity\nP1,Ada,1\n";
    let experts = [None, Some("reviewer,max_load\nAda,1\n")];
    for experts in experts {
        let files = Files {
            affinity,
            conflicts: None,
            experts,
        };
        let mut tables = Tables::read(files, USUAL).unwrap();
        let faults = tables.limit(limits.clone()).unwrap_err();
        assert!(faults[0].contains("no column group"), "{faults:?}");
    }
}

#[test]
fn it_is_told_where_groups_alone_leave_no_assignment() {
    let affinity = "proposal,reviewer,affinity\nP1,Ada,1\nP1,Bo,1\nP2,Cy,1\n";
    let experts = "reviewer,group\nAda,SE\nBo,SE\nCy,\n";
    let conflicts = "proposal,reviewer\nP1,Cy\nP2,Ada\n";
    let mut tables = Tables::read(files(affinity, conflicts, experts), USUAL).unwrap();
    let limits = GroupLimits {
        most: Some(1),
        least: Vec::new(),
    };
    tables.limit(limits).unwrap();
    let why = tables.assign(Objective::Fair).unwrap_err();
    assert_eq!(
        why,
        [
            "Without the limits of groups there would be an assignment; they are, for each proposal: at most 1 of any \
             group.",
            "Smallest change: allow 1 more of SE in P1."
        ]
    );
    // Where something else stands in the way, too, the groups are not blamed.
    tables.grid.most[0] = 0;
    let why = tables.assign(Objective::Total).unwrap_err();
    assert!(!why[0].contains("limits of groups"), "{why:?}");
}
