//! The money side of a call: what is asked of whom, the selection with its lines, the letters.

pub mod balance;
pub mod classification;
pub mod funded;
pub mod invitation;
pub mod letter;
pub mod package;
pub mod redress;
pub mod scenario;
pub mod selection;
