//! The money side of a call: what funders sign, what is asked of whom, the selection with its lines, the letters.

pub mod amendment;
pub mod balance;
pub mod classification;
pub mod defaulting;
pub mod deviation;
pub mod funded;
pub mod invitation;
pub mod letter;
pub mod note;
pub mod package;
pub mod redress;
pub mod scenario;
pub mod selection;
pub mod signed;
pub mod unfreezing;
