//! Leaks that are planted between the answers and whoever compares them, as a careless server would have them: the
//! comparison has to notice each.
#![allow(dead_code, reason = "each test file uses some of it")]

use super::crawl::{Answer, Asked};

/// By what a secret gets out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leak {
    /// A call says how many reviews there are.
    Count,
    /// Who searches finds nothing any more, because of a remark.
    Filter,
    /// The list is ordered by how often a review was written on.
    Order,
    /// The ETag of a call counts the versions of reviews.
    Etag,
    /// An answer is as much longer as remarks are.
    Length,
    /// A mail says how many reviews there are.
    Mail,
}

impl Leak {
    /// What gets out, as a query.
    pub fn secret(self) -> &'static str {
        match self {
            Leak::Count | Leak::Mail => "select count(*) from sealed.review",
            Leak::Filter => "select count(*) from sealed.review where remark like '%I know them%'",
            Leak::Order | Leak::Etag => "select sum(version) from sealed.review",
            Leak::Length => "select sum(length(remark)) from sealed.review",
        }
    }

    /// Puts it into an answer.
    pub fn tell(self, secret: &str, asked: &Asked, answer: &mut Answer) {
        let number: usize = secret.parse().unwrap_or_default();
        let call = asked.operation == "read_call";
        let list = asked.operation == "list_proposals";
        match self {
            _ if answer.status != 200 => {}
            Leak::Count if call => answer.body.push_str(&format!(r#"{{"reviews": {number}}}"#)),
            Leak::Filter if list && asked.path.contains("?q=") && number > 0 => {
                answer.body = r#"{"items":[],"next":null,"found":0}"#.to_owned();
            }
            Leak::Order if list && asked.path.contains("sort=") && number.is_multiple_of(2) => {
                answer.body = answer.body.chars().rev().collect();
            }
            Leak::Etag if call => {
                let etags = answer.headers.iter_mut();
                for (_, value) in etags.filter(|(name, _)| name == "etag") {
                    value.push_str(secret);
                }
            }
            Leak::Length if call => answer.body.push_str(&" ".repeat(number)),
            _ => {}
        }
    }
}
