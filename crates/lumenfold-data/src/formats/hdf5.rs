//! HDF5, and NeXus in it.
//!
//! A file holds groups of datasets, of any number, so the first question is which of them are the table. `FILE:/path` names a
//! dataset or a group; without it the first of these that a file has is taken:
//!
//! 1. **NeXus data** (NXdata): the group that the `default` attributes lead to from the root, else the NXdata with the most
//!    values. Its signal (the attribute `signal` of the group, or `signal=1` of a dataset) holds the samples, its `axes` their
//!    grids, `errors`, `error` or `SIGNAL_errors` their standard errors, `mask` the values that are absent (where it is not 0).
//! 2. **A histogram** of the DANSE software: `data`, `errors`, and `grid/NAME/bin centers`.
//! 3. **Counts and the edges of their bins**, such as `counts` and `bin_edges_kev`.
//! 4. **Arrays with dimension scales**, as in netCDF 4: the first dimension counts samples, the scales of the others are grids.
//! 5. **Datasets of one group** that agree in rows, as arrays of an NPZ archive do (see [`npz`](super::npz)): the group with the most
//!    values. Records (compound types) are tables, one column for each member. An array that is called like the errors or the
//!    inverse variances of the samples, and has their shape, holds their standard errors, as in NXdata.
//!
//! What is a sample? In NXdata the first dimension counts samples if it has no grid (`.` among the axes, or a grid that does not
//! rise or fall), or one that is called like an index (`sample`, `spectrum`, `detector`, …). Else all dimensions are axes and
//! the signal is one sample: one spectrum, or one map. `FILE:/path/to/signal` reads the rows of such a map as samples, with
//! the axes that are left. In NXSPE files, where detectors have no grid, each detector is a sample over energy, with `polar`,
//! `azimuthal`, … as columns beside it. Beside a sample made of a whole dataset, single values of its group are columns.
//!
//! Axes that give the edges of bins (one more than there are bins) become centres: the mean of neighbouring edges.
//! Units are those of the attribute `units`, spelled as elsewhere where they are known (`microseconds` is `us`). Values equal to an
//! attribute `_FillValue` or `missing_value` are missing, and the others are unpacked by `scale_factor` and `add_offset` as in netCDF. `FILE:errors` reads the standard errors as a table of their own; inverse variances
//! (`ivar`) become 1/√ivar, and values whose inverse variance is 0 are missing.
//!
//! Integers of every width, floats of 16, 32 and 64 bits, truth values as h5py and PyTables keep them, and text of
//! fixed and variable length are read, in either byte order, from compact, contiguous and chunked datasets with any index of
//! chunks and the filters gzip, shuffle, Fletcher32, scale-offset, LZF, Zstandard, LZ4 and bitshuffle. Other filters, virtual datasets, and
//! values in other files are refused by name; complex numbers and references are left out with a note. Text that is not
//! UTF-8 is taken for Latin-1. Rows are read a piece at a time; of chunked datasets a line of chunks is in memory.
//!
//! `store` reads the format itself with code of ours: of the two libraries in Rust, hdf5-pure 0.47 reads neither the layouts of
//! HDF5 before 1.8, which NeXus files have, nor old groups with a soft link, and hdf5-rust 1.1 opens none of the NeXus files
//! that it was tried on.
//!
//! Tables are written as one dataset per column in the root group, with `units`; samples with axes as the NXdata group
//! `/entry/data`, whose signal is `data` (samples × axes), with a dataset for each grid, `data_errors` and the other columns
//! beside it. See `write` for missing values.

mod describe;
mod histogram;
mod nexus;
mod numbers;
mod packing;
mod plain;
mod plan;
mod scales;
mod store;
mod stored;
mod write;

use describe::Described;
use plan::Plan;
use store::{Disk, Tree};
use stored::Hdf5File;
pub(crate) use write::{Hdf5Encoder, check};

use crate::DataError;
use crate::budget::Budget;
use crate::formats::Format;
use crate::formats::reader::{OpenFile, Reader, Request};
use crate::input::SharedFile;
use crate::suggest::{excerpt, nearest, one_of};

/// The name of the format in errors.
const FORMAT: &str = "HDF5";
/// What names the standard errors of the samples.
const ERRORS: &str = "errors";

/// Reads HDF5 files.
pub(crate) struct Hdf5Reader;

impl Reader for Hdf5Reader {
    fn format(&self) -> Format {
        Format::Hdf5
    }

    fn recognises(&self, start: &[u8]) -> bool {
        store::recognises(start)
    }

    fn open(&self, file: SharedFile, length: u64, request: &Request<'_>) -> Result<Box<dyn OpenFile>, DataError> {
        let mut budget = request.budget();
        let (disk, root) = store::open(file, length).map_err(|fault| fault.into_error(&budget, ""))?;
        let tree = Tree::read(&disk, root, &budget)?;
        let content = Content { disk, tree };
        let mut plan = content.plan(request, &mut budget)?;
        plan.notes.iter_mut().for_each(|note| *note = format!("{}: {note}", request.path));
        Ok(Box::new(Hdf5File::new(content.disk, plan, request, &mut budget)?))
    }
}

/// An open file and what is in it.
struct Content {
    disk: Disk,
    tree: Tree,
}

impl Content {
    /// What is to be read.
    fn plan(&self, request: &Request<'_>, budget: &mut Budget) -> Result<Plan, DataError> {
        let Some(member) = request.member else {
            return match self.describe(self.default_group().as_deref(), budget)? {
                Some(described) => Plan::of_samples(self, &described, request, budget),
                None => self.plain(None, request, budget),
            };
        };
        let named = format!("/{}", member.trim_matches('/'));
        let path = named.trim_end_matches('/');
        if self.tree.datasets.contains_key(path) {
            let group = path.rsplit_once('/').map_or("", |(group, _)| group);
            let described = self.describe(Some(group), budget)?.filter(|described| described.signal == path);
            let described = match described {
                Some(described) => Some(described.with_rows()),
                None => self.scales(group, Some(path), budget)?,
            };
            return match described {
                Some(described) => Plan::of_samples(self, &described, request, budget),
                None => self.dataset(path, request, budget),
            };
        }
        let (place, errors) = match path.rsplit_once([':', '/']) {
            Some((place, ERRORS)) => (place, true),
            _ => (path, false),
        };
        let group = match errors && place.is_empty() {
            true => self.default_group(),
            false => self.tree.groups.contains_key(place).then(|| self.default_below(place)),
        };
        let described = self.describe(group.as_deref(), budget)?;
        match (described, group, errors) {
            (Some(described), _, true) => match described.of_errors() {
                Some(errors) => Plan::of_samples(self, &errors, request, budget),
                None => Err(budget.unusable("has no standard errors for its samples")),
            },
            (Some(described), _, false) => Plan::of_samples(self, &described, request, budget),
            (None, group, true) if group.is_some() || place.is_empty() => {
                let plan = self.plain_errors(group.as_deref(), request, budget)?;
                plan.ok_or_else(|| budget.unusable("has no standard errors for its samples"))
            }
            (None, Some(group), false) => self.plain(Some(&group), request, budget),
            _ => Err(self.unknown(member, path, budget)),
        }
    }

    /// The samples that a group describes.
    fn describe(&self, group: Option<&str>, budget: &mut Budget) -> Result<Option<Described>, DataError> {
        let Some(group) = group else {
            let histogram = self.tree.order.iter().find(|group| self.is_histogram(group));
            return match histogram {
                Some(group) => self.histogram(group, budget),
                None => self.counts(&self.largest_group(), budget),
            };
        };
        match self.nexus(group, budget)? {
            Some(described) => Ok(Some(described)),
            None if self.is_histogram(group) => self.histogram(group, budget),
            None => self.counts(group, budget),
        }
    }

    /// Counts over edges of bins, or arrays whose dimensions have scales.
    fn counts(&self, group: &str, budget: &mut Budget) -> Result<Option<Described>, DataError> {
        match self.edges(group, budget)? {
            Some(described) => Ok(Some(described)),
            None => self.scales(group, None, budget),
        }
    }

    /// The error for a path that is not there, or could not be read.
    fn unknown(&self, member: &str, path: &str, budget: &Budget) -> DataError {
        if let Some((place, fault)) = self.tree.unread.iter().find(|(place, _)| place == path) {
            return budget.unusable(format!("{} cannot be read: {}", excerpt(place), fault.words()));
        }
        let mut paths: Vec<String> = self.tree.datasets.keys().chain(self.tree.groups.keys()).cloned().collect();
        paths.retain(|path| !path.is_empty());
        paths.sort();
        let words = one_of(nearest(path, &paths).as_deref(), &paths).replace("column", "dataset");
        budget.unusable(format!("no group or dataset {}{words}", excerpt(member)))
    }
}
