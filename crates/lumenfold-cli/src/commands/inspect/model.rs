//! A model in words.

use std::fmt::Write;
use std::path::Path;

use lumenfold::data::axis::shape_in_words;
use lumenfold::data::{Axis, FeatureScaling, Transform};
use lumenfold::engine::{Layer, Part};
use lumenfold::metrics::Errors;
use lumenfold::model::document::Document;
use lumenfold::record::Stopped;
use lumenfold::{Cost, Model};

use crate::commands::fit::ordered;
use crate::words::{chain, listed, number, percent, thousands};

/// Features that are listed one by one.
const MOST_LISTED: usize = 40;

/// The document of the model file.
pub(super) fn document(model: &Model) -> Document {
    Document::from(model)
}

pub(super) fn describe(path: &Path, model: &Model) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_all(&mut text, path, model);
    text.trim_end().to_owned()
}

fn write_all(text: &mut String, path: &Path, model: &Model) -> std::fmt::Result {
    let network = model.autoencoder.network();
    writeln!(text, "{}: {} autoencoder, written by {}", path.display(), model.record.settings.kind, model.written_by)?;

    writeln!(text, "\nnetwork ({} parameters)", thousands(network.parameter_count()))?;
    for (name, part) in [("encoder", Part::Encoder), ("decoder", Part::Decoder)] {
        writeln!(text, "  {name:<10} {}", chain(&network.widths(part)))?;
    }
    let activation = network.layers().iter().find_map(|layer| match layer {
        Layer::Activation(activation) => Some(activation.name()),
        _ => None,
    });
    let norm = network.layers().iter().any(|layer| matches!(layer, Layer::LayerNorm { .. }));
    let after = [activation, norm.then_some("layer norm")].into_iter().flatten().collect::<Vec<_>>().join(", then ");
    writeln!(text, "  {:<10} {}", "hidden", if after.is_empty() { "linear" } else { &after })?;
    writeln!(text, "  {:<10} {}", "latent", listed(&model.autoencoder.latent_names()))?;

    let record = &model.record;
    if !model.axes().is_empty() {
        writeln!(text, "\naxes ({})", size(model.axes()))?;
        for axis in model.axes() {
            writeln!(text, "  {axis}")?;
        }
    }
    writeln!(text, "\nfeatures ({} scaling)", record.settings.scaling)?;
    let scaling = &model.autoencoder.scaling().features;
    let common = scaling.first().filter(|first| scaling.len() > MOST_LISTED && scaling.iter().all(|one| one == *first));
    if let Some(common) = common {
        writeln!(text, "  {:<18} {}", format!("all {}", thousands(scaling.len())), formula(*common))?;
    }
    let listed = if common.is_some() { 0 } else { MOST_LISTED };
    let features = model.autoencoder.features().iter().zip(&model.autoencoder.scaling().features);
    for (feature, scaling) in features.take(listed) {
        let unit = feature.unit.as_ref().map(|unit| format!(" [{unit}]")).unwrap_or_default();
        writeln!(text, "  {:<18} {}", format!("{}{unit}", feature.name), formula(*scaling))?;
    }
    if common.is_none() && network.features() > MOST_LISTED {
        writeln!(text, "  … and {} more", network.features() - MOST_LISTED)?;
    }

    let settings = &record.settings;
    writeln!(text, "\ntraining")?;
    let mut line = |name: &str, value: String| writeln!(text, "  {name:<18} {value}");
    line("fingerprint", record.fingerprint.clone())?;
    let skipped = match record.skipped_rows {
        0 => String::new(),
        count => format!("; {} left out for lack of a value", thousands(count)),
    };
    let (train, held_out) = (thousands(record.train_rows), thousands(record.validation_rows));
    line("rows", format!("{} ({train} trained on, {held_out} held out{skipped})", thousands(record.rows)))?;
    let split = record.split_seed.map(|seed| format!(" (of the split: {seed})")).unwrap_or_default();
    line("seed", format!("{}{split}", record.seed))?;
    let decay =
        if settings.weight_decay > 0.0 { format!(", weight decay {}", settings.weight_decay) } else { String::new() };
    let clip = settings.clip_norm.map(|norm| format!(", gradients clipped at {norm}")).unwrap_or_default();
    let jitter = if settings.jitter > 0.0 { format!(", jitter {}", settings.jitter) } else { String::new() };
    let shares: Vec<String> = settings.stretch.iter().map(ToString::to_string).collect();
    let stretch = if shares.is_empty() { String::new() } else { format!(", stretch {}", shares.join(",")) };
    let components = settings.components.map_or_else(String::new, |count| match settings.copies {
        0 => format!(", in {count} components"),
        copies => format!(", in {count} components of rows and {copies} copies of each"),
    });
    line(
        "optimiser",
        format!("{}, batch {}{decay}{clip}{jitter}{stretch}{components}", settings.optimiser, record.batch),
    )?;
    if let Some(corruption) = record.corruption() {
        line("corruption", corruption)?;
    }
    line("learning rate", format!("{} at its peak, {} schedule", settings.learning_rate, settings.schedule))?;
    if let Some(last) = record.recoveries.last() {
        let epochs: Vec<String> = record.recoveries.iter().map(|recovery| recovery.epoch.to_string()).collect();
        let rate = number(last.learning_rate);
        line("recoveries", format!("broke down in epoch {}; learning rate lowered to {rate}", epochs.join(", ")))?;
    }
    let cost = match settings.cost {
        Cost::Squared => "mean squared error".to_owned(),
        cost @ Cost::Huber(_) => cost.to_string(),
    };
    match (settings.likelihood, settings.beta) {
        (Some(likelihood), Some(beta)) => {
            let binarized = if settings.binarize { ", zeros and ones drawn from values" } else { "" };
            let free = settings.free_nats.map(|nats| format!(", {nats} free nats for each latent")).unwrap_or_default();
            line("likelihood", format!("{likelihood}{binarized}; divergence times {beta}{free}"))?;
        }
        _ => line("loss", format!("{cost}, {} units", settings.loss_units))?,
    }
    if let Some(sparsity) = settings.sparsity {
        let revival = settings.revival.map(|weight| format!(", dead latents revived with weight {weight}"));
        line("sparsity", format!("{sparsity}{}", revival.unwrap_or_default()))?;
    }
    let stopped = match record.stopped {
        Stopped::AllEpochs => "all done".to_owned(),
        Stopped::Patience => format!("no better for {}", settings.patience.unwrap_or_default()),
        Stopped::Interrupted => "interrupted".to_owned(),
    };
    let planned = thousands(record.epochs_planned);
    let starts = if settings.starts > 1 { format!(" from {} starts", settings.starts) } else { String::new() };
    line("epochs", format!("{} of {planned}{starts} ({stopped}); epoch {} kept", record.epochs, record.best_epoch))?;
    line("steps", thousands(record.steps as usize))?;

    write_errors(text, model)
}

fn write_errors(text: &mut String, model: &Model) -> std::fmt::Result {
    let record = &model.record;
    let mut columns: Vec<(String, &Errors)> = Vec::new();
    if let Some(validation) = &record.validation {
        columns.push(("held-out".to_owned(), validation));
    }
    columns.push(("training".to_owned(), &record.train));
    columns.extend(record.pca.iter().map(|pca| (format!("PCA-{}", pca.components), &pca.errors)));
    let rows = if record.validation.is_some() { "PCA on the held-out rows" } else { "PCA on the training rows" };
    writeln!(text, "\nerrors in original units ({rows})")?;
    let mut line = |name: &str, value: &dyn Fn(usize) -> String| {
        let cells: String = (0..columns.len()).map(|index| format!(" {:>11}", value(index))).collect();
        writeln!(text, "  {name:<20}{cells}")
    };
    line("", &|index| columns[index].0.clone())?;
    // Of spectra and images no value is one that anybody would look up.
    let listed = if model.axes().is_empty() { MOST_LISTED } else { 0 };
    for (feature, name) in model.autoencoder.features().iter().enumerate().take(listed) {
        line(&format!("rms {}", name.name), &|index| number(columns[index].1.rmse[feature]))?;
    }
    line("rms, all features", &|index| number(columns[index].1.mse.sqrt()))?;
    line("mean squared error", &|index| number(columns[index].1.mse))?;
    line("explained variance", &|index| percent(columns[index].1.explained_variance))?;
    if record.judged().chi_square.is_some() {
        let reduced = |index: usize| columns[index].1.chi_square.and_then(|chi_square| chi_square.reduced);
        line("reduced chi-square", &|index| reduced(index).map_or_else(|| "-".to_owned(), number))?;
    }
    let ordered = ordered(record);
    if !ordered.is_empty() {
        writeln!(text, "\nordered latents: errors in original units\n  {}", ordered.join("\n  "))?;
    }
    for sentence in record.in_words() {
        writeln!(text, "\n{sentence}")?;
    }
    Ok(())
}

/// The size of a sample: `66 values`, `48 × 64 = 3,072 values`.
pub(super) fn size(axes: &[Axis]) -> String {
    let values = thousands(axes.iter().map(Axis::size).product());
    if axes.len() > 1 { format!("{} = {values} values", shape_in_words(axes)) } else { format!("{values} values") }
}

/// How a feature is scaled, as a formula.
fn formula(scaling: FeatureScaling) -> String {
    let inner = match scaling.transform {
        Transform::Identity => "x".to_owned(),
        Transform::Log => "ln x".to_owned(),
        Transform::Anscombe => "2 √(x + 3/8)".to_owned(),
        Transform::Asinh { softening } => format!("asinh(x / {})", number(softening)),
        Transform::AsinhAbout { center, softening } => {
            format!("asinh((x - {}) / {})", number(center), number(softening))
        }
    };
    match (scaling.center == 0.0, scaling.scale == 1.0) {
        (true, true) => inner,
        (true, false) => format!("{inner} / {}", number(scaling.scale)),
        (false, _) => format!("({inner} - {}) / {}", number(scaling.center), number(scaling.scale)),
    }
}
