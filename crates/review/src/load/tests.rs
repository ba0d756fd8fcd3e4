use super::*;

fn loads(max_load: i32, stages: &[(&str, i32)]) -> Loads {
    let stages = stages.iter();
    Loads {
        max_load,
        stage_loads: stages
            .map(|(key, load)| ((*key).to_owned(), *load))
            .collect(),
    }
}

fn told(faults: &Faults) -> Vec<String> {
    let faults = faults.0.iter();
    faults
        .map(|fault| format!("{} {}", fault.pointer, fault.code))
        .collect()
}

fn checked(loads: &Loads) -> Vec<String> {
    let mut faults = Faults::default();
    let at = |field: &str| format!("/experts/0/{field}");
    loads.check(&[1, 2], &at, &mut faults);
    told(&faults)
}

fn covered(loads: &Loads, held: [(i32, i32); 2]) -> Vec<String> {
    let mut faults = Faults::default();
    loads.check_held(&held.into(), &mut faults);
    told(&faults)
}

#[test]
fn the_load_of_a_stage_goes_before_that_of_all() {
    let five = loads(5, &[("2", 1)]);
    assert_eq!((five.load_at(1), five.load_at(2)), (5, 1));
    let none = loads(0, &[("1", 7)]);
    assert_eq!((none.load_at(1), none.load_at(2)), (7, 0));
    assert_eq!(loads(5, &[]).load_at(2), 5);
}

#[test]
fn who_gets_nothing_more_keeps_what_is_held_at_each_stage() {
    for held in [[(1, 3), (2, 0)], [(1, 0), (2, 2)], [(1, 2), (2, 2)]] {
        let left = Loads::left(&held.into());
        for (stage, held) in held {
            assert_eq!(left.load_at(stage), held);
        }
        assert_eq!(covered(&left, held), [""; 0]);
    }
    assert_eq!(Loads::left(&[(1, 3), (2, 0)].into()), loads(3, &[("2", 0)]));
    assert_eq!(Loads::left(&[(1, 0), (2, 0)].into()), loads(0, &[]));
    assert_eq!(Loads::left(&BTreeMap::new()), loads(0, &[]));
}

#[test]
fn numbers_and_stages_are_checked_all_at_once() {
    assert_eq!(checked(&loads(100, &[("1", 0), ("2", 100)])), [""; 0]);
    let faulty = loads(101, &[("02", 4), ("2", -1), ("3", 101), ("a/b", 1)]);
    assert_eq!(
        checked(&faulty),
        [
            "/experts/0/max_load out_of_range",
            "/experts/0/stage_loads/02 stage_unknown",
            "/experts/0/stage_loads/2 out_of_range",
            "/experts/0/stage_loads/3 stage_unknown",
            "/experts/0/stage_loads/3 out_of_range",
            "/experts/0/stage_loads/a~1b stage_unknown",
        ]
    );
}

#[test]
fn a_load_covers_what_is_held_at_its_stage() {
    assert_eq!(covered(&loads(3, &[]), [(1, 3), (2, 0)]), [""; 0]);
    assert_eq!(
        covered(&loads(2, &[]), [(1, 3), (2, 4)]),
        ["/max_load below_held"]
    );
    assert_eq!(covered(&loads(0, &[("1", 3)]), [(1, 3), (2, 0)]), [""; 0]);
    assert_eq!(
        covered(&loads(2, &[("2", 1)]), [(1, 3), (2, 2)]),
        ["/stage_loads/2 below_held", "/max_load below_held"]
    );
    assert_eq!(
        covered(&loads(-1, &[]), [(1, 0), (2, 0)]),
        ["/max_load below_held"]
    );
}

#[test]
fn who_accepts_takes_fewer_at_a_stage_and_never_more() {
    let asked = loads(5, &[("2", 3)]);
    let own = |stages: &[(&str, i32)]| loads(0, stages).stage_loads;
    let fewer = asked.accepted(own(&[("2", 1)]), &[1, 2]).unwrap();
    assert_eq!(fewer, loads(5, &[("2", 1)]));
    let both = asked.accepted(own(&[("1", 4)]), &[1, 2]).unwrap();
    assert_eq!(both, loads(5, &[("1", 4), ("2", 3)]));
    assert_eq!(asked.accepted(BTreeMap::new(), &[1, 2]), Ok(asked.clone()));
    let refused = asked
        .accepted(own(&[("1", -1), ("2", 4), ("3", 1)]), &[1, 2])
        .unwrap_err();
    assert_eq!(
        told(&refused),
        [
            "/stage_loads/1 out_of_range",
            "/stage_loads/2 out_of_range",
            "/stage_loads/3 stage_unknown",
        ]
    );
}
