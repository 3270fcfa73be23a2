//! What the columns of a table hold, found out in one pass.

use std::ops::Range;

use lumenfold::data::{Axis, BlockReader, Column, ColumnHead, DataError, Dataset, DatasetOptions, Table, Values};

use crate::words::thousands;

/// Rows that are kept as an example.
const FIRST_ROWS: usize = 5;

/// A table in numbers.
pub(super) struct Survey {
    pub(super) rows: usize,
    pub(super) columns: Vec<ColumnSurvey>,
    /// The first rows.
    pub(super) first: Option<Table>,
    /// The axes of samples, if there are any, and the columns that are their values.
    pub(super) axes: Vec<Axis>,
    pub(super) samples: Range<usize>,
    /// What these are called together.
    pub(super) array: String,
}

/// A column in numbers.
pub(super) struct ColumnSurvey {
    pub(super) head: ColumnHead,
    pub(super) missing: usize,
    moments: Moments,
}

/// Sums over the finite values of a column, in the order of the rows.
#[derive(Default)]
struct Moments {
    count: usize,
    least: f64,
    largest: f64,
    sum: f64,
    /// The first value, from which the others are counted so that little is lost in the squares.
    origin: f64,
    away: f64,
    squares: f64,
}

/// Least, mean and largest of the finite values, and their standard deviation (divided by n).
#[derive(Clone, Copy)]
pub(super) struct Summary {
    pub(super) least: f64,
    pub(super) mean: f64,
    pub(super) largest: f64,
    pub(super) deviation: f64,
}

impl Survey {
    pub(super) fn of(reader: &mut BlockReader) -> Result<Self, DataError> {
        let column = |head: &ColumnHead| ColumnSurvey { head: head.clone(), missing: 0, moments: Moments::default() };
        let (axes, samples, array) = match reader.gridded().filter(|gridded| !gridded.axes.is_empty()) {
            Some(gridded) => (gridded.axes.clone(), gridded.columns.clone(), gridded.array.clone()),
            // What is wrong with the columns is no matter here.
            None => (Dataset::axes_of(reader, &DatasetOptions::default()).unwrap_or_default(), 0..0, String::new()),
        };
        let columns = reader.columns().iter().map(column).collect();
        let mut survey = Self { rows: 0, columns, first: None, axes, samples, array };
        let mut kept = 0;
        while let Some(block) = reader.next_block()? {
            survey.rows += block.rows();
            for (survey, column) in survey.columns.iter_mut().zip(block.columns()) {
                survey.add(column);
            }
            // Blocks may be shorter than the example, but then it may be, too.
            if kept == 0 {
                let rows: Vec<u64> = (0..block.rows().min(FIRST_ROWS) as u64).collect();
                kept = rows.len();
                let columns = block.columns().iter().map(|column| column.select(&rows)).collect();
                survey.first = Some(Table::new(block.source(), columns)?);
            }
        }
        Ok(survey)
    }
}

impl ColumnSurvey {
    /// What some columns hold together.
    pub(super) fn together(columns: &[Self], name: &str) -> Option<Self> {
        let mut all = Self { head: columns.first()?.head.clone(), missing: 0, moments: Moments::default() };
        all.head.name = format!("{name} ({} values)", thousands(columns.len()));
        for column in columns {
            all.missing += column.missing;
            all.moments.join(&column.moments);
        }
        Some(all)
    }

    fn add(&mut self, column: &Column) {
        let moments = &mut self.moments;
        self.missing += match &column.values {
            Values::Float64(values) => moments.add(values.iter().copied()),
            Values::Float32(values) => moments.add(values.iter().copied().map(f64::from)),
            Values::Integer(_) => moments.add((0..column.len()).map(|row| column.value(row).unwrap_or(f64::NAN))),
            Values::Boolean(_) | Values::Text(_) => (0..column.len()).filter(|row| column.is_missing(*row)).count(),
        };
    }

    /// Of a column of numbers that has any.
    pub(super) fn summary(&self) -> Option<Summary> {
        let Moments { count, least, largest, sum, away, squares, .. } = self.moments;
        let n = count as f64;
        let deviation = (squares / n - (away / n).powi(2)).max(0.0).sqrt();
        (count > 0).then_some(Summary { least, mean: sum / n, largest, deviation })
    }
}

impl Moments {
    /// Adds those of another column; deviations are not told of several together.
    fn join(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        let (least, largest) =
            if self.count == 0 { (f64::INFINITY, f64::NEG_INFINITY) } else { (self.least, self.largest) };
        (self.least, self.largest) = (least.min(other.least), largest.max(other.largest));
        self.count += other.count;
        self.sum += other.sum;
    }

    /// Adds values; how many of them are missing.
    fn add(&mut self, values: impl Iterator<Item = f64>) -> usize {
        let mut missing = 0;
        for value in values {
            if !value.is_finite() {
                missing += usize::from(value.is_nan());
                continue;
            }
            if self.count == 0 {
                (self.least, self.largest, self.origin) = (f64::INFINITY, f64::NEG_INFINITY, value);
            }
            self.count += 1;
            self.least = self.least.min(value);
            self.largest = self.largest.max(value);
            self.sum += value;
            let away = value - self.origin;
            self.away += away;
            self.squares += away * away;
        }
        missing
    }
}
