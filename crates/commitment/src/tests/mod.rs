mod cofunded;
mod instance;
mod oracle;
mod properties;
mod scene;
mod search;
mod whole;
mod worked;
