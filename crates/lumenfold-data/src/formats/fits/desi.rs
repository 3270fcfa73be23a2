//! Spectra of the Dark Energy Spectroscopic Instrument, and what is kept as they are.
//!
//! An image `B_FLUX` has a spectrum in each row; `B_WAVELENGTH` is its grid in angstrom, `B_IVAR` the inverse variance of each value,
//! and `B_MASK` is not 0 where a value is not to be used; `R_` and `Z_` are the other arms of the spectrograph (DESI data
//! model, `coadd`). The arms are joined in the order of their wavelengths. Where two overlap and their bins coincide, values
//! are means weighted with inverse variance; where the bins differ, the later arm begins behind the end of the
//! former. `FILE:B_FLUX` names one arm. Of `FIBERMAP`, `TARGETID`, `TARGET_RA` and `TARGET_DEC` come along.

use std::sync::Arc;

use super::image;
use super::records::Records;
use super::sdss::{ERRORS, FLUX, weighted};
use super::selection::{Offer, Selection, numbered};
use super::table;
use super::unit::{Kind, Unit};
use super::wcs::unit_of;
use crate::DataError;
use crate::axis::{Axis, Gridded, MOST_VALUES};
use crate::budget::Budget;
use crate::formats::reader::{OpenFile, Request, error_of};
use crate::formats::rows::Rows;
use crate::input::SharedFile;
use crate::table::{ColumnHead, ValueType, Values};

/// How far two centres may lie apart and be those of one bin, as a share of a bin.
const TOLERANCE: f64 = 1e-3;
/// Columns of `FIBERMAP` that come along.
const TARGET: [&str; 3] = ["TARGETID", "TARGET_RA", "TARGET_DEC"];

/// One arm of the spectrograph.
#[derive(Clone)]
struct Arm {
    grid: Vec<f64>,
    flux: Records,
    weight: Option<Records>,
    mask: Option<Records>,
}

/// A bin of the joined spectra: its wavelength, and where its values come from (arm, bin).
#[derive(Clone, Debug, PartialEq)]
struct Bin {
    wavelength: f64,
    sources: Vec<(usize, usize)>,
}

/// What a column is.
#[derive(Clone, Copy, Debug)]
enum Content {
    Value(usize),
    Error(usize),
    Target(usize),
}

/// Opens a file that has such spectra, unless one of its other units is named.
pub(super) fn open(
    file: &SharedFile,
    units: &[Unit],
    request: &Request<'_>,
) -> Result<Option<Box<dyn OpenFile>>, DataError> {
    let is_errors = request.member == Some(ERRORS) && !units.iter().any(|unit| unit.name.eq_ignore_ascii_case(ERRORS));
    let asked = request.member.filter(|_| !is_errors);
    let is_asked = |unit: &Unit| {
        asked.is_none_or(|asked| unit.name.eq_ignore_ascii_case(asked) || asked.parse() == Ok(unit.number))
    };
    let mut arms = Vec::new();
    for unit in units.iter().filter(|unit| unit.kind == Kind::Image && is_asked(unit)) {
        arms.extend(Arm::open(file, units, unit, request)?);
    }
    let Some(rows) = arms.first().map(|arm: &Arm| arm.flux.rows) else { return Ok(None) };
    if arms.iter().any(|arm| arm.flux.rows != rows) {
        return Ok(None);
    }
    arms.sort_by(|one, other| one.grid[0].total_cmp(&other.grid[0]));
    let (bins, notes) = join(&arms, request.path);
    let axis = Axis::new("wavelength", Some(unit_of("Angstrom")), bins.iter().map(|bin| bin.wavelength).collect())?;
    let targets = targets(file, units, rows, request)?.filter(|_| !is_errors);
    let array = if is_errors { ERRORS } else { FLUX };
    let has_errors = arms.iter().all(|arm| arm.weight.is_some());
    if is_errors && !has_errors {
        return Ok(None);
    }
    let mut names = numbered(array, bins.len(), false);
    let value = |at| if is_errors { Content::Error(at) } else { Content::Value(at) };
    let mut contents: Vec<Content> = (0..bins.len()).map(value).collect();
    let heads = targets.as_ref().map_or(Vec::new(), Records::columns);
    names.extend(heads.iter().map(|head| head.name.clone()));
    contents.extend((0..heads.len()).map(Content::Target));
    let offer = Offer {
        names,
        array: array.to_owned(),
        samples: 0..bins.len(),
        axes: vec![axis.clone()],
        has_errors: has_errors && !is_errors,
    };
    let Selection { columns, errors, gridded } = offer.select(request)?;
    let is_single = arms.iter().all(|arm| arm.flux.columns().iter().all(|head| head.value_type == ValueType::Float32));
    let physical = arms[0].flux.columns().first().and_then(|head| head.unit.clone());
    let float = |name: String, is_single: bool| ColumnHead {
        name,
        unit: physical.clone(),
        value_type: if is_single { ValueType::Float32 } else { ValueType::Float64 },
    };
    let head = |&at: &usize| match contents[at] {
        Content::Target(target) => heads[target].clone(),
        Content::Value(_) => float(offer.names[at].clone(), is_single),
        Content::Error(_) => float(offer.names[at].clone(), false),
    };
    let mut chosen: Vec<(ColumnHead, Content)> = columns.iter().map(|at| (head(at), contents[*at])).collect();
    if errors {
        let names = offer.names[offer.samples.clone()].iter().enumerate();
        chosen.extend(names.map(|(at, name)| (float(error_of(name), false), Content::Error(at))));
    }
    Ok(Some(Box::new(Spectra {
        arms,
        targets,
        bins: Arc::new(bins),
        columns: Arc::new(chosen),
        rows,
        gridded: gridded.map(Arc::new),
        grids: vec![axis],
        notes: if asked.is_none() { notes } else { Vec::new() },
        path: request.path.to_owned(),
        memory_limit: request.memory_limit,
    })))
}

impl Arm {
    /// The arm whose values are in this unit, if it is one.
    fn open(file: &SharedFile, units: &[Unit], unit: &Unit, request: &Request<'_>) -> Result<Option<Self>, DataError> {
        let name = unit.name.to_ascii_uppercase();
        let Some(prefix) = name.strip_suffix("FLUX") else { return Ok(None) };
        let beside = |word: &str, shape: &[u64]| {
            let name = format!("{prefix}{word}");
            let is_it = |unit: &&Unit| {
                unit.kind == Kind::Image && unit.name.eq_ignore_ascii_case(&name) && unit.shape == *shape
            };
            units.iter().find(is_it)
        };
        let [bins, rows] = unit.shape[..] else { return Ok(None) };
        let is_possible = (2..=MOST_VALUES as u64).contains(&bins) && rows > 0;
        let Some(grid) = beside("WAVELENGTH", &[bins]).filter(|_| is_possible) else { return Ok(None) };
        let request = Request { columns: None, member: None, errors: false, ..*request };
        let open = |unit: Option<&Unit>| unit.map(|unit| image::open(file, unit, &request)).transpose();
        let grid = image::open(file, grid, &request)?;
        let grid = grid.read(0, grid.rows, &mut request.budget())?;
        let grid: Vec<f64> = grid.iter().flat_map(|values| (0..values.len()).map(|row| number(values, row))).collect();
        // A grid that falls or stands still is none that can be joined.
        if !grid.is_sorted_by(|one, other| one < other) || grid.iter().any(|place| !place.is_finite()) {
            return Ok(None);
        }
        Ok(Some(Self {
            grid,
            flux: image::open(file, unit, &request)?,
            weight: open(beside("IVAR", &unit.shape))?,
            mask: open(beside("MASK", &unit.shape))?,
        }))
    }
}

/// The bins of all arms, which are in order, and what is to be said of them.
fn join(arms: &[Arm], path: &str) -> (Vec<Bin>, Vec<String>) {
    let (mut bins, mut notes): (Vec<Bin>, Vec<String>) = (Vec::new(), Vec::new());
    for (number, arm) in arms.iter().enumerate() {
        let end = bins.last().map_or(f64::NEG_INFINITY, |bin| bin.wavelength);
        let tolerance = TOLERANCE * (arm.grid[1] - arm.grid[0]);
        let common = arm.grid.partition_point(|place| *place <= end + tolerance);
        let first = bins.partition_point(|bin| bin.wavelength < arm.grid[0] - tolerance);
        let overlap = &mut bins[first..];
        let coincide = overlap.len() == common
            && overlap.iter().zip(&arm.grid).all(|(bin, place)| (bin.wavelength - place).abs() <= tolerance);
        if coincide {
            overlap.iter_mut().enumerate().for_each(|(at, bin)| bin.sources.push((number, at)));
        } else {
            notes.push(format!(
                "{path}: arms of the spectra overlap in bins that differ; the later one begins at {}",
                arm.grid.get(common).copied().unwrap_or(end)
            ));
        }
        let own = arm.grid.iter().enumerate().skip(common);
        bins.extend(own.map(|(at, place)| Bin { wavelength: *place, sources: vec![(number, at)] }));
    }
    (bins, notes)
}

/// The columns of `FIBERMAP` that come along, if it has a row for each spectrum.
fn targets(file: &SharedFile, units: &[Unit], rows: u64, request: &Request<'_>) -> Result<Option<Records>, DataError> {
    let is_map = |unit: &&Unit| unit.kind == Kind::Table && unit.name == "FIBERMAP" && unit.shape.get(1) == Some(&rows);
    let Some(unit) = units.iter().find(is_map) else { return Ok(None) };
    let fields = table::fields(unit, &request.budget())?;
    let is_there = |name: &&str| fields.iter().any(|field| field.name == *name && field.count() == 1);
    let names: Vec<String> = TARGET.into_iter().filter(is_there).map(str::to_owned).collect();
    if names.is_empty() {
        return Ok(None);
    }
    let request = Request { columns: Some(&names), member: None, errors: false, ..*request };
    table::open(file, unit, units, None, &request).map(Some)
}

/// Spectra read in pieces.
#[derive(Clone)]
struct Spectra {
    arms: Vec<Arm>,
    targets: Option<Records>,
    bins: Arc<Vec<Bin>>,
    columns: Arc<Vec<(ColumnHead, Content)>>,
    rows: u64,
    gridded: Option<Arc<Gridded>>,
    grids: Vec<Axis>,
    notes: Vec<String>,
    path: String,
    memory_limit: u64,
}

impl OpenFile for Spectra {
    fn columns(&self) -> Vec<ColumnHead> {
        self.columns.iter().map(|(head, _)| head.clone()).collect()
    }

    fn rows(&self) -> Option<u64> {
        Some(self.rows)
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn gridded(&self) -> Option<Arc<Gridded>> {
        self.gridded.clone()
    }

    fn grids(&self) -> &[Axis] {
        &self.grids
    }

    fn stored_rows(&self, piece_bytes: usize) -> Result<Box<dyn Rows>, DataError> {
        let step = self.arms.iter().map(|arm| arm.flux.step(piece_bytes)).min().unwrap_or(1);
        Ok(Box::new(SpectraRows { spectra: self.clone(), at: 0, step }))
    }
}

struct SpectraRows {
    spectra: Spectra,
    at: u64,
    step: u64,
}

/// Some spectra of one arm.
struct Piece {
    flux: Vec<Values>,
    weight: Option<Vec<Values>>,
    mask: Option<Vec<Values>>,
}

impl Piece {
    /// A value and its weight; none if it is not to be used.
    fn usable(&self, bin: usize, row: usize) -> Option<(f64, f64)> {
        let at = |columns: &Option<Vec<Values>>, default| {
            columns.as_ref().map_or(default, |columns| number(&columns[bin], row))
        };
        let (value, weight, mask) = (number(&self.flux[bin], row), at(&self.weight, 1.0), at(&self.mask, 0.0));
        (weight > 0.0 && weight.is_finite() && mask == 0.0 && !value.is_nan()).then_some((value, weight))
    }

    /// Value and standard error of a bin, from the pieces of all arms.
    fn joined(pieces: &[Self], bin: &Bin, row: usize) -> (f64, f64) {
        let usable = || bin.sources.iter().filter_map(|&(arm, at)| pieces[arm].usable(at, row));
        match usable().count() {
            0 => (f64::NAN, f64::NAN),
            1 => usable().next().map_or((f64::NAN, f64::NAN), weighted),
            _ => {
                let (sum, weight) =
                    usable().fold((0.0, 0.0), |(sum, all), (value, weight)| (sum + weight * value, all + weight));
                weighted((sum / weight, weight))
            }
        }
    }
}

impl Rows for SpectraRows {
    fn next_rows(&mut self) -> Result<Option<Vec<Values>>, DataError> {
        let spectra = &self.spectra;
        let count = self.step.min(spectra.rows - self.at);
        if count == 0 {
            return Ok(None);
        }
        let mut budget = Budget::new(spectra.path.clone(), spectra.memory_limit);
        let mut read = |records: &Records| records.read(self.at, count, &mut budget);
        let targets = spectra.targets.as_ref().map(&mut read).transpose()?;
        let mut piece = |arm: &Arm| -> Result<Piece, DataError> {
            Ok(Piece {
                flux: read(&arm.flux)?,
                weight: arm.weight.as_ref().map(&mut read).transpose()?,
                mask: arm.mask.as_ref().map(&mut read).transpose()?,
            })
        };
        let pieces = spectra.arms.iter().map(&mut piece).collect::<Result<Vec<_>, _>>()?;
        let rows = 0..count as usize;
        let values = spectra.columns.iter().map(|(head, content)| {
            let joined = |bin: usize| {
                let (pieces, bin) = (&pieces, &spectra.bins[bin]);
                rows.clone().map(move |row| Piece::joined(pieces, bin, row))
            };
            match (*content, head.value_type) {
                (Content::Target(at), kind) => {
                    targets.as_ref().map_or_else(|| kind.empty(0), |targets| targets[at].clone())
                }
                (Content::Value(bin), ValueType::Float32) => {
                    Values::Float32(joined(bin).map(|(value, _)| value as f32).collect())
                }
                (Content::Value(bin), _) => Values::Float64(joined(bin).map(|(value, _)| value).collect()),
                (Content::Error(bin), _) => Values::Float64(joined(bin).map(|(_, error)| error).collect()),
            }
        });
        let values = values.collect();
        self.at += count;
        Ok(Some(values))
    }
}

/// A cell as a number; missing ones are NaN.
fn number(values: &Values, row: usize) -> f64 {
    let missing = |missing: bool, value: f64| if missing { f64::NAN } else { value };
    match values {
        Values::Float64(values) => values[row],
        Values::Float32(values) => f64::from(values[row]),
        Values::Integer(column) => missing(column.is_missing(row), column.values[row] as f64),
        Values::Boolean(column) => missing(column.is_missing(row), f64::from(u8::from(column.values[row]))),
        Values::Text(_) => f64::NAN,
    }
}
