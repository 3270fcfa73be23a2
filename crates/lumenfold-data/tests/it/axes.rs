//! Samples with axes, from files and back to files.

use std::fs;
use std::io::Write;
use std::path::Path;

use lumenfold_data::axis::AxesChoice;
use lumenfold_data::{
    Axis, BlockOptions, BlockReader, Column, DataError, Dataset, DatasetOptions, Samples, Source, Table, Target,
    Values, WriteOptions, write_table,
};
use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::shared::{folder, read};

/// An array of 64-bit floats of this shape, in C or Fortran order, as NumPy writes it.
fn npy(shape: &[usize], fortran: bool, values: &[f64]) -> Vec<u8> {
    let sizes: String = shape.iter().map(|size| format!("{size}, ")).collect();
    let order = if fortran { "True" } else { "False" };
    let mut text = format!("{{'descr': '<f8', 'fortran_order': {order}, 'shape': ({sizes}), }}");
    while (10 + text.len() + 1) % 64 != 0 {
        text.push(' ');
    }
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

fn list(values: &[f64]) -> Vec<u8> {
    npy(&[values.len()], false, values)
}

/// Values of a sample that tell their place.
fn counted(count: usize) -> Vec<f64> {
    (0..count).map(|value| value as f64 * 0.5).collect()
}

fn npz(path: &Path, arrays: &[(&str, Vec<u8>)]) {
    let mut archive = ZipWriter::new(fs::File::create(path).unwrap());
    for (name, bytes) in arrays {
        archive.start_file(format!("{name}.npy"), SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
}

/// The data set that an archive of these arrays makes, and the notes.
fn dataset(arrays: &[(&str, Vec<u8>)]) -> (Dataset, Vec<String>) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npz");
    npz(&path, arrays);
    let table = read(&path).unwrap();
    let notes = table.notes().to_vec();
    (Dataset::from_table(table, &DatasetOptions::default()).unwrap(), notes)
}

fn names(dataset: &Dataset) -> Vec<&str> {
    dataset.axes.iter().map(|axis| axis.name.as_str()).collect()
}

#[test]
fn arrays_of_any_dimensions_and_either_order_are_the_same_samples() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npy");
    for shape in [&[5, 2, 3][..], &[4, 2, 3, 4], &[3, 1, 2, 3, 2], &[2, 2, 1]] {
        let width: usize = shape[1..].iter().product();
        let values = counted(shape.iter().product());
        fs::write(&path, npy(shape, false, &values)).unwrap();
        let expected = Dataset::from_table(read(&path).unwrap(), &DatasetOptions::default()).unwrap();
        assert_eq!((expected.rows, expected.features.len()), (shape[0], width));
        assert_eq!(expected.values, values);
        assert_eq!(expected.axes.iter().map(Axis::size).collect::<Vec<_>>(), &shape[1..]);
        assert!(expected.axes.iter().all(Axis::is_counted));

        // The same array with its first dimension fastest.
        let mut turned = vec![0.0; values.len()];
        for (index, value) in values.iter().enumerate() {
            let (mut left, mut place, mut step) = (index, 0, values.len());
            for size in shape.iter().rev() {
                step /= size;
                place += left % size * step;
                left /= size;
            }
            turned[place] = *value;
        }
        fs::write(&path, npy(shape, true, &turned)).unwrap();
        let found = Dataset::from_table(read(&path).unwrap(), &DatasetOptions::default()).unwrap();
        assert_eq!((found.values, found.axes), (expected.values, expected.axes), "{shape:?}");
        // Some of the columns are no samples with axes.
        let options = DatasetOptions { columns: Some(vec!["x2".to_owned()]), ..DatasetOptions::default() };
        let some = Dataset::from_table(read(&path).unwrap(), &options).unwrap();
        assert_eq!((some.axes.len(), some.values.len()), (0, shape[0]));
    }
}

#[test]
fn shapes_that_cannot_be_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npy");
    for shape in [
        &[2, 3, 0][..],
        &[2, 1 << 40, 1 << 40],
        &[2, 1 << 63, 2, 0],
        &[1, 1 << 11, 1 << 11],
        &[1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
        &[usize::MAX, 2, 2],
        &[3, 2, 2],
    ] {
        fs::write(&path, npy(shape, false, &[1.0])).unwrap();
        let error = read(&path).unwrap_err();
        let is_told = matches!(error, DataError::Unusable { .. } | DataError::Malformed { .. });
        assert!(is_told, "{shape:?}: {error}");
    }
}

#[test]
fn lists_as_long_as_an_axis_are_its_grid() {
    let (data, notes) = dataset(&[
        ("q_per_angstrom", list(&[0.5, 1.0, 2.0])),
        ("intensity", npy(&[4, 3, 2], false, &counted(24))),
        ("temperature", list(&[1.0, 5.0, 2.0, 3.0])),
        ("energy_meV", list(&[3.0, 1.0])),
    ]);
    assert_eq!(names(&data), ["q", "energy"]);
    assert_eq!(data.axes[0], Axis::new("q", Some("1/angstrom".to_owned()), vec![0.5, 1.0, 2.0]).unwrap());
    assert_eq!((data.axes[1].unit.as_deref(), &data.axes[1].grid[..]), (Some("meV"), &[3.0, 1.0][..]));
    assert_eq!((data.values, notes), (counted(24), vec![]));
    // A spectrum is a matrix with a grid, and its values are named by it.
    let (data, notes) =
        dataset(&[("flux", npy(&[4, 2], false, &counted(8))), ("wavelength_nm", list(&[400.0, 500.5]))]);
    assert_eq!((names(&data), notes), (vec!["wavelength"], vec![]));
    assert_eq!(data.feature_names(), ["400", "500.5"]);
}

#[test]
fn columns_beside_samples_are_not_learnt_from() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npz");
    npz(
        &path,
        &[
            ("id", list(&[7.0, 8.0, 9.0, 10.0])),
            ("flux", npy(&[4, 2], false, &counted(8))),
            ("sigma", npy(&[4, 2], false, &counted(8))),
            ("wavelength_nm", list(&[400.0, 500.5])),
            ("targets", npy(&[4, 3], false, &counted(12))),
        ],
    );
    let table = read(&path).unwrap();
    assert_eq!(table.names(), ["id", "flux1", "flux2", "targets1", "targets2", "targets3"]);
    assert_eq!(table.notes().len(), 1, "{:?}", table.notes());
    let options = DatasetOptions { keep: vec!["id".to_owned()], ..DatasetOptions::default() };
    let data = Dataset::from_table(table, &options).unwrap();
    assert_eq!((data.values, data.carried[0].value(3)), (counted(8), Some(10.0)));
    // What is named is read all the same, and an array that is named alone finds its grid.
    let columns = Some(vec!["sigma2".to_owned(), "targets3".to_owned()]);
    let source = Source::from(path.clone());
    let named = lumenfold_data::read_table(&source, &lumenfold_data::ReadOptions { columns, ..Default::default() });
    assert_eq!(named.unwrap().names(), ["sigma2", "targets3"]);
    let alone = read(format!("{}:sigma", path.display())).unwrap();
    let data = Dataset::from_table(alone, &DatasetOptions::default()).unwrap();
    assert_eq!((names(&data), data.features.len()), (vec!["wavelength"], 2));
}

#[test]
fn what_is_not_certain_is_told() {
    let energies = [("energy_cm1", list(&[8.0, 16.0, 24.0])), ("energy_mev", list(&[1.0, 2.0, 3.0]))];
    let dos = ("dos", npy(&[4, 3], false, &counted(12)));
    let (data, notes) = dataset(&[energies[0].clone(), energies[1].clone(), dos.clone()]);
    assert_eq!(data.axes[0].unit.as_deref(), Some("1/cm"));
    assert!(notes.len() == 1 && notes[0].contains("energy_cm1 or energy_mev"), "{notes:?}");
    // Two axes of one size get their grids in the order of the archive.
    let cube = npy(&[4, 3, 3], false, &counted(36));
    let (data, notes) = dataset(&[("cube", cube), ("y", list(&[0.0, 1.0, 3.0])), ("x", list(&[5.0, 6.0, 8.0]))]);
    assert_eq!(names(&data), ["y", "x"]);
    assert!(notes.len() == 1 && notes[0].contains("order of the archive: y, x"), "{notes:?}");
    // No grid: the columns stay plain.
    let (data, notes) = dataset(&[dos.clone(), ("mean", list(&[1.0, 3.0, 2.0]))]);
    assert!(data.axes.is_empty() && notes[0].contains("no grid of dos"), "{notes:?}");
    let (data, notes) = dataset(&[dos, ("mean", list(&[1.0, f64::NAN, 2.0]))]);
    assert!(data.axes.is_empty() && notes[0].contains("NaN"), "{notes:?}");
}

#[test]
fn as_many_rows_as_bins() {
    let square = ("square", npy(&[3, 3], false, &counted(9)));
    let rising = list(&[1.0, 2.0, 3.0]);
    // With a unit it is a grid, without one a column, and two of them are one of each.
    let (data, notes) = dataset(&[square.clone(), ("energy_meV", rising.clone())]);
    assert!(names(&data) == ["energy"] && notes[0].contains("grid of the axis"), "{notes:?}");
    let (data, notes) = dataset(&[square.clone(), ("day", rising.clone())]);
    assert!(data.axes.is_empty() && data.features.len() == 4 && notes[0].contains("as a column"), "{notes:?}");
    let (data, _) = dataset(&[square.clone(), ("energy[]", rising.clone())]);
    assert_eq!(names(&data), ["energy"]);
    let (data, notes) = dataset(&[square, ("energy_meV", rising.clone()), ("temperature_K", rising)]);
    assert_eq!(names(&data), ["energy"]);
    assert!(notes.iter().any(|note| note.contains("temperature_K") && note.contains("as a column")), "{notes:?}");
}

#[test]
fn headers_of_numbers_are_a_grid() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.csv");
    fs::write(&path, "id,1100nm,1102nm,1104nm\na,1,2,3\nb,4,5,6\n").unwrap();
    let data = Dataset::from_table(read(&path).unwrap(), &DatasetOptions::default()).unwrap();
    assert_eq!(data.axes, [Axis::new("axis1", Some("nm".to_owned()), vec![1100.0, 1102.0, 1104.0]).unwrap()]);
    // They are found again by their own names.
    assert_eq!(data.feature_names(), ["1100nm", "1102nm", "1104nm"]);
    let plain = DatasetOptions { axes: Some(Vec::new()), ..DatasetOptions::default() };
    assert!(Dataset::from_table(read(&path).unwrap(), &plain).unwrap().axes.is_empty());
}

#[test]
fn axes_can_be_chosen_and_reach_the_samples() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npy");
    fs::write(&path, npy(&[5, 6], false, &counted(30))).unwrap();
    let reader = || BlockReader::open(&[Source::from(path.clone())], &BlockOptions::default()).unwrap();
    let choice = |axes: &str, shape: Option<&str>| AxesChoice {
        axes: Some(axes.parse().unwrap()),
        shape: shape.map(|shape| shape.parse().unwrap()),
    };
    let options = DatasetOptions::default();
    let axes = Dataset::chosen_axes(&reader(), &options, &choice("y,x", Some("2x3"))).unwrap();
    assert_eq!(Dataset::chosen_axes(&reader(), &options, &AxesChoice::default()).unwrap(), None);
    let options = DatasetOptions { axes, ..options };
    let samples =
        Samples::gather(&mut reader(), &options, directory.path(), |_| Ok::<_, DataError>(usize::MAX)).unwrap();
    assert_eq!(samples.axes().iter().map(Axis::size).collect::<Vec<_>>(), [2, 3]);
    let error = Dataset::chosen_axes(&reader(), &options, &choice("y,x", Some("2x4"))).unwrap_err();
    assert!(error.to_string().contains("8 values, but there are 6 features"), "{error}");
    // Axes tell data sets apart, and plain ones keep the fingerprint that they had.
    let plain = DatasetOptions { axes: Some(Vec::new()), ..options.clone() };
    let of = |options| Dataset::from_table(read(&path).unwrap(), options).unwrap().fingerprint();
    assert!(of(&options) != of(&plain));
}

#[test]
fn the_shared_spectra_have_their_axes() {
    let Some(folder) = folder() else { return };
    for (name, axis, unit, bins) in [
        ("spectra/nir_soil.npz", "wavelength", "nm", 700),
        ("spectra/pickles_stellar.npz", "wavelength", "angstrom", 4771),
        ("spectra/rruff_raman.npz", "raman_shift", "1/cm", 1000),
        ("spectra/tecator_meats.npz", "wavelength", "nm", 100),
        ("phonon_dos/jarvis_phonon_dos.npz", "energy", "1/cm", 66),
    ] {
        let source = Source::from(folder.join(name));
        let reader = BlockReader::open(&[source], &BlockOptions::default()).unwrap();
        let axes = Dataset::axes_of(&reader, &DatasetOptions::default()).unwrap();
        let [only] = &axes[..] else { panic!("{name}: {axes:?}") };
        assert_eq!((only.name.as_str(), only.unit.as_deref(), only.size()), (axis, Some(unit), bins), "{name}");
    }
}

/// Up to three axes, rising or falling, with and without units.
fn axes() -> impl Strategy<Value = Vec<Axis>> {
    let axis = (1..5_usize, any::<bool>(), prop::option::of(prop::sample::select(vec!["meV", "1/cm", "furlong"])));
    prop::collection::vec(axis, 1..4).prop_map(|axes| {
        let axis = |(at, (size, falls, unit)): (usize, (usize, bool, Option<&str>))| {
            let mut grid: Vec<f64> = (0..size).map(|bin| 0.1 + 1.7 * (bin * bin) as f64).collect();
            if falls {
                grid.reverse();
            }
            // Sizes differ, so that the order of the archive is never needed.
            grid.extend((0..at * 5).map(|bin| if falls { -1.0 - bin as f64 } else { 1000.0 + bin as f64 }));
            Axis::new(["q", "energy", "time"][at], unit.map(str::to_owned), grid).unwrap()
        };
        axes.into_iter().enumerate().map(axis).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn samples_come_back_with_their_axes(axes in axes(), rows in 1..24_usize, single in any::<bool>()) {
        let directory = tempfile::tempdir().unwrap();
        let width: usize = axes.iter().map(Axis::size).product();
        let column = |at: usize| {
            let values: Vec<f64> = (0..rows).map(|row| (row * width + at) as f64 * 0.25).collect();
            let values = match single {
                true => Values::Float32(values.iter().map(|value| *value as f32).collect()),
                false => Values::Float64(values),
            };
            Column::new(format!("f{at}"), values)
        };
        let mut columns: Vec<Column> = (0..width).map(column).collect();
        columns.push(Column::new("temperature_K", Values::Float64((0..rows).map(|row| row as f64).collect())));
        let table = Table::new("made", columns).unwrap().with_axes(0..width, axes.clone()).unwrap();
        let path = directory.path().join("a.npz");
        write_table(&table, &Target::from(path.clone()), &WriteOptions::default()).unwrap();
        let options = DatasetOptions { keep: vec!["temperature_K".to_owned()], ..DatasetOptions::default() };
        let expected = Dataset::from_table(&table, &options).unwrap();
        let found = Dataset::from_table(read(&path).unwrap(), &options).unwrap();
        prop_assert_eq!(&found.axes, &axes);
        prop_assert_eq!(&found.values, &expected.values);
        prop_assert_eq!(&found.carried[0].values, &expected.carried[0].values);

        let columns = table.into_columns().into_iter().take(width).collect();
        let table = Table::new("made", columns).unwrap().with_axes(0..width, axes.clone()).unwrap();
        let path = directory.path().join("a.npy");
        write_table(&table, &Target::from(path.clone()), &WriteOptions::default()).unwrap();
        let found = Dataset::from_table(read(&path).unwrap(), &DatasetOptions::default()).unwrap();
        prop_assert_eq!(&found.values, &expected.values);
        let sizes = |axes: &[Axis]| axes.iter().map(Axis::size).collect::<Vec<_>>();
        prop_assert!(axes.len() == 1 || sizes(&found.axes) == sizes(&axes));
    }
}

#[test]
fn an_array_with_axes_has_no_room_for_columns() {
    let directory = tempfile::tempdir().unwrap();
    let columns = ["a", "b", "c", "d", "e"].map(|name| Column::new(name, Values::Float64(vec![1.0])));
    let axes = vec![Axis::counted(1, 2), Axis::counted(2, 2)];
    let table = Table::new("made", columns.to_vec()).unwrap().with_axes(0..4, axes.clone()).unwrap();
    let error = write_table(&table, &Target::from(directory.path().join("a.npy")), &WriteOptions::default());
    assert!(error.unwrap_err().to_string().contains("write .npz"));
    assert!(Table::new("made", columns.to_vec()).unwrap().with_axes(2..6, axes).is_err());
    let taken = vec![Axis::of_array("e", vec![0.0, 1.0, 2.0, 3.0]).unwrap()];
    let table = Table::new("made", columns.to_vec()).unwrap().with_axes(0..4, taken).unwrap();
    let error = write_table(&table, &Target::from(directory.path().join("a.npz")), &WriteOptions::default());
    assert!(error.unwrap_err().to_string().contains("name of the samples or of one of their axes"));
}

#[test]
fn errors_of_samples_go_from_archive_to_archive() {
    let directory = tempfile::tempdir().unwrap();
    let (from, to) = (directory.path().join("a.npz"), directory.path().join("b.npz"));
    let values = counted(2 * 3);
    let arrays = [
        ("errors", npy(&[2, 3], false, &[0.1; 6])),
        ("flux", npy(&[2, 3], false, &values)),
        ("energy_meV", list(&[1.0, 2.0, 4.0])),
        ("id", list(&[7.0, 8.0])),
    ];
    npz(&from, &arrays);
    let read = |path: &Path, errors: bool| {
        let options = BlockOptions { errors, ..BlockOptions::default() };
        let mut reader = BlockReader::open(&[Source::from(path)], &options).unwrap();
        let notes = reader.notes().join(" ");
        (reader.next_block().unwrap().unwrap(), notes)
    };
    // Asked for, they stand behind everything else and nothing is left out.
    let (table, notes) = read(&from, true);
    assert_eq!(notes, "");
    assert_eq!(table.columns().len(), 7);
    assert_eq!(table.gridded().unwrap().errors, Some(4..7));
    let (column, name) = (&table.columns()[4], &table.columns()[table.gridded().unwrap().columns.start].name);
    assert_eq!((column.name.clone(), column.value(1)), (format!("error of {name}"), Some(0.1)));
    let (plain, notes) = read(&from, false);
    assert!(plain.columns().len() == 4 && notes.contains("errors"), "{notes}");

    write_table(&table, &Target::from(to.as_path()), &WriteOptions::default()).unwrap();
    let (again, _) = read(&to, true);
    let (before, after) = (table.gridded().unwrap(), again.gridded().unwrap());
    assert_eq!((&before.axes, before.errors.clone().unwrap().len()), (&after.axes, 3));
    for (before, after) in before.errors.clone().unwrap().zip(after.errors.clone().unwrap()) {
        assert_eq!(table.columns()[before].values, again.columns()[after].values);
    }
    assert_eq!(again.column("id").unwrap().value(1), Some(8.0));
}
