//! `fit --for denoising` and `denoise`.

use crate::support::{Cells, Space};

/// Bins of the made spectra.
const BINS: usize = 24;

/// The deviation of their noise.
const NOISE: f64 = 2.0;

/// Numbers from 0 to 1 that look drawn.
fn drawn(seed: usize) -> f64 {
    let mut mixed = (seed as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for factor in [0xBF58_476D_1CE4_E5B9_u64, 0x94D0_49BB_1331_11EB] {
        mixed = (mixed ^ (mixed >> 29)).wrapping_mul(factor);
    }
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// The axis of the spectra.
const AXES: [&str; 2] = ["--axes", "energy[meV]=10:33:24"];

/// A table of spectra, with noise and without: a hump whose place varies on a level, its height 30 or, where `faint`, from
/// nothing to that; and beside it a line that all of them have, where one is asked for.
fn spectra(rows: usize, first: usize, line: f64, faint: bool) -> [String; 2] {
    let header: Vec<String> = (0..BINS).map(|bin| format!("b{bin}")).collect();
    let mut texts = [header.join(",") + "\n", header.join(",") + "\n"];
    for row in first..first + rows {
        let place = 4.0 + 10.0 * drawn(7 * row + 1);
        let height = if faint { 30.0 * drawn(7 * row + 2) } else { 30.0 };
        let mut cells = [Vec::new(), Vec::new()];
        for bin in 0..BINS {
            let hump = height * (-0.5 * ((bin as f64 - place) / 1.5).powi(2)).exp();
            let truth = 20.0 + hump + if bin == 20 { line } else { 0.0 };
            let uniform = |part: usize| drawn(1_000_003 * row + 64 * bin + part + 17);
            let normal = (0..12).map(uniform).sum::<f64>() - 6.0;
            cells[0].push(format!("{:.4}", truth + NOISE * normal));
            cells[1].push(format!("{truth:.4}"));
        }
        texts.iter_mut().zip(cells).for_each(|(text, cells)| *text += &(cells.join(",") + "\n"));
    }
    texts
}

/// Spectra, and a model of two members that removes their noise.
fn with_denoiser(line: f64, faint: bool) -> Space {
    let space = Space::new();
    let [train, _] = spectra(800, 0, line, faint);
    let [test, truth] = spectra(1000, 5000, line, faint);
    space.write("train.csv", train);
    space.write("test.csv", test);
    space.write("truth.csv", truth);
    let fit = [
        "fit",
        "train.csv",
        "--for",
        "denoising",
        "--members",
        "2",
        "--latent",
        "6",
        "--hidden",
        "32",
        "--epochs",
        "60",
    ];
    space.done(&[&fit[..], &AXES, &["--norm", "none", "--batch", "64", "-o", "a.model"]].concat());
    space
}

const DENOISE: [&str; 7] = ["denoise", "a.model", "test.csv", "--noise", "gaussian:2", "-o", "out.csv"];

#[test]
fn the_truth_lies_within_the_uncertainty_as_often_as_is_said() {
    let space = with_denoiser(0.0, false);
    let run = space.done(&[&DENOISE[..], &["--truth", "truth.csv", "--json"]].concat());
    let json = run.json();
    let of = |name: &str| json["truth"][name].as_f64().unwrap_or(f64::NAN);
    assert!(of("gain") > 3.0, "{run}{json}");
    assert!((of("within_68") - 0.683).abs() < 0.05 && (of("within_95") - 0.95).abs() < 0.03, "{run}{json}");
    let out = Cells::of(&space.text("out.csv"));
    assert_eq!(out.rows.len(), 1000);
    assert!(out.names.iter().any(|name| name == "p_value") && out.names.iter().any(|name| name == "refused"));
    // The same bytes on any threads.
    let first = space.text("out.csv");
    space.done(&[&DENOISE[..], &["--threads", "3"]].concat());
    assert!(first == space.text("out.csv"));
    space.done(&[&DENOISE[..], &["--threads", "1", "--memory", "100MB"]].concat());
    assert!(first == space.text("out.csv"));
}

#[test]
fn a_model_that_knows_spectra_without_the_feature_passes_its_check() {
    let space = with_denoiser(0.0, true);
    let run = space.done(&[&DENOISE[..], &["--json"]].concat());
    let json = run.json();
    assert_eq!(json["invented"]["passes"], true, "{run}{json}");
    assert!(!run.stderr.contains("invents structure"), "{run}");
}

#[test]
fn a_model_that_hallucinates_fails_its_check() {
    // Without p-values no row is recognised as strange.
    let space = with_denoiser(100.0, false);
    let fit =
        ["fit", "train.csv", "--latent", "2", "--hidden", "16", "--epochs", "60", "--norm", "none", "-o", "a.model"];
    space.done(&[&fit[..], &AXES].concat());
    let run = space.done(&[&DENOISE[..], &["--json"]].concat());
    let json = run.json();
    assert_eq!(json["invented"]["passes"], false, "{run}{json}");
    assert!(run.stderr.contains("invents structure") && run.stderr.contains("FAILS"), "{run}");
}

#[test]
fn counts_errors_and_archives_are_denoised_alike() {
    let space = with_denoiser(0.0, false);
    let noise = ["--noise", "gaussian:2"];
    // The same noise stated as errors in columns, which come beside the values.
    let mut table = space.text("test.csv").lines().map(str::to_owned).collect::<Vec<_>>();
    let names: Vec<String> = (0..BINS).map(|bin| format!("e{bin}")).collect();
    table[0] += &format!(",{}", names.join(","));
    table[1..].iter_mut().for_each(|line| *line += &",2".repeat(BINS));
    space.write("errors.csv", table.join("\n") + "\n");
    let denoise = |more: &[&str]| space.done(&[&["denoise", "a.model"][..], more].concat());
    denoise(&[&["test.csv", "-o", "a.csv"][..], &noise].concat());
    denoise(&["errors.csv", "--errors", &names.join(","), "-o", "b.csv"]);
    assert!(space.text("a.csv") == space.text("b.csv"));
    // Archives keep the errors where they are looked for, so that the estimates can be read with them.
    for archive in ["a.npz", "a.h5"] {
        denoise(&[&["test.csv", "-o", archive][..], &noise].concat());
        space.done(&["convert", archive, "-o", "back.csv"]);
        let (whole, back) = (Cells::of(&space.text("a.csv")), Cells::of(&space.text("back.csv")));
        assert_eq!(back.rows.len(), 1000, "{archive}");
        let estimates: Vec<f64> = whole.rows[7][..BINS].iter().map(|cell| cell.parse().expect("a number")).collect();
        let found: Vec<f64> = back.rows[7].iter().filter_map(|cell| cell.parse().ok()).collect();
        assert!(estimates.iter().all(|value| found.contains(value)), "{archive}: {estimates:?} {found:?}");
        // Smooth as they are, they pass again, with their own errors.
        let run = denoise(&[archive, "-o", "again.csv"]);
        assert!(run.stderr.contains("noise errors"), "{run}");
    }
    let mut counts = Cells::of(&space.text("test.csv"));
    for cell in counts.rows.iter_mut().flatten() {
        *cell = cell.parse::<f64>().expect("a number").round().to_string();
    }
    space.write("counts.csv", counts.text());
    let run = denoise(&["counts.csv", "--noise", "poisson", "--filters", "-o", "c.csv"]);
    assert!(run.stderr.contains("Savitzky-Golay") && run.stderr.contains("PCA"), "{run}");
    let out = Cells::of(&space.text("c.csv"));
    assert!(out.numbers("b10_uncertainty").iter().all(|value| *value > 0.0), "{:?}", out.names);
}

#[test]
fn rows_unlike_the_training_pass_unchanged_where_it_is_asked_for() {
    let space = with_denoiser(0.0, false);
    let mut table = Cells::of(&space.text("test.csv"));
    for cell in &mut table.rows[3][15..20] {
        *cell = "250.125".to_owned();
    }
    space.write("test.csv", table.text());
    let run = space.done(&DENOISE);
    assert!(run.warnings().iter().any(|line| line.contains("unlike") && line.contains('4')), "{run}");
    let run = space.done(&[&DENOISE[..], &["--refuse-outliers", "0.02"]].concat());
    assert!(run.stderr.contains("passed through unchanged"), "{run}");
    let out = Cells::of(&space.text("out.csv"));
    assert_eq!(out.column("refused")[3], "true");
    for (name, cell) in table.names.iter().zip(&table.rows[3]) {
        assert_eq!(out.numbers(name)[3], cell.parse::<f64>().expect("a number"), "{name}");
    }
}

#[test]
fn what_cannot_be_denoised_is_refused_with_what_to_do() {
    let space = with_denoiser(0.0, false);
    let with = |more: &[&'static str]| [&["denoise", "a.model", "test.csv", "-o", "out.csv"][..], more].concat();
    space.refuses(&with(&[]), &["--errors", "--noise poisson", "gaussian:DEVIATION"]);
    space.refuses(&with(&["--noise", "errors"]), &["no errors", "--errors"]);
    space.refuses(&with(&["--noise", "poisson"]), &["test.csv: row 1", "no count"]);
    space.refuses(&with(&["--noise", "gaussian:0"]), &["--noise"]);
    space.refuses(&with(&["--noise", "gaussian:2", "--refuse-outliers", "1e-4"]), &["--refuse-outliers", "9999 rows"]);
    space.refuses(&with(&["--noise", "gaussian:2", "--missing", "mask"]), &["--missing mask"]);
    space.write("other.csv", "a,b\n1,2\n");
    space.refuses(&["denoise", "a.model", "other.csv", "--noise", "gaussian:2", "-o", "o.csv"], &["other.csv"]);
    space.refuses(&["denoise", "a.model", "test.csv", "--noise", "gaussian:2", "--json", "-o", "-"], &["--json"]);
    space.refuses(&with(&["--noise", "gaussian:2", "--truth", "train.csv"]), &["train.csv: has 800 rows", "more"]);
    let longer = ["denoise", "a.model", "train.csv", "--noise", "gaussian:2", "--truth", "truth.csv", "-o", "out.csv"];
    space.refuses(&longer, &["truth.csv: has 1000 rows", "train.csv has 800"]);
    space.refuses(&["denoise", "a.model", "test.csv", "--noise", "gaussian:2", "-o", "o.npy"], &["o.npy", ".npz"]);
    space.fit("train.csv", "plain.model", &[]);
    let plain =
        ["denoise", "plain.model", "test.csv", "--noise", "gaussian:2", "--refuse-outliers", "0.1", "-o", "o.csv"];
    space.refuses(&plain, &["plain.model", "--for denoising"]);
    space.done(&["fit", "train.csv", "--for", "anomalies", "--members", "1", "--epochs", "2", "-o", "odd.model"]);
    space.refuses(
        &["denoise", "odd.model", "test.csv", "--noise", "gaussian:2", "-o", "o.csv"],
        &["judge anomalies", "lumenfold score"],
    );
    for (more, words) in [
        (&["--resume"][..], &["--resume"][..]),
        (&["--trim", "0.1"], &["--trim"]),
        (&["--validation", "0"], &["--validation", "calibrate"]),
        (&["--members", "0"], &["--members"]),
    ] {
        space.refuses(&[&["fit", "train.csv", "--for", "denoising", "-o", "new.model"][..], more].concat(), words);
    }
}
