//! The columns that come out of a model.

use lumenfold_data::{Column, FeatureScaling, Values};

use super::Way;
use crate::Autoencoder;

/// The columns of the result of one block.
pub(super) struct Results {
    columns: Vec<Column>,
    rows: usize,
}

/// The part of the result that belongs to consecutive rows.
pub(super) struct Piece<'a> {
    /// The first of them in the block.
    pub(super) first: usize,
    pub(super) rows: usize,
    pub(super) cells: Vec<Cells<'a>>,
}

/// Cells of one column.
pub(super) enum Cells<'a> {
    Single(&'a mut [f32]),
    Double(&'a mut [f64]),
}

impl Results {
    /// Room for so many rows. Latent coordinates are what the network says, in single precision; for samples, the scaling
    /// of each feature decides ([`FeatureScaling::fits_single`]).
    pub(super) fn new(autoencoder: &Autoencoder, way: Way, rows: usize) -> Self {
        let single = || Values::Float32(vec![0.0; rows]);
        let columns = match way {
            Way::Encode => autoencoder.latent_names().into_iter().map(|name| Column::new(name, single())).collect(),
            Way::Decode | Way::Reconstruct => {
                let features = autoencoder.features.iter().zip(&autoencoder.scaling.features);
                let column = |(feature, scaling): (&lumenfold_data::Feature, &FeatureScaling)| Column {
                    name: feature.name.clone(),
                    unit: feature.unit.clone(),
                    values: if scaling.fits_single() { single() } else { Values::Float64(vec![0.0; rows]) },
                };
                features.map(column).collect()
            }
        };
        Self { columns, rows }
    }

    /// All cells, cut into pieces of so many rows.
    pub(super) fn pieces(&mut self, rows: usize) -> impl Iterator<Item = Piece<'_>> + Send {
        let all = self.rows;
        let mut left: Vec<Cells<'_>> =
            self.columns.iter_mut().filter_map(|column| Cells::of(&mut column.values)).collect();
        (0..all).step_by(rows.max(1)).map(move |first| {
            let count = rows.min(all - first);
            Piece { first, rows: count, cells: left.iter_mut().map(|cells| cells.split_off(count)).collect() }
        })
    }

    pub(super) fn columns(self) -> Vec<Column> {
        self.columns
    }
}

impl<'a> Cells<'a> {
    fn of(values: &'a mut Values) -> Option<Self> {
        match values {
            Values::Float32(values) => Some(Self::Single(values)),
            Values::Float64(values) => Some(Self::Double(values)),
            _ => None,
        }
    }

    /// Takes the first `count` cells away.
    fn split_off(&mut self, count: usize) -> Self {
        match self {
            Self::Single(cells) => {
                let (first, rest) = std::mem::take(cells).split_at_mut(count);
                *cells = rest;
                Self::Single(first)
            }
            Self::Double(cells) => {
                let (first, rest) = std::mem::take(cells).split_at_mut(count);
                *cells = rest;
                Self::Double(first)
            }
        }
    }

    pub(super) fn is_finite(&self, row: usize) -> bool {
        match self {
            Self::Single(cells) => cells[row].is_finite(),
            Self::Double(cells) => cells[row].is_finite(),
        }
    }

    /// Empties a cell: its row has no result.
    pub(super) fn clear(&mut self, row: usize) {
        match self {
            Self::Single(cells) => cells[row] = f32::NAN,
            Self::Double(cells) => cells[row] = f64::NAN,
        }
    }
}
