use super::*;

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
