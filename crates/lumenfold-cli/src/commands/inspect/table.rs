//! A table in words: its columns, and the command that would fit it.

use std::fmt::Write;

use lumenfold::data::{Column, Table};

use crate::words::{number, shell, thousands};

/// Columns that are listed one by one.
const MOST_LISTED: usize = 60;

pub(super) fn describe(table: &Table) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_all(&mut text, table);
    text.trim_end().to_owned()
}

fn write_all(text: &mut String, table: &Table) -> std::fmt::Result {
    let columns = table.columns();
    writeln!(text, "{}: {} rows, {} columns", table.source(), thousands(table.rows()), columns.len())?;
    let width = columns.iter().take(MOST_LISTED).map(|column| column.name.chars().count()).max().unwrap_or(0).max(6);
    writeln!(
        text,
        "\n  {:<width$}  {:<8} {:>12} {:>12} {:>12}  missing",
        "column", "type", "least", "mean", "largest"
    )?;
    for column in columns.iter().take(MOST_LISTED) {
        let type_name = column.values.type_name();
        let missing = (0..column.len()).filter(|row| column.is_missing(*row)).count();
        let [least, mean, largest] = match summary(column) {
            Some(values) => values.map(number),
            None => ["", "", ""].map(str::to_owned),
        };
        let remark = remark(column);
        let missing = thousands(missing);
        writeln!(
            text,
            "  {:<width$}  {type_name:<8} {least:>12} {mean:>12} {largest:>12}  {missing}{remark}",
            column.name
        )?;
    }
    if columns.len() > MOST_LISTED {
        writeln!(text, "  … and {} more", columns.len() - MOST_LISTED)?;
    }
    let numeric: Vec<&str> =
        columns.iter().filter(|column| column.numeric()).map(|column| column.name.as_str()).collect();
    if !numeric.is_empty() && table.rows() > 1 {
        let file = shell(table.source());
        let names = if numeric.len() <= 12 { format!(" --columns {}", numeric.join(",")) } else { String::new() };
        writeln!(
            text,
            "\ntrain on the columns of your choice, for example:\n  lumenfold fit {file}{names} -o my.model"
        )?;
    }
    Ok(())
}

/// Least, mean and largest of the finite values.
fn summary(column: &Column) -> Option<[f64; 3]> {
    if !column.numeric() {
        return None;
    }
    let (mut least, mut largest, mut sum, mut count) = (f64::INFINITY, f64::NEG_INFINITY, 0.0, 0_usize);
    for value in (0..column.len()).filter_map(|row| column.value(row)).filter(|value| value.is_finite()) {
        least = least.min(value);
        largest = largest.max(value);
        sum += value;
        count += 1;
    }
    (count > 0).then(|| [least, sum / count as f64, largest])
}

/// What looks odd about a column.
fn remark(column: &Column) -> &'static str {
    match summary(column) {
        Some([least, _, largest]) if least == largest => "  constant",
        Some([least, ..]) if [-9999.0, -999.0, -99.0].contains(&least) => "  its least value may stand for \"missing\"",
        _ => "",
    }
}
