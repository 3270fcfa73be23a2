//! `demo`: no data needed, the same files every time.

use crate::support::{Cells, Space};

#[test]
fn four_files_that_are_the_same_every_time() {
    let space = Space::new();
    let run = space.done(&["demo", "--rows", "500", "-o", "one", "--threads", "1"]);
    assert!(run.stderr.contains("made up from physics, not observed"), "{run}");
    space.done(&["demo", "--rows", "500", "-o", "two", "--threads", "2", "--quiet"]);
    for name in ["stars.csv", "stars.model", "latent.csv", "report.html"] {
        assert!(run.stderr.contains(&format!("wrote one/{name}")), "{run}");
        assert!(space.read(&format!("one/{name}")) == space.read(&format!("two/{name}")), "{name} differs");
    }
    let files = std::fs::read_dir(space.path("one")).unwrap().count();
    assert_eq!(files, 4, "{run}");

    let (stars, latent) = (Cells::of(&space.text("one/stars.csv")), Cells::of(&space.text("one/latent.csv")));
    assert_eq!((stars.rows.len(), latent.rows.len()), (500, 500));
    assert_eq!(stars.column("class"), latent.column("class"));
    assert!(space.text("one/report.html").contains("\"synthetic\":true"));
    // What the demonstration suggests works on its files, and gives its latent codes again.
    space.done(&["inspect", "one/stars.model"]);
    space.done(&["encode", "one/stars.model", "one/stars.csv", "-o", "z.csv"]);
    let again = Cells::of(&space.text("z.csv"));
    assert_eq!(again.column("z1"), latent.column("z1"));
    assert_eq!(again.column("z2"), latent.column("z2"));
    space.done(&["reconstruct", "one/stars.model", "one/stars.csv", "-o", "out.csv"]);
}

#[test]
fn spectra_are_learnt_by_a_convolutional_network_and_keep_their_axes() {
    let space = Space::new();
    let run = space.done(&["demo", "spectra", "--rows", "120", "-o", "one", "--threads", "1"]);
    assert!(run.stderr.contains("16 × 24×24") && run.stderr.contains("report.html"), "{run}");
    space.done(&["demo", "spectra", "--rows", "120", "-o", "two", "--threads", "2", "--quiet"]);
    for name in ["maps.npz", "maps.model", "latent.csv"] {
        assert!(space.read(&format!("one/{name}")) == space.read(&format!("two/{name}")), "{name}");
    }
    let about = space.done(&["inspect", "one/maps.model"]).text();
    assert!(about.contains("meV") && about.contains("1/angstrom"), "{about}");
    space.done(&["encode", "one/maps.model", "one/maps.npz", "-o", "again.csv"]);
    assert_eq!(space.text("again.csv").lines().count(), 121);
}
