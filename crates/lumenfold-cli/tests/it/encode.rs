//! Rows through encoder and decoder: order, number, kept columns, missing values.

use crate::made_tables::stars;
use crate::support::{Cells, Space};

/// Largest difference between decode(encode(x)) and reconstruct(x), in units of the data.
const DETOUR: f64 = 1e-6;

#[test]
fn permuting_the_rows_permutes_the_latents() {
    let space = Space::with_model();
    let straight = stars(200);
    let order: Vec<usize> = (0..200).map(|row| row * 77 % 200).collect();
    let rows = order.iter().map(|row| straight.rows[*row].clone()).collect();
    space.write("permuted.csv", Cells { names: straight.names, rows }.text());
    for verb in ["encode", "reconstruct"] {
        space.done(&[verb, "stars.model", "stars.csv", "-o", "straight.csv"]);
        space.done(&[verb, "stars.model", "permuted.csv", "-o", "permuted.out.csv"]);
        let straight = Cells::of(&space.text("straight.csv"));
        let permuted = Cells::of(&space.text("permuted.out.csv"));
        for (place, row) in order.iter().enumerate() {
            assert_eq!(permuted.rows[place], straight.rows[*row]);
        }
    }
}

#[test]
fn a_row_alone_gives_what_it_gives_among_others() {
    let space = Space::with_model();
    space.done(&["encode", "stars.model", "stars.csv", "-o", "all.csv"]);
    let all = Cells::of(&space.text("all.csv"));
    let stars = stars(200);
    for row in [0, 63, 64, 130, 199] {
        let one = Cells { names: stars.names.clone(), rows: vec![stars.rows[row].clone()] };
        space.write("one.csv", one.text());
        space.done(&["encode", "stars.model", "one.csv", "-o", "one.out.csv"]);
        assert_eq!(Cells::of(&space.text("one.out.csv")).rows, [all.rows[row].clone()]);
    }
}

#[test]
fn kept_columns_are_verbatim_and_in_place() {
    let space = Space::with_model();
    for (verb, features) in [("encode", vec!["z1", "z2"]), ("reconstruct", vec!["u", "g", "r", "i", "z"])] {
        space.done(&[verb, "stars.model", "stars.csv", "-o", "out.csv", "--keep", "objid,id,class"]);
        let (input, output) = (stars(200), Cells::of(&space.text("out.csv")));
        assert_eq!(output.names, [features, vec!["objid", "id", "class"]].concat());
        for name in ["objid", "id", "class"] {
            assert_eq!(input.column(name), output.column(name), "{verb}");
        }
        assert_eq!(output.column("id")[7], "007");
        assert_eq!(output.column("objid")[0], "1237648720693755918");
    }
}

#[test]
fn rows_that_are_skipped_keep_their_place() {
    let space = Space::with_model();
    let gaps = stars(200).with(0, "u", "").with(77, "z", "NaN").with(199, "g", "inf");
    space.write("gaps.csv", gaps.text());
    for (verb, name) in [("encode", "z1"), ("reconstruct", "u")] {
        let arguments = [verb, "stars.model", "gaps.csv", "-o", "out.csv", "--keep", "id,objid", "--missing", "skip"];
        let run = space.done(&arguments);
        assert!(run.warnings()[0].contains("gaps.csv: 3 of 200 rows lack a value"), "{run}");
        space.done(&[verb, "stars.model", "stars.csv", "-o", "whole.csv", "--keep", "id,objid"]);
        let (output, whole) = (Cells::of(&space.text("out.csv")), Cells::of(&space.text("whole.csv")));
        assert_eq!(output.column("id"), gaps.column("id"));
        assert_eq!(output.column("objid"), gaps.column("objid"));
        for row in 0..200 {
            if [0, 77, 199].contains(&row) {
                assert_eq!(output.column(name)[row], "");
            } else {
                assert_eq!(output.rows[row], whole.rows[row]);
            }
        }
    }
}

#[test]
fn decoding_what_was_encoded_is_reconstructing() {
    let space = Space::with_model();
    for latent in ["latent.csv", "latent.parquet", "latent.npz", "latent.tsv.gz"] {
        space.done(&["encode", "stars.model", "stars.csv", "-o", latent, "--keep", "id"]);
        space.done(&["decode", "stars.model", latent, "-o", "decoded.csv", "--keep", "id"]);
        space.done(&["reconstruct", "stars.model", "stars.csv", "-o", "reconstructed.csv", "--keep", "id"]);
        let decoded = Cells::of(&space.text("decoded.csv"));
        let reconstructed = Cells::of(&space.text("reconstructed.csv"));
        assert_eq!(decoded.names, reconstructed.names);
        assert_eq!(decoded.column("id"), reconstructed.column("id"));
        for name in ["u", "g", "r", "i", "z"] {
            for (a, b) in decoded.numbers(name).iter().zip(reconstructed.numbers(name)) {
                assert!((a - b).abs() <= DETOUR, "{name}: {a} and {b} by way of {latent}");
            }
        }
    }
}

#[test]
fn features_are_found_by_name_or_by_the_columns_given() {
    let space = Space::with_model();
    space.done(&["encode", "stars.model", "stars.csv", "-o", "by_name.csv"]);
    // Another order of columns and other names change nothing.
    let mut renamed = stars(200);
    renamed.names = ["id", "m1", "m2", "m3", "m4", "m5", "class", "objid"].map(str::to_owned).to_vec();
    renamed.rows.iter_mut().for_each(|row| row.reverse());
    renamed.names.reverse();
    space.write("renamed.csv", renamed.text());
    let columns = ["--columns", "m1,m2,m3,m4,m5"];
    space.done(&[&["encode", "stars.model", "renamed.csv", "-o", "by_columns.csv"][..], &columns].concat());
    assert_eq!(space.text("by_name.csv"), space.text("by_columns.csv"));
    space.refuses(&["encode", "stars.model", "renamed.csv", "-o", "out.csv"], &["renamed.csv", "\"u\""]);
}

#[test]
fn values_far_from_zero_keep_their_digits() {
    let space = Space::new();
    // Julian dates: a day apart, two and a half million from zero.
    let cells = stars(120).with_column("u", |row| format!("{:.4}", 2_459_000.5 + row as f64 * 0.01));
    space.write("dates.csv", cells.text());
    space.fit("dates.csv", "a.model", &["--columns", "u,g", "--epochs", "60"]);
    space.done(&["reconstruct", "a.model", "dates.csv", "-o", "out.csv"]);
    let output = Cells::of(&space.text("out.csv"));
    // 32-bit floats at that distance are a quarter of a day apart.
    assert!(output.numbers("u").iter().any(|value| (value * 4.0).fract() != 0.0));
}

#[test]
fn a_kept_feature_stands_beside_its_reconstruction() {
    let space = Space::with_model();
    space.done(&["reconstruct", "stars.model", "stars.csv", "-o", "out.csv", "--keep", "u,class"]);
    let out = space.text("out.csv");
    assert_eq!(out.lines().next(), Some("u,g,r,i,z,u_input,class"));
}
