//! Ctrl-C.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::model_file::ModelFile;
use crate::support::{Run, Space, fit_arguments};

/// Starts a fit that would take hours, interrupts it after its first words and a while, and waits for its end.
fn interrupted(space: &Space, more: &[&str]) -> Run {
    let arguments = fit_arguments("stars.csv", "a.model", &[more, &["--epochs", "1000000000"]].concat());
    interrupted_after("network", Duration::from_millis(400), space, &arguments)
}

/// Starts the program, interrupts it a while after it has said a word, and waits for its end.
pub(crate) fn interrupted_after(word: &str, pause: Duration, space: &Space, arguments: &[&str]) -> Run {
    let mut command = space.command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut reader = BufReader::new(child.stderr.take().unwrap());
    let mut words = String::new();
    while !words.contains(word) {
        assert!(reader.read_line(&mut words).unwrap() > 0, "{words}");
    }
    std::thread::sleep(pause);
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let mut output = child.wait_with_output().unwrap();
    std::io::Read::read_to_string(&mut reader, &mut words).unwrap();
    output.stderr = words.into_bytes();
    Run::from_output(&output, arguments)
}

#[test]
fn the_best_weights_so_far_are_kept() {
    let space = Space::with_stars();
    let run = interrupted(&space, &["--columns", "u,g,r,i,z", "--json"]);
    run.succeeded();
    assert!(run.warnings().iter().any(|line| line.contains("interrupted after ")), "{run}");
    let json = run.json();
    assert!(json["epochs"].as_u64().unwrap() >= 1 && json["best_epoch"].as_u64().unwrap() >= 1, "{json}");
    let document = ModelFile::of(&space.read("a.model")).document;
    assert_eq!(document["training"]["stopped"], "interrupted");
    assert_eq!(document["training"]["epochs_planned"], 1_000_000_000);
    let text = space.done(&["inspect", "a.model"]).text();
    assert!(text.contains("(interrupted)"), "{text}");
    space.done(&["encode", "a.model", "stars.csv", "-o", "z.csv"]);
    space.done(&["report", "a.model", "stars.csv", "-o", "report.html"]);
    assert!(space.text("report.html").contains("The fit was interrupted after "));
}

#[test]
fn before_the_first_epoch_there_is_nothing_to_keep() {
    let space = Space::new();
    // One epoch of a wide network over many rows takes longer than the while before the interruption.
    space.write("stars.csv", crate::made_tables::stars(20_000).text());
    let before = space.files();
    let wide = ["--columns", "u,g,r,i,z", "--hidden", "1500,1500", "--batch", "64"];
    let run = interrupted(&space, &[&wide[..], &["--checkpoint", "none"]].concat());
    assert_eq!(run.status, Some(1), "{run}");
    assert!(run.stderr.contains("error: interrupted before the first epoch had ended"), "{run}");
    assert!(before == space.files(), "{run}");
    // Where checkpoints are wanted, the steps of the epoch are not lost.
    let run = interrupted(&space, &wide);
    assert!(run.status == Some(1) && run.stderr.contains("to go on: lumenfold fit "), "{run}");
    assert!(space.path("a.model.checkpoint").exists() && !space.path("a.model").exists(), "{run}");
}
