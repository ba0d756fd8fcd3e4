//! The assignment of reviewers beside OR-Tools' minimum-cost flow, on the same matrices in the same run.
//!
//! Prints a line for each instance: medians of the two, their ratio, and the peak memory of a process
//! that holds the matrix and solves it. The peer is `benches/peer.py`, run by the Python named in
//! `PEER_PYTHON`; without it only ours is measured. Ends with 1 where the totals differ or a limit is not kept.

mod instances;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use instances::grid;
use review::assign::{Grid, greatest};

/// Proposals, experts, least and greatest load; three reviewers each.
type Size = (usize, usize, u32, u32);

/// With what part of the peer's time ours may take: one in so many.
const SIZES: [(Size, f64); 3] = [
    ((526, 596, 1, 6), 10.0),
    ((2623, 1373, 2, 9), 15.0),
    ((5062, 2840, 2, 9), 20.0),
];

/// The most memory of a process that solves the largest, in MB.
const MOST_MEMORY: u64 = 150;

#[allow(
    clippy::disallowed_methods,
    reason = "a bench is told by its environment where its peer is"
)]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|a| a == "--measure") {
        measure(Path::new(&arguments[at + 1]), &arguments[at + 2]);
        return ExitCode::SUCCESS;
    }
    let python = std::env::var("PEER_PYTHON").ok();
    println!("| instance | ours | OR-Tools | ratio | total | peak memory |");
    println!("|---|---|---|---|---|---|");
    let mut kept = true;
    for shape in ["uniform", "topics", "fifths"] {
        for (size, limit) in SIZES {
            kept &= compare(shape, size, limit, python.as_deref());
        }
    }
    match kept {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Whether the totals are the same and the limits are kept.
fn compare(shape: &str, size: Size, limit: f64, python: Option<&str>) -> bool {
    let grid = grid(shape, size);
    let name = format!("jtc-peers-{}-{shape}-{}.bin", std::process::id(), size.0);
    let file = std::env::temp_dir().join(name);
    if let Err(error) = write(&grid, &file) {
        eprintln!("{}: {error}", file.display());
        return false;
    }
    let (ours, memory, total) = child(&file);
    let (peer, same) = match python {
        Some(python) => peer(python, &file, total),
        None => (None, "not compared"),
    };
    let _ = std::fs::remove_file(&file);
    let slow = peer.is_some_and(|peer| ours * limit > peer);
    let ratio = peer.map_or("-".to_owned(), |peer| format!("1/{:.1}", peer / ours));
    let peer = peer.map_or("-".to_owned(), |peer| format!("{peer:.0} ms"));
    println!(
        "| {shape} {} x {} | {ours:.1} ms | {peer} | {ratio} | {total}, {same} | {memory} MB |",
        size.0, size.1
    );
    same != DIFFERENT && !slow && memory <= MOST_MEMORY
}

const DIFFERENT: &str = "NOT THE SAME";

/// A process that reads the matrix and solves it, so that its peak memory is that of the engine.
fn child(file: &Path) -> (f64, u64, i64) {
    let me: PathBuf = std::env::current_exe().unwrap_or_default();
    let output = Command::new(me)
        .arg("--measure")
        .arg(file)
        .arg("9")
        .output();
    let text = output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned());
    let text = text.unwrap_or_default();
    let mut words = text.split_whitespace();
    let mut next = || {
        words
            .next()
            .and_then(|word| word.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    (next(), next() as u64, next() as i64)
}

fn measure(file: &Path, runs: &str) {
    let grid = read(file).unwrap_or_default();
    let mut times = Vec::new();
    let mut total = 0;
    for _ in 0..runs.parse().unwrap_or(1) {
        let start = Instant::now();
        let found = greatest(&grid);
        times.push(start.elapsed().as_secs_f64() * 1000.0);
        total = found.map_or(0, |found| found.value);
    }
    times.sort_by(f64::total_cmp);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    println!(
        "{} {} {total}",
        times[times.len() / 2],
        peak.unwrap_or(0) / 1024
    );
}

fn peer(python: &str, file: &Path, total: i64) -> (Option<f64>, &'static str) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peer.py");
    let output = Command::new(python).arg(script).arg(file).output();
    let text = output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned());
    let text = text.unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().collect();
    let [median, found] = words[..] else {
        return (None, "the peer did not answer");
    };
    let same = match found == total.to_string() {
        true => "the same",
        false => DIFFERENT,
    };
    (median.parse().ok(), same)
}

fn write(grid: &Grid, file: &Path) -> std::io::Result<()> {
    let head = [
        grid.need.len(),
        grid.columns(),
        grid.least[0] as usize,
        grid.most[0] as usize,
    ];
    let head = head.map(|number| number as i32);
    let numbers = head.iter().chain(&grid.affinity);
    std::fs::write(
        file,
        numbers.flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>(),
    )
}

/// Reads piece by piece, so that the file's bytes never stand beside the matrix.
fn read(file: &Path) -> std::io::Result<Grid> {
    use std::io::Read;
    let mut file = std::io::BufReader::new(std::fs::File::open(file)?);
    let mut next = || {
        let mut bytes = [0; 4];
        file.read_exact(&mut bytes)
            .map(|()| i32::from_le_bytes(bytes))
    };
    let [rows, columns, least, most] = [next()?, next()?, next()?, next()?];
    let (rows, columns) = (rows as usize, columns as usize);
    let mut affinity = Vec::with_capacity(rows * columns);
    for _ in 0..rows * columns {
        affinity.push(next()?);
    }
    Ok(Grid {
        need: vec![3; rows],
        least: vec![least as u32; columns],
        most: vec![most as u32; columns],
        affinity,
        ..Grid::default()
    })
}
