//! `probe` as its users run it.

use serde_json::Value;

use crate::made_tables::stars;
use crate::support::{Cells, Space};

/// `stars.csv` with more columns, and a model of its magnitudes: `bright` tells which stars are, `twice` is twice g, `count`
/// has six values, `few` is known of every second row.
fn space() -> Space {
    let space = Space::with_model();
    let mut cells = stars(200);
    let g = cells.numbers("g");
    cells.names.extend(["bright", "twice", "count", "few", "same"].map(str::to_owned));
    for (row, (cells, g)) in cells.rows.iter_mut().zip(g).enumerate() {
        let bright = if g < 19.0 { "yes" } else { "no" };
        let few = if row % 2 == 0 { "" } else { bright };
        let more = [bright.to_owned(), (2.0 * g).to_string(), (row % 6).to_string(), few.to_owned(), "1".to_owned()];
        cells.extend(more);
    }
    space.write("more.csv", cells.text());
    space
}

fn figure(json: &Value, input: &str, model: &str, name: &str) -> f64 {
    let all = json["figures"].as_array().unwrap();
    let one = all.iter().find(|one| one["input"] == input && one["model"] == model).unwrap();
    one[name]["value"].as_f64().unwrap()
}

#[test]
fn a_class_is_told_in_words_in_an_object_and_in_a_table() {
    let space = space();
    let run = space.done(&["probe", "stars.model", "more.csv", "--target", "bright", "--json", "-o", "figures.csv"]);
    let json = run.json();
    assert_eq!((&json["task"], &json["rows"], &json["train_rows"]), (&"classify".into(), &200.into(), &149.into()));
    assert!(figure(&json, "raw", "logistic regression", "accuracy") > 0.9, "{run}");
    assert!(json["baseline"]["accuracy"]["value"].as_f64().unwrap() < 0.7);
    assert_eq!(json["figures"].as_array().unwrap().len(), 9);
    assert_eq!(json["differences"].as_array().unwrap().len(), 8);
    assert_eq!(json["rows_the_encoder_was_trained_on"], 160);
    for words in
        ["bright, 2 classes (no ", "PCA-2", "random forest", "balanced accuracy", "trained on 160 of these rows"]
    {
        assert!(run.stderr.contains(words), "{run}does not say {words}");
    }
    let last = json["conclusion"].as_array().unwrap().last().unwrap().as_str().unwrap();
    assert!(run.stderr.contains(last) && last.contains("raw features"), "{run}{last}");
    let table = Cells::of(&space.text("figures.csv"));
    assert_eq!(table.rows.len(), 10);
    assert_eq!(table.column("input")[..2], ["none", "code"]);
    for (value, low, high) in
        table.matrix(&["accuracy", "accuracy_low", "accuracy_high"]).iter().map(|row| (row[0], row[1], row[2]))
    {
        assert!(low <= value && value <= high);
    }
    for file in ["figures.parquet", "figures.npz", "figures.tsv.gz"] {
        space.done(&["probe", "stars.model", "more.csv", "--target", "bright", "-o", file]);
        space.done(&["inspect", file]);
    }
}

#[test]
fn a_quantity_is_told_and_a_label_without_meaning_is_not() {
    let space = space();
    let json = space.done(&["probe", "stars.model", "more.csv", "--target", "twice", "--json"]).json();
    assert_eq!(json["task"], "regress");
    assert!(figure(&json, "raw", "ridge regression", "r2") > 0.999_99, "{json}");
    assert!(figure(&json, "raw", "ridge regression", "rmse") < 0.01, "{json}");
    // Classes of these stars alternate, whatever they look like.
    let json =
        space.done(&["probe", "stars.model", "more.csv", "--target", "class", "--repeats", "5", "--json"]).json();
    let first = json["conclusion"][0].as_str().unwrap();
    assert!(first.contains("not seen to tell anything about \"class\""), "{first}");
    assert_eq!(json["figures"][0]["settings"].as_array().unwrap().len(), 5);
}

#[test]
fn few_integers_are_classes_unless_somebody_says_otherwise() {
    let space = space();
    let task = |more: &[&str]| {
        let arguments = [&["probe", "stars.model", "more.csv", "--json", "--target"][..], more].concat();
        space.done(&arguments).json()["task"].as_str().unwrap().to_owned()
    };
    assert_eq!(task(&["count"]), "classify");
    assert_eq!(task(&["count", "--task", "regress"]), "regress");
    assert_eq!(task(&["objid"]), "regress");
}

#[test]
fn neither_threads_nor_blocks_nor_files_change_a_figure() {
    let space = space();
    let text = space.text("more.csv");
    let lines: Vec<&str> = text.lines().collect();
    let part = |range: &[&str]| [&lines[..1], range].concat().join("\n") + "\n";
    space.write("first.csv", part(&lines[1..71]));
    space.write("second.csv", part(&lines[71..]));
    let target = ["--target", "bright", "--rows", "150", "--seed", "3", "--json"];
    let figures = |data: &[&str], more: &[&str]| {
        let run = space.done(&[&["probe", "stars.model"][..], data, &target, more].concat());
        assert!(run.stderr.contains("150 of 200 rows: 11"), "{run}");
        run.stdout
    };
    let expected = figures(&["more.csv"], &["--threads", "1"]);
    assert!(expected == figures(&["more.csv"], &["--threads", "5"]));
    assert!(expected == figures(&["more.csv"], &["--memory", "20MB"]));
    assert!(expected == figures(&["first.csv", "second.csv"], &[]));
    let other = space.done(&["probe", "stars.model", "more.csv", "--target", "bright", "--rows", "150", "--json"]);
    assert!(expected != other.stdout);
}

#[test]
fn rows_without_label_or_feature_are_left_out_and_counted() {
    let space = space();
    let run = space.done(&["probe", "stars.model", "more.csv", "--target", "few", "--json"]);
    assert!(run.warnings()[0].contains("100 rows are without a \"few\" and left out"), "{run}");
    assert_eq!((&run.json()["rows"], &run.json()["unlabelled_rows"]), (&100.into(), &100.into()));
    let cells = Cells::of(&space.text("more.csv")).with(4, "u", "").with(7, "bright", "perhaps");
    space.write("gaps.csv", cells.text());
    space.refuses(&["probe", "stars.model", "gaps.csv", "--target", "bright"], &["gaps.csv", "row 5", "\"u\""]);
    let run = space.done(&["probe", "stars.model", "gaps.csv", "--target", "bright", "--missing", "skip", "--json"]);
    assert!(run.warnings()[0].contains("1 row is without a feature"), "{run}");
    assert!(run.warnings()[1].contains("1 row left out that no other row has"), "{run}");
    assert_eq!(run.json()["rows"], 198);
    assert!(run.stderr.contains("whether the encoder has seen some of them is not known"), "{run}");
}

#[test]
fn the_rows_that_the_fit_held_out_can_be_probed_alone() {
    let space = space();
    let run = space.done(&["probe", "stars.model", "more.csv", "--target", "bright", "--only-held-out", "--json"]);
    assert_eq!((&run.json()["rows"], &run.json()["rows_the_encoder_was_trained_on"]), (&40.into(), &0.into()), "{run}");
    let other = Cells::of(&space.text("more.csv")).with(0, "u", "19.5");
    space.write("other.csv", other.text());
    let arguments = ["probe", "stars.model", "other.csv", "--target", "bright", "--only-held-out"];
    space.refuses(&arguments, &["other.csv", "not those that the model was trained on"]);
    space.fit("more.csv", "all.model", &["--columns", "u,g,r,i,z", "--validation", "0"]);
    let arguments = ["probe", "all.model", "more.csv", "--target", "bright", "--only-held-out"];
    space.refuses(&arguments, &["without held-out rows"]);
}

#[test]
fn a_target_that_is_a_feature_is_no_test() {
    let run = space().done(&["probe", "stars.model", "more.csv", "--target", "u", "--json"]);
    assert!(run.warnings()[0].contains("\"u\" is one of the features"), "{run}");
    assert!(figure(&run.json(), "raw", "ridge regression", "r2") > 0.999);
}

#[test]
fn what_cannot_be_probed_is_refused() {
    let space = space();
    let few: String = space.text("more.csv").lines().take(15).map(|line| line.to_owned() + "\n").collect();
    space.write("few.csv", few);
    let probe = |data: &str, more: &[&str], words: &[&str]| {
        space.refuses(&[&["probe", "stars.model", data][..], more].concat(), words);
    };
    probe("more.csv", &["--target", "brigth"], &["more.csv", "\"brigth\"", "did you mean \"bright\""]);
    probe("more.csv", &["--target", "bright", "--task", "regress"], &["more.csv", "bright", "row 1"]);
    probe("more.csv", &["--target", "same"], &["\"same\" is \"1\" in every row"]);
    probe("more.csv", &["--target", "same", "--task", "regress"], &["\"same\" is 1 in every row"]);
    probe("more.csv", &["--target", "id"], &["0 rows with a \"id\"", "at least 20"]);
    probe("few.csv", &["--target", "twice"], &["few.csv", "14 rows", "at least 20"]);
    probe("more.csv", &["--target", "bright", "--held-out", "1"], &["--held-out is 1", "0.05 to 0.95"]);
    probe("more.csv", &["--target", "bright", "--repeats", "0"], &["--repeats is 0"]);
    probe("more.csv", &["--target", "bright", "--rows", "0"], &["--rows is 0"]);
    probe("more.csv", &["--target", "bright", "-o", "more.csv"], &["more.csv", "is an input"]);
    probe("more.csv", &["--target", "bright", "-o", "figures.txt"], &["figures.txt"]);
    probe("nowhere.csv", &["--target", "bright"], &["nowhere.csv"]);
    probe("stars.model", &["--target", "bright"], &["stars.model", "is a lumenfold model"]);
    probe("more.csv", &["--target", "bright", "--columns", "u,g"], &["2 columns for a model of 5"]);
    space.refuses(&["probe", "stars.model", "more.csv"], &["--target"]);
}
