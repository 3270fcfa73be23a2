//! A column as the estimators take it.

use std::collections::{BTreeSet, HashMap};

use lumenfold_data::{Column, Values};

use super::ranks::mean_ranks;
use super::{AssociationOptions, Ranked, information, information_of_categories};

/// Numbers of no more different values than these are categories to the estimator of information: neighbours in the
/// plane say little about columns of stripes.
const FEW_VALUES: usize = 12;

/// The values that a column has.
pub(super) struct Variable {
    /// The rows in which it has one.
    pub(super) rows: Vec<u32>,
    /// Their ranks, unless they are text.
    pub(super) mean_ranks: Option<Vec<f64>>,
    shape: Shape,
}

enum Shape {
    /// One and the same value, or none.
    Constant,
    Numbers(Ranked),
    Categories {
        codes: Vec<u32>,
        entropy: f64,
    },
}

impl Variable {
    pub(super) fn of(column: &Column, rows: usize, options: &AssociationOptions, stream: u64) -> Self {
        let present: Vec<u32> = (0..rows).filter(|row| !column.is_missing(*row)).map(|row| row as u32).collect();
        if let Values::Text(cells) = &column.values {
            let labels = present.iter().map(|row| cells.get(*row as usize).unwrap_or_default());
            let shape = Shape::categories(labels);
            return Self { rows: present, mean_ranks: None, shape };
        }
        let numbers: Vec<f64> = present.iter().map(|row| column.value(*row as usize).unwrap_or(f64::NAN)).collect();
        let mut different = BTreeSet::new();
        for value in &numbers {
            different.insert((value + 0.0).to_bits());
            if different.len() > FEW_VALUES {
                break;
            }
        }
        let shape = if different.len() > FEW_VALUES {
            Shape::Numbers(Ranked::of(&numbers, options.seed, stream))
        } else {
            Shape::categories(numbers.iter().map(|value| (value + 0.0).to_bits()))
        };
        Self { rows: present, mean_ranks: Some(mean_ranks(&numbers)), shape }
    }

    /// Whether the null is that of ranks, which is the same for all columns of as many values.
    pub(super) fn is_ranked(&self) -> bool {
        matches!(self.shape, Shape::Numbers(_))
    }

    /// With a coordinate at the rows that have a value.
    pub(super) fn information(&self, coordinate: &Ranked, neighbours: usize) -> Option<f64> {
        match &self.shape {
            Shape::Constant => None,
            Shape::Numbers(ranked) => information(&coordinate.values, &ranked.values, neighbours),
            Shape::Categories { codes, .. } => information_of_categories(&coordinate.values, codes, neighbours),
        }
    }

    pub(super) fn entropy(&self) -> Option<f64> {
        match self.shape {
            Shape::Categories { entropy, .. } => Some(entropy),
            _ => None,
        }
    }
}

impl Shape {
    fn categories<T: std::hash::Hash + Eq>(labels: impl Iterator<Item = T>) -> Self {
        let mut known: HashMap<T, u32> = HashMap::new();
        let mut counts: Vec<u32> = Vec::new();
        let mut codes = Vec::new();
        for label in labels {
            let code = *known.entry(label).or_insert(counts.len() as u32);
            if code as usize == counts.len() {
                counts.push(0);
            }
            counts[code as usize] += 1;
            codes.push(code);
        }
        if counts.len() < 2 {
            return Self::Constant;
        }
        let rows = codes.len() as f64;
        // The rarest first: a sum that does not depend on the order of the rows.
        counts.sort_unstable();
        let entropy = counts.iter().map(|count| f64::from(*count) / rows).map(|share| -share * libm::log(share)).sum();
        Self::Categories { codes, entropy }
    }
}
