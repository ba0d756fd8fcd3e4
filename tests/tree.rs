//! The files of the repository, as the tests of the house read them.

use std::path::{Path, PathBuf};

/// A text file of the repository.
pub struct Source {
    /// Path from the root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap().to_owned()
}

/// All files below `folder` with one of these endings, without what is built or hidden.
pub fn sources(folder: &str, endings: &[&str]) -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    walk(&root.join(folder), &mut |path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(Source {
                path: path.strip_prefix(&root).unwrap().display().to_string(),
                text: std::fs::read_to_string(path).unwrap(),
            });
        }
    });
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(
        !found.is_empty(),
        "no {endings:?} below {folder}: the test looks in the wrong place"
    );
    found
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || ["target", "var", "node_modules"].contains(&&*name) {
            continue;
        }
        if path.is_dir() {
            walk(&path, visit);
        } else {
            visit(&path);
        }
    }
}

/// The line at which the tests of a Rust file begin: none of its lines when it has none, all when it is a test.
pub fn tests_begin(source: &Source) -> usize {
    let is_test = source.path.starts_with("tests/")
        || source.path.contains("/tests/")
        || source.path.ends_with("/tests.rs");
    if is_test {
        return 0;
    }
    // `#[cfg(test)] mod tests;` names a file that is found by itself; `mod tests {` opens the tests here.
    let lines: Vec<&str> = source.text.lines().collect();
    (0..lines.len())
        .find(|at| {
            lines[*at].starts_with("#[cfg(test)]")
                && lines[*at..]
                    .iter()
                    .take(3)
                    .any(|l| l.starts_with("mod ") && l.ends_with('{'))
        })
        .unwrap_or(lines.len())
}
