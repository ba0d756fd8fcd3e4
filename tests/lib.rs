//! Scenarios over HTTP and a real database; see the files beside this one.
