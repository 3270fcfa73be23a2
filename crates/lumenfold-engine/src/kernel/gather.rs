//! Rows of a data set into a tile, and a tile back into rows.

use super::TILE;

/// `x[f][s] = rows[indices[s]][f]`, zero in the samples beyond the indices.
///
/// rows: `[n][features]`, x: `[features][TILE]`.
pub(crate) fn gather(rows: &[f32], features: usize, indices: &[u32], x: &mut [f32]) {
    for (sample, index) in indices.iter().enumerate() {
        let start = *index as usize * features;
        for (feature, value) in rows[start..start + features].iter().enumerate() {
            x[feature * TILE + sample] = *value;
        }
    }
    clear_beyond(indices.len(), features, x);
}

/// As [`gather`] for consecutive rows.
pub(crate) fn load(rows: &[f32], features: usize, x: &mut [f32]) {
    let samples = rows.len() / features;
    for (sample, row) in rows.chunks_exact(features).enumerate() {
        for (feature, value) in row.iter().enumerate() {
            x[feature * TILE + sample] = *value;
        }
    }
    clear_beyond(samples, features, x);
}

/// `rows[s][f] = y[f][s]` for as many samples as `rows` has.
pub(crate) fn unload(y: &[f32], features: usize, rows: &mut [f32]) {
    for (sample, row) in rows.chunks_exact_mut(features).enumerate() {
        for (feature, value) in row.iter_mut().enumerate() {
            *value = y[feature * TILE + sample];
        }
    }
}

/// Zero in the samples from `samples` on.
pub(crate) fn clear_beyond(samples: usize, features: usize, x: &mut [f32]) {
    if samples < TILE {
        for row in x.chunks_exact_mut(TILE).take(features) {
            row[samples..].fill(0.0);
        }
    }
}
