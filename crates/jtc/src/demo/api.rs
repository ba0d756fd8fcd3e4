//! The rehearsal's client of the HTTP API: it knows nothing that another program could not know.

use anyhow::{Context, Result, bail};
use reqwest::Method;
use serde_json::Value;

/// Where the API is.
#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    base: String,
}

/// Somebody logged in, or nobody.
#[derive(Clone)]
pub struct Person {
    api: Api,
    token: Option<String>,
    /// E-mail address.
    pub email: String,
}

/// An answer with its ETag.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub json: Value,
    /// The ETag.
    pub etag: String,
}

impl Api {
    /// The API of the server at `base`.
    pub fn new(base: &str) -> Api {
        Api {
            http: reqwest::Client::new(),
            base: format!("{base}/api/v1"),
        }
    }

    /// Nobody in particular.
    pub fn anonymous(&self) -> Person {
        Person {
            api: self.clone(),
            token: None,
            email: String::new(),
        }
    }

    /// Somebody with a session.
    pub fn person(&self, email: &str, token: &str) -> Person {
        Person {
            api: self.clone(),
            token: Some(token.to_owned()),
            email: email.to_owned(),
        }
    }
}

impl Person {
    /// Sends a request and answers whatever comes back.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        etag: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer> {
        let url = format!("{}{path}", self.api.base);
        let mut request = self.api.http.request(method, url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(etag) = etag {
            request = request.header("If-Match", etag);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let etag = response.headers().get("ETag");
        let etag = etag
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Ok(Answer {
            status: response.status().as_u16(),
            etag: etag.to_owned(),
            json: response.json().await.unwrap_or(Value::Null),
        })
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        etag: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer> {
        let verb = method.to_string();
        let answer = self.try_send(method, path, etag, body).await?;
        if answer.status >= 400 {
            bail!("{verb} {path} answered {}: {}", answer.status, answer.json);
        }
        Ok(answer)
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send(Method::GET, path, None, None).await
    }

    /// Posts.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(Method::POST, path, None, Some(body)).await
    }

    /// Puts over a version.
    pub async fn put(&self, path: &str, etag: &str, body: &Value) -> Result<Answer> {
        self.send(Method::PUT, path, Some(etag), Some(body)).await
    }

    /// Patches a version.
    pub async fn patch(&self, path: &str, etag: &str, body: &Value) -> Result<Answer> {
        self.send(Method::PATCH, path, Some(etag), Some(body)).await
    }

    /// Does what `path` names to the version of `of` that is read now.
    pub async fn act(&self, of: &str, path: &str, body: &Value) -> Result<Answer> {
        let now = self.get(of).await?;
        self.send(Method::POST, path, Some(&now.etag), Some(body))
            .await
    }

    /// Puts over the version of `of` that is read now.
    pub async fn replace(&self, of: &str, path: &str, body: &Value) -> Result<Answer> {
        let now = self.get(of).await?;
        self.put(path, &now.etag, body).await
    }
}

impl Answer {
    /// A text of the answer.
    pub fn text(&self, pointer: &str) -> Result<String> {
        let value = self.json.pointer(pointer).and_then(Value::as_str);
        let value = value.with_context(|| format!("no {pointer} in {}", self.json))?;
        Ok(value.to_owned())
    }

    /// A list of the answer.
    pub fn list(&self, pointer: &str) -> Result<Vec<Value>> {
        let value = self.json.pointer(pointer).and_then(Value::as_array);
        Ok(value
            .with_context(|| format!("no {pointer} in {}", self.json))?
            .clone())
    }
}
