//! The spectrum of a block: its records compared with its data.

use super::asdf::{Item, Letters, items};
use super::block::Block;
use super::ordinates::Ordinates;
use super::records::Record;
use super::units;
use crate::DataError;
use crate::axis::{Axis, MOST_VALUES};
use crate::budget::Budget;
use crate::formats::spectra::check_bins;
use crate::suggest::excerpt;

/// Bytes of memory that a point takes.
const POINT_BYTES: u64 = 32;
/// By how many steps an abscissa at the beginning of a line may be off: it is often rounded to whole numbers.
const STEPS_OFF: f64 = 1.0;
/// By what part of the largest value the first may be off what the records say it is.
const FIRST_OFF: f64 = 1e-3;

/// A spectrum.
#[derive(Clone, Debug)]
pub(super) struct Spectrum {
    pub(super) title: String,
    pub(super) axis: Axis,
    /// What the values are called.
    pub(super) array: String,
    pub(super) unit: Option<String>,
    /// One for each bin; NaN where missing.
    pub(super) values: Vec<f64>,
    pub(super) notes: Vec<String>,
}

impl Spectrum {
    /// Reads the data of a block. The inner error is why they are no spectrum; the outer one is about memory.
    pub(super) fn read(block: &Block<'_, '_>, budget: &mut Budget) -> Result<Result<Self, String>, DataError> {
        let points = match block.number("NPOINTS") {
            Ok(points) => points.filter(|points| *points >= 0.0).map_or(MOST_VALUES as u64, |points| points as u64),
            Err(reason) => return Ok(Err(reason)),
        };
        budget.take_values(points.min(MOST_VALUES as u64), POINT_BYTES)?;
        Ok(Self::of_block(block))
    }

    fn of_block(block: &Block<'_, '_>) -> Result<Self, String> {
        let data = block.data().ok_or("has no data")?;
        let refused = |what: &str| Err(format!("line {}: {what}; export the spectrum itself as ##XYDATA=", data.line));
        let form: String =
            data.value.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_uppercase).collect();
        let mut notes = Vec::new();
        let (grid, values) = match (data.label.as_str(), form.as_str()) {
            ("PEAKTABLE" | "PEAKASSIGNMENTS", _) => return refused("holds a list of peaks, which is no spectrum"),
            ("NTUPLES", _) => return refused("holds several variables on pages (NTUPLES), which are not read"),
            ("XYDATA", "(X++(Y..Y))") => equal_steps(block, data, &mut notes)?,
            (_, "(XY..XY)") => pairs(block, data)?,
            _ => return refused(&format!("holds data of the form \"{}\", which is not read", excerpt(data.value))),
        };
        let (name, unit) = units::abscissa(block.words("XUNITS"), block.words("DATATYPE").unwrap_or_default());
        let axis = Axis::new(name, unit, grid).map_err(|error| format!("its abscissas are no grid: {error}"))?;
        let (array, unit) = units::ordinate(block.words("YUNITS"));
        Ok(Self { title: block.title(), axis, array, unit, values, notes })
    }
}

/// The abscissas and ordinates of `(X++(Y..Y))`.
fn equal_steps(
    block: &Block<'_, '_>,
    data: &Record<'_>,
    notes: &mut Vec<String>,
) -> Result<(Vec<f64>, Vec<f64>), String> {
    let needed = |label: &str| block.number(label)?.ok_or_else(|| format!("has no ##{label}=; get it again"));
    let (first, last, points) = (needed("FIRSTX")?, needed("LASTX")?, needed("NPOINTS")?);
    if points.fract() != 0.0 || points < 1.0 {
        return Err(format!("##NPOINTS= is {points}; correct it"));
    }
    let bins = check_bins(points as u64)?;
    let (x_factor, y_factor) = (factor(block, "XFACTOR")?, factor(block, "YFACTOR")?);
    let ordinates = Ordinates::read(data, bins)?;
    if ordinates.values.len() != bins {
        let there = ordinates.values.len();
        return Err(format!("##NPOINTS= says {bins} points, {there} are there; get it again"));
    }
    // LASTX is exact where DELTAX is rounded.
    let step = if bins == 1 { 0.0 } else { (last - first) / (bins - 1) as f64 };
    let at = |bin: usize| if bin + 1 == bins { last } else { first + step * bin as f64 };
    if bins == 1 && first != last {
        return Err("has one point, but ##FIRSTX= and ##LASTX= differ; correct them".to_owned());
    }
    for &(line, abscissa, start) in &ordinates.lines {
        let (found, expected) = (abscissa * x_factor, at(start.min(bins - 1)));
        // Digits that are written count as well: 1234.5 is exact to 0.1.
        let rounding = (x_factor.abs()).max(1e-6 * found.abs());
        if (found - expected).abs() > STEPS_OFF * step.abs() + rounding {
            return Err(format!(
                "line {line}: begins at {found}, but is at {expected} by ##FIRSTX=, ##LASTX= and ##NPOINTS=; get it again"
            ));
        }
    }
    let drift = |told: &f64| (told.abs() - step.abs()).abs() * (bins - 1) as f64;
    if let Some(told) = block.number("DELTAX")?.filter(|told| drift(told) > step.abs()) {
        notes.push(format!("##DELTAX= is {told}, ##FIRSTX= and ##LASTX= say {step}; these are taken"));
    }
    let values: Vec<f64> = ordinates.values.iter().map(|value| value * y_factor).collect();
    if let (Some(told), Some(&found)) = (block.number("FIRSTY")?, values.first()) {
        let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        if (told - found).abs() > FIRST_OFF * largest + y_factor.abs() {
            notes.push(format!("##FIRSTY= is {told}, the first value is {found}; the values are taken as they are"));
        }
    }
    Ok(((0..bins).map(at).collect(), values))
}

/// The abscissas and ordinates of `(XY..XY)`.
fn pairs(block: &Block<'_, '_>, data: &Record<'_>) -> Result<(Vec<f64>, Vec<f64>), String> {
    let (x_factor, y_factor) = (factor(block, "XFACTOR")?, factor(block, "YFACTOR")?);
    let (mut grid, mut values) = (Vec::new(), Vec::new());
    for &(number, line) in &data.lines {
        for item in items(line, Letters::Exponent) {
            let value = match item {
                Ok(Item::Number(value)) => value,
                Ok(_) => f64::NAN,
                Err(what) => return Err(format!("line {number}: \"{what}\" is not understood; get it again")),
            };
            match grid.len() > values.len() {
                true => values.push(value * y_factor),
                false => grid.push(value * x_factor),
            }
        }
        if grid.len() > MOST_VALUES {
            return Err(format!("line {number}: more than {MOST_VALUES} points; no spectrum so long is read"));
        }
    }
    if grid.len() != values.len() {
        return Err("its last point has no ordinate: it was cut short; get it again".to_owned());
    }
    match block.number("NPOINTS")? {
        Some(points) if points != values.len() as f64 => {
            Err(format!("##NPOINTS= says {points} points, {} are there; get it again", values.len()))
        }
        _ => Ok((grid, values)),
    }
}

/// What numbers are multiplied by; 1 if nothing is said.
fn factor(block: &Block<'_, '_>, label: &str) -> Result<f64, String> {
    match block.number(label)? {
        Some(0.0) => Err(format!("##{label}= is 0; correct it")),
        factor => Ok(factor.unwrap_or(1.0)),
    }
}
