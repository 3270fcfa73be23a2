//! What simple methods say of the same rows, learned from the same training rows.

use std::num::NonZeroUsize;

use lumenfold_data::{Scaling, Slice};

use super::forest::Forest;
use crate::bounded::scaled;
use crate::neighbours::Search;
use crate::parallel::in_order;
use crate::pca::Pca;
use crate::{Autoencoder, Error};

/// Which of the nearest rows tells how far others are.
const NEIGHBOUR: usize = 5;

/// Rows that a thread takes at a time.
const PIECE: usize = 1024;

/// The names of the baselines, as columns have them.
pub const BASELINES: [&str; 3] = ["pca", "isolation_forest", "nearest_neighbours"];

/// PCA with as many components as the code has numbers, an isolation forest, and the distance from the fifth nearest of the
/// reference rows; all in the scaled units of the model.
#[derive(Debug)]
pub struct Baselines {
    scaling: Scaling,
    threads: NonZeroUsize,
    pca: Pca,
    components: usize,
    forest: Forest,
    points: Vec<f64>,
    width: usize,
}

impl Baselines {
    /// Of training rows `[rows][features]` in scaled units, one at least.
    pub(super) fn of(own: &Autoencoder, reference: &[f32], seed: u64, threads: NonZeroUsize) -> Result<Self, Error> {
        let width = own.features.len();
        let components = own.network.latent_dimension().min(width);
        let pca = Pca::fit(&Slice { values: reference, width }, &vec![1.0; width], components, threads)?;
        Ok(Self {
            scaling: own.scaling.clone(),
            threads,
            pca,
            components,
            forest: Forest::of(reference, width, seed),
            points: reference.iter().map(|value| f64::from(*value)).collect(),
            width,
        })
    }

    /// What each of [`BASELINES`] says of rows in original units, `[rows][features]`: the mean squared residual of PCA and the
    /// distance from the fifth nearest row in scaled units, the score of the forest from 0 to 1. What is higher is more unusual.
    #[must_use]
    pub fn scores(&self, values: &[f64]) -> Vec<[f64; BASELINES.len()]> {
        let scaled = &scaled(&self.scaling, values);
        let search = Search::among(&self.points, self.width);
        let pieces: Vec<&[f32]> = scaled.chunks(PIECE * self.width).collect();
        let done = in_order(pieces.len(), self.threads, |index| {
            let queries: Vec<f64> = pieces[index].iter().map(|value| f64::from(*value)).collect();
            let mut distances = Vec::with_capacity(queries.len() / self.width);
            search.each_nearest(&queries, NEIGHBOUR, |near| {
                distances.push(near.last().map_or(f64::MAX, |(squared, _)| squared.max(0.0).sqrt()));
            });
            let mut output = vec![0.0; self.width];
            let rows = pieces[index].chunks_exact(self.width).zip(distances);
            rows.map(|(row, distance)| {
                self.pca.reconstruct(self.components, row, &mut output);
                let squares = row.iter().zip(&output).map(|(value, output)| f64::from(value - output).powi(2));
                [squares.sum::<f64>() / self.width as f64, self.forest.score(row), distance]
            })
            .collect::<Vec<_>>()
        });
        done.concat()
    }
}
