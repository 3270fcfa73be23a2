//! A table in words or as JSON: its columns, and the command that would fit it.

use std::fmt::Write;

use lumenfold::data::{Column, Source, Table, Values};
use serde_json::{Map, Value, json};

use super::model::size;
use super::survey::{ColumnSurvey, Summary, Survey};
use crate::inputs::name_of;
use crate::names::listed;
use crate::words::{counted, number, shell, shell_path, thousands};

/// Columns that are listed one by one.
const MOST_LISTED: usize = 60;

/// Rows that are shown, and letters of their lines and cells.
const MOST_FIRST: usize = 3;
const LINE: usize = 110;
const LONGEST_CELL: usize = 22;

/// Columns that a suggested command names one by one.
const MOST_NAMED: usize = 12;

pub(super) fn describe(sources: &[Source], survey: &Survey) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_all(&mut text, sources, survey);
    text.trim_end().to_owned()
}

fn write_all(text: &mut String, sources: &[Source], survey: &Survey) -> std::fmt::Result {
    let (rows, width) = (counted(survey.rows, "row"), counted(survey.columns.len(), "column"));
    writeln!(text, "{}: {rows}, {width}", name_of(sources))?;
    if !survey.axes.is_empty() {
        writeln!(text, "\n  axes of a sample ({})", size(&survey.axes))?;
        for axis in &survey.axes {
            writeln!(text, "  {axis}")?;
        }
    }
    // The values of an array are one line.
    let array = if survey.array.is_empty() { "samples" } else { &survey.array };
    let together = ColumnSurvey::together(&survey.columns[survey.samples.clone()], array);
    let columns: Vec<&ColumnSurvey> = together
        .iter()
        .chain(
            survey.columns.iter().enumerate().filter(|(at, _)| !survey.samples.contains(at)).map(|(_, column)| column),
        )
        .collect();
    let width = columns.iter().take(MOST_LISTED).map(|column| column.head.name.chars().count()).max();
    let width = width.unwrap_or(0).max(6);
    let unit_of = |column: &ColumnSurvey| column.head.unit.clone().unwrap_or_default();
    let units = columns.iter().take(MOST_LISTED).map(|column| unit_of(column).chars().count()).max().unwrap_or(0);
    // Without any unit there is no place for them.
    let units = if units == 0 { 0 } else { units.max(4) + 2 };
    writeln!(
        text,
        "\n  {:<width$}  {:<units$}{:<8} {:>12} {:>12} {:>12}  missing",
        "column",
        if units > 0 { "unit" } else { "" },
        "type",
        "least",
        "mean",
        "largest"
    )?;
    for &column in columns.iter().take(MOST_LISTED) {
        let type_name = column.head.value_type.name();
        let [least, mean, largest] = match column.summary() {
            Some(Summary { least, mean, largest, .. }) => [least, mean, largest].map(number),
            None => ["", "", ""].map(str::to_owned),
        };
        let (name, remark, missing) = (&column.head.name, remark(column), thousands(column.missing));
        let unit = unit_of(column);
        writeln!(
            text,
            "  {name:<width$}  {unit:<units$}{type_name:<8} {least:>12} {mean:>12} {largest:>12}  {missing}{remark}"
        )?;
    }
    if columns.len() > MOST_LISTED {
        writeln!(text, "  … and {} more", columns.len() - MOST_LISTED)?;
    }
    if let Some(first) = &survey.first {
        write_first(text, first, survey)?;
    }
    let numeric = survey.columns.iter().filter(|column| column.head.value_type.numeric());
    let numeric: Vec<&str> = numeric.map(|column| column.head.name.as_str()).collect();
    if !numeric.is_empty() && survey.rows > 1 {
        let files: Vec<String> = sources.iter().map(file).collect();
        let names = if numeric.len() <= MOST_NAMED && survey.axes.is_empty() {
            option("--columns", &listed(&numeric))
        } else {
            String::new()
        };
        writeln!(
            text,
            "\ntrain on the columns of your choice, for example:\n  lumenfold fit {}{names} -o my.model",
            files.join(" ")
        )?;
    }
    Ok(())
}

/// The first rows, as far as a line holds their columns; the values of samples are left out.
fn write_first(text: &mut String, first: &Table, survey: &Survey) -> std::fmt::Result {
    let columns = first.columns().iter().enumerate().filter(|(at, _)| !survey.samples.contains(at));
    let rows = first.rows().min(MOST_FIRST);
    let mut lines = vec![String::new(); rows + 1];
    let mut left = 0;
    for (_, column) in columns {
        let mut cells: Vec<String> = vec![shortened(&column.name)];
        cells.extend((0..rows).map(|row| shortened(&column.text(row))));
        let width = cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0);
        if left > 0 || lines[0].chars().count() + 2 + width > LINE {
            left += 1;
            continue;
        }
        for (line, cell) in lines.iter_mut().zip(&cells) {
            let _ = write!(line, "  {cell:>width$}");
        }
    }
    if lines[0].is_empty() {
        return Ok(());
    }
    let more = if left > 0 { format!("  … and {}", counted(left, "more column")) } else { String::new() };
    writeln!(text, "\n  first rows\n{}{more}", lines[0])?;
    lines[1..].iter().try_for_each(|line| writeln!(text, "{line}"))
}

/// A cell, cut where it is long.
fn shortened(cell: &str) -> String {
    if cell.chars().count() <= LONGEST_CELL {
        return cell.to_owned();
    }
    cell.chars().take(LONGEST_CELL - 1).chain(['…']).collect()
}

/// A source as an argument.
fn file(source: &Source) -> String {
    match source {
        Source::Path(path) => shell_path(path),
        Source::Stdin | Source::Text { .. } => "-".to_owned(),
    }
}

/// An option with its value, which may begin with a dash.
fn option(name: &str, value: &str) -> String {
    let between = if value.starts_with('-') { '=' } else { ' ' };
    format!(" {name}{between}{}", shell(value))
}

/// What surveys write, with either sign, where nothing was measured.
const SENTINELS: [f64; 8] = [99.0, 99.99, 999.0, 9999.0, 99_999.0, 999_999.0, 1e20, 1e30];

/// What looks odd about a column.
fn remark(column: &ColumnSurvey) -> &'static str {
    match column.summary() {
        Some(Summary { least, largest, .. }) if least == largest => "  constant",
        Some(Summary { least, .. }) if SENTINELS.contains(&-least) => "  its least value may stand for \"missing\"",
        Some(Summary { largest, .. }) if SENTINELS.contains(&largest) => {
            "  its largest value may stand for \"missing\""
        }
        _ => "",
    }
}

/// The same as JSON.
pub(super) fn document(source: &str, survey: &Survey) -> Value {
    let columns = survey.columns.iter().map(|column| {
        let mut document = json!({
            "name": column.head.name,
            "unit": column.head.unit,
            "type": column.head.value_type.name(),
            "missing": column.missing,
        });
        if let Some(Summary { least, mean, largest, deviation }) = column.summary() {
            document["least"] = least.into();
            document["mean"] = mean.into();
            document["deviation"] = deviation.into();
            document["largest"] = largest.into();
        }
        document
    });
    let columns: Vec<Value> = columns.collect();
    let first = survey.first.iter().flat_map(|table| (0..table.rows()).map(|row| example(table.columns(), row)));
    let first: Vec<Value> = first.collect();
    let mut document = json!({ "source": source, "rows": survey.rows, "columns": columns, "first_rows": first });
    if !survey.axes.is_empty() {
        document["axes"] = json!(survey.axes);
    }
    document
}

/// One row: a value for each column, null where there is none.
fn example(columns: &[Column], row: usize) -> Value {
    let cell = |column: &Column| match &column.values {
        _ if column.is_missing(row) => Value::Null,
        Values::Text(cells) => cells.get(row).into(),
        Values::Boolean(cells) => cells.get(row).into(),
        Values::Integer(cells) => cells.get(row).into(),
        Values::Float32(cells) => cells.get(row).copied().into(),
        Values::Float64(_) => column.value(row).into(),
    };
    Value::Object(columns.iter().map(|column| (column.name.clone(), cell(column))).collect::<Map<_, _>>())
}
