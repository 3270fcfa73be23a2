//! Data sets that the tests make themselves, and short ways to fit.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

use lumenfold::data::{Column, Dataset, DatasetOptions, Table, Values};
use lumenfold::{Error, Fitted, Settings, fit};

/// Rows on a bent sheet in four features, each with its own size: the same numbers everywhere.
pub(crate) fn rows(count: usize) -> Vec<[f64; 4]> {
    let mut state = 9_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    let row = |_| {
        let (s, t) = (next(), next());
        [5.0 + s + 0.2 * t, 40.0 + 8.0 * t + 3.0 * s * s, 0.3 + 0.05 * s * t, 900.0 + 60.0 * s - 90.0 * t * t]
    };
    (0..count).map(row).collect()
}

/// A data set of these rows; the features are a, b, c, d, and the unit of a is mag.
pub(crate) fn dataset(rows: &[[f64; 4]]) -> Dataset {
    table_with(rows, Vec::new(), Vec::new())
}

/// The same with other columns carried along.
pub(crate) fn table_with(rows: &[[f64; 4]], others: Vec<Column>, keep: Vec<String>) -> Dataset {
    let column = |index: usize| Values::Float64(rows.iter().map(|row| row[index]).collect());
    let mut columns = vec![Column::new("a", column(0)).with_unit("mag")];
    columns.extend([("b", 1), ("c", 2), ("d", 3)].map(|(name, index)| Column::new(name, column(index))));
    columns.extend(others);
    let options = DatasetOptions {
        columns: Some(["a", "b", "c", "d"].map(str::to_owned).to_vec()),
        keep,
        ..DatasetOptions::default()
    };
    Dataset::from_table(Table::new("made.csv", columns).unwrap(), &options).unwrap()
}

/// Settings of a fit that takes milliseconds.
pub(crate) fn small() -> Settings {
    Settings { hidden: vec![8], epochs: Some(10), batch: Some(32), ..Settings::default() }
}

pub(crate) fn fitted(dataset: &Dataset, settings: &Settings) -> Fitted {
    try_fit(dataset, settings).unwrap()
}

pub(crate) fn try_fit(dataset: &Dataset, settings: &Settings) -> Result<Fitted, Error> {
    fit(dataset, settings, &AtomicBool::new(false), |_| {})
}

pub(crate) fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

/// The bits of numbers, to compare with nothing rounded away.
pub(crate) fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}
