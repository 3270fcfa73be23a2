//! Spectra of the Sloan Digital Sky Survey: `spec-PLATE-MJD-FIBER.fits`.
//!
//! The table `COADD` has a row for each wavelength: `flux`, `loglam` (decimal logarithm of the vacuum wavelength in
//! angstrom), `ivar` (inverse variance) (SDSS data model, `spec`). One file is one sample: `flux` over `wavelength`, with the
//! errors 1/√ivar, missing where ivar is 0. Redshift, class and place on the sky come from the table of one row behind it. The
//! table itself is `FILE:COADD` or `FILE:1`.

use std::sync::Arc;

use super::selection::{Offer, numbered};
use super::table;
use super::unit::{Kind, Unit};
use super::wcs::unit_of;
use crate::axis::{Axis, MOST_VALUES};
use crate::formats::reader::{OpenFile, Request, Whole, error_of};
use crate::input::SharedFile;
use crate::table::{Column, Values};
use crate::{DataError, Table};

/// What the errors of spectra are asked for by.
pub(super) const ERRORS: &str = "errors";
/// The name of the array.
pub(super) const FLUX: &str = "flux";
/// What is told of the object: its column, and those that it comes from, the first that is there.
const OBJECT: [(&str, &[&str], Option<&str>); 4] = [
    ("redshift", &["Z"], None),
    ("class", &["CLASS"], None),
    ("ra", &["PLUG_RA", "RA"], Some("deg")),
    ("dec", &["PLUG_DEC", "DEC"], Some("deg")),
];

/// Opens a file that is such a spectrum, unless one of its units is named.
pub(super) fn open(
    file: &SharedFile,
    units: &[Unit],
    request: &Request<'_>,
) -> Result<Option<Box<dyn OpenFile>>, DataError> {
    let is_errors = request.member == Some(ERRORS) && !units.iter().any(|unit| unit.name.eq_ignore_ascii_case(ERRORS));
    let Some(unit) = units.get(1).filter(|unit| unit.kind == Kind::Table && (request.member.is_none() || is_errors))
    else {
        return Ok(None);
    };
    let bins = unit.shape.get(1).copied().unwrap_or(0);
    let names: Vec<String> = [FLUX, "loglam", "ivar"].map(str::to_owned).to_vec();
    let mut budget = request.budget();
    let fields = table::fields(unit, &budget)?;
    let is_there = |name: &String| fields.iter().any(|field| field.name == *name && field.numbers() == Some(&[]));
    if !names.iter().all(is_there) || !(2..=MOST_VALUES as u64).contains(&bins) {
        return Ok(None);
    }
    let all = columns(file, unit, units, &names, request)?;
    let [Some(flux), Some(places), Some(weights)] = [FLUX, "loglam", "ivar"].map(|name| find(&all, &[name])) else {
        return Ok(None);
    };
    let numbers =
        |column: &Column| (0..column.len()).map(|row| column.value(row).unwrap_or(f64::NAN)).collect::<Vec<_>>();
    let grid = numbers(places).into_iter().map(|logarithm| libm::pow(10.0, logarithm)).collect();
    let axis = Axis::new("wavelength", Some(unit_of("Angstrom")), grid)?;
    let is_single = matches!(flux.values, Values::Float32(_));
    let physical = flux.unit.clone().or_else(|| units[0].header.text("BUNIT").map(str::to_owned));
    let (values, errors): (Vec<f64>, Vec<f64>) = numbers(flux).into_iter().zip(numbers(weights)).map(weighted).unzip();

    // One row, of a column for each wavelength and what is told of the object.
    budget.take_values(2 * bins, 512)?;
    let array = if is_errors { ERRORS } else { FLUX };
    let one = |name: String, value: f64, is_single: bool| Column {
        name,
        unit: physical.clone(),
        values: if is_single { Values::Float32(vec![value as f32]) } else { Values::Float64(vec![value]) },
    };
    let names = numbered(array, values.len(), false);
    let samples = if is_errors { &errors } else { &values };
    let mut row: Vec<Column> =
        names.iter().zip(samples).map(|(name, value)| one(name.clone(), *value, is_single && !is_errors)).collect();
    if !is_errors {
        row.extend(object(file, units, request)?);
    }
    let offer = Offer {
        names: row.iter().map(|column| column.name.clone()).collect(),
        array: array.to_owned(),
        samples: 0..names.len(),
        axes: vec![axis.clone()],
        has_errors: !is_errors,
    };
    let selection = offer.select(request)?;
    let mut chosen: Vec<Column> = selection.columns.iter().map(|&at| row[at].clone()).collect();
    if selection.errors {
        chosen.extend(names.iter().zip(&errors).map(|(name, error)| one(error_of(name), *error, false)));
    }
    let table = Table::new(request.path, chosen)?.with_gridded(selection.gridded.map(Arc::new)).with_grids(vec![axis]);
    let note = format!("{}: is a spectrum of {bins} bins, read as one sample; FILE:1 names its table", request.path);
    let notes = if is_errors { Vec::new() } else { vec![note] };
    Ok(Some(Box::new(Whole::new(table.with_notes(notes)))))
}

/// A value and its standard error, from its inverse variance: both missing where that is not above 0.
pub(super) fn weighted((value, weight): (f64, f64)) -> (f64, f64) {
    if weight > 0.0 && weight.is_finite() { (value, 1.0 / weight.sqrt()) } else { (f64::NAN, f64::NAN) }
}

/// What the table of one row tells of the object.
fn object(file: &SharedFile, units: &[Unit], request: &Request<'_>) -> Result<Vec<Column>, DataError> {
    let is_one = |unit: &&Unit| unit.kind == Kind::Table && unit.shape.get(1) == Some(&1);
    let Some(unit) = units.iter().skip(2).find(is_one) else { return Ok(Vec::new()) };
    let fields = table::fields(unit, &request.budget())?;
    let single = |name: &str| fields.iter().find(|field| field.name.eq_ignore_ascii_case(name) && field.count() == 1);
    let sources =
        OBJECT.iter().filter_map(|(name, from, unit)| Some((name, from.iter().find_map(|from| single(from))?, unit)));
    let mut told = Vec::new();
    for (name, field, physical) in sources {
        let found = columns(file, unit, units, std::slice::from_ref(&field.name), request)?;
        told.extend(found.into_iter().map(|column| Column {
            name: (*name).to_owned(),
            unit: physical.map(str::to_owned),
            ..column
        }));
    }
    Ok(told)
}

/// Columns of a table, whole.
fn columns(
    file: &SharedFile,
    unit: &Unit,
    units: &[Unit],
    names: &[String],
    request: &Request<'_>,
) -> Result<Vec<Column>, DataError> {
    let request = Request { columns: Some(names), errors: false, member: None, ..*request };
    let records = table::open(file, unit, units, None, &request)?;
    Ok(records.table(&mut request.budget())?.into_columns())
}

fn find<'a>(columns: &'a [Column], names: &[&str]) -> Option<&'a Column> {
    columns.iter().find(|column| names.contains(&column.name.as_str()))
}
