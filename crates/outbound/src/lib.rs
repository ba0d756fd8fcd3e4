#![doc = include_str!("../README.md")]

pub mod checker;
mod child;
pub mod file;
pub mod mail;
pub mod parts;
#[cfg(feature = "s3")]
pub mod s3;
pub mod smtp;
pub mod store;
mod templates;
pub mod typesetter;

pub use checker::ChildChecker;
pub use child::Program;
pub use file::FileMailer;
pub use mail::SettingFault;
pub use parts::FolderParts;
pub use smtp::SmtpMailer;
pub use store::ObjectFiles;
pub use typesetter::ChildTypesetter;
