//! `data phonons`: spectra, maps and volumes of made-up crystals.

use lumenfold::data::{ReadOptions, Source, Table, read_table};

use crate::support::Space;

/// Options of pictures that take milliseconds.
const COARSE: [&str; 4] = ["--resolution", "4", "--seed", "3"];

/// `data phonons` of a kind with coarse pictures.
fn arguments<'a>(kind: &'a str, shape: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["data", "phonons", "--kind", kind, "--shape", shape], &COARSE[..], more].concat()
}

/// One array of an archive, as columns.
fn member(space: &Space, archive: &str, name: &str) -> Table {
    let path = format!("{}:{name}", space.path(archive).display());
    read_table(&Source::from(path.as_str()), &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn numbers(space: &Space, archive: &str, name: &str) -> Vec<f64> {
    let table = member(space, archive, name);
    (0..table.rows()).map(|row| table.columns()[0].value(row).unwrap()).collect()
}

/// The shape in the header of an array of an NPY file, and its values.
fn array(bytes: &[u8]) -> (String, Vec<f32>) {
    let header = String::from_utf8_lossy(&bytes[..128]).into_owned();
    assert!(header.contains("'descr': '<f4'"), "{header}");
    let shape = header.split_once("'shape': ").unwrap().1.split_once(", }").unwrap().0.to_owned();
    let values = bytes[128..].chunks_exact(4).map(|value| f32::from_le_bytes(value.try_into().unwrap())).collect();
    (shape, values)
}

#[test]
fn densities_with_their_axis_and_the_parameters_of_the_crystals() {
    let space = Space::new();
    let run = space.done(&arguments("dos", "66", &["-n", "7", "-o", "a.npz", "--json"]));
    assert!(run.stderr.contains("wrote a.npz: 7 crystals (made up, not observed), 66 each"), "{run}");
    let told = run.json();
    assert_eq!((&told["kind"], &told["crystals"], &told["shape"][0]), (&"dos".into(), &7.into(), &66.into()), "{run}");
    let energies = numbers(&space, "a.npz", "energy_meV");
    assert_eq!((energies.len(), energies[0], energies[65]), (66, 0.0, 65.0));
    let densities = member(&space, "a.npz", "intensity");
    assert_eq!((densities.rows(), densities.columns().len()), (7, 66));
    for row in 0..7 {
        let sum: f64 = densities.columns().iter().map(|column| column.value(row).unwrap()).sum();
        let first = densities.columns()[0].value(row).unwrap();
        // Bins of 1 meV, the first of them half as wide.
        assert!((sum - 0.5 * first - 3.0).abs() < 1e-3, "{sum}");
    }
    for (name, low, high) in [
        ("lattice_constant_angstrom", 2.4, 5.2),
        ("mass_u", 20.0, 200.0),
        ("spring1_longitudinal_N_per_m", 5.0, 60.0),
        ("spring1_transverse_N_per_m", -6.0, 18.0),
        ("spring2_longitudinal_N_per_m", -3.0, 60.0),
        ("spring2_transverse_N_per_m", -2.0, 3.0),
        ("cutoff_meV", 15.0, 60.0),
        ("mean_square_displacement_300K_angstrom2", 0.0, 0.05),
    ] {
        let values = numbers(&space, "a.npz", name);
        assert!(values.len() == 7 && values.iter().all(|value| (low..=high).contains(value)), "{name}: {values:?}");
    }
    let lattices = member(&space, "a.npz", "lattice");
    assert!((0..7).all(|row| ["sc", "bcc", "fcc"].contains(&lattices.columns()[0].text(row).as_str())));
    // As it is, the archive can be learnt from.
    space.done(&["inspect", "a.npz:intensity"]);
}

#[test]
fn as_many_crystals_as_points_of_an_axis() {
    let space = Space::new();
    space.done(&arguments("map", "5x5", &["-n", "5", "-o", "a.npz"]));
    for name in ["momentum_transfer_per_angstrom", "energy_meV", "mass_u"] {
        assert_eq!(numbers(&space, "a.npz", name).len(), 5, "{name}");
    }
    assert_eq!(numbers(&space, "a.npz", "energy_meV")[4], 65.0);
}

#[test]
fn maps_and_volumes_have_an_axis_for_each_dimension() {
    let space = Space::new();
    for (kind, shape, expected) in
        [("map", "4x6", "(3, 4, 6)"), ("volume", "4x5x6", "(3, 4, 5, 6)"), ("dos", "9", "(3, 9)")]
    {
        space.done(&arguments(kind, shape, &["-n", "3", "-o", "a.npy"]));
        let (found, values) = array(&space.read("a.npy"));
        assert_eq!(found, expected);
        assert!(
            values.iter().all(|value| value.is_finite() && *value >= 0.0) && values.iter().any(|value| *value > 0.0)
        );
    }
    space.done(&arguments("volume", "4x5x6", &["-n", "2", "-o", "a.npz", "--momentum", "-3..3", "--qz", "-0.5"]));
    assert_eq!(numbers(&space, "a.npz", "qx_per_angstrom"), [-3.0, -1.0, 1.0, 3.0]);
    assert_eq!(numbers(&space, "a.npz", "qy_per_angstrom").len(), 5);
    assert_eq!(numbers(&space, "a.npz", "energy_meV").len(), 6);
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let space = Space::new();
    for (kind, shape) in [("dos", "20"), ("map", "6x10"), ("volume", "6x6x8")] {
        let written = |threads, output, clean| {
            space.done(&arguments(
                kind,
                shape,
                &["-n", "9", "--counts", "15", "--threads", threads, "-o", output, "--clean", clean],
            ));
            (space.read(output), space.read(clean))
        };
        let one = written("1", "one.npz", "clean-one.npz");
        assert!(one == written("2", "two.npz", "clean-two.npz"), "{kind} depends on the threads");
        assert!(one == written("5", "two.npz", "clean-two.npz"), "{kind} depends on the threads");
        assert!(one.0 != one.1);
    }
}

#[test]
fn more_crystals_begin_with_the_same_ones() {
    let space = Space::new();
    let values = |count: &str, seed: &str| {
        let more = ["-n", count, "--counts", "max:50", "-o", "a.npy"];
        let mut arguments = arguments("dos", "20", &more);
        let place = arguments.iter().position(|word| *word == "--seed").unwrap();
        arguments[place + 1] = seed;
        space.done(&arguments);
        array(&space.read("a.npy")).1
    };
    let (few, many) = (values("3", "8"), values("11", "8"));
    assert_eq!(few, many[..60]);
    assert_ne!(few, values("3", "9"));
}

#[test]
fn counts_scatter_about_the_clean_values() {
    let space = Space::new();
    let names = ["-n", "30", "--counts", "100", "-o", "noisy.npy", "--clean", "clean.npy"];
    space.done(&arguments("map", "10x12", &names));
    let (noisy, clean) = (array(&space.read("noisy.npy")).1, array(&space.read("clean.npy")).1);
    assert!(noisy.iter().all(|count| count.fract() == 0.0));
    let size = clean.len() as f64;
    assert!((clean.iter().map(|value| f64::from(*value)).sum::<f64>() / size - 100.0).abs() < 0.01);
    let pulls: f64 = noisy
        .iter()
        .zip(&clean)
        .filter(|(_, clean)| **clean > 5.0)
        .map(|(noisy, clean)| f64::from(noisy - clean).powi(2) / f64::from(*clean))
        .sum::<f64>();
    let count = clean.iter().filter(|clean| **clean > 5.0).count() as f64;
    // The variance of Poisson's distribution is its mean; five standard deviations of their ratio.
    assert!((pulls / count - 1.0).abs() < 5.0 * (2.2 / count).sqrt(), "{pulls} {count}");
    // In an archive stands what makes 1/meV of them.
    space.done(&arguments("map", "10x12", &["-n", "2", "--counts", "100", "-o", "noisy.npz"]));
    space.done(&arguments("map", "10x12", &["-n", "2", "-o", "plain.npy"]));
    let (plain, scale) = (array(&space.read("plain.npy")).1, numbers(&space, "noisy.npz", "counts_per_unit")[1]);
    let ratio = f64::from(clean[150]) / f64::from(plain[150]);
    assert!((ratio / scale - 1.0).abs() < 1e-5, "{ratio} {scale}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let space = Space::new();
    let refuses = |kind: &str, more: &[&str], words: &[&str]| {
        let fixed = ["data", "phonons", "--kind", kind, "-n", "3"];
        let output: &[&str] = if more.contains(&"-o") { &[] } else { &["-o", "a.npz"] };
        space.refuses(&[&fixed[..], more, output].concat(), words);
    };
    refuses("dos", &["--shape", "10x10"], &["--shape", "2 sizes for the 1 axes", "66"]);
    refuses("map", &["--shape", "10"], &["--shape", "1 sizes for the 2 axes", "100x100"]);
    refuses("map", &["--shape", "10x1"], &["--energy", "2 to 16384"]);
    refuses("volume", &["--shape", "9999x9999x9999"], &["--shape", "at most"]);
    refuses("map", &["--shape", "axb"], &["is no shape"]);
    refuses("dos", &["--momentum", "1..2"], &["--momentum: belongs to --kind map and volume"]);
    refuses("map", &["--qz", "1"], &["--qz: belongs to --kind volume"]);
    refuses("dos", &["--temperature", "5"], &["--temperature: belongs to"]);
    refuses("map", &["--momentum", "5..1"], &["is no range"]);
    refuses("map", &["--momentum", "0..5"], &["0.05 to 40/Å"]);
    refuses("map", &["--temperature", "-5"], &["the temperature is -5", "0 to 10000 K"]);
    refuses("dos", &["--energy", "-5..60"], &["0 or more"]);
    refuses("dos", &["--resolution", "0"], &["the resolution", "positive"]);
    refuses("dos", &["--resolution", "nan"], &["the resolution"]);
    refuses("volume", &["--momentum-resolution", "0"], &["the momentum resolution"]);
    refuses("dos", &["--counts", "0"], &["0.001 to 1000000"]);
    refuses("dos", &["--clean", "b.npz"], &["--counts"]);
    refuses("dos", &["--counts", "5", "--clean", "./a.npz"], &["a.npz", "is named with -o and with --clean"]);
    refuses("dos", &["-o", "a.csv"], &["a.csv", ".npz (with their axes) or .npy"]);
    refuses("dos", &["-o", "-"], &["name a file with -o"]);
    refuses("dos", &["-o", "nowhere/a.npz"], &["nowhere"]);
    space.refuses(&["data", "phonons", "--kind", "dos", "-n", "0", "-o", "a.npz"], &["0"]);
    space.refuses(&["data", "photons"], &["photons"]);
}
