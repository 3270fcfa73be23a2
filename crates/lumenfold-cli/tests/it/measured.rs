//! Values with standard errors, and rows that lack some: `--errors`, `--missing mask`, `--impute`.

use crate::made_tables::stars;
use crate::support::{Cells, Space, fit_arguments};

const BANDS: &str = "u,g,r,i,z";
const ERRORS: &str = "eu,eg,er,ei,ez";

/// Stars with errors of their magnitudes, the fainter the larger; with `gaps`, cells of every seventh place are empty.
fn measured(gaps: bool) -> Cells {
    let mut table = stars(400);
    table.names.extend(ERRORS.split(',').map(str::to_owned));
    for (index, row) in table.rows.iter_mut().enumerate() {
        for band in 1..=5 {
            let magnitude: f64 = row[band].parse().unwrap();
            row.push(format!("{:.4}", 0.02 * 10.0_f64.powf(0.2 * (magnitude - 18.0))));
            if gaps && (index * 5 + band) % 7 == 0 {
                row[band].clear();
            }
        }
    }
    table
}

fn space(gaps: bool) -> Space {
    let space = Space::new();
    space.write("stars.csv", measured(gaps).text());
    space
}

/// Numbers of the named columns; none for empty cells.
fn numbers(text: &str, names: &str) -> Vec<Vec<Option<f64>>> {
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    let places: Vec<usize> =
        names.split(',').map(|name| head.iter().position(|column| *column == name).unwrap()).collect();
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            places.iter().map(|place| cells[*place].parse().ok()).collect()
        })
        .collect()
}

#[test]
fn errors_weigh_values_and_the_reduced_chi_square_is_told() {
    let space = space(false);
    let more = ["--columns", BANDS, "--errors", ERRORS, "--json", "--epochs", "60"];
    let run = space.fit("stars.csv", "a.model", &more);
    let chi_square = &run.json()["validation"]["chi_square"];
    let (values, per_value) = (chi_square["values"].as_f64().unwrap(), chi_square["per_value"].as_f64().unwrap());
    let reduced = chi_square["reduced"].as_f64().unwrap();
    assert_eq!(values, 400.0);
    // Two of five values of a row are spent on its code.
    assert!((reduced * 3.0 / 5.0 / per_value - 1.0).abs() < 1e-12, "{reduced} {per_value}");
    assert!(run.json()["pca"]["chi_square"]["reduced"].as_f64().is_some());
    assert!(run.stderr.contains("reduced chi-square of held-out rows"), "{run}");
    assert!(space.done(&["inspect", "a.model"]).text().contains("reduced chi-square"));
    // By hand, from the reconstructions of all rows.
    space.done(&["reconstruct", "a.model", "stars.csv", "-o", "back.csv"]);
    let (input, back) = (space.text("stars.csv"), space.text("back.csv"));
    let (x, s, y) = (numbers(&input, BANDS), numbers(&input, ERRORS), numbers(&back, BANDS));
    let ratio = |row: usize, band: usize| (y[row][band].unwrap() - x[row][band].unwrap()) / s[row][band].unwrap();
    let sum: f64 = (0..400).flat_map(|row| (0..5).map(move |band| (row, band))).map(|(r, b)| ratio(r, b).powi(2)).sum();
    let both = run.json();
    let of = |which: &str| {
        both[which]["chi_square"]["per_value"].as_f64().unwrap() * both[which]["chi_square"]["values"].as_f64().unwrap()
    };
    assert!((sum / (of("train") + of("validation")) - 1.0).abs() < 1e-3, "{sum}");
    // Errors are no features by default.
    space.done(&["convert", "stars.csv", "-o", "numbers.parquet"]);
    let run = space.fit("stars.csv", "b.model", &["--errors", ERRORS, "--columns", BANDS]);
    assert!(run.stderr.contains("5 features"), "{run}");
}

#[test]
fn rows_that_lack_values_are_learnt_from_encoded_and_filled_in() {
    let space = space(true);
    let more = ["--columns", BANDS, "--missing", "mask", "--json"];
    let run = space.fit("stars.csv", "a.model", &more);
    let json = run.json();
    assert_eq!((json["rows"].as_u64(), json["skipped_rows"].as_u64()), (Some(400), Some(0)));
    let text = space.text("stars.csv");
    let known = numbers(&text, BANDS);
    let absent = known.iter().flatten().filter(|cell| cell.is_none()).count();
    assert_eq!(json["absent_values"].as_u64(), Some(absent as u64));
    assert!(run.stderr.contains(&format!("{absent} of 2000 values are absent")), "{run}");
    for threads in ["1", "3"] {
        space.fit("stars.csv", "b.model", &[&more[..], &["--threads", threads]].concat());
        assert!(space.read("a.model") == space.read("b.model"), "{threads} threads");
    }
    space.done(&["encode", "a.model", "stars.csv", "--missing", "mask", "-o", "z.csv"]);
    assert!(numbers(&space.text("z.csv"), "z1,z2").iter().flatten().all(Option::is_some));
    space.done(&["reconstruct", "a.model", "stars.csv", "--missing", "mask", "--impute", "-o", "whole.csv"]);
    space.done(&["reconstruct", "a.model", "stars.csv", "--missing", "mask", "-o", "back.csv"]);
    let whole = numbers(&space.text("whole.csv"), BANDS);
    let back = numbers(&space.text("back.csv"), BANDS);
    for ((known, whole), back) in known.iter().flatten().zip(whole.iter().flatten()).zip(back.iter().flatten()) {
        match known {
            Some(known) => assert!((known - whole.unwrap()).abs() < 1e-5),
            None => assert_eq!(whole, back),
        }
    }
    // A row without any value has no result.
    let lonely = format!("{text}x,,,,,,STAR,1,1,1,1,1,1\n");
    space.write("lonely.csv", lonely);
    let run = space.done(&["encode", "a.model", "lonely.csv", "--missing", "mask", "-o", "z.csv"]);
    assert!(run.stderr.contains("1 of 401 rows have no value at all"), "{run}");
    assert_eq!(numbers(&space.text("z.csv"), "z1,z2")[400], [None, None]);
}

#[test]
fn an_absent_value_is_told_better_than_by_its_mean() {
    let space = space(true);
    let more =
        ["--columns", BANDS, "--missing", "mask", "--epochs", "300", "--kind", "denoising", "--noise", "masking:0.2"];
    space.fit("stars.csv", "a.model", &more);
    space.done(&["reconstruct", "a.model", "stars.csv", "--missing", "mask", "--impute", "-o", "whole.csv"]);
    let (known, whole) = (numbers(&space.text("stars.csv"), BANDS), numbers(&space.text("whole.csv"), BANDS));
    let truth = numbers(&measured(false).text(), BANDS);
    let (mut own, mut of_mean) = (0.0, 0.0);
    for band in 0..5 {
        let present: Vec<f64> = known.iter().filter_map(|row| row[band]).collect();
        let mean = present.iter().sum::<f64>() / present.len() as f64;
        for row in (0..400).filter(|row| known[*row][band].is_none()) {
            let truth = truth[row][band].unwrap();
            own += (whole[row][band].unwrap() - truth).powi(2);
            of_mean += (mean - truth).powi(2);
        }
    }
    assert!(own < 0.3 * of_mean, "{own} {of_mean}");
}

#[test]
fn errors_and_masks_that_cannot_be_are_refused_with_the_reason() {
    let space = space(true);
    let masked = |more: &[&'static str]| {
        let all = [&["--columns", BANDS, "--missing", "mask"][..], more].concat();
        fit_arguments("stars.csv", "a.model", &all)
    };
    space.refuses(&masked(&["--kind", "variational"]), &["--kind is variational", "--missing mask"]);
    space.refuses(&masked(&["--jitter", "0.1"]), &["--jitter is 0.1", "--missing mask"]);
    space.refuses(&masked(&["--errors", ERRORS, "--loss-units", "original"]), &["--loss-units", "--errors"]);
    space.refuses(&masked(&["--errors", "eu,eg"]), &["2 columns of errors for 5 features"]);
    space.refuses(&masked(&["--errors", "eu,eg,er,ei,nothing"]), &["nothing"]);
    let refuse = fit_arguments("stars.csv", "a.model", &["--columns", BANDS, "--errors", ERRORS]);
    space.refuses(&refuse, &["is missing", "--missing skip"]);
    let mut zero = measured(false);
    zero.rows[7][9] = "0".to_owned();
    space.write("zero.csv", zero.text());
    let errors = fit_arguments("zero.csv", "a.model", &["--columns", BANDS, "--errors", ERRORS]);
    space.refuses(&errors, &["zero.csv: row 8, column \"eg\": 0 is no standard error"]);
    space.fit("stars.csv", "a.model", &["--columns", BANDS, "--missing", "mask"]);
    let page = ["report", "a.model", "stars.csv", "--missing", "mask", "-o", "a.html"];
    space.refuses(&page, &["--missing mask: is for fit, encode and reconstruct"]);
    space.refuses(&["reconstruct", "a.model", "stars.csv", "--impute", "-o", "b.csv"], &["--impute", "--missing mask"]);
    let sweep = ["sweep", "stars.csv", "--columns", BANDS, "--missing", "mask", "-o", "s.csv"];
    space.refuses(&sweep, &["--missing is mask"]);
}

#[test]
fn errors_may_come_in_a_file_of_their_own() {
    let space = space(false);
    let table = measured(false);
    let part = |names: &str, renamed: &str| {
        let text = table.text();
        let rows = numbers(&text, names);
        let lines =
            rows.iter().map(|row| row.iter().map(|cell| cell.unwrap().to_string()).collect::<Vec<_>>().join(","));
        std::iter::once(renamed.to_owned()).chain(lines).collect::<Vec<_>>().join("\n") + "\n"
    };
    space.write("values.csv", part(BANDS, BANDS));
    space.write("errors.csv", part(ERRORS, BANDS));
    for (name, data) in [("values.npy", "values.csv"), ("errors.npy", "errors.csv")] {
        space.done(&["convert", data, "-o", name]);
    }
    let of = |model: &str, data: &str, more: &[&str]| {
        space.fit(data, model, more);
        space.read(model)
    };
    let columns = of("a.model", "stars.csv", &["--columns", BANDS, "--errors", ERRORS]);
    assert!(columns == of("b.model", "values.csv", &["--errors", "errors.csv"]));
    assert!(
        columns == of("c.model", "values.csv", &["--errors", "errors.csv", "--columns", BANDS, "--memory", "120MB"])
    );
    // Other columns, in another order: each has its own errors.
    let two = of("d.model", "stars.csv", &["--columns", "z,u,g", "--errors", "ez,eu,eg"]);
    assert!(two == of("e.model", "values.csv", &["--columns", "z,u,g", "--errors", "errors.csv"]));
    let arrays = space.fit("values.npy", "f.model", &["--errors", "errors.npy", "--json"]).json();
    assert!(arrays["validation"]["chi_square"]["reduced"].as_f64().is_some(), "{arrays}");
    let text = space.text("errors.csv");
    let lines: Vec<&str> = text.lines().collect();
    space.write("fewer.csv", lines[..300].join("\n"));
    space.write("more.csv", text.clone() + lines[1] + "\n");
    for (errors, words) in
        [("fewer.csv", "has 299 rows of errors"), ("more.csv", "has more rows of errors than the 400")]
    {
        space.refuses(&fit_arguments("values.csv", "g.model", &["--errors", errors]), &[words, "values.csv"]);
    }
}
