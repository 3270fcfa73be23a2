//! `fit --kind variational` and what becomes of its models.

use std::path::Path;

use lumenfold::data::BlockSplit;
use serde_json::{Value, json};

use crate::made_tables::{blob, chances, counts};
use crate::model_file::{ModelFile, changed_model_refused, lengthening, setting, shortening};
use crate::support::{Cells, Space, fit_arguments};

/// A table, and the options of a likelihood that suits it.
pub(crate) const LIKELIHOODS: [(&str, &[&str]); 4] = [
    ("blob.csv", &["--likelihood", "gaussian"]),
    ("blob.csv", &["--likelihood", "gaussian:0.3"]),
    ("chances.csv", &["--likelihood", "bernoulli", "--binarize", "--scale", "none"]),
    ("counts.csv", &["--likelihood", "poisson", "--scale", "factor:1"]),
];

/// The noise of a hundred draws for each row, in nats: the divergence in the bound is exact, that in the weights is drawn.
const DRAW_NOISE: f64 = 0.02;

/// A linear fit ends so far from the best one, in nats.
const NEAR_THE_BEST: f64 = 0.05;

pub(crate) fn space() -> Space {
    let space = Space::new();
    space.write("blob.csv", blob(1000).text());
    space.write("chances.csv", chances(1000).text());
    space.write("counts.csv", counts(1000).text());
    space
}

pub(crate) fn fit(space: &Space, table: &str, model: &str, more: &[&str]) -> Value {
    space.fit(table, model, &[&["--kind", "variational", "--json"], more].concat()).json()
}

pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

#[test]
fn every_likelihood_tells_its_evidence() {
    let space = space();
    for (table, options) in LIKELIHOODS {
        let json = fit(&space, table, "a.model", &[options, &["--epochs", "30"]].concat());
        let evidence = &json["evidence"];
        assert!(json["usage"].is_null(), "{options:?}");
        assert_eq!(evidence["rows"], json["validation"]["rows"], "{options:?}");
        let of = |name: &str| number(&evidence[name]);
        assert!((of("reconstruction") - of("divergence") - of("elbo")).abs() < 1e-9, "{options:?}: {evidence}");
        let list = |name: &str| evidence[name].as_array().unwrap().iter().map(number).collect::<Vec<_>>();
        let (divergences, spread) = (list("divergences"), list("spread"));
        assert_eq!((divergences.len(), spread.len()), (2, 2), "{options:?}");
        assert!(divergences.iter().all(|nats| *nats >= 0.0), "{options:?}: {evidence}");
        assert!((divergences.iter().sum::<f64>() - of("divergence")).abs() < 1e-9, "{options:?}: {evidence}");
        assert_eq!(evidence["active"], spread.iter().filter(|variance| **variance > 0.01).count(), "{options:?}");
        let importance = &evidence["importance"];
        assert_eq!((&importance["draws"], &importance["rows"]), (&json!(100), &evidence["rows"]), "{options:?}");
        assert!(number(&importance["log_likelihood"]) > of("elbo") - DRAW_NOISE, "{options:?}: {evidence}");

        let words = space.done(&["inspect", "a.model"]).text();
        for expected in ["variational autoencoder", options[1], "evidence lower bound (ELBO)", "importance sampling"] {
            assert!(words.contains(expected), "{expected}:\n{words}");
        }
        let document = space.done(&["inspect", "--json", "a.model"]).json();
        assert_eq!(document["training"]["settings"]["likelihood"], options[1]);
        assert_eq!(&document["training"]["evidence"], evidence);
        space.done(&["report", "a.model", table, "-o", "a.html"]);
        assert!(space.text("a.html").contains("evidence lower bound (ELBO)"));
    }
}

#[test]
fn a_linear_fit_comes_near_factor_analysis() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let text = std::fs::read_to_string(fixtures.join("factor_analysis.csv")).unwrap();
    let answer: Value =
        serde_json::from_str(&std::fs::read_to_string(fixtures.join("factor_analysis.json")).unwrap()).unwrap();
    let space = Space::new();
    space.write("rows.csv", &text);
    let linear = ["--columns", "a,b,c,d,e", "--hidden", "none", "--norm", "none", "--epochs", "300", "--batch", "100"];
    let log_likelihood = |more: &[&str]| {
        let evidence = fit(&space, "rows.csv", "a.model", &[&linear, more].concat())["evidence"].clone();
        assert_eq!(evidence["active"], 2, "{evidence}");
        // A linear model has normal posteriors, so the bound is as high as the likelihood.
        let (elbo, found) = (number(&evidence["elbo"]), number(&evidence["importance"]["log_likelihood"]));
        assert!((elbo - found).abs() < DRAW_NOISE, "{evidence}");
        found
    };

    // On the rows that were trained on, the most likely model of this form is scikit-learn's.
    let found = log_likelihood(&["--validation", "0"]);
    let best = number(&answer["log_likelihood_of_scaled_rows"]);
    assert!(found < best + NEAR_THE_BEST && found > best - NEAR_THE_BEST, "{found}, not {best}");
    let file = ModelFile::of(&space.read("a.model"));
    let scales: Vec<f64> = (0..5).map(|index| number(&file.document["scaling"]["features"][index]["scale"])).collect();
    let [begin, end] =
        [0, 1].map(|at| file.header["decoder.1.log_variance"]["data_offsets"][at].as_u64().unwrap() as usize);
    let variances = file.data[begin..end].chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()));
    for (variance, best) in variances.zip(answer["noise_variance_of_scaled_rows"].as_array().unwrap()) {
        let (variance, best) = (f64::from(variance).exp(), number(best));
        assert!((variance - best).abs() < 0.05, "a variance of {variance}, not {best}");
    }

    // On held-out rows, the density that the rows were drawn from is a yardstick that no fit has seen.
    let found = log_likelihood(&["--validation", "0.5"]);
    let table = Cells::of(&text);
    let densities = table.numbers("log_density");
    let split = BlockSplit::new(densities.len(), 0.5, 0).unwrap();
    let (_, held_out) = split.block(0);
    let of_rows: Vec<f64> =
        densities.iter().zip(held_out).filter(|(_, held_out)| *held_out).map(|(density, _)| *density).collect();
    assert_eq!(of_rows.len(), split.held_out());
    // Densities of scaled values are larger by the scales.
    let file = ModelFile::of(&space.read("a.model"));
    let scaled: f64 = (0..5).map(|index| number(&file.document["scaling"]["features"][index]["scale"]).ln()).sum();
    let best = of_rows.iter().sum::<f64>() / of_rows.len() as f64 + scaled;
    assert!(scales.iter().all(|scale| *scale > 0.0));
    assert!((found - best).abs() < NEAR_THE_BEST, "{found} on held-out rows, not {best}");
}

#[test]
fn the_same_bytes_on_any_threads_and_instruction_set_and_from_a_configuration() {
    let space = space();
    for (table, options) in LIKELIHOODS {
        let options = [
            &[
                "--kind",
                "variational",
                "--batch",
                "200",
                "--beta",
                "0.5",
                "--beta-warm-up",
                "0.3",
                "--free-nats",
                "0.1",
            ],
            options,
        ]
        .concat();
        let arguments = |model, more: &[&'static str]| fit_arguments(table, model, &[&options, more].concat());
        space.done(&arguments("a.model", &["--threads", "1"]));
        for threads in ["2", "3"] {
            space.done(&arguments("b.model", &["--threads", threads]));
            assert!(space.read("a.model") == space.read("b.model"), "{options:?}: {threads} threads");
        }
        space.run_with(&arguments("b.model", &[]), &[("LUMENFOLD_SIMD", "portable")]).succeeded();
        assert!(space.read("a.model") == space.read("b.model"), "{options:?}: portable code");
        let mut text = "kind = \"variational\"\nbeta = 0.5\nbeta-warm-up = 0.3\nfree-nats = 0.1\nbatch = 200\n\
                        hidden = [8]\nepochs = 6\n"
            .to_owned();
        let mut left = options.iter().skip(10);
        while let Some(option) = left.next() {
            text += &match *option {
                "--binarize" => "binarize = true\n".to_owned(),
                option => format!("{} = \"{}\"\n", &option[2..], left.next().unwrap()),
            };
        }
        space.write("fit.toml", &text);
        space.done(&["fit", table, "-o", "b.model", "--config", "fit.toml"]);
        assert!(space.read("a.model") == space.read("b.model"), "configuration:\n{text}");
    }
}

#[test]
fn a_stronger_divergence_makes_fewer_latents_active() {
    let space = space();
    let wide = ["--latent", "4", "--epochs", "100", "--hidden", "none", "--norm", "none"];
    let evidence = |beta: &str| {
        let json = fit(&space, "blob.csv", "a.model", &[&wide[..], &["--beta", beta]].concat());
        (json["evidence"]["active"].as_u64().unwrap(), number(&json["evidence"]["divergence"]))
    };
    let all: Vec<_> = ["0.1", "1", "30"].into_iter().map(evidence).collect();
    assert!(all.windows(2).all(|pair| pair[0].1 > pair[1].1 && pair[0].0 >= pair[1].0), "{all:?}");
    // Two causes are all that the table has; a divergence that costs too much leaves none of them.
    assert_eq!(all[2].0, 0, "{all:?}");
    assert!(space.done(&["inspect", "a.model"]).text().contains("0 of 4 latents are active"));
    let free = fit(&space, "blob.csv", "a.model", &[&wide[..], &["--free-nats", "0.5"]].concat());
    assert!(number(&free["evidence"]["divergence"]) > all[1].1, "{free}");
}

#[test]
fn values_that_a_likelihood_does_not_have_are_told() {
    let space = space();
    let run = |table: &str, options: &[&str]| {
        space.fit(table, "a.model", &[&["--kind", "variational", "--epochs", "2"], options].concat())
    };
    let chances = run("chances.csv", &["--likelihood", "bernoulli", "--scale", "none"]);
    assert!(chances.warnings().iter().any(|line| line.contains("--binarize")), "{chances}");
    let rates = run("chances.csv", &["--likelihood", "poisson", "--scale", "none"]);
    assert!(rates.warnings().iter().any(|line| line.contains("no whole numbers")), "{rates}");
    let counts = run("counts.csv", &["--likelihood", "poisson", "--scale", "factor:10"]);
    assert!(!counts.warnings().iter().any(|line| line.contains("whole numbers")), "{counts}");
}

#[test]
fn models_that_contradict_themselves_are_refused() {
    let space = space();
    // The names that the readers of models know.
    space.write("stars.csv", space.read("blob.csv"));
    space.write("latent.csv", "z1,z2\n0,0\n");
    fit(&space, "blob.csv", "a.model", &[]);
    let model = space.read("a.model");
    for kind in ["undercomplete", "denoising", "sparse"] {
        changed_model_refused(&space, &model, setting("/kind", json!(kind)), &["kind"]);
        changed_model_refused(&space, &model, setting("/training/settings/kind", json!(kind)), &[]);
    }
    for (pointer, value, word) in [
        ("/training/settings/likelihood", json!("bernoulli"), ""),
        ("/training/settings/likelihood", json!("poisson"), ""),
        ("/training/settings/likelihood", json!("gaussian:0.3"), "layers"),
        ("/training/settings/likelihood", json!("normal"), "unknown likelihood"),
        ("/training/settings/likelihood", Value::Null, "likelihood"),
        ("/training/settings/beta", json!(-1.0), "--beta"),
        ("/training/settings/beta_warm_up", json!(3.0), "--beta-warm-up"),
    ] {
        changed_model_refused(&space, &model, setting(pointer, value), &[word]);
    }
    for list in ["/training/evidence/divergences", "/training/evidence/spread"] {
        changed_model_refused(&space, &model, shortening(list), &["2 latents"]);
        changed_model_refused(&space, &model, lengthening(list), &["2 latents"]);
    }
    changed_model_refused(&space, &model, shortening("/encoder"), &[]);
    changed_model_refused(&space, &model, shortening("/decoder"), &[]);
    let file = ModelFile::of(&model);
    let name = &format!("decoder.{}.log_variance", file.document["decoder"].as_array().unwrap().len() - 1);
    let rename = |file: &mut ModelFile| {
        let tensor = file.header.remove(name).unwrap();
        file.header.insert("decoder.9.log_variance".to_owned(), tensor);
    };
    changed_model_refused(&space, &model, rename, &[name, "missing"]);
    changed_model_refused(&space, &model, |file| file.header[name]["shape"] = json!([2, 2]), &[name]);
}
