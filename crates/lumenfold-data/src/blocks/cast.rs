//! Values turned into a wider type.

use crate::table::{Column, TextColumn, ValueType, Values};

/// The values as `wanted`, which [`ValueType::wider`] allows.
pub(super) fn cast(values: Values, wanted: ValueType) -> Values {
    match (values, wanted) {
        (values, wanted) if values.value_type() == wanted => values,
        (values, ValueType::Text) => {
            let column = Column::new("", values);
            let (mut cells, mut cell) = (TextColumn::new(), String::new());
            for row in 0..column.len() {
                cell.clear();
                column.push_text(row, &mut cell);
                if column.is_missing(row) { cells.push_missing() } else { cells.push(&cell) }
            }
            Values::Text(cells)
        }
        (Values::Float32(values), _) => Values::Float64(values.into_iter().map(f64::from).collect()),
        (values, _) => {
            let column = Column::new("", values);
            Values::Float64((0..column.len()).map(|row| column.value(row).unwrap_or(f64::NAN)).collect())
        }
    }
}
