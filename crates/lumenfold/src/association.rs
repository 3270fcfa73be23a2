//! What the latent coordinates have to do with the features and with other columns.
//!
//! For each latent coordinate and each column, two measures:
//!
//! * Spearman's rank correlation ([`rank_correlation`]) says whether one rises or falls with the other.
//! * Mutual information, in nats, says how much one tells about the other, in whatever shape: for numbers the estimator of
//!   Kraskov, Stögbauer and Grassberger ([`information`]), for categories that of Ross ([`information_of_categories`]).
//!   Numbers are replaced by their ranks before ([`Ranked`]), so neither measure depends on units or on how a
//!   column is bent; a random place among equals and a jitter of less than one rank keep ties from being read as structure.
//!
//! An estimate of information is never exactly zero. Shuffling one of the two columns shows what chance gives: its mean and
//! deviation are the [`Null`], and an association is called significant when it lies [`SIGNIFICANT`] deviations above the
//! mean. Ranks of different columns are shuffled alike, so one null serves all columns with as many values.

mod categories;
mod information;
mod null;
mod ranks;
mod variable;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use lumenfold_data::Column;

pub use categories::information_of_categories;
pub use information::information;
pub use null::Null;
pub use ranks::{Ranked, rank_correlation};
use ranks::{correlation_of_ranks, mean_ranks};
use variable::Variable;

use crate::parallel::in_order;

/// Deviations above the mean of the null from which an association is called significant. The deviation of twenty shuffles
/// is uncertain by a sixth, and tables have many columns.
pub const SIGNIFICANT: f64 = 5.0;

/// How associations are measured.
#[derive(Clone, Copy, Debug)]
pub struct AssociationOptions {
    /// Seed of jitter and shuffles.
    pub seed: u64,
    /// Shuffles that the null is made of.
    pub shuffles: usize,
    /// The neighbour whose distance the estimators use: 3, as in scikit-learn.
    pub neighbours: usize,
    /// Threads; the result does not depend on it.
    pub threads: NonZeroUsize,
}

impl Default for AssociationOptions {
    fn default() -> Self {
        Self { seed: 0, shuffles: 20, neighbours: 3, threads: NonZeroUsize::MIN }
    }
}

/// What one latent coordinate has to do with one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Association {
    /// The latent coordinate, from 0.
    pub latent: usize,
    /// The column, from 0.
    pub column: usize,
    /// Rows in which the column has a value.
    pub rows: usize,
    /// Spearman's rank correlation, from -1 to 1; none for text and where one of the two does not vary.
    pub rank_correlation: Option<f64>,
    /// Mutual information in nats; none where there are too few rows or nothing varies.
    pub information: Option<f64>,
    /// What shuffled columns give.
    pub null: Option<Null>,
    /// The most that the column could tell, its entropy in nats, if its values are few.
    pub entropy: Option<f64>,
}

impl Association {
    /// Whether the information is more than chance gives.
    #[must_use]
    pub fn significant(&self) -> bool {
        match (self.information, self.null) {
            (Some(information), Some(null)) => information > null.mean + SIGNIFICANT * null.deviation,
            _ => false,
        }
    }

    /// Whether one rises or falls with the other more than chance has it: a rank correlation of independent columns has a
    /// deviation of 1/sqrt(rows - 1).
    #[must_use]
    pub fn monotonic(&self) -> bool {
        let deviation = 1.0 / (self.rows.saturating_sub(1).max(1) as f64).sqrt();
        self.rank_correlation.is_some_and(|correlation| correlation.abs() > SIGNIFICANT * deviation)
    }
}

/// Every latent coordinate with every column: `[latent][columns]`. `codes` are `[rows][latent]`, finite.
///
/// ```
/// use lumenfold::association::{AssociationOptions, associate};
/// use lumenfold::data::{Column, Values};
/// // One coordinate; a column that falls with it, and one that has nothing to do with it.
/// let codes: Vec<f32> = (0..500).map(|row| row as f32).collect();
/// let falling = Column::new("falling", Values::Float64((0..500).map(|row| 1.0 / (1.0 + f64::from(row))).collect()));
/// let other = Column::new("other", Values::integers((0..500).map(|row| row * 7919 % 499).collect()));
/// let found = associate(&codes, 1, &[falling, other], &AssociationOptions::default());
/// assert_eq!(found[0].rank_correlation, Some(-1.0));
/// assert!(found[0].significant() && found[0].information > found[1].information);
/// ```
#[must_use]
pub fn associate(codes: &[f32], latent: usize, columns: &[Column], options: &AssociationOptions) -> Vec<Association> {
    let rows = codes.len() / latent.max(1);
    let coordinate =
        |index: usize| -> Vec<f64> { codes.iter().skip(index).step_by(latent).copied().map(f64::from).collect() };
    let coordinates: Vec<Vec<f64>> = (0..latent).map(coordinate).collect();
    // Ties are broken by another draw in each coordinate and column: the first streams are those of the coordinates.
    let variables: Vec<Variable> = in_order(columns.len(), options.threads, |column| {
        Variable::of(&columns[column], rows, options, (latent + column) as u64)
    });
    let whole = in_order(latent, options.threads, |index| Coordinate::of(&coordinates[index], options.seed, index));
    let nulls = nulls(&variables, options);
    in_order(latent * columns.len(), options.threads, |pair| {
        let (index, column) = (pair / columns.len(), pair % columns.len());
        let variable = &variables[column];
        let again: Coordinate;
        let coordinate = if variable.rows.len() == rows {
            &whole[index]
        } else {
            let values: Vec<f64> = variable.rows.iter().map(|row| coordinates[index][*row as usize]).collect();
            again = Coordinate::of(&values, options.seed, index);
            &again
        };
        let ranks = variable.mean_ranks.as_ref().filter(|_| coordinate.varies);
        Association {
            latent: index,
            column,
            rows: variable.rows.len(),
            rank_correlation: ranks.and_then(|ranks| correlation_of_ranks(&coordinate.mean_ranks, ranks)),
            information: variable.information(&coordinate.ranked, options.neighbours).filter(|_| coordinate.varies),
            null: nulls[column].filter(|_| coordinate.varies),
            entropy: variable.entropy(),
        }
    })
}

/// A latent coordinate at some rows, as the estimators take it.
struct Coordinate {
    mean_ranks: Vec<f64>,
    ranked: Ranked,
    varies: bool,
}

impl Coordinate {
    fn of(values: &[f64], seed: u64, index: usize) -> Self {
        let varies = values.iter().any(|value| *value != values[0]);
        Self { mean_ranks: mean_ranks(values), ranked: Ranked::of(values, seed, index as u64), varies }
    }
}

/// What chance gives for each column.
fn nulls(variables: &[Variable], options: &AssociationOptions) -> Vec<Option<Null>> {
    // Columns of numbers with as many values share one.
    let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
    let mut first_of = Vec::with_capacity(variables.len());
    for (column, variable) in variables.iter().enumerate() {
        first_of.push(if variable.is_ranked() { *shared.entry(variable.rows.len()).or_insert(column) } else { column });
    }
    let own = in_order(variables.len(), options.threads, |column| {
        (first_of[column] == column).then(|| Null::of(&variables[column], options)).flatten()
    });
    first_of.iter().map(|first| own[*first]).collect()
}
