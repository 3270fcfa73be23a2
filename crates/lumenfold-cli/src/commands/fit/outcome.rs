//! What is said about a fit before and after it.

use std::path::Path;

use lumenfold::data::Rows;
use lumenfold::data::axis::place_in_words;
use lumenfold::engine::{Network, Part};
use lumenfold::metrics::Errors;
use lumenfold::record::TrainingRecord;
use lumenfold::{Model, Net, Norm, Settings, architecture};
use serde_json::{Map, Value, json};

use super::Trained;
use crate::printer::Printer;
use crate::words::{chain, counted, listed, number, percent, thousands};

/// Features that the table of errors lists one by one; of more, only the worst.
const MOST_LISTED: usize = 16;
const WORST_LISTED: usize = 3;

/// The longest label that the columns of a table make room for.
const LONGEST_LABEL: usize = 60;

/// The width of a column of errors.
const CELL: usize = 12;

/// Data and network, before the training.
pub(super) fn announce(rows: Rows<'_>, settings: &Settings, network: &Network, printer: &Printer) {
    let names: Vec<&str> = rows.features().iter().map(|feature| feature.name.as_str()).collect();
    let shown = listed(&names);
    let axes = crate::axes::in_words(rows.axes());
    let shown = if axes.is_empty() { shown } else { axes };
    let (rows, features) =
        (format!("{}: {}", rows.source(), counted(rows.rows(), "row")), counted(names.len(), "feature"));
    printer.head(format!("{rows}, {features} ({shown})"));
    printer.say(format!(
        "network {}: {} parameters; {} scaling, seed {}",
        network_in_words(settings, network),
        thousands(network.parameter_count()),
        settings.scaling,
        settings.seed
    ));
}

/// The shapes between the layers of the encoder, and what comes after each of them.
fn network_in_words(settings: &Settings, network: &Network) -> String {
    let kind = kind_in_words(settings);
    let norm = match (settings.norm, &settings.net) {
        (Norm::None, _) => "",
        (Norm::Layer, _) => " then layer norm",
        (Norm::Group, _) => " after group norm",
    };
    match settings.net {
        Net::Dense => {
            format!("{} and its mirror, {}{norm}{kind}", chain(&network.widths(Part::Encoder)), settings.activation)
        }
        Net::Convolutional => {
            let shapes = architecture::shapes(network, Part::Encoder).join(" → ");
            format!("{shapes} and its mirror, {}{norm}{kind}", settings.activation)
        }
        Net::Described(_) => {
            let [encoder, decoder] = [Part::Encoder, Part::Decoder].map(|part| architecture::shapes(network, part));
            format!("{} → {}{kind}", encoder.join(" → "), decoder[1..].join(" → "))
        }
    }
}

/// What makes codes other than plain ones.
fn kind_in_words(settings: &Settings) -> String {
    let sparsity = settings.sparsity.map(|sparsity| format!(", sparse ({sparsity})"));
    let likelihood = settings.chosen_likelihood().map(|likelihood| {
        let beta = settings.chosen_beta();
        let beta = if beta == 1.0 { String::new() } else { format!(", beta {beta}") };
        format!(", variational ({likelihood}{beta})")
    });
    sparsity.or(likelihood).unwrap_or_default()
}

/// The table of errors, and who wins.
pub(crate) fn tell(model: &Model, printer: &Printer) {
    let record = &model.record;
    let judged = record.judged();
    let kind = if record.validation.is_some() { "held-out" } else { "training" };
    let mut columns: Vec<(String, &Errors)> = vec![("autoencoder".to_owned(), judged)];
    columns.extend(record.pca.iter().map(|pca| (format!("PCA-{}", pca.components), &pca.errors)));
    let label = format!("{} {kind} rows", thousands(judged.rows));
    let (worst, places) = listed_features(model, judged);
    // Names of columns are short as a rule, places are not.
    let longest = match model.axes() {
        [] => 0,
        _ => places.iter().map(|place| place.chars().count() + 6).max().unwrap_or(0),
    };
    let width = label.len().max(20).max(longest.min(LONGEST_LABEL));
    let row = |name: &str, value: &dyn Fn(&Errors) -> String| {
        line(name, width, &columns.iter().map(|(_, errors)| value(errors)).collect::<Vec<_>>())
    };
    printer.head(line(&label, width, &columns.iter().map(|(name, _)| name).collect::<Vec<_>>()));
    let features = model.autoencoder.features().len();
    if worst.len() < features {
        printer.say(format!("  the {WORST_LISTED} worst of {} features:", thousands(features)));
    }
    for (index, place) in worst.into_iter().zip(places) {
        printer.say(row(&format!("  rms {place}"), &|errors| number(errors.rmse[index])));
    }
    printer.say(row("rms, all features", &|errors| number(errors.mse.sqrt())));
    printer.say(row("mean squared error", &|errors| number(errors.mse)));
    printer.say(row("explained variance", &|errors| percent(errors.explained_variance)));
    if judged.chi_square.is_some() {
        let reduced = |errors: &Errors| errors.chi_square.and_then(|chi_square| chi_square.reduced);
        printer.say(row("reduced chi-square", &|errors| reduced(errors).map_or_else(|| "-".to_owned(), number)));
    }
    ordered(record).into_iter().for_each(|line| printer.say(line));
    record.in_words().into_iter().for_each(|sentence| printer.say(sentence));
    // On rows that come in clean, a denoiser has nothing to win.
    if record.denoising.is_none() {
        compare(model, printer);
    }
}

/// The features that are listed, all or the worst of many, and what they are called: samples with axes by their place.
fn listed_features(model: &Model, judged: &Errors) -> (Vec<usize>, Vec<String>) {
    let (features, axes) = (model.autoencoder.features(), model.axes());
    let mut listed: Vec<usize> = (0..features.len()).collect();
    if listed.len() > MOST_LISTED {
        listed.sort_by(|a, b| judged.rmse[*b].total_cmp(&judged.rmse[*a]));
        listed.truncate(WORST_LISTED);
    }
    let place = |index: &usize| {
        if !axes.is_empty() {
            return place_in_words(axes, *index);
        }
        let feature = &features[*index];
        let unit = feature.unit.as_ref().map(|unit| format!(" [{unit}]")).unwrap_or_default();
        format!("{}{unit}", feature.name)
    };
    let places = listed.iter().map(place).collect();
    (listed, places)
}

/// A table of the errors with the first coordinates of an ordered code, beside PCA with as many components.
pub(crate) fn ordered(record: &TrainingRecord) -> Vec<String> {
    if record.ordered.is_empty() {
        return Vec::new();
    }
    let head = line("first coordinates", 20, &["rms", "of PCA"]);
    let row = |(index, errors): (usize, &Errors)| {
        let pca = record.pca_with(index + 1).map_or_else(String::new, |pca| number(pca.mse.sqrt()));
        line(&format!("{:>20}", index + 1), 20, &[number(errors.mse.sqrt()), pca])
    };
    std::iter::once(head).chain(record.ordered.iter().enumerate().map(row)).collect()
}

/// A line of a table: a label of `label` characters, then cells, aligned on the right.
fn line(name: &str, label: usize, cells: &[impl AsRef<str>]) -> String {
    let cells: String = cells.iter().map(|text| format!(" {:>CELL$}", text.as_ref())).collect();
    format!("{name:<label$}{cells}")
}

/// A difference of the losses that is not worth a word.
const EQUAL: f64 = 1e-3;

/// Explained variance that leaves nothing but rounding.
const EXACT: f64 = 1.0 - 1e-9;

/// Who wins, by the loss: PCA minimises the same, on the same rows.
fn compare(model: &Model, printer: &Printer) {
    let Some(rival) = model.rival() else { return };
    let pca = format!("PCA with {} component{}", rival.components, if rival.components == 1 { "" } else { "s" });
    let ratio = model.record.judged().loss / rival.errors.loss;
    if rival.errors.explained_variance >= EXACT {
        printer
            .warn(format!("{pca} reconstructs these rows exactly: there is nothing left for an autoencoder to learn"));
    } else if !ratio.is_finite() {
        printer
            .warn("these rows do not vary in scaled units; a few huge values may drown the others: try --scale asinh");
    } else if (ratio - 1.0).abs() < EQUAL {
        printer.say(format!("The loss is that of {pca}."));
    } else if ratio < 1.0 {
        printer.say(format!("The loss is {} times that of {pca}.", number(ratio)));
    } else if model.record.evidence.is_some() {
        let ratio = number(ratio);
        printer.say(format!(
            "The squared error of its means is {ratio} times that of {pca}: a variational fit does not minimise it."
        ));
    } else {
        let ratio = number(ratio);
        printer.warn(format!("{pca} is better on these rows: the autoencoder's loss is {ratio} times as large"));
    }
}

/// The object of `--json`.
pub(super) fn json(trained: &Trained, path: &Path) -> Value {
    let Trained { model, seconds, rate } = trained;
    let record = &model.record;
    let names: Vec<&str> = model.autoencoder.features().iter().map(|feature| feature.name.as_str()).collect();
    let errors = |errors: &Errors| {
        let rmse: Map<String, Value> =
            names.iter().zip(&errors.rmse).map(|(name, rmse)| ((*name).to_owned(), json!(rmse))).collect();
        json!({
            "mse": errors.mse, "rmse": rmse, "explained_variance": errors.explained_variance,
            "loss": errors.loss, "rows": errors.rows, "chi_square": errors.chi_square,
        })
    };
    let all: Vec<Value> = record
        .pca
        .iter()
        .map(|pca| {
            let mut value = errors(&pca.errors);
            value["components"] = json!(pca.components);
            value
        })
        .collect();
    json!({
        "rows": record.rows,
        "skipped_rows": record.skipped_rows,
        "absent_values": record.absent_values,
        "features": names.len(),
        "parameters": model.autoencoder.network().parameter_count(),
        "epochs": record.epochs,
        "best_epoch": record.best_epoch,
        "recoveries": record.recoveries.len(),
        "seconds": seconds,
        "rows_per_second": rate,
        "train": errors(&record.train),
        "validation": record.validation.as_ref().map(&errors),
        "pca": model.rival().map(|rival| errors(&rival.errors)),
        "pca_components": all,
        "denoising": record.denoising.as_ref().map(|denoising| json!({
            "corrupted": errors(&denoising.corrupted),
            "reconstructed": errors(&denoising.reconstructed),
            "pca": denoising.pca.as_ref().map(&errors),
        })),
        "usage": record.usage,
        "evidence": record.evidence,
        "ordered": record.ordered.iter().map(&errors).collect::<Vec<_>>(),
        "seed": record.seed,
        "split_seed": record.seed_of_split(),
        "model": path.to_string_lossy(),
    })
}
