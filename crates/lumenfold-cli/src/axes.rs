//! The data of a model: which columns hold its features, and whether they lie on its axes.

use std::collections::HashSet;

use lumenfold::Model;
use lumenfold::data::axis::{Agreement, Gridded, Resampling, compare, same_grid};
use lumenfold::data::{Axis, BlockOptions, BlockReader, DataError, Dataset, DatasetOptions, Source};

use crate::failure::Failure;
use crate::inputs::{self, Needed};
use crate::names::Names;
use crate::printer::Printer;

/// How the samples of a table are found.
pub(crate) struct Finding<'a> {
    pub(crate) model: &'a Model,
    /// The columns that a user names for the features.
    pub(crate) columns: Option<Names>,
    /// Columns that are read beside them; `None` for all.
    pub(crate) beside: Option<&'a [String]>,
    /// Whether data on other grids are interpolated.
    pub(crate) resample: bool,
    /// Whether values may be absent.
    pub(crate) masks: bool,
}

/// A table, and the columns in it that hold the features of a model, in its order.
pub(crate) struct Samples {
    pub(crate) reader: BlockReader,
    pub(crate) columns: Names,
}

/// The option that chooses axes; notes that name it are about choices that were left open.
pub(crate) const CHOICE: &str = "--axes";

/// The axes of a model in words: `energy: 66 bins, 0.5 to 120 meV`.
pub(crate) fn in_words(axes: &[Axis]) -> String {
    axes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Finding<'_> {
    /// Opens tables; `options` say how, but for the columns, and which of those beside the features are numbers.
    pub(crate) fn open(
        self,
        sources: &[Source],
        options: &BlockOptions,
        printer: &Printer,
    ) -> Result<Samples, Failure> {
        let has_axes = !self.model.axes().is_empty() && self.columns.is_none();
        if has_axes && sources.iter().all(is_array) {
            return self.arrays(sources, options, printer);
        }
        let name = inputs::name_of(sources);
        let needed = inputs::feature_names(self.model);
        let columns = match &self.columns {
            None if self.beside.is_none_or(<[_]>::is_empty) => {
                inputs::without_names(sources, &needed, options.names.as_deref()).unwrap_or_else(|| needed.clone())
            }
            chosen => Needed { names: &needed, what: "features" }.columns(&name, chosen.clone())?,
        };
        inputs::refuse_twice(&name, &columns)?;
        match self.by_name(sources, &columns, options) {
            Ok(reader) => {
                reader.notes().iter().for_each(|note| printer.warn(note));
                Ok(Samples { reader, columns })
            }
            // The names of a spectrum's columns may be those of another grid.
            Err(error @ DataError::UnknownColumn { .. }) if has_axes => {
                self.header_of_numbers(sources, options, error, printer)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn by_name(
        &self,
        sources: &[Source],
        columns: &[String],
        options: &BlockOptions,
    ) -> Result<BlockReader, DataError> {
        let beside = self.beside.unwrap_or_default();
        let kept: HashSet<&String> = beside.iter().collect();
        let options = BlockOptions {
            columns: self.beside.map(|beside| columns.iter().chain(beside).cloned().collect()),
            // What is kept is kept as it was read.
            numbers: columns.iter().filter(|name| !kept.contains(name)).chain(&options.numbers).cloned().collect(),
            ..options.clone()
        };
        BlockReader::open(sources, &options)
    }

    /// Arrays, which have axes rather than names.
    fn arrays(self, sources: &[Source], options: &BlockOptions, printer: &Printer) -> Result<Samples, Failure> {
        let reader = BlockReader::open(sources, &BlockOptions { columns: None, ..options.clone() })?;
        // Which of several grids is meant, the model decides.
        for note in reader.notes().iter().filter(|note| !note.contains(CHOICE)) {
            printer.warn(note);
        }
        let features = self.model.autoencoder.features().len();
        if let Some(gridded) = reader.gridded().filter(|gridded| !gridded.axes.is_empty()).cloned() {
            return self.on_grid(reader, gridded, printer);
        }
        let range = match reader.gridded() {
            Some(gridded) => gridded.columns.clone(),
            None => 0..reader.names().len(),
        };
        let columns = reader.names()[range].to_vec();
        let path = reader.source();
        if columns.len() != features {
            let (found, axes) = (columns.len(), in_words(self.model.axes()));
            return Err(Failure::usage(format!(
                "{path}: has {found} values in a row, without axes; the model needs {features} ({axes})"
            )));
        }
        printer.warn(format!("{path}: {}", without_axes(self.model)));
        Ok(Samples { reader, columns })
    }

    /// A table without the names of the model: an array with axes of its own, as HDF5 has, or a header that is a grid.
    fn header_of_numbers(
        self,
        sources: &[Source],
        options: &BlockOptions,
        error: DataError,
        printer: &Printer,
    ) -> Result<Samples, Failure> {
        let reader = BlockReader::open(sources, &BlockOptions { columns: None, ..options.clone() })?;
        if let Some(gridded) = reader.gridded().filter(|gridded| !gridded.axes.is_empty()).cloned() {
            return self.on_grid(reader, gridded, printer);
        }
        let keep = self.beside.unwrap_or_default().to_vec();
        let axes = Dataset::axes_of(&reader, &DatasetOptions { keep: keep.clone(), ..DatasetOptions::default() });
        let numeric = |at: &usize| {
            let head = &reader.columns()[*at];
            head.value_type.numeric() && !keep.contains(&head.name)
        };
        let columns: Vec<usize> = (0..reader.columns().len()).filter(numeric).collect();
        match (axes, columns.first(), columns.last()) {
            (Ok(axes), Some(first), Some(last)) if axes.len() == 1 && last - first + 1 == axes[0].size() => {
                let gridded = Gridded::new(&reader.source(), "", *first..last + 1, axes)?;
                self.on_grid(reader, gridded, printer)
            }
            _ => Err(error.into()),
        }
    }

    /// Samples with axes, which are those of the model or are brought onto them.
    fn on_grid(self, reader: BlockReader, mut gridded: Gridded, printer: &Printer) -> Result<Samples, Failure> {
        let (path, axes) = (reader.source(), self.model.axes());
        adopt(axes, &mut gridded.axes, reader.grids());
        let wrong = |reason: String| Err(Failure::usage(format!("{path}: {reason}")));
        match compare(axes, &gridded.axes) {
            Agreement::Same => {}
            Agreement::Taken(remark) => printer.warn(format!("{path}: {remark}")),
            Agreement::Other(reason) => return wrong(reason),
            Agreement::OtherGrid(reason) if !self.resample => {
                return wrong(format!("{reason}; --resample interpolates the data onto the grid of the model"));
            }
            Agreement::OtherGrid(_) => return self.resampled(reader, &gridded, printer),
        }
        let columns = reader.names()[gridded.columns].to_vec();
        Ok(Samples { reader, columns })
    }

    fn resampled(self, reader: BlockReader, gridded: &Gridded, printer: &Printer) -> Result<Samples, Failure> {
        let (path, axes) = (reader.source(), self.model.axes());
        let resampling = Resampling::new(&path, &gridded.axes, axes)?;
        let (from, onto) = (in_words(&gridded.axes), in_words(axes));
        let outside: Vec<String> = resampling
            .outside()
            .into_iter()
            .zip(axes)
            .filter(|(bins, _)| *bins > 0)
            .map(|(bins, axis)| format!("{bins} of the {} bins of {}", axis.size(), axis.name))
            .collect();
        if !outside.is_empty() {
            let outside = outside.join(" and ");
            let what = format!("{path}: {outside} lie outside the range of the data ({from}; the model has {onto})");
            if self.model.record.absent_values == 0 {
                return Err(Failure::usage(format!(
                    "{what}, and the model has never seen absent values: fit it on the range of the data"
                )));
            }
            if !self.masks {
                return Err(Failure::usage(format!("{what}; --missing mask takes them as absent")));
            }
            printer.warn(format!("{what} and count as absent"));
        }
        printer.warn(format!("{path}: interpolated from {from} onto {onto}"));
        let reader = reader.resampled(gridded, axes)?;
        let columns =
            reader.gridded().map_or_else(Vec::new, |gridded| reader.names()[gridded.columns.clone()].to_vec());
        Ok(Samples { reader, columns })
    }
}

/// Takes those grids of the file that are the model's, where others stand: an archive may have two for one axis.
fn adopt(model: &[Axis], own: &mut [Axis], grids: &[Axis]) {
    for (model, own) in model.iter().zip(own) {
        let is_models = |axis: &Axis| axis.name == model.name && axis.unit == model.unit;
        if is_models(own) {
            continue;
        }
        let fits = |axis: &&Axis| axis.size() == own.size() && is_models(axis);
        let found = grids.iter().filter(fits).min_by_key(|axis| !same_grid(model, axis));
        if let Some(found) = found {
            own.clone_from(found);
        }
    }
}

/// What is said about data that say nothing of axes.
fn without_axes(model: &Model) -> String {
    format!("says nothing of axes; its columns are taken as the values of the model ({})", in_words(model.axes()))
}

/// Whether a source is an array or an archive of arrays, by its name.
fn is_array(source: &Source) -> bool {
    let Source::Path(path) = source else { return false };
    let name = path.to_string_lossy().to_ascii_lowercase();
    name.ends_with(".npy") || name.ends_with(".npz") || name.contains(".npz:")
}
