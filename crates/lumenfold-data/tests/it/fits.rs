//! FITS: what other programs wrote, and what is written here.

use std::fs;
use std::path::Path;

use lumenfold_data::axis::Axis;
use lumenfold_data::{
    BlockOptions, BlockReader, Column, DataError, ReadOptions, Source, Table, Target, Values, WriteOptions, read_table,
    write_table,
};
use proptest::prelude::*;

use crate::shared::{assert_identical, folder, read, read_bytes};

/// What rounding to single precision may do to a magnitude, as a share of it.
const SINGLE: f64 = 6e-8;
/// Half a thousandth of a magnitude, to which integers of 0.001 mag are rounded.
const MILLIMAG: f64 = 0.5001;
/// Where two ways to take a power of ten may differ, as a share of it.
const POWER: f64 = 1e-14;

fn floats(column: &Column) -> Vec<f64> {
    (0..column.len()).map(|row| column.value(row).unwrap()).collect()
}

/// A file read with what is beside its samples, block by block.
fn with_errors(path: &Path, block_bytes: usize) -> Table {
    let options = BlockOptions { errors: true, block_bytes, ..BlockOptions::default() };
    let mut reader = BlockReader::open(&[Source::from(path)], &options).unwrap();
    let mut blocks = Vec::new();
    while let Some(block) = reader.next_block().unwrap() {
        blocks.push(block);
    }
    let gridded = reader.gridded().cloned();
    let joined = crate::shared::join(blocks);
    match gridded {
        Some(gridded) => {
            let table = Table::new(joined.source().to_owned(), joined.into_columns()).unwrap();
            table.with_axes(gridded.columns, gridded.axes).unwrap()
        }
        None => joined,
    }
}

#[test]
fn the_same_stars_in_every_form() {
    let Some(folder) = folder() else { return };
    let stars = folder.join("formats/stars300");
    let truth = read(stars.join("truth.csv")).unwrap();
    let band = |name: &str| floats(truth.column(name).unwrap());
    for (file, scale, tolerance) in [
        ("bintable_f8.fits", 1.0, 0.0),
        ("bintable_f4.fits", 1.0, SINGLE),
        ("bintable.fits.gz", 1.0, SINGLE),
        ("bintable_nan.fits", 1.0, SINGLE),
        ("ascii_table.fits", 1.0, 1e-9),
        ("bintable_tnull.fits", 1000.0, MILLIMAG),
        ("bintable_uint16.fits", 1000.0, MILLIMAG),
        ("bintable_vector.fits", 1.0, SINGLE),
        ("image_f8.fits", 1.0, 0.0),
        ("image_f4.fits", 1.0, SINGLE),
        ("image_i2.fits", 1000.0, MILLIMAG),
        ("image_bscale.fits", 1.0, 6e-4),
    ] {
        let table = read(stars.join(file)).unwrap();
        assert_eq!(table.rows(), 300, "{file}");
        let mut gaps = 0;
        for (at, name) in ["u", "g", "r", "i", "z"].iter().enumerate() {
            let names = [(*name).to_owned(), format!("MAGS{}", at + 1), format!("x{}", at + 1)];
            let column = table.columns().iter().find(|column| names.contains(&column.name)).unwrap();
            let integer = scale == 1000.0;
            assert_eq!(column.values.type_name() == "integer", integer, "{file}");
            for (row, (found, expected)) in floats(column).into_iter().zip(band(name)).enumerate() {
                if found.is_nan() {
                    gaps += 1;
                    assert!(*name == "u" && row % 7 == 3, "{file}, row {row}");
                    continue;
                }
                let allowed = if integer || tolerance > 1e-4 { tolerance } else { tolerance * expected };
                assert!((found - scale * expected).abs() <= allowed, "{file}, row {row}: {found}, {expected}");
            }
        }
        let expected = if file.contains("nan") || file.contains("tnull") { 43 } else { 0 };
        assert_eq!(gaps, expected, "{file}");
    }
    let table = read(stars.join("bintable_f4.fits")).unwrap();
    assert_eq!(table.columns()[0].unit.as_deref(), Some("mag"));
}

#[test]
fn compressed_tiles_are_the_numbers_that_went_in() {
    let Some(folder) = folder() else { return };
    let stars = folder.join("formats/stars300");
    let truth = read(stars.join("truth.csv")).unwrap();
    let bands = ["u", "g", "r", "i", "z"].map(|name| floats(truth.column(name).unwrap()));
    // u, g, r, i, z of one star after the other, in rows of 100.
    for (file, scale, tolerance) in [
        ("tiles_rice_1.fits", 1000.0, MILLIMAG),
        ("tiles_gzip_1.fits", 1000.0, MILLIMAG),
        ("tiles_float_quantised.fits", 1.0, 0.3),
    ] {
        let table = read(stars.join(file)).unwrap();
        assert_eq!((table.rows(), table.columns().len()), (15, 100), "{file}");
        for row in 0..15 {
            for (at, column) in table.columns().iter().enumerate() {
                let place = row * 100 + at;
                let (found, expected) = (column.value(row).unwrap(), bands[place % 5][place / 5]);
                assert!((found - scale * expected).abs() <= tolerance, "{file}: {found}, {expected}");
            }
        }
    }
}

#[test]
fn cubes_are_samples_with_axes() {
    let Some(folder) = folder() else { return };
    let table = read(folder.join("formats/stars300/image_cube.fits")).unwrap();
    let gridded = table.gridded().unwrap();
    assert_eq!((table.rows(), lumenfold_data::axis::shape(&gridded.axes)), (10, vec![30, 5]));
    let table = read(folder.join("formats/fits/arange.fits")).unwrap();
    assert_eq!((table.rows(), table.columns().len()), (7, 110));
    // Counted values, all but a few of them; the sum is that of astropy.
    let cells = || (0..7).flat_map(|row| (0..110).map(move |at| (row, at)));
    let value = |(row, at): (usize, usize)| table.columns()[at].value(row).unwrap();
    assert_eq!(cells().map(value).sum::<f64>(), 296_056.0);
    assert!(cells().filter(|(row, at)| value((*row, *at)) != (row * 110 + at) as f64).count() < 5);
    assert_eq!([value((6, 109)), value((3, 49)), value((0, 11))], [769.0, 379.0, 11.0]);
}

#[test]
fn a_spectrum_of_sdss_is_one_sample() {
    let Some(folder) = folder() else { return };
    let path = folder.join("formats/fits/sdss_spec-0266-51602-0013.fits");
    let named = |member: &str| read(format!("{}:{member}", path.display())).unwrap();
    let (raw, sample) = (named("COADD"), read(&path).unwrap());
    assert_identical(&raw, &named("1"));
    assert_eq!((raw.rows(), sample.rows()), (3838, 1));
    let gridded = sample.gridded().unwrap();
    let axis = &gridded.axes[0];
    assert_eq!((axis.name.as_str(), axis.unit.as_deref(), axis.size()), ("wavelength", Some("angstrom"), 3838));
    let [flux, places, weights] = ["flux", "loglam", "ivar"].map(|name| floats(raw.column(name).unwrap()));
    let errors = named("errors");
    let beside = with_errors(&path, 1 << 20);
    for bin in 0..3838 {
        assert!((axis.grid[bin] / 10_f64.powf(places[bin]) - 1.0).abs() < POWER);
        let (value, error) = (sample.columns()[bin].value(0).unwrap(), errors.columns()[bin].value(0).unwrap());
        if weights[bin] > 0.0 {
            assert_eq!((value, error), (flux[bin], 1.0 / weights[bin].sqrt()));
        } else {
            assert!(value.is_nan() && error.is_nan());
        }
        let name = format!("error of flux{}", bin + 1);
        assert_eq!(beside.column(&name).unwrap().value(0).unwrap().to_bits(), error.to_bits());
    }
    let object = named("2");
    for (name, source) in [("redshift", "Z"), ("ra", "PLUG_RA"), ("dec", "PLUG_DEC")] {
        assert_eq!(sample.column(name).unwrap().value(0), object.column(source).unwrap().value(0));
    }
    assert_eq!(sample.column("class").unwrap().text(0), object.column("CLASS").unwrap().text(0));
    assert!(sample.notes().iter().any(|note| note.contains("FILE:1")), "{:?}", sample.notes());
}

#[test]
fn spectra_on_other_pieces_of_the_grid_are_told_apart() {
    let Some(folder) = folder() else { return };
    let path = folder.join("formats/fits/sdss_spec-0266-51602-0013.fits");
    let source = || Source::from(path.as_path());
    let together = BlockReader::open(&[source(), source()], &BlockOptions::default()).unwrap();
    assert_eq!(together.total_rows(), Some(2));
    // The same file without its last row: the grid ends one bin earlier, in the same block.
    let mut bytes = fs::read(&path).unwrap();
    let keyword = b"NAXIS2  =                 3838";
    let place = bytes.windows(keyword.len()).position(|card| card == keyword).unwrap();
    bytes[place + keyword.len() - 1] = b'7';
    let directory = tempfile::tempdir().unwrap();
    let shorter = directory.path().join("spec.fits");
    fs::write(&shorter, bytes).unwrap();
    let outcome = BlockReader::open(&[source(), Source::from(shorter)], &BlockOptions::default());
    let error = outcome.err().unwrap().to_string();
    assert!(error.contains("3837 bins") && error.contains("3838 bins") && error.contains("--resample"), "{error}");
}

#[test]
fn spectra_of_desi_are_joined_by_wavelength() {
    let Some(folder) = folder() else { return };
    let path = folder.join("formats/fits/desi_coadd-sv3-dark-26065.fits");
    let named = |member: &str| read(format!("{}:{member}", path.display())).unwrap();
    let joined = read(&path).unwrap();
    let axis = joined.gridded().unwrap().axes[0].clone();
    assert_eq!(joined.rows(), 5);
    assert_eq!(floats(joined.column("TARGETID").unwrap()), floats(named("FIBERMAP").column("TARGETID").unwrap()));
    // Each bin from the arms by hand.
    let mut bins: Vec<(f64, Vec<(usize, usize)>)> = Vec::new();
    let arms = ["B", "R", "Z"];
    for (arm, letter) in arms.iter().enumerate() {
        let grid = named(&format!("{letter}_WAVELENGTH"));
        for (at, place) in floats(&grid.columns()[0]).into_iter().enumerate() {
            match bins.iter_mut().find(|(known, _)| (*known - place).abs() < 1e-3) {
                Some((_, sources)) => sources.push((arm, at)),
                None => bins.push((place, vec![(arm, at)])),
            }
        }
    }
    assert_eq!(bins.len(), axis.size());
    let raw: Vec<[Table; 3]> = arms
        .iter()
        .map(|letter| {
            let number = ["FLUX", "IVAR", "MASK"].map(|word| format!("{letter}_{word}"));
            // One arm, in which what is masked is missing already.
            let flux = read_table(
                &Source::from(Path::new(&format!("{}:{}", path.display(), number[0]))),
                &ReadOptions::default(),
            );
            [flux.unwrap(), named(&number[1]), named(&number[2])]
        })
        .collect();
    let errors = named("errors");
    let mut overlaps = 0;
    for (bin, (place, sources)) in bins.iter().enumerate() {
        assert_eq!(*place, axis.grid[bin]);
        for row in 0..5 {
            let usable: Vec<(f64, f64)> = sources
                .iter()
                .map(|(arm, at)| {
                    let cell = |table: &Table| table.columns()[*at].value(row).unwrap();
                    let (value, weight, mask) = (cell(&raw[*arm][0]), cell(&raw[*arm][1]), cell(&raw[*arm][2]));
                    assert_eq!(value.is_nan(), weight <= 0.0 || mask != 0.0);
                    (value, weight)
                })
                .filter(|(value, _)| !value.is_nan())
                .collect();
            let (value, error) = (joined.columns()[bin].value(row).unwrap(), errors.columns()[bin].value(row).unwrap());
            let weight: f64 = usable.iter().map(|(_, weight)| weight).sum();
            match &usable[..] {
                [] => assert!(value.is_nan() && error.is_nan()),
                [(only, weight)] => assert_eq!((value, error), (*only, 1.0 / weight.sqrt())),
                _ => {
                    overlaps += 1;
                    let mean = usable.iter().map(|(value, weight)| value * weight).sum::<f64>() / weight;
                    assert!((value - mean).abs() <= SINGLE * mean.abs() + 1e-12, "{value}, {mean}");
                    assert!((error * weight.sqrt() - 1.0).abs() < 1e-12);
                }
            }
        }
    }
    assert!(overlaps > 100, "{overlaps}");
    let arm = named("B_FLUX");
    assert_eq!(arm.gridded().unwrap().axes[0].size(), 2751);
    assert!(arm.column("TARGETID").is_ok());
}

#[test]
fn units_are_named_by_number_name_version_or_column() {
    let Some(folder) = folder() else { return };
    let named = |file: &str, member: &str| read(format!("{}:{member}", folder.join("formats").join(file).display()));
    let second = named("fits/test0.fits", "2").unwrap();
    assert_identical(&named("fits/test0.fits", "SCI,2").unwrap(), &second);
    assert_eq!((second.rows(), second.columns().len()), (40, 40));
    let first = read(folder.join("formats/fits/test0.fits")).unwrap();
    assert!(first.notes().iter().any(|note| note.contains("2 SCI")), "{:?}", first.notes());
    let vector = named("stars300/bintable_vector.fits", "mags").unwrap();
    assert_eq!(vector.names(), ["MAGS1", "MAGS2", "MAGS3", "MAGS4", "MAGS5"]);
    let error = named("fits/test0.fits", "SCY").unwrap_err().to_string();
    assert!(error.contains("SCI") && !error.contains('\n'), "{error}");
    assert!(named("fits/test0.fits", "77").is_err());
}

#[test]
fn what_cannot_be_read_is_refused_by_name() {
    let Some(folder) = folder() else { return };
    for (file, words) in [
        ("random_groups.fits", "random groups"),
        ("history_header.fits", "no table and no image"),
        ("../stars300/truth.csv", ""),
    ] {
        let outcome = read(folder.join("formats/fits").join(file));
        match words {
            "" => assert!(outcome.is_ok()),
            words => assert!(outcome.unwrap_err().to_string().contains(words), "{file}"),
        }
    }
    for file in ["theap-gap.fits", "variable_length_table.fits"] {
        let table = read(folder.join("formats/fits").join(file)).unwrap();
        assert!(table.notes().iter().any(|note| note.contains("left out")), "{file}: {:?}", table.notes());
    }
    let table = read(folder.join("formats/fits/logical_null.fits")).unwrap();
    assert_eq!(table.columns()[0].values.type_name(), "boolean");
    assert!((0..3).any(|row| table.columns()[0].is_missing(row)));
}

fn table_with_axes() -> Table {
    let value = |at: usize| if at == 5 { f32::NAN } else { at as f32 / 3.0 };
    let mut columns: Vec<Column> = (0..6)
        .map(|at| {
            Column::new(format!("data{}", at + 1), Values::Float32(vec![value(at), 2.0, value(at + 1)]))
                .with_unit("mJy")
        })
        .collect();
    columns.push(Column::new("id", Values::Integer([Some(1), None, Some(i64::MAX)].into_iter().collect())));
    let axes = vec![
        Axis::new("q", Some("1/angstrom".to_owned()), vec![0.5, 1.5]).unwrap(),
        Axis::new("energy_m", Some("some odd unit".to_owned()), vec![3.0, 1.0, -0.25]).unwrap(),
    ];
    Table::new("made", columns).unwrap().with_axes(0..6, axes).unwrap()
}

fn written(table: &Table) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.fits");
    write_table(table, &Target::from(path.as_path()), &WriteOptions::default()).unwrap();
    fs::read(path).unwrap()
}

#[test]
fn axes_and_units_come_back() {
    let table = table_with_axes();
    let bytes = written(&table);
    assert_eq!(bytes.len() % 2880, 0);
    let found = read_bytes("t.fits", &bytes).unwrap();
    assert_eq!(found.gridded().unwrap().axes, table.gridded().unwrap().axes);
    for (found, expected) in found.columns().iter().zip(table.columns()) {
        assert_eq!((&found.name, &found.unit), (&expected.name, &expected.unit));
        assert_eq!(format!("{:?}", found.values), format!("{:?}", expected.values));
    }
    // Once more: the same bytes.
    assert_eq!(written(&found), bytes);
}

#[test]
fn errors_are_written_beside_the_samples() {
    let Some(folder) = folder() else { return };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.fits");
    let source = folder.join("formats/fits/desi_coadd-sv3-dark-26065.fits");
    let options = BlockOptions { errors: true, ..BlockOptions::default() };
    let mut reader = BlockReader::open(&[Source::from(source.as_path())], &options).unwrap();
    let mut writer =
        lumenfold_data::BlockWriter::create(&Target::from(path.as_path()), &WriteOptions::default()).unwrap();
    while let Some(block) = reader.next_block().unwrap() {
        writer.write(&block).unwrap();
    }
    writer.finish().unwrap();
    let bits = |table: &Table| -> Vec<Vec<u64>> {
        table.columns().iter().map(|column| floats(column).into_iter().map(f64::to_bits).collect()).collect()
    };
    let (before, after) = (with_errors(&source, 1 << 20), with_errors(&path, 1 << 20));
    assert_eq!(bits(&before), bits(&after));
    assert_eq!(before.gridded().unwrap().axes, after.gridded().unwrap().axes);
    let named = |path: &Path| read(format!("{}:errors", path.display())).unwrap();
    assert_eq!(bits(&named(&source)), bits(&named(&path)));
}

#[test]
fn tables_that_do_not_fit_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let refused = |columns: Vec<Column>| {
        let target = Target::from(directory.path().join("t.fits"));
        let error = write_table(&Table::new("t", columns).unwrap(), &target, &WriteOptions::default()).unwrap_err();
        assert!(matches!(error, DataError::Unwritable { .. }), "{error}");
        error.to_string()
    };
    let one = |name: &str| Column::new(name, Values::Float64(vec![1.0]));
    assert!(refused(vec![one("flux"), one("FLUX")]).contains("capital"));
    assert!(refused(vec![one("größe")]).contains("ASCII"));
    assert!(refused(vec![Column::new("a", Values::text(["é"]))]).contains("row 1"));
    assert!(refused((0..1000).map(|at| one(&format!("c{at}"))).collect()).contains("999"));
    assert!(refused(Vec::new()).contains("without columns"));
    let both = Values::Integer([Some(i64::MIN), None].into_iter().collect());
    assert!(refused(vec![Column::new("a", both)]).contains("stands for"));
}

#[test]
fn a_row_larger_than_memory_is_refused() {
    let bytes = written(&table_with_axes());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.fits");
    fs::write(&path, bytes).unwrap();
    let options = ReadOptions { memory_limit: 20, ..ReadOptions::default() };
    let error = read_table(&Source::from(path), &options).unwrap_err();
    assert!(matches!(error, DataError::TooLarge { .. }), "{error}");
}

#[test]
fn files_cut_short_are_refused_or_the_same() {
    let bytes = written(&table_with_axes());
    let whole = read_bytes("t.fits", &bytes).unwrap();
    let axes = whole.gridded().unwrap().axes.clone();
    // Two headers of a block, three rows of 32 bytes, a header of a block, and five places of 8 bytes.
    const TABLE_END: usize = 2 * 2880 + 3 * 32;
    const TABLE_FULL: usize = 3 * 2880;
    const AXES_END: usize = 4 * 2880 + 5 * 8;
    let mut accepted = 0;
    for length in 0..bytes.len() {
        // What fills up a block may be gone, and with it the unit of the axes: FITS has no mark at its end.
        let Ok(table) = read_bytes("t.fits", &bytes[..length]) else { continue };
        accepted += 1;
        let is_whole = length >= AXES_END;
        assert!(is_whole || (TABLE_END..=TABLE_FULL).contains(&length), "{length} bytes");
        assert_eq!(table.gridded().is_some_and(|gridded| gridded.axes == axes), is_whole);
        for (found, expected) in table.columns().iter().zip(whole.columns()) {
            assert_eq!(format!("{:?}", found.values), format!("{:?}", expected.values), "{length} bytes");
        }
    }
    assert_eq!(accepted, bytes.len() - AXES_END + TABLE_FULL - TABLE_END + 1);
}

#[test]
fn no_damaged_byte_makes_a_reader_panic() {
    let mut files = vec![written(&table_with_axes())];
    if let Some(folder) = folder() {
        for name in [
            "stars300/tiles_rice_1.fits",
            "stars300/tiles_float_quantised.fits",
            "fits/variable_length_table.fits",
            "fits/ascii.fits",
        ] {
            files.push(fs::read(folder.join("formats").join(name)).unwrap());
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.fits");
    let options = ReadOptions { memory_limit: 16 << 20, ..ReadOptions::default() };
    for bytes in files {
        for place in (0..bytes.len()).step_by(3) {
            // What is only filled up with zeros or blanks says nothing.
            for byte in [b'0', b'9', 0xff].into_iter().filter(|_| bytes[place] != 0 || place % 97 == 0) {
                if bytes[place] == b' ' && place % 31 != 0 {
                    continue;
                }
                let mut damaged = bytes.clone();
                damaged[place] = byte;
                fs::write(&path, &damaged).unwrap();
                if let Err(error) = read_table(&Source::from(path.as_path()), &options) {
                    assert!(!error.to_string().contains('\n'), "{error}");
                }
            }
        }
    }
}

fn values(rows: usize) -> impl Strategy<Value = Values> {
    use prop::collection::vec;
    prop_oneof![
        vec(prop_oneof![any::<f64>(), Just(f64::NAN), Just(-0.0)], rows).prop_map(Values::Float64),
        vec(any::<f32>(), rows).prop_map(Values::Float32),
        vec(prop::option::weighted(0.9, -9_223_372_036_854_775_807..=i64::MAX), rows)
            .prop_map(|cells| Values::Integer(cells.into_iter().collect())),
        vec(any::<i64>(), rows).prop_map(Values::integers),
        vec(prop::option::weighted(0.9, any::<bool>()), rows)
            .prop_map(|cells| Values::Boolean(cells.into_iter().collect())),
        vec("([!-~][ -~]{0,7})?", rows).prop_map(Values::text),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_written_is_what_is_read(
        columns in (0..20_usize).prop_flat_map(|rows| prop::collection::vec((values(rows), "[a-zA-Z_]([ -~]{0,80}[a-z'&])?"), 1..6)),
    ) {
        let column = |(at, (values, name)): (usize, (Values, String))| {
            Column::new(format!("{name}{at}"), values).with_unit("10**-17 erg/(s cm2 'x')")
        };
        let table = Table::new("made", columns.into_iter().enumerate().map(column).collect()).unwrap();
        let found = read_bytes("t.fits", &written(&table)).unwrap();
        prop_assert_eq!(found.heads(), table.heads());
        for (found, expected) in found.columns().iter().zip(table.columns()) {
            for row in 0..expected.len() {
                prop_assert_eq!(found.is_missing(row), expected.is_missing(row), "row {} of {}", row, &expected.name);
                prop_assert_eq!(found.text(row), expected.text(row), "row {} of {}", row, &expected.name);
            }
        }
    }

    #[test]
    fn arbitrary_cards_do_not_panic(cards in prop::collection::vec("(NAXIS|NAXIS1|NAXIS2|BITPIX|TFIELDS|TFORM1|PCOUNT|GCOUNT|ZIMAGE|XTENSION)  = [ -~]{0,30}", 0..30)) {
        let mut bytes = format!("{:<80}", "SIMPLE  =                    T").into_bytes();
        for card in cards {
            let (keyword, value) = card.split_once("  =").unwrap();
            bytes.extend(format!("{:<80}", format!("{keyword:<8}={value}")).into_bytes());
        }
        bytes.extend(format!("{:<80}", "END").into_bytes());
        bytes.resize(bytes.len().next_multiple_of(2880) + 2880, b' ');
        let _ = read_bytes("t.fits", &bytes);
    }
}
