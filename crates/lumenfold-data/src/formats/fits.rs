//! FITS: tables, images and cubes, and the spectra of two surveys (FITS standard 4.0, 2018).
//!
//! | in the file | read as |
//! |---|---|
//! | `BINTABLE`, `TABLE` | one column per field; `NAME1`, `NAME2`, … for a field of several elements |
//! | a field of two dimensions or more (`TDIM`) | samples with axes |
//! | an image of two dimensions, rows × columns | the columns `x1`, `x2`, … |
//! | an image of k + 1 dimensions | samples with k axes, by the world coordinates where these are linear |
//! | an image of one dimension | a column, or one spectrum if its header says where its elements lie |
//! | a spectrum of SDSS, spectra of DESI | samples over wavelength with their errors; see `sdss` and `desi` |
//!
//! A file is a list of units. The first table with numbers is read, without one the first image; `FILE:2` (counted from 0,
//! which is the primary unit), `FILE:NAME` and `FILE:NAME,VERSION` name another, `FILE:COLUMN` one column of the table. Integers
//! stay integers, unsigned ones too; scaled ones (`TSCAL`, `TZERO`, `BSCALE`, `BZERO`) become 64-bit floats. `TNULL`, `BLANK`
//! and text that begins with NUL are missing, and so is an empty cell of a table of letters. Complex numbers and arrays of several
//! lengths are left out, which [`Table::notes`](crate::Table::notes) says; random groups are refused.
//!
//! Tables and images are read in pieces. Images in compressed tiles (`RICE_1`, `GZIP_1`, `GZIP_2`, `PLIO_1`, `HCOMPRESS_1`) are
//! put together whole.
//!
//! Written is one `BINTABLE` behind an empty primary unit, see `write`.

mod card;
mod decode;
mod desi;
mod element;
mod field;
mod header;
mod heap;
mod image;
mod records;
mod sdss;
mod selection;
mod table;
mod tiles;
mod unit;
mod wcs;
mod write;

pub(crate) use write::{FitsEncoder, check};

use crate::DataError;
use crate::budget::Budget;
use crate::formats::Format;
use crate::formats::reader::{OpenFile, Reader, Request, Whole};
use crate::input::SharedFile;
use crate::suggest::{excerpt, nearest};
use unit::{Kind, Unit};

/// The name of the format in errors.
pub(crate) const FORMAT: &str = "FITS";
/// Most units that a message lists.
const MOST_LISTED: usize = 6;

/// Reads FITS files.
pub(crate) struct FitsReader;

impl Reader for FitsReader {
    fn format(&self) -> Format {
        Format::Fits
    }

    fn recognises(&self, start: &[u8]) -> bool {
        // A whole first card, since text may begin with the same word.
        start.starts_with(b"SIMPLE  =") && start.len() >= card::CARD
    }

    fn open(&self, file: SharedFile, length: u64, request: &Request<'_>) -> Result<Box<dyn OpenFile>, DataError> {
        let mut budget = request.budget();
        let units = Unit::all(&file, length, &mut budget)?;
        if let Some(open) = desi::open(&file, &units, request)? {
            return Ok(open);
        }
        if let Some(open) = sdss::open(&file, &units, request)? {
            return Ok(open);
        }
        let (unit, column) = choose(&units, request.member, &budget)?;
        match unit.kind {
            Kind::Table | Kind::Letters => {
                let mut records = table::open(&file, unit, &units, column, request)?;
                records.notes.extend(others(&units, unit, request, &budget)?);
                Ok(Box::new(records))
            }
            Kind::Tiles => {
                let table = tiles::read(&file, unit, request)?;
                Ok(Box::new(Whole::new(table.with_notes(others(&units, unit, request, &budget)?))))
            }
            _ => {
                let mut records = image::open(&file, unit, request)?;
                records.notes.extend(others(&units, unit, request, &budget)?);
                Ok(Box::new(records))
            }
        }
    }
}

/// The unit that is read, and the column of it if one is named.
fn choose<'a>(
    units: &'a [Unit],
    member: Option<&'a str>,
    budget: &Budget,
) -> Result<(&'a Unit, Option<&'a str>), DataError> {
    let default = default_unit(units, budget)?;
    let Some(member) = member else {
        return default.map(|unit| (unit, None)).ok_or_else(|| nothing(units, budget));
    };
    if let Some(unit) = named(units, member) {
        return match unit.kind {
            Kind::Table | Kind::Letters | Kind::Tiles => Ok((unit, None)),
            Kind::Image if unit.image_shape().is_some() => Ok((unit, None)),
            _ => Err(budget.unusable(format!("HDU {} holds no table and no image", unit.in_words()))),
        };
    }
    // A column of the table that would be read.
    if let Some(unit) = default.filter(|unit| matches!(unit.kind, Kind::Table | Kind::Letters)) {
        let fields = table::fields(unit, budget)?;
        if fields.iter().any(|field| field.name.eq_ignore_ascii_case(member) && field.count() > 0) {
            return Ok((unit, Some(member)));
        }
    }
    let names: Vec<String> = units.iter().filter(|unit| !unit.name.is_empty()).map(|unit| unit.name.clone()).collect();
    let suggestion = nearest(member, &names).map(|name| format!(" (is {name} meant?)")).unwrap_or_default();
    let list = listed(units.iter());
    Err(budget.unusable(format!("has no HDU and no column \"{}\"{suggestion}; it has {list}", excerpt(member))))
}

/// The unit of a number, a name, or a name and a version.
fn named<'a>(units: &'a [Unit], member: &str) -> Option<&'a Unit> {
    if let Ok(number) = member.parse::<usize>() {
        return units.get(number);
    }
    let of_name = |name: &str, version: Option<i64>| {
        units.iter().find(|unit| {
            !unit.name.is_empty()
                && unit.name.eq_ignore_ascii_case(name)
                && version.is_none_or(|version| unit.version == version)
        })
    };
    let with_version = || {
        let (name, version) = member.rsplit_once(',')?;
        of_name(name.trim(), Some(version.trim().parse().ok()?))
    };
    of_name(member, None).or_else(with_version)
}

/// The first table with numbers, or else the first image.
fn default_unit<'a>(units: &'a [Unit], budget: &Budget) -> Result<Option<&'a Unit>, DataError> {
    for unit in units.iter().filter(|unit| matches!(unit.kind, Kind::Table | Kind::Letters)) {
        if table::has_numbers(unit, budget)? {
            return Ok(Some(unit));
        }
    }
    let is_image = |unit: &&Unit| unit.image_shape().is_some();
    let is_table = |unit: &&Unit| matches!(unit.kind, Kind::Table | Kind::Letters);
    Ok(units.iter().find(is_image).or_else(|| units.iter().find(is_table)))
}

/// The note on what else could be meant, where nothing was named.
fn others(units: &[Unit], chosen: &Unit, request: &Request<'_>, budget: &Budget) -> Result<Vec<String>, DataError> {
    if request.member.is_some() {
        return Ok(Vec::new());
    }
    let mut others = Vec::new();
    for unit in units.iter().filter(|unit| unit.number != chosen.number) {
        let could_be = match unit.kind {
            Kind::Table | Kind::Letters => !table::is_axes(unit) && table::has_numbers(unit, budget)?,
            _ => unit.image_shape().is_some(),
        };
        if could_be {
            others.push(unit);
        }
    }
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let (path, chosen, others) = (request.path, chosen.in_words(), listed(others.into_iter()));
    Ok(vec![format!("{path}: HDU {chosen} is read; FILE:NUMBER or FILE:NAME names another: {others}")])
}

/// The error for a file without tables and images.
fn nothing(units: &[Unit], budget: &Budget) -> DataError {
    let reason = match units.iter().find(|unit| unit.kind == Kind::Groups) {
        Some(unit) => format!("HDU {} is in random groups, which are not read; convert it to a table", unit.number),
        None => "has a header only: no table and no image".to_owned(),
    };
    budget.unusable(reason)
}

/// Units in a sentence.
fn listed<'a>(units: impl Iterator<Item = &'a Unit>) -> String {
    let words: Vec<String> = units.map(Unit::in_words).collect();
    match words.len() {
        count if count > MOST_LISTED => {
            format!("{}, and {} more", words[..MOST_LISTED].join(", "), count - MOST_LISTED)
        }
        _ => words.join(", "),
    }
}
