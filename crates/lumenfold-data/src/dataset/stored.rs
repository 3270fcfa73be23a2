//! Data sets that may be larger than memory.

use super::{Dataset, Feature, fingerprint};
use crate::DataError;
use crate::scratch::Scratch;
use crate::split::BlockSplit;
use crate::store::{RowSource, Slice, block_rows, pass_scratch};

/// Samples as a [`Dataset`] has them, in scratch files.
#[derive(Debug)]
pub struct StoredDataset {
    pub(crate) features: Vec<Feature>,
    pub(crate) source: String,
    pub(crate) rows: usize,
    pub(crate) skipped: usize,
    // [rows][features]
    pub(crate) values: Scratch<f64>,
    // For each sample its row in the source; none where no row was skipped.
    pub(crate) used_rows: Option<Scratch<u64>>,
}

/// Samples, wherever they are.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a> {
    /// In memory.
    Memory(&'a Dataset),
    /// In scratch files.
    Stored(&'a StoredDataset),
}

impl<'a> From<&'a Dataset> for Rows<'a> {
    fn from(dataset: &'a Dataset) -> Self {
        Self::Memory(dataset)
    }
}

impl<'a> From<&'a StoredDataset> for Rows<'a> {
    fn from(dataset: &'a StoredDataset) -> Self {
        Self::Stored(dataset)
    }
}

impl<'a> Rows<'a> {
    /// Name and unit of each feature.
    #[must_use]
    pub fn features(&self) -> &'a [Feature] {
        match self {
            Self::Memory(dataset) => &dataset.features,
            Self::Stored(dataset) => &dataset.features,
        }
    }

    /// The name of the input in messages.
    #[must_use]
    pub fn source(&self) -> &'a str {
        match self {
            Self::Memory(dataset) => &dataset.source,
            Self::Stored(dataset) => &dataset.source,
        }
    }

    /// Number of samples.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Memory(dataset) => dataset.rows,
            Self::Stored(dataset) => dataset.rows,
        }
    }

    /// Rows of the source that were left out.
    #[must_use]
    pub fn skipped(&self) -> usize {
        match self {
            Self::Memory(dataset) => dataset.skipped,
            Self::Stored(dataset) => dataset.skipped,
        }
    }

    /// The row of a sample in the source, counted from 1, for messages.
    #[must_use]
    pub fn source_row(&self, sample: usize) -> u64 {
        let place = sample as u64;
        let row = match self {
            Self::Memory(dataset) => dataset.used_rows.get(sample).copied(),
            Self::Stored(dataset) => dataset.used_rows.as_ref().and_then(|rows| {
                let mut found = Vec::new();
                rows.read(place..place + 1, &mut found).ok()?;
                found.first().copied()
            }),
        };
        row.unwrap_or(place) + 1
    }

    /// The hash of [`Dataset::fingerprint`].
    ///
    /// # Errors
    /// The disk fails.
    pub fn fingerprint(&self) -> Result<String, DataError> {
        let mut hash = fingerprint::Fingerprint::new(self.features(), self.rows());
        self.pass(|block| {
            hash.add(block);
            Ok::<_, DataError>(())
        })?;
        Ok(hash.finish())
    }

    /// The directory of the scratch files, where there are any.
    #[must_use]
    pub fn scratch_directory(&self) -> Option<&'a std::path::Path> {
        match self {
            Self::Memory(_) => None,
            Self::Stored(dataset) => Some(dataset.values.directory()),
        }
    }
}

impl RowSource<f64> for Rows<'_> {
    fn width(&self) -> usize {
        self.features().len()
    }

    fn pass<E: From<DataError>>(&self, visit: impl FnMut(&[f64]) -> Result<(), E>) -> Result<(), E> {
        match self {
            Self::Memory(dataset) => Slice { values: &dataset.values, width: self.width() }.pass(visit),
            Self::Stored(dataset) => pass_scratch(&dataset.values, self.width(), visit),
        }
    }
}

/// The rows of one part of a split.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The rows of both parts.
    pub rows: Rows<'a>,
    /// How they are divided.
    pub split: &'a BlockSplit,
    /// Whether the held-out rows are meant, or those that train.
    pub held_out: bool,
}

impl RowSource<f64> for Part<'_> {
    fn width(&self) -> usize {
        self.rows.width()
    }

    fn pass<E: From<DataError>>(&self, mut visit: impl FnMut(&[f64]) -> Result<(), E>) -> Result<(), E> {
        let mut chosen = Vec::new();
        divide(self.rows, self.split, |_, block, held_out| {
            chosen.clear();
            for (row, flag) in block.chunks_exact(self.width().max(1)).zip(held_out) {
                if *flag == self.held_out {
                    chosen.extend_from_slice(row);
                }
            }
            if chosen.is_empty() { Ok(()) } else { visit(&chosen) }
        })
    }
}

/// Calls `visit` with blocks of rows, the number of the first of them, and for each whether it is held out.
///
/// # Errors
/// Those of `visit`, and those of reading.
pub fn divide<E: From<DataError>>(
    rows: Rows<'_>,
    split: &BlockSplit,
    mut visit: impl FnMut(usize, &[f64], &[bool]) -> Result<(), E>,
) -> Result<(), E> {
    let width = rows.width().max(1);
    let mut first = 0;
    let (mut range, mut held_out) = if split.blocks() > 0 { split.block(0) } else { (0..0, Vec::new()) };
    let mut index = 0;
    rows.pass(|mut block| {
        while !block.is_empty() {
            if first == range.end {
                index += 1;
                (range, held_out) = split.block(index);
            }
            let count = (block.len() / width).min(range.end - first).min(block_rows(width));
            let (here, rest) = block.split_at(count * width);
            visit(first, here, &held_out[first - range.start..][..count])?;
            block = rest;
            first += count;
        }
        Ok(())
    })
}

/// Some rows of a data set in memory, in the order of their numbers.
#[derive(Clone, Copy, Debug)]
pub struct Chosen<'a> {
    /// The data set.
    pub dataset: &'a Dataset,
    /// Numbers of its rows, from 0.
    pub rows: &'a [u32],
}

impl RowSource<f64> for Chosen<'_> {
    fn width(&self) -> usize {
        self.dataset.features.len()
    }

    fn pass<E: From<DataError>>(&self, mut visit: impl FnMut(&[f64]) -> Result<(), E>) -> Result<(), E> {
        let mut block = Vec::new();
        for rows in self.rows.chunks(block_rows(self.width())) {
            block.clear();
            rows.iter().for_each(|row| block.extend_from_slice(self.dataset.row(*row as usize)));
            visit(&block)?;
        }
        Ok(())
    }
}
