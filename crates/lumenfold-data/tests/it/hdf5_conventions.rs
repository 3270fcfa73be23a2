//! Errors beside samples in HDF5, netCDF, and the filters of detectors, in files that other programs wrote (`make_hdf5.py` and `make_packed.py` in `tests/fixtures`).

use std::path::PathBuf;

use lumenfold_data::axis::shape;
use lumenfold_data::{BlockOptions, BlockReader, DataError, Source, Table, Target, WriteOptions, write_table};

use crate::shared::read;

/// Values, and inverse variances, of three samples of four values.
const FLUX: [[f64; 4]; 3] = [[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]];
const WEIGHTS: [[f64; 4]; 3] = [[1.0, 4.0, 16.0, 0.0], [4.0; 4], [0.25, 1.0, 1.0, 1.0]];
const GRID: [f64; 4] = [1.0, 2.0, 4.0, 8.0];

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A file with the errors of its samples.
fn with_errors(path: impl Into<PathBuf>) -> Table {
    let options = BlockOptions { errors: true, ..BlockOptions::default() };
    let mut reader = BlockReader::open(&[Source::from(path.into())], &options).unwrap();
    let block = reader.next_block().unwrap().unwrap();
    assert!(reader.next_block().unwrap().is_none());
    block
}

fn cells(table: &Table, columns: std::ops::Range<usize>) -> Vec<Vec<f64>> {
    (0..table.rows())
        .map(|row| table.columns()[columns.clone()].iter().map(|column| column.value(row).unwrap()).collect())
        .collect()
}

/// The same numbers, and missing where they are missing.
#[track_caller]
fn assert_cells(found: &[Vec<f64>], expected: impl Fn(usize, usize) -> f64) {
    assert_eq!((found.len(), found[0].len()), (3, 4));
    for (row, cells) in found.iter().enumerate() {
        for (at, cell) in cells.iter().enumerate() {
            let expected = expected(row, at);
            assert!(*cell == expected || (cell.is_nan() && expected.is_nan()), "[{row}][{at}]: {cell}, not {expected}");
        }
    }
}

fn weighted(value: f64, weight: f64) -> f64 {
    if weight > 0.0 { value } else { f64::NAN }
}

#[test]
fn errors_beside_samples_of_a_plain_group_belong_to_them() {
    let directory = tempfile::tempdir().unwrap();
    for (name, array, grid, single) in
        [("errors.h5", "spectra", &GRID[..], true), ("named_errors.h5", "flux", &[], false)]
    {
        let table = read(file(name)).unwrap();
        let gridded = table.gridded().unwrap();
        assert_eq!((gridded.array.as_str(), gridded.columns.len(), gridded.errors.clone()), (array, 4, None));
        assert_eq!(gridded.axes.first().map_or(&[][..], |axis| &axis.grid), grid);
        assert!(!table.names().iter().any(|name| name.contains("error")), "{:?}", table.names());
        let both = with_errors(file(name));
        let gridded = both.gridded().unwrap();
        let errors = gridded.errors.clone().unwrap();
        assert_eq!(both.names()[errors.start], format!("error of {array}1"));
        assert_eq!(
            (both.columns()[errors.start].values.type_name() == "float32", errors.end),
            (single, both.columns().len())
        );
        assert_cells(&cells(&both, gridded.columns.clone()), |row, at| FLUX[row][at]);
        assert_cells(&cells(&both, errors.clone()), |row, at| FLUX[row][at] / 4.0);
        let own = read(format!("{}:errors", file(name).display())).unwrap();
        assert_cells(&cells(&own, 0..4), |row, at| FLUX[row][at] / 4.0);
        if grid.is_empty() {
            continue;
        }
        // Into another file and back.
        let path = directory.path().join("again.h5");
        write_table(&both, &Target::from(path.as_path()), &WriteOptions::default()).unwrap();
        let again = with_errors(path);
        assert_cells(&cells(&again, again.gridded().unwrap().errors.clone().unwrap()), |row, at| FLUX[row][at] / 4.0);
    }
}

#[test]
fn inverse_variances_become_errors_and_gaps() {
    for (name, member) in [("ivar.h5", ""), ("ivar.h5", "/spectra"), ("nexus_ivar.nxs", "")] {
        let path = file(name).display().to_string() + if member.is_empty() { "" } else { ":" } + member;
        let both = with_errors(&path);
        let gridded = both.gridded().unwrap();
        assert_eq!(gridded.axes[0].grid, GRID, "{path}");
        assert_eq!(both.columns().len(), 8, "{path}: {:?}", both.names());
        assert_cells(&cells(&both, gridded.columns.clone()), |row, at| weighted(FLUX[row][at], WEIGHTS[row][at]));
        let error = |row: usize, at: usize| weighted(1.0 / WEIGHTS[row][at].sqrt(), WEIGHTS[row][at]);
        assert_cells(&cells(&both, gridded.errors.clone().unwrap()), error);
        if member.is_empty() {
            assert_cells(&cells(&read(format!("{path}:errors")).unwrap(), 0..4), error);
            // Gaps are there without the errors as well.
            assert!(read(&path).unwrap().columns()[3].value(0).unwrap().is_nan());
        }
    }
}

#[test]
fn errors_of_another_shape_are_none() {
    let both = with_errors(file("other_shape.h5"));
    assert_eq!(both.gridded().unwrap().errors, None);
    let raw = read(format!("{}:errors", file("other_shape.h5").display())).unwrap();
    assert_eq!(raw.columns().len(), 2);
    let error = read(format!("{}:errors", file("netcdf4.nc").display())).unwrap_err();
    assert!(matches!(error, DataError::Unusable { .. }) && error.to_string().contains("no standard errors"), "{error}");
}

#[test]
fn dimensions_of_netcdf_are_the_axes_of_samples() {
    for name in ["netcdf4.nc", "h5netcdf.nc"] {
        let table = read(file(name)).unwrap();
        let gridded = table.gridded().unwrap();
        assert_eq!((gridded.array.as_str(), shape(&gridded.axes)), ("intensity", vec![4, 4]), "{name}");
        let [y, x] = &gridded.axes[..] else { panic!() };
        assert_eq!((y.name.as_str(), y.unit.as_deref(), &y.grid[..]), ("y", Some("meV"), &GRID[..]), "{name}");
        let quarters = GRID.map(|place| place / 4.0);
        assert_eq!((x.name.as_str(), x.unit.as_deref(), &x.grid[..]), ("x", Some("1/angstrom"), &quarters[..]));
        let first = &table.columns()[gridded.columns.start];
        assert_eq!((first.values.type_name(), first.unit.as_deref()), ("float32", Some("counts")));
        for row in 0..3 {
            for (at, column) in table.columns()[gridded.columns.clone()].iter().enumerate() {
                let value = column.value(row).unwrap();
                // The fill value.
                let missing = row == 1 && at == 2 * 4 + 3;
                assert!(
                    if missing { value.is_nan() } else { value == (row * 16 + at) as f64 },
                    "{name}: {row}, {at}: {value}"
                );
            }
        }
        let beside: Vec<&str> = table.columns()[..gridded.columns.start]
            .iter()
            .chain(&table.columns()[gridded.columns.end..])
            .map(|column| column.name.as_str())
            .collect();
        assert_eq!(beside, ["temperature"], "{name}");
        assert!(table.notes().is_empty(), "{name}: {:?}", table.notes());
    }
}

#[test]
fn filters_of_detectors_are_undone() {
    for name in ["lz4.h5", "bitshuffle.h5", "bitshuffle_lz4.h5", "bitshuffle_zstandard.h5"] {
        let table = read(file(name)).unwrap();
        assert_eq!((table.rows(), table.columns().len()), (30, 3), "{name}");
        for (at, column) in table.columns().iter().enumerate() {
            assert!((0..30).all(|row| column.value(row) == Some((3 * row + at) as f64)), "{name}: {:?}", column.values);
        }
        // A damaged byte of the values is an error or another number, and no panic.
        let sound = std::fs::read(file(name)).unwrap();
        let directory = tempfile::tempdir().unwrap();
        for place in 0..sound.len() {
            let mut bytes = sound.clone();
            bytes[place] ^= 0x81;
            let path = directory.path().join("t.h5");
            std::fs::write(&path, bytes).unwrap();
            let _ = read(path).map_err(|error| assert!(!error.to_string().contains('\n'), "{error}"));
        }
    }
}

#[test]
fn packed_numbers_are_unpacked() {
    let both = with_errors(file("packed.nc"));
    let gridded = both.gridded().unwrap();
    assert_eq!((gridded.array.as_str(), &gridded.axes[0].grid[..]), ("intensity", &GRID[..]));
    // What is missing is told by what is stored.
    let is_missing = |row, at| (row, at) == (0, 1) || (row, at) == (2, 3);
    let expected = |row: usize, at: usize| if is_missing(row, at) { f64::NAN } else { FLUX[row][at] * 0.5 + 10.0 };
    assert_cells(&cells(&both, gridded.columns.clone()), expected);
    assert_cells(&cells(&both, gridded.errors.clone().unwrap()), |row, at| FLUX[row][at] * 0.125);
    assert_cells(&cells(&read(format!("{}:errors", file("packed.nc").display())).unwrap(), 0..4), |row, at| {
        FLUX[row][at] * 0.125
    });
    for (name, kind, values) in [
        ("temperature", "float64", [274.0, 275.0, 276.0]),
        ("level", "float64", [-2.0, -4.0, f64::NAN]),
        // Packing that changes nothing changes no type.
        ("count", "integer", [5.0, 6.0, 7.0]),
    ] {
        let column = both.column(name).unwrap();
        assert_eq!(column.values.type_name(), kind, "{name}");
        for (row, value) in values.into_iter().enumerate() {
            let found = column.value(row).unwrap_or(f64::NAN);
            assert!(found == value || (found.is_nan() && value.is_nan()), "{name}, row {row}: {found}, not {value}");
        }
    }
}

#[test]
fn what_cannot_be_unpacked_is_refused() {
    let path = file("packed_otherwise.h5").display().to_string();
    for (group, why) in [
        ("words", "scale_factor is not one finite number"),
        ("pair", "scale_factor is not one finite number"),
        ("infinite", "scale_factor is not one finite number"),
        ("complex", "scale_factor is not one finite number"),
        ("zero", "scale_factor is 0"),
        ("records", "holds something else than numbers"),
        ("flags", "holds something else than numbers"),
    ] {
        let error = read(format!("{path}:/{group}/data")).unwrap_err();
        assert!(matches!(error, DataError::Unusable { .. }) && error.to_string().contains(why), "{group}: {error}");
    }
}

#[test]
fn flags_are_no_errors() {
    let path = file("flags.h5").display().to_string();
    let flagged = with_errors(format!("{path}:/flagged"));
    assert!(flagged.gridded().is_none_or(|gridded| gridded.errors.is_none()), "{:?}", flagged.names());
    assert_cells(&cells(&flagged, 0..4), |row, at| FLUX[row][at] / 4.0);
    let both = with_errors(format!("{path}:/both"));
    let errors = both.gridded().unwrap().errors.clone().unwrap();
    assert_cells(&cells(&both, errors), |row, at| FLUX[row][at] / 8.0);
}

#[test]
fn a_scale_of_two_dimensions_is_an_axis_of_each() {
    let path = file("square.nc").display().to_string();
    let maps = read(format!("{path}:/maps")).unwrap();
    let [first, second] = &maps.gridded().unwrap().axes[..] else { panic!() };
    assert_eq!((first.name.as_str(), second.name.as_str()), ("q", "q_2"));
    for axis in [first, second] {
        assert_eq!((axis.unit.as_deref(), &axis.grid[..]), (Some("1/angstrom"), &GRID[..]));
    }
    // The rows of one map lie on the same grid.
    let map = read(format!("{path}:/map")).unwrap();
    let axes = &map.gridded().unwrap().axes;
    assert_eq!((axes.len(), axes[0].name.as_str(), &axes[0].grid[..], map.rows()), (1, "q", &GRID[..], 4));
}
