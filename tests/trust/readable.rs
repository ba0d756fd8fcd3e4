//! A body as it can be looked through: what archives and workbooks hold stands beside their bytes.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The text of a body. Of an archive also each file that it holds, with its name, archives within it unpacked too.
pub fn readable(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    if !body.starts_with(b"PK\x03\x04") {
        return text.into_owned();
    }
    // Bytes that are no text look alike: their hash does not.
    let mut found = format!("{} bytes {}", body.len(), hex::encode(Sha256::digest(body)));
    let files =
        tables::unpacked(body).unwrap_or_else(|error| panic!("an archive is none: {error}"));
    for (name, content) in files {
        write!(found, "\n{name}: {}", readable(&content)).unwrap();
    }
    found
}

/// What a workbook or an archive of these files would be, for tests of this one.
pub fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tables::Archive::default();
    let mut bytes = Vec::new();
    for (name, content) in files {
        bytes.extend(archive.add(name, content).unwrap());
    }
    bytes.extend(archive.finish().unwrap());
    bytes
}
