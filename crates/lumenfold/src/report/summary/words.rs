//! The parts of the document that restate the model and its record.

use lumenfold_data::Feature;
use lumenfold_engine::{Layer, Part};

use crate::Model;
use crate::metrics::Errors;
use crate::record::{Stopped, TrainingRecord};
use crate::report::document::{
    ErrorMeasure, ErrorSummary, FeatureErrors, LossHistory, ModelSummary, PcaMeasure, Training,
};
use crate::settings::{LossUnits, ScheduleKind};
use crate::words::thousands;

/// The last part of a path.
pub(in crate::report) fn file_name(source: &str) -> String {
    std::path::Path::new(source)
        .file_name()
        .map_or_else(|| source.to_owned(), |name| name.to_string_lossy().into_owned())
}

pub(super) fn model_summary(model: &Model) -> ModelSummary {
    let network = model.autoencoder.network();
    let activation = network.layers().iter().find_map(|layer| match layer {
        Layer::Activation(activation) => Some(activation.to_string()),
        _ => None,
    });
    let norm = network.layers().iter().any(|layer| matches!(layer, Layer::LayerNorm { .. }));
    ModelSummary {
        kind: model.record.settings.kind.to_string(),
        latent_dimension: network.latent_dimension(),
        encoder: network.widths(Part::Encoder),
        decoder: network.widths(Part::Decoder),
        activation: activation.unwrap_or_else(|| "identity".to_owned()),
        norm: if norm { "layer" } else { "none" }.to_owned(),
        parameters: network.parameter_count(),
        scaling: model.record.settings.scaling.clone(),
    }
}

pub(super) fn training(record: &TrainingRecord) -> Training {
    let schedule = match record.settings.schedule {
        ScheduleKind::Cosine => "warm-up, then cosine to zero",
        ScheduleKind::Constant => "constant",
        ScheduleKind::Step => "a tenth after each third",
    };
    let stopped = match record.stopped {
        Stopped::AllEpochs => "all epochs done".to_owned(),
        Stopped::Patience => {
            format!("no better held-out error for {} epochs", record.settings.patience.unwrap_or_default())
        }
        Stopped::Interrupted => "interrupted".to_owned(),
    };
    let units = match record.settings.loss_units {
        LossUnits::Scaled => "scaled units",
        LossUnits::Original => "weighted as in original units",
    };
    let validation: Vec<f64> = record.losses.iter().filter_map(|loss| loss.validation).collect();
    Training {
        seed: record.seed,
        epochs: record.epochs,
        best_epoch: (record.best_epoch > 0).then_some(record.best_epoch),
        batch: record.batch,
        optimizer: record.settings.optimiser.clone(),
        learning_rate: record.settings.learning_rate,
        weight_decay: record.settings.weight_decay,
        schedule: schedule.to_owned(),
        stopped,
        loss: LossHistory {
            label: format!("mean squared error, {units}"),
            epoch: record.losses.iter().map(|loss| loss.epoch).collect(),
            train: record.losses.iter().map(|loss| loss.train).collect(),
            validation: (validation.len() == record.losses.len() && !validation.is_empty()).then_some(validation),
        },
    }
}

/// The errors of the given data beside those of PCA, which are known for the training data only.
pub(super) fn error_summary(
    features: &[Feature],
    record: &TrainingRecord,
    errors: &Errors,
    same: bool,
    unit: Option<String>,
) -> ErrorSummary {
    let kind = match (same, record.validation_rows) {
        (true, 1..) => "held-out rows",
        (true, 0) => "training rows (none were held out)",
        (false, _) => "rows",
    };
    let pca = if same { record.pca.as_slice() } else { &[] };
    let per_feature = features.iter().enumerate().map(|(index, feature)| FeatureErrors {
        name: feature.name.clone(),
        unit: feature.unit.clone(),
        autoencoder: errors.rmse[index],
        pca: pca.iter().map(|pca| pca.errors.rmse[index]).collect(),
    });
    ErrorSummary {
        rows_label: format!("{} {kind}", thousands(errors.rows)),
        unit,
        autoencoder: measure(errors),
        per_feature: per_feature.collect(),
        pca: pca.iter().map(|pca| PcaMeasure { components: pca.components, measure: measure(&pca.errors) }).collect(),
    }
}

fn measure(errors: &Errors) -> ErrorMeasure {
    ErrorMeasure {
        mse: errors.mse,
        rmse: errors.mse.sqrt(),
        loss: errors.loss,
        explained_variance: errors.explained_variance,
    }
}
