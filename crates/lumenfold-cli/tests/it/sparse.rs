//! `fit --kind sparse` and what becomes of its models.

use serde_json::{Value, json};

use crate::made_tables::parts;
use crate::model_file::{ModelFile, changed_model_refused, lengthening, setting, shortening};
use crate::support::{Cells, Space, fit_arguments};

const RULES: [&str; 5] = ["topk:2", "batch-topk:2", "l1:0.05", "kl:0.1:0.2", "jumprelu:0.05:0.1"];

/// More latents than features, and a network without hidden layers.
const SHAPE: [&str; 8] = ["--kind", "sparse", "--latent", "16", "--hidden", "none", "--norm", "none"];

/// The largest difference between a mean of 32-bit codes and the recorded one.
const MEAN_TOLERANCE: f64 = 1e-5;

fn space() -> Space {
    let space = Space::new();
    space.write("parts.csv", parts(400).text());
    space
}

fn fit(space: &Space, model: &str, rule: &str, more: &[&str]) -> Value {
    let run = space.fit("parts.csv", model, &[&SHAPE[..], &["--sparsity", rule, "--json"], more].concat());
    assert!(run.stderr.contains("of 16 latents on average") && run.stderr.contains("dead"), "{run}");
    run.json()
}

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

/// The codes of a table: `[rows][latents]`, as they were in single precision.
fn codes(space: &Space, model: &str) -> Vec<Vec<f32>> {
    space.done(&["encode", model, "parts.csv", "-o", "codes.csv"]);
    let cells = Cells::of(&space.text("codes.csv"));
    assert_eq!(cells.names.len(), 16);
    cells.rows.iter().map(|row| row.iter().map(|cell| cell.parse().unwrap()).collect()).collect()
}

#[test]
fn every_rule_tells_how_latents_are_used() {
    let space = space();
    for rule in RULES {
        let json = fit(&space, "a.model", rule, &[]);
        let usage = &json["usage"];
        assert!(json["evidence"].is_null(), "{rule}: {json}");
        assert_eq!(usage["rows"], json["validation"]["rows"], "{rule}");
        let (shares, activity) = (numbers(&usage["shares"]), numbers(&usage["activity"]));
        assert_eq!((shares.len(), activity.len()), (16, 16), "{rule}");
        let active = usage["active"].as_f64().unwrap();
        assert!((shares.iter().sum::<f64>() - active).abs() < 1e-9, "{rule}: {usage}");
        // A latent that no held-out row uses may still be used by one that was trained on.
        let unused = shares.iter().filter(|share| **share == 0.0).count();
        assert!(usage["dead"].as_u64().unwrap() <= unused as u64, "{rule}: {usage}");
        // PCA with as many components as a row uses stands beside it.
        let components = active.round().clamp(1.0, 12.0) as u64;
        let rival = json["pca_components"].as_array().unwrap().iter().find(|pca| pca["components"] == components);
        assert_eq!(rival.unwrap()["mse"], json["pca"]["mse"], "{rule}");

        let words = space.done(&["inspect", "a.model"]).text();
        assert!(words.contains("sparse autoencoder") && words.contains(rule), "{words}");
        let document = space.done(&["inspect", "--json", "a.model"]).json();
        assert_eq!(document["kind"], "sparse");
        assert_eq!(document["training"]["settings"]["sparsity"], rule);
        assert_eq!(&document["training"]["usage"], usage, "{rule}");
        space.done(&["report", "a.model", "parts.csv", "-o", "a.html"]);
        assert!(space.text("a.html").contains("of 16 latents on average"), "{rule}");
    }
}

#[test]
fn what_is_told_is_what_the_codes_are() {
    let space = space();
    for rule in RULES {
        // Without held-out rows the record tells of all rows.
        let usage = fit(&space, "a.model", rule, &["--validation", "0"])["usage"].clone();
        let codes = codes(&space, "a.model");
        assert_eq!(codes.len(), 400);
        assert!(codes.iter().flatten().all(|value| *value >= 0.0), "{rule}: a negative latent");
        let used = |code: &[f32]| code.iter().filter(|value| **value != 0.0).count();
        if rule == "topk:2" {
            assert!(codes.iter().all(|code| used(code) <= 2), "more than two latents");
        }
        // A sigmoid is never zero; it is used where it is twice as active as it should be on average.
        let threshold = if rule.starts_with("kl:0.1") { 0.2 } else { 0.0 };
        let column = |index: usize| codes.iter().map(move |code| code[index]);
        let shares: Vec<f64> =
            (0..16).map(|index| column(index).filter(|value| *value > threshold).count() as f64 / 400.0).collect();
        assert_eq!(numbers(&usage["shares"]), shares, "{rule}");
        assert_eq!(usage["dead"], json!(shares.iter().filter(|share| **share == 0.0).count()), "{rule}");
        for (index, told) in numbers(&usage["activity"]).into_iter().enumerate() {
            let mean = column(index).map(f64::from).sum::<f64>() / 400.0;
            assert!((told - mean).abs() < MEAN_TOLERANCE, "{rule}: {told}, not {mean}");
        }
        space.done(&["decode", "a.model", "codes.csv", "-o", "decoded.csv"]);
        space.done(&["reconstruct", "a.model", "parts.csv", "-o", "reconstructed.csv"]);
        assert_eq!(space.text("decoded.csv"), space.text("reconstructed.csv"), "{rule}");
    }
}

#[test]
fn a_rule_keeps_about_as_many_latents_as_it_says() {
    let space = space();
    let long = ["--epochs", "60", "--learning-rate", "0.01"];
    let of_rule = |rule: &str| {
        let json = fit(&space, "a.model", rule, &long);
        (json["usage"]["active"].as_f64().unwrap(), json["validation"]["explained_variance"].as_f64().unwrap())
    };
    let (active, explained) = of_rule("topk:2");
    assert!(active <= 2.0 && explained > 0.9, "{active} {explained}");
    // Single rows pass a threshold that was learnt from batches.
    let (active, explained) = of_rule("batch-topk:2");
    assert!((active - 2.0).abs() < 0.5 && explained > 0.9, "{active} {explained}");
    // A penalty that is a hundred times as large leaves fewer latents and explains less.
    for [low, high] in [["l1:0.01", "l1:1"], ["jumprelu:0.01", "jumprelu:1"]] {
        let [(many, much), (few, little)] = [low, high].map(of_rule);
        assert!(few < many && little < much, "{low}: {many} {much}, {high}: {few} {little}");
    }
    let activity = |rule: &str| {
        let json = fit(&space, "a.model", rule, &["--epochs", "300", "--learning-rate", "0.01"]);
        numbers(&json["usage"]["activity"]).iter().sum::<f64>() / 16.0
    };
    let [low, high] = ["kl:0.05:10", "kl:0.3:10"].map(activity);
    assert!((low - 0.05).abs() < 0.03 && (high - 0.3).abs() < 0.1, "activities of {low} and {high}");
}

#[test]
fn dead_latents_are_revived_unless_revival_is_zero() {
    let space = space();
    // So many latents that some are dead soon.
    let shape: Vec<&str> = SHAPE.iter().map(|word| if *word == "16" { "96" } else { word }).collect();
    let fit = |model: &str, revival: &[&str]| {
        let rule = ["--sparsity", "topk:2", "--epochs", "30", "--json"];
        space.fit("parts.csv", model, &[&shape, &rule[..], revival].concat()).json()
    };
    fit("default.model", &[]);
    fit("quarter.model", &["--revival", "0.25"]);
    assert!(space.read("default.model") == space.read("quarter.model"));
    let none = fit("none.model", &["--revival", "0"]);
    assert!(none["usage"]["dead"].as_u64().unwrap() > 0, "{none}");
    assert!(space.read("default.model") != space.read("none.model"));
    assert!(space.done(&["inspect", "default.model"]).text().contains("dead latents revived with weight 0.25"));
    assert!(!space.done(&["inspect", "none.model"]).text().contains("revived"));
}

#[test]
fn the_same_bytes_on_any_threads_and_instruction_set_and_from_a_configuration() {
    let space = space();
    for rule in RULES {
        // Several tiles in a batch, so that every thread has some.
        let options = [&SHAPE[..], &["--sparsity", rule, "--batch", "200"]].concat();
        let arguments = |model, more: &[&'static str]| fit_arguments("parts.csv", model, &[&options, more].concat());
        space.done(&arguments("a.model", &["--threads", "1"]));
        for threads in ["2", "3"] {
            space.done(&arguments("b.model", &["--threads", threads]));
            assert!(space.read("a.model") == space.read("b.model"), "{rule}: {threads} threads");
        }
        space.run_with(&arguments("b.model", &[]), &[("LUMENFOLD_SIMD", "portable")]).succeeded();
        assert!(space.read("a.model") == space.read("b.model"), "{rule}: portable code");
        space.write(
            "fit.toml",
            format!(
                "kind = \"sparse\"\nsparsity = \"{rule}\"\nlatent = 16\nhidden = []\nnorm = \"none\"\nbatch = 200\n\
                 epochs = 6\n{}",
                if rule.contains("topk") { "revival = 0.25\n" } else { "" }
            ),
        );
        space.done(&["fit", "parts.csv", "-o", "b.model", "--config", "fit.toml"]);
        assert!(space.read("a.model") == space.read("b.model"), "{rule}: configuration");
    }
}

#[test]
fn models_that_contradict_themselves_are_refused() {
    let space = space();
    // The names that the readers of models know.
    space.write("stars.csv", space.read("parts.csv"));
    space.write("latent.csv", "z1\n0\n");
    fit(&space, "a.model", "topk:2", &[]);
    let model = space.read("a.model");
    for kind in ["undercomplete", "denoising", "variational"] {
        changed_model_refused(&space, &model, setting("/kind", json!(kind)), &["kind"]);
        changed_model_refused(&space, &model, setting("/training/settings/kind", json!(kind)), &[]);
    }
    let sparsity = "/training/settings/sparsity";
    for (value, word) in [
        (json!("topk:3"), "layers"),
        (json!("topk:17"), "--sparsity"),
        (json!("l1:0.1"), ""),
        (json!("ridge:1"), "unknown sparsity"),
        (Value::Null, "--sparsity"),
    ] {
        changed_model_refused(&space, &model, setting(sparsity, value), &[word]);
    }
    for (pointer, value) in [("/encoder/1/kept", 17), ("/encoder/1/kept", 0), ("/encoder/1/width", 15)] {
        changed_model_refused(&space, &model, setting(pointer, json!(value)), &[]);
    }
    changed_model_refused(&space, &model, shortening("/encoder"), &["layers"]);
    for list in ["/training/usage/shares", "/training/usage/activity"] {
        changed_model_refused(&space, &model, shortening(list), &["16 latents"]);
        changed_model_refused(&space, &model, lengthening(list), &["16 latents"]);
    }

    for rule in ["jumprelu:0.05:0.1", "batch-topk:2"] {
        fit(&space, "a.model", rule, &[]);
        let model = space.read("a.model");
        let name = "encoder.1.log_threshold";
        let rename = |file: &mut ModelFile| {
            let tensor = file.header.remove(name).unwrap();
            file.header.insert("encoder.1.threshold".to_owned(), tensor);
        };
        changed_model_refused(&space, &model, rename, &[name, "missing"]);
        changed_model_refused(&space, &model, |file| file.header[name]["shape"] = json!([4, 4]), &[name]);
        let relu = json!({"type": "activation", "function": "relu"});
        changed_model_refused(&space, &model, setting("/encoder/1", relu), &[]);
    }
}
