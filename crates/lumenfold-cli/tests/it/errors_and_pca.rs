//! The numbers that a fit reports, against the same numbers computed here from its outputs.

use lumenfold::data::split;
use serde_json::Value;

use crate::made_tables::{plane, stars};
use crate::support::{Cells, Space};

/// Relative differences that the 32-bit floats of outputs and network explain.
const OUTPUT_ROUNDING: f64 = 1e-4;

const BANDS: [&str; 5] = ["u", "g", "r", "i", "z"];

#[track_caller]
fn close(found: &Value, expected: f64, tolerance: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() <= tolerance * expected.abs(), "{found} is not {expected}");
}

/// Mean and population deviation of each column over some rows.
fn moments(rows: &[Vec<f64>], chosen: &[u32]) -> (Vec<f64>, Vec<f64>) {
    let count = chosen.len() as f64;
    let sum = |column: usize, value: &dyn Fn(f64) -> f64| {
        chosen.iter().map(|row| value(rows[*row as usize][column])).sum::<f64>() / count
    };
    let means: Vec<f64> = (0..rows[0].len()).map(|column| sum(column, &|x| x)).collect();
    let deviations = (0..means.len()).map(|column| sum(column, &|x| (x - means[column]).powi(2)).sqrt()).collect();
    (means, deviations)
}

/// Mean squared error, root mean squared error of each column, and explained variance of standardised values.
fn errors(inputs: &[Vec<f64>], outputs: &[Vec<f64>], train: &[u32], judged: &[u32]) -> (f64, Vec<f64>, f64) {
    let (means, deviations) = moments(inputs, train);
    let width = means.len();
    let mut squares = vec![0.0; width];
    let (mut residual, mut spread) = (0.0, 0.0);
    for row in judged.iter().map(|row| *row as usize) {
        for column in 0..width {
            let difference = outputs[row][column] - inputs[row][column];
            squares[column] += difference * difference;
            residual += (difference / deviations[column]).powi(2);
            spread += ((inputs[row][column] - means[column]) / deviations[column]).powi(2);
        }
    }
    let count = judged.len() as f64;
    let mse = squares.iter().sum::<f64>() / (count * width as f64);
    (mse, squares.iter().map(|sum| (sum / count).sqrt()).collect(), 1.0 - residual / spread)
}

/// Every row through PCA of standardised values: components by power iteration, each after those before are taken out.
fn pca(rows: &[Vec<f64>], train: &[u32], components: usize) -> Vec<Vec<f64>> {
    let (means, deviations) = moments(rows, train);
    let width = means.len();
    let standard = |row: &[f64]| -> Vec<f64> { (0..width).map(|c| (row[c] - means[c]) / deviations[c]).collect() };
    let mut covariance = vec![vec![0.0; width]; width];
    for row in train {
        let x = standard(&rows[*row as usize]);
        for (line, x_line) in covariance.iter_mut().zip(&x) {
            line.iter_mut().zip(&x).for_each(|(entry, y)| *entry += x_line * y);
        }
    }
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for component in 0..components {
        let mut vector: Vec<f64> = (0..width).map(|c| 1.0 + (c * (component + 2)) as f64).collect();
        for _ in 0..5000 {
            let mut next: Vec<f64> = covariance.iter().map(|line| dot(line, &vector)).collect();
            for known in &basis {
                let share = dot(&next, known);
                next.iter_mut().zip(known).for_each(|(x, y)| *x -= share * y);
            }
            let length = dot(&next, &next).sqrt();
            vector = next.into_iter().map(|x| x / length).collect();
        }
        basis.push(vector);
    }
    let reconstruct = |row: &Vec<f64>| {
        let x = standard(row);
        let mut output = vec![0.0; width];
        for known in &basis {
            let share = dot(&x, known);
            output.iter_mut().zip(known).for_each(|(sum, y)| *sum += share * y);
        }
        (0..width).map(|c| means[c] + deviations[c] * output[c]).collect()
    };
    rows.iter().map(reconstruct).collect()
}

#[test]
fn the_json_object_agrees_with_the_reconstruction() {
    let space = Space::with_stars();
    let run = space.fit("stars.csv", "a.model", &["--columns", "u,g,r,i,z", "--json", "--epochs", "30", "--seed", "5"]);
    let json = run.json();
    space.done(&["reconstruct", "a.model", "stars.csv", "-o", "out.csv"]);
    let inputs = stars(200).matrix(&BANDS);
    let outputs = Cells::of(&space.text("out.csv")).matrix(&BANDS);
    let parts = split(200, 0.2, 5).unwrap();
    for (name, rows) in [("validation", &parts.validation), ("train", &parts.train)] {
        let (mse, rmse, explained) = errors(&inputs, &outputs, &parts.train, rows);
        close(&json[name]["mse"], mse, OUTPUT_ROUNDING);
        close(&json[name]["explained_variance"], explained, OUTPUT_ROUNDING);
        assert_eq!(json[name]["rows"], rows.len());
        for (band, rmse) in BANDS.iter().zip(rmse) {
            close(&json[name]["rmse"][band], rmse, OUTPUT_ROUNDING);
        }
    }
}

#[test]
fn pca_agrees_with_power_iteration() {
    let space = Space::with_stars();
    let json = space.fit("stars.csv", "a.model", &["--columns", "u,g,r,i,z", "--json", "--seed", "3"]).json();
    let inputs = stars(200).matrix(&BANDS);
    let parts = split(200, 0.2, 3).unwrap();
    for entry in json["pca_components"].as_array().unwrap() {
        let components = entry["components"].as_u64().unwrap() as usize;
        let outputs = pca(&inputs, &parts.train, components);
        let (mse, rmse, explained) = errors(&inputs, &outputs, &parts.train, &parts.validation);
        close(&entry["mse"], mse, OUTPUT_ROUNDING);
        close(&entry["explained_variance"], explained, OUTPUT_ROUNDING);
        for (band, rmse) in BANDS.iter().zip(rmse) {
            close(&entry["rmse"][band], rmse, OUTPUT_ROUNDING);
        }
        if components == 2 {
            assert_eq!(json["pca"]["mse"], entry["mse"]);
        }
    }
}

#[test]
fn a_linear_autoencoder_of_linear_data_reaches_pca() {
    let space = Space::new();
    space.write("plane.csv", plane(400).text());
    // On the training rows PCA is the best linear code there is.
    let arguments = ["fit", "plane.csv", "-o", "a.model", "--hidden", "none", "--validation", "0", "--json"];
    let json = space.done(&arguments).json();
    let ratio = json["train"]["loss"].as_f64().unwrap() / json["pca"]["loss"].as_f64().unwrap();
    assert!(ratio > 1.0 - OUTPUT_ROUNDING && ratio < 1.01, "the loss is {ratio} times that of PCA");
    close(&json["train"]["mse"], json["pca"]["mse"].as_f64().unwrap(), 0.01);
    // The plane holds nearly everything; the noise is a hundredth of the spread.
    assert!(json["pca"]["explained_variance"].as_f64().unwrap() > 0.98, "{json}");
}

#[test]
fn when_pca_wins_the_program_says_so() {
    let space = Space::new();
    space.write("plane.csv", plane(200).text());
    let run = space.fit("plane.csv", "a.model", &["--epochs", "1"]);
    assert!(run.warnings().iter().any(|line| line.contains("PCA with 2 components is better")), "{run}");
}

#[test]
fn without_held_out_rows_the_training_rows_are_judged() {
    let space = Space::with_stars();
    let json = space.fit("stars.csv", "a.model", &["--columns", "u,g,r,i,z", "--validation", "0", "--json"]).json();
    assert!(json["validation"].is_null(), "{json}");
    assert_eq!(json["train"]["rows"], 200);
    assert_eq!(json["pca"]["rows"], 200);
    let text = space.done(&["inspect", "a.model"]).text();
    assert!(text.contains("200 trained on, 0 held out"), "{text}");
}
