use std::collections::BTreeMap;

use kernel::{Amount, MoneyFault};
use serde::{Deserialize, Serialize};

/// Requested against committed, per funder and in all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Balance {
    /// One line per funder, by code; also those that nobody asks, and those asked without a commitment.
    pub funders: Vec<BalanceLine>,
    /// All funders together; its `funder` is empty.
    pub total: BalanceLine,
    /// The same in each topic, where topics have money of their own. What cannot be spent in one of them is then
    /// unspendable above, whatever the others ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<TopicBalance>,
}

/// Requested against committed in a topic with money of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TopicBalance {
    /// Key of the topic.
    pub topic: String,
    /// One line per funder, by code.
    pub funders: Vec<BalanceLine>,
    /// All funders together; its `funder` is empty.
    pub total: BalanceLine,
}

/// Requested against committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BalanceLine {
    /// Code of the funder.
    pub funder: String,
    /// What the proposals ask of it.
    pub requested: Amount,
    /// What it has committed.
    pub committed: Amount,
    /// Requested by committed with two decimals, rounded half up; none without a commitment. The two
    /// amounts are the exact fraction: a limit is compared with them, never with this text.
    pub ratio: Option<String>,
    /// What it could not spend even if everything were funded.
    pub unspendable: Amount,
}

impl Balance {
    /// The balance with those of the topics that have money of their own.
    pub fn with_topics(mut self, topics: Vec<(String, Balance)>) -> Self {
        if topics.is_empty() {
            return self;
        }
        let here = |code: &str| {
            let lines = topics.iter().flat_map(|(_, one)| &one.funders);
            let own = lines.filter(move |line| line.funder == code);
            Amount(own.map(|line| line.unspendable.0).sum())
        };
        for line in &mut self.funders {
            line.unspendable = here(&line.funder);
        }
        self.total.unspendable =
            Amount(topics.iter().map(|(_, one)| one.total.unspendable.0).sum());
        self.topics = topics
            .into_iter()
            .map(|(topic, one)| TopicBalance {
                topic,
                funders: one.funders,
                total: one.total,
            })
            .collect();
        self
    }

    /// Codes of the funders that could not spend their money even if everything were funded.
    pub fn cannot_spend(&self) -> Vec<String> {
        let funders = self.funders.iter();
        let left = funders.filter(|line| line.unspendable > Amount::ZERO);
        left.map(|line| line.funder.clone()).collect()
    }
}

/// Balances requests, each a funder's code and an amount, against the commitments by code.
///
/// Error: a sum is too large to be kept exactly.
pub fn balance<'a>(
    commitments: &BTreeMap<String, Amount>,
    requests: impl IntoIterator<Item = (&'a str, Amount)>,
) -> Result<Balance, MoneyFault> {
    let mut requested: BTreeMap<&str, Amount> = commitments
        .keys()
        .map(|code| (code.as_str(), Amount::ZERO))
        .collect();
    for (code, amount) in requests {
        let sum = requested.entry(code).or_default();
        *sum = sum.checked_add(amount)?;
    }
    let funders: Vec<BalanceLine> = requested
        .into_iter()
        .map(|(code, sum)| {
            line(
                code,
                sum,
                commitments.get(code).copied().unwrap_or_default(),
            )
        })
        .collect();
    let total = line(
        "",
        Amount::sum(funders.iter().map(|line| line.requested))?,
        Amount::sum(funders.iter().map(|line| line.committed))?,
    );
    Ok(Balance {
        funders,
        total,
        topics: Vec::new(),
    })
}

fn line(funder: &str, requested: Amount, committed: Amount) -> BalanceLine {
    BalanceLine {
        funder: funder.to_owned(),
        requested,
        committed,
        ratio: ratio(requested, committed),
        unspendable: Amount(committed.0.saturating_sub(requested.0).max(0)),
    }
}

fn ratio(requested: Amount, committed: Amount) -> Option<String> {
    if committed <= Amount::ZERO || requested < Amount::ZERO {
        return None;
    }
    let (above, below) = (i128::from(requested.0), i128::from(committed.0));
    let hundredths = (above * 200 + below) / (below * 2);
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_funder_and_the_whole() {
        let commitments = BTreeMap::from([
            ("AA".to_owned(), Amount(300)),
            ("BB".to_owned(), Amount(700)),
            ("CC".to_owned(), Amount(0)),
        ]);
        let requests = [
            ("AA", Amount(400)),
            ("AA", Amount(500)),
            ("CC", Amount(5)),
            ("BB", Amount(95)),
        ];
        let balance = balance(&commitments, requests).unwrap();
        let shown: Vec<(&str, Option<&str>, i64)> = balance
            .funders
            .iter()
            .map(|line| {
                (
                    line.funder.as_str(),
                    line.ratio.as_deref(),
                    line.unspendable.0,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("AA", Some("3.00"), 0),
                ("BB", Some("0.14"), 605),
                ("CC", None, 0)
            ]
        );
        assert_eq!(balance.total.ratio.as_deref(), Some("1.00"));
        assert_eq!(balance.cannot_spend(), ["BB"]);
    }

    #[test]
    fn sums_that_do_not_fit_are_refused() {
        let requests = [("AA", Amount(i64::MAX)), ("AA", Amount(1))];
        assert_eq!(
            balance(&BTreeMap::new(), requests),
            Err(MoneyFault::TooLarge)
        );
    }
}
