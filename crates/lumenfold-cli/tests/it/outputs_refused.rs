//! Outputs that cannot be written are refused before the work begins, and what was there stays.

use crate::support::{Run, Space, fit_arguments};

/// Every verb that writes a file, with that file as its output.
fn writers(output: &str) -> [Vec<&str>; 8] {
    [
        fit_arguments("stars.csv", output, &["--columns", "u,g,r,i,z"]),
        vec!["encode", "stars.model", "stars.csv", "-o", output],
        vec!["decode", "stars.model", "latent.csv", "-o", output],
        vec!["reconstruct", "stars.model", "stars.csv", "-o", output],
        vec!["report", "stars.model", "stars.csv", "-o", output],
        vec!["convert", "stars.csv", "-o", output],
        vec!["traverse", "stars.model", "stars.csv", "-o", output],
        vec!["explain", "stars.model", "stars.csv", "-o", output],
    ]
}

fn space() -> Space {
    let space = Space::with_model();
    space.write("latent.csv", "z1,z2\n0,0\n0.5,-0.5\n");
    space
}

#[test]
fn a_directory_that_is_not_there() {
    let space = space();
    for arguments in writers("no/such/folder/out.csv") {
        space.refuses(&arguments, &["no/such/folder/out.csv", "the directory no/such/folder does not exist"]);
    }
}

#[test]
fn a_path_below_a_file() {
    let space = space();
    for arguments in writers("stars.csv/out.csv") {
        space.refuses(&arguments, &["stars.csv/out.csv"]);
    }
    space.refuses(&["demo", "--rows", "100", "-o", "stars.csv"], &["stars.csv"]);
    space.refuses(&["man", "-o", "stars.csv/man"], &["stars.csv/man"]);
}

#[test]
fn a_directory_as_target() {
    let space = space();
    std::fs::create_dir(space.path("folder.csv")).unwrap();
    for arguments in writers("folder.csv") {
        space.refuses(&arguments, &["folder.csv", "directory"]);
    }
    for arguments in writers("folder.csv/") {
        space.refuses(&arguments, &["folder.csv/", "directory"]);
    }
}

#[test]
fn a_place_where_nobody_may_write() {
    if !std::path::Path::new("/proc/self").is_dir() {
        eprintln!("SKIPPED: there is no /proc");
        return;
    }
    let space = space();
    for arguments in writers("/proc/lumenfold.csv") {
        space.refuses(&arguments, &["/proc/lumenfold.csv", "cannot write"]);
    }
}

#[test]
fn a_file_that_is_protected() {
    let space = space();
    space.write("out.csv", "precious\n");
    let mut permissions = std::fs::metadata(space.path("out.csv")).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(space.path("out.csv"), permissions).unwrap();
    for arguments in writers("out.csv") {
        space.refuses(&arguments, &["out.csv", "read-only"]);
    }
}

#[test]
fn an_ending_that_no_format_has() {
    let space = space();
    for output in ["out.docx", "out", "out.parquet.gz"] {
        for arguments in writers(output) {
            if !["fit", "report"].contains(&arguments[0]) {
                space.refuses(&arguments, &[output, "known endings", ".parquet"]);
            }
        }
    }
}

#[test]
fn text_and_long_integers_in_a_matrix_of_numbers() {
    let space = space();
    let words = ["z.npy", "class", "numbers only", ".parquet"];
    space.refuses(&["encode", "stars.model", "stars.csv", "-o", "z.npy", "--keep", "class"], &words);
    let words = ["z.npy", "objid", "1237648720693755918", "round"];
    space.refuses(&["encode", "stars.model", "stars.csv", "-o", "z.npy", "--keep", "objid"], &words);
}

#[test]
fn standard_output_takes_tables_only() {
    let space = space();
    for arguments in writers("-") {
        if ["fit", "report"].contains(&arguments[0]) {
            space.refuses(&arguments, &["standard output", "-o"]);
        }
    }
}

#[test]
fn models_and_pages_do_not_replace_what_they_are_made_from() {
    let space = space();
    for name in ["stars.csv", "./stars.csv"] {
        space.refuses(&fit_arguments("stars.csv", name, &["--columns", "u,g,r,i,z"]), &[name, "is an input"]);
        space.refuses(&["report", "stars.model", "stars.csv", "-o", name], &[name, "is an input"]);
    }
    space.refuses(&["report", "stars.model", "stars.csv", "-o", "stars.model"], &["stars.model", "is an input"]);
}

#[test]
fn a_file_that_was_there_survives_every_refusal() {
    let space = space();
    space.write("out.csv", "precious\n");
    space.write("bad.csv", "u,g,r,i,z\n1,2,3,4,5\n1,2,3,x,5\n");
    space.refuses(&fit_arguments("bad.csv", "out.csv", &["--columns", "u,g,r,i,z"]), &["row 2"]);
    space.refuses(&["encode", "stars.model", "bad.csv", "-o", "out.csv"], &["row 2"]);
    space.refuses(&["reconstruct", "stars.model", "bad.csv", "-o", "out.csv"], &["row 2"]);
    space.refuses(&["report", "stars.model", "bad.csv", "-o", "out.csv"], &["row 2"]);
    space.refuses(&["convert", "bad.csv", "-o", "out.csv", "--columns", "q"], &["\"q\""]);
    assert_eq!(space.text("out.csv"), "precious\n");
}

#[test]
fn a_file_that_was_there_is_replaced_whole() {
    let space = space();
    space.write("out.csv", vec![b'x'; 1 << 20]);
    space.done(&["encode", "stars.model", "stars.csv", "-o", "out.csv"]);
    assert_eq!(space.text("out.csv").lines().count(), 201);
    let left: Vec<_> = space.files().into_keys().filter(|path| path.to_string_lossy().contains(".part")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_full_disk_is_a_failure_of_the_machine() {
    if !std::path::Path::new("/dev/full").exists() {
        eprintln!("SKIPPED: there is no /dev/full");
        return;
    }
    let space = space();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let arguments = ["encode", "stars.model", "stars.csv", "-o", "-"];
    let mut command = space.command(&arguments);
    command.stdout(full).stderr(std::process::Stdio::piped());
    let run = Run::from_output(&command.spawn().unwrap().wait_with_output().unwrap(), &arguments);
    assert_eq!(run.status, Some(1), "{run}");
    assert!(run.stderr.starts_with("error: stdout: ") && run.stderr.lines().count() == 1, "{run}");
}

#[test]
fn no_verb_overwrites_what_it_reads() {
    let space = space();
    let lost = ["stars.csv", "is an input and would be lost"];
    for verb in ["encode", "reconstruct", "report"] {
        space.refuses(&[verb, "stars.model", "stars.csv", "-o", "./stars.csv"], &lost);
    }
    space.refuses(&["convert", "stars.csv", "--columns", "u", "-o", "stars.csv"], &lost);
    space.done(&["convert", "stars.csv", "--columns", "u,g", "-o", "stars.npz"]);
    space.refuses(&["convert", "stars.npz:u", "-o", "stars.npz"], &["stars.npz", "is an input and would be lost"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let space = space();
    let arguments = ["encode", "stars.model", "stars.csv", "-o", "-", "--quiet"];
    let mut command = space.command(&arguments);
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let run = Run::from_output(&child.wait_with_output().unwrap(), &arguments);
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{run}");
}
