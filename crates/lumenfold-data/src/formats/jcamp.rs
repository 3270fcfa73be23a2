//! JCAMP-DX: spectra as text, of infrared, Raman, ultraviolet and many other spectrometers.
//!
//! After R. S. McDonald and P. A. Wilks, Appl. Spectrosc. 42, 151 (1988), version 4.24, and A. N. Davies and P. Lampen,
//! Appl. Spectrosc. 47, 1093 (1993). A file is made of labelled records, `##LABEL= value`; what follows `$$` is a comment.
//!
//! | record | read as |
//! |---|---|
//! | `##XYDATA= (X++(Y..Y))` | ordinates at equal steps, as plain numbers or in one of the compressed forms (PAC, SQZ, DIF, DUP) |
//! | `##XYPOINTS= (XY..XY)`, `##XYDATA= (XY..XY)` | pairs, at any steps that all rise or all fall |
//! | `##PEAK TABLE=`, `##PEAK ASSIGNMENTS=` | refused: peaks are no spectrum |
//! | `##NTUPLES=` | refused: several variables on pages |
//! | `##BLOCKS=`, `##DATA TYPE= LINK` | blocks within a block, each from `##TITLE=` to `##END=` |
//!
//! A block with data is **one sample with one axis**, from `##FIRSTX=` to `##LASTX=` in `##NPOINTS=` equal steps and in the
//! unit of `##XUNITS=`; ordinates are multiplied by `##YFACTOR=`. What the records say is compared with the data: the number of
//! points, the abscissa at the beginning of each line, the check value at the beginning of lines after differences, `##DELTAX=`
//! and `##FIRSTY=`. The values are columns called by `##YUNITS=` (`absorbance1`, …), and the title of the block is the column
//! `title`. Blocks on the same grid are several samples; of others the first is read, and a note says so. `?` is a missing
//! value. Nothing is written in this format.

mod asdf;
mod block;
mod ordinates;
mod records;
mod spectrum;
mod units;

use block::blocks;
use records::records;
use spectrum::Spectrum;

use super::Format;
use super::reader::{OpenFile, Reader, Request, Whole};
use super::spectra::{Spectra, text_of};
use crate::input::SharedFile;
use crate::suggest::excerpt;
use crate::table::{Column, Values};
use crate::{DataError, Table};

/// The name of the format in errors.
const FORMAT: &str = "JCAMP-DX";
/// Most notes on blocks that are left out.
const MOST_NOTES: usize = 5;

/// Reads JCAMP-DX files.
pub(crate) struct JcampReader;

impl Reader for JcampReader {
    fn format(&self) -> Format {
        Format::Jcamp
    }

    fn recognises(&self, start: &[u8]) -> bool {
        // The title comes first, by the standard.
        let start = String::from_utf8_lossy(start);
        let first = start.trim_start_matches('\u{feff}').lines().find(|line| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with("$$")
        });
        first.and_then(records::label_of).is_some_and(|(label, _)| label == "TITLE")
    }

    fn open(&self, file: SharedFile, length: u64, request: &Request<'_>) -> Result<Box<dyn OpenFile>, DataError> {
        Ok(Box::new(Whole::new(read(&file, length, request)?)))
    }
}

fn read(file: &SharedFile, length: u64, request: &Request<'_>) -> Result<Table, DataError> {
    let mut budget = request.budget();
    let text = text_of(file, length, &mut budget)?;
    let records = records(&text).map_err(|reason| budget.malformed(FORMAT, reason))?;
    let blocks = blocks(&records).map_err(|reason| budget.malformed(FORMAT, reason))?;
    let (mut spectra, mut left_out) = (Vec::new(), Vec::new());
    for block in blocks.iter().filter(|block| block.has_data()) {
        match Spectrum::read(block, &mut budget)? {
            Ok(spectrum) => spectra.push(spectrum),
            Err(reason) => left_out.push((block.title(), reason)),
        }
    }
    let mut spectra = spectra.into_iter();
    let Some(first) = spectra.next() else {
        return Err(match left_out.into_iter().next() {
            Some((_, reason)) => budget.malformed(FORMAT, reason),
            None => budget.unusable("has no spectrum (##XYDATA= or ##XYPOINTS=)"),
        });
    };
    let mut notes = first.notes.clone();
    let (mut titles, mut samples) = (vec![first.title.clone()], vec![Values::Float64(first.values)]);
    for other in spectra {
        if other.axis == first.axis && (&other.array, &other.unit) == (&first.array, &first.unit) {
            notes.extend(other.notes);
            titles.push(other.title);
            samples.push(Values::Float64(other.values));
        } else {
            left_out.push((other.title, "it is not on the grid of the first, or of another quantity".to_owned()));
        }
    }
    let count = left_out.len();
    for (title, reason) in left_out.into_iter().take(MOST_NOTES) {
        notes.push(format!("the spectrum \"{}\" is left out: {reason}", excerpt(&title)));
    }
    if count > MOST_NOTES {
        notes.push(format!("{count} spectra are left out"));
    }
    let notes = notes.into_iter().map(|note| format!("{}: {note}", request.path)).collect();
    let beside = vec![Column::new("title", Values::text(titles))];
    Spectra { array: first.array, unit: first.unit, axis: first.axis, samples, beside, notes }
        .table(request, &mut budget)
}
