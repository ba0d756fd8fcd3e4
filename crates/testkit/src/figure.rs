/// How often a test tries: the whole figure of the catalogue of trust under `make trust` (the variable
/// `JTC_TRUST` says `whole`), a tenth of it, at least one, in every other run.
pub fn figure(whole: usize) -> usize {
    if whole_run() {
        whole
    } else {
        (whole / 10).max(1)
    }
}

/// Whether the figures are run whole.
#[allow(
    clippy::disallowed_methods,
    reason = "a test run is told by its environment how thorough it is"
)]
pub fn whole_run() -> bool {
    std::env::var("JTC_TRUST").is_ok_and(|value| value == "whole")
}
