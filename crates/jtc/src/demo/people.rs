//! The persons of the rehearsal, each brought in the way a real one is: by a mail with a link.

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use service::Service;

use super::Play;
use super::api::Person;
use super::invent::{APART, Funder, REGIONAL};

/// Everybody but applicants and experts.
pub struct Cast {
    /// Runs the installation.
    pub administrator: Person,
    /// The call office, and secretariat of the call it drafts.
    pub secretariat: Person,
    /// The funders.
    pub funders: Vec<Funder>,
}

/// Brings in the administrator, the call office and the funding organisations.
pub async fn introduce(play: &Play, service: &Service) -> Result<Cast> {
    let step = play.steps.begin(
        "Administrator, call office, funders",
        play.shape.funders + 2,
    );
    let email = "administrator@rehearsal.example";
    let link = service::access::make_administrator(service, email, "Administrator (rehearsal)")
        .await
        .map_err(crate::server::plain)?;
    let token = link
        .rsplit("token=")
        .next()
        .context("a link with a token")?;
    let administrator = redeem(play, email, token).await?;
    step.one();
    let office = "secretariat@rehearsal.example";
    let role = json!({"email": office, "role": "call_office"});
    administrator.post("/installation/roles", &role).await?;
    let secretariat = accept(play, office, "Joint Call Secretariat (rehearsal)").await?;
    step.one();
    let funders = funders(play, &administrator).await?;
    step.end();
    Ok(Cast {
        administrator,
        secretariat,
        funders,
    })
}

async fn funders(play: &Play, administrator: &Person) -> Result<Vec<Funder>> {
    for (key, country, name) in REGIONAL {
        let body = json!({"key": key, "name": format!("{name} (rehearsal)"), "country": country});
        administrator.post("/organisations", &body).await?;
    }
    let organisations = administrator
        .get("/organisations?limit=200")
        .await?
        .list("/items")?;
    let mut funders = Vec::new();
    for organisation in &organisations {
        let key = organisation["key"].as_str().unwrap_or_default();
        let Some(country) = organisation["country"]
            .as_str()
            .filter(|_| !APART.contains(&key))
        else {
            continue;
        };
        let large = ["DE", "FR", "ES", "IT", "NL", "SE", "NO", "PL", "AT", "CA"].contains(&country);
        funders.push(Funder {
            key: key.to_owned(),
            country: country.to_owned(),
            commitment: play.invention().commitment(large),
        });
    }
    funders.truncate(play.shape.funders);
    Ok(funders)
}

/// Logs in with a one-time token.
pub async fn redeem(play: &Play, email: &str, token: &str) -> Result<Person> {
    let body = json!({ "token": token });
    let session = play.api.anonymous().post("/sessions/redeem", &body).await?;
    Ok(play.api.person(email, &session.text("/token")?))
}

/// Accepts the invitation that came by mail.
pub async fn accept(play: &Play, email: &str, name: &str) -> Result<Person> {
    let token = play.mailbox.token(email, "invitation").await?;
    let body = json!({"token": token, "name": name});
    let session = play
        .api
        .anonymous()
        .post("/invitations/accept", &body)
        .await?;
    Ok(play.api.person(email, &session.text("/token")?))
}

/// Invites somebody to roles in a call, and accepts for them.
pub async fn appoint(
    play: &Play,
    cast: &Cast,
    call: &str,
    email: &str,
    name: &str,
    roles: &[&str],
    funder: Option<&str>,
) -> Result<Person> {
    let mut person = None;
    for role in roles {
        let mut body = json!({"email": email, "role": role});
        if let Some(key) = funder {
            body["organisation"] = json!(key);
        }
        let path = format!("/calls/{call}/invitations");
        cast.secretariat.post(&path, &body).await?;
        person = Some(accept(play, email, name).await?);
    }
    person.context("at least one role")
}

/// Signs a coordinator up: confirmation by mail, then a login by one-time link, without any password.
pub async fn sign_up(play: &Play, number: usize) -> Result<Person> {
    let email = format!("coordinator{number}@rehearsal.example");
    let name = play.invention().person(number * 10);
    let nobody = play.api.anonymous();
    nobody
        .post("/accounts", &json!({"email": email, "name": name}))
        .await?;
    let token = play.mailbox.token(&email, "confirm").await?;
    nobody
        .post("/accounts/confirm", &json!({ "token": token }))
        .await?;
    log_in(play, &email).await
}

/// Logs in by a one-time link.
async fn log_in(play: &Play, email: &str) -> Result<Person> {
    let nobody = play.api.anonymous();
    nobody
        .post("/sessions/link", &json!({ "email": email }))
        .await?;
    let token = play.mailbox.token(email, "login").await?;
    redeem(play, email, &token).await
}

/// Does `work` for each of `items`, some at a time.
pub async fn all<I, T, F, Fut>(play: &Play, items: I, work: F) -> Result<Vec<T>>
where
    I: IntoIterator,
    F: Fn(I::Item) -> Fut,
    Fut: Future<Output = Result<T>>,
{
    at_once(play.shape.parallel, items, work).await
}

/// Does `work` for each of `items`, so many at a time.
pub async fn at_once<I, T, F, Fut>(many: usize, items: I, work: F) -> Result<Vec<T>>
where
    I: IntoIterator,
    F: Fn(I::Item) -> Fut,
    Fut: Future<Output = Result<T>>,
{
    stream::iter(items)
        .map(work)
        .buffered(many)
        .try_collect()
        .await
}

/// A way in for one person of a role.
pub struct Login {
    /// The role in words.
    pub role: &'static str,
    /// E-mail address.
    pub email: String,
    /// Password, of this rehearsal alone.
    pub password: String,
}

/// Gives one person of each role a password. An expert's link opens the desk alone, so that each logs in by a link of
/// one's own first.
pub async fn give_passwords(play: &Play, persons: &[(&'static str, Person)]) -> Result<Vec<Login>> {
    let mut logins = Vec::new();
    for (role, person) in persons {
        let mut bytes = [0; 12];
        getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("random bytes: {error}"))?;
        let password = hex::encode(bytes);
        let body = json!({ "new": password });
        let person = log_in(play, &person.email).await?;
        person.replace("/me", "/me/password", &body).await?;
        logins.push(Login {
            role,
            email: person.email.clone(),
            password,
        });
    }
    Ok(logins)
}
