//! Where the codes of ordinary rows lie.

use std::num::NonZeroUsize;

use lumenfold_engine::Part;

use crate::bounded::{apply, scaled};
use crate::{Autoencoder, Error};

/// Rows whose codes stand for those of all.
const MOST_CODES: usize = 256;

/// Which of the nearest codes tells how dense they lie.
const NEIGHBOUR: usize = 5;

/// The codes that a member gives some ordinary rows, each latent in units of its standard deviation among them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Codes {
    /// `[rows][latents]`
    points: Vec<f32>,
    /// One for each latent.
    scales: Vec<f32>,
}

impl Codes {
    /// Of ordinary rows `[rows][features]` in the scaled units of the member.
    fn of(member: &Autoencoder, rows: &[f32], threads: NonZeroUsize) -> Result<Self, Error> {
        let rows = &rows[..rows.len().min(MOST_CODES * member.features.len())];
        let mut points = codes(member, rows, threads)?;
        let width = member.network.latent_dimension();
        let count = (points.len() / width).max(1) as f64;
        let scale = |latent: usize| {
            let values = points.iter().skip(latent).step_by(width).map(|value| f64::from(*value));
            let mean = values.clone().sum::<f64>() / count;
            let deviation = (values.map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt() as f32;
            // A latent that says nothing of ordinary rows counts as it is.
            if deviation > f32::MIN_POSITIVE && deviation.is_finite() { deviation } else { 1.0 }
        };
        let scales: Vec<f32> = (0..width).map(scale).collect();
        points.chunks_exact_mut(width).flat_map(|row| row.iter_mut().zip(&scales)).for_each(|(value, scale)| {
            *value /= scale;
        });
        Ok(Self { points, scales })
    }

    /// How far a code is from the fifth nearest of them, or the farthest of fewer.
    pub(super) fn distance(&self, code: &[f32]) -> f64 {
        let mut nearest = [f64::INFINITY; NEIGHBOUR];
        for point in self.points.chunks_exact(code.len()) {
            let terms = code.iter().zip(&self.scales).zip(point);
            let mut squared = terms.map(|((code, scale), point)| f64::from(code / scale - point).powi(2)).sum::<f64>();
            // What is nearer goes in, and pushes the others on.
            for place in &mut nearest {
                if squared < *place {
                    std::mem::swap(place, &mut squared);
                }
            }
        }
        nearest.iter().rev().copied().find(|squared| squared.is_finite()).unwrap_or(f64::MAX).sqrt()
    }
}

/// The codes of each member, given reference rows in the scaled units of the first.
pub(super) fn codes_of(members: &[Autoencoder], reference: &[f32], threads: NonZeroUsize) -> Result<Vec<Codes>, Error> {
    let Some(own) = members.first() else { return Ok(Vec::new()) };
    let mut original = vec![0.0; reference.len()];
    own.scaling.inverse_block(reference, &mut original);
    let of = |member: &Autoencoder| match member.scaling == own.scaling {
        true => Codes::of(member, reference, threads),
        false => Codes::of(member, &scaled(&member.scaling, &original), threads),
    };
    members.iter().map(of).collect()
}

/// The codes of scaled rows.
pub(super) fn codes(member: &Autoencoder, scaled: &[f32], threads: NonZeroUsize) -> Result<Vec<f32>, Error> {
    let mut codes = vec![0.0; scaled.len() / member.features.len() * member.network.latent_dimension()];
    apply(member, Part::Encoder, scaled, &mut codes, threads)?;
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_nearest_tells_the_distance() {
        let points = (0..40).flat_map(|at| [at as f32, 0.0]).collect();
        let codes = Codes { points, scales: vec![2.0, 1.0] };
        // In units of two: 10 lies at 5, whose fifth nearest point is two away.
        assert_eq!(codes.distance(&[10.0, 0.0]), 2.0);
        let few = Codes { points: vec![0.0, 3.0], scales: vec![1.0] };
        assert_eq!(few.distance(&[1.0]), 2.0);
    }
}
