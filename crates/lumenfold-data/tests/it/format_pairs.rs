//! From every format that is written into every other one: what both can hold comes through.

use std::path::Path;

use lumenfold_data::axis::Axis;
use lumenfold_data::{
    ArrayValues, ArrayWriter, BlockOptions, BlockReader, BlockWriter, Column, Format, Source, Table, Target, Values,
    WriteOptions, write_table,
};
use proptest::prelude::*;

use crate::shared::read;

/// Every format that is written, by its ending.
const WRITTEN: [&str; 9] = ["csv", "tsv", "parquet", "arrow", "npy", "npz", "fits", "h5", "vot"];
/// Those that hold units of columns, and the types of columns.
const WITH_UNITS: [&str; 5] = ["parquet", "arrow", "fits", "h5", "vot"];
/// Those that hold samples with axes and their errors; of these, the ones with units.
const WITH_AXES: [&str; 4] = ["arrow", "npz", "fits", "h5"];
/// The largest integer below which every one is a 64-bit float; arrays of integers have no missing ones.
const EXACT: i64 = 1 << 53;

/// The formats that a table has passed through.
#[derive(Clone, Copy, Debug)]
struct Way<'a>(&'a [&'a str]);

impl Way<'_> {
    fn all(self, formats: &[&str]) -> bool {
        self.0.iter().all(|format| formats.contains(format))
    }

    fn has(self, format: &str) -> bool {
        self.0.contains(&format)
    }

    fn has_text(self) -> bool {
        self.has("csv") || self.has("tsv")
    }
}

fn pairs<'a>(formats: &'a [&'a str]) -> impl Iterator<Item = [&'a str; 2]> {
    formats.iter().flat_map(|&first| formats.iter().map(move |&second| [first, second]))
}

#[test]
fn no_format_is_forgotten() {
    for format in Format::ALL {
        assert_eq!(format.is_written(), WRITTEN.contains(&format.extension()), "{format}");
    }
}

/// Writes a table and reads it again.
fn through(table: &Table, directory: &Path, format: &str) -> Table {
    let path = directory.join(format!("t.{format}"));
    write_table(table, &Target::from(path.as_path()), &WriteOptions::default()).unwrap();
    read(&path).unwrap_or_else(|error| panic!("{error}\n{table:?}"))
}

/// Compares what has come through with what it was.
fn compare(found: &Table, expected: &Table, way: Way<'_>) {
    assert_eq!((found.rows(), found.columns().len()), (expected.rows(), expected.columns().len()), "{way:?}");
    for (at, (found, expected)) in found.columns().iter().zip(expected.columns()).enumerate() {
        let name = if way.has("npy") { format!("x{}", at + 1) } else { expected.name.clone() };
        // An array named by another one before has its names.
        assert!(found.name == name || way.0.first() == Some(&"npy") && found.name.starts_with('x'), "{way:?}: {name}");
        if way.all(&WITH_UNITS) {
            assert_eq!(found.unit, expected.unit, "{way:?}: {name}");
            assert_eq!(found.values.value_type(), expected.values.value_type(), "{way:?}: {name}");
        }
        for row in 0..expected.len() {
            let what = || format!("{way:?}: row {row} of {name}: {} was {}", found.text(row), expected.text(row));
            if let Values::Text(_) = expected.values {
                // Not every format tells missing text from none.
                assert_eq!(found.text(row), expected.text(row), "{}", what());
                continue;
            }
            assert_eq!(found.is_missing(row), expected.is_missing(row), "{}", what());
            if !expected.is_missing(row) {
                assert!(is_same(found, expected, row, way), "{}", what());
            }
        }
    }
}

/// Whether a number or truth value that is there is the same bit for bit, or as far as text tells it.
fn is_same(found: &Column, expected: &Column, row: usize, way: Way<'_>) -> bool {
    let bits = |column: &Column| column.value(row).map(f64::to_bits);
    match &expected.values {
        // In arrays integers with gaps are floats, which holds for those that are exact.
        Values::Integer(integers) => {
            let exact = integers.values[row].unsigned_abs() <= EXACT.unsigned_abs();
            found.text(row) == expected.text(row) || exact && bits(found) == bits(expected)
        }
        Values::Boolean(_) if way.has_text() => {
            // As words, or as 0 and 1 where it has been a number.
            found.text(row) == expected.text(row) || bits(found) == bits(expected)
        }
        // Text has the digits that give a number of 32 bits back, and does not say that it has 32.
        Values::Float32(values) if way.has_text() => {
            let digits: f64 = expected.text(row).parse().unwrap();
            let single = found.value(row).map(|value| (value as f32).to_bits());
            bits(found) == Some(digits.to_bits()) || single == Some(values[row].to_bits())
        }
        _ => bits(found) == bits(expected),
    }
}

fn floats() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), -1e6..1e6, Just(f64::NAN), Just(0.0), Just(-0.0), Just(1e300), Just(5e-324)]
}

/// A column of numbers; integers are exact as floats, which is what arrays hold.
fn numbers(rows: usize) -> impl Strategy<Value = Values> {
    use prop::collection::vec;
    prop_oneof![
        vec(floats(), rows).prop_map(Values::Float64),
        vec(any::<f32>(), rows).prop_map(Values::Float32),
        vec(prop::option::weighted(0.9, -EXACT..EXACT), rows)
            .prop_map(|cells| Values::Integer(cells.into_iter().collect())),
        vec(-EXACT..EXACT, rows).prop_map(Values::integers),
    ]
}

/// The same, identifiers of 64 bits, truth values, and text of ASCII that does not pass for a number.
fn values(rows: usize) -> impl Strategy<Value = Values> {
    use prop::collection::vec;
    prop_oneof![
        5 => numbers(rows),
        1 => vec(any::<i64>(), rows).prop_map(Values::integers),
        1 => vec(any::<bool>(), rows).prop_map(Values::booleans),
        2 => vec(prop_oneof![Just(String::new()), "~[ -~]{0,6}[!-~]"], rows).prop_map(Values::text),
    ]
}

/// Tables of up to four columns and twelve rows, with units.
fn tables<S: Strategy<Value = Values>>(values: impl Fn(usize) -> S) -> impl Strategy<Value = Table> {
    (1..5_usize, 0..12_usize).prop_flat_map(move |(columns, rows)| {
        prop::collection::vec((values(rows), "[a-w][a-z_ ]{0,5}[a-z]"), columns).prop_map(|columns| {
            let column = |(index, (values, name)): (usize, (Values, String))| {
                Column::new(format!("{name}{index}"), values).with_unit("mag")
            };
            Table::new("made", columns.into_iter().enumerate().map(column).collect()).unwrap()
        })
    })
}

fn every_pair(table: &Table, formats: &[&str]) {
    let directory = tempfile::tempdir().unwrap();
    let once: Vec<Table> = formats.iter().map(|format| through(table, directory.path(), format)).collect();
    for (format, found) in formats.iter().zip(&once) {
        compare(found, table, Way(&[format]));
    }
    for [first, second] in pairs(formats) {
        let before = &once[formats.iter().position(|format| *format == first).unwrap()];
        compare(&through(before, directory.path(), second), table, Way(&[first, second]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn tables_of_every_type(table in tables(values)) {
        let formats: Vec<&str> = WRITTEN.into_iter().filter(|format| *format != "npy").collect();
        every_pair(&table, &formats);
    }

    #[test]
    fn tables_of_numbers(table in tables(numbers)) {
        every_pair(&table, &WRITTEN);
    }

    #[test]
    fn samples_with_axes_units_and_errors(
        rows in 1..5_usize,
        sizes in prop::collection::vec(2..5_usize, 1..3),
        single in any::<bool>(),
        seed in prop::collection::vec(floats(), 256),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let source = directory.path().join("source.npz");
        write_samples(&source, rows, &sizes, single, &seed);
        let samples = with_errors(&source);
        prop_assert_eq!(samples.gridded().unwrap().axes.len(), sizes.len());
        prop_assert!(samples.gridded().unwrap().errors.is_some());
        for [first, second] in pairs(&WITH_AXES) {
            let paths = [first, second].map(|format| directory.path().join(format!("{first}-{second}.{format}")));
            convert(&source, &paths[0]);
            convert(&paths[0], &paths[1]);
            for path in &paths {
                compare_samples(&with_errors(path), &samples, &format!("{first}, {second}"));
            }
        }
    }

    #[test]
    fn units_of_samples(bins in 2..6_usize, cells in prop::collection::vec(any::<f32>(), 18)) {
        let column = |bin: usize| {
            Column::new(format!("data{}", bin + 1), Values::Float32(cells[3 * bin..3 * bin + 3].to_vec())).with_unit("counts")
        };
        let axis = Axis::new("energy", Some("furlong".to_owned()), (0..bins).map(|bin| bin as f64 / 3.0).collect()).unwrap();
        let table = Table::new("made", (0..bins).map(column).collect()).unwrap().with_axes(0..bins, vec![axis]).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let formats = ["arrow", "fits", "h5"];
        for way in pairs(&formats) {
            let found = through(&through(&table, directory.path(), way[0]), directory.path(), way[1]);
            compare(&found, &table, Way(&way));
            prop_assert_eq!(&found.gridded().unwrap().axes, &table.gridded().unwrap().axes, "{:?}", way);
        }
    }
}

/// An archive with samples, their errors, the grids of their axes, and two columns.
fn write_samples(path: &Path, rows: usize, sizes: &[usize], single: bool, seed: &[f64]) {
    let shape: Vec<usize> = [&[rows], sizes].concat();
    let count: usize = shape.iter().product();
    let singles = |values: &[f64]| values.iter().map(|value| *value as f32).collect::<Vec<f32>>();
    let mut writer = ArrayWriter::create(path).unwrap();
    for (name, values) in [("data", &seed[..count]), ("errors", &seed[128..128 + count])] {
        match single {
            true => writer.array(name, &shape, ArrayValues::Float32(&singles(values))).unwrap(),
            false => writer.array(name, &shape, ArrayValues::Float64(values)).unwrap(),
        }
    }
    for (name, &size) in ["energy_meV", "q_per_angstrom"].iter().zip(sizes) {
        let grid: Vec<f64> = (0..size).map(|bin| bin as f64 / 7.0 + (bin * bin) as f64).collect();
        writer.array(name, &[size], ArrayValues::Float64(&grid)).unwrap();
    }
    writer.array("temperature", &[rows], ArrayValues::Float64(&seed[..rows])).unwrap();
    writer.finish().unwrap();
}

/// Reads a file with the errors of its samples.
fn with_errors(path: &Path) -> Table {
    let options = BlockOptions { errors: true, ..BlockOptions::default() };
    let mut reader = BlockReader::open(&[Source::from(path)], &options).unwrap();
    reader.next_block().unwrap().unwrap()
}

/// Writes what a file has in the format that the name of another says, errors included.
fn convert(source: &Path, target: &Path) {
    let mut writer = BlockWriter::create(&Target::from(target), &WriteOptions::default()).unwrap();
    writer.write(&with_errors(source)).unwrap();
    writer.finish().unwrap();
}

/// The same columns, in any order; the same axes, and errors of the same values.
fn compare_samples(found: &Table, expected: &Table, what: &str) {
    let (own, other) = (found.gridded().unwrap(), expected.gridded().unwrap());
    assert_eq!(own.axes, other.axes, "{what}");
    for (own, other) in [(Some(&own.columns), Some(&other.columns)), (own.errors.as_ref(), other.errors.as_ref())] {
        let names =
            |table: &Table, range: Option<&std::ops::Range<usize>>| table.names()[range.unwrap().clone()].to_vec();
        assert_eq!(names(found, own), names(expected, other), "{what}");
    }
    assert_eq!(found.columns().len(), expected.columns().len(), "{what}");
    for expected in expected.columns() {
        let found = found.column(&expected.name).unwrap();
        let is_error = expected.name.starts_with("error of ");
        assert!(is_error || found.values.value_type() == expected.values.value_type(), "{what}: {}", expected.name);
        for row in 0..expected.len() {
            let bits = |column: &Column| column.value(row).filter(|value| !value.is_nan()).map(f64::to_bits);
            assert_eq!(bits(found), bits(expected), "{what}: row {row} of {}", expected.name);
        }
    }
}
