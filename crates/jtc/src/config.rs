//! The configuration: the embedded defaults, a file, then environment variables such as
//! `JTC__HTTP__ADDRESS`.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use secrecy::SecretString;
use serde::Deserialize;

/// The defaults, every key commented.
const DEFAULTS: &str = include_str!("../../../config/default.toml");

/// All settings. `config/default.toml` explains each.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub http: Http,
    pub database: Database,
    pub data: Data,
    pub files: Files,
    pub mail: Mail,
    pub access: Access,
    pub limits: Limits,
    pub log: Log,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    pub address: String,
    pub public_url: String,
    pub trusted_proxies: Vec<String>,
    pub metrics_address: String,
    pub workers: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    pub url: String,
    pub owner_url: String,
    pub pool: usize,
    pub pg_bin: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    pub folder: PathBuf,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    not(feature = "s3"),
    allow(dead_code, reason = "the keys of a bucket are known to every binary")
)]
pub struct Files {
    pub folder: PathBuf,
    pub bucket: String,
    pub region: String,
    pub endpoint: String,
    pub access_key_id: String,
    pub secret_access_key: SecretString,
    pub file_mb: u64,
    pub proposal_mb: u64,
    pub check_memory_mb: u64,
    pub check_seconds: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    pub smtp_url: String,
    pub from: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    pub session_hours: u64,
    pub fresh_minutes: u64,
    pub require_second_factor: bool,
    pub hash_permits: usize,
    pub hash_queue: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub requests_per_minute: u32,
    pub login_per_minute: u32,
    pub submit_per_minute: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub format: LogFormat,
    pub filter: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

impl Config {
    /// Reads defaults, file and environment, in this order.
    pub fn load(file: Option<&Path>) -> Result<Config> {
        let mut builder = ::config::Config::builder().add_source(::config::File::from_str(
            DEFAULTS,
            ::config::FileFormat::Toml,
        ));
        if let Some(file) = file {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("reading the configuration {}", file.display()))?;
            builder =
                builder.add_source(::config::File::from_str(&text, ::config::FileFormat::Toml));
        }
        let environment = ::config::Environment::with_prefix("JTC")
            .prefix_separator("__")
            .separator("__")
            .try_parsing(true);
        builder
            .add_source(environment)
            .build()
            .and_then(::config::Config::try_deserialize)
            .context("reading the configuration; config/default.toml shows every key")
    }

    /// What the use cases are told; `address` is what the server listens on.
    pub fn service_settings(&self, address: &str) -> service::Settings {
        let public_url = match self.http.public_url.trim_end_matches('/') {
            "" => format!("http://{address}"),
            url => url.to_owned(),
        };
        service::Settings {
            public_url,
            session: Duration::from_secs(self.access.session_hours * 3600),
            fresh: Duration::from_secs(self.access.fresh_minutes * 60),
            require_second_factor: self.access.require_second_factor,
            hash_permits: self.access.hash_permits,
            hash_queue: self.access.hash_queue,
        }
    }

    /// What the HTTP server is told.
    pub fn web_settings(&self) -> Result<web::Settings> {
        let proxies = self.http.trusted_proxies.iter().map(|text| {
            let network = text
                .parse()
                .or_else(|_| text.parse::<std::net::IpAddr>().map(Into::into));
            network.with_context(|| {
                format!("http.trusted_proxies: '{text}' is no address and no network")
            })
        });
        Ok(web::Settings {
            workers: self.http.workers,
            trusted_proxies: proxies.collect::<Result<_>>()?,
            rate: web::Rate {
                general: NonZeroU32::new(self.limits.requests_per_minute),
                login: NonZeroU32::new(self.limits.login_per_minute),
                submission: NonZeroU32::new(self.limits.submit_per_minute),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_complete_and_unknown_keys_are_refused() {
        assert!(Config::load(None).is_ok());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("jtc.toml");
        std::fs::write(&file, "[http]\nadress = \"1.2.3.4:80\"\n").unwrap();
        let error = format!("{:#}", Config::load(Some(&file)).unwrap_err());
        assert!(error.contains("adress"), "{error}");
    }

    #[test]
    fn the_production_example_can_be_read() {
        let example =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/production.toml.example");
        let config = Config::load(Some(&example)).unwrap();
        assert!(config.web_settings().is_ok());
        assert!(config.access.require_second_factor);
    }

    #[test]
    fn the_secret_of_a_bucket_is_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("jtc.toml");
        std::fs::write(&file, "[files]\nsecret_access_key = \"hush\"\n").unwrap();
        let printed = format!("{:?}", Config::load(Some(&file)).unwrap());
        assert!(printed.contains("secret_access_key") && !printed.contains("hush"));
    }

    #[test]
    fn proxies_may_be_addresses_or_networks() {
        let mut config = Config::load(None).unwrap();
        config.http.trusted_proxies = vec!["10.0.0.5".into(), "10.1.0.0/16".into()];
        assert_eq!(config.web_settings().unwrap().trusted_proxies.len(), 2);
        config.http.trusted_proxies = vec!["proxy".into()];
        assert!(config.web_settings().is_err());
    }
}
