//! Patch models: few and large images from file to model to output.

use lumenfold::Model;
use lumenfold::data::{ArrayValues, ArrayWriter, ImageOptions, Images, ReadOptions, Source, read_table};

use crate::support::Space;

/// Wavy values, the same part by part only roughly, never below two.
fn value(index: usize, absent: bool) -> f64 {
    let (line, bin) = ((index / 60) as f64, (index % 60) as f64);
    let gone = absent && index % 60 < 20 && index / 60 < 20;
    if gone { f64::NAN } else { 6.0 + 3.0 * (0.31 * line).sin() * (0.23 * bin).cos() + 0.001 * (index % 97) as f64 }
}

/// Writes an array of this shape, with grids for the last axes of 40 and 60 bins where it is an archive.
fn write(space: &Space, name: &str, shape: &[usize], absent: bool) {
    let values: Vec<f64> = (0..shape.iter().product()).map(|index| value(index, absent)).collect();
    let mut writer = ArrayWriter::create(&space.path(name)).unwrap();
    writer.array("counts", shape, ArrayValues::Float64(&values)).unwrap();
    if name.ends_with(".npz") {
        let angle: Vec<f64> = (0..40).map(|line| 5.0 + 0.5 * f64::from(line)).collect();
        let time: Vec<f64> = (0..60).map(|bin| 1000.0 + 4.0 * f64::from(bin)).collect();
        writer.array("angle_deg", &[40], ArrayValues::Float64(&angle)).unwrap();
        writer.array("time_us", &[60], ArrayValues::Float64(&time)).unwrap();
    }
    writer.finish().unwrap();
}

fn space() -> Space {
    let space = Space::new();
    write(&space, "map.npz", &[40, 60], false);
    write(&space, "map.npy", &[40, 60], false);
    space
}

const PATCH: [&str; 6] = ["--patch", "8x10", "--patches", "200", "--latent", "3"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    PATCH.iter().chain(more).copied().collect()
}

fn images(space: &Space, name: &str, dimensions: usize) -> (Images, Vec<f64>) {
    let images = Images::open(&Source::from(space.path(name)), dimensions, &ImageOptions::default()).unwrap();
    let mut values = Vec::new();
    images.read(0..images.values() * images.count() as u64, &mut values).unwrap();
    (images, values)
}

#[test]
fn a_map_is_learnt_in_patches_and_comes_back_whole_with_its_axes() {
    let space = space();
    let run = space.fit("map.npz", "map.model", &with(&["--epochs", "60"]));
    let words =
        "Rows are patches of one image of 40 × 60, drawn anew in every epoch; held out: 6 of 30 blocks of about 8 × 10";
    for words in [words, "next: lumenfold reconstruct map.model map.npz"] {
        assert!(run.stderr.contains(words), "{run}");
    }
    let model = Model::load(&space.path("map.model")).unwrap();
    assert_eq!(model.shape(), [8, 10]);
    let axes: Vec<String> = model.axes().iter().map(ToString::to_string).collect();
    assert_eq!(axes, ["angle: 8 bins, 0 to 3.5 deg", "time: 10 bins, 0 to 36 us"]);
    let patches = model.record.patches.as_ref().unwrap();
    assert_eq!((patches.images, patches.blocks, patches.held_out_blocks), (1, 30, 6));
    assert_eq!(model.record.settings.scaling, "common");
    assert!(space.done(&["inspect", "map.model"]).text().contains(words));

    space.done(&["reconstruct", "map.model", "map.npz", "-o", "out.npz"]);
    let ((before, original), (after, found)) = (images(&space, "map.npz", 2), images(&space, "out.npz", 2));
    assert_eq!(before.axes(), after.axes());
    assert!(!after.has_dimension_of_images());
    let error = |offset: usize| {
        let pairs = original[offset..].iter().zip(&found);
        pairs.map(|(original, found)| (original - found).powi(2)).sum::<f64>() / found.len() as f64
    };
    // In its place, and near what came in: the variance of the map is 2.2.
    assert!(error(0) < 0.5 && error(0) < 0.5 * error(5), "{} {}", error(0), error(5));

    // What the file holds beside the values, threads, processor and format of the input change no byte.
    for (arguments, variables) in [
        (vec!["map.npz", "--threads", "3"], vec![]),
        (vec!["map.npz", "--memory", "1MB"], vec![("LUMENFOLD_SIMD", "portable")]),
        (vec!["map.npz:counts"], vec![]),
    ] {
        let arguments = [vec!["reconstruct", "map.model"], arguments, vec!["-o", "again.npz"]].concat();
        space.run_with(&arguments, &variables).succeeded();
        assert!(space.read("again.npz") == space.read("out.npz"), "{arguments:?}");
    }
    space.done(&["reconstruct", "map.model", "map.npy", "-o", "out.npy"]);
    assert_eq!(images(&space, "out.npy", 2).1, found);
}

#[test]
fn the_model_does_not_depend_on_threads_or_memory() {
    let space = space();
    space.fit("map.npz", "one.model", &with(&["--threads", "1"]));
    space.fit("map.npz", "three.model", &with(&["--threads", "3", "--memory", "400MB"]));
    assert!(space.read("one.model") == space.read("three.model"));
    space.fit("map.npz", "seeded.model", &with(&["--seed", "1"]));
    assert!(space.read("one.model") != space.read("seeded.model"));
    let config = "patch = \"8x10\"\npatches = 200\nlatent = 3\n";
    space.write("fit.toml", config);
    space.fit("map.npz", "config.model", &["--config", "fit.toml"]);
    assert!(space.read("one.model") == space.read("config.model"));
}

#[test]
fn spectra_maps_and_volumes_are_images() {
    let space = Space::new();
    let mut text = (1..=120).map(|bin| format!("s{bin}")).collect::<Vec<_>>().join(",") + "\n";
    for row in 0..20 {
        text += &(0..120).map(|bin| value(row * 120 + bin, false).to_string()).collect::<Vec<_>>().join(",");
        text += "\n";
    }
    space.write("spectra.csv", text);
    write(&space, "spectra.npy", &[20, 120], false);
    write(&space, "volume.npy", &[12, 13, 14], false);
    write(&space, "maps.npy", &[3, 20, 30], false);
    let row = ["--patches", "60", "--latent", "2"];
    for (data, patch, counts) in [
        ("spectra.npy", "16", "4 of 20 images"),
        ("spectra.csv", "16", "4 of 20 images"),
        ("volume.npy", "4x4x4", "5 of 27 blocks of about 4 × 4 × 4"),
        ("maps.npy", "5x6", "2 of 12 blocks of about 10 × 15"),
    ] {
        let run = space.fit(data, "a.model", &[&["--patch", patch], &row[..]].concat());
        assert!(run.stderr.contains(counts), "{run}");
        space.done(&["reconstruct", "a.model", data, "-o", "out.npz"]);
        let dimensions = patch.split('x').count();
        let ((before, values), (after, found)) =
            (images(&space, data, dimensions), images(&space, "out.npz", dimensions));
        assert_eq!((before.count(), before.sizes(), values.len()), (after.count(), after.sizes(), found.len()));
        assert!(found.iter().all(|value| value.is_finite()));
    }
    // Rows of a table and of an array are the same images.
    let reconstruct = |data: &str, output: &str| {
        space.fit(data, "s.model", &[&["--patch", "16"], &row[..]].concat());
        space.done(&["reconstruct", "s.model", data, "-o", output]);
        space.read(output)
    };
    assert!(reconstruct("spectra.npy", "a.npy") == reconstruct("spectra.csv", "b.npy"));
}

#[test]
fn codes_of_windows_are_a_table() {
    let space = space();
    space.fit("map.npz", "map.model", &PATCH);
    space.done(&["encode", "map.model", "map.npz", "--overlap", "0", "-o", "codes.csv"]);
    let table = read_table(&Source::from(space.path("codes.csv")), &ReadOptions::default()).unwrap();
    assert_eq!(table.names(), ["angle", "time", "z1", "z2", "z3"]);
    assert_eq!(table.rows(), 5 * 6);
    assert_eq!(table.column("angle").unwrap().value(6), Some(5.0 + 0.5 * 11.5));
    assert_eq!(table.column("time").unwrap().value(1), Some(1000.0 + 4.0 * 14.5));
}

#[test]
fn absent_values_are_masked_and_filled_in() {
    let space = Space::new();
    write(&space, "gaps.npz", &[40, 60], true);
    let gaps = ["gaps.npz", "-o", "out.npz"];
    let fit: Vec<&str> = ["fit", "gaps.npz", "-o", "gaps.model"].into_iter().chain(PATCH).collect();
    space.refuses(
        &fit,
        &["400 of 2400 values are absent (NaN), the first bin 1 of angle, bin 1 of time", "--missing mask"],
    );
    space.refuses(&[&fit[..], &["--missing", "skip"]].concat(), &["--missing skip", "images are not rows"]);
    space.fit("gaps.npz", "gaps.model", &with(&["--missing", "mask"]));
    space.refuses(&[&["reconstruct", "gaps.model"], &gaps[..]].concat(), &["bin 1 of angle, bin 1 of time is absent"]);
    let run = space.done(&[&["reconstruct", "gaps.model"], &gaps[..], &["--missing", "mask", "--impute"]].concat());
    let ((_, before), (_, after)) = (images(&space, "gaps.npz", 2), images(&space, "out.npz", 2));
    let known = before.iter().zip(&after).filter(|(before, _)| !before.is_nan());
    assert!(known.clone().count() == 2000 && known.clone().all(|(before, after)| (*before as f32) == (*after as f32)));
    // Windows that touch the known values fill in what lies in them; deep in the hole there is nothing to go by.
    let (filled, left): (Vec<_>, Vec<_>) =
        before.iter().zip(&after).filter(|(before, _)| before.is_nan()).partition(|(_, after)| !after.is_nan());
    assert_eq!((filled.len() + left.len(), left.len()), (400, 16 * 15));
    assert!(run.warnings()[0].contains("240 values lie where no window has any value"), "{run}");
}

#[test]
fn errors_weigh_the_values_of_patches() {
    let space = space();
    let errors: Vec<f64> = (0..2400).map(|index| 0.05 + 0.001 * (index % 60) as f64).collect();
    let write = |name: &str, shape: &[usize], errors: &[f64]| {
        let mut writer = ArrayWriter::create(&space.path(name)).unwrap();
        writer.array("sigma", shape, ArrayValues::Float64(errors)).unwrap();
        writer.finish().unwrap();
    };
    write("errors.npy", &[40, 60], &errors);
    write("other.npy", &[60, 40], &errors);
    write("none.npy", &[40, 60], &[vec![0.0], errors[1..].to_vec()].concat());
    let run = space.fit("map.npz", "map.model", &with(&["--errors", "errors.npy"]));
    assert!(run.stderr.contains("reduced chi-square"), "{run}");
    let fit: Vec<&str> = ["fit", "map.npz", "-o", "no.model"].into_iter().chain(PATCH).collect();
    space.refuses(&[&fit[..], &["--errors", "other.npy"]].concat(), &["1 of 40 × 60", "other.npy", "1 of 60 × 40"]);
    space
        .refuses(&[&fit[..], &["--errors", "none.npy"]].concat(), &["none.npy", "bin 1 of axis1, bin 1 of axis2 is 0"]);
}

#[test]
fn what_cannot_be_cut_is_refused() {
    let space = space();
    space.fit("map.npz", "map.model", &PATCH);
    space.write("plain.csv", "a,b\n1,2\n2,4\n3,7\n4,1\n5,9\n6,6\n");
    space.fit("plain.csv", "plain.model", &["--latent", "1", "--batch", "2"]);
    write(&space, "small.npy", &[7, 60], false);
    write(&space, "line.npy", &[60], false);
    let fit = ["fit", "map.npz", "-o", "no.model"];
    for (more, words) in [
        (&["--patch", "41x10"][..], &["axis angle has 40 bins", "41"][..]),
        (&["--patch", "30x50"], &["no room", "--validation 0"]),
        (&["--patch", "8"], &["could be"]),
        (&["--patch", "8x8x8"], &["holds no array of 3 or 4 dimensions", "counts (40 × 60)"]),
        (&["--patch", "8xa"], &["--patch", "8xa"]),
        (&["--patch", "8x10", "--patches", "1"], &["--patches"]),
        (&["--patches", "100"], &["--patch"]),
        (&["--patch", "8x10", "--columns", "a"], &["--columns"]),
        (&["--patch", "8x10", "--shape", "60x40"], &["40 × 60", "--shape"]),
        (&["--patch", "8x10", "--axes", "angle_deg"], &["--axes names 1"]),
        (&["map.npy", "--patch", "8x10"], &["one file"]),
    ] {
        if more == ["--patch", "8"] {
            // A map is forty spectra, too.
            space.done(&[&fit[..2], &["-o", "lines.model", "--epochs", "1"], more].concat());
            continue;
        }
        space.refuses(&[&fit[..], more].concat(), words);
    }
    for (arguments, words) in [
        (&["map.model", "small.npy", "-o", "a.npy"][..], &["axis axis1 has 7 bins, fewer than the 8"][..]),
        (&["map.model", "line.npy", "-o", "a.npy"], &["1 dimensions (60)"]),
        (&["map.model", "map.npz", "-o", "a.csv"], &["a.csv", ".npz"]),
        (&["map.model", "map.npz", "-o", "-"], &["stdout", ".npz"]),
        (&["map.model", "map.npz", "-o", "a.npz", "--overlap", "8x2"], &["--overlap", "8x10"]),
        (&["map.model", "map.npz", "-o", "a.npz", "--overlap", "x"], &["--overlap"]),
        (&["map.model", "map.npz", "-o", "a.npz", "--keep", "b"], &["--keep"]),
        (&["map.model", "map.npz", "map.npy", "-o", "a.npz"], &["one file"]),
        (&["plain.model", "plain.csv", "-o", "a.npz", "--overlap", "1"], &["--overlap"]),
    ] {
        space.refuses(&[&["reconstruct"], arguments].concat(), words);
    }
}

#[test]
fn data_on_other_steps_are_told() {
    let space = space();
    space.fit("map.npz", "map.model", &PATCH);
    let values: Vec<f64> = (0..2400).map(|index| value(index, false)).collect();
    let grid: Vec<f64> = (0..60).map(|bin| f64::from(bin) * 8.0).collect();
    let mut writer = ArrayWriter::create(&space.path("wide.npz")).unwrap();
    writer.array("counts", &[40, 60], ArrayValues::Float64(&values)).unwrap();
    writer.array("time_us", &[60], ArrayValues::Float64(&grid)).unwrap();
    writer.finish().unwrap();
    let run = space.done(&["reconstruct", "map.model", "wide.npz", "-o", "out.npz"]);
    assert_eq!(run.warnings().len(), 1, "{run}");
    assert!(run.warnings()[0].contains("bins of time are 8 us apart, those that the model learnt from 4 us"), "{run}");
}

#[test]
fn counts_are_denoised_without_clean_targets() {
    let space = Space::new();
    // From -2 to 2, in no order that neighbours would tell.
    let noise = |index: usize| {
        let mut mixed = (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % 5) as f64 - 2.0
    };
    let counts: Vec<f64> = (0..2400).map(|index| (value(index, false) + noise(index)).round()).collect();
    let mut writer = ArrayWriter::create(&space.path("counts.npy")).unwrap();
    writer.array("counts", &[40, 60], ArrayValues::Float64(&counts)).unwrap();
    writer.finish().unwrap();
    let fit =
        "fit counts.npy -o blind.model --patch 6x6 --latent 6 --hidden 64 --norm none --epochs 80 --kind denoising";
    let more = ["--blind-spots", "0.2", "--scale", "anscombe", "--learning-rate", "0.003"];
    space.done(&fit.split(' ').chain(more).collect::<Vec<_>>());
    space.done(&["reconstruct", "blind.model", "counts.npy", "-o", "clean.npy"]);
    let (_, clean) = images(&space, "clean.npy", 2);
    let error = |found: &[f64]| {
        found.iter().enumerate().map(|(index, found)| (found - value(index, false)).powi(2)).sum::<f64>() / 2400.0
    };
    // The noise has a variance of two.
    assert!(error(&clean) < 0.5 * error(&counts), "{} {}", error(&clean), error(&counts));
    assert!(space.done(&["inspect", "blind.model"]).text().contains("2 √(x + 3/8)"));
}
