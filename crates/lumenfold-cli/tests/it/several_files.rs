//! Several files as one table.

use crate::made_tables::stars;
use crate::support::{Cells, Space};

/// `stars.csv` in two files.
fn space_with_parts() -> Space {
    let space = Space::with_model();
    let Cells { names, rows } = stars(200);
    for (name, rows) in [("one.csv", &rows[..70]), ("two.csv", &rows[70..])] {
        space.write(name, Cells { names: names.clone(), rows: rows.to_vec() }.text());
    }
    space
}

#[test]
fn files_in_order_are_one_table() {
    let space = space_with_parts();
    for verb in [&["encode", "stars.model"][..], &["reconstruct", "stars.model"], &["convert"], &["inspect", "--json"]]
    {
        let output: &[&str] = if verb[0] == "inspect" { &[] } else { &["-o", "-"] };
        let one = space.done(&[verb, &["stars.csv"], output].concat());
        let two = space.done(&[verb, &["one.csv", "two.csv"], output].concat());
        let named = two.text().replace("one.csv and 1 more", "stars.csv");
        assert_eq!(one.text(), named, "{verb:?}");
    }
    let document = |arguments: &[&str]| {
        space.done(&[&["report", "stars.model", "-o", "r.html", "--title", "x"], arguments].concat());
        space.text("r.html").replace("one.csv and 1 more", "stars.csv")
    };
    assert!(document(&["stars.csv"]) == document(&["one.csv", "two.csv"]));
}

#[test]
fn errors_name_the_file_and_its_own_row() {
    let space = space_with_parts();
    space.write("two.csv", stars(50).with(9, "g", "").text());
    let arguments = ["encode", "stars.model", "one.csv", "two.csv", "-o", "z.csv"];
    space.refuses(&arguments, &["two.csv: row 10, column \"g\"", "1 of 120 rows"]);
    let run = space.done(&[&arguments[..], &["--missing", "skip"]].concat());
    assert!(run.warnings()[0].contains("one.csv and 1 more: 1 of 120 rows lack a value"), "{run}");
    space.write("other.csv", "a,b\n1,2\n");
    space.refuses(&["convert", "one.csv", "other.csv", "-o", "z.csv"], &["other.csv"]);
}

#[test]
fn no_input_is_written_over_and_standard_input_is_read_once() {
    let space = space_with_parts();
    space.refuses(&["convert", "one.csv", "two.csv", "-o", "two.csv"], &["two.csv: is an input"]);
    space.refuses(&["report", "stars.model", "one.csv", "two.csv", "-o", "two.csv"], &["two.csv: is an input"]);
    space.refuses(&["convert", "-", "-", "-o", "z.csv"], &["standard input can be read only once"]);
}
