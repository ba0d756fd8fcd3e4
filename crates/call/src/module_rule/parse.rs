//! Reads a rule. A grammar of four words needs no library: one token of look-ahead is enough.
//!
//! ```text
//! rule  = item { "and" item } | item { "or" item }
//! item  = "not" item | "at" "least" number "of" "(" rule { "," rule } ")" | "(" rule ")" | name
//! ```

use super::Expression;

/// A text that is no rule: at which column, and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: expected {expected}, found {found}")]
pub struct NotARule {
    /// Column, counted in characters from 1.
    pub column: usize,
    /// What may stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

/// Beyond this nobody reads a rule, and a nest of brackets would exhaust the stack.
const DEPTH_MAX: usize = 32;
const KEYWORDS: [&str; 6] = ["and", "or", "not", "at", "least", "of"];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Sign(char),
    End,
}

struct Reader {
    tokens: Vec<(usize, Token)>,
    next: usize,
}

/// Whether a text can name a module: one word of letters, digits, `_`, `-` and `.` that is no keyword.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(of_a_word) && !is_keyword(text)
}

fn of_a_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn is_keyword(word: &str) -> bool {
    KEYWORDS
        .iter()
        .any(|keyword| keyword.eq_ignore_ascii_case(word))
}

fn tokens(text: &str) -> Vec<(usize, Token)> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut last = 0;
    for (at, symbol) in text.chars().enumerate() {
        if of_a_word(symbol) {
            word.push(symbol);
        } else {
            if !word.is_empty() {
                let begin = at + 1 - word.chars().count();
                found.push((begin, Token::Word(std::mem::take(&mut word))));
            }
            if !symbol.is_whitespace() {
                found.push((at + 1, Token::Sign(symbol)));
            }
        }
        last = at + 1;
    }
    if !word.is_empty() {
        found.push((last + 1 - word.chars().count(), Token::Word(word)));
    }
    found.push((last + 1, Token::End));
    found
}

/// The names in a text that is a rule, each with its column.
pub(super) fn names(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut after_least = false;
    for (column, token) in tokens(text) {
        let Token::Word(word) = token else { continue };
        if is_keyword(&word) {
            after_least = word.eq_ignore_ascii_case("least");
        } else if !std::mem::take(&mut after_least) {
            found.push((column, word));
        }
    }
    found
}

/// Reads a whole rule.
pub(super) fn parse(text: &str) -> Result<Expression, NotARule> {
    let mut reader = Reader {
        tokens: tokens(text),
        next: 0,
    };
    let expression = reader.rule(0)?;
    match reader.peek() {
        Token::End => Ok(expression),
        _ => Err(reader.expected("'and', 'or' or the end")),
    }
}

impl Reader {
    fn peek(&self) -> &Token {
        self.tokens
            .get(self.next)
            .map_or(&Token::End, |(_, token)| token)
    }

    fn is_word(&self, keyword: &str) -> bool {
        matches!(self.peek(), Token::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn take_word(&mut self, keyword: &str) -> Result<(), NotARule> {
        if !self.is_word(keyword) {
            return Err(self.expected(&format!("'{keyword}'")));
        }
        self.next += 1;
        Ok(())
    }

    fn take_sign(&mut self, sign: char) -> Result<(), NotARule> {
        if *self.peek() != Token::Sign(sign) {
            return Err(self.expected(&format!("'{sign}'")));
        }
        self.next += 1;
        Ok(())
    }

    fn expected(&self, expected: &str) -> NotARule {
        let column = self.tokens.get(self.next).map_or(1, |(column, _)| *column);
        NotARule {
            column,
            expected: expected.to_owned(),
            found: match self.peek() {
                Token::Word(word) => format!("'{word}'"),
                Token::Sign(sign) => format!("'{sign}'"),
                Token::End => "the end".to_owned(),
            },
        }
    }

    fn rule(&mut self, depth: usize) -> Result<Expression, NotARule> {
        if depth > DEPTH_MAX {
            return Err(self.expected("a rule that is less deep: simplify it"));
        }
        let first = self.item(depth)?;
        let (word, other) = if self.is_word("and") {
            ("and", "or")
        } else if self.is_word("or") {
            ("or", "and")
        } else {
            return Ok(first);
        };
        let mut parts = vec![first];
        while self.is_word(word) {
            self.next += 1;
            parts.push(self.item(depth)?);
        }
        if self.is_word(other) {
            return Err(self.expected(&format!(
                "'{word}', or brackets that say whether '{word}' or '{other}' comes first"
            )));
        }
        Ok(if word == "and" {
            Expression::And(parts)
        } else {
            Expression::Or(parts)
        })
    }

    fn item(&mut self, depth: usize) -> Result<Expression, NotARule> {
        if depth > DEPTH_MAX {
            return Err(self.expected("a rule that is less deep: simplify it"));
        }
        if self.is_word("not") {
            self.next += 1;
            return Ok(Expression::Not(Box::new(self.item(depth + 1)?)));
        }
        if self.is_word("at") {
            return self.at_least(depth);
        }
        match self.peek().clone() {
            Token::Sign('(') => {
                self.next += 1;
                let inner = self.rule(depth + 1)?;
                self.take_sign(')')?;
                Ok(inner)
            }
            Token::Word(word) if !is_keyword(&word) => {
                self.next += 1;
                Ok(Expression::Name(word))
            }
            _ => Err(self.expected("a module, 'not', 'at least' or '('")),
        }
    }

    fn at_least(&mut self, depth: usize) -> Result<Expression, NotARule> {
        self.take_word("at")?;
        self.take_word("least")?;
        let number = self.next;
        let Token::Word(word) = self.peek().clone() else {
            return Err(self.expected("a number"));
        };
        let Some(least) = word.parse::<usize>().ok().filter(|least| *least > 0) else {
            return Err(self.expected("a number above 0"));
        };
        self.next += 1;
        self.take_word("of")?;
        self.take_sign('(')?;
        let mut parts = vec![self.rule(depth + 1)?];
        while *self.peek() == Token::Sign(',') {
            self.next += 1;
            parts.push(self.rule(depth + 1)?);
        }
        if *self.peek() != Token::Sign(')') {
            return Err(self.expected("',' or ')'"));
        }
        if least > parts.len() {
            self.next = number;
            return Err(self.expected(&format!(
                "a number up to {}, as many as follow",
                parts.len()
            )));
        }
        self.next += 1;
        Ok(Expression::AtLeast(least, parts))
    }
}
