#![doc = include_str!("../README.md")]

pub mod file;
pub mod mail;
pub mod smtp;
mod templates;

pub use file::FileMailer;
pub use mail::SettingFault;
pub use smtp::SmtpMailer;
