//! `inspect`: what is in a model or a table.

use serde_json::Value;

use crate::model_file::ModelFile;
use crate::support::{Space, small_model};

#[test]
fn a_model_in_words() {
    let space = Space::with_model();
    let run = space.done(&["inspect", "stars.model"]);
    let text = run.text();
    for words in [
        "stars.model: undercomplete autoencoder, written by lumenfold ",
        "network (167 parameters)",
        "encoder    5-8-2",
        "decoder    2-8-5",
        "silu, then layer norm",
        "z1, z2",
        "features (standard scaling)",
        "fingerprint",
        "200 (160 trained on, 40 held out)",
        "AdamW, batch 32",
        "cosine schedule",
        "6 of 6 (all done)",
        "errors in original units",
        "held-out",
        "PCA-2",
        "rms u",
        "mean squared error",
        "explained variance",
    ] {
        assert!(text.contains(words), "does not say {words:?}:\n{text}");
    }
    for feature in ["u", "g", "r", "i", "z"] {
        let line = text.lines().find(|line| line.trim_start().starts_with(&format!("{feature} "))).unwrap();
        assert!(line.contains("(x - "), "{line}");
    }
}

#[test]
fn a_model_as_json_is_its_document() {
    let space = Space::with_model();
    let json = space.done(&["inspect", "stars.model", "--json"]).json();
    assert_eq!(json, ModelFile::of(small_model()).document);
}

#[test]
fn the_errors_are_those_of_the_fit() {
    let space = Space::with_stars();
    let fitted = space.fit("stars.csv", "a.model", &["--columns", "u,g,r,i,z", "--json"]).json();
    let document = space.done(&["inspect", "a.model", "--json"]).json();
    let training = &document["training"];
    let same = |a: &Value, b: &Value| assert_eq!(a, b);
    same(&fitted["validation"]["mse"], &training["validation"]["mse"]);
    same(&fitted["train"]["loss"], &training["train"]["loss"]);
    same(&fitted["pca"]["mse"], &training["pca"][1]["errors"]["mse"]);
    same(&fitted["best_epoch"], &training["best_epoch"]);
}

#[test]
fn a_table_in_words() {
    let space = Space::new();
    let cells = crate::made_tables::stars(120).with(3, "g", "").with_column("r", |_| "17.5".to_owned());
    space.write("stars.csv", cells.text());
    let text = space.done(&["inspect", "stars.csv"]).text();
    assert!(text.starts_with("stars.csv: 120 rows, 8 columns\n"), "{text}");
    let line = |name: &str| text.lines().find(|line| line.trim_start().starts_with(&format!("{name} "))).unwrap();
    assert!(line("id").contains("text"), "{text}");
    assert!(line("g").contains("float64") && line("g").ends_with('1'), "{text}");
    assert!(line("r").contains("17.50") && line("r").ends_with("constant"), "{text}");
    assert!(line("objid").contains("integer"), "{text}");
    assert!(text.contains("lumenfold fit stars.csv --columns u,g,r,i,z,objid -o my.model"), "{text}");
}

#[test]
fn tables_of_every_format() {
    let space = Space::with_stars();
    let shown = |name: &str| {
        let text = space.done(&["inspect", name]).text();
        let columns = text.lines().skip(1).take_while(|line| !line.starts_with("train"));
        columns.map(str::to_owned).collect::<Vec<_>>()
    };
    for name in ["stars.csv.gz", "stars.parquet", "stars.npz"] {
        space.done(&["convert", "stars.csv", "-o", name]);
        assert_eq!(shown(name), shown("stars.csv"), "{name}");
    }
}

#[test]
fn a_table_as_json() {
    let space = Space::new();
    space.write("small.csv", "id,u,class\n1,1.5,STAR\n2,,QSO\n3,4.5,\n");
    let json = space.done(&["inspect", "small.csv", "--json"]).json();
    assert_eq!((json["source"].as_str(), json["rows"].as_u64()), (Some("small.csv"), Some(3)));
    let u = &json["columns"][1];
    assert_eq!((u["name"].as_str(), u["type"].as_str(), u["missing"].as_u64()), (Some("u"), Some("float64"), Some(1)));
    let [least, mean, largest, deviation] =
        ["least", "mean", "largest", "deviation"].map(|key| u[key].as_f64().unwrap());
    assert_eq!([least, mean, largest, deviation], [1.5, 3.0, 4.5, 1.5]);
    assert_eq!(json["columns"][2]["least"], Value::Null);
    assert_eq!(json["first_rows"][1], serde_json::json!({ "id": 2, "u": null, "class": "QSO" }));
}
