//! Words on standard error: none when they are not wanted, without colour where nobody sees it.

use crate::made_tables::stars;
use crate::support::{Run, Space, fit_arguments};

/// Runs of every verb that says something.
fn runs(space: &Space, more: &[&str], variables: &[(&str, &str)]) -> Vec<Run> {
    space.write("latent.csv", "z1,z2\n0,0\n");
    let fit =
        fit_arguments("stars.csv", "a.model", &["--columns", "u,g,r,i,z", "--hidden", "16,16", "--epochs", "300"]);
    let sweep = ["sweep", "stars.csv", "--columns", "u,g,r", "-o", "s.svg", "--hidden", "8", "--epochs", "3"];
    let all: [&[&str]; 7] = [
        &fit,
        &sweep,
        &["encode", "stars.model", "stars.csv", "-o", "z.csv"],
        &["decode", "stars.model", "latent.csv", "-o", "x.csv"],
        &["reconstruct", "stars.model", "stars.csv", "-o", "x.csv"],
        &["report", "stars.model", "stars.csv", "-o", "r.html"],
        &["convert", "stars.csv", "-o", "s.parquet"],
    ];
    all.iter().map(|arguments| space.run_with(&[arguments, more].concat(), variables)).collect()
}

#[test]
fn quiet_is_quiet() {
    for run in runs(&Space::with_model(), &["--quiet"], &[]) {
        assert_eq!(run.status, Some(0), "{run}");
        assert!(run.stderr.is_empty() && run.stdout.is_empty(), "{run}");
    }
}

#[test]
fn quiet_tells_warnings_and_errors_all_the_same() {
    let space = Space::with_model();
    space.write("gaps.csv", stars(50).with(3, "u", "").text());
    let run = space.done(&["-q", "encode", "stars.model", "gaps.csv", "-o", "z.csv", "--missing", "skip"]);
    assert!(run.stderr.starts_with("warning: ") && run.stderr.lines().count() == 1, "{run}");
    space.refuses(&["-q", "encode", "stars.model", "gaps.csv", "-o", "z.csv"], &["row 4"]);
}

#[test]
fn no_escape_codes_where_there_is_no_terminal() {
    for run in runs(&Space::with_model(), &[], &[]) {
        run.succeeded();
        assert!(!run.stderr.is_empty() && !run.stderr.contains('\x1b'), "{run}");
    }
}

#[test]
fn no_color_wins_over_everything() {
    let space = Space::with_model();
    let forced = [("CLICOLOR_FORCE", "1")];
    assert!(runs(&space, &[], &forced)[0].stderr.contains('\x1b'));
    for run in runs(&space, &[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]) {
        assert!(!run.stderr.contains('\x1b'), "{run}");
    }
    let run = space.run_with(&["inspect", "no.csv"], &[("NO_COLOR", "1")]);
    run.refused(&["no.csv"]);
}

#[test]
fn a_suggested_command_can_be_pasted() {
    let space = Space::new();
    space.write("my stars.csv", stars(100).text());
    let run = space.fit("my stars.csv", "my model", &["--columns", "u,g,r"]);
    assert!(run.stderr.contains("lumenfold encode 'my model' 'my stars.csv' -o latent.csv"), "{run}");
    let run = space.done(&["inspect", "my stars.csv"]);
    assert!(run.text().contains("lumenfold fit 'my stars.csv' --columns u,g,r,i,z,objid -o my.model"), "{run}");
}
