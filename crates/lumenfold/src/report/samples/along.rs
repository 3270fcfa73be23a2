//! How errors depend on the place on each axis.

use super::{LINE_BINS, View, packed};
use crate::Model;
use crate::metrics::Errors;
use crate::report::columns::encode_f32;
use crate::report::document::{ErrorAlong, Packed};

/// The rms residual against each axis, over samples and all other axes, beside that of the fair rival.
pub(super) fn along(model: &Model, errors: &Errors, same: bool) -> Vec<ErrorAlong> {
    let rival = model.rival().filter(|_| same);
    let squares = mean_squares(errors);
    let rival_squares = rival.map(|pca| mean_squares(&pca.errors));
    let axes = model.axes();
    (0..axes.len())
        .map(|axis| {
            let view = View::line(axes, axis, LINE_BINS);
            let root = |squares: &[f64]| encode_f32(view.over_all(squares).into_iter().map(|mean| mean.sqrt() as f32));
            ErrorAlong {
                side: view.across(),
                autoencoder: root(&squares),
                components: rival.map(|pca| pca.components),
                pca: rival_squares.as_deref().map(root),
            }
        })
        .collect()
}

/// The rms residual on each plane, over samples and all other axes.
pub(super) fn planes(errors: &Errors, views: &[View]) -> Vec<Packed> {
    let squares = mean_squares(errors);
    let root = |view: &View| view.over_all(&squares).into_iter().map(f64::sqrt).collect::<Vec<f64>>();
    views.iter().filter(|view| view.is_plane()).map(|view| packed(&root(view))).collect()
}

/// The mean squared residual of each value.
fn mean_squares(errors: &Errors) -> Vec<f64> {
    errors.rmse.iter().map(|rmse| rmse * rmse).collect()
}
