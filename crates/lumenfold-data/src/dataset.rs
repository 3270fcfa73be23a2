//! Data sets: the numbers to learn from, all of them finite.
//!
//! A [`Dataset`] is made from a [`Table`] in four steps, one file each where they are long: choose the feature
//! columns, turn them into numbers, deal with rows that lack one, and carry the other columns along for the rows that
//! are left. After that no code needs to think of missing values or text again.

mod each;
mod features;
mod fingerprint;
mod part;
mod rows;
mod samples;

pub use each::{Gone, each_block, each_dataset};
pub use fingerprint::Fingerprint;
pub use part::{Chosen, Part, StoredPart, divide};
pub use samples::{Rows, Samples, Stored};

use std::borrow::Borrow;
use std::collections::HashSet;

use crate::axis::{self, AxesChoice, Axis, Found};
use crate::table::{Column, Table};
use crate::{BlockReader, DataError, Source};

/// What to do with rows in which a feature is missing or infinite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Missing {
    /// An error that names the first such row and how many there are.
    #[default]
    Refuse,
    /// Leave them out and count them.
    Skip,
    /// Keep them without these values, which are NaN in the data set; leave out only rows that have none at all.
    Mask,
}

/// Which columns of a table become a data set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DatasetOptions {
    /// Names of the features, in the order wanted. `None`: every column of numbers that is not in `keep`, in the order
    /// of the table; if there is none, every boolean column.
    pub columns: Option<Vec<String>>,
    /// Names of columns to carry along without learning from them.
    pub keep: Vec<String>,
    /// Names of the columns with the standard error of each feature, in their order, if there are any.
    pub errors: Option<Vec<String>>,
    /// The axes of a sample, whose sizes multiply to the number of features; empty for plain columns. `None`: those that the
    /// table has for these columns.
    pub axes: Option<Vec<Axis>>,
    /// What to do with rows that lack a value.
    pub missing: Missing,
}

/// One number of every sample.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Feature {
    /// Name of its column.
    pub name: String,
    /// Unit of its column, if the file gave one.
    pub unit: Option<String>,
}

/// Samples to learn from: a block of finite numbers, and what is carried along.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// The numbers, row-major: `[rows][features]`. All finite, or NaN for what is absent under [`Missing::Mask`].
    pub values: Vec<f64>,
    /// The standard error of each number, above zero, as the values; NaN where these are.
    pub errors: Option<Vec<f64>>,
    /// Whether numbers may be absent: [`Missing::Mask`] was asked for.
    pub masks: bool,
    /// Number of samples.
    pub rows: usize,
    /// Name and unit of each feature.
    pub features: Vec<Feature>,
    /// The axes of a sample, of which `features` are the values, row-major; empty for plain features.
    pub axes: Vec<Axis>,
    /// Columns that are not learnt from, one cell per sample.
    pub carried: Vec<Column>,
    /// The name of the input in messages.
    pub source: String,
    /// For each sample, its row (from 0), ascending: in the source, or, if several sources are read as one table, among
    /// the rows of all of them.
    pub used_rows: Vec<u64>,
    /// Rows of the sources that come before this one; see [`Dataset::source_row`].
    pub rows_before: u64,
    /// Rows of the table that were left out: `used_rows.len() + skipped` is their number in all.
    pub skipped: usize,
    /// The first row that was left out.
    pub first_skipped: Option<Unusable>,
}

/// A value that keeps a row from being used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// The row in its source, counted from 1.
    pub row: u64,
    /// The column.
    pub column: String,
    /// `missing`, `inf` or `-inf`.
    pub value: &'static str,
}

impl Dataset {
    /// Chooses features and usable rows of a table.
    ///
    /// A block of a larger table ([`crate::BlockReader`]) may have no usable row under [`Missing::Skip`]; what errors count
    /// is counted within the block, but the row they name is that of the source.
    ///
    /// Text that is asked for by name and holds a number in every cell (identifiers such as `007`) is taken as
    /// numbers; booleans count 0 and 1.
    ///
    /// # Errors
    ///
    /// A column that is not there, is asked for twice or holds text; no columns of numbers; no rows; missing or
    /// infinite values under [`Missing::Refuse`], or in every row.
    pub fn from_table(table: impl Borrow<Table>, options: &DatasetOptions) -> Result<Self, DataError> {
        let table = table.borrow();
        if table.is_empty() {
            return Err(DataError::NoRows { path: table.source().to_owned() });
        }
        if u32::try_from(table.rows()).is_err() {
            let (path, rows) = (table.source().to_owned(), table.rows());
            return Err(DataError::TooManyRows { path, rows, limit: u32::MAX });
        }
        let chosen = features::choose(table, options)?;
        let axes = features::axes(table, &chosen, options)?;
        let kept = options.keep.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>()?;
        let numbers = chosen.iter().map(|column| features::numbers(table, column)).collect::<Result<Vec<_>, _>>()?;
        let errors = match &options.errors {
            Some(names) => Some(features::errors(table, &chosen, names)?),
            None => None,
        };
        let errors = errors.as_deref();
        let (mut used_rows, first_skipped) = rows::usable(table, &chosen, (&numbers, errors), options.missing)?;

        let mut values = rows::gather(&numbers, &used_rows);
        let mut errors = errors.map(|errors| {
            let numbers: Vec<_> = errors.iter().map(|(_, numbers)| numbers.clone()).collect();
            rows::gather(&numbers, &used_rows)
        });
        if options.missing == Missing::Mask {
            rows::mask(&mut values, errors.as_deref_mut());
        }
        let carried = match used_rows.len() == table.rows() {
            true => kept.into_iter().cloned().collect(),
            false => kept.into_iter().map(|column| column.select(&used_rows)).collect(),
        };
        used_rows.iter_mut().for_each(|row| *row += table.position());
        let feature = |column: &&Column| Feature { name: column.name.clone(), unit: column.unit.clone() };
        // The columns of a table keep their names, by which they are found again; those of an array have none.
        let features = match axes.is_empty() || options.columns.is_some() || features::array(table, options).is_none() {
            true => chosen.iter().map(feature).collect(),
            false => axis::value_names(&axes).into_iter().map(|name| Feature { name, unit: None }).collect(),
        };
        Ok(Self {
            values,
            errors,
            masks: options.missing == Missing::Mask,
            rows: used_rows.len(),
            features,
            axes,
            carried,
            source: table.source().to_owned(),
            skipped: table.rows() - used_rows.len(),
            first_skipped,
            rows_before: table.position() - table.first_row(),
            used_rows,
        })
    }

    /// The axes that [`Dataset::from_table`] would find in the tables of a reader, as far as its columns tell.
    ///
    /// # Errors
    ///
    /// As [`Dataset::from_table`], as far as no cell is needed for it.
    pub fn axes_of(reader: &BlockReader, options: &DatasetOptions) -> Result<Vec<Axis>, DataError> {
        let table = reader.empty_table()?;
        features::axes(&table, &features::choose(&table, options)?, options)
    }

    /// How many features [`Dataset::from_table`] would find in the tables of a reader.
    ///
    /// # Errors
    ///
    /// As [`Dataset::axes_of`].
    pub fn features_of(reader: &BlockReader, options: &DatasetOptions) -> Result<usize, DataError> {
        Ok(features::choose(&reader.empty_table()?, options)?.len())
    }

    /// The axes that a user chooses for the samples of a reader; `None` where the file decides.
    ///
    /// # Errors
    ///
    /// As [`Dataset::axes_of`]; [`DataError::AxesChoice`] if the choice does not go with the file.
    pub fn chosen_axes(
        reader: &BlockReader,
        options: &DatasetOptions,
        choice: &AxesChoice,
    ) -> Result<Option<Vec<Axis>>, DataError> {
        if choice.is_automatic() {
            return Ok(None);
        }
        let table = reader.empty_table()?;
        // With any axes at all, an array is what is learnt from.
        let some = DatasetOptions { axes: Some(vec![Axis::counted(1, 1)]), ..options.clone() };
        let features = features::choose(&table, &some)?.len();
        let axes = table.gridded().filter(|gridded| gridded.columns.len() == features).map(|gridded| &gridded.axes[..]);
        let path = reader.source();
        let found = Found { path: &path, features, axes: axes.unwrap_or_default(), grids: reader.grids() };
        choice.resolve(&found).map(Some)
    }

    /// The columns that [`crate::read_table`] has to read so that `options` can be met: `None` for all of them.
    #[must_use]
    pub fn columns_to_read(options: &DatasetOptions) -> Option<Vec<String>> {
        let mut names = options.columns.clone()?;
        let mut known: HashSet<&String> = options.columns.iter().flatten().collect();
        let others = options.keep.iter().chain(options.errors.iter().flatten());
        names.extend(others.filter(|name| known.insert(name)).cloned());
        Some(names)
    }

    /// Reads a source and chooses from it, in one step; only the columns that are needed are read.
    ///
    /// # Errors
    ///
    /// As [`crate::read_table`] and [`Dataset::from_table`].
    pub fn read(source: &Source, read: &crate::ReadOptions, options: &DatasetOptions) -> Result<Self, DataError> {
        let mut read = read.clone();
        if read.columns.is_none() {
            read.columns = Self::columns_to_read(options);
        }
        Self::from_table(crate::read_table(source, &read)?, options)
    }

    /// The sample in `row` (from 0): one value per feature; empty beyond the last row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f64] {
        let width = self.features.len();
        self.values.get(row * width..(row + 1) * width).unwrap_or_default()
    }

    /// The row of a sample (both from 0) in its own source, for messages; add 1 for the number that a person counts.
    #[must_use]
    pub fn source_row(&self, sample: usize) -> u64 {
        self.used_rows.get(sample).map_or(sample as u64, |row| row.saturating_sub(self.rows_before))
    }

    /// The names of the features, in order.
    #[must_use]
    pub fn feature_names(&self) -> Vec<String> {
        self.features.iter().map(|feature| feature.name.clone()).collect()
    }

    /// The values of one feature (from 0), down the rows.
    pub fn feature_values(&self, feature: usize) -> impl Iterator<Item = f64> {
        self.values.iter().skip(feature).step_by(self.features.len().max(1)).copied()
    }

    /// Positions of the features that have the same value in every row: nothing can be learnt from them.
    #[must_use]
    pub fn constant_features(&self) -> Vec<usize> {
        let constant = |&feature: &usize| {
            let mut values = self.feature_values(feature);
            let first = values.next();
            values.all(|value| Some(value) == first)
        };
        (0..self.features.len()).filter(constant).collect()
    }

    /// A hash of the features' names, the axes and the bits of the values, as 32 hexadecimal digits: FNV-1a of 128 bits.
    ///
    /// Standard errors count, if there are any. It tells whether a model was fitted on the same data, on any platform and in any version. It is no protection
    /// against somebody who wants two data sets to look alike. Carried columns and the name of the source do not count.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hash = Fingerprint::new(&self.features, &self.axes, self.rows);
        match &self.errors {
            None => hash.add(&self.values),
            Some(errors) => {
                let width = self.features.len().max(1);
                for (values, errors) in self.values.chunks_exact(width).zip(errors.chunks_exact(width)) {
                    hash.add(values);
                    hash.add(errors);
                }
            }
        }
        hash.finish()
    }
}
