#![doc = include_str!("../README.md")]

pub mod checker;
pub mod file;
pub mod mail;
pub mod parts;
#[cfg(feature = "s3")]
pub mod s3;
pub mod smtp;
pub mod store;
mod templates;

pub use checker::ChildChecker;
pub use file::FileMailer;
pub use mail::SettingFault;
pub use parts::FolderParts;
pub use smtp::SmtpMailer;
pub use store::ObjectFiles;
