//! HDF5 and NeXus files, against what they are known to hold.

use std::path::Path;

use lumenfold_data::{
    Axis, BlockOptions, BlockReader, Column, DataError, Source, Table, Target, Values, WriteOptions, write_table,
};

use crate::shared::{folder, read};

fn grid(table: &Table) -> Vec<(String, Option<String>, usize)> {
    let axes = table.gridded().map_or(&[][..], |gridded| &gridded.axes);
    axes.iter().map(|axis| (axis.name.clone(), axis.unit.clone(), axis.size())).collect()
}

fn is_axis(found: &(String, Option<String>, usize), name: &str, unit: Option<&str>, size: usize) {
    assert_eq!(found, &(name.to_owned(), unit.map(str::to_owned), size));
}

#[test]
fn every_storage_of_the_same_stars_gives_the_same_numbers() {
    let Some(folder) = folder() else { return };
    let stars = folder.join("formats/stars300");
    let truth = read(stars.join("truth.csv")).unwrap();
    let names = ["ra", "dec", "u", "g", "r", "i", "z", "redshift"];
    for (file, first, factor, single) in [
        ("contiguous.h5", 0, 1.0, false),
        ("chunked_gzip_shuffle.h5", 0, 1.0, false),
        ("compound.h5", 0, 1.0, false),
        ("f4_bigendian.h5", 2, 1.0, true),
        ("lzf.h5", 2, 1.0, true),
        ("nested_groups.h5", 2, 1.0, true),
        ("scaleoffset.h5", 2, 1000.0, false),
    ] {
        let table = read(stars.join(file)).unwrap();
        assert_eq!(table.rows(), 300, "{file}");
        for (column, name) in table.columns().iter().zip(&names[first..]) {
            let expected = truth.column(name).unwrap();
            for row in 0..300 {
                let value = expected.value(row).unwrap();
                let value = if single { f64::from(value as f32) } else { value };
                let value = if factor == 1.0 { value } else { (value * factor).round_ties_even() };
                assert_eq!(column.value(row), Some(value), "{file}: {name}, row {row}");
            }
        }
    }
    let compound = read(stars.join("compound.h5")).unwrap();
    assert_eq!(compound.names()[..8], names);
    assert_eq!(compound.column("mjd").unwrap().values, truth.column("mjd").unwrap().values);
    let nested = read(stars.join("nested_groups.h5")).unwrap();
    assert_eq!(nested.columns()[0].unit.as_deref(), Some("mag"));
    let alias = read(format!("{}:/alias", stars.join("nested_groups.h5").display())).unwrap();
    assert_eq!(alias.columns().len(), 5);
}

#[test]
fn neutron_files_are_maps_or_spectra_of_detectors() {
    let Some(folder) = folder() else { return };
    let neutron = folder.join("neutron");
    let of = |file: &str, member: &str| read(format!("{}{member}", neutron.join(file).display())).unwrap();

    let map = of("V-iqe.h5", "");
    assert_eq!((map.rows(), map.columns().len()), (1, 300 * 149));
    let axes = grid(&map);
    is_axis(&axes[0], "Q", Some("1/angstrom"), 300);
    is_axis(&axes[1], "energy", Some("meV"), 149);
    let errors = of("V-iqe.h5", ":errors");
    assert_eq!((errors.rows(), grid(&errors)), (1, axes));

    let detectors = of("MAR11001_test.nxspe", "");
    assert_eq!(detectors.rows(), 285);
    is_axis(&grid(&detectors)[0], "energy", Some("meV"), 110);
    assert!(detectors.column("polar").is_ok() && detectors.column("azimuthal").is_ok());
    let missing =
        detectors.columns()[..110].iter().map(|column| (0..285).filter(|row| column.is_missing(*row)).count());
    assert_eq!(missing.sum::<usize>(), 3630);
    let small = of("nxspe_version1_0.nxspe", "");
    assert_eq!((small.rows(), grid(&small)[0].2), (5, 30));

    for file in ["lrcs3701.nx5", "focus2007n001335.hdf"] {
        let table = of(file, "");
        println!(
            "{file}: {} rows, {} columns, {:?}, {:?}",
            table.rows(),
            table.columns().len(),
            grid(&table),
            table.notes()
        );
    }
    let rows = of("lrcs3701.nx5", ":/Histogram1/data/data");
    assert_eq!(rows.rows(), 148);
    is_axis(&grid(&rows)[0], "time_of_flight", Some("us"), 750);
    assert_eq!(rows.columns()[0].values.type_name(), "integer");
    let merged = of("focus2007n001335.hdf", ":/entry1/FOCUS/merged/counts");
    assert_eq!(merged.rows(), 375);
    is_axis(&grid(&merged)[0], "time_binning", Some("us"), 713);
}

#[test]
fn counts_over_the_edges_of_their_bins_are_a_spectrum() {
    let Some(folder) = folder() else { return };
    let path = folder.join("formats/gamma/Mendocino.h5");
    let table = read(&path).unwrap();
    assert_eq!((table.rows(), table.columns().len()), (1, 8192));
    is_axis(&grid(&table)[0], "energy", Some("keV"), 8192);
    assert_eq!(read(format!("{}:errors", path.display())).unwrap().columns().len(), 8192);
    let counts = read(format!("{}:/counts", path.display())).unwrap();
    assert_eq!(counts.columns()[0].len(), 8192);
}

#[test]
fn paths_that_are_not_there_are_told_with_those_that_are() {
    let Some(folder) = folder() else { return };
    let path = folder.join("formats/stars300/contiguous.h5");
    let error = read(format!("{}:/star", path.display())).unwrap_err().to_string();
    assert!(error.contains("/stars"), "{error}");
    let error = read(format!("{}:errors", path.display())).unwrap_err();
    assert!(matches!(error, DataError::Unusable { .. }), "{error}");
}

fn written(table: &Table, path: &Path) -> Table {
    write_table(table, &Target::from(path), &WriteOptions::default()).unwrap();
    read(path).unwrap()
}

#[test]
fn samples_with_axes_come_back_with_them() {
    let directory = tempfile::tempdir().unwrap();
    let axes = vec![
        Axis::new("q", Some("1/angstrom".to_owned()), vec![0.5, 1.0]).unwrap(),
        Axis::new("energy", Some("meV".to_owned()), vec![-1.0, 0.0, 2.5]).unwrap(),
    ];
    for rows in [0, 1, 3, 7] {
        let value = |column: usize| Values::Float32((0..rows).map(|row| (10 * row + column) as f32 / 4.0).collect());
        let mut columns: Vec<Column> = (0..6).map(|at| Column::new(format!("x{at}"), value(at))).collect();
        columns.push(Column::new("flux/error", Values::integers((0..rows as i64).collect())).with_unit("K"));
        columns.push(Column::new("name", Values::text((0..rows).map(|row| format!("größe {row}")))));
        let table = Table::new("t", columns).unwrap().with_axes(0..6, axes.clone()).unwrap();
        let found = written(&table, &directory.path().join("t.h5"));
        assert_eq!(found.gridded().map(|gridded| &gridded.axes), Some(&axes), "{rows}");
        assert_eq!(found.rows(), rows);
        let names = found.names();
        assert_eq!(names[6..], ["flux/error", "name"]);
        assert_eq!(found.columns()[6].unit.as_deref(), Some("K"));
        for (found, expected) in found.columns().iter().zip(table.columns()) {
            assert_eq!(found.values, expected.values, "{}", expected.name);
        }
    }
}

#[test]
fn missing_values_of_every_type_come_back() {
    let directory = tempfile::tempdir().unwrap();
    let mut text = lumenfold_data::TextColumn::new();
    for cell in [Some(""), None, Some("N/A"), Some("abc")] {
        match cell {
            Some(cell) => text.push(cell),
            None => text.push_missing(),
        }
    }
    let table = Table::new(
        "t",
        vec![
            Column::new(
                "n",
                Values::Integer([Some(i64::MIN), None, Some(i64::MIN + 2), Some(7)].into_iter().collect()),
            ),
            Column::new("flag", Values::Boolean([Some(true), None, Some(false), None].into_iter().collect())),
            Column::new("text", Values::Text(text)),
        ],
    )
    .unwrap();
    let found = written(&table, &directory.path().join("t.nxs"));
    for (found, expected) in found.columns().iter().zip(table.columns()) {
        assert_eq!(found.values, expected.values, "{}", expected.name);
    }
}

#[test]
fn standard_errors_come_behind_all_other_columns_and_are_written_again() {
    let Some(folder) = folder() else { return };
    let directory = tempfile::tempdir().unwrap();
    let options = BlockOptions { errors: true, ..BlockOptions::default() };
    let blocks = |source: &Source| {
        let mut reader = BlockReader::open(std::slice::from_ref(source), &options).unwrap();
        let mut blocks = Vec::new();
        while let Some(block) = reader.next_block().unwrap() {
            blocks.push(block);
        }
        blocks
    };
    let source = Source::from(folder.join("neutron/nxspe_version1_0.nxspe"));
    let found = blocks(&source);
    let errors = found[0].gridded().unwrap().errors.clone().unwrap();
    assert_eq!((errors.len(), errors.end), (30, found[0].columns().len()));
    assert_eq!(found[0].names()[errors.start], "error of data1");
    let own = read(folder.join("neutron/nxspe_version1_0.nxspe:errors")).unwrap();
    for (column, expected) in found[0].columns()[errors].iter().zip(own.columns()) {
        assert_eq!(format!("{:?}", column.values), format!("{:?}", expected.values));
    }
    let path = directory.path().join("again.h5");
    write_table(&found[0], &Target::from(path.as_path()), &WriteOptions::default()).unwrap();
    let again = blocks(&Source::from(path));
    assert_eq!(again[0].gridded(), found[0].gridded());
    for (found, expected) in again[0].columns().iter().zip(found[0].columns()) {
        assert_eq!((&found.name, format!("{:?}", found.values)), (&expected.name, format!("{:?}", expected.values)));
    }
}
