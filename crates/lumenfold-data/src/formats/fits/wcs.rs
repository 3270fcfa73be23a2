//! World coordinates: where the elements of an array lie (section 8 of the FITS standard).
//!
//! Linear axes are known, and two that are linear in a logarithm: `-LOG` of section 8.2 (equation 5 of Greisen et al. 2006,
//! A&A 446, 747), and `DC-FLAG = 1`, by which IRAF says that its axis is a decimal logarithm. Projections of the sky and axes
//! that are turned into each other are not: their bins are counted.

use super::header::Header;
use crate::axis::Axis;

/// The axis of dimension `number` (from 1, the fastest) of an array; none if it is not known where its elements lie.
pub(super) fn axis(header: &Header, number: usize, dimensions: usize, size: usize) -> Option<Axis> {
    let has = |word: &str| header.has(&format!("{word}{number}"));
    let rotated = format!("CD{number}_{number}");
    if !has("CRVAL") || !(has("CDELT") || header.has(&rotated)) || is_turned(header, number, dimensions) {
        return None;
    }
    let number_of = |word: &str, default| header.number(&format!("{word}{number}")).unwrap_or(default);
    let step = match header.number(&rotated) {
        Some(step) => step,
        None => number_of("CDELT", 1.0) * header.number(&format!("PC{number}_{number}")).unwrap_or(1.0),
    };
    let (reference, value) = (number_of("CRPIX", 0.0), number_of("CRVAL", 0.0));
    let kind = header.text(&format!("CTYPE{number}")).unwrap_or_default();
    let (word, algorithm) = kind.split_once('-').unwrap_or((kind, ""));
    let algorithm = algorithm.trim_matches('-');
    let is_logarithm = header.integer("DC-FLAG") == Some(1);
    // Elements are counted from 1.
    let away = |bin: usize| ((bin + 1) as f64 - reference) * step;
    let place = |bin: usize| match algorithm {
        "LOG" => value * libm::exp(away(bin) / value),
        _ if is_logarithm => libm::pow(10.0, value + away(bin)),
        _ => value + away(bin),
    };
    if !matches!(algorithm, "" | "LOG") {
        return None;
    }
    let unit = header.text(&format!("CUNIT{number}")).map(unit_of);
    let name = name_of(word.trim(), unit.as_deref(), is_logarithm).unwrap_or_else(|| format!("axis{number}"));
    Axis::new(name, unit, (0..size).map(place).collect()).ok()
}

/// Whether an axis is mixed with another one by a matrix.
fn is_turned(header: &Header, number: usize, dimensions: usize) -> bool {
    let others = (1..=dimensions).filter(|other| *other != number);
    let mut mixed = others.flat_map(|other| {
        ["CD", "PC"]
            .into_iter()
            .flat_map(move |word| [format!("{word}{number}_{other}"), format!("{word}{other}_{number}")])
    });
    mixed.any(|keyword| header.number(&keyword).is_some_and(|value| value != 0.0))
}

/// What an axis is called; none if its header does not say it.
fn name_of(word: &str, unit: Option<&str>, is_logarithm: bool) -> Option<String> {
    let name = match word.to_ascii_uppercase().as_str() {
        "WAVE" | "AWAV" | "LAMBDA" => "wavelength",
        "FREQ" => "frequency",
        "ENER" => "energy",
        "WAVN" => "wavenumber",
        "VELO" | "VRAD" | "VOPT" => "velocity",
        "" | "LINEAR" => match unit {
            Some("angstrom" | "nm" | "um") => "wavelength",
            _ if is_logarithm => "wavelength",
            _ => return None,
        },
        _ => return Some(word.to_ascii_lowercase()),
    };
    Some(name.to_owned())
}

/// A unit as the rest of the program spells it.
pub(super) fn unit_of(unit: &str) -> String {
    match unit.to_ascii_lowercase().as_str() {
        "angstrom" | "angstroms" | "0.1nm" | "0.1 nm" => "angstrom".to_owned(),
        _ => unit.to_owned(),
    }
}
