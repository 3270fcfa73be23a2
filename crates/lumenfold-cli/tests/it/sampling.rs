//! `sample`: what is drawn from a variational autoencoder.

use std::collections::HashSet;

use crate::support::Cells;
use crate::variational::{LIKELIHOODS, fit, space};

/// How far drawn samples may be from the data: means in standard deviations, ratios of standard deviations, correlations.
const MOMENT_TOLERANCE: f64 = 0.05;

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
        let distinct: HashSet<&str> = many.lines().collect();
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
