//! The report's document: the fields that the page expects, and numbers that add up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use base64::Engine;
use lumenfold::anomaly::{self, DetectorOptions};
use lumenfold::data::{Column, Dataset, Values};
use lumenfold::report::{ReportOptions, document, html};
use lumenfold::{Model, Settings};
use serde_json::Value;

use crate::made::{fitted, rows, small, table_with, threads};

/// 200 rows with a class, an identifier and a number beside the features.
fn data() -> Dataset {
    let columns = vec![
        Column::new("class", Values::text((0..200).map(|row| ["STAR", "QSO"][row % 2]))),
        Column::new("flag", Values::booleans((0..200).map(|row| row % 3 == 0).collect())),
        Column::new("redshift", Values::Float64((0..200).map(|row| row as f64 * 0.01).collect())).with_unit("1"),
    ];
    table_with(&rows(200), columns, ["class", "flag", "redshift"].map(str::to_owned).to_vec())
}

fn report(data: &Dataset, settings: &Settings) -> (Model, Value) {
    let model = Model::from(fitted(data, settings));
    let report = document(&model, data, &ReportOptions::default(), threads(1)).unwrap();
    let value = serde_json::to_value(report).unwrap();
    (model, value)
}

fn binary(value: &Value) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(value.as_str().unwrap()).unwrap()
}

fn floats(value: &Value) -> Vec<f32> {
    binary(value).as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

fn counts(value: &Value) -> Vec<u32> {
    binary(value).as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect()
}

/// The fields of each `export interface` of a TypeScript file, inherited ones included.
fn interfaces(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current: Option<String> = None;
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("export interface ") {
            let words: Vec<&str> = head.trim_end_matches('{').split_whitespace().collect();
            let parent = words.iter().position(|word| *word == "extends").map(|at| words[at + 1]);
            let inherited = parent.and_then(|parent| found.get(parent).cloned()).unwrap_or_default();
            found.insert(words[0].to_owned(), inherited);
            current = Some(words[0].to_owned());
        } else if line.starts_with('}') {
            current = None;
        } else if let (Some(name), Some((field, _))) = (&current, line.trim().split_once(':')) {
            let is_field = field.trim_end_matches('?').chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if is_field && !field.is_empty() {
                found.get_mut(name).unwrap().insert(field.trim_end_matches('?').to_owned());
            }
        }
    }
    found
}

/// The document about a model that judges its own rows.
fn report_of_anomalies(data: &Dataset) -> Value {
    let options = DetectorOptions { members: 2, ..DetectorOptions::default() };
    let stop = AtomicBool::new(false);
    let model = anomaly::train(data.into(), &small(), &options, &stop, |_, _| {}).unwrap();
    let document = document(&model, data, &ReportOptions::default(), threads(1)).unwrap();
    serde_json::to_value(document).unwrap()
}

#[test]
fn rows_of_a_model_that_judges_are_told_highest_score_first() {
    let data = data();
    let report = report_of_anomalies(&data);
    let anomalies = &report["anomalies"];
    let most = anomalies["most"].as_array().unwrap();
    assert_eq!(most.len(), 20.min(data.rows));
    let scores: Vec<f64> = most.iter().map(|row| row["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|left, right| left >= right), "{scores:?}");
    let counted = |list: &Value| list.as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).sum::<u64>();
    assert_eq!(
        (counted(&anomalies["p_values"]), anomalies["rows"].as_u64()),
        (data.rows as u64, Some(data.rows as u64))
    );
    for row in most {
        let shares: Vec<f64> =
            row["features"].as_array().unwrap().iter().map(|feature| feature["share"].as_f64().unwrap()).collect();
        assert!(!shares.is_empty() && shares.is_sorted_by(|left, right| left >= right), "{shares:?}");
    }
}

#[test]
fn the_fields_are_those_that_the_page_reads() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/src/document.ts");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: there is no {}", path.display());
        return;
    };
    let expected = interfaces(&text);
    let (_, report) = report(&data(), &small());
    let (_, with_axes) = crate::report_samples::report(&crate::report_samples::map(), &small());
    let samples = &with_axes["samples"];
    let judged = report_of_anomalies(&data());
    let anomalies = &judged["anomalies"];
    let columns = report["columns"].as_array().unwrap();
    let of_kind = |kind: &str| columns.iter().find(|column| column["kind"] == kind).unwrap().clone();
    let parts = [
        ("ReportDocument", report.clone()),
        ("DataSummary", report["data"].clone()),
        ("Feature", report["features"][0].clone()),
        ("ModelSummary", report["model"].clone()),
        ("TrainingRecord", report["training"].clone()),
        ("LossHistory", report["training"]["loss"].clone()),
        ("ErrorSummary", report["errors"].clone()),
        ("ErrorMeasure", report["errors"]["autoencoder"].clone()),
        ("PcaErrorMeasure", report["errors"]["pca"][0].clone()),
        ("FeatureErrors", report["errors"]["per_feature"][0].clone()),
        ("LatentTable", report["latent"].clone()),
        ("NumberColumn", of_kind("number")),
        ("CategoryColumn", of_kind("category")),
        ("FeatureReconstruction", report["reconstruction"][0].clone()),
        ("ResidualHistogram", report["reconstruction"][0]["residual"].clone()),
        ("SamplePlots", samples.clone()),
        ("SampleAxis", samples["axes"][0].clone()),
        ("SampleView", samples["views"][0].clone()),
        ("ViewSide", samples["views"][0]["across"].clone()),
        ("Packed", samples["decoded"]["values"].clone()),
        ("Triplet", samples["triplets"][0].clone()),
        ("TripletPart", samples["triplets"][0]["parts"][0].clone()),
        ("ErrorAlong", samples["error_along"][0].clone()),
        ("DecodedPlane", samples["decoded"].clone()),
        ("AnomalySummary", anomalies.clone()),
        ("AnomalyBaseline", anomalies["baselines"][0].clone()),
        ("AnomalousRow", anomalies["most"][0].clone()),
        ("StandingOut", anomalies["most"][0]["features"][0].clone()),
    ];
    for (name, part) in &parts {
        let fields: BTreeSet<String> = part.as_object().unwrap().keys().cloned().collect();
        let mut expected = expected.get(*name).cloned().unwrap_or_default();
        if *name == "ReportDocument" {
            // Plain rows have none, and models that do not judge.
            assert!(expected.remove("samples") && expected.remove("anomalies"));
        }
        assert_eq!(fields, expected, "{name}");
    }
    let checked: BTreeSet<&str> = parts.iter().map(|(name, _)| *name).collect();
    for name in expected.keys() {
        assert!(checked.contains(name.as_str()), "{name} of the page has no counterpart here");
    }
    assert_eq!(report["schema"], 1);
}

#[test]
fn the_latent_table_is_what_encode_gives() {
    let data = data();
    let (model, report) = report(&data, &Settings { latent: 3, ..small() });
    let latent = model.autoencoder.encode(&data, threads(1)).unwrap();
    assert_eq!(report["latent"]["names"], serde_json::json!(["z1", "z2", "z3"]));
    assert_eq!(
        (report["latent"]["rows_shown"].as_u64(), report["latent"]["rows_total"].as_u64()),
        (Some(200), Some(200))
    );
    for index in 0..3 {
        let column: Vec<f32> = latent.chunks(3).map(|row| row[index]).collect();
        assert_eq!(floats(&report["latent"]["values"][index]), column);
    }
}

#[test]
fn histograms_count_every_held_out_row_once() {
    let data = data();
    let (model, report) = report(&data, &small());
    let errors = model.record.judged();
    let panels = report["reconstruction"].as_array().unwrap();
    assert_eq!(panels.len(), 4);
    for (index, panel) in panels.iter().enumerate() {
        assert_eq!(panel["feature"], ["a", "b", "c", "d"][index]);
        let bins = panel["bins"].as_u64().unwrap() as usize;
        let counted = counts(&panel["counts"]);
        assert_eq!(counted.len(), bins * bins);
        assert!(counted.iter().sum::<u32>() <= 40);
        assert!(panel["low"].as_f64() < panel["high"].as_f64(), "{panel}");
        let residual = &panel["residual"];
        let within: u64 = residual["counts"].as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!(within + residual["below"].as_u64().unwrap() + residual["above"].as_u64().unwrap(), 40);
        assert!((residual["rmse"].as_f64().unwrap() / errors.rmse[index] - 1.0).abs() < 1e-12);
        assert!((residual["bias"].as_f64().unwrap() - errors.bias[index]).abs() < 1e-12 * errors.rmse[index]);
    }
}

#[test]
fn the_errors_are_those_of_the_record() {
    let data = data();
    let (model, report) = report(&data, &small());
    let errors = model.record.judged();
    assert_eq!(report["errors"]["autoencoder"]["mse"], errors.mse);
    assert_eq!(report["errors"]["autoencoder"]["explained_variance"], errors.explained_variance);
    for (index, pca) in model.record.pca.iter().enumerate() {
        assert_eq!(report["errors"]["pca"][index]["components"], pca.components);
        assert_eq!(report["errors"]["pca"][index]["mse"], pca.errors.mse);
        for feature in 0..4 {
            assert_eq!(report["errors"]["per_feature"][feature]["pca"][index], pca.errors.rmse[feature]);
        }
    }
    // The units differ (mag, none, …), so none stands for all.
    assert!(report["errors"]["unit"].is_null());
    assert_eq!(report["errors"]["per_feature"][0]["unit"], "mag");
}

#[test]
fn labels_and_codes_belong_together() {
    let (_, report) = report(&data(), &small());
    let columns = report["columns"].as_array().unwrap();
    let class = columns.iter().find(|column| column["name"] == "class").unwrap();
    let labels = class["labels"].as_array().unwrap();
    let codes = binary(&class["codes"]);
    for (row, code) in codes.as_chunks::<2>().0.iter().enumerate() {
        assert_eq!(labels[usize::from(u16::from_le_bytes(*code))], ["STAR", "QSO"][row % 2]);
    }
    let redshift = columns.iter().find(|column| column["name"] == "redshift").unwrap();
    assert_eq!(floats(&redshift["values"])[150], 1.5);
    for column in columns.iter().filter(|column| column["kind"] == "number") {
        assert_eq!(floats(&column["values"]).len(), 200);
    }
}

#[test]
fn without_held_out_rows_there_is_no_held_out_loss() {
    let (_, report) = report(&data(), &Settings { validation: 0.0, ..small() });
    assert!(report["training"]["loss"]["validation"].is_null());
    assert_eq!(report["data"]["validation_rows"], 0);
    assert_eq!(report["training"]["loss"]["train"].as_array().unwrap().len(), 10);
}

#[test]
fn the_same_report_has_the_same_bytes() {
    let data = data();
    let model = Model::from(fitted(&data, &small()));
    let page = |count| html(&model, &data, &ReportOptions::default(), threads(count)).unwrap();
    assert!(page(1) == page(3));
}
