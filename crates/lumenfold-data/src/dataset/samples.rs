//! Data sets of any size: gathered block by block, in memory as long as they fit, then in a scratch file.

use std::path::Path;

use super::each::{each_dataset, name_of};
use super::{Dataset, DatasetOptions, Feature, Missing, fingerprint};
use crate::store::{RowSource, Slice, Store};
use crate::{Axis, BlockReader, Crops, DataError, axis};

/// Samples to learn from, as a [`Dataset`] has them, in memory or in scratch files.
#[derive(Debug)]
pub struct Samples {
    features: Vec<Feature>,
    axes: Vec<Axis>,
    // The sources and the position of the first row of each.
    sources: Vec<(u64, String)>,
    skipped: usize,
    // [rows][features], or, where values have errors, [rows][values, then their errors]
    values: Store<f64>,
    has_errors: bool,
    // Whether values may be absent.
    masks: bool,
    // For each sample its row among those of all sources; none where no row may be left out.
    used_rows: Option<Store<u64>>,
    directory: Option<std::path::PathBuf>,
    // The images that they were cut from.
    crops: Option<Crops>,
}

impl Samples {
    /// Gathers what a reader gives. `most` is told the number of features and answers how many rows may stay in memory;
    /// with more, all of them go to scratch files in `directory`.
    ///
    /// # Errors
    /// As [`Dataset::from_table`] of all blocks in one; those of reading, of scratch files and of `most`.
    pub fn gather<E: From<DataError>>(
        reader: &mut BlockReader,
        options: &DatasetOptions,
        directory: &Path,
        most: impl FnOnce(&[Feature]) -> Result<usize, E>,
    ) -> Result<Self, E> {
        let mut most = Some(most);
        let mut gathered: Option<(Self, usize)> = None;
        let all = reader.total_rows().unwrap_or(0);
        let gone = each_dataset(reader, options, |block| {
            let (samples, in_memory) = match &mut gathered {
                Some(gathered) => (&mut gathered.0, gathered.1),
                None => {
                    let in_memory = match most.take() {
                        Some(most) => most(&block.features)?,
                        None => 0,
                    };
                    let samples = Self::begin(&block, options, all, in_memory, directory)?;
                    (&mut gathered.insert((samples, in_memory)).0, in_memory)
                }
            };
            samples.add(&block)?;
            if samples.directory.is_none() && samples.rows() > in_memory {
                samples.move_to(directory, all)?;
            }
            Ok::<_, E>(())
        })?;
        let Some((mut samples, _)) = gathered else {
            return Err(DataError::NoRows { path: reader.source() }.into());
        };
        (samples.sources, samples.skipped) = (gone.sources, gone.skipped);
        samples.values.finish()?;
        if let Some(used_rows) = &mut samples.used_rows {
            used_rows.finish()?;
        }
        Ok(samples)
    }

    /// No samples yet; `all` rows are expected (0 where that is not known).
    fn begin(
        block: &Dataset,
        options: &DatasetOptions,
        all: u64,
        in_memory: usize,
        directory: &Path,
    ) -> Result<Self, DataError> {
        let width = block.features.len();
        let place = (all > in_memory as u64).then_some(directory);
        Ok(Self {
            features: block.features.clone(),
            axes: block.axes.clone(),
            sources: Vec::new(),
            skipped: 0,
            values: Store::new(width * if options.errors.is_some() { 2 } else { 1 }, all as usize, place)?,
            has_errors: options.errors.is_some(),
            masks: options.missing == Missing::Mask,
            used_rows: match options.missing {
                Missing::Refuse => None,
                Missing::Skip | Missing::Mask => Some(Store::new(1, all as usize, place)?),
            },
            directory: place.map(Path::to_path_buf),
            crops: None,
        })
    }

    /// Cuts crops: those of the first epoch that train, then those that are held out. `most` is asked as by
    /// [`Samples::gather`].
    ///
    /// # Errors
    /// As [`Samples::gather`].
    pub fn cut<E: From<DataError>>(
        crops: Crops,
        directory: &Path,
        most: impl FnOnce(&[Feature]) -> Result<usize, E>,
    ) -> Result<Self, E> {
        let axes = crops.axes();
        let features: Vec<Feature> =
            axis::value_names(&axes).into_iter().map(|name| Feature { name, unit: None }).collect();
        let width = features.len() * if crops.has_errors() { 2 } else { 1 };
        let place = (crops.count() > most(&features)?).then_some(directory);
        let mut values = Store::new(width, crops.count(), place)?;
        let mut row = Vec::with_capacity(width);
        for index in 0..crops.count() {
            row.clear();
            crops.read(0, index, &mut row)?;
            values.append(&row)?;
        }
        values.finish()?;
        Ok(Self {
            features,
            axes,
            sources: vec![(0, crops.images().path().to_owned())],
            skipped: 0,
            values,
            has_errors: crops.has_errors(),
            masks: crops.masks(),
            used_rows: None,
            directory: place.map(Path::to_path_buf),
            crops: Some(crops),
        })
    }

    fn add(&mut self, block: &Dataset) -> Result<(), DataError> {
        match &block.errors {
            None => self.values.append(&block.values)?,
            Some(errors) => self.values.append(&beside(&block.values, errors, self.features.len()))?,
        }
        if let Some(used_rows) = &mut self.used_rows {
            used_rows.append(&block.used_rows)?;
        }
        Ok(())
    }

    /// From memory to scratch files.
    fn move_to(&mut self, directory: &Path, all: u64) -> Result<(), DataError> {
        self.values.move_to(directory, all as usize)?;
        if let Some(used_rows) = &mut self.used_rows {
            used_rows.move_to(directory, all as usize)?;
        }
        self.directory = Some(directory.to_path_buf());
        Ok(())
    }

    /// Name and unit of each feature.
    #[must_use]
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The axes of a sample; none for plain features.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// Number of samples.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.rows()
    }

    /// Rows that were left out.
    #[must_use]
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// Whether they are in scratch files.
    #[must_use]
    pub fn is_on_disk(&self) -> bool {
        self.directory.is_some()
    }

    /// The name of the input in messages.
    #[must_use]
    pub fn source(&self) -> String {
        name_of(&self.sources)
    }

    /// The source of a sample and its row there, counted from 1.
    fn origin(&self, sample: usize) -> (String, u64) {
        let mut position = Vec::new();
        if let Some(rows) = &self.used_rows {
            // It is for a message only, which is about something else than a disk that fails.
            let _ = rows.read(sample..sample + 1, &mut position);
        }
        let position = position.first().copied().unwrap_or(sample as u64);
        let part = self.sources.partition_point(|(first, _)| *first <= position).max(1);
        match self.sources.get(part - 1) {
            Some((first, name)) => (name.clone(), position - first + 1),
            None => (self.source(), position + 1),
        }
    }
}

/// Rows of values with their errors behind them: `[rows][2 width]`.
fn beside(values: &[f64], errors: &[f64], width: usize) -> Vec<f64> {
    let rows = values.chunks_exact(width.max(1)).zip(errors.chunks_exact(width.max(1)));
    rows.flat_map(|(values, errors)| values.iter().chain(errors)).copied().collect()
}

/// Samples, wherever they are.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a> {
    /// Made from one table.
    Memory(&'a Dataset),
    /// Gathered from blocks.
    Gathered(&'a Samples),
}

impl<'a> From<&'a Dataset> for Rows<'a> {
    fn from(dataset: &'a Dataset) -> Self {
        Self::Memory(dataset)
    }
}

impl<'a> From<&'a Samples> for Rows<'a> {
    fn from(samples: &'a Samples) -> Self {
        Self::Gathered(samples)
    }
}

impl<'a> Rows<'a> {
    /// Name and unit of each feature.
    #[must_use]
    pub fn features(&self) -> &'a [Feature] {
        match self {
            Self::Memory(dataset) => &dataset.features,
            Self::Gathered(samples) => &samples.features,
        }
    }

    /// The axes of a sample; none for plain features.
    #[must_use]
    pub fn axes(&self) -> &'a [Axis] {
        match self {
            Self::Memory(dataset) => &dataset.axes,
            Self::Gathered(samples) => &samples.axes,
        }
    }

    /// The name of the input in messages.
    #[must_use]
    pub fn source(&self) -> String {
        match self {
            Self::Memory(dataset) => dataset.source.clone(),
            Self::Gathered(samples) => samples.source(),
        }
    }

    /// Number of samples.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Memory(dataset) => dataset.rows,
            Self::Gathered(samples) => samples.rows(),
        }
    }

    /// Whether each value has a standard error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        match self {
            Self::Memory(dataset) => dataset.errors.is_some(),
            Self::Gathered(samples) => samples.has_errors,
        }
    }

    /// Whether values may be absent: NaN.
    #[must_use]
    pub fn masks(&self) -> bool {
        match self {
            Self::Memory(dataset) => dataset.masks,
            Self::Gathered(samples) => samples.masks,
        }
    }

    /// Rows of the source that were left out.
    #[must_use]
    pub fn skipped(&self) -> usize {
        match self {
            Self::Memory(dataset) => dataset.skipped,
            Self::Gathered(samples) => samples.skipped,
        }
    }

    /// The source of a sample and its row there, counted from 1, for messages.
    #[must_use]
    pub fn origin(&self, sample: usize) -> (String, u64) {
        match self {
            Self::Memory(dataset) => (dataset.source.clone(), dataset.source_row(sample) + 1),
            Self::Gathered(samples) => samples.origin(sample),
        }
    }

    /// What they were cut from, if they are crops of images.
    #[must_use]
    pub fn crops(&self) -> Option<&'a Crops> {
        match self {
            Self::Memory(_) => None,
            Self::Gathered(samples) => samples.crops.as_ref(),
        }
    }

    /// The hash of [`Dataset::fingerprint`]; of crops, that of whole images.
    ///
    /// # Errors
    /// The disk fails.
    pub fn fingerprint(&self) -> Result<String, DataError> {
        let mut hash = fingerprint::Fingerprint::new(self.features(), self.axes(), self.rows());
        if let Some(crops) = self.crops() {
            hash.add_text(crops.checksum());
            return Ok(hash.finish());
        }
        self.stored().pass(|block| {
            hash.add(block);
            Ok::<_, DataError>(())
        })?;
        Ok(hash.finish())
    }

    /// The directory of the scratch files, where there are any.
    #[must_use]
    pub fn scratch_directory(&self) -> Option<&'a Path> {
        match self {
            Self::Memory(_) => None,
            Self::Gathered(samples) => samples.directory.as_deref(),
        }
    }
}

impl<'a> Rows<'a> {
    /// The same rows with the standard errors of their values behind them, if there are any: `[rows][2 features]`.
    #[must_use]
    pub fn stored(self) -> Stored<'a> {
        Stored(self)
    }
}

impl RowSource<f64> for Rows<'_> {
    fn width(&self) -> usize {
        self.features().len()
    }

    fn pass<E: From<DataError>>(&self, mut visit: impl FnMut(&[f64]) -> Result<(), E>) -> Result<(), E> {
        let width = self.width();
        match self {
            Self::Memory(dataset) => Slice { values: &dataset.values, width }.pass(visit),
            Self::Gathered(samples) if samples.has_errors => {
                let mut block = Vec::new();
                samples.values.pass(|rows| {
                    block.clear();
                    rows.chunks_exact(2 * width).for_each(|row| block.extend_from_slice(&row[..width]));
                    visit(&block)
                })
            }
            Self::Gathered(samples) => samples.values.pass(visit),
        }
    }
}

/// Rows with the standard errors of their values behind them, if there are any.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a>(Rows<'a>);

impl RowSource<f64> for Stored<'_> {
    fn width(&self) -> usize {
        self.0.width() * if self.0.has_errors() { 2 } else { 1 }
    }

    fn pass<E: From<DataError>>(&self, mut visit: impl FnMut(&[f64]) -> Result<(), E>) -> Result<(), E> {
        match self.0 {
            Rows::Memory(Dataset { values, errors: Some(errors), .. }) => {
                let width = self.0.width();
                let length = crate::store::block_rows(2 * width) * width;
                values
                    .chunks(length)
                    .zip(errors.chunks(length))
                    .try_for_each(|(values, errors)| visit(&beside(values, errors, width)))
            }
            Rows::Memory(dataset) => Slice { values: &dataset.values, width: self.width() }.pass(visit),
            Rows::Gathered(samples) => samples.values.pass(visit),
        }
    }
}
