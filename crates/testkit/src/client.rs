//! A client of the server under test: anonymous, or a person with a session.

use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::Method;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    /// The account, for a person.
    pub account: Option<Uuid>,
    /// The e-mail address, for a person.
    pub email: String,
    /// The session or bearer token, for a person.
    pub token: Option<String>,
}

/// A request being put together. Paths begin after `/api/v1`, or with `//` for the root.
pub struct Request {
    builder: reqwest::RequestBuilder,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    pub body: Vec<u8>,
    /// The body as JSON; null where it is none.
    pub json: Value,
    /// The ETag, or nothing.
    pub etag: String,
}

/// Connections as any client keeps them: given up before the server gives them up, else whoever used one just then
/// would lose the request.
pub(crate) fn http() -> reqwest::Client {
    let builder = reqwest::Client::builder().pool_idle_timeout(Duration::from_secs(30));
    builder.build().unwrap_or_default()
}

impl Client {
    /// Nobody in particular, at the server with this address.
    pub fn at(base: &str) -> Client {
        Client {
            http: http(),
            base: base.to_owned(),
            account: None,
            email: String::new(),
            token: None,
        }
    }

    fn request(&self, method: Method, path: &str) -> Request {
        let url = match path.strip_prefix("//") {
            Some(rest) => format!("{}/{rest}", self.base),
            None => format!("{}/api/v1{path}", self.base),
        };
        let mut builder = self.http.request(method, url);
        if let Some(token) = &self.token {
            builder = builder.bearer_auth(token);
        }
        Request { builder }
    }

    /// GET.
    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    /// POST.
    pub fn post(&self, path: &str) -> Request {
        self.request(Method::POST, path)
    }

    /// PUT.
    pub fn put(&self, path: &str) -> Request {
        self.request(Method::PUT, path)
    }

    /// PATCH.
    pub fn patch(&self, path: &str) -> Request {
        self.request(Method::PATCH, path)
    }

    /// DELETE.
    pub fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }

    /// Any method.
    pub fn method(&self, method: &str, path: &str) -> Request {
        self.request(method.parse().unwrap_or(Method::GET), path)
    }

    /// Reads something and demands that it is there.
    pub async fn read(&self, path: &str) -> Reply {
        self.get(path).send().await.expect(200)
    }
}

impl Request {
    /// A JSON body.
    pub fn json(self, body: &impl Serialize) -> Request {
        Request {
            builder: self.builder.json(body),
        }
    }

    /// A raw body.
    pub fn body(self, content_type: &str, body: impl Into<reqwest::Body>) -> Request {
        Request {
            builder: self.builder.header("Content-Type", content_type).body(body),
        }
    }

    /// The example that the API's document gives of the operation's body, if it has one.
    pub fn example(self, operation: &Value) -> Request {
        let content = operation["requestBody"]["content"].as_object();
        let Some((kind, media)) = content.and_then(|kinds| kinds.iter().next()) else {
            return self;
        };
        match media["example"].as_str() {
            Some(text) if !kind.ends_with("json") => self.body(kind, text.to_owned()),
            _ => self.json(&media["example"]),
        }
    }

    /// `If-Match`.
    pub fn etag(self, etag: &str) -> Request {
        self.header("If-Match", etag)
    }

    /// `Idempotency-Key`.
    pub fn key(self, key: &str) -> Request {
        self.header("Idempotency-Key", key)
    }

    /// Any header.
    pub fn header(self, name: &str, value: &str) -> Request {
        Request {
            builder: self.builder.header(name, value),
        }
    }

    /// Asks what would happen.
    pub fn dry_run(self) -> Request {
        Request {
            builder: self.builder.query(&[("dry_run", "true")]),
        }
    }

    /// Sends it; a connection that breaks fails the test.
    pub async fn send(self) -> Reply {
        match self.try_send().await {
            Ok(reply) => reply,
            Err(error) => panic!("the request did not go through: {error:#}"),
        }
    }

    /// Sends it.
    pub async fn try_send(self) -> Result<Reply> {
        let response = self.builder.send().await.context("sending")?;
        let status = response.status().as_u16();
        let headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.to_string(), value)
            })
            .collect();
        let body = response.bytes().await.context("reading")?.to_vec();
        let etag = headers.iter().find(|(name, _)| name == "etag");
        Ok(Reply {
            status,
            json: serde_json::from_slice(&body).unwrap_or(Value::Null),
            etag: etag.map(|(_, value)| value.clone()).unwrap_or_default(),
            headers,
            body,
        })
    }
}

impl Reply {
    /// Demands a status and shows the body when it is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Reply {
        assert_eq!(
            self.status,
            status,
            "unexpected status; the body was {}",
            String::from_utf8_lossy(&self.body)
        );
        self
    }

    /// The problem's code.
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    /// The codes of the problem's errors with their pointers, such as `/partners/2/funding funder_missing`.
    pub fn faults(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.json["errors"]
            .as_array()
            .map(|errors| {
                errors
                    .iter()
                    .map(|error| format!("{} {}", text(&error["pointer"]), text(&error["code"])))
                    .collect()
            })
            .unwrap_or_default()
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    }

    /// The `id` of the answer.
    pub fn id(&self) -> String {
        self.json["id"].as_str().unwrap_or_default().to_owned()
    }
}
