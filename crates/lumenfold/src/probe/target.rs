//! What is to be told from a code: a label or a quantity.

use crate::order_statistics::mean;

/// The target of a probe, one entry for each row.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Labels.
    Classes {
        /// Their names.
        names: Vec<String>,
        /// For each row the place of its label in `names`.
        codes: Vec<u32>,
    },
    /// Finite numbers.
    Quantity(Vec<f64>),
}

impl Target {
    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Classes { codes, .. } => codes.len(),
            Self::Quantity(values) => values.len(),
        }
    }

    /// How many classes there are; none for a quantity.
    #[must_use]
    pub fn classes(&self) -> usize {
        match self {
            Self::Classes { names, .. } => names.len(),
            Self::Quantity(_) => 0,
        }
    }

    /// Some rows (from 0), in the order given.
    #[must_use]
    pub fn chosen(&self, rows: &[u32]) -> Self {
        let rows = || rows.iter().map(|row| *row as usize);
        match self {
            Self::Classes { names, codes } => {
                Self::Classes { names: names.clone(), codes: rows().map(|row| codes[row]).collect() }
            }
            Self::Quantity(values) => Self::Quantity(rows().map(|row| values[row]).collect()),
        }
    }

    /// The value of a row as predictions have it: the code of its class, or the quantity.
    #[must_use]
    pub fn value(&self, row: usize) -> f64 {
        match self {
            Self::Classes { codes, .. } => f64::from(codes[row]),
            Self::Quantity(values) => values[row],
        }
    }

    /// What is predicted without looking: the most frequent class (the first of several), or the mean.
    #[must_use]
    pub fn trivial(&self) -> f64 {
        match self {
            Self::Classes { names, codes } => {
                let mut counts = vec![0_usize; names.len()];
                codes.iter().for_each(|code| counts[*code as usize] += 1);
                let most = counts.iter().copied().max().unwrap_or(0);
                counts.iter().position(|count| *count == most).unwrap_or(0) as f64
            }
            Self::Quantity(values) => mean(values),
        }
    }

    /// What predictions lose, to be made small: the share of wrong classes, or the mean squared error.
    #[must_use]
    pub fn loss(&self, predictions: &[f64]) -> f64 {
        let each = predictions.iter().enumerate().map(|(row, prediction)| {
            let residual = prediction - self.value(row);
            match self {
                Self::Classes { .. } => f64::from(u8::from(residual != 0.0)),
                Self::Quantity(_) => residual * residual,
            }
        });
        each.sum::<f64>() / predictions.len().max(1) as f64
    }
}
