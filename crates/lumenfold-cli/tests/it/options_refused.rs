//! Options that cannot be meant, on the command line, in a configuration file and in the environment.

use crate::support::{SMALL, Space, fit_arguments};

#[test]
fn values_of_fit_that_are_unknown_or_out_of_range() {
    let space = Space::with_stars();
    let cases: [(&[&str], &[&str]); 39] = [
        (&["--scale", "foo"], &["--scale", "\"foo\"", "standard"]),
        (&["--scale", "factor:0"], &["--scale", "factor:0"]),
        (&["--activation", "foo"], &["--activation", "\"foo\"", "silu"]),
        (&["--kind", "foo"], &["--kind", "\"foo\"", "undercomplete"]),
        (&["--kind", "sparse"], &["--kind", "sparse", "--sparsity"]),
        (&["--kind", "denoising"], &["--kind", "--noise", "--blind-spots"]),
        (&["--kind", "denoising", "--noise", "gaussian"], &["--noise", "strength"]),
        (&["--kind", "denoising", "--noise", "masking:2"], &["--noise", "above 0 and below 1"]),
        (&["--feature-weights", "1,2"], &["--feature-weights", "5 features"]),
        (&["--feature-weights", "1,2,3,4,-5"], &["--feature-weights", "-5", "from 0 to 1e6"]),
        (&["--noise", "gaussian:0.1"], &["--noise", "--kind is denoising"]),
        (&["--blind-spots", "0.1"], &["--blind-spots", "--kind is denoising"]),
        (&["--kind", "denoising", "--blind-spots", "1"], &["--blind-spots", "from 0.01 to 0.5"]),
        (
            &["--kind", "denoising", "--noise", "poisson:9", "--scale", "asinh"],
            &["--noise", "poisson:9", "--scale asinh", "linear"],
        ),
        (&["--schedule", "foo"], &["--schedule", "\"foo\"", "cosine"]),
        (&["--norm", "foo"], &["--norm", "\"foo\"", "layer"]),
        (&["--loss-units", "foo"], &["--loss-units", "\"foo\"", "original"]),
        (&["--loss-units", "original", "--scale", "log"], &["--loss-units", "--scale log"]),
        (&["--hidden", "4,x"], &["--hidden", "'x'", "whole numbers"]),
        (&["--hidden", "4,0"], &["--hidden", "whole numbers"]),
        (&["--hidden", "4,none"], &["--hidden"]),
        (&["--hidden", "4,1048577"], &["--hidden is 1048577"]),
        (&["--hidden", "1048576,1048576"], &["--hidden is 1048576,1048576", "parameters"]),
        (&["--validation", "1.5"], &["--validation is 1.5", "from 0 to below 1"]),
        (&["--validation", "1"], &["--validation is 1"]),
        (&["--validation", "-0.1"], &["--validation is -0.1"]),
        (&["--validation", "nan"], &["--validation is NaN"]),
        (&["--latent", "0"], &["--latent is 0", "from 1"]),
        (&["--latent", "-2"], &["'-2'", "--latent"]),
        (&["--latent", "1000000000000"], &["--latent is 1000000000000"]),
        (&["--epochs", "0"], &["--epochs is 0", "from 1"]),
        (&["--epochs", "18446744073709551615"], &["--epochs is 18446744073709551615"]),
        (&["--batch", "0"], &["--batch is 0", "at least 1"]),
        (&["--learning-rate", "nan"], &["--learning-rate is NaN", "a positive number"]),
        (&["--learning-rate", "0"], &["--learning-rate is 0"]),
        (&["--weight-decay", "-1"], &["--weight-decay is -1"]),
        (&["--clip-norm", "inf"], &["--clip-norm is inf"]),
        (&["--patience", "0"], &["--patience is 0"]),
        (&["--patience", "3", "--validation", "0"], &["--patience", "--validation is 0"]),
    ];
    for (options, words) in cases {
        let mut more = vec!["--columns", "u,g,r,i,z"];
        more.extend(options);
        space.refuses(&fit_arguments("stars.csv", "a.model", &more), words);
    }
}

#[test]
fn values_that_the_parser_of_options_refuses_take_one_line_too() {
    let space = Space::with_model();
    let cases: [(&[&str], &[&str]); 12] = [
        (&["fit", "stars.csv"], &["--output"]),
        (&["fit", "stars.csv", "-o", "a.model", "--colums", "u"], &["'--colums'", "'--columns'"]),
        (&["fit", "stars.csv", "-o", "a.model", "--seed", "-1"], &["-1"]),
        (&["fit", "stars.csv", "-o", "a.model", "--seed", "x"], &["'x'", "--seed"]),
        (&["fit", "stars.csv", "-o", "a.model", "--threads", "0"], &["'0'", "--threads"]),
        (&["fit", "stars.csv", "-o", "a.model", "--missing", "foo"], &["'foo'", "refuse, skip"]),
        (&["fit", "stars.csv", "-o", "a.model", "--format", "docx"], &["docx", "parquet"]),
        (&["fit", "stars.csv", "-o", "a.model", "--epochs", "1", "--epochs", "2"], &["--epochs", "multiple times"]),
        (&["encode", "stars.model"], &["<DATA>", "--output"]),
        (&["enocde", "stars.model", "stars.csv"], &["'enocde'", "'encode'"]),
        (&["completions", "csh"], &["'csh'", "bash"]),
        (&["demo", "--rows", "5", "-o", "d"], &["--rows", "100"]),
    ];
    for (arguments, words) in cases {
        space.refuses(arguments, words);
    }
}

#[test]
fn an_unknown_instruction_set() {
    let space = Space::with_model();
    let foo = [("LUMENFOLD_SIMD", "foo")];
    let words = ["LUMENFOLD_SIMD", "\"foo\"", "available", "portable"];
    space.refuses_with(&fit_arguments("stars.csv", "a.model", &["--columns", "u,g,r"]), &foo, &words);
    space.refuses_with(&["encode", "stars.model", "stars.csv", "-o", "z.csv"], &foo, &words);
    space.refuses_with(&["reconstruct", "stars.model", "stars.csv", "-o", "x.csv"], &foo, &words);
    space.refuses_with(&["report", "stars.model", "stars.csv", "-o", "r.html"], &foo, &words);
}

/// A configuration that is refused with these words, beside the file's name.
#[track_caller]
fn configuration_refused(text: &str, words: &[&str]) {
    let space = Space::with_stars();
    space.write("fit.toml", text);
    space.refuses(&["fit", "stars.csv", "-o", "a.model", "--config", "fit.toml"], words);
}

#[test]
fn configurations_that_are_no_toml_name_the_line() {
    configuration_refused("latent = 2\nepochs = = 3\n", &["fit.toml: line 2: "]);
    configuration_refused("latent = 2\n\nepochs = \"ten\"\n", &["fit.toml: line 3: ", "string \"ten\""]);
    configuration_refused("latent = -2\n", &["fit.toml: line 1: "]);
    configuration_refused("latent = 2\nlatent = 3\n", &["fit.toml: line 2: ", "duplicate key"]);
    configuration_refused("columns = [\"u\", \"g\"\n", &["fit.toml: line "]);
}

#[test]
fn configurations_with_unknown_keys_or_values() {
    configuration_refused("latent = 2\nlatnet = 3\n", &["fit.toml: line 2: ", "latnet", "latent"]);
    configuration_refused("learning_rate = 0.1\n", &["fit.toml: line 1: ", "learning_rate", "learning-rate"]);
    configuration_refused("scale = \"foo\"\n", &["--scale", "\"foo\""]);
    configuration_refused("epochs = 0\n", &["--epochs is 0"]);
    configuration_refused("columns = [\"u\", \"q\"]\n", &["stars.csv", "no column named \"q\""]);
}

#[test]
fn configurations_that_cannot_be_read() {
    let space = Space::with_stars();
    let mut arguments = vec!["fit", "stars.csv", "-o", "a.model", "--config", "no.toml"];
    arguments.extend(SMALL);
    space.refuses(&arguments, &["no.toml", "cannot be read"]);
    space.write("no.toml", b"scale = \"\xff\"\n");
    space.refuses(&arguments, &["no.toml", "cannot be read"]);
}

#[test]
fn a_fit_that_breaks_down_fails_without_a_model() {
    let space = Space::with_stars();
    for options in [["--learning-rate", "1e38", "--epochs", "1"], ["--learning-rate", "1e30", "--epochs", "9"]] {
        let before = space.files();
        let mut more = vec!["--columns", "u,g,r,i,z"];
        more.extend(options);
        let run = space.run(&fit_arguments("stars.csv", "a.model", &more));
        assert_eq!(run.status, Some(1), "{run}");
        assert!(run.stdout.is_empty(), "{run}");
        let errors: Vec<_> = run.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        assert!(errors.len() == 1 && errors[0].contains("--learning-rate"), "{run}");
        assert!(before == space.files(), "{run}");
    }
}

#[test]
fn more_threads_than_any_machine_has_are_no_error() {
    let space = Space::with_model();
    space.done(&["encode", "stars.model", "stars.csv", "-o", "z.csv", "--threads", "1000000000"]);
}
