//! `convert`: nothing is lost between formats that can hold it.

use crate::made_tables::stars;
use crate::support::{Cells, Space};

#[test]
fn every_format_gives_the_table_back() {
    let space = Space::with_stars();
    for name in ["a.tsv", "a.csv.gz", "a.csv.zst", "a.tsv.gz", "a.parquet", "a.npz"] {
        space.done(&["convert", "stars.csv", "-o", name]);
        space.done(&["convert", name, "-o", "back.csv"]);
        assert!(space.text("back.csv") == space.text("stars.csv"), "by way of {name}");
    }
}

#[test]
fn a_matrix_gives_its_numbers_back() {
    let space = Space::with_stars();
    space.done(&["convert", "stars.csv", "-o", "a.npy", "--columns", "u,g,r,i,z"]);
    space.done(&["convert", "a.npy", "-o", "back.csv"]);
    let (back, input) = (Cells::of(&space.text("back.csv")), stars(200));
    assert_eq!(back.names, ["x1", "x2", "x3", "x4", "x5"]);
    for (name, original) in back.names.iter().zip(["u", "g", "r", "i", "z"]) {
        assert_eq!(back.numbers(name), input.numbers(original));
    }
}

#[test]
fn columns_are_chosen_and_ordered() {
    let space = Space::with_stars();
    space.done(&["convert", "stars.csv", "-o", "some.csv", "--columns", "objid,z,u"]);
    let some = Cells::of(&space.text("some.csv"));
    assert_eq!(some.names, ["objid", "z", "u"]);
    assert_eq!(some.column("objid"), stars(200).column("objid"));
}

#[test]
fn empty_cells_and_text_with_commas_survive() {
    let space = Space::new();
    let text = "name,x,n\n\"a, b\",1.5,\n\"say \"\"hi\"\"\",,7\nplain,-0.25,8\n";
    space.write("odd.csv", text);
    for name in ["odd.parquet", "odd.tsv"] {
        space.done(&["convert", "odd.csv", "-o", name]);
        space.done(&["convert", name, "-o", "back.csv"]);
        assert_eq!(space.text("back.csv"), text, "by way of {name}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let space = Space::with_stars();
    for name in ["a.csv.gz", "a.csv.zst", "a.parquet", "a.npz"] {
        space.done(&["convert", "stars.csv", "-o", name]);
        let first = space.read(name);
        space.done(&["convert", "stars.csv", "-o", name]);
        assert!(first == space.read(name), "{name}");
    }
}
