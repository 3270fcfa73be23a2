//! What a format cannot hold of a table.

use crate::axis::{Axis, Gridded};
use crate::formats::Format;
use crate::table::{ColumnHead, ValueType};

/// What is lost of a table with these columns when it is written in a format: a phrase for each, such as `the units of u and
/// g`; none where everything is kept. What a format cannot hold at all is refused by the writer.
///
/// ```
/// use lumenfold_data::{ColumnHead, Format, ValueType, lost};
/// let head = ColumnHead { name: "u".to_owned(), unit: Some("mag".to_owned()), value_type: ValueType::Float64 };
/// assert_eq!(lost(Format::Npy, std::slice::from_ref(&head), None), ["the names of the columns", "the unit of u (mag)"]);
/// assert!(lost(Format::Parquet, &[head], None).is_empty());
/// ```
#[must_use]
pub fn lost(format: Format, columns: &[ColumnHead], gridded: Option<&Gridded>) -> Vec<String> {
    let gridded = gridded.filter(|gridded| !gridded.axes.is_empty());
    let holds = Holds::of(format);
    let mut lost = Vec::new();
    let is_sample = |at: usize| gridded.is_some_and(|gridded| gridded.holds(at));
    let others = || columns.iter().enumerate().filter(|(at, _)| !is_sample(*at)).map(|(_, column)| column);
    if !holds.names && (others().next().is_some() || gridded.is_none()) {
        lost.push("the names of the columns".to_owned());
    }
    let units: Vec<&ColumnHead> = others().filter(|column| column.unit.is_some()).collect();
    if !holds.units
        && let [first, more @ ..] = &units[..]
    {
        let unit = first.unit.as_deref().unwrap_or_default();
        lost.push(match more.len() {
            0 => format!("the unit of {} ({unit})", first.name),
            count => format!("the units of {} ({unit}) and {count} more", first.name),
        });
    }
    if !holds.types && others().any(|column| matches!(column.value_type, ValueType::Float32)) {
        lost.push("that numbers have 32 bits".to_owned());
    }
    let Some(gridded) = gridded else { return lost };
    let counted = gridded.axes.iter().all(Axis::is_counted);
    match holds.samples {
        Samples::WithGrids => {}
        Samples::Shape if counted => {}
        Samples::Shape => lost.push("the grids of the axes".to_owned()),
        Samples::NamesOfColumns if gridded.axes.len() == 1 => {
            let unit = gridded.axes[0].unit.as_deref().filter(|_| !counted);
            lost.extend(unit.map(|unit| format!("the unit of axis {} ({unit})", gridded.axes[0].name)));
        }
        Samples::NamesOfColumns => lost.push("the shape of the samples, which --shape tells again".to_owned()),
    }
    if gridded.errors.is_some() && !holds.errors {
        lost.push("that the standard errors belong to the values".to_owned());
    }
    lost
}

/// What a format can hold.
struct Holds {
    names: bool,
    units: bool,
    types: bool,
    samples: Samples,
    errors: bool,
}

/// How it holds samples with axes.
enum Samples {
    /// With everything about them.
    WithGrids,
    /// As an array of their shape.
    Shape,
    /// As columns whose names tell a grid.
    NamesOfColumns,
}

impl Holds {
    fn of(format: Format) -> Self {
        let everything = Self { names: true, units: true, types: true, samples: Samples::WithGrids, errors: true };
        match format {
            Format::Csv | Format::Tsv => {
                Self { units: false, types: false, samples: Samples::NamesOfColumns, errors: false, ..everything }
            }
            Format::Parquet => Self { samples: Samples::NamesOfColumns, errors: false, ..everything },
            Format::VoTable => Self { samples: Samples::NamesOfColumns, errors: false, ..everything },
            Format::Npy => Self { names: false, units: false, types: true, samples: Samples::Shape, errors: false },
            Format::Npz => Self { units: false, ..everything },
            Format::Arrow | Format::Fits | Format::Hdf5 => everything,
            // These are not written.
            Format::Idx | Format::Jcamp | Format::Spe => everything,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(name: &str, unit: Option<&str>) -> ColumnHead {
        ColumnHead { name: name.to_owned(), unit: unit.map(str::to_owned), value_type: ValueType::Float32 }
    }

    #[test]
    fn what_is_lost_is_said_in_words() {
        let columns = [head("a", Some("mag")), head("b", Some("mag"))];
        assert_eq!(lost(Format::Csv, &columns, None), ["the units of a (mag) and 1 more", "that numbers have 32 bits"]);
        let axes = vec![Axis::new("energy", Some("meV".to_owned()), vec![1.0, 3.0]).expect("sound")];
        let gridded = Gridded::new("t", "data", 0..2, axes).expect("two values").with_errors(2..4);
        let columns = [head("x1", None), head("x2", None), head("error of x1", None), head("error of x2", None)];
        assert!(lost(Format::Hdf5, &columns, Some(&gridded)).is_empty());
        assert_eq!(
            lost(Format::Npy, &columns, Some(&gridded)),
            ["the grids of the axes", "that the standard errors belong to the values"]
        );
        assert_eq!(lost(Format::Csv, &columns, Some(&gridded)).len(), 2);
    }
}
