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
