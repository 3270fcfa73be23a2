//! What `fit` prints and keeps.

use crate::made_tables::Noise;
use crate::model_file::ModelFile;
use crate::support::Space;

const COLUMNS: [&str; 2] = ["--columns", "u,g,r,i,z"];

#[test]
fn json_is_one_object_with_every_key_of_the_contract() {
    let space = Space::with_stars();
    let run = space.fit("stars.csv", "a b.model", &["--columns", "u,g,r,i,z", "--json"]);
    let json = run.json();
    assert_eq!(run.text().lines().count(), 1, "{run}");
    for key in ["rows", "features", "parameters", "epochs", "seconds", "rows_per_second"] {
        assert!(json[key].as_f64().is_some_and(|value| value > 0.0), "{key} in {json}");
    }
    for errors in ["train", "validation", "pca"] {
        assert!(json[errors]["mse"].as_f64().is_some_and(|value| value > 0.0), "{errors} in {json}");
        assert!(json[errors]["explained_variance"].as_f64().is_some_and(|value| value <= 1.0), "{errors} in {json}");
        let rmse = json[errors]["rmse"].as_object().unwrap();
        assert_eq!(rmse.keys().map(String::as_str).collect::<Vec<_>>(), ["g", "i", "r", "u", "z"]);
    }
    assert_eq!(json["model"], "a b.model");
    assert_eq!((json["rows"].as_u64(), json["features"].as_u64()), (Some(200), Some(5)));
    // 5·8 + 8, the normalisation 2·8, 8·2 + 2; then 2·8 + 8, 2·8, 8·5 + 5.
    assert_eq!(json["parameters"], 48 + 16 + 18 + 24 + 16 + 45);
    assert_eq!(json["epochs"], 6);
}

#[test]
fn without_json_standard_output_stays_empty() {
    let space = Space::with_stars();
    let run = space.fit("stars.csv", "a.model", &COLUMNS);
    assert!(run.stdout.is_empty(), "{run}");
    for words in
        ["stars.csv: 200 rows, 5 features", "network 5-8-2", "PCA-2", "wrote a.model", "lumenfold encode a.model"]
    {
        assert!(run.stderr.contains(words), "{run}does not say {words}");
    }
}

#[test]
fn every_numeric_column_is_learnt_from_by_default() {
    let space = Space::with_stars();
    // Text (id with leading zeros, class) is not numeric; the long integer is.
    let json = space.fit("stars.csv", "a.model", &["--json"]).json();
    assert_eq!(json["features"], 6);
    assert!(json["train"]["rmse"]["objid"].is_number());
}

#[test]
fn the_order_of_columns_is_the_order_of_features() {
    let space = Space::with_stars();
    space.fit("stars.csv", "a.model", &["--columns", "z,u,g"]);
    let file = ModelFile::of(&space.read("a.model"));
    let features = file.document["features"].as_array().unwrap();
    let names: Vec<_> = features.iter().map(|feature| feature["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["z", "u", "g"]);
}

#[test]
fn the_mirror_of_the_encoder_decodes() {
    let space = Space::with_stars();
    space.fit("stars.csv", "a.model", &["--columns", "u,g,r", "--hidden", "9,7,3", "--latent", "1"]);
    let text = space.done(&["inspect", "a.model"]).text();
    assert!(text.contains("3-9-7-3-1") && text.contains("1-3-7-9-3"), "{text}");
}

#[test]
fn patience_ends_a_fit_and_the_best_epoch_is_kept() {
    let space = Space::new();
    // Pure noise is learnt by heart: the held-out error rises soon.
    let mut noise = Noise::new(3);
    let mut text = "a,b,c,d\n".to_owned();
    for _ in 0..100 {
        let cells: Vec<String> = (0..4).map(|_| format!("{:.4}", noise.next())).collect();
        text += &(cells.join(",") + "\n");
    }
    space.write("noise.csv", text);
    let fit = |model: &str, more: &[&str]| {
        let common = ["--hidden", "30", "--schedule", "constant", "--json"];
        space.fit("noise.csv", model, &[&common[..], more].concat()).json()
    };
    let patient = fit("patient.model", &["--epochs", "2000", "--patience", "7"]);
    let (epochs, best) = (patient["epochs"].as_u64().unwrap(), patient["best_epoch"].as_u64().unwrap());
    assert!(epochs < 2000, "{patient}");
    assert_eq!(epochs, best + 7);
    // With a constant learning rate, a fit of just so many epochs ends with the very weights that were kept.
    let exact = fit("exact.model", &["--epochs", &best.to_string()]);
    assert_eq!(exact["best_epoch"], best);
    assert_eq!(exact["validation"]["mse"], patient["validation"]["mse"]);
    let data = |model: &str| ModelFile::of(&space.read(model)).data;
    assert_eq!(data("exact.model"), data("patient.model"));
    // And no epoch of the record was better.
    let document = ModelFile::of(&space.read("patient.model")).document;
    let losses = document["training"]["losses"].as_array().unwrap();
    let losses: Vec<f64> = losses.iter().map(|loss| loss["validation"].as_f64().unwrap()).collect();
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(losses[best as usize - 1], least);
    assert_eq!(document["training"]["stopped"], "patience");
}

#[test]
fn rows_that_lack_a_value_are_skipped_when_asked_for() {
    let space = Space::new();
    let cells = crate::made_tables::stars(120).with(4, "r", "").with(9, "u", "nan").with(11, "u", "inf");
    space.write("gaps.csv", cells.text());
    let run = space.fit("gaps.csv", "a.model", &["--columns", "u,g,r", "--missing", "skip", "--json"]);
    let json = run.json();
    assert_eq!((json["rows"].as_u64(), json["skipped_rows"].as_u64()), (Some(117), Some(3)));
    assert!(run.warnings()[0].contains("gaps.csv: 3 of 120 rows lack a value"), "{run}");
    // The same model as from the table without those rows.
    let rows = cells.rows.iter().enumerate().filter(|(row, _)| ![4, 9, 11].contains(row)).map(|(_, row)| row.clone());
    let whole = crate::support::Cells { names: cells.names.clone(), rows: rows.collect() };
    space.write("whole.csv", whole.text());
    space.fit("whole.csv", "b.model", &["--columns", "u,g,r"]);
    assert_eq!(ModelFile::of(&space.read("a.model")).data, ModelFile::of(&space.read("b.model")).data);
}

#[test]
fn every_activation_schedule_and_scaling_can_be_fitted() {
    let space = Space::with_stars();
    for activation in ["silu", "relu", "leaky-relu", "gelu", "tanh", "sin", "sigmoid", "identity"] {
        space.fit("stars.csv", "a.model", &[&COLUMNS[..], &["--activation", activation]].concat());
        assert!(space.done(&["inspect", "a.model"]).text().contains("latent     z1, z2"));
    }
    for schedule in ["cosine", "constant", "step"] {
        space.fit("stars.csv", "a.model", &[&COLUMNS[..], &["--schedule", schedule]].concat());
    }
    for scale in ["standard", "robust", "common", "log", "asinh", "none", "factor:20"] {
        space.fit("stars.csv", "a.model", &[&COLUMNS[..], &["--scale", scale]].concat());
        let text = space.done(&["inspect", "a.model"]).text();
        assert!(text.contains(&format!("({scale} scaling)")), "{text}");
        space.done(&["reconstruct", "a.model", "stars.csv", "-o", "out.csv"]);
    }
}
