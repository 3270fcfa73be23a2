//! `-` is standard input and standard output.

use crate::support::Space;

#[test]
fn tables_of_any_format_come_from_standard_input() {
    let space = Space::with_model();
    space.done(&["encode", "stars.model", "stars.csv", "-o", "file.csv", "--keep", "id"]);
    for name in ["stars.csv", "stars.csv.gz", "stars.tsv.zst", "stars.parquet", "stars.npz"] {
        if name != "stars.csv" {
            space.done(&["convert", "stars.csv", "-o", name]);
        }
        let run = space.run_fed(&["encode", "stars.model", "-", "-o", "-", "--keep", "id"], &space.read(name));
        run.succeeded();
        assert!(run.text() == space.text("file.csv"), "{name}");
    }
}

#[test]
fn a_pipe_of_verbs_is_the_same_as_files() {
    let space = Space::with_model();
    let latent = space.run_fed(&["encode", "stars.model", "-", "-o", "-"], &space.read("stars.csv"));
    let decoded = space.run_fed(&["decode", "stars.model", "-", "-o", "-"], &latent.stdout);
    decoded.succeeded();
    space.done(&["reconstruct", "stars.model", "stars.csv", "-o", "file.csv"]);
    assert!(decoded.text() == space.text("file.csv"));
}

#[test]
fn standard_output_is_data_alone() {
    let space = Space::with_stars();
    let run = space.done(&["convert", "stars.csv", "-o", "-"]);
    assert!(run.text() == space.text("stars.csv"));
    assert!(run.stderr.is_empty(), "{run}");
}

#[test]
fn errors_call_standard_input_by_its_name() {
    let space = Space::with_model();
    for (input, words) in [
        (&b""[..], "stdin: is empty"),
        (b"u,g,r,i,z\n", "stdin: has no rows"),
        (b"u,g,r,i,z\n1,2,3,4\n", "stdin: row 1 (line 2)"),
        (b"u,g,r,i,z\n1,2,3,4,\n", "stdin: row 1, column \"z\""),
        (b"\0\x01\x02", "stdin: "),
        (b"\x1f\x8b\x08\0\0", "stdin: its gzip data"),
    ] {
        let before = space.files();
        let run = space.run_fed(&["encode", "stars.model", "-", "-o", "z.csv"], input);
        run.refused(&[words]);
        assert!(before == space.files(), "{run}");
    }
}

#[test]
fn the_format_of_standard_input_can_be_said() {
    let space = Space::with_model();
    let run = space.run_fed(&["encode", "stars.model", "-", "-o", "-", "--format", "parquet"], b"u,g\n1,2\n");
    run.refused(&["stdin"]);
}

#[test]
fn a_reader_that_has_gone_away_is_no_panic() {
    let space = Space::with_stars();
    let mut command = space.command(&["convert", "stars.csv", "-o", "-"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!text.contains("panicked"), "{text}");
    assert_ne!(output.status.code(), Some(101), "{text}");
}

#[test]
fn a_fit_from_standard_input_suggests_what_can_be_run() {
    let space = Space::with_stars();
    let arguments = crate::support::fit_arguments("-", "a.model", &["--columns", "u,g,r"]);
    let run = space.run_fed(&arguments, &space.read("stars.csv"));
    run.succeeded();
    assert!(run.stderr.contains("next: lumenfold encode a.model - -o latent.csv"), "{run}");
}
