//! The answer as a workbook in which each sum is a formula over the lines of the selected proposals, so that
//! whoever answers for a budget can follow it. The first sheets are the input, as it can be read again.

use std::collections::HashMap;

use kernel::{Amount, Cell, Sheet, decimal};

use super::sheets::{COLUMNS, SHEETS, cell_name};
use crate::{Award, ProposalInput, Selection, SelectionInput, awards, explain};

/// The sheets: Call, Funders, Proposals, Requests as in the input; Selection, with what is funded and why
/// the rest is not; Lines, with the money of each funder for each funded proposal; Settlement, with the
/// sums by funder; and with EU money EU, with what the projects earn.
pub fn workbook(input: &SelectionInput, selection: &Selection) -> Vec<Sheet> {
    let book = Book { input, selection };
    let (requests, rows) = book.requests();
    let lines = book.lines(&rows);
    let settlement = book.settlement(lines.rows.len());
    let selection = book.selection(&rows);
    let mut sheets = vec![book.call(), book.funders(), book.proposals(), requests];
    sheets.extend([selection, lines, settlement]);
    sheets.extend(book.eu());
    sheets
}

struct Book<'a> {
    input: &'a SelectionInput,
    selection: &'a Selection,
}

/// The row of what a proposal asks of a funder on the sheet Requests.
type Rows<'a> = HashMap<(&'a str, &'a str), usize>;

fn sheet(name: &str, heading: &[&str]) -> Sheet {
    Sheet {
        name: name.to_owned(),
        rows: vec![heading.iter().map(|text| Cell::from(*text)).collect()],
    }
}

/// A sheet of the input, with the columns that are read there.
fn input_sheet(place: usize) -> Sheet {
    let (required, optional) = COLUMNS[place];
    sheet(SHEETS[place], &[required, optional].concat())
}

fn money(amount: Amount) -> Cell {
    Cell::Number(amount.to_string())
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn formula(formula: String, value: impl ToString) -> Cell {
    Cell::Formula {
        formula,
        value: value.to_string(),
    }
}

/// The cells of a column of another sheet that hold something, for any number of rows with the heading.
fn range(sheet: &str, column: char, rows: usize) -> String {
    format!("{sheet}!${column}$2:${column}${}", rows.max(2))
}

/// The sum of the amounts beside which the code of this row stands, byte by byte: SUMIF takes aa for AA, 01 for 1, and
/// a * for anything.
fn sum_of(codes: &str, row: usize, amounts: &str) -> String {
    format!("SUMPRODUCT(--EXACT({codes},A{row}),{amounts})")
}

/// A number over a power of ten, exactly.
fn exact(value: i128, places: u32) -> String {
    let unit = 10i128.pow(places);
    let fraction = format!("{:0width$}", value % unit, width = places as usize);
    let text = format!("{}.{fraction}", value / unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl Book<'_> {
    fn call(&self) -> Sheet {
        let mut call = input_sheet(0);
        let input = self.input;
        let texts = [
            ("currency", Some(input.currency.to_string())),
            ("ranking_rule", Some(input.ranking_rule.to_string())),
            ("base", input.convention.map(|one| one.base.to_string())),
            ("share", input.convention.map(|one| one.share.to_string())),
        ];
        let numbers = [
            ("rate", input.eu.map(|eu| eu.rate.to_string())),
            ("ceiling", input.eu.map(|eu| eu.ceiling.to_string())),
            ("gap_share", input.gap_share.map(|share| share.to_string())),
            ("cap", input.cap.map(|cap| cap.to_string())),
        ];
        let numbers = numbers.map(|(name, text)| (name, text.map(Cell::Number)));
        let texts = texts.map(|(name, text)| (name, text.map(Cell::Text)));
        for (name, value) in numbers.into_iter().chain(texts) {
            let row = value.map(|value| vec![Cell::from(name), value]);
            call.rows.extend(row);
        }
        call
    }

    fn funders(&self) -> Sheet {
        let mut funders = input_sheet(1);
        for one in &self.input.funders {
            let eligible = Cell::from(yes_no(one.eu_eligible));
            let mut row = vec![one.code.clone().into(), money(one.commitment), eligible];
            row.extend(self.input.no_more.get(&one.code).copied().map(money));
            funders.rows.push(row);
        }
        funders
    }

    fn proposals(&self) -> Sheet {
        let mut proposals = input_sheet(2);
        for one in &self.input.proposals {
            proposals.rows.push(vec![
                one.code.clone().into(),
                Cell::Number(one.score.to_string()),
                one.rating.to_string().into(),
                yes_no(one.withdrawn).into(),
                yes_no(self.input.kept.contains(&one.code)).into(),
                yes_no(self.input.chosen.contains(&one.code)).into(),
            ]);
        }
        proposals
    }

    fn requests(&self) -> (Sheet, Rows<'_>) {
        let mut requests = input_sheet(3);
        let mut rows = HashMap::new();
        for one in &self.input.proposals {
            for (funder, amount) in &one.requests {
                rows.insert((one.code.as_str(), funder.as_str()), requests.rows.len());
                let (code, funder) = (one.code.clone().into(), funder.clone().into());
                requests.rows.push(vec![code, funder, money(*amount)]);
            }
        }
        (requests, rows)
    }

    /// Every proposal in the order of the ranking.
    fn selection(&self, rows: &Rows) -> Sheet {
        let heading = ["proposal", "score", "funded", "requested", "why"];
        let mut sheet = sheet("Selection", &heading);
        let mut all: Vec<&ProposalInput> = self.input.proposals.iter().collect();
        all.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.code.cmp(&b.code)));
        let not_funded = self.selection.not_funded.iter();
        let why: HashMap<&str, String> = not_funded
            .map(|one| {
                let said = explain::proposal(one, self.input.currency);
                (one.code.as_str(), said)
            })
            .collect();
        for one in all {
            let why = why.get(one.code.as_str()).cloned();
            let sum = Amount(one.requests.values().map(|amount| amount.0).sum());
            // A proposal's requests stand one below the other; a sum by its code would take 1 and 01 for the same.
            let own = one.requests.keys().filter_map(|funder| {
                let row = rows.get(&(one.code.as_str(), funder.as_str()));
                row.copied()
            });
            let requested = match (own.clone().min(), own.max()) {
                (Some(first), Some(last)) => {
                    let (first, last) = (first + 1, last + 1);
                    formula(format!("SUM(Requests!$C${first}:$C${last})"), sum)
                }
                _ => money(sum),
            };
            sheet.rows.push(vec![
                one.code.clone().into(),
                Cell::Number(one.score.to_string()),
                yes_no(why.is_none()).into(),
                requested,
                why.unwrap_or_default().into(),
            ]);
        }
        sheet
    }

    /// What each funder pays for each funded proposal, in ranking order.
    fn lines(&self, rows: &Rows) -> Sheet {
        let mut sheet = sheet(
            "Lines",
            &["proposal", "funder", "requested", "eu", "national"],
        );
        let mut paid: HashMap<(String, &str), Award> = HashMap::new();
        for funder in &self.input.funders {
            for award in awards(self.input, self.selection, &funder.code) {
                paid.insert((award.code.clone(), &funder.code), award);
            }
        }
        for code in &self.selection.selected {
            for funder in &self.input.funders {
                let Some(award) = paid.remove(&(code.clone(), funder.code.as_str())) else {
                    continue;
                };
                let from = rows.get(&(code.as_str(), funder.code.as_str()));
                let from = cell_name(from.copied().unwrap_or_default(), 2);
                let row = sheet.rows.len() + 1;
                sheet.rows.push(vec![
                    code.clone().into(),
                    funder.code.clone().into(),
                    formula(format!("Requests!{from}"), award.requested),
                    money(award.eu),
                    formula(format!("C{row}-D{row}"), award.national),
                ]);
            }
        }
        sheet
    }

    /// The sums by funder, in the order of the input, and of all.
    fn settlement(&self, lines: usize) -> Sheet {
        let mut heading = vec![
            "funder",
            "commitment",
            "requested",
            "eu",
            "national",
            "reimbursed",
            "transfer",
            "left",
            "within_commitment",
        ];
        if self.input.cap.is_some() {
            heading.extend(["most_eu", "within_cap"]);
        }
        let mut sheet = sheet("Settlement", &heading);
        let codes = range("Lines", 'B', lines);
        let (requested, eu) = (range("Lines", 'C', lines), range("Lines", 'D', lines));
        let money_of = self.selection.funders.iter().zip(&self.input.funders);
        for (one, funder) in money_of {
            let row = sheet.rows.len() + 1;
            let left = one.left >= Amount::ZERO;
            let mut cells = vec![
                one.funder.clone().into(),
                formula(format!("Funders!B{row}"), funder.commitment),
                formula(sum_of(&codes, row, &requested), one.requested),
                formula(sum_of(&codes, row, &eu), one.eu),
                formula(format!("C{row}-D{row}"), one.national),
                money(Amount(one.eu.0 - one.transfer.0)),
                formula(format!("D{row}-F{row}"), one.transfer),
                formula(format!("B{row}-E{row}"), one.left),
                formula(
                    format!("IF(ROUND(H{row},2)>=0,\"yes\",\"no\")"),
                    yes_no(left),
                ),
            ];
            if let Some(cap) = self.input.cap {
                let most = i128::from(cap.0) * i128::from(one.national.0);
                let within = i128::from(one.eu.0) * 1_000_000 <= most;
                cells.extend([
                    formula(format!("{}*E{row}", self.field("cap")), exact(most, 8)),
                    formula(
                        format!("IF(ROUND(J{row}-D{row},6)>=0,\"yes\",\"no\")"),
                        yes_no(within),
                    ),
                ]);
            }
            sheet.rows.push(cells);
        }
        let last = sheet.rows.len();
        let sum = |column: usize| -> i64 {
            let values = sheet.rows[1..].iter().filter_map(|row| row.get(column));
            let cents = values.map(|cell| cell.as_str().parse::<Amount>());
            cents.map(|amount| amount.unwrap_or_default().0).sum()
        };
        let mut all = vec![Cell::from("all")];
        for (place, column) in ('B'..='H').enumerate() {
            let whole = format!("SUM({column}2:{column}{})", last.max(2));
            all.push(formula(whole, Amount(sum(place + 1))));
        }
        sheet.rows.push(all);
        sheet
    }

    /// What the projects earn, and what of it is paid.
    fn eu(&self) -> Option<Sheet> {
        let eu = self.input.eu?;
        let mut sheet = sheet("EU", &["what", "amount"]);
        let funders = self.input.funders.len() + 1;
        let eligible = self.input.funders.iter().map(|funder| funder.eu_eligible);
        let lines = self.selection.funders.iter().zip(eligible);
        let lines = lines.filter(|(_, eligible)| *eligible).map(|(one, _)| one);
        let total: i64 = lines.clone().map(|one| one.requested.0).sum();
        let transfers: i64 = lines.map(|one| one.transfer.0).sum();
        let rated = i128::from(total) * i128::from(eu.rate.0);
        let earned = rated.min(i128::from(eu.ceiling.0) * 1_000_000);
        let paid = self.selection.eu_contribution;
        let open = earned - i128::from(paid.0) * 1_000_000;
        let flags = range("Funders", 'C', funders);
        let sum = |column: char| range("Settlement", column, funders);
        let (rate, ceiling) = (self.field("rate"), self.field("ceiling"));
        let asked = format!("SUMIF({flags},\"yes\",{})", sum('C'));
        let rows = [
            (
                "requested of the funders with EU money",
                asked,
                decimal::print(total, 2),
            ),
            ("of it the EU's part", format!("B2*{rate}"), exact(rated, 8)),
            (
                "earned: at most the ceiling",
                format!("MIN(B3,{ceiling})"),
                exact(earned, 8),
            ),
            (
                "paid, in whole cents",
                format!("SUM({})", sum('D')),
                paid.to_string(),
            ),
            ("not claimed", "B4-B5".to_owned(), exact(open, 8)),
            (
                "all transfers",
                format!("SUM({})", sum('G')),
                decimal::print(transfers, 2),
            ),
        ];
        for (what, text, value) in rows {
            sheet
                .rows
                .push(vec![Cell::from(what), formula(text, value)]);
        }
        Some(sheet)
    }

    /// The cell of a field on the sheet Call.
    fn field(&self, name: &str) -> String {
        let rows = self.call().rows;
        let row = rows.iter().position(|row| row[0].as_str() == name);
        format!(
            "Call!${}",
            cell_name(row.unwrap_or_default(), 1).replace('B', "B$")
        )
    }
}
