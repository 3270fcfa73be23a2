//! The same data, settings and seed give the same model file, whatever computes it and whatever format the data are in.

use crate::support::{Space, fit_arguments};

const COLUMNS: [&str; 2] = ["--columns", "u,g,r,i,z"];

/// A larger batch than usual, so that every thread gets tiles.
fn arguments<'a>(data: &'a str, model: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    fit_arguments(data, model, &[&COLUMNS[..], &["--batch", "512", "--epochs", "3", "--hidden", "12,8"], more].concat())
}

fn space() -> Space {
    let space = Space::new();
    space.write("stars.csv", crate::made_tables::stars(1200).text());
    space.done(&arguments("stars.csv", "one.model", &["--threads", "1"]));
    space
}

#[test]
fn on_any_number_of_threads() {
    let space = space();
    for threads in ["2", "3", "7"] {
        space.done(&arguments("stars.csv", "many.model", &["--threads", threads]));
        assert!(space.read("one.model") == space.read("many.model"), "{threads} threads give another model");
    }
    for verb in ["encode", "reconstruct"] {
        space.done(&[verb, "one.model", "stars.csv", "-o", "one.csv", "--threads", "1"]);
        space.done(&[verb, "one.model", "stars.csv", "-o", "many.csv", "--threads", "7"]);
        assert!(space.read("one.csv") == space.read("many.csv"), "{verb} depends on the threads");
    }
}

#[test]
fn with_any_instruction_set() {
    let space = space();
    space.done(&["encode", "one.model", "stars.csv", "-o", "one.csv"]);
    let mut tried = 0;
    for set in ["portable", "avx2", "avx512"] {
        let variables = [("LUMENFOLD_SIMD", set)];
        let run = space.run_with(&arguments("stars.csv", "other.model", &[]), &variables);
        if run.status == Some(2) && run.stderr.contains("not available on this processor") {
            eprintln!("SKIPPED: this processor has no {set}");
            continue;
        }
        run.succeeded();
        assert!(space.read("one.model") == space.read("other.model"), "{set} gives another model");
        space.run_with(&["encode", "one.model", "stars.csv", "-o", "other.csv"], &variables).succeeded();
        assert!(space.read("one.csv") == space.read("other.csv"), "{set} gives other latent codes");
        tried += 1;
    }
    assert!(tried > 0);
}

/// More than 2^21 parameters: all threads share each layer.
#[test]
fn of_a_wide_network() {
    let space = Space::new();
    space.write("stars.csv", crate::made_tables::stars(160).text());
    let wide = ["--hidden", "1200,900", "--batch", "60", "--epochs", "1", "--columns", "u,g,r,i,z"];
    for clipped in [&[][..], &["--clip-norm", "0.5"]] {
        let arguments =
            |model, more: &[&'static str]| fit_arguments("stars.csv", model, &[&wide[..], clipped, more].concat());
        space.done(&arguments("one.model", &["--threads", "1"]));
        for threads in ["2", "3", "7"] {
            space.done(&arguments("many.model", &["--threads", threads]));
            assert!(space.read("one.model") == space.read("many.model"), "{threads} threads give another model");
        }
        space.run_with(&arguments("other.model", &[]), &[("LUMENFOLD_SIMD", "portable")]).succeeded();
        assert!(space.read("one.model") == space.read("other.model"), "portable code gives another model");
    }
    space.done(&["encode", "one.model", "stars.csv", "-o", "one.csv", "--threads", "1"]);
    space.done(&["encode", "one.model", "stars.csv", "-o", "many.csv", "--threads", "3"]);
    assert!(space.read("one.csv") == space.read("many.csv"));
}

#[test]
fn from_any_format() {
    let space = space();
    for data in ["stars.csv.gz", "stars.tsv.zst", "stars.parquet", "stars.npz"] {
        space.done(&["convert", "stars.csv", "-o", data]);
        space.done(&arguments(data, "other.model", &[]));
        assert!(space.read("one.model") == space.read("other.model"), "{data} gives another model");
    }
    let csv = space.read("stars.csv");
    space.run_fed(&arguments("-", "other.model", &[]), &csv).succeeded();
    assert!(space.read("one.model") == space.read("other.model"), "standard input gives another model");
}

#[test]
fn again_and_under_another_name() {
    let space = space();
    std::fs::create_dir(space.path("elsewhere")).unwrap();
    space.write("elsewhere/other.csv", space.read("stars.csv"));
    space.done(&arguments("elsewhere/other.csv", "elsewhere/again.model", &["--json", "--quiet"]));
    assert!(space.read("one.model") == space.read("elsewhere/again.model"));
}

#[test]
fn but_not_with_another_seed_or_other_data() {
    let space = space();
    let one = space.read("one.model");
    space.done(&arguments("stars.csv", "seed.model", &["--seed", "1"]));
    assert!(one != space.read("seed.model"));
    space.write("other.csv", crate::made_tables::stars(1200).with(600, "g", "19.12345").text());
    space.done(&arguments("other.csv", "data.model", &[]));
    assert!(one != space.read("data.model"));
}
