//! Columns as the page wants them: base64 of little-endian binary.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lumenfold_data::{Column, Values};

use super::document::ColourColumn;

/// The code of a missing label.
const MISSING: u16 = u16::MAX;

/// A column of text with more different labels than this is taken for identifiers, which no colours can show.
const MOST_LABELS: usize = 1000;

/// `f32` values.
pub(super) fn encode_f32(values: impl Iterator<Item = f32>) -> String {
    STANDARD.encode(values.flat_map(f32::to_le_bytes).collect::<Vec<u8>>())
}

/// `u32` values.
pub(super) fn encode_u32(values: &[u32]) -> String {
    STANDARD.encode(values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}

/// A column for the page, or none if it holds too many different labels to colour by.
pub(super) fn colour_column(column: &Column) -> Option<ColourColumn> {
    let name = column.name.clone();
    let rows = || 0..column.len();
    if !matches!(column.values, Values::Text(_) | Values::Boolean(_)) {
        let values = rows().map(|row| column.value(row).unwrap_or(f64::NAN) as f32);
        return Some(ColourColumn::Number { name, unit: column.unit.clone(), values: encode_f32(values) });
    }
    let text = |row: usize| (!column.is_missing(row)).then(|| column.text(row));
    let mut labels: BTreeMap<String, u16> = BTreeMap::new();
    for label in rows().filter_map(text) {
        labels.insert(label, 0);
        if labels.len() > MOST_LABELS {
            return None;
        }
    }
    labels.values_mut().zip(0_u16..).for_each(|(code, index)| *code = index);
    let codes = rows().map(|row| text(row).and_then(|label| labels.get(&label).copied()).unwrap_or(MISSING));
    let codes = STANDARD.encode(codes.flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    Some(ColourColumn::Category { name, labels: labels.into_keys().collect(), codes })
}
