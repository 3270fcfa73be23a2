//! The samples of a table brought onto other grids, block by block.

use std::ops::Range;
use std::sync::Arc;

use crate::axis::{Axis, Gridded, Resampling, value_names};
use crate::table::{Column, ColumnHead, ValueType, Values};
use crate::{DataError, Table};

/// What becomes of the columns of each block.
pub(super) struct Resampled {
    resampling: Resampling,
    /// The columns of the samples as they are read.
    own: Range<usize>,
    names: Vec<String>,
    /// The same samples afterwards.
    pub(super) gridded: Arc<Gridded>,
}

impl Resampled {
    /// From the grids of `gridded` onto those of other axes. Each value is a 64-bit float afterwards.
    pub(super) fn new(path: &str, gridded: &Gridded, onto: &[Axis]) -> Result<Self, DataError> {
        let resampling = Resampling::new(path, &gridded.axes, onto)?;
        let (own, names) = (gridded.columns.clone(), value_names(onto));
        let columns = own.start..own.start + names.len();
        let gridded = Arc::new(Gridded::new(path, &gridded.array, columns, onto.to_vec())?);
        Ok(Self { resampling, own, names, gridded })
    }

    /// The columns that there will be.
    pub(super) fn heads(&self, mut columns: Vec<ColumnHead>) -> Vec<ColumnHead> {
        let head = |name: &String| ColumnHead { name: name.clone(), unit: None, value_type: ValueType::Float64 };
        columns.splice(self.own.clone(), self.names.iter().map(head));
        columns
    }

    /// The samples of a block.
    pub(super) fn apply(&self, block: Table) -> Result<Table, DataError> {
        let (before, after) = self.resampling.sizes();
        let rows = block.rows();
        let mut columns: Vec<Vec<f64>> = vec![Vec::with_capacity(rows); after];
        let mut sample = vec![0.0; before];
        for row in 0..rows {
            for (value, column) in sample.iter_mut().zip(&block.columns()[self.own.clone()]) {
                *value = column.value(row).unwrap_or(f64::NAN);
            }
            let resampled = self.resampling.sample(&sample);
            columns.iter_mut().zip(resampled).for_each(|(column, value)| column.push(value));
        }
        let columns = self.names.iter().zip(columns).map(|(name, values)| Column::new(name, Values::Float64(values)));
        block.replace(self.own.clone(), columns.collect())
    }
}
