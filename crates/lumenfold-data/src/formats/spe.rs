//! SPE: a gamma spectrum as text, as the programs of multichannel analysers write it.
//!
//! The form is that of the IAEA (and of ORTEC's "ASCII SPE"): sections that begin with a line `$NAME:`. These are used:
//!
//! | section | becomes |
//! |---|---|
//! | `$SPEC_ID` | the column `description` |
//! | `$DATE_MEA` | the column `date`, as it is written (month/day/year and time) |
//! | `$MEAS_TIM` | the columns `live_time` and `real_time` in s |
//! | `$DATA` | the first and the last channel, then the counts: `counts1`, `counts2`, … |
//! | `$MCA_CAL` | coefficients of a polynomial that gives the energy in keV of a channel; before `$ENER_FIT` |
//! | `$ENER_FIT` | the same with two or three coefficients |
//!
//! A file is **one sample with one axis**: `energy` in keV, at the channels' centres (the energy of channel n is the
//! polynomial at n), or `channel` where there is no calibration. Counts are integers unless one of them is not. Other sections
//! are left out. Nothing is written in this format.
//!
//! Cameras write a format of the same ending that is not text (WinView, WinSpec); it is refused.

mod calibration;
mod sections;

use calibration::Calibration;
use sections::{Section, sections};

use super::Format;
use super::reader::{OpenFile, Reader, Request, Whole};
use super::spectra::{Spectra, check_bins, text_of};
use super::text::parse_number;
use crate::axis::Axis;
use crate::input::SharedFile;
use crate::suggest::excerpt;
use crate::table::{Column, Values};
use crate::{DataError, Table};

/// The name of the format in errors.
const FORMAT: &str = "SPE";
/// What the values are called.
const COUNTS: &str = "counts";

/// Reads gamma spectra.
pub(crate) struct SpeReader;

impl Reader for SpeReader {
    fn format(&self) -> Format {
        Format::Spe
    }

    fn recognises(&self, start: &[u8]) -> bool {
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
        let line = start.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
        sections::name_of(&String::from_utf8_lossy(line)).is_some()
    }

    fn open(&self, file: SharedFile, length: u64, request: &Request<'_>) -> Result<Box<dyn OpenFile>, DataError> {
        Ok(Box::new(Whole::new(read(&file, length, request)?)))
    }
}

fn read(file: &SharedFile, length: u64, request: &Request<'_>) -> Result<Table, DataError> {
    let mut budget = request.budget();
    let text = text_of(file, length, &mut budget)?;
    let malformed = |reason: String| budget.malformed(FORMAT, reason);
    if text.contains('\0') {
        return Err(budget.unusable(
            "is no text: a .spe file of a camera (WinView, WinSpec)? only gamma spectra as text are read; export it as text",
        ));
    }
    let sections = sections(&text);
    let section = |name: &str| sections.iter().find(|section| section.name == name);
    let data =
        section("DATA").ok_or_else(|| malformed("has no section $DATA: with counts; get it again".to_owned()))?;
    let (first_channel, counts) = counts(data).map_err(malformed)?;

    let mut notes = Vec::new();
    let calibrations = [section("MCA_CAL").map(Calibration::of_count), section("ENER_FIT").map(Calibration::of_fit)];
    let mut axis = None;
    for calibration in calibrations.into_iter().flatten() {
        let found = calibration.and_then(|calibration| calibration.axis(first_channel, counts.len()));
        match found {
            Ok(energies) if axis.is_none() => axis = Some(energies),
            Ok(_) => {}
            Err(reason) => notes.push(format!("{}: {reason}; it is left out", request.path)),
        }
    }
    let channels = || {
        let grid = (0..counts.len()).map(|bin| first_channel as f64 + bin as f64).collect();
        Axis::new("channel", None, grid)
    };
    let axis = axis.map_or_else(channels, Ok)?;

    let mut beside = Vec::new();
    for (section_name, name) in [("SPEC_ID", "description"), ("DATE_MEA", "date")] {
        if let Some(section) = section(section_name) {
            beside.push(Column::new(name, Values::text([section.lines.join(" ").trim()])));
        }
    }
    if let Some(section) = section("MEAS_TIM") {
        let mut times = section.words().map(parse_number);
        for name in ["live_time", "real_time"] {
            let time = times.next().flatten().unwrap_or(f64::NAN);
            beside.push(Column::new(name, Values::Float64(vec![time])).with_unit("s"));
        }
    }
    let spectra = Spectra { array: COUNTS.to_owned(), unit: None, axis, samples: vec![counts], beside, notes };
    spectra.table(request, &mut budget)
}

/// The first channel and the counts of all channels.
fn counts(data: &Section<'_>) -> Result<(u64, Values), String> {
    let mut words = data.words();
    let mut channel = || words.next().and_then(|word| word.parse::<u64>().ok());
    let (Some(first), Some(last)) = (channel(), channel()) else {
        return Err("its section $DATA: does not begin with the numbers of two channels; get it again".to_owned());
    };
    let channels = last.checked_sub(first).and_then(|steps| steps.checked_add(1));
    let channels = channels.ok_or_else(|| format!("its section $DATA: goes from channel {first} back to {last}"))?;
    let bins = check_bins(channels)?;
    let cells: Vec<&str> = words.take(bins + 1).collect();
    if cells.len() != bins {
        let (there, more) = (cells.len().min(bins), if cells.len() > bins { " and more" } else { "" });
        return Err(format!(
            "claims {bins} channels ({first} to {last}), {there} counts{more} are there; get it again"
        ));
    }
    let integers: Option<Vec<i64>> = cells.iter().map(|cell| cell.parse().ok()).collect();
    let values = match integers {
        Some(integers) => Values::integers(integers),
        None => {
            let number = |(cell, channel): (&&str, u64)| {
                let odd = || format!("channel {channel}: \"{}\" is no count; correct it", excerpt(cell));
                parse_number(cell).ok_or_else(odd)
            };
            Values::Float64(cells.iter().zip(first..).map(number).collect::<Result<_, _>>()?)
        }
    };
    Ok((first, values))
}
