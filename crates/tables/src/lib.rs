#![doc = include_str!("../README.md")]

mod archive;
mod line;
mod workbook;

pub use archive::Archive;
pub use line::csv_line;
pub use workbook::{Limits, MOST_ROWS, Unreadable, read_workbook, write_workbook};
