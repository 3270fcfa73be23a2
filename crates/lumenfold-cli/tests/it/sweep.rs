//! `sweep`: several latent dimensions and seeds beside each other.

use crate::made_tables::stars;
use crate::support::{Cells, Run, Space, fit_arguments};

const COLUMNS: [&str; 2] = ["--columns", "u,g,r,i,z"];

/// `sweep stars.csv` with options that take milliseconds, and more.
fn arguments<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["sweep", "stars.csv", "--hidden", "8"];
    for pair in [["--epochs", "6"], ["--batch", "32"], COLUMNS] {
        if !more.contains(&pair[0]) {
            arguments.extend(pair);
        }
    }
    arguments.extend(more);
    arguments
}

fn sweep(space: &Space, more: &[&str]) -> Run {
    space.done(&arguments(more))
}

#[test]
fn a_row_for_each_fit_in_every_format() {
    let space = Space::with_stars();
    sweep(&space, &["-o", "s.csv", "-o", "s.parquet", "-o", "s.npy", "-o", "s.tsv.gz", "--seeds", "2"]);
    let cells = Cells::of(&space.text("s.csv"));
    assert_eq!(cells.column("latent"), ["1", "1", "2", "2", "3", "3", "4", "4"]);
    assert_eq!(cells.column("seed"), ["0", "1"].repeat(4));
    for (loss, rms) in cells.numbers("mse").into_iter().zip(cells.numbers("rms")) {
        assert!((loss.sqrt() / rms - 1.0).abs() < 1e-12);
    }
    // With two seeds there is one pair, which belongs to both.
    let r2 = cells.numbers("affine_r2");
    assert!(r2.chunks(2).all(|pair| pair[0] == pair[1] && (0.0..=1.0).contains(&pair[0])), "{r2:?}");
    assert_eq!(cells.column("suggested").iter().filter(|cell| **cell == "true").count(), 2);
    assert!(!cells.names.iter().any(|name| name.contains("second")), "{:?}", cells.names);
    for other in ["s.parquet", "s.npy", "s.tsv.gz"] {
        space.done(&["convert", other, "-o", "back.csv"]);
        assert_eq!(Cells::of(&space.text("back.csv")).rows.len(), 8, "{other}");
    }
}

#[test]
fn models_that_are_kept_are_those_of_fit() {
    let space = Space::with_stars();
    let models = ["--latent", "1,3", "--seeds", "2", "--seed", "5", "--keep-models", "models/a"];
    let run = sweep(&space, &[&models[..], &["-o", "s.csv"]].concat());
    assert!(run.stderr.contains("next: lumenfold report models/a/latent-"), "{run}");
    assert_eq!(std::fs::read_dir(space.path("models/a")).unwrap().count(), 4);
    for (latent, seed) in [("1", "5"), ("1", "6"), ("3", "5"), ("3", "6")] {
        let more = ["--columns", "u,g,r,i,z", "--latent", latent, "--seed", seed, "--split-seed", "5"];
        space.done(&fit_arguments("stars.csv", "a.model", &more));
        let kept = format!("models/a/latent-{latent}-seed-{seed}.model");
        assert!(space.read("a.model") == space.read(&kept), "{kept}");
    }
    // The report and the summary know which rows were held out.
    let inspected = space.done(&["inspect", "models/a/latent-3-seed-6.model"]).text();
    assert!(inspected.contains("6 (of the split: 5)"), "{inspected}");
    space.done(&["report", "models/a/latent-3-seed-6.model", "stars.csv", "-o", "r.html"]);
}

#[test]
fn outputs_have_the_same_bytes_every_time() {
    let space = Space::with_stars();
    sweep(&space, &["-o", "a.csv", "-o", "a.svg", "-o", "a.html", "--threads", "1"]);
    sweep(&space, &["-o", "b.csv", "-o", "b.svg", "-o", "b.html", "--threads", "3", "--memory", "300MB"]);
    for ending in ["csv", "svg", "html"] {
        assert!(space.read(&format!("a.{ending}")) == space.read(&format!("b.{ending}")), "{ending}");
    }
}

#[test]
fn json_is_one_object_and_words_go_elsewhere() {
    let space = Space::with_stars();
    let run = sweep(&space, &["-o", "s.svg", "--latent", "1..3", "--json"]);
    let json = run.json();
    assert_eq!(run.text().lines().count(), 1, "{run}");
    assert_eq!((json["rows"].as_u64(), json["held_out_rows"].as_u64()), (Some(200), Some(40)));
    let dimensions = json["dimensions"].as_array().unwrap();
    assert_eq!(dimensions.len(), 3);
    for dimension in dimensions {
        let fits = dimension["fits"].as_array().unwrap();
        assert_eq!(fits.len(), 3);
        let mut losses: Vec<f64> = fits.iter().map(|fit| fit["loss"].as_f64().unwrap()).collect();
        losses.sort_by(f64::total_cmp);
        assert_eq!(dimension["loss"]["median"], losses[1]);
        assert_eq!((&dimension["loss"]["least"], &dimension["loss"]["most"]), (&losses[0].into(), &losses[2].into()));
        assert!(fits.iter().all(|fit| fit["seconds"].as_f64().unwrap() > 0.0), "{dimension}");
        for key in ["affine_r2", "cka"] {
            assert!((0.0..=1.0).contains(&dimension["stability"][key].as_f64().unwrap()), "{dimension}");
        }
        assert!(dimension["pca"]["mse"].as_f64().unwrap() > 0.0);
    }
    assert!(json["suggestion"]["latent"].as_u64().is_some_and(|latent| (1..=3).contains(&latent)), "{json}");
    // 40 held-out rows are too few for the neighbours of halves.
    assert!(json["intrinsic_dimension"].is_null() && run.stderr.contains("too few different held-out rows"), "{run}");
    assert_eq!(json["outputs"][0], "s.svg");
    assert!(run.stderr.contains("Suggested: ") && run.stderr.contains("stability"), "{run}");
}

#[test]
fn tables_go_to_standard_output_too() {
    let space = Space::with_stars();
    let run = sweep(&space, &["-o", "-", "--latent", "2", "--seeds", "1"]);
    let cells = Cells::of(&run.text());
    assert_eq!((cells.rows.len(), cells.column("affine_r2")[0]), (1, ""), "{run}");
}

#[test]
fn a_configuration_may_hold_one_dimension_or_several() {
    let space = Space::with_stars();
    for (latent, count) in [("2", 1), ("[1, 3]", 2), ("\"1..3\"", 3)] {
        space.write("fit.toml", format!("latent = {latent}\ncolumns = [\"u\", \"g\", \"r\", \"i\"]\nepochs = 2\n"));
        space.done(&["sweep", "stars.csv", "--config", "fit.toml", "--hidden", "6", "--seeds", "1", "-o", "s.csv"]);
        assert_eq!(Cells::of(&space.text("s.csv")).rows.len(), count, "{latent}");
    }
    space.refuses(&["fit", "stars.csv", "--config", "fit.toml", "-o", "a.model"], &["--latent", "lumenfold sweep"]);
    space.refuses(&fit_arguments("stars.csv", "a.model", &["--latent", "1,2"]), &["--latent", "lumenfold sweep"]);
    for wrong in ["-1", "[]", "[2, 1]", "\"\"", "\"1..\"", "1.5", "true"] {
        space.write("fit.toml", format!("latent = {wrong}\n"));
        space.refuses(&["sweep", "stars.csv", "--config", "fit.toml", "-o", "s.csv"], &["fit.toml: line 1: "]);
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let space = Space::with_stars();
    space.write("one.csv", "u,g,r,i,z\n1,2,3,4,5\n");
    let cases: [(&[&str], &[&str]); 25] = [
        (&["--latent", ""], &["--latent", "whole numbers"]),
        (&["--latent", "0"], &["--latent is 0"]),
        (&["--latent", "0..3"], &["--latent is 0"]),
        (&["--latent", "-2"], &["'-2'", "--latent"]),
        (&["--latent", "4..1"], &["--latent", "write 1..4"]),
        (&["--latent", "3,1"], &["--latent", "ascending"]),
        (&["--latent", "1,1"], &["--latent", "ascending"]),
        (&["--latent", "1..1000000000000000000"], &["--latent", "more than 256"]),
        (&["--latent", "99999999999999999999999"], &["--latent", "whole numbers"]),
        (&["--latent", "1..6"], &["--latent is 6", "5 features"]),
        (&["--latent", "1000000"], &["--latent is 1000000", "5 features"]),
        (&["--columns", "u"], &["--latent", "1 feature"]),
        (&["--seeds", "0"], &["--seeds is 0"]),
        (&["--seeds", "1000"], &["--seeds is 1000"]),
        (&["--seeds", "x"], &["--seeds"]),
        (&["--seed", "18446744073709551615"], &["--seed is 18446744073709551615"]),
        (&["--split-seed", "-1"], &["--split-seed"]),
        (&["--tolerance", "2"], &["--tolerance is 2"]),
        (&["--validation", "0"], &["--validation is 0", "held-out"]),
        (&["--batch", "1000"], &["batch of 1000"]),
        (&["--ordered", "--latent", "1,2"], &["--latent is 1", "--ordered"]),
        (&["-o", "s.csv"], &["s.csv", "twice"]),
        (&["-o", "s.docx"], &["s.docx"]),
        (&["-o", "-", "--json"], &["--json"]),
        (&["--keep-models", "stars.csv"], &["stars.csv", "cannot be made"]),
    ];
    for (options, words) in cases {
        space.refuses(&arguments(&[options, &["-o", "s.csv"]].concat()), words);
    }
    space.refuses(&["sweep", "one.csv", "-o", "s.csv"], &["one.csv", "1 usable row"]);
    space.refuses(&["sweep", "stars.csv", "-o", "stars.csv"], &["stars.csv", "input"]);
    space.refuses(&["sweep", "stars.csv", "-o", "no/where.svg"], &["no/where.svg"]);
    space.refuses(&["sweep", "stars.csv"], &["--output"]);
}

#[test]
fn a_figure_is_a_figure_whatever_its_data_are_called() {
    let space = Space::new();
    let odd = "<b>&\"stars\".csv";
    space.write(odd, stars(300).text());
    let options = ["--columns", "u,g,r,i,z", "--hidden", "8", "--epochs", "20", "-o", "s.svg", "-o", "s.html"];
    space.done(&[&["sweep", odd][..], &options].concat());
    for name in ["s.svg", "s.html"] {
        let text = space.text(name);
        assert!(text.contains("&lt;b&gt;&amp;&quot;stars&quot;.csv") && !text.contains("<b>"), "{name}");
        for tag in ["svg", "g", "clipPath", "text"] {
            let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
            let opened = text.matches(&format!("{open} ")).count() + text.matches(&format!("{open}>")).count();
            assert_eq!(opened, text.matches(&close).count(), "{tag} of {name}");
        }
        for words in ["autoencoder", "PCA", "suggested", "explained variance", "held-out rms residual"] {
            assert!(text.contains(words), "{name} does not say {words}");
        }
        assert!(!text.contains("NaN") && !text.contains("inf"), "{name}");
    }
    assert!(space.text("s.html").contains("<p>Suggested: "));
}

#[cfg(unix)]
mod interrupted {
    use std::time::Duration;

    use super::{Cells, Space, arguments};
    use crate::interrupt::interrupted_after;

    #[test]
    fn what_is_complete_is_written() {
        let space = Space::with_stars();
        // Fits of about half a second, of which twelve are still to come.
        let arguments = arguments(&["-o", "s.csv", "-o", "s.svg", "--latent", "1..5", "--epochs", "8000", "--json"]);
        let run = interrupted_after("latent 1: ", Duration::ZERO, &space, &arguments);
        run.succeeded();
        assert!(run.warnings().iter().any(|line| line.contains("interrupted after ")), "{run}");
        let json = run.json();
        assert_eq!(json["interrupted"], true);
        assert!(json["suggestion"]["latent"].is_u64(), "{json}");
        let cells = Cells::of(&space.text("s.csv"));
        assert!((3..15).contains(&cells.rows.len()), "{} rows", cells.rows.len());
        assert!(space.text("s.svg").ends_with("</svg>\n"));
    }

    #[test]
    fn before_the_first_fit_there_is_nothing_to_write() {
        let space = Space::with_stars();
        let before = space.files();
        let arguments = arguments(&["-o", "s.csv", "--epochs", "1000000000"]);
        let run = interrupted_after("fits", Duration::from_millis(300), &space, &arguments);
        assert_eq!(run.status, Some(1), "{run}");
        assert!(run.stderr.contains("error: interrupted before the first fit had ended"), "{run}");
        assert!(before == space.files(), "{run}");
    }
}
