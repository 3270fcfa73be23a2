//! The report of samples with axes: pictures that are those of the data, errors that add up, and a bounded page.

use base64::Engine;
use lumenfold::data::{Axis, Column, Dataset, DatasetOptions, Table, Values};
use lumenfold::report::{ReportOptions, document, html};
use lumenfold::{Model, Settings};
use serde_json::Value;

use crate::made::{dataset, fitted, rows, small, threads};

/// Half a step of sixteen bits, with room for rounding, as a share of the range.
const HALF_STEP: f64 = 0.501 / 65_534.0;

fn axis(name: &str, unit: &str, bins: usize) -> Axis {
    Axis::new(name, Some(unit.to_owned()), (0..bins).map(|bin| 0.5 + 0.25 * bin as f64).collect()).unwrap()
}

/// Peaks that move over the axes with two numbers, one sample after the other.
fn peaks(axes: &[Axis], count: usize) -> Dataset {
    let width: usize = axes.iter().map(Axis::size).product();
    let place = |row: usize, axis: usize| [row * 7 % 19, row * 11 % 23][axis % 2] as f64 / [18.0, 22.0][axis % 2];
    let value = |row: usize, at: usize| {
        let mut left = at;
        let mut distance = 0.0;
        for (number, axis) in axes.iter().enumerate().rev() {
            let bin = left % axis.size();
            left /= axis.size();
            distance += (bin as f64 / axis.size() as f64 - place(row, number)).powi(2);
        }
        3.0 * (-distance / 0.05).exp() + 0.01 * ((row * 31 + at * 17) % 13) as f64
    };
    let column = |at: usize| Values::Float64((0..count).map(|row| value(row, at)).collect());
    let columns = (0..width).map(|at| Column::new(format!("f{at}"), column(at))).collect();
    let table = Table::new("made.npz", columns).unwrap().with_axes(0..width, axes.to_vec()).unwrap();
    Dataset::from_table(table, &DatasetOptions::default()).unwrap()
}

pub(crate) fn map() -> Dataset {
    peaks(&[axis("q", "1/angstrom", 6), axis("energy", "meV", 9)], 200)
}

pub(crate) fn report(data: &Dataset, settings: &Settings) -> (Model, Value) {
    let model = Model::from(fitted(data, settings));
    let report = document(&model, data, &ReportOptions::default(), threads(1)).unwrap();
    let value = serde_json::to_value(report).unwrap();
    (model, value)
}

fn binary(value: &Value) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(value.as_str().unwrap()).unwrap()
}

fn floats(value: &Value) -> Vec<f64> {
    binary(value).as_chunks::<4>().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect()
}

/// The numbers and how far each may be off.
fn unpacked(value: &Value) -> (Vec<f64>, f64) {
    let (low, high) = (value["low"].as_f64().unwrap(), value["high"].as_f64().unwrap());
    let codes = binary(&value["codes"]);
    let codes = codes.as_chunks::<2>().0.iter().map(|code| f64::from(u16::from_le_bytes(*code)));
    (codes.map(|code| low + code / 65_534.0 * (high - low)).collect(), HALF_STEP * (high - low))
}

/// Whether packed numbers are those expected.
fn assert_packed(value: &Value, expected: &[f64]) {
    let (values, off) = unpacked(value);
    assert_eq!(values.len(), expected.len());
    for (value, expected) in values.iter().zip(expected) {
        assert!((value - expected).abs() <= off + 1e-12, "{value} {expected} {off}");
    }
}

/// The held-out rows of a fit, and the rms residual of each.
fn judged(model: &Model, data: &Dataset) -> Vec<(usize, f64)> {
    let record = &model.record;
    let parts = lumenfold::data::split(data.rows, record.settings.validation, record.seed).unwrap();
    let reconstructed = model.autoencoder.reconstruct(data, threads(1)).unwrap();
    let width = data.features.len();
    let error = |row: usize| {
        let pairs = data.row(row).iter().zip(&reconstructed[row * width..(row + 1) * width]);
        (pairs.map(|(input, output)| (input - output).powi(2)).sum::<f64>() / width as f64).sqrt()
    };
    parts.validation.iter().map(|row| (*row as usize, error(*row as usize))).collect()
}

#[test]
fn triplets_are_held_out_rows_in_the_order_of_their_errors() {
    let data = map();
    let (model, report) = report(&data, &small());
    let mut expected = judged(&model, &data);
    expected.sort_by(|a, b| a.1.total_cmp(&b.1));
    let triplets = report["samples"]["triplets"].as_array().unwrap();
    assert_eq!(triplets.len(), 9);
    assert_eq!(report["samples"]["judged"], 40);
    let errors: Vec<f64> = triplets.iter().map(|triplet| triplet["rmse"].as_f64().unwrap()).collect();
    assert!(errors.is_sorted(), "{errors:?}");
    for (index, triplet) in triplets.iter().enumerate() {
        assert_eq!(triplet["place"], ["best", "median", "worst"][index / 3]);
        let rank = triplet["rank"].as_u64().unwrap() as usize;
        assert_eq!(rank, [0, 1, 2, 18, 19, 20, 37, 38, 39][index]);
        assert_eq!(triplet["row"].as_u64().unwrap() as usize, expected[rank].0 + 1);
        assert!((errors[index] / expected[rank].1 - 1.0).abs() < 1e-9);
    }
}

#[test]
fn what_is_drawn_is_the_sample_and_what_its_reconstruction_leaves() {
    let data = map();
    let (model, report) = report(&data, &small());
    let reconstructed = model.autoencoder.reconstruct(&data, threads(1)).unwrap();
    let view = &report["samples"]["views"][0];
    // The energy stands upright: [energy][q], where samples are [q][energy].
    assert_eq!((&view["across"]["axis"], &view["up"]["axis"]), (&Value::from(0), &Value::from(1)));
    assert_eq!(view["up"]["grid"][8], 2.5);
    let turned = |values: &[f64]| -> Vec<f64> { (0..54).map(|at| values[at % 6 * 9 + at / 6]).collect() };
    for triplet in report["samples"]["triplets"].as_array().unwrap() {
        let row = triplet["row"].as_u64().unwrap() as usize - 1;
        let (original, output) = (data.row(row), &reconstructed[row * 54..(row + 1) * 54]);
        let residual: Vec<f64> = original.iter().zip(output).map(|(value, other)| value - other).collect();
        assert_packed(&triplet["parts"][0]["original"], &turned(original));
        assert_packed(&triplet["parts"][0]["residual"], &turned(&residual));
    }
}

#[test]
fn errors_along_axes_are_those_of_all_values() {
    let data = map();
    let (model, report) = report(&data, &small());
    let reconstructed = model.autoencoder.reconstruct(&data, threads(1)).unwrap();
    let held_out = judged(&model, &data);
    let rms = |belongs: &dyn Fn(usize) -> bool| {
        let mut squares = Vec::new();
        for (row, _) in &held_out {
            let places = (0..54).filter(|at| belongs(*at));
            squares.extend(places.map(|at| (data.row(*row)[at] - reconstructed[row * 54 + at]).powi(2)));
        }
        (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
    };
    let along = &report["samples"]["error_along"];
    let rival = &model.record.pca_with(2).unwrap().rmse;
    for (number, size) in [(0, 6), (1, 9)] {
        let bin_of = |at: usize| if number == 0 { at / 9 } else { at % 9 };
        let (own, pca) = (floats(&along[number]["autoencoder"]), floats(&along[number]["pca"]));
        assert_eq!((own.len(), pca.len()), (size, size));
        for bin in 0..size {
            let expected = rms(&|at| bin_of(at) == bin);
            assert!((own[bin] / expected - 1.0).abs() < 1e-6, "{} {expected}", own[bin]);
            let squares: Vec<f64> = (0..54).filter(|at| bin_of(*at) == bin).map(|at| rival[at] * rival[at]).collect();
            let expected = (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
            assert!((pca[bin] / expected - 1.0).abs() < 1e-6, "{} {expected}", pca[bin]);
        }
        assert_eq!(along[number]["components"], 2);
    }
    let image: Vec<f64> = (0..54).map(|at| rms(&|other| other == at % 6 * 9 + at / 6)).collect();
    assert_packed(&report["samples"]["error_planes"][0], &image);
}

#[test]
fn decoded_samples_are_what_the_decoder_gives() {
    for latent in [1, 2, 3] {
        let (model, report) = report(&map(), &Settings { latent, ..small() });
        let plane = &report["samples"]["decoded"];
        let list = |value: &Value| -> Vec<f64> {
            value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
        };
        let (across, up, centre) = (list(&plane["across"]), list(&plane["up"]), list(&plane["centre"]));
        let directions: Vec<Vec<f64>> = plane["directions"].as_array().unwrap().iter().map(list).collect();
        assert_eq!((across.len(), up.len(), centre.len()), (7, if latent == 1 { 0 } else { 7 }, latent));
        let ups = if up.is_empty() { vec![0.0] } else { up };
        let mut codes = Vec::new();
        for up in &ups {
            for across in &across {
                codes.extend((0..latent).map(|at| {
                    let second = directions.get(1).map_or(0.0, |direction| up * direction[at]);
                    (centre[at] + across * directions[0][at] + second) as f32
                }));
            }
        }
        let samples = model.autoencoder.decode(&codes, threads(1)).unwrap();
        let turned: Vec<f64> =
            samples.chunks(54).flat_map(|sample| (0..54).map(|at| sample[at % 6 * 9 + at / 6])).collect();
        let (values, off) = unpacked(&plane["values"]);
        // Sums of the codes may round otherwise here.
        assert!(values.iter().zip(&turned).all(|(value, expected)| (value - expected).abs() <= off + 1e-5));
        let along = plane["coordinates"].as_array().unwrap();
        assert_eq!(along.len(), if latent == 3 { 2 } else { 0 });
        for (column, direction) in along.iter().zip(&directions) {
            for (code, at) in model.autoencoder.encode(&map(), threads(1)).unwrap().chunks(3).zip(floats(column)) {
                let expected: f64 = (0..3).map(|z| (f64::from(code[z]) - centre[z]) * direction[z]).sum();
                assert!((at - expected).abs() < 1e-5, "{at} {expected}");
            }
        }
        let near: u64 = plane["rows"].as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).sum();
        assert!((150..=200).contains(&near), "{near} of 200 rows");
    }
}

#[test]
fn volumes_are_cut_where_they_are_brightest() {
    let axes = [axis("h", "rlu", 5), axis("k", "rlu", 6), axis("l", "rlu", 7)];
    let data = peaks(&axes, 100);
    let (_, report) = report(&data, &small());
    let samples = &report["samples"];
    assert_eq!(samples["views"].as_array().unwrap().len(), 3);
    assert_eq!(samples["triplets"].as_array().unwrap().len(), 6);
    for triplet in samples["triplets"].as_array().unwrap() {
        let row = data.row(triplet["row"].as_u64().unwrap() as usize - 1);
        let brightest = (0..row.len()).fold(0, |best, at| if row[at] > row[best] { at } else { best });
        let bins = [brightest / 42, brightest / 7 % 6, brightest % 7];
        for (number, bin) in bins.into_iter().enumerate() {
            assert_eq!(triplet["cut"][number], axes[number].grid[bin]);
        }
        // Views are (h, k), (h, l) and (k, l), the later axis across.
        let index = |h: usize, k: usize, l: usize| row[h * 42 + k * 7 + l];
        let [h, k, l] = bins;
        let first: Vec<f64> = (0..30).map(|at| index(at / 6, at % 6, l)).collect();
        let second: Vec<f64> = (0..35).map(|at| index(at / 7, k, at % 7)).collect();
        let third: Vec<f64> = (0..42).map(|at| index(h, at / 7, at % 7)).collect();
        for (part, expected) in [first, second, third].iter().enumerate() {
            assert_packed(&triplet["parts"][part]["original"], expected);
        }
    }
}

#[test]
fn the_page_stays_small_however_large_samples_are() {
    let quick = Settings { hidden: vec![2], epochs: Some(1), batch: Some(8), ..Settings::default() };
    for sizes in [&[40_000][..], &[250, 260], &[36, 38, 40], &[2, 30, 32, 34]] {
        let axes: Vec<Axis> =
            sizes.iter().enumerate().map(|(number, size)| axis(&format!("axis {number}"), "m", *size)).collect();
        let data = peaks(&axes, 15);
        let model = Model::from(fitted(&data, &quick));
        let page = html(&model, &data, &ReportOptions::default(), threads(2)).unwrap();
        assert!(page.len() < 2_500_000, "{sizes:?}: {} bytes", page.len());
        let document = document(&model, &data, &ReportOptions::default(), threads(1)).unwrap();
        assert!(document.features.is_empty() && document.reconstruction.is_empty());
        let samples = document.samples.unwrap();
        assert_eq!(samples.values, sizes.iter().product::<usize>());
        assert_eq!(samples.error_along.len(), sizes.len());
        // Of three held-out rows, each is the one of its place.
        assert_eq!(samples.triplets.len(), 3);
    }
}

#[test]
fn of_large_codes_the_latents_that_vary_most_are_sent() {
    let data = map();
    let (model, report) = report(&data, &Settings { latent: 20, ..small() });
    let latent = model.autoencoder.encode(&data, threads(1)).unwrap();
    let spread = |index: usize| {
        let values: Vec<f64> = latent.chunks(20).map(|code| f64::from(code[index])).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>()
    };
    let names = report["latent"]["names"].as_array().unwrap();
    let index = |name: &Value| name.as_str().unwrap()[1..].parse::<usize>().unwrap() - 1;
    let sent: Vec<usize> = names.iter().map(index).collect();
    assert_eq!((sent.len(), sent.is_sorted()), (16, true));
    let least = sent.iter().map(|index| spread(*index)).fold(f64::INFINITY, f64::min);
    assert!((0..20).filter(|index| !sent.contains(index)).all(|index| spread(index) <= least));
    for (column, index) in report["latent"]["values"].as_array().unwrap().iter().zip(sent) {
        let expected: Vec<f64> = latent.chunks(20).map(|code| f64::from(code[index])).collect();
        assert_eq!(floats(column), expected);
    }
}

#[test]
fn bins_of_a_long_spectrum_are_averaged() {
    let axes = [axis("energy", "meV", 5000)];
    let data = peaks(&axes, 20);
    let (_, report) = report(&data, &Settings { hidden: vec![2], epochs: Some(1), batch: Some(8), ..small() });
    let side = &report["samples"]["views"][0]["across"];
    assert_eq!((side["grid"].as_array().unwrap().len(), side["averaged"].as_u64()), (2048, Some(3)));
    let triplet = &report["samples"]["triplets"][0];
    let row = data.row(triplet["row"].as_u64().unwrap() as usize - 1);
    let bound = |group: usize| group * 5000 / 2048;
    let mean = |group: usize| {
        let bins = &row[bound(group)..bound(group + 1)];
        bins.iter().sum::<f64>() / bins.len() as f64
    };
    assert_packed(&triplet["parts"][0]["original"], &(0..2048).map(mean).collect::<Vec<f64>>());
}

#[test]
fn the_verdict_says_when_pca_is_better_and_only_then() {
    let data = map();
    let (model, poor) = report(&data, &Settings { epochs: Some(1), ..small() });
    let verdict = poor["samples"]["verdict"].as_str().unwrap();
    let parameters = model.autoencoder.network().parameter_count();
    for words in ["2 components", "40 held-out samples", "160 samples", "54 values", "162 numbers", "use PCA"] {
        assert!(verdict.contains(words), "{words}: {verdict}");
    }
    assert!(verdict.contains(&lumenfold::words::counted(parameters, "parameter")), "{verdict}");
    let good = Settings { hidden: vec![64, 32], epochs: Some(300), ..small() };
    let (model, good) = report(&data, &good);
    assert!(model.record.judged().loss < model.rival().unwrap().errors.loss, "the test needs a better fit");
    assert!(good["samples"]["verdict"].is_null());
}

#[test]
fn small_samples_keep_their_tables_and_plain_rows_have_no_pictures() {
    let (_, with_axes) = report(&map(), &small());
    assert_eq!(with_axes["features"].as_array().unwrap().len(), 54);
    assert_eq!(with_axes["reconstruction"].as_array().unwrap().len(), 54);
    let (_, plain) = report(&dataset(&rows(100)), &small());
    assert!(plain.get("samples").is_none());
}

#[test]
fn other_samples_have_no_rival_and_few_are_drawn_once() {
    let data = map();
    let model = Model::from(fitted(&data, &small()));
    let axes = model.axes().to_vec();
    for count in [1, 2, 5] {
        let other = peaks(&axes, count);
        let report = document(&model, &other, &ReportOptions::default(), threads(1)).unwrap();
        let samples = report.samples.unwrap();
        assert_eq!(samples.triplets.len(), count.min(3));
        assert!(samples.error_along.iter().all(|along| along.pca.is_none()) && samples.verdict.is_none());
    }
}

#[test]
fn the_same_report_of_samples_has_the_same_bytes() {
    let data = map();
    let model = Model::from(fitted(&data, &small()));
    let page = |count| html(&model, &data, &ReportOptions::default(), threads(count)).unwrap();
    assert!(page(1) == page(3));
}
