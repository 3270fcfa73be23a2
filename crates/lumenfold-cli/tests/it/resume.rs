//! Checkpoints: fits that are killed or interrupted and go on, and what is refused.
#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Run, Space, fit_arguments};

const CHECKPOINT: &str = "a.model.checkpoint";

fn space() -> Space {
    let space = Space::new();
    space.write("stars.csv", crate::made_tables::stars(3000).text());
    space
}

/// `fit` with checkpoints all the time; an option that is given takes the place of that one.
fn arguments<'a>(model: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let often = ["--columns", "u,g,r,i,z", "--epochs", "60", "--hidden", "24,24", "--checkpoint", "0.005s"];
    let often = often.chunks(2).filter(|pair| !more.contains(&pair[0])).flatten().copied();
    fit_arguments("stars.csv", model, &often.chain(more.iter().copied()).collect::<Vec<_>>())
}

fn start(space: &Space, arguments: &[&str]) -> Child {
    space.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Waits for a checkpoint that is younger than the start of the wait, and then for a while.
fn let_it_run(space: &Space, child: &mut Child, more: Duration) {
    let path = space.path(CHECKPOINT);
    let read = || std::fs::read(&path).unwrap_or_default();
    let (before, begin) = (read(), Instant::now());
    while read() == before && child.try_wait().unwrap().is_none() {
        assert!(begin.elapsed() < Duration::from_secs(60), "no checkpoint");
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(more);
}

#[test]
fn a_fit_that_is_killed_again_and_again_gives_the_same_model() {
    let space = space();
    for more in [
        &[][..],
        &["--starts", "3", "--jitter", "0.05", "--epochs", "25"],
        &["--patience", "3", "--starts", "2", "--learning-rate", "0.2"],
        &["--kind", "denoising", "--noise", "gaussian:0.2,masking:0.1"],
        &["--kind", "sparse", "--sparsity", "topk:2", "--latent", "16"],
        &["--kind", "sparse", "--sparsity", "batch-topk:2", "--latent", "16"],
        &["--kind", "sparse", "--sparsity", "jumprelu:0.05", "--latent", "16"],
        &["--kind", "variational", "--beta-warm-up", "0.8"],
    ] {
        space.done(&arguments("whole.model", &[more, &["--checkpoint", "none"]].concat()));
        let mut kills = 0;
        for (piece, milliseconds) in [3, 71, 37, 113, 5, 59].into_iter().enumerate() {
            let threads = ["1", "2", "3"][piece % 3];
            let resume = if piece == 0 { &[][..] } else { &["--resume"] };
            let arguments = arguments("a.model", &[more, &["--threads", threads], resume].concat());
            let mut child = start(&space, &arguments);
            let_it_run(&space, &mut child, Duration::from_millis(milliseconds));
            if child.try_wait().unwrap().is_some() {
                break;
            }
            signal(&child, "-KILL");
            child.wait().unwrap();
            kills += 1;
        }
        assert!(kills > 0, "the fit was never killed");
        if space.path(CHECKPOINT).exists() {
            let run = space.done(&arguments("a.model", &[more, &["--resume", "--threads", "2"]].concat()));
            assert!(run.stderr.contains("going on after epoch ") || run.stderr.contains("network"), "{run}");
        }
        assert!(space.read("whole.model") == space.read("a.model"), "{more:?}: another model after {kills} kills");
        assert!(!space.path(CHECKPOINT).exists(), "the checkpoint is still there");
        std::fs::remove_file(space.path("a.model")).unwrap();
    }
}

#[test]
fn a_request_to_end_leaves_a_model_a_checkpoint_and_the_way_on() {
    let space = space();
    // Long enough for a busy machine.
    let long = ["--epochs", "1500"];
    space.done(&arguments("whole.model", &long));
    for name in ["-INT", "-TERM"] {
        let arguments = arguments("a.model", &long);
        let mut child = start(&space, &arguments);
        let_it_run(&space, &mut child, Duration::from_millis(50));
        signal(&child, name);
        let run = Run::from_output(&child.wait_with_output().unwrap(), &arguments);
        run.succeeded();
        let warnings = run.warnings();
        let line = warnings.iter().find(|line| line.contains("interrupted after ")).unwrap_or_else(|| panic!("{run}"));
        let command = line.split("to go on: lumenfold ").nth(1).unwrap();
        assert!(command.ends_with(" --resume"), "{run}");
        assert!(space.path(CHECKPOINT).exists() && space.path("a.model").exists(), "{run}");
        assert!(space.read("whole.model") != space.read("a.model"));
        // The very words of the warning.
        space.done(&command.split(' ').collect::<Vec<_>>());
        assert!(space.read("whole.model") == space.read("a.model"));
        assert!(!space.path(CHECKPOINT).exists());
    }
}

#[test]
fn what_cannot_be_resumed_is_refused_by_name() {
    let space = space();
    space.refuses(&arguments("a.model", &["--resume"]), &[CHECKPOINT, "no such checkpoint", "leave out --resume"]);
    let mut child = start(&space, &arguments("a.model", &[]));
    let_it_run(&space, &mut child, Duration::ZERO);
    signal(&child, "-KILL");
    child.wait().unwrap();
    let refused = |more: &[&str], words: &[&str]| {
        space.refuses(&arguments("a.model", &[more, &["--resume"]].concat()), words);
    };
    refused(&["--latent", "3"], &[CHECKPOINT, "--latent 2, not 3"]);
    refused(&["--seed", "1"], &["--seed 0, not 1"]);
    space.write("stars.csv", crate::made_tables::stars(2999).text());
    refused(&[], &[CHECKPOINT, "other data"]);
    space.write("stars.csv", crate::made_tables::stars(3000).text());
    let good = space.read(CHECKPOINT);
    for length in [0, 7, 100, good.len() - 1] {
        space.write(CHECKPOINT, &good[..length]);
        refused(&[], &[CHECKPOINT]);
    }
    // Without --resume the file is named, and replaced in time.
    space.write(CHECKPOINT, &good);
    let run = space.done(&arguments("a.model", &["--checkpoint", "5m"]));
    assert!(run.warnings().iter().any(|line| line.contains(CHECKPOINT) && line.contains("--resume")), "{run}");
    assert!(!space.path(CHECKPOINT).exists());
    space.refuses(&arguments("a.model", &["--checkpoint", "often"]), &["--checkpoint", "often", "5m"]);
}

#[test]
fn epochs_count_as_well_and_none_is_none() {
    let space = space();
    let forever = |interval| arguments("a.model", &["--epochs", "1000000", "--checkpoint", interval]);
    let mut child = start(&space, &forever("3epochs"));
    let_it_run(&space, &mut child, Duration::ZERO);
    signal(&child, "-KILL");
    child.wait().unwrap();
    let document = crate::model_file::ModelFile::of(&space.read(CHECKPOINT)).document;
    assert_eq!(document["epochs_of_start"].as_u64().unwrap() % 3, 0, "{document}");
    std::fs::remove_file(space.path(CHECKPOINT)).unwrap();

    let child = start(&space, &forever("none"));
    std::thread::sleep(Duration::from_millis(1500));
    signal(&child, "-INT");
    let run = Run::from_output(&child.wait_with_output().unwrap(), &forever("none"));
    assert!(!space.path(CHECKPOINT).exists() && !run.stderr.contains("--resume"), "{run}");
}
