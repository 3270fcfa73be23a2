//! What is said about a sweep at its end.

use std::path::PathBuf;

use lumenfold::intrinsic_dimension::{Estimate, IntrinsicDimension};
use lumenfold::metrics::Errors;
use lumenfold::sweep::{Dimension, PcaNeeded, Run, Spread, Stability, Sweep};
use serde_json::{Value, json};

use crate::printer::Printer;

/// The table, and what it means.
pub(super) fn tell(sweep: &Sweep, printer: &Printer) {
    let table = sweep.text_table();
    let width = |column: usize| table.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..table.first().map_or(0, Vec::len)).map(width).collect();
    for (index, row) in table.iter().enumerate() {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}")).collect();
        match index {
            0 => printer.head(cells.join("  ")),
            _ => printer.say(cells.join("  ")),
        }
    }
    sweep.in_words().into_iter().for_each(|sentence| printer.say(sentence));
}

fn errors(errors: &Errors) -> Value {
    json!({"loss": errors.loss, "mse": errors.mse, "explained_variance": errors.explained_variance})
}

fn spread(spread: Spread) -> Value {
    json!({"median": spread.median, "least": spread.least, "most": spread.most})
}

fn stability(stability: &Stability) -> Value {
    json!({"affine_r2": stability.affine_r2, "cka": stability.cka, "pairs": stability.pairs})
}

fn run(run: &Run) -> Value {
    let mut value = errors(&run.errors);
    value["seed"] = json!(run.seed);
    value["parameters"] = json!(run.parameters);
    value["epochs"] = json!(run.epochs);
    value["best_epoch"] = json!(run.best_epoch);
    value["seconds"] = json!(run.seconds);
    value["stability"] = json!(run.stability.as_ref().map(stability));
    value
}

fn needed(needed: PcaNeeded) -> Value {
    match needed {
        PcaNeeded::Exactly(components) => json!({"components": components}),
        PcaNeeded::MoreThan(components) => json!({"more_than": components}),
    }
}

fn dimension(dimension: &Dimension) -> Value {
    json!({
        "latent": dimension.latent,
        "loss": spread(dimension.loss()),
        "mse": spread(dimension.mse()),
        "explained_variance": spread(dimension.explained_variance()),
        "pca": errors(&dimension.pca),
        "pca_needed": dimension.pca_needed.map(needed),
        "stability": dimension.stability.as_ref().map(stability),
        "seconds": dimension.seconds(),
        "fits": dimension.runs.iter().map(run).collect::<Vec<_>>(),
    })
}

fn intrinsic(intrinsic: &IntrinsicDimension) -> Value {
    let estimate = |estimate: Estimate| json!({"value": estimate.value, "error": estimate.error});
    json!({
        "rows": intrinsic.rows,
        "two_nn": estimate(intrinsic.two_nn),
        "maximum_likelihood": estimate(intrinsic.maximum_likelihood),
    })
}

/// The object of `--json`.
pub(super) fn json(sweep: &Sweep, outputs: &[PathBuf]) -> Value {
    let broken = |broken: &lumenfold::sweep::Broken| json!({"latent": broken.latent, "seed": broken.seed, "reason": broken.reason});
    json!({
        "rows": sweep.rows,
        "held_out_rows": sweep.held_out,
        "features": sweep.features,
        "seed": sweep.seed,
        "seeds": sweep.seeds,
        "tolerance": sweep.tolerance,
        "split_seed": sweep.split_seed,
        "dimensions": sweep.dimensions.iter().map(dimension).collect::<Vec<_>>(),
        "broken": sweep.broken.iter().map(broken).collect::<Vec<_>>(),
        "intrinsic_dimension": sweep.intrinsic.as_ref().map(intrinsic),
        "suggestion": sweep.suggestion.map(|it| json!({"latent": it.latent, "is_largest": it.is_largest})),
        "in_words": sweep.in_words(),
        "interrupted": sweep.interrupted,
        "outputs": outputs.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>(),
    })
}
