//! The models that ask what an input tells, and how their settings are chosen on the training rows.

use serde::{Serialize, Serializer};

use super::forest::{self, ForestOptions};
use super::logistic::Logistic;
use super::matrix::{Matrix, Standard};
use super::neighbours;
use super::ridge::Ridge;
use super::split::folds;
use super::target::Target;

/// Numbers of neighbours that are tried.
pub const NEIGHBOURS: [f64; 7] = [1.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0];

/// Penalties of ridge regression that are tried, from strong to weak; see [`Ridge::fit`] for the unit.
pub const RIDGE_PENALTIES: [f64; 12] = [1e2, 1e1, 1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9];

/// Penalties of logistic regression that are tried, from strong to weak; see [`Logistic::fit`] for the unit.
pub const LOGISTIC_PENALTIES: [f64; 6] = [1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5];

/// Rows times the width of the input that the cross-validation may take: the square of the rows is what neighbours cost.
const CROSS_VALIDATED: f64 = 1e9;
const FEWEST_CROSS_VALIDATED: usize = 2000;

/// Rows times features times classes up to which logistic regression takes minutes at most.
const MOST_LOGISTIC: u64 = 400_000_000;

/// A simple model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// k nearest neighbours.
    Neighbours,
    /// Logistic regression of classes, ridge regression of quantities.
    Linear,
    /// A random forest.
    Forest,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Neighbours, Self::Linear, Self::Forest];

    /// What it is called, for classes or for a quantity.
    #[must_use]
    pub fn name(self, classes: bool) -> &'static str {
        match (self, classes) {
            (Self::Neighbours, _) => "nearest neighbours",
            (Self::Linear, true) => "logistic regression",
            (Self::Linear, false) => "ridge regression",
            (Self::Forest, _) => "random forest",
        }
    }

    /// Whether it can be asked with so many rows, features and classes in acceptable time.
    #[must_use]
    pub fn affordable(self, rows: usize, width: usize, classes: usize) -> bool {
        let all = [rows, width, classes].map(|count| count as u64).into_iter().fold(1, u64::saturating_mul);
        self != Self::Linear || all <= MOST_LOGISTIC
    }

    /// The settings that are tried, the simplest model first.
    fn grid(self, target: &Target) -> Vec<f64> {
        match (self, target) {
            (Self::Neighbours, _) => NEIGHBOURS.into_iter().rev().collect(),
            (Self::Linear, Target::Classes { .. }) => LOGISTIC_PENALTIES.to_vec(),
            (Self::Linear, Target::Quantity(_)) => RIDGE_PENALTIES.to_vec(),
            (Self::Forest, _) => vec![0.0],
        }
    }

    /// Predictions with each of the settings.
    fn predict(self, settings: &[f64], train: &Matrix, target: &Target, queries: &Matrix, seed: u64) -> Vec<Vec<f64>> {
        match (self, target) {
            (Self::Neighbours, _) => {
                let counts: Vec<usize> = settings.iter().map(|count| *count as usize).collect();
                neighbours::predict(train, target, queries, &counts)
            }
            (Self::Linear, Target::Classes { names, codes }) => {
                let fits = Logistic::fit(train, codes, names.len(), settings);
                let codes = |fit: &Logistic| fit.predict(queries).into_iter().map(f64::from).collect();
                fits.iter().map(codes).collect()
            }
            (Self::Linear, Target::Quantity(values)) => {
                Ridge::fit(train, values, settings).iter().map(|ridge| ridge.predict(queries)).collect()
            }
            (Self::Forest, _) => {
                vec![forest::predict(train, target, queries, &ForestOptions::usual(target, train.width(), seed))]
            }
        }
    }

    /// Learns from rows and answers for others. Both are standardised with the means and deviations of the former; the setting
    /// is the one with the least loss in a cross-validation of them in five folds (of 2,000 of them or more where all
    /// would take too long), the simplest of several. `number` is that of the split.
    #[must_use]
    pub fn ask(self, mut train: Matrix, target: &Target, mut queries: Matrix, seed: u64, number: usize) -> Answer {
        let standard = Standard::of(&train);
        standard.apply(&mut train);
        standard.apply(&mut queries);
        let most = ((CROSS_VALIDATED / train.width() as f64).sqrt() as usize).max(FEWEST_CROSS_VALIDATED);
        let folds = folds(target, most, seed, number);
        let grid = self.grid(target);
        let mut losses = vec![0.0; grid.len()];
        for fold in 0..folds.len() {
            let rest: Vec<u32> = folds
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != fold)
                .flat_map(|(_, rows)| rows)
                .copied()
                .collect();
            let (known, own) = (target.chosen(&rest), target.chosen(&folds[fold]));
            let predictions = self.predict(&grid, &train.chosen(&rest), &known, &train.chosen(&folds[fold]), seed);
            for (loss, predictions) in losses.iter_mut().zip(predictions) {
                *loss += own.loss(&predictions) * own.rows() as f64;
            }
        }
        let best = (0..grid.len()).fold(0, |best, index| if losses[index] < losses[best] { index } else { best });
        let predictions = self.predict(&grid[best..=best], &train, target, &queries, seed).swap_remove(0);
        let rows: usize = folds.iter().map(Vec::len).sum();
        let setting = (self != Self::Forest).then_some(grid[best]);
        Answer { predictions, setting, loss: losses[best] / rows.max(1) as f64 }
    }
}

impl Serialize for Method {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Neighbours => "neighbours",
            Self::Linear => "linear",
            Self::Forest => "forest",
        })
    }
}

/// What a model says.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// For each row that was asked for, the code of a class or a quantity.
    pub predictions: Vec<f64>,
    /// The number of neighbours or the penalty that was chosen.
    pub setting: Option<f64>,
    /// The loss of the cross-validation; see [`Target::loss`].
    pub loss: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_feature_is_told_by_every_method() {
        let column = |index: usize| [(index % 2) as f64 * 3.0, ((index * 37) % 101) as f64];
        let rows = Matrix::new((0..400).flat_map(column).collect(), 2);
        let names = ["a", "b"].map(str::to_owned).to_vec();
        let classes = Target::Classes { names, codes: (0..400).map(|index| index % 2).collect() };
        let train: Vec<u32> = (0..300).collect();
        let queries: Vec<u32> = (300..400).collect();
        for method in Method::ALL {
            let answer = method.ask(rows.chosen(&train), &classes.chosen(&train), rows.chosen(&queries), 0, 0);
            assert_eq!(classes.chosen(&queries).loss(&answer.predictions), 0.0, "{method:?}");
            assert_eq!(answer.loss, 0.0, "{method:?}");
        }
        let quantity = Target::Quantity(rows.each().map(|row| 2.0 * row[1] - row[0]).collect());
        let answer = Method::Linear.ask(rows.chosen(&train), &quantity.chosen(&train), rows.chosen(&queries), 0, 0);
        assert_eq!(answer.setting, Some(1e-9));
        assert!(quantity.chosen(&queries).loss(&answer.predictions) < 1e-8);
    }
}
