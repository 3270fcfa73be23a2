//! `fit --kind denoising` and what becomes of its models.

use serde_json::json;

use crate::model_file::{ModelFile, model_refused, space_with_tables};
use crate::support::{Cells, Space};

const NOISY: [&str; 6] = ["--columns", "u,g,r,i,z", "--kind", "denoising", "--noise", "gaussian:0.3,salt-pepper:0.05"];

#[test]
fn a_denoising_fit_says_what_it_gains_everywhere() {
    let space = Space::with_stars();
    let run = space.fit("stars.csv", "a.model", &[&NOISY[..], &["--json"]].concat());
    let json = run.json();
    let mse = |which: &str| json["denoising"][which]["mse"].as_f64().unwrap();
    assert!(mse("corrupted") > 0.0 && mse("reconstructed") > 0.0 && mse("pca") > 0.0, "{json}");
    assert_eq!(json["denoising"]["corrupted"]["rows"], json["validation"]["rows"]);
    assert!(run.stderr.contains("held-out rows corrupted by gaussian:0.3, salt-pepper:0.05"), "{run}");
    let words = space.done(&["inspect", "a.model"]).text();
    for expected in ["denoising autoencoder", "gaussian:0.3, salt-pepper:0.05", "an rms error of"] {
        assert!(words.contains(expected), "{words}");
    }
    let document: serde_json::Value =
        serde_json::from_str(&space.done(&["inspect", "--json", "a.model"]).text()).unwrap();
    assert_eq!(document["kind"], "denoising");
    assert_eq!(document["training"]["settings"]["noise"], serde_json::json!(["gaussian:0.3", "salt-pepper:0.05"]));
    space.done(&["report", "a.model", "stars.csv", "-o", "a.html"]);
    assert!(space.text("a.html").contains("rows corrupted by gaussian:0.3, salt-pepper:0.05"));
}

#[test]
fn the_same_bytes_on_any_threads_and_instruction_set_and_from_a_configuration() {
    let space = Space::with_stars();
    let more = [&NOISY[..], &["--blind-spots", "0.3"]].concat();
    space.fit("stars.csv", "a.model", &more);
    for threads in ["1", "3", "7"] {
        space.fit("stars.csv", "b.model", &[&more[..], &["--threads", threads]].concat());
        assert!(space.read("a.model") == space.read("b.model"), "{threads} threads");
    }
    let text = "columns = [\"u\", \"g\", \"r\", \"i\", \"z\"]\nkind = \"denoising\"\nblind-spots = 0.3\n\
                noise = [\"gaussian:0.3\", \"salt-pepper:0.05\"]\n";
    for text in [
        text.to_owned(),
        text.replace("[\"gaussian:0.3\", \"salt-pepper:0.05\"]", "\"gaussian:0.3, salt-pepper:0.05\""),
    ] {
        space.write("fit.toml", text);
        space.fit("stars.csv", "c.model", &["--config", "fit.toml"]);
        assert!(space.read("a.model") == space.read("c.model"));
    }
}

#[test]
fn blind_spots_need_another_feature() {
    let space = Space::with_stars();
    let arguments = ["--columns", "u", "--kind", "denoising", "--blind-spots", "0.2"];
    space.refuses(
        &[&["fit", "stars.csv", "-o", "a.model"][..], &arguments].concat(),
        &["--blind-spots", "no other feature"],
    );
}

#[test]
fn an_ordered_code_is_told_coordinate_by_coordinate() {
    let space = Space::with_stars();
    let run = space.fit("stars.csv", "a.model", &["--columns", "u,g,r,i,z", "--latent", "3", "--ordered", "--json"]);
    let ordered = run.json()["ordered"].as_array().unwrap().clone();
    assert_eq!(ordered.len(), 3);
    assert!(ordered.iter().all(|errors| errors["mse"].as_f64().unwrap() > 0.0));
    assert!(run.stderr.contains("first coordinates"), "{run}");
    assert!(space.done(&["inspect", "a.model"]).text().contains("ordered latents"));
    let refused = ["fit", "stars.csv", "-o", "b.model", "--latent", "1", "--ordered"];
    space.refuses(&refused, &["--latent", "at least 2 with --ordered"]);
}

#[test]
fn blind_spots_reconstruct_each_value_from_the_others() {
    let space = Space::with_stars();
    let arguments = ["--columns", "u,g,r,i,z", "--kind", "denoising", "--blind-spots", "0.2"];
    space.fit("stars.csv", "a.model", &arguments);
    space.done(&["reconstruct", "a.model", "stars.csv", "-o", "before.csv"]);
    let mut table = Cells::of(&space.text("stars.csv"));
    // A value of one row is changed: its own reconstruction stays, and only that.
    let column = table.names.iter().position(|name| name == "g").unwrap();
    table.rows[7][column] = "12".to_owned();
    space.write("changed.csv", table.text());
    space.done(&["reconstruct", "a.model", "changed.csv", "-o", "after.csv"]);
    let (before, after) = (Cells::of(&space.text("before.csv")), Cells::of(&space.text("after.csv")));
    for name in ["u", "g", "r", "i", "z"] {
        let (before, after) = (before.numbers(name), after.numbers(name));
        let same = before.iter().zip(&after).filter(|(before, after)| before == after).count();
        assert_eq!((before[7] == after[7], same), (name == "g", if name == "g" { 200 } else { 199 }), "{name}");
    }
}

#[test]
fn arrays_without_names_are_taken_in_their_order() {
    let space = Space::with_stars();
    space.fit("stars.csv", "a.model", &["--columns", "u,g,r,i,z"]);
    space.done(&["encode", "a.model", "stars.csv", "-o", "z.npy"]);
    space.done(&["decode", "a.model", "z.npy", "-o", "decoded.csv"]);
    space.done(&["reconstruct", "a.model", "stars.csv", "-o", "reconstructed.csv"]);
    assert_eq!(space.text("decoded.csv"), space.text("reconstructed.csv"));
    space.done(&["convert", "stars.csv", "-o", "stars.npy", "--columns", "u,g,r,i,z"]);
    space.done(&["encode", "a.model", "stars.npy", "-o", "again.npy"]);
    assert!(space.read("z.npy") == space.read("again.npy"));
    space.done(&["convert", "stars.csv", "-o", "four.npy", "--columns", "u,g,r,i"]);
    space.refuses(&["encode", "a.model", "four.npy", "-o", "z.csv"], &["four.npy", "\"u\""]);
}

#[test]
fn models_that_contradict_themselves_are_refused() {
    let space = space_with_tables();
    space.fit("stars.csv", "a.model", &[&NOISY[..], &["--blind-spots", "0.3"]].concat());
    let good = ModelFile::of(&space.read("a.model"));
    let changed = |path: &str, value: serde_json::Value| {
        let mut file = ModelFile::of(&good.bytes());
        *file.document.pointer_mut(path).unwrap() = value;
        file.bytes()
    };
    for share in [json!(0.0), json!(-1.0), json!(1.0), json!(1e300), json!(1e-300), json!("x")] {
        model_refused(&space, &changed("/training/settings/blind_spots", share), &[]);
    }
    for kind in ["undercomplete", "brown"] {
        model_refused(&space, &changed("/kind", json!(kind)), &["kind"]);
        model_refused(&space, &changed("/training/settings/kind", json!(kind)), &[]);
    }
    let noises: Vec<&str> = std::iter::repeat_n("gaussian:0.1", 17).collect();
    model_refused(&space, &changed("/training/settings/noise", json!(noises)), &["at most 16"]);
    model_refused(&space, &changed("/training/settings/noise", json!(["gaussian:x"])), &[]);
    model_refused(&space, &changed("/training/denoising/corrupted/mse", json!(-1.0)), &["below zero"]);
    model_refused(&space, &changed("/training/denoising/reconstructed/rmse", json!([])), &["5 features"]);
}
