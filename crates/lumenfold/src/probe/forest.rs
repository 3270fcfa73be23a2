//! Random forests; Breiman, Machine Learning 45, 5 (2001).
//!
//! Each tree grows from as many rows as there are, drawn with replacement, and looks for each division at some features drawn
//! at random. Features are cut into 256 bins at most, by rank, so that divisions are found by counting; forests of
//! bins tell as much as those of every value (Ke et al., *LightGBM*, 2017, section 2.1). Draws belong to the tree's
//! number, counts are integers and sums have one order, so a forest has the same bits everywhere.

mod bins;
mod division;
mod tree;

use super::draws::{Draws, Purpose};
use super::matrix::Matrix;
use super::target::Target;
use bins::Bins;
use tree::{Grower, Leaf};

/// How forests grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForestOptions {
    /// Trees.
    pub trees: usize,
    /// The fewest rows in a leaf, those drawn twice counted twice.
    pub least_leaf: usize,
    /// Features that a division looks at.
    pub features: usize,
    /// The seed of all draws.
    pub seed: u64,
}

/// Features that a division of a regression looks at, at most: neighbouring features of spectra tell the same.
const MOST_FEATURES: usize = 64;

impl ForestOptions {
    /// What is usual: 100 trees; for classes the root of the number of features and leaves of one row, for quantities a
    /// third of the features (64 at most) and leaves of three rows.
    #[must_use]
    pub fn usual(target: &Target, width: usize, seed: u64) -> Self {
        match target {
            Target::Classes { .. } => {
                Self { trees: 100, least_leaf: 1, features: (width as f64).sqrt().ceil() as usize, seed }
            }
            Target::Quantity(_) => {
                Self { trees: 100, least_leaf: 3, features: width.div_ceil(3).min(MOST_FEATURES), seed }
            }
        }
    }
}

/// Predictions for the rows of `queries` by a forest grown on `train`: the class with the largest mean share in the leaves
/// (the first of several), or the mean of the leaves. Trees are dropped when they have answered.
///
/// # Panics
/// The matrices differ in width, the target in rows, or there is no training row or tree.
#[must_use]
pub fn predict(train: &Matrix, target: &Target, queries: &Matrix, options: &ForestOptions) -> Vec<f64> {
    assert!(train.width() == queries.width() && train.rows() == target.rows() && train.rows() > 0, "rows that match");
    assert!(options.trees > 0, "a tree at least");
    let bins = Bins::of(train);
    let (codes, query_codes) = (bins.codes(train), bins.codes(queries));
    let outputs = target.classes().max(1);
    // What the trees say: shares of the classes, or one sum. [queries][outputs]
    let mut said = vec![0.0; queries.rows() * outputs];
    let mut grower = Grower::new(&codes, target, options);
    for number in 0..options.trees {
        let tree = grower.grow(&mut Draws::new(options.seed, Purpose::Tree, number));
        for (query, said) in said.chunks_exact_mut(outputs).enumerate() {
            match tree.leaf(|feature| query_codes.of_feature(feature)[query]) {
                Leaf::Mean(mean) => said[0] += mean,
                Leaf::Shares(shares) => shares.iter().for_each(|(class, share)| said[*class as usize] += share),
            }
        }
    }
    let answer = |said: &[f64]| match target {
        Target::Quantity(_) => said[0] / options.trees as f64,
        Target::Classes { .. } => {
            let best = said
                .iter()
                .enumerate()
                .fold((0, f64::NEG_INFINITY), |best, (class, sum)| if *sum > best.1 { (class, *sum) } else { best });
            best.0 as f64
        }
    };
    said.chunks_exact(outputs).map(answer).collect()
}

#[cfg(test)]
mod tests;
