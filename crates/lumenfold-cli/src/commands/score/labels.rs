//! Anomalies that are known: how well scores find them.

use lumenfold::anomaly::roc_area;
use lumenfold::data::{Column, Table, Values};

use crate::failure::Failure;
use crate::printer::Printer;
use crate::words::{listed, thousands};

/// Which rows of a table are anomalies.
#[derive(Clone, Debug)]
pub(super) struct Labels {
    pub(super) column: String,
    /// The values that say so; of none, whatever is true or a number other than zero.
    values: Vec<String>,
}

impl Labels {
    /// `NAME`, or `NAME=VALUE,VALUE`.
    pub(super) fn parse(text: &str) -> Self {
        match text.split_once('=') {
            Some((column, values)) => Self {
                column: column.to_owned(),
                values: values.split(',').map(|value| value.trim().to_owned()).collect(),
            },
            None => Self { column: text.to_owned(), values: Vec::new() },
        }
    }

    /// Whether each row is an anomaly, where its label is there.
    pub(super) fn of(&self, table: &Table) -> Result<Vec<Option<bool>>, Failure> {
        let column = table.column(&self.column)?;
        let named = |text: &str| self.values.iter().any(|value| value == text);
        let numbers: Vec<f64> = self.values.iter().filter_map(|value| value.parse().ok()).collect();
        let number = |value: f64| match self.values.is_empty() {
            _ if value.is_nan() => None,
            true => Some(value != 0.0),
            false => Some(numbers.contains(&value)),
        };
        let rows = 0..table.rows();
        Ok(match &column.values {
            Values::Float64(values) => values.iter().map(|value| number(*value)).collect(),
            Values::Float32(values) => values.iter().map(|value| number(f64::from(*value))).collect(),
            Values::Integer(values) => rows.map(|row| values.get(row).and_then(|value| number(value as f64))).collect(),
            Values::Boolean(values) => rows
                .map(|row| {
                    let value = values.get(row)?;
                    Some(if self.values.is_empty() { value } else { named(if value { "true" } else { "false" }) })
                })
                .collect(),
            Values::Text(values) if !self.values.is_empty() => rows.map(|row| values.get(row).map(named)).collect(),
            Values::Text(_) => {
                return Err(Failure::usage(format!(
                    "--label {column}: is text; say which values are anomalies: --label {column}=VALUE,…",
                    column = self.column
                )));
            }
        })
    }
}

/// Scores of rows whose labels are known.
#[derive(Debug)]
pub(super) struct Known {
    labels: Labels,
    /// What the scores are called, and for each its values beside the labels.
    scores: Vec<(String, Vec<(f64, bool)>)>,
}

impl Known {
    pub(super) fn new(labels: Labels) -> Self {
        Self { labels, scores: Vec::new() }
    }

    /// Takes the scores of a block: columns of the results, NaN where a row was not judged.
    pub(super) fn take(&mut self, table: &Table, columns: &[&Column]) -> Result<(), Failure> {
        let anomalies = self.labels.of(table)?;
        if self.scores.is_empty() {
            self.scores = columns.iter().map(|column| (column.name.clone(), Vec::new())).collect();
        }
        for ((_, rows), column) in self.scores.iter_mut().zip(columns) {
            let Values::Float64(values) = &column.values else { continue };
            let known = values.iter().zip(&anomalies).filter(|(value, _)| !value.is_nan());
            rows.extend(known.filter_map(|(value, anomaly)| Some((*value, (*anomaly)?))));
        }
        Ok(())
    }

    /// Says how well each score finds them.
    pub(super) fn tell(self, printer: &Printer) {
        let Some((_, rows)) = self.scores.first() else { return };
        let (all, anomalies) = (rows.len(), rows.iter().filter(|row| row.1).count());
        let areas = self.scores.into_iter().map(|(name, rows)| (name, roc_area(rows)));
        let told: Vec<String> = areas.filter_map(|(name, area)| area.map(|area| format!("{name} {area:.4}"))).collect();
        let column = &self.labels.column;
        match told.is_empty() {
            true => printer.warn(format!(
                "--label {column}: {} of {} rows are anomalies: it takes both to say how well they are found",
                thousands(anomalies),
                thousands(all)
            )),
            false => printer.say(format!(
                "area under the ROC curve, {} anomalies among {} rows by {column}: {}",
                thousands(anomalies),
                thousands(all),
                listed(&told)
            )),
        }
    }
}
