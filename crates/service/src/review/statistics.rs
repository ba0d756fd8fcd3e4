//! The figures of an evaluation, to be read and as a workbook.

use ::review::statistics::{Count, CrossTable, Distribution};
use access::Action;
use kernel::{Cell, Sheet};
use store::call as calls;
use store::view::review::statistics::{StatisticsView, statistics};
use uuid::Uuid;

use super::evaluation;
use crate::call::DocumentFile;
use crate::intake::workbook;
use crate::{Answer, Context, Problem, Service, Tx};

/// The figures of a stage.
pub async fn read_statistics(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<StatisticsView>, Problem> {
    let work = async move |tx: &mut Tx| Ok(figures(tx, call, number).await?.1);
    service.read(context, work).await
}

/// The same as a workbook.
pub async fn export_statistics(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<DocumentFile>, Problem> {
    let work = async move |tx: &mut Tx| figures(tx, call, number).await;
    let (code, figures) = service.look(context, work).await?;
    let name = format!("{code}-stage-{number}-statistics.xlsx");
    workbook(service, name, sheets(&figures)).await
}

async fn figures(
    tx: &mut Tx,
    call: Uuid,
    number: i32,
) -> Result<(String, StatisticsView), Problem> {
    let stage = calls::stage(tx.conn(), call, number).await?;
    tx.permit(Action::ReadStatistics, &stage.object()).await?;
    let sight = super::sight_at(tx, &stage.object(), stage.number).await?;
    let call = calls::find(tx.conn(), call).await?;
    let rules = evaluation(&call, number)?;
    let found = statistics(tx.conn(), &stage, &rules, &sight).await?;
    let found = found.ok_or_else(|| {
        Problem::state(
            "The figures are there for the committee once the panel has adopted its results.",
        )
    })?;
    Ok((call.code, found))
}

/// The tables of the workbook.
fn sheets(figures: &StatisticsView) -> Vec<Sheet> {
    let sheet = |name: &str, rows: Vec<Vec<Cell>>| Sheet {
        name: name.to_owned(),
        rows,
    };
    let mut scores = vec![["criterion", "score", "given"].map(Cell::from).to_vec()];
    let heading = ["criterion", "title", "alpha", "proposals", "scores"];
    let mut agreement = vec![heading.map(Cell::from).to_vec()];
    for one in &figures.criteria {
        let of = |line: Vec<Cell>| [vec![one.key.clone().into()], line].concat();
        scores.extend(lines(&one.scores).into_iter().map(of));
        let line = match &one.agreement {
            Some(found) => vec![
                Cell::Number(kernel::decimal::print_short(
                    i64::from(found.alpha_thousandths),
                    3,
                )),
                number(found.units),
                number(found.values),
            ],
            None => Vec::new(),
        };
        agreement.push(of([vec![one.title.clone().into()], line].concat()));
    }
    let mut load = vec![["reviews", "experts"].map(Cell::from).to_vec()];
    load.extend(figures.load.iter().flat_map(lines));
    let mut time = vec![["what", "value"].map(Cell::from).to_vec()];
    if let Some(taken) = &figures.time_taken {
        time.extend([
            vec!["reviews".into(), number(taken.reviews)],
            vec![
                "lower quartile, hours".into(),
                number(taken.lower_quartile_hours),
            ],
            vec!["median, hours".into(), number(taken.median_hours)],
            vec![
                "upper quartile, hours".into(),
                number(taken.upper_quartile_hours),
            ],
        ]);
    }
    let experts = figures.experts.as_ref().map(cross);
    let below = figures.hidden_below;
    let notes = vec![
        vec!["notes".into()],
        vec![format!("'hidden' stands for counts from 1 to below {below}, and for others from which one of them could be computed.").into()],
        vec!["agreement: Krippendorff's alpha for interval data over the released reviews; 1 is full agreement, 0 what chance gives.".into()],
    ];
    vec![
        sheet(
            "experts",
            experts.unwrap_or_else(|| vec![vec!["country".into()]]),
        ),
        sheet("load", load),
        sheet("time", time),
        sheet("agreement", agreement),
        sheet("scores", scores),
        sheet("notes", notes),
    ]
}

fn number(number: impl ToString) -> Cell {
    Cell::Number(number.to_string())
}

fn count(count: &Count) -> Cell {
    count.map_or_else(|| "hidden".into(), number)
}

fn lines(list: &Distribution) -> Vec<Vec<Cell>> {
    let items = list.items.iter();
    let mut lines: Vec<Vec<Cell>> = items
        .map(|(item, many)| vec![item.clone().into(), count(many)])
        .collect();
    lines.push(vec!["all".into(), count(&list.total)]);
    lines
}

fn cross(table: &CrossTable) -> Vec<Vec<Cell>> {
    let named = |name: &String| Cell::from(name.clone());
    let mut heading: Vec<Cell> = vec!["country".into()];
    heading.extend(table.columns.iter().map(named));
    heading.push("all".into());
    let mut rows = vec![heading];
    for ((name, cells), total) in table.rows.iter().zip(&table.cells).zip(&table.row_totals) {
        let mut row = vec![named(name)];
        row.extend(cells.iter().chain([total]).map(count));
        rows.push(row);
    }
    let mut all: Vec<Cell> = vec!["all".into()];
    all.extend(table.column_totals.iter().chain([&table.total]).map(count));
    rows.push(all);
    rows
}
