//! `fit --kind variational` and `sample`.

use std::path::Path;

use lumenfold::data::BlockSplit;
use serde_json::{Value, json};

use crate::made_tables::{blob, chances, counts};
use crate::model_file::{ModelFile, changed_model_refused, setting, shortening};
use crate::support::{Cells, Space, fit_arguments};

/// A table, and the options of a likelihood that suits it.
const LIKELIHOODS: [(&str, &[&str]); 4] = [
    ("blob.csv", &["--likelihood", "gaussian"]),
    ("blob.csv", &["--likelihood", "gaussian:0.3"]),
    ("chances.csv", &["--likelihood", "bernoulli", "--binarize", "--scale", "none"]),
    ("counts.csv", &["--likelihood", "poisson", "--scale", "factor:1"]),
];

/// The bound is measured with one draw for each row, the likelihood with others: between them lies their noise, in nats.
const DRAW_NOISE: f64 = 0.1;

/// A linear fit ends so far from the best one, in nats.
const NEAR_THE_BEST: f64 = 0.05;

/// How far drawn samples may be from the data: means in standard deviations, ratios of standard deviations, correlations.
const MOMENT_TOLERANCE: f64 = 0.05;

fn space() -> Space {
    let space = Space::new();
    space.write("blob.csv", blob(1000).text());
    space.write("chances.csv", chances(1000).text());
    space.write("counts.csv", counts(1000).text());
    space
}

fn fit(space: &Space, table: &str, model: &str, more: &[&str]) -> Value {
    space.fit(table, model, &[&["--kind", "variational", "--json"], more].concat()).json()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt())
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let ((a_mean, a_deviation), (b_mean, b_deviation)) = (mean_and_deviation(a), mean_and_deviation(b));
    let products = a.iter().zip(b).map(|(a, b)| (a - a_mean) * (b - b_mean));
    products.sum::<f64>() / a.len() as f64 / (a_deviation * b_deviation)
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
fn samples_look_like_the_data() {
    let space = space();
    let long = ["--epochs", "200", "--hidden", "none", "--norm", "none"];
    fit(&space, "blob.csv", "a.model", &long);
    space.done(&["sample", "a.model", "--rows", "20000", "-o", "drawn.csv"]);
    space.done(&["sample", "a.model", "--rows", "20000", "--mean", "-o", "means.csv"]);
    let [data, drawn, means] = ["blob.csv", "drawn.csv", "means.csv"].map(|name| Cells::of(&space.text(name)));
    assert_eq!(drawn.names, data.names);
    for name in &data.names {
        let [data_moments, drawn, means] =
            [&data, &drawn, &means].map(|cells| mean_and_deviation(&cells.numbers(name)));
        assert!((drawn.0 - data_moments.0).abs() < MOMENT_TOLERANCE * data_moments.1, "mean of {name}: {}", drawn.0);
        assert!((drawn.1 / data_moments.1 - 1.0).abs() < MOMENT_TOLERANCE, "deviation of {name}: {}", drawn.1);
        // Reconstructions lack the noise of the likelihood.
        assert!(means.1 < 0.98 * drawn.1, "deviation of means of {name}: {}", means.1);
    }
    for (a, b) in [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")] {
        let [wanted, found] = [&data, &drawn].map(|cells| correlation(&cells.numbers(a), &cells.numbers(b)));
        assert!((wanted - found).abs() < MOMENT_TOLERANCE, "correlation of {a} and {b}: {found}, not {wanted}");
    }
}

#[test]
fn samples_of_counts_are_counts_and_of_chances_zeros_and_ones() {
    let space = space();
    for (table, options) in &LIKELIHOODS[2..] {
        fit(&space, table, "a.model", &[options, &["--epochs", "60"][..]].concat());
        space.done(&["sample", "a.model", "--rows", "5000", "-o", "drawn.csv"]);
        space.done(&["sample", "a.model", "--rows", "5000", "--mean", "-o", "means.csv"]);
        let [data, drawn, means] = [*table, "drawn.csv", "means.csv"].map(|name| Cells::of(&space.text(name)));
        for name in &data.names {
            let [data, values, means] = [&data, &drawn, &means].map(|cells| cells.numbers(name));
            let is_possible =
                |value: &f64| value.fract() == 0.0 && *value >= 0.0 && (*table == "counts.csv" || *value <= 1.0);
            assert!(values.iter().all(is_possible), "{name} of {table}");
            assert!(means.iter().any(|value| value.fract() != 0.0), "{name} of {table}");
            let [(wanted, spread), (found, _), (of_means, _)] =
                [&data, &values, &means].map(|values| mean_and_deviation(values));
            let tolerance = 3.0 * MOMENT_TOLERANCE * spread.max(0.5);
            assert!((found - wanted).abs() < tolerance, "{name} of {table}: {found}, not {wanted}");
            assert!((found - of_means).abs() < tolerance, "{name} of {table}: {found}, but {of_means}");
        }
    }
}

#[test]
fn the_first_of_many_samples_are_those_of_fewer() {
    let space = space();
    for (table, options) in LIKELIHOODS {
        fit(&space, table, "a.model", options);
        let sample = |rows: &str, more: &[&str]| {
            space.done(&[&["sample", "a.model", "--rows", rows, "-o", "-"], more].concat()).text()
        };
        let many = sample("9000", &["--threads", "1"]);
        assert_eq!(many.lines().count(), 9001);
        for threads in ["2", "3"] {
            assert!(sample("9000", &["--threads", threads]) == many, "{options:?}: {threads} threads");
        }
        for rows in [10, 1000, 4096, 4097] {
            let some = sample(&rows.to_string(), &[]);
            assert!(some.lines().eq(many.lines().take(rows + 1)), "{options:?}: {rows} of 9000");
        }
        let distinct: std::collections::HashSet<&str> = many.lines().collect();
        let least = if table == "chances.csv" { 10 } else { 100 };
        assert!(distinct.len() > least, "{options:?}: {} different samples", distinct.len());
        assert!(sample("9000", &["--seed", "1"]) != many, "{options:?}");
        let portable = space
            .run_with(&["sample", "a.model", "--rows", "9000", "-o", "-"], &[("LUMENFOLD_SIMD", "portable")])
            .text();
        assert!(portable == many, "{options:?}: portable code");
    }
}

#[test]
fn samples_go_where_tables_go() {
    let space = space();
    fit(&space, "blob.csv", "a.model", &[]);
    let csv = space.done(&["sample", "a.model", "-o", "-"]).text();
    assert_eq!(csv.lines().count(), 101);
    for name in ["drawn.npy", "drawn.parquet", "drawn.tsv.gz"] {
        space.done(&["sample", "a.model", "-o", name]);
        space.done(&["encode", "a.model", name, "-o", "codes.csv"]);
        assert_eq!(Cells::of(&space.text("codes.csv")).rows.len(), 100, "{name}");
    }
    // Samples are of the model's kind, so encoding them gives codes that are spread as the prior.
    space.done(&["inspect", "drawn.parquet"]);
    space.refuses(&["sample", "blob.csv", "-o", "x.csv"], &["blob.csv"]);
    space.refuses(&["sample", "a.model", "-o", "a.model"], &["a.model"]);
    space.refuses(&["sample", "a.model", "--rows", "0", "-o", "x.csv"], &["'0'", "--rows"]);
    space.refuses(&["sample", "a.model", "--rows", "1e3", "-o", "x.csv"], &["--rows"]);
    space.refuses(&["sample", "a.model", "--rows", "2000000000", "-o", "x.csv"], &["--rows"]);
    space.refuses(&["sample", "a.model", "-o", "x.docx"], &["x.docx"]);
    space.refuses(&["sample", "no.model", "-o", "x.csv"], &["no.model"]);
    space.fit("blob.csv", "plain.model", &[]);
    space.refuses(&["sample", "plain.model", "-o", "x.csv"], &["undercomplete", "--kind variational"]);
    space.fit("blob.csv", "sparse.model", &["--kind", "sparse", "--sparsity", "topk:1"]);
    space.refuses(&["sample", "sparse.model", "-o", "x.csv"], &["sparse", "--kind variational"]);
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
        ("/training/settings/beta", json!(-1.0), "--beta"),
        ("/training/settings/beta_warm_up", json!(3.0), "--beta-warm-up"),
    ] {
        changed_model_refused(&space, &model, setting(pointer, value), &[word]);
    }
    for list in ["/training/evidence/divergences", "/training/evidence/spread"] {
        changed_model_refused(&space, &model, shortening(list), &["2 latents"]);
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
