//! Samples with axes: spectra and maps from file to model to output, and data on other grids.

use std::path::Path;

use lumenfold::data::{
    Axis, Column, Dataset, DatasetOptions, ReadOptions, Source, Table, Target, Values, WriteOptions, read_table,
    write_table,
};

use crate::support::{Cells, Space};

const ROWS: usize = 60;

fn energies(bins: usize, first: f64, step: f64) -> Axis {
    Axis::of_array("energy_meV", (0..bins).map(|bin| first + step * bin as f64).collect()).unwrap()
}

/// Straight lines over an axis, which linear interpolation does not change: the row says how high and how steep.
fn lines(axis: &Axis) -> Vec<f64> {
    (0..ROWS)
        .flat_map(|row| {
            let (height, slope) = ((row * 7 % 13) as f64, (row * 5 % 11) as f64 / 10.0 - 0.5);
            axis.grid.iter().map(move |centre| height + slope * centre)
        })
        .collect()
}

/// Writes samples with axes, with a temperature for each.
fn write(path: &Path, axes: &[Axis], values: &[f64]) {
    let width: usize = axes.iter().map(Axis::size).product();
    let rows = values.len() / width;
    let column = |at: usize| values.iter().skip(at).step_by(width).copied().collect();
    let mut columns: Vec<Column> =
        (0..width).map(|at| Column::new(format!("f{at}"), Values::Float64(column(at)))).collect();
    if path.extension().is_some_and(|ending| ending == "npz") {
        columns.push(Column::new("temperature", Values::Float64((0..rows).map(|row| 300.0 - row as f64).collect())));
    }
    let table = Table::new("made", columns).unwrap().with_axes(0..width, axes.to_vec()).unwrap();
    write_table(&table, &Target::from(path.to_path_buf()), &WriteOptions::default()).unwrap();
}

/// A space with `lines.npz` on twelve bins, and a model of it.
fn space() -> Space {
    let space = Space::new();
    let axis = energies(12, 1.0, 0.5);
    write(&space.path("lines.npz"), std::slice::from_ref(&axis), &lines(&axis));
    fit(&space, "lines.npz", "lines.model", &[]);
    space
}

fn fit(space: &Space, data: &str, model: &str, more: &[&str]) -> String {
    space.fit(data, model, more).stderr
}

fn read(space: &Space, name: &str) -> Dataset {
    let table = read_table(&Source::from(space.path(name)), &ReadOptions::default()).unwrap();
    Dataset::from_table(table, &DatasetOptions::default()).unwrap()
}

#[test]
fn axes_go_from_file_to_model_to_output() {
    let space = space();
    let shown = space.done(&["inspect", "lines.model"]).text();
    assert!(shown.contains("axes (12 values)\n  energy: 12 bins, 1 to 6.5 meV"), "{shown}");
    assert!(shown.contains("common scaling"), "{shown}");
    let shown = space.done(&["inspect", "lines.npz"]).text();
    assert!(shown.contains("energy: 12 bins, 1 to 6.5 meV") && shown.contains("data (12 values)"), "{shown}");

    space.done(&["reconstruct", "lines.model", "lines.npz", "--keep", "temperature", "-o", "out.npz"]);
    let (out, own) = (read(&space, "out.npz"), read(&space, "lines.npz"));
    assert_eq!((&out.axes, out.rows), (&own.axes, ROWS));
    let table = read_table(&Source::from(space.path("out.npz")), &ReadOptions::default()).unwrap();
    assert_eq!(table.column("temperature").unwrap().value(59), Some(241.0));
    // The output is data for the same model, and so is a table named by the grid.
    space.done(&["encode", "lines.model", "out.npz", "-o", "z1.csv"]);
    space.done(&["reconstruct", "lines.model", "lines.npz", "-o", "out.csv"]);
    assert!(space.text("out.csv").starts_with("\"1\",\"1.5\",\"2\","), "{}", &space.text("out.csv")[..40]);
    space.done(&["encode", "lines.model", "out.csv", "-o", "z2.csv"]);
    let [one, two] = ["z1.csv", "z2.csv"].map(|name| Cells::of(&space.text(name)).matrix(&["z1", "z2"]));
    for (one, two) in one.iter().flatten().zip(two.iter().flatten()) {
        assert!((one - two).abs() < 1e-5, "{one} {two}");
    }
    space.done(&["encode", "lines.model", "lines.npz", "-o", "z.npz"]);
    space.done(&["decode", "lines.model", "z.npz", "-o", "decoded.npz"]);
    assert_eq!(read(&space, "decoded.npz").values, out.values);
    space.done(&["explain", "lines.model", "lines.npz"]);
    space.done(&["probe", "lines.model", "lines.npz", "--target", "temperature"]);
    space.done(&["report", "lines.model", "lines.npz", "-o", "report.html"]);
}

#[test]
fn maps_and_volumes_keep_their_shape() {
    let space = Space::new();
    let axes =
        [Axis::of_array("q_per_angstrom", vec![0.5, 1.0, 2.0]).unwrap(), energies(4, 0.0, 1.0), Axis::counted(3, 2)];
    for count in 2..=3 {
        let axes = &axes[..count];
        let width: usize = axes.iter().map(Axis::size).product();
        let values: Vec<f64> = (0..ROWS * width).map(|at| ((at * 7919) % 101) as f64 / 10.0).collect();
        write(&space.path("maps.npz"), axes, &values);
        let said = fit(&space, "maps.npz", "maps.model", &[]);
        assert!(said.contains("q: 3 bins, 0.5 to 2 1/angstrom") && said.contains("  rms q "), "{said}");
        space.done(&["reconstruct", "maps.model", "maps.npz", "-o", "out.npz"]);
        assert_eq!(read(&space, "out.npz").axes, axes);
        space.done(&["reconstruct", "maps.model", "maps.npz", "-o", "out.npy"]);
        let sizes = |axes: &[Axis]| axes.iter().map(Axis::size).collect::<Vec<_>>();
        assert_eq!(sizes(&read(&space, "out.npy").axes), sizes(axes));
        space.done(&["encode", "maps.model", "maps.npz", "-o", "z.csv"]);
        // An array that says nothing of its grids is taken, with a word about it; so is a flat one.
        let said = space.done(&["encode", "maps.model", "out.npy", "-o", "z.csv"]).stderr;
        assert!(said.contains("says nothing of its axes"), "{said}");
    }
    let picture = space.done(&["fit", "maps.npz", "--axes", "none", "-o", "plain.model", "--epochs", "2"]).stderr;
    assert!(picture.contains("24 features") || picture.contains("25 features"), "{picture}");
}

#[test]
fn a_model_with_two_axes_draws_pictures() {
    let space = Space::new();
    let axes = [Axis::counted(1, 3), Axis::counted(2, 4)];
    let values: Vec<f64> = (0..ROWS * 12).map(|at| ((at * 7919) % 101) as f64 / 10.0).collect();
    write(&space.path("images.npy"), &axes, &values);
    fit(&space, "images.npy", "images.model", &[]);
    space.done(&["traverse", "images.model", "images.npy", "-o", "one.svg"]);
    space.done(&["traverse", "images.model", "images.npy", "-o", "two.svg", "--image", "3x4"]);
    assert_eq!(space.text("one.svg"), space.text("two.svg"));
}

#[test]
fn data_on_another_grid_are_refused_or_resampled() {
    let space = space();
    // Half a bin off, within the range; descending; finer.
    for (name, axis) in [
        ("off.npz", energies(15, 0.75, 0.5)),
        ("fine.npz", energies(59, 0.9, 0.1)),
        ("turned.npz", energies(12, 6.5, -0.5)),
    ] {
        write(&space.path(name), std::slice::from_ref(&axis), &lines(&axis));
        let (range, size) = (format!("{} to", axis.grid[0]), format!("{} bins", axis.size()));
        let words = ["energy", "1 to 6.5 meV", &range, &size, "--resample"];
        space.refuses(&["encode", "lines.model", name, "-o", "z.csv"], &words);
        let said = space.done(&["reconstruct", "lines.model", name, "--resample", "-o", "again.npz"]).stderr;
        assert!(said.contains("interpolated"), "{said}");
        space.done(&["reconstruct", "lines.model", "lines.npz", "-o", "own.npz"]);
        let (found, own) = (read(&space, "again.npz"), read(&space, "own.npz"));
        assert_eq!(found.axes, own.axes);
        // Straight lines are the same lines on any grid, but for rounding on the way.
        for (found, own) in found.values.iter().zip(&own.values) {
            assert!((found - own).abs() < 1e-4, "{name}: {found} {own}");
        }
    }
    space.done(&["probe", "lines.model", "off.npz", "--resample", "--target", "temperature"]);
    space.done(&["traverse", "lines.model", "off.npz", "--resample", "-o", "axes.csv"]);
    // A table named by another grid.
    space.write("off.csv", "\"0.75\",\"3.25\",\"6.75\"\n1,2,3\n4,5,7\n2,2,2\n");
    space.refuses(&["encode", "lines.model", "off.csv", "-o", "z.csv"], &["0.75 to 6.75", "--resample"]);
    space.done(&["encode", "lines.model", "off.csv", "--resample", "-o", "z.csv"]);
    // Another unit, another number of axes, and what cannot be told.
    let other = Axis::of_array("energy_cm1", energies(12, 1.0, 0.5).grid).unwrap();
    write(&space.path("cm.npz"), std::slice::from_ref(&other), &lines(&other));
    space.refuses(&["encode", "lines.model", "cm.npz", "-o", "z.csv"], &["convert 1/cm to meV"]);
    write(&space.path("map.npy"), &[Axis::counted(1, 3), Axis::counted(2, 4)], &[0.5; 36]);
    space.refuses(&["encode", "lines.model", "map.npy", "-o", "z.csv"], &["2 axes"]);
    write(&space.path("short.npy"), &[Axis::counted(1, 11)], &[0.5; 33]);
    space.refuses(&["encode", "lines.model", "short.npy", "--resample", "-o", "z.csv"], &["11 values", "12"]);
}

#[test]
fn bins_outside_the_data_are_absent() {
    let space = space();
    let short = energies(10, 1.0, 0.5);
    write(&space.path("short.npz"), std::slice::from_ref(&short), &lines(&short));
    let encode = |model: &str, more: &[&str]| {
        [&["encode", model, "short.npz", "--resample", "-o", "z.csv"][..], more]
            .concat()
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let refused = |arguments: Vec<String>, words: &[&str]| {
        space.refuses(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), words);
    };
    refused(encode("lines.model", &["--missing", "mask"]), &["2 of the 12 bins of energy", "never seen absent values"]);
    // A model that has seen absent values takes them.
    let axis = energies(12, 1.0, 0.5);
    let mut values = lines(&axis);
    values.iter_mut().step_by(17).for_each(|value| *value = f64::NAN);
    write(&space.path("gaps.npz"), std::slice::from_ref(&axis), &values);
    fit(&space, "gaps.npz", "gaps.model", &["--missing", "mask"]);
    refused(encode("gaps.model", &[]), &["2 of the 12 bins of energy", "--missing mask"]);
    let arguments = encode("gaps.model", &["--missing", "mask"]);
    space.done(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(space.text("z.csv").lines().count(), ROWS + 1);
}

#[test]
fn axes_are_chosen_by_name_or_written_out() {
    let space = Space::new();
    let axis = energies(12, 1.0, 0.5);
    write(&space.path("flat.npy"), &[Axis::counted(1, 12)], &lines(&axis));
    let said = fit(&space, "flat.npy", "a.model", &["--axes", "energy[meV]=1:6.5:12"]);
    assert!(said.contains("energy: 12 bins, 1 to 6.5 meV"), "{said}");
    write(&space.path("lines.npz"), std::slice::from_ref(&axis), &lines(&axis));
    space.done(&["encode", "a.model", "lines.npz", "-o", "z.csv"]);
    let said = fit(&space, "flat.npy", "b.model", &["--shape", "3x4", "--axes", "y,x"]);
    assert!(said.contains("y: 3 bins, 0 to 2; x: 4 bins, 0 to 3"), "{said}");
    let said = fit(&space, "flat.npy", "c.model", &[]);
    assert!(said.contains("standard scaling"), "{said}");
    let refused = |more: &[&str], words: &[&str]| {
        space.refuses(&[&["fit", "flat.npy", "-o", "d.model"][..], more].concat(), words);
    };
    refused(&["--shape", "3x5"], &["15 values", "12 features"]);
    refused(&["--shape", "3xx"], &["--shape", "28x28"]);
    refused(&["--shape", "4294967296x4294967296"], &["--shape"]);
    refused(&["--axes", "y,x"], &["--shape"]);
    refused(&["--axes", "y=1:2"], &["--axes", "first bin"]);
    refused(&["--axes", "none", "--shape", "3x4"], &["contradict"]);
    space.refuses(&["fit", "lines.npz", "-o", "d.model", "--axes", "energi_meV"], &["did you mean energy_meV?"]);
    space.write("fit.toml", "shape = \"4x3\"\naxes = \"y,x\"\nhidden = [4]\nepochs = 2\n");
    let said = space.done(&["fit", "flat.npy", "--config", "fit.toml", "-o", "e.model"]).stderr;
    assert!(said.contains("y: 4 bins"), "{said}");
}

#[test]
fn constant_bins_are_no_trouble_and_errors_are_read_from_the_same_archive() {
    let space = Space::new();
    let axis = energies(6, 0.0, 1.0);
    let values: Vec<f64> = (0..ROWS * 6).map(|at| if at % 6 == 0 { 0.0 } else { ((at * 31) % 17) as f64 }).collect();
    write(&space.path("rim.npz"), std::slice::from_ref(&axis), &values);
    fit(&space, "rim.npz", "rim.model", &[]);
    space.refuses(&["fit", "rim.npz", "--scale", "standard", "-o", "r.model"], &["constant"]);
    let errors: Vec<f64> = values.iter().map(|value| 0.1 + 0.01 * value).collect();
    write(&space.path("errors.npz"), std::slice::from_ref(&axis), &errors);
    let said = fit(&space, "rim.npz", "weighted.model", &["--errors", "errors.npz:data"]);
    assert!(said.contains("chi-square"), "{said}");
}

#[test]
fn a_model_of_many_values_has_a_short_header() {
    let space = Space::new();
    let axes = [Axis::counted(1, 40), energies(50, 0.0, 0.25)];
    let values: Vec<f64> = (0..12 * 2000).map(|at| ((at * 7919) % 101) as f64 / 10.0).collect();
    write(&space.path("maps.npz"), &axes, &values);
    for scale in ["common", "standard", "asinh"] {
        fit(&space, "maps.npz", "maps.model", &["--scale", scale, "--batch", "4"]);
        let bytes = space.read("maps.model");
        let header = u64::from_le_bytes(bytes[..8].try_into().unwrap());
        assert!(header < 20_000, "{scale}: a header of {header} bytes");
        // It opens, gives the same results, and the same bytes a second time.
        space.done(&["reconstruct", "maps.model", "maps.npz", "-o", "out.npz"]);
        fit(&space, "maps.npz", "again.model", &["--scale", scale, "--batch", "4"]);
        assert_eq!(bytes, space.read("again.model"));
    }
    // Lists that are damaged are an error message.
    let bytes = space.read("maps.model");
    let text = String::from_utf8_lossy(&bytes[8..20_000]).into_owned();
    for (from, to) in [
        ("\\\"count\\\":2000", "\\\"count\\\":2001"),
        ("{\\\"tensor\\\":\\\"loss.scaled_mean\\\"}", "{\\\"tensor\\\":\\\"loss.scaled_meen\\\"}"),
        ("\\\"axis1\\\"", "\\\"     \\\""),
    ] {
        assert!(text.contains(from), "{from}");
        let mut damaged = bytes.clone();
        let at = text.find(from).unwrap();
        // Only bytes of ASCII come before, so that places are the same.
        let at = 8 + text[..at].len();
        damaged[at..at + to.len()].copy_from_slice(to.as_bytes());
        space.write("damaged.model", damaged);
        space.refuses(&["inspect", "damaged.model"], &["damaged"]);
    }
}
