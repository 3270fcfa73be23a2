//! How the data of a fit are gathered: as many of them in memory as may be, the others in scratch files.

use std::path::{Path, PathBuf};

use clap::Args;
use lumenfold::data::{
    Axis, BlockOptions, BlockReader, Dataset, DatasetOptions, Feature, Samples, Source, check_writable,
};
use lumenfold::fit::memory;
use lumenfold::{Error, Settings};

use crate::config::Choices;
use crate::failure::Failure;
use crate::inputs::{self, Reading, Threads};
use crate::printer::Printer;
use crate::sizes;

/// Data that are open.
pub(crate) struct Opened {
    reader: BlockReader,
    options: DatasetOptions,
    axes: Vec<Axis>,
    directory: PathBuf,
    memory: Option<u64>,
}

/// Where the data are and where they may go.
#[derive(Clone, Debug, Args)]
pub(crate) struct Gathering {
    /// The data: CSV, TSV (also compressed), Parquet, NPY or NPZ; `-` for standard input. Several files are one table.
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
            memory_limit: self.memory.unwrap_or(standard.memory_limit),
            threads: Some(threads.count()),
            temporary_directory: Some(directory.clone()),
            ..standard
        };
        let sources = inputs::sources(self.data.clone())?;
        let mut reader = BlockReader::open(&sources, &options)?;
        // Where a grid is chosen, that the file has others is no news.
        for note in reader.notes().iter().filter(|note| choice.axes.is_none() || !note.contains("--axes")) {
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
        Ok(Opened { reader, options, axes, directory, memory: self.memory })
    }
}

impl Opened {
    /// The axes of the samples; none for plain features.
    pub(crate) fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// Reads the data, as much of them into memory as the limit allows. `settings` tells those of the fit that takes most,
    /// given the features.
    pub(crate) fn gather(mut self, settings: impl FnOnce(&[Feature]) -> Settings) -> Result<Samples, Failure> {
        let memory_limit = self.memory;
        let samples = Samples::gather(&mut self.reader, &self.options, &self.directory, |features| {
            let settings = &settings(features);
            match (memory_limit, memory::available()) {
                (Some(limit), _) => memory::rows_within(limit, features.len(), settings),
                // Where even a window is too much, the network will be refused with the numbers.
                (None, Some(available)) => match memory::rows_within(available / 2, features.len(), settings) {
                    Err(Error::MemoryTooSmall { .. }) => Ok(0),
                    answer => answer,
                },
                (None, None) => Ok(usize::MAX),
            }
        })?;
        Ok(samples)
    }
}
