//! The report's document, filled from a model and rows.

pub(super) mod words;

use std::num::NonZeroUsize;

use lumenfold_data::{DataError, Feature, Fingerprint, RowSource, Rows};

use super::columns::{colour_column, encode_f32};
use super::document::{ColourColumn, DataSummary, FeatureName, LatentTable, ReportDocument};
use super::histogram::reconstructions;
use super::judgement::Judgement;
use super::samples::{self, MOST_FEATURES};
use super::{ReportOptions, ReportRows, anomalies};
use crate::order_statistics::standard_deviation;
use crate::record::Stopped;
use crate::{Error, Model};

/// Latents of samples with axes that the map can show at most.
const MOST_LATENTS: usize = 16;

/// Features whose reconstruction is drawn at most; few panels get fine bins.
const MOST_PANELS: usize = 64;
const FINE_PANELS: usize = 12;
const FINE_BINS: usize = 96;
const COARSE_BINS: usize = 48;

pub(super) fn summarise(
    model: &Model,
    report: ReportRows<'_>,
    options: &ReportOptions,
    threads: NonZeroUsize,
) -> Result<ReportDocument, Error> {
    let rows = report.rows;
    let source = rows.source();
    let (autoencoder, record) = (&model.autoencoder, &model.record);
    // Values of samples with axes are named by the model: columns of a file have names of their own.
    let features = if model.axes().is_empty() { rows.features() } else { autoencoder.features() };
    let fingerprint = fingerprint(model, rows, features)?;
    let same = fingerprint == record.fingerprint;
    let mut notes = options.notes.clone();
    if !same {
        notes.push(format!(
            "These rows are not those that the model was trained on (fingerprint {}); PCA is compared on those only.",
            record.fingerprint
        ));
    }
    notes.extend(record.in_words());
    if record.stopped == Stopped::Interrupted {
        notes.push(format!("The fit was interrupted after {} of {} epochs.", record.epochs, record.epochs_planned));
    }
    let width = features.len();
    // Features of large samples have no tables and panels: plots along axes tell of them.
    let listed = if model.axes().is_empty() || width <= MOST_FEATURES { features } else { &[] };
    if listed.len() > MOST_PANELS {
        notes.push(format!("Of {width} features, the first {MOST_PANELS} are drawn against their reconstruction."));
    }
    let drawn = &listed[..listed.len().min(MOST_PANELS)];
    let bins = if listed.len() <= FINE_PANELS { FINE_BINS } else { COARSE_BINS };
    let judgement = Judgement::of(autoencoder, record, report, (same, drawn.len()), threads)?;
    let panels = reconstructions(drawn, &judgement.pairs, bins)?;
    let latents = autoencoder.network().latent_dimension();
    let on_map = latents_on_map(model, &judgement.latent, &mut notes);
    let names = autoencoder.latent_names();
    let coordinate = |index: usize| encode_f32(judgement.latent.iter().skip(index).step_by(latents).copied());
    let unit = crate::words::shared_unit(features).map(str::to_owned);
    Ok(ReportDocument {
        schema: 1,
        program: format!("lumenfold {}", env!("CARGO_PKG_VERSION")),
        title: options.title.clone().unwrap_or_else(|| words::file_name(&source)),
        synthetic: options.synthetic,
        columns: columns(report, &judgement, drawn, unit.clone(), &mut notes),
        data: DataSummary {
            source: words::file_name(&source),
            rows: rows.rows(),
            train_rows: if same { record.train_rows } else { 0 },
            validation_rows: if same { record.validation_rows } else { rows.rows() },
            skipped_rows: rows.skipped(),
            fingerprint,
            same_as_trained: same,
        },
        features: listed.iter().map(|f| FeatureName { name: f.name.clone(), unit: f.unit.clone() }).collect(),
        model: words::model_summary(model),
        training: words::training(record),
        errors: words::error_summary(listed, record, &judgement.errors, same, unit),
        latent: LatentTable {
            names: on_map.iter().map(|index| names[*index].clone()).collect(),
            rows_shown: report.shown.count(),
            rows_total: rows.rows(),
            values: on_map.into_iter().map(coordinate).collect(),
        },
        reconstruction: panels,
        anomalies: anomalies::summary(model, rows, threads)?,
        samples: samples::plots(model, report, &judgement, same, threads)?,
        notes,
    })
}

/// The latents that the map can show: all of them, of large codes of samples with axes those of the largest variance.
fn latents_on_map(model: &Model, latent: &[f32], notes: &mut Vec<String>) -> Vec<usize> {
    let width = model.autoencoder.network().latent_dimension();
    let mut chosen: Vec<usize> = (0..width).collect();
    if model.axes().is_empty() || width <= MOST_LATENTS {
        return chosen;
    }
    let spreads: Vec<f64> = chosen
        .iter()
        .map(|index| {
            let values: Vec<f64> = latent.iter().skip(*index).step_by(width).map(|value| f64::from(*value)).collect();
            standard_deviation(&values)
        })
        .collect();
    chosen.sort_by(|one, two| spreads[*two].total_cmp(&spreads[*one]));
    chosen.truncate(MOST_LATENTS);
    chosen.sort_unstable();
    notes.push(format!("Of {width} latents, the map can show the {MOST_LATENTS} that vary most."));
    chosen
}

/// The hash that a fit on these rows records, if they lie on the model's axes.
fn fingerprint(model: &Model, rows: Rows<'_>, features: &[Feature]) -> Result<String, DataError> {
    let mut hash = Fingerprint::new(features, model.axes(), rows.rows());
    rows.stored().pass(|block| {
        hash.add(block);
        Ok::<_, DataError>(())
    })?;
    Ok(hash.finish())
}

/// What the map can be coloured by: carried columns, features, and the reconstruction error.
fn columns(
    report: ReportRows<'_>,
    judgement: &Judgement,
    drawn: &[Feature],
    unit: Option<String>,
    notes: &mut Vec<String>,
) -> Vec<ColourColumn> {
    let mut columns = Vec::new();
    for column in report.carried {
        match colour_column(column) {
            Some(column) => columns.push(column),
            None => notes.push(format!("Column \"{}\" has too many different labels to colour by.", column.name)),
        }
    }
    let number = |name: &str, unit: Option<String>, values: &mut dyn Iterator<Item = f64>| ColourColumn::Number {
        name: name.to_owned(),
        unit,
        values: encode_f32(values.map(|value| value as f32)),
    };
    for (index, feature) in drawn.iter().enumerate() {
        let mut values = judgement.inputs.iter().skip(index).step_by(drawn.len()).copied();
        columns.push(number(&feature.name, feature.unit.clone(), &mut values));
    }
    columns.push(number("reconstruction error", unit, &mut judgement.residuals.iter().copied()));
    columns
}
