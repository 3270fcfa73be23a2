//! Images found in a file: an array of as many dimensions as a patch has, or of one more, which counts them.

use std::io::{BufReader, Read, Seek};
use std::path::PathBuf;

use zip::ZipArchive;

use super::{Images, Place};
use crate::axis::{AxesChoice, ChosenAxes, Found};
use crate::budget::Budget;
use crate::formats::npy::Layout;
use crate::formats::{Format, npz};
use crate::input::{Input, SharedFile, Spool};
use crate::suggest::excerpt;
use crate::{
    Axis, BlockOptions, BlockReader, DataError, Dataset, DatasetOptions, Missing, Scratch, Source, each_dataset,
};

/// Most values of a grid.
const LONGEST_GRID: usize = crate::axis::MOST_VALUES;

/// How images are found.
#[derive(Clone, Debug, Default)]
pub struct ImageOptions {
    /// The format, if the content should not decide.
    pub format: Option<Format>,
    /// What a user says about the axes. The shape matters for tables only.
    pub choice: AxesChoice,
    /// The directory for copies of what is compressed; the system's own if `None`.
    pub temporary_directory: Option<PathBuf>,
}

/// A list of an archive that may be a grid.
struct Grid {
    name: String,
    values: Vec<f64>,
}

impl Images {
    /// Opens the images of a source, each of `dimensions` axes: an array of as many dimensions is one of them, one of one
    /// more dimension several. What is compressed is copied to a file without a name first; of a table each row is an
    /// image.
    ///
    /// # Errors
    /// The source cannot be read, or holds no such array.
    pub fn open(source: &Source, dimensions: usize, options: &ImageOptions) -> Result<Self, DataError> {
        let spool = Spool { directory: options.temporary_directory.clone(), limit: None };
        let input = Input::open(source, options.format, &spool)?;
        let budget = Budget::new(input.path.clone(), 8 * LONGEST_GRID as u64);
        match input.format {
            Format::Npy => {
                let (file, length) = input.plain(&spool)?;
                let layout = Layout::read(&mut BufReader::new(file.at(0)), length, &budget)?;
                Self::of_array(input.path, file, layout, &[], dimensions, &options.choice)
            }
            Format::Npz => {
                let (file, _) = input.plain(&spool)?;
                let archive = ZipArchive::new(BufReader::new(file))
                    .map_err(|error| budget.malformed(npz::FORMAT, format!("is damaged or cut short ({error})")))?;
                Self::of_archive(archive, &input, dimensions, options, &spool)
            }
            _ => Self::of_table(source, dimensions, options),
        }
    }

    /// Images of an array whose numbers are in a file, with the grids that lie beside it.
    fn of_array(
        path: String,
        file: SharedFile,
        layout: Layout,
        grids: &[Grid],
        dimensions: usize,
        choice: &AxesChoice,
    ) -> Result<Self, DataError> {
        let Some(counts) = [dimensions, dimensions + 1].iter().position(|expected| layout.shape.len() == *expected)
        else {
            let (found, more) = (layout.shape.len(), dimensions + 1);
            let shape = in_words(&layout.shape);
            let reason = format!(
                "holds an array of {found} dimensions ({shape}); with a patch of {dimensions} it needs {dimensions}, or {more} for several images"
            );
            return Err(DataError::Image { path, reason });
        };
        let (count, sizes) = (if counts == 1 { layout.shape[0] } else { 1 }, &layout.shape[counts..]);
        if let Some(shape) = choice.shape.as_ref().filter(|shape| shape.0 != sizes) {
            let reason = format!(
                "its images are of {}, not {} as --shape says; leave that out",
                in_words(sizes),
                in_words(&shape.0)
            );
            return Err(DataError::Image { path, reason });
        }
        let (axes, notes) = axes(&path, sizes, grids, choice.axes.as_ref())?;
        Ok(Self { path, count, counts: counts == 1, axes, notes, place: Place::File { file, layout } })
    }

    fn of_archive<R: Read + Seek>(
        mut archive: ZipArchive<R>,
        input: &Input,
        dimensions: usize,
        options: &ImageOptions,
        spool: &Spool,
    ) -> Result<Self, DataError> {
        let budget = Budget::new(input.path.clone(), 8 * LONGEST_GRID as u64);
        let damaged = |error: &dyn std::fmt::Display| {
            budget.malformed(npz::FORMAT, format!("the archive is damaged or cut short ({error}); get it again"))
        };
        let (mut grids, mut found, mut names) = (Vec::new(), None, Vec::new());
        for index in 0..archive.len() {
            let mut member = archive.by_index(index).map_err(|error| damaged(&error))?;
            let full = member.name().map_err(|error| damaged(&error))?.into_owned();
            let (Some(name), length) = (full.strip_suffix(".npy"), member.size()) else { continue };
            let mut own = Budget::new(format!("{}:{}", input.path, excerpt(name)), 8 * LONGEST_GRID as u64);
            let Ok(layout) = Layout::read(&mut member, length, &own) else { continue };
            let is_wanted = match &input.member {
                Some(wanted) => wanted == name || *wanted == full,
                None => [dimensions, dimensions + 1].contains(&layout.shape.len()) && layout.shape.len() > 1,
            };
            names.push(format!("{} ({})", excerpt(name), in_words(&layout.shape)));
            let is_companion = crate::formats::arrays::is_companion(name);
            if is_wanted && found.as_ref().is_none_or(|(_, is_second)| *is_second && !is_companion) {
                found = Some((index, is_companion));
            } else if let [size] = layout.shape[..]
                && size <= LONGEST_GRID
            {
                own.take_values(size as u64, 8)?;
                let mut bytes = vec![0; size * layout.size() as usize];
                member.read_exact(&mut bytes).map_err(|error| damaged(&error))?;
                let mut values = Vec::with_capacity(size);
                layout.decode(&bytes, &mut values);
                grids.push(Grid { name: name.to_owned(), values });
            }
        }
        let Some((index, _)) = found else {
            let reason = format!(
                "holds no array of {dimensions} or {} dimensions of numbers, as a patch of {dimensions} needs (arrays: {})",
                dimensions + 1,
                names.join(", ")
            );
            return Err(DataError::Image { path: input.path.clone(), reason });
        };
        let member = archive.by_index(index).map_err(|error| damaged(&error))?;
        let length = member.size();
        let spool = Spool { limit: Some(length), ..spool.clone() };
        let file = spool.copy(&[], member, &input.path, |_| Ok(())).map_err(|error| match error {
            crate::input::SpoolError::Read(error) => damaged(&error),
            crate::input::SpoolError::Data(error) => error,
        })?;
        let layout = Layout::read(&mut BufReader::new(file.at(0)), length, &budget)?;
        Self::of_array(input.path.clone(), file, layout, &grids, dimensions, &options.choice)
    }

    /// The rows of a table, each an image.
    fn of_table(source: &Source, dimensions: usize, options: &ImageOptions) -> Result<Self, DataError> {
        let blocks = BlockOptions {
            format: options.format,
            temporary_directory: options.temporary_directory.clone(),
            ..BlockOptions::default()
        };
        let mut reader = BlockReader::open(std::slice::from_ref(source), &blocks)?;
        let path = reader.source();
        let wanted = DatasetOptions { missing: Missing::Mask, ..DatasetOptions::default() };
        let chosen = Dataset::chosen_axes(&reader, &wanted, &options.choice)?;
        let wanted = DatasetOptions { axes: chosen, ..wanted };
        let mut axes = Dataset::axes_of(&reader, &wanted)?;
        let directory = options.temporary_directory.clone().unwrap_or_else(std::env::temp_dir);
        let mut scratch = Scratch::create(&directory, 0)?;
        let mut width = 0;
        let gone = each_dataset(&mut reader, &wanted, |block| {
            width = block.features.len();
            scratch.append(&block.values)
        })?;
        scratch.flush()?;
        let wrong = |reason: String| Err(DataError::Image { path: path.clone(), reason });
        if gone.skipped > 0 {
            return wrong(format!("{} of its rows have no value at all; leave them out", gone.skipped));
        }
        if axes.is_empty() && dimensions == 1 {
            axes = vec![Axis::counted(1, width)];
        }
        if axes.len() != dimensions {
            return wrong(format!(
                "its rows have {} axes, and the patch has {dimensions}; --shape tells how the values of a row are arranged",
                axes.len()
            ));
        }
        let notes = reader.notes().to_vec();
        Ok(Self { count: gone.rows, counts: true, axes, notes, place: Place::Scratch(scratch), path })
    }
}

/// The axes of images of these sizes: as chosen, or with the first grid of each size that no earlier axis took.
fn axes(
    path: &str,
    sizes: &[usize],
    grids: &[Grid],
    chosen: Option<&ChosenAxes>,
) -> Result<(Vec<Axis>, Vec<String>), DataError> {
    let mut notes = Vec::new();
    let mut known: Vec<Axis> = Vec::new();
    for grid in grids.iter().filter(|grid| sizes.contains(&grid.values.len())) {
        match Axis::of_array(&grid.name, grid.values.clone()) {
            Ok(axis) => known.push(axis),
            Err(error) => notes.push(format!("{path}: array {} is no grid: {error}", excerpt(&grid.name))),
        }
    }
    let axes: Vec<Axis> = match chosen {
        Some(ChosenAxes(axes)) if !axes.is_empty() => {
            let wrong = |reason: String| DataError::AxesChoice { path: path.to_owned(), reason };
            if axes.len() != sizes.len() {
                return Err(wrong(format!("--axes names {}, but an image has {}", axes.len(), sizes.len())));
            }
            let found = Found { path, features: 0, axes: &[], grids: &known };
            let axes = axes.iter().zip(sizes).map(|(axis, size)| axis.resolve(Some(*size), &found));
            axes.collect::<Result<_, _>>().map_err(wrong)?
        }
        _ => {
            let mut axes: Vec<Axis> = Vec::new();
            for (at, &size) in sizes.iter().enumerate() {
                let is_free = |axis: &&Axis| axis.size() == size && axes.iter().all(|taken| taken.name != axis.name);
                let free: Vec<&Axis> = known.iter().filter(is_free).collect();
                if let [first, _, ..] = free[..] {
                    let names: Vec<String> = free.iter().map(|axis| axis.array_name()).collect();
                    notes.push(format!(
                        "{path}: {} could be the grid of axis {} ({size} bins); {} is taken; --axes names another",
                        names.join(" or "),
                        at + 1,
                        first.array_name()
                    ));
                }
                axes.push(free.first().map_or_else(|| Axis::counted(at + 1, size), |axis| (*axis).clone()));
            }
            axes
        }
    };
    for (at, axis) in axes.iter().enumerate() {
        axis.check()?;
        if axes[..at].iter().any(|other| other.name == axis.name) {
            let reason = "there are two axes of this name".to_owned();
            return Err(DataError::Axis { axis: excerpt(&axis.name), reason });
        }
    }
    Ok((axes, notes))
}

/// A shape in words: `148 × 750`.
fn in_words(sizes: &[usize]) -> String {
    sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ")
}
