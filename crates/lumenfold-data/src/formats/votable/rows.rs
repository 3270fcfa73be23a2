//! Data as elements: `TABLEDATA`.

use quick_xml::events::{BytesRef, Event};

use super::Sink;
use super::outline::{attribute, damaged, reader_of};
use crate::DataError;
use crate::budget::Budget;
use crate::table::Values;

/// Rows after which the memory of the columns is looked at.
const ROWS_BETWEEN: u64 = 1024;

/// Reads the rows from behind `<TABLEDATA>` on. The inner error is what is wrong with them; the outer one is about memory.
pub(super) fn read(
    text: &str,
    sinks: &[Sink<'_>],
    values: &mut [Values],
    budget: &mut Budget,
) -> Result<Result<(), String>, DataError> {
    let mut reader = reader_of(text);
    // The ends of what began before are not ours.
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let (mut row, mut field, mut taken) = (0_u64, 0_usize, 0_u64);
    let (mut cell, mut in_cell, mut encoded) = (String::new(), false, false);
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => return Ok(Err(damaged(&error))),
        };
        match event {
            Event::Start(element) => match element.local_name().as_ref() {
                "TR" => (row, field) = (row + 1, 0),
                "TD" => {
                    cell.clear();
                    (in_cell, encoded) = (true, attribute(&element, "encoding").is_some());
                }
                _ => {}
            },
            Event::Empty(element) if element.local_name().as_ref() == "TD" => {
                if let Err(reason) = push(sinks, field, "", false, values) {
                    return Ok(Err(told(row, sinks, field, &reason)));
                }
                field += 1;
            }
            Event::Empty(element) if element.local_name().as_ref() == "TR" => {
                row += 1;
                sinks.iter().for_each(|sink| sink.push_missing(values));
            }
            Event::Text(content) if in_cell => cell.push_str(&content.xml10_content()),
            Event::CData(content) if in_cell => cell.push_str(&content.xml10_content()),
            Event::GeneralRef(entity) if in_cell => match resolved(&entity) {
                Some(letter) => cell.push(letter),
                None => {
                    let reason =
                        "has an entity that XML does not define, which is not looked up; get the table with plain text";
                    return Ok(Err(told(row, sinks, field, reason)));
                }
            },
            Event::End(element) => match element.local_name().as_ref() {
                "TD" if in_cell => {
                    in_cell = false;
                    if let Err(reason) = push(sinks, field, &cell, encoded, values) {
                        return Ok(Err(told(row, sinks, field, &reason)));
                    }
                    field += 1;
                }
                "TR" => {
                    // Cells at the end may be left out.
                    sinks.iter().skip(field).for_each(|sink| sink.push_missing(values));
                    if row % ROWS_BETWEEN == 0 {
                        grown(values, &mut taken, budget)?;
                    }
                }
                "TABLEDATA" => return grown(values, &mut taken, budget).map(Ok),
                _ => {}
            },
            Event::Eof => return Ok(Err("ends within its rows: it was cut short; get it again".to_owned())),
            _ => {}
        }
    }
}

/// Asks for the memory that the columns have grown by.
fn grown(values: &[Values], taken: &mut u64, budget: &mut Budget) -> Result<(), DataError> {
    let bytes: u64 = values.iter().map(Values::bytes).sum();
    budget.take(bytes.saturating_sub(*taken))?;
    *taken = bytes;
    Ok(())
}

fn push(sinks: &[Sink<'_>], field: usize, text: &str, encoded: bool, values: &mut [Values]) -> Result<(), String> {
    match sinks.get(field) {
        Some(sink) if !sink.is_wanted() => Ok(()),
        Some(sink) if encoded => super::binary::push_encoded(sink, text, values),
        Some(sink) => sink.push_text(text, values),
        None => Err(format!("has more than {} cells", sinks.len())),
    }
}

fn told(row: u64, sinks: &[Sink<'_>], field: usize, reason: &str) -> String {
    let name = sinks.get(field).map(|sink| crate::suggest::excerpt(&sink.field.name)).unwrap_or_default();
    format!("row {row}, column \"{name}\": {reason}")
}

/// The letter of an entity that XML defines, or of a number.
fn resolved(entity: &BytesRef<'_>) -> Option<char> {
    if let Ok(Some(letter)) = entity.resolve_char_ref() {
        return Some(letter);
    }
    Some(match entity.xml10_content().as_ref() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}
