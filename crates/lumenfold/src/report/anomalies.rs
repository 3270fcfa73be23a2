//! What a detector says of the rows of a report: the most anomalous ones with their reasons, and simple methods beside it.

use std::num::NonZeroUsize;

use lumenfold_data::{RowSource, Rows};

use super::document::{AnomalousRow, AnomalyBaseline, AnomalySummary, StandingOut};
use crate::anomaly::{BASELINES, Scoring};
use crate::{Error, Model};

/// The rate of false alarms that rows are flagged at, if the calibration allows it.
const RATE: f64 = 0.01;

/// Rows that are shown, and features of each.
const MOST_ROWS: usize = 20;
const MOST_FEATURES: usize = 4;

/// Bins of p-values.
const BINS: usize = 20;

/// What is told of the rows; none without a detector.
pub(super) fn summary(model: &Model, rows: Rows<'_>, threads: NonZeroUsize) -> Result<Option<AnomalySummary>, Error> {
    let Some(detector) = &model.detector else { return Ok(None) };
    let scoring = Scoring::without_errors(model, threads)?;
    let baselines = scoring.baselines()?;
    let rate = RATE.max(scoring.conformal().smallest());
    let calibrations = scoring.baseline_calibrations();
    let width = rows.features().len();
    let (mut first, mut outliers, mut p_values) = (0, 0, vec![0; BINS]);
    let mut others = [(0, 0); BASELINES.len()];
    let mut most: Vec<(f64, f64, usize, Vec<f64>)> = Vec::new();
    rows.stored().pass(|block| {
        let scored = scoring.scores(block, None)?;
        let said = baselines.scores(block);
        for (at, (scored, said)) in scored.iter().zip(&said).enumerate() {
            let flagged = scored.p_value <= rate;
            outliers += usize::from(flagged);
            p_values[((scored.p_value * BINS as f64).ceil() as usize).clamp(1, BINS) - 1] += 1;
            for ((flags, shared), (calibration, said)) in others.iter_mut().zip(calibrations.iter().zip(said)) {
                let also = calibration.p_value(*said) <= rate.max(calibration.smallest());
                *flags += usize::from(also);
                *shared += usize::from(also && flagged);
            }
            // Of equal scores, the first row stands.
            if most.len() < MOST_ROWS || most.last().is_some_and(|last| scored.score > last.0) {
                let place = most.partition_point(|other| other.0 >= scored.score);
                let values = block[at * width..][..width].to_vec();
                most.insert(place, (scored.score, scored.p_value, first + at, values));
                most.truncate(MOST_ROWS);
            }
        }
        first += scored.len();
        Ok::<_, Error>(())
    })?;
    let shown = most.into_iter().map(|(score, p_value, row, values)| {
        let (source, row) = rows.origin(row);
        let explanation = scoring.explain(&values, None)?.pop();
        let standing_out = explanation.map_or_else(Vec::new, |explanation| {
            let mut order: Vec<usize> = (0..width).collect();
            order.sort_by(|left, right| explanation.shares[*right].total_cmp(&explanation.shares[*left]));
            order.truncate(MOST_FEATURES);
            let feature = |feature: usize| StandingOut {
                name: model.autoencoder.features()[feature].name.clone(),
                unit: model.autoencoder.features()[feature].unit.clone(),
                value: values[feature],
                expected: explanation.expected[feature],
                uncertainty: explanation.uncertainty[feature],
                share: explanation.shares[feature],
            };
            order.into_iter().map(feature).collect()
        });
        Ok(AnomalousRow {
            source: super::summary::words::file_name(&source),
            row,
            score,
            p_value,
            features: standing_out,
        })
    });
    let shown = shown.collect::<Result<Vec<_>, Error>>()?;
    let baseline = |(name, (flagged, shared)): (&&str, (usize, usize))| AnomalyBaseline {
        name: (*name).to_owned(),
        flagged,
        shared,
    };
    Ok(Some(AnomalySummary {
        measures: scoring.components().iter().map(ToString::to_string).collect(),
        members: detector.members(),
        calibration_rows: scoring.conformal().rows(),
        rate,
        rows: first,
        outliers,
        p_values,
        baselines: BASELINES.iter().zip(others).map(baseline).collect(),
        most: shown,
    }))
}
