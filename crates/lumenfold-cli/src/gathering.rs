//! How the data of a fit are gathered: as many of them in memory as may be, the others in scratch files.

use std::path::{Path, PathBuf};

use clap::Args;
use lumenfold::data::axis::AxesChoice;
use lumenfold::data::{
    Axis, BlockOptions, BlockReader, CropOptions, Crops, Dataset, DatasetOptions, Feature, ImageOptions, Images,
    Samples, Source, axis, check_writable,
};
use lumenfold::fit::memory;
use lumenfold::{Error, Settings};

use crate::axes::CHOICE;
use crate::config::Choices;
use crate::failure::Failure;
use crate::images::NO_SKIP;
use crate::inputs::{self, MissingRows, Reading, Threads};
use crate::printer::Printer;
use crate::sizes;

/// The share of the memory that images may take, one over it; crops and network have the rest.
const SHARE_OF_IMAGES: u64 = 8;

/// Data that are open.
pub(crate) struct Opened {
    data: Data,
    axes: Vec<Axis>,
    directory: PathBuf,
    memory: Option<u64>,
}

/// A table whose rows are learnt from, or images that patches are cut from.
enum Data {
    Table(Box<BlockReader>, Box<DatasetOptions>),
    Images(Box<Crops>),
}

/// Where the data are and where they may go.
#[derive(Clone, Debug, Args)]
pub(crate) struct Gathering {
    /// The data: CSV, TSV, Parquet, Arrow, FITS, HDF5 and NeXus, VOTable, NPY, NPZ, IDX, JCAMP-DX or SPE, also compressed;
    /// `-` for standard input. Several files, a folder or a pattern ('night*.fits') are one table; FILE:NAME is a part of a file.
    #[arg(required = true)]
    pub(crate) data: Vec<PathBuf>,
    /// Memory that the fit may take (500MB, 2GiB) [default: half of what is available]. The result does not depend on it.
    #[arg(long, value_name = "SIZE", value_parser = sizes::bytes)]
    pub(crate) memory: Option<u64>,
    /// The directory of temporary files for data that do not fit in memory [default: that of the output].
    #[arg(long, value_name = "DIRECTORY")]
    scratch: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
}

impl Gathering {
    /// The files that are read.
    pub(crate) fn inputs(&self) -> Vec<&Path> {
        self.data.iter().map(PathBuf::as_path).collect()
    }

    /// The directory of temporary files, for a verb with this output.
    fn scratch_directory(&self, output: &Path) -> PathBuf {
        let special = std::fs::metadata(output).is_ok_and(|about| !about.is_file());
        match (&self.scratch, output.parent()) {
            (Some(directory), _) => directory.clone(),
            (None, Some(parent)) if !special && !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        }
    }

    /// Opens the data: columns of features, and of their errors if there are any, for a verb with this output.
    pub(crate) fn open(
        &self,
        choices: &Choices,
        output: &Path,
        threads: Threads,
        printer: &Printer,
    ) -> Result<Opened, Failure> {
        let (columns, errors, choice) = (choices.columns.clone(), choices.errors.clone(), choices.axes()?);
        let directory = self.scratch_directory(output);
        if self.scratch.is_some() {
            check_writable(&directory.join("scratch"))?;
        }
        let masks = self.reading.missing == MissingRows::Mask;
        if let Some(crops) = choices.crops(masks)? {
            if self.reading.names.is_some() {
                return Err(Failure::usage("--names: is for columns, and with --patch there are none"));
            }
            return self.open_images(crops, errors.as_deref(), &choice, directory, printer);
        }
        // Columns of the table, or a table of their own.
        let (errors, errors_beside) = match errors.as_deref() {
            Some([one]) if Source::from(PathBuf::from(one)).file().is_some_and(|file| file.is_file()) => {
                (None, Some(Source::from(PathBuf::from(one))))
            }
            _ => (errors, None),
        };
        let read = columns.clone().map(|columns| columns.into_iter().chain(errors.iter().flatten().cloned()).collect());
        let standard = BlockOptions::default();
        let options = BlockOptions {
            columns: read,
            numbers: columns.iter().chain(&errors).flatten().cloned().collect(),
            format: self.reading.format,
            names: self.reading.names.clone(),
            memory_limit: self.memory.unwrap_or(standard.memory_limit),
            threads: Some(threads.count()),
            temporary_directory: Some(directory.clone()),
            ..standard
        };
        let sources = inputs::sources(self.data.clone())?;
        let mut reader = BlockReader::open(&sources, &options)?;
        // Where a grid is chosen, that the file has others is no news.
        for note in reader.notes().iter().filter(|note| choice.axes.is_none() || !note.contains(CHOICE)) {
            printer.warn(note);
        }
        let mut errors = errors;
        if let Some(source) = errors_beside {
            let own = reader.names().len();
            let options = BlockOptions { columns: columns.clone(), numbers: Vec::new(), format: None, ..options };
            let beside = BlockReader::open(&[source], &options)?;
            // Of an archive, the array of the samples.
            let range = beside.gridded().map_or(0..beside.names().len(), |gridded| gridded.columns.clone());
            reader = reader.beside(beside);
            errors = Some(match &columns {
                Some(columns) => columns.iter().map(|name| BlockReader::name_beside(name)).collect(),
                None => reader.names()[own..][range].to_vec(),
            });
        }
        let options =
            DatasetOptions { columns, errors, missing: self.reading.missing.into(), ..DatasetOptions::default() };
        let axes = Dataset::chosen_axes(&reader, &options, &choice)?;
        let options = DatasetOptions { axes, ..options };
        // What is wrong with the columns is told by their cells.
        let axes = Dataset::axes_of(&reader, &options).unwrap_or_default();
        Ok(Opened { data: Data::Table(Box::new(reader), Box::new(options)), axes, directory, memory: self.memory })
    }

    /// Opens images that patches are cut from, and looks at all their values. As many as the limit allows stay in memory.
    fn open_images(
        &self,
        options: CropOptions,
        errors: Option<&[String]>,
        choice: &AxesChoice,
        directory: PathBuf,
        printer: &Printer,
    ) -> Result<Opened, Failure> {
        if self.reading.missing == MissingRows::Skip {
            return Err(Failure::usage(NO_SKIP));
        }
        let sources = inputs::sources(self.data.clone())?;
        let [source] = &sources[..] else {
            return Err(Failure::usage("--patch: takes one file; put images of one shape into one array"));
        };
        let limit = self.memory.or_else(memory::available).map_or(u64::MAX, |bytes| bytes / SHARE_OF_IMAGES);
        let dimensions = options.patch.len();
        let open = |source: &Source| -> Result<Images, Failure> {
            let options = ImageOptions {
                format: self.reading.format,
                choice: choice.clone(),
                temporary_directory: Some(directory.clone()),
            };
            let mut images = Images::open(source, dimensions, &options)?;
            images.keep_within(limit)?;
            Ok(images)
        };
        let images = open(source)?;
        images.notes().iter().for_each(|note| printer.warn(note));
        let errors = match errors {
            None => None,
            Some([file]) => Some(open(&Source::from(PathBuf::from(file)))?),
            Some(_) => {
                return Err(Failure::usage("--errors: with --patch, name one file with an array of the same shape"));
            }
        };
        let crops = Crops::new(images, errors, options)?;
        let axes = crops.axes();
        Ok(Opened { data: Data::Images(Box::new(crops)), axes, directory, memory: self.memory })
    }
}

impl Opened {
    /// The axes of the samples; none for plain features.
    pub(crate) fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// Reads the data, as much of them into memory as the limit allows. `settings` tells those of the fit that takes most,
    /// given the features.
    pub(crate) fn gather(self, settings: impl FnOnce(&[Feature]) -> Settings) -> Result<Samples, Failure> {
        let memory_limit = self.memory;
        let axes = self.axes;
        let most = |features: &[Feature]| {
            let settings = &settings(features);
            let shape = if axes.is_empty() { vec![features.len()] } else { axis::shape(&axes) };
            match (memory_limit, memory::available()) {
                (Some(limit), _) => memory::rows_within(limit, &shape, settings),
                // Where even a window is too much, the network will be refused with the numbers.
                (None, Some(available)) => match memory::rows_within(available / 2, &shape, settings) {
                    Err(Error::MemoryTooSmall { .. }) => Ok(0),
                    answer => answer,
                },
                (None, None) => Ok(usize::MAX),
            }
        };
        Ok(match self.data {
            Data::Table(mut reader, options) => Samples::gather(&mut reader, &options, &self.directory, most)?,
            Data::Images(crops) => Samples::cut(*crops, &self.directory, most)?,
        })
    }
}
