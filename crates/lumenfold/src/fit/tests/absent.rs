//! Values with standard errors, and absent ones.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use lumenfold_data::{BlockOptions, BlockReader, DataError, Dataset, DatasetOptions, Missing, OrderSizes};
use lumenfold_data::{ReadOptions, Rows, Samples, Source};

use super::super::{Fitted, fit, prepare};
use super::windows::SMALL;
use super::{denoising, settings};
use crate::settings::{Kind, LossUnits};
use crate::{Settings, Sparsity};

/// A table of three columns on a surface, with errors that `error` tells for row and column; some cells are empty if
/// `gaps`.
fn table(directory: &Path, gaps: bool, error: impl Fn(usize, usize) -> f64) -> Source {
    let mut text = "x,y,z,ex,ey,ez\n".to_owned();
    for row in 0..400_usize {
        let (s, t) = ((row % 37) as f64 * 0.1, (row % 23) as f64 * 0.2);
        let values = [s + t, 1.0 + s * t, t * t - s];
        for (column, value) in values.iter().enumerate() {
            if !(gaps && (row * 7 + column * 3) % 11 == 0) {
                write!(text, "{value}").unwrap();
            }
            text.push(',');
        }
        writeln!(text, "{},{},{}", error(row, 0), error(row, 1), error(row, 2)).unwrap();
    }
    let path = directory.join("table.csv");
    std::fs::write(&path, text).unwrap();
    Source::from(path)
}

fn options(errors: bool, missing: Missing) -> DatasetOptions {
    let names = |names: [&str; 3]| Some(names.map(str::to_owned).to_vec());
    let errors = if errors { names(["ex", "ey", "ez"]) } else { None };
    DatasetOptions { columns: names(["x", "y", "z"]), errors, missing, ..DatasetOptions::default() }
}

fn dataset(source: &Source, options: &DatasetOptions) -> Dataset {
    Dataset::read(source, &ReadOptions::default(), options).unwrap()
}

fn fitted(data: &Dataset, settings: &Settings) -> Fitted {
    fit(data, settings, &AtomicBool::new(false), |_| {}).unwrap()
}

#[test]
fn equal_errors_and_nothing_absent_change_no_bit_of_the_network() {
    let directory = tempfile::tempdir().unwrap();
    let source = table(directory.path(), false, |_, _| 0.5);
    for chosen in [settings(), denoising()] {
        // In scaled units all errors must be equal.
        let chosen = Settings { scaling: "none".parse().unwrap(), ..chosen };
        let plain = fitted(&dataset(&source, &options(false, Missing::Refuse)), &chosen);
        let weighed = fitted(&dataset(&source, &options(true, Missing::Refuse)), &chosen);
        let masked = fitted(&dataset(&source, &options(false, Missing::Mask)), &chosen);
        assert_eq!(weighed.autoencoder.parameters, plain.autoencoder.parameters);
        assert_eq!(masked.autoencoder.parameters, plain.autoencoder.parameters);
        let (left, right) = (weighed.record.judged(), plain.record.judged());
        assert_eq!((left.mse, left.loss), (right.mse, right.loss));
        // Chi-square follows from the squares.
        let chi_square = left.chi_square.unwrap();
        assert!((chi_square.per_value / (right.mse / 0.25) - 1.0).abs() < 1e-12);
        let free = (3 - chosen.latent) as f64 / 3.0;
        assert!((chi_square.reduced.unwrap() * free / chi_square.per_value - 1.0).abs() < 1e-12);
    }
}

#[test]
fn where_rows_with_errors_and_gaps_live_never_changes_a_bit() {
    let directory = tempfile::tempdir().unwrap();
    let error = |row: usize, column: usize| 0.1 + (row % 5) as f64 * 0.1 + column as f64;
    let source = table(directory.path(), true, error);
    let sparsity = Some(Sparsity::BatchTopK(1.5));
    let sparse = Settings { kind: Kind::Sparse, sparsity, latent: 5, ..settings() };
    for errors in [true, false] {
        let options = options(errors, Missing::Mask);
        let memory = dataset(&source, &options);
        let gathered = [0, 100, 1000].map(|in_memory| {
            let blocks = BlockOptions { block_bytes: 500, ..BlockOptions::default() };
            let mut reader = BlockReader::open(std::slice::from_ref(&source), &blocks).unwrap();
            Samples::gather::<DataError>(&mut reader, &options, directory.path(), |_| Ok(in_memory)).unwrap()
        });
        assert_eq!(Rows::from(&gathered[0]).fingerprint().unwrap(), memory.fingerprint());
        for chosen in [settings(), denoising(), sparse.clone()] {
            let run = |rows: Rows<'_>, sizes: OrderSizes| {
                let mut prepared = prepare(rows, &chosen).unwrap();
                prepared.sizes.order = sizes;
                prepared.train(&AtomicBool::new(false), |_| {}).unwrap()
            };
            for sizes in [SMALL, OrderSizes::default()] {
                let expected = run((&memory).into(), sizes);
                assert!(expected.record.absent_values > 90);
                assert!(expected.record.judged().loss.is_finite());
                for place in &gathered {
                    let found = run(place.into(), sizes);
                    assert_eq!(found.autoencoder, expected.autoencoder);
                    assert_eq!(found.record, expected.record);
                }
            }
        }
    }
}

#[test]
fn values_with_large_errors_count_for_little() {
    let directory = tempfile::tempdir().unwrap();
    // The third column is measured so badly that a code of one number follows the others.
    let source = table(directory.path(), false, |_, column| [0.05, 0.05, 50.0][column]);
    let chosen = Settings { latent: 1, hidden: vec![16, 16], epochs: Some(300), ..settings() };
    let plain = fitted(&dataset(&source, &options(false, Missing::Refuse)), &chosen).record;
    let weighed = fitted(&dataset(&source, &options(true, Missing::Refuse)), &chosen).record;
    let (plain, weighed) = (&plain.judged().rmse, &weighed.judged().rmse);
    assert!(weighed[0] < plain[0] && weighed[1] < plain[1] && weighed[2] > plain[2], "{plain:?} {weighed:?}");
}

#[test]
fn what_does_not_go_with_errors_or_gaps_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let source = table(directory.path(), true, |_, _| 0.5);
    let variational = Settings { kind: Kind::Variational, ..settings() };
    let refused = [
        ("--kind", false, variational.clone()),
        ("--kind", true, variational),
        ("--jitter", false, Settings { jitter: 0.1, ..settings() }),
        ("--loss-units", true, Settings { loss_units: LossUnits::Original, ..settings() }),
    ];
    for (name, errors, chosen) in refused {
        let data = dataset(&source, &options(errors, Missing::Mask));
        let error = fit(&data, &chosen, &AtomicBool::new(false), |_| {}).unwrap_err().to_string();
        assert!(error.starts_with(name) && error.contains(if errors { "--errors" } else { "mask" }), "{error}");
    }
}
