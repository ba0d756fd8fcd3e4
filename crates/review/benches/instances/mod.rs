//! Random matrices that are the same in each run.

use review::assign::Grid;

/// Uniform: each affinity on its own. Topics: half of it from what two topics of a proposal and three
/// of an expert have in common, so that whole rows want the same experts, many affinities are none. Fifths: six values, full of ties.
pub fn grid(shape: &str, (rows, columns, least, most): (usize, usize, u32, u32)) -> Grid {
    let mut state = rows as u64;
    let mut roll = |below: u64| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % below
    };
    let mut topics = |count: usize| -> u64 {
        // Some topics are liked more than others.
        (0..count).fold(0, |set, _| set | 1 << (roll(25) * roll(25) / 25))
    };
    let wanted: Vec<u64> = (0..rows).map(|_| topics(2)).collect();
    let offered: Vec<u64> = (0..columns).map(|_| topics(3)).collect();
    let mut affinity = Vec::with_capacity(rows * columns);
    for wanted in &wanted {
        for offered in &offered {
            let common = u64::from((wanted & offered).count_ones());
            let value = match shape {
                "uniform" => roll(1_000_001),
                "fifths" => 200_000 * roll(6),
                _ if common == 0 => 0,
                _ => 250_000 * common + roll(500_001),
            };
            affinity.push(value as i32);
        }
    }
    Grid {
        need: vec![3; rows],
        least: vec![least; columns],
        most: vec![most; columns],
        affinity,
        ..Grid::default()
    }
}
