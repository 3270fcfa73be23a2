//! Names of columns, whatever they hold.

use crate::made_tables::stars;
use crate::support::{Cells, Space};

/// The names of `stars.csv` with odd ones among them.
fn space_with_odd_names() -> Space {
    let space = Space::new();
    let text = stars(100).text();
    space.write("odd.csv", text.replacen("u,g,r", "\"c,d\",\"say \"\"g\"\"\",r x", 1));
    space
}

#[test]
fn names_with_commas_stand_in_quotes() {
    let space = space_with_odd_names();
    let columns = ["--columns", "\"c,d\", \"say \"\"g\"\"\" ,r x"];
    space.fit("odd.csv", "odd.model", &columns);
    space.done(&["encode", "odd.model", "odd.csv", "-o", "z.csv", "--keep", "id, \"c,d\""]);
    assert_eq!(space.text("z.csv").lines().next(), Some("z1,z2,id,\"c,d\""));
    space.done(&["convert", "odd.csv", "-o", "two.csv", "--columns", "i , r x"]);
    assert_eq!(Cells::of(&space.text("two.csv")).names, ["i", "r x"]);
    space.refuses(&["convert", "odd.csv", "-o", "x.csv", "--columns", "\"c,d"], &["--columns", "not closed"]);
    space.refuses(&["convert", "odd.csv", "-o", "x.csv", "--columns", "i,,z"], &["--columns", "a name is missing"]);
}

#[test]
fn a_name_in_a_configuration_is_one_name() {
    let space = space_with_odd_names();
    space.write("fit.toml", "columns = [\"c,d\", \"r x\"]\nlatent = 1\n");
    space.fit("odd.csv", "a.model", &["--config", "fit.toml"]);
    space.fit("odd.csv", "b.model", &["--latent", "1", "--columns", "\"c,d\",r x"]);
    assert!(space.read("a.model") == space.read("b.model"));
}

#[test]
fn a_suggested_command_names_them_for_a_shell() {
    let space = space_with_odd_names();
    let text = space.done(&["inspect", "odd.csv"]).text();
    assert!(text.contains(" --columns '\"c,d\",\"say \"\"g\"\"\",r x,i,z,objid' -o my.model"), "{text}");
    space.write("-v.csv", "-x,y\n1,2\n3,4\n");
    let text = space.done(&["inspect", "./-v.csv"]).text();
    assert!(text.contains("lumenfold fit ./-v.csv --columns=-x,y -o my.model"), "{text}");
}

#[test]
fn a_feature_that_is_kept_is_kept_as_text() {
    let space = Space::with_model();
    let numbers = stars(200).with_column("u", |row| format!("0{}", 15 + row % 5));
    space.write("numbers.csv", numbers.text());
    space.done(&["encode", "stars.model", "numbers.csv", "-o", "plain.csv"]);
    space.done(&["encode", "stars.model", "numbers.csv", "-o", "kept.csv", "--keep", "u"]);
    let (plain, kept) = (Cells::of(&space.text("plain.csv")), Cells::of(&space.text("kept.csv")));
    assert_eq!(kept.column("u"), numbers.column("u"));
    assert_eq!(plain.column("z1"), kept.column("z1"));
}

#[test]
fn arrays_are_given_names() {
    let space = Space::with_stars();
    let columns = ["--columns", "u,g,r,i,z"];
    space.done(&[&["convert", "stars.csv", "-o", "stars.npy"][..], &columns].concat());
    let named = ["--names", "u,g,r,i,z"];
    space.fit("stars.csv", "csv.model", &columns);
    space.fit("stars.npy", "npy.model", &named);
    assert!(space.read("csv.model") == space.read("npy.model"));
    // The model's features are found by these names, in whatever order.
    space.done(&["convert", "stars.csv", "-o", "turned.npy", "--columns", "z,i,r,g,u"]);
    space.done(&["encode", "csv.model", "stars.csv", "-o", "a.csv"]);
    space.done(&["encode", "csv.model", "turned.npy", "-o", "b.csv", "--names", "z,i,r,g,u"]);
    assert_eq!(space.text("a.csv"), space.text("b.csv"));
    space.done(&["convert", "turned.npy", "-o", "c.csv", "--names", "z,i,r,g,u", "--columns", "g,z"]);
    space.done(&["convert", "stars.csv", "-o", "d.csv", "--columns", "g,z"]);
    assert_eq!(Cells::of(&space.text("c.csv")).names, ["g", "z"]);
    assert_eq!(Cells::of(&space.text("c.csv")).column("g"), Cells::of(&space.text("d.csv")).column("g"));
}

#[test]
fn names_are_for_columns_without() {
    let space = Space::with_stars();
    space.done(&["convert", "stars.csv", "-o", "stars.npy", "--columns", "u,g,r"]);
    space.done(&["convert", "stars.csv", "-o", "stars.parquet", "--columns", "u,g,r"]);
    let refuses = |file: &str, names: &str, words: &[&str]| {
        space.refuses(&["convert", file, "-o", "x.csv", "--names", names], words);
    };
    refuses("stars.npy", "u,g", &["stars.npy", "has 3 columns, and --names has 2 names"]);
    refuses("stars.npy", "u,g,u", &["stars.npy", "\"u\""]);
    refuses("stars.parquet", "a,b,c", &["stars.parquet", "names of their own (\"u\")"]);
    refuses("stars.csv", "a,b,c", &["stars.csv", "is text"]);
    let unknown = ["convert", "stars.npy", "-o", "x.csv", "--names", "u,g,r", "--columns", "x1"];
    space.refuses(&unknown, &["stars.npy", "\"x1\"", "u, g, r"]);
    let patches = ["fit", "stars.npy", "-o", "x.model", "--names", "u,g,r", "--patch", "2"];
    space.refuses(&patches, &["--names"]);
}
