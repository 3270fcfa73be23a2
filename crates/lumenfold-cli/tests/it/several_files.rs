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
fn a_folder_and_a_pattern_are_their_files() {
    let space = space_with_parts();
    std::fs::create_dir(space.path("nights")).unwrap();
    for name in ["one.csv", "two.csv"] {
        std::fs::rename(space.path(name), space.path(&format!("nights/{name}"))).unwrap();
    }
    space.write("nights/notes.md", "# Clouds");
    let text = space.done(&["convert", "stars.csv", "-o", "-"]).text().to_owned();
    for input in ["nights", "nights/*.csv", "nights/???.csv"] {
        assert_eq!(space.done(&["convert", input, "-o", "-"]).text(), text, "{input}");
    }
    space.done(&["convert", "nights", "-o", "nights/all.parquet"]);
    // What was written lies in the folder now.
    space.refuses(&["convert", "nights", "-o", "nights/all.parquet"], &["all.parquet", "is an input"]);
    space.done(&["fit", "nights/*.csv", "--columns", "u,g,r", "--epochs", "1", "-o", "a.model"]);
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
