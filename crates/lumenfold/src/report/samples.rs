//! Samples with axes in the report: spectra, maps and volumes.
//!
//! * [`View`] is a line or a plane through a sample, with so few bins that a page can hold it; [`packed`] writes its numbers.
//! * `triplets` chooses samples by their errors and draws original and residual.
//! * `along` tells how errors depend on the place on each axis.
//! * `decoded` decodes a grid of points in latent space.
//! * `verdict` says whether an autoencoder was worth it.
//!
//! Whatever the data, what comes out is bounded: some views of at most [`LINE_BINS`] or [`PLANE_SIDE`]² numbers.

mod along;
mod decoded;
mod packed;
mod triplets;
mod verdict;
mod view;

use std::num::NonZeroUsize;

use lumenfold_data::Axis;

use super::ReportRows;
use super::document::{SampleAxis, SamplePlots};
use super::judgement::Judgement;
use crate::{Error, Model};
use packed::packed;
use view::View;

/// Values of a sample with axes up to which each of them has its place in tables and panels of features.
pub(super) const MOST_FEATURES: usize = 256;

/// Bins of a line at most.
const LINE_BINS: usize = 2048;

/// Bins along a side of a plane at most; of several planes of a volume.
const PLANE_SIDE: usize = 128;
const VOLUME_SIDE: usize = 96;

/// The part of the document about samples with axes; none for plain features. `same`: these are the rows of the training.
pub(super) fn plots(
    model: &Model,
    report: ReportRows<'_>,
    judgement: &Judgement,
    same: bool,
    threads: NonZeroUsize,
) -> Result<Option<SamplePlots>, Error> {
    let axes = model.axes();
    if axes.is_empty() {
        return Ok(None);
    }
    let views = views(axes);
    Ok(Some(SamplePlots {
        values: model.autoencoder.features().len(),
        axes: axes.iter().map(named).collect(),
        verdict: verdict::verdict(model, &judgement.errors, same),
        judged: judgement.errors.rows,
        triplets: triplets::triplets(model, report.rows, judgement, &views, threads)?,
        error_along: along::along(model, &judgement.errors, same),
        error_planes: along::planes(&judgement.errors, &views),
        decoded: decoded::decoded(&model.autoencoder, &judgement.latent, threads)?,
        views: views.iter().map(View::document).collect(),
    }))
}

fn named(axis: &Axis) -> SampleAxis {
    let [first, last] = [axis.grid.first(), axis.grid.last()].map(|end| end.copied().unwrap_or_default());
    SampleAxis { name: axis.name.clone(), unit: axis.unit.clone(), bins: axis.size(), first, last }
}

/// The line of a spectrum, the plane of a map, the three planes of a volume; of more axes, those of the last three.
fn views(axes: &[Axis]) -> Vec<View> {
    let last = axes.len() - 1;
    match axes.len() {
        1 => vec![View::line(axes, 0, LINE_BINS)],
        2 => vec![View::plane(axes, (0, 1), PLANE_SIDE)],
        _ => [(last - 2, last - 1), (last - 2, last), (last - 1, last)]
            .map(|pair| View::plane(axes, pair, VOLUME_SIDE))
            .into(),
    }
}
