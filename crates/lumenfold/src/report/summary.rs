//! The report's document, filled from a model and a data set.

mod words;

use std::num::NonZeroUsize;

use lumenfold_data::{Column, Dataset, Values, permutation, split};

use super::columns::{colour_column, encode_f32};
use super::document::{ColourColumn, DataSummary, FeatureName, LatentTable, ReportDocument};
use super::histogram::reconstruction;
use super::{MOST_ROWS_SHOWN, ReportOptions};
use crate::record::{Stopped, TrainingRecord};
use crate::{Error, Model};

/// The random stream that chooses the rows of the map.
const SHOWN_STREAM: u64 = 2 << 32;

/// Features whose reconstruction is drawn at most; few panels get fine bins.
const MOST_PANELS: usize = 64;
const FINE_PANELS: usize = 12;
const FINE_BINS: usize = 96;
const COARSE_BINS: usize = 48;

pub(super) fn summarise(
    model: &Model,
    dataset: &Dataset,
    options: &ReportOptions,
    threads: NonZeroUsize,
) -> Result<ReportDocument, Error> {
    let (autoencoder, record) = (&model.autoencoder, &model.record);
    let fingerprint = dataset.fingerprint();
    let same = fingerprint == record.fingerprint;
    let mut notes = options.notes.clone();
    if !same {
        notes.push(format!(
            "These rows are not those that the model was trained on (fingerprint {}); PCA is compared on those only.",
            record.fingerprint
        ));
    }
    if record.stopped == Stopped::Interrupted {
        notes.push(format!("The fit was interrupted after {} of {} epochs.", record.epochs, record.epochs_planned));
    }
    let judged = judged_rows(dataset, record, same)?;
    let latent = autoencoder.encode(dataset, threads)?;
    let output = autoencoder.reconstruct(dataset, threads)?;
    let errors = autoencoder.errors(dataset, &judged, threads)?;
    let shown = shown_rows(dataset.rows);
    let width = dataset.features.len();
    if width > MOST_PANELS {
        notes.push(format!("Of {width} features, the first {MOST_PANELS} are drawn against their reconstruction."));
    }
    let bins = if width <= FINE_PANELS { FINE_BINS } else { COARSE_BINS };
    let panels = dataset.features.iter().take(MOST_PANELS).enumerate().map(|(index, feature)| {
        let output = |row: &u32| output[*row as usize * width + index];
        let pairs: Vec<_> = judged.iter().map(|row| (dataset.row(*row as usize)[index], output(row))).collect();
        reconstruction(feature, &pairs, bins)
    });
    let panels = panels.collect();
    let latents = autoencoder.network().latent_dimension();
    let coordinate = |index: usize| encode_f32(shown.iter().map(|row| latent[*row as usize * latents + index]));
    let unit = words::shared_unit(dataset);
    Ok(ReportDocument {
        schema: 1,
        program: format!("lumenfold {}", env!("CARGO_PKG_VERSION")),
        title: options.title.clone().unwrap_or_else(|| words::file_name(&dataset.source)),
        synthetic: options.synthetic,
        columns: columns(dataset, &output, &shown, unit.clone(), &mut notes),
        data: DataSummary {
            source: words::file_name(&dataset.source),
            rows: dataset.rows,
            train_rows: if same { record.train_rows } else { 0 },
            validation_rows: if same { record.validation_rows } else { dataset.rows },
            skipped_rows: dataset.skipped,
            fingerprint,
            same_as_trained: same,
        },
        features: dataset.features.iter().map(|f| FeatureName { name: f.name.clone(), unit: f.unit.clone() }).collect(),
        model: words::model_summary(model),
        training: words::training(record),
        errors: words::error_summary(dataset, record, &errors, same, unit),
        latent: LatentTable {
            names: autoencoder.latent_names(),
            rows_shown: shown.len(),
            rows_total: dataset.rows,
            values: (0..latents).map(coordinate).collect(),
        },
        reconstruction: panels,
        notes,
    })
}

/// What the map can be coloured by: carried columns, features, and the reconstruction error.
fn columns(
    dataset: &Dataset,
    output: &[f64],
    shown: &[u32],
    unit: Option<String>,
    notes: &mut Vec<String>,
) -> Vec<ColourColumn> {
    let width = dataset.features.len();
    let mut columns = Vec::new();
    for column in &dataset.carried {
        match colour_column(column, shown) {
            Some(column) => columns.push(column),
            None => notes.push(format!("Column \"{}\" has too many different labels to colour by.", column.name)),
        }
    }
    let computed = |name: &str, unit: Option<String>, value: &dyn Fn(usize) -> f64| {
        let values = shown.iter().map(|row| value(*row as usize)).collect();
        let column = Column { name: name.to_owned(), unit, values: Values::Float64(values) };
        colour_column(&column, &(0..shown.len() as u32).collect::<Vec<_>>())
    };
    for (index, feature) in dataset.features.iter().enumerate().take(MOST_PANELS) {
        columns.extend(computed(&feature.name, feature.unit.clone(), &|row| dataset.row(row)[index]));
    }
    columns.extend(computed("reconstruction error", unit, &|row| {
        let pairs = dataset.row(row).iter().zip(&output[row * width..(row + 1) * width]);
        (pairs.map(|(input, output)| (output - input) * (output - input)).sum::<f64>() / width as f64).sqrt()
    }));
    columns
}

/// The held-out rows if these are the data that were trained on, otherwise all.
fn judged_rows(dataset: &Dataset, record: &TrainingRecord, same: bool) -> Result<Vec<u32>, Error> {
    if same && record.validation_rows > 0 {
        return Ok(split(dataset.rows, record.settings.validation, record.seed)?.validation);
    }
    Ok((0..dataset.rows as u32).collect())
}

/// All rows, or a random choice of them, in their order.
fn shown_rows(rows: usize) -> Vec<u32> {
    if rows <= MOST_ROWS_SHOWN {
        return (0..rows as u32).collect();
    }
    let mut shown = permutation(rows, 0, SHOWN_STREAM);
    shown.truncate(MOST_ROWS_SHOWN);
    shown.sort_unstable();
    shown
}
