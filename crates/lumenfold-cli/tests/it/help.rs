//! Help, completions and manual pages.

use std::process::{Command, Stdio};

use crate::support::Space;

const VERBS: [&str; 18] = [
    "demo",
    "fit",
    "sweep",
    "encode",
    "decode",
    "reconstruct",
    "denoise",
    "score",
    "sample",
    "inspect",
    "report",
    "traverse",
    "explain",
    "probe",
    "convert",
    "data",
    "completions",
    "man",
];

#[test]
fn every_verb_explains_itself_with_an_example() {
    let space = Space::new();
    for verb in VERBS {
        for arguments in [[verb, "--help"], ["help", verb]] {
            let run = space.run(&arguments);
            assert_eq!(run.status, Some(0), "{run}");
            assert!(run.stderr.is_empty(), "{run}");
            let text = run.text();
            assert!(text.contains("Usage: lumenfold ") && text.contains(verb), "{run}{text}");
            assert!(text.contains("Example"), "the help of {verb} has no example:\n{text}");
            assert!(text.contains(&format!("lumenfold {verb}")), "{text}");
        }
    }
}

#[test]
fn the_program_lists_its_verbs() {
    let space = Space::new();
    let run = space.run(&["--help"]);
    assert_eq!(run.status, Some(0), "{run}");
    for verb in VERBS {
        assert!(run.text().contains(&format!("\n  {verb} ")), "{verb}:\n{}", run.text());
    }
    // Without arguments the same words are an answer to a wrong call.
    let run = space.run(&[]);
    assert_eq!(run.status, Some(2), "{run}");
    assert!(run.stdout.is_empty() && run.stderr.contains("lumenfold demo"), "{run}");
}

#[test]
fn the_version_is_that_of_the_package() {
    let run = Space::new().run(&["--version"]);
    assert_eq!(run.text(), format!("lumenfold {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_of_every_shell() {
    let space = Space::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = space.done(&["completions", shell]);
        assert!(run.text().contains("reconstruct"), "{run}");
        space.write(&format!("completions.{shell}"), run.stdout);
    }
    for shell in ["bash", "zsh", "fish"] {
        let mut command = Command::new(shell);
        command.arg("-n").arg(space.path(&format!("completions.{shell}"))).stderr(Stdio::piped());
        match command.output() {
            Ok(output) => assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr)),
            Err(_) => eprintln!("SKIPPED: there is no {shell} to check its completions with"),
        }
    }
}

#[test]
fn a_manual_page_for_every_verb() {
    let space = Space::new();
    let run = space.done(&["man", "-o", "share/man1"]);
    assert!(run.stderr.contains("wrote 22 pages"), "{run}");
    for verb in VERBS {
        let page = space.text(&format!("share/man1/lumenfold-{verb}.1"));
        assert!(
            page.contains(".TH") && page.contains(".SH SYNOPSIS") && page.contains(".SH OPTIONS"),
            "{verb}:\n{page}"
        );
    }
    assert!(space.text("share/man1/lumenfold.1").contains("lumenfold\\-fit"));
    assert!(space.text("share/man1/lumenfold-data-phonons.1").contains("crystals"));
}
