#![doc = include_str!("../README.md")]

mod archive;
mod form;
mod line;
mod workbook;

pub use archive::{Archive, unpacked};
pub use form::{Asked, Page, write_form};
pub use line::csv_line;
pub use workbook::{LONGEST, Limits, MOST_ROWS, Unreadable, read_workbook, write_workbook};
