//! Rows that are stretched along their axes in every epoch.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::Path;

use lumenfold_data::{BlockOptions, BlockReader, DataError, Dataset, DatasetOptions, Missing, OrderSizes};
use lumenfold_data::{ReadOptions, Rows, Samples, ScalingKind, Source};

use super::super::prepare;
use super::windows::{SMALL, fitted};
use super::{parabola, settings};
use crate::{Error, Settings};

/// Spectra of 24 bins with one line each, whose energies are this many, evenly placed.
pub(super) fn spectra(directory: &Path, count: usize) -> Source {
    let grid: Vec<f64> = (0..24).map(|bin| 4.0 + 0.5 * f64::from(bin)).collect();
    let names: Vec<String> = grid.iter().map(|energy| format!("e_{energy}_meV")).collect();
    let mut text = names.join(",") + "\n";
    for row in 0..count {
        let centre = 6.0 + 8.0 * row as f64 / (count - 1) as f64;
        let values = grid.iter().map(|energy| (-2.0 * (energy - centre).powi(2)).exp());
        writeln!(text, "{}", values.map(|value| value.to_string()).collect::<Vec<_>>().join(",")).unwrap();
    }
    let path = directory.join("spectra.csv");
    std::fs::write(&path, text).unwrap();
    Source::from(path)
}

pub(super) fn read(source: &Source) -> Dataset {
    let data = Dataset::read(source, &ReadOptions::default(), &DatasetOptions::default()).unwrap();
    assert_eq!(data.axes.len(), 1);
    data
}

fn stretching(shares: &[f64]) -> Settings {
    Settings { stretch: shares.to_vec(), scaling: ScalingKind::Common, batch: Some(16), ..settings() }
}

#[test]
fn neither_threads_nor_where_the_rows_live_change_a_bit() {
    let directory = tempfile::tempdir().unwrap();
    let source = spectra(directory.path(), 90);
    let data = read(&source);
    let options = DatasetOptions::default();
    for chosen in [stretching(&[0.2]), Settings { jitter: 0.05, starts: 2, ..stretching(&[0.1]) }] {
        for sizes in [SMALL, OrderSizes::default()] {
            let expected = fitted((&data).into(), &chosen, sizes, true);
            let threads = NonZeroUsize::new(3).unwrap();
            let many = Settings { threads, ..chosen.clone() };
            assert_eq!(fitted((&data).into(), &many, sizes, true).autoencoder, expected.autoencoder);
            for in_memory in [0, 40] {
                let blocks = BlockOptions { block_bytes: 3000, ..BlockOptions::default() };
                let mut reader = BlockReader::open(std::slice::from_ref(&source), &blocks).unwrap();
                let rows =
                    Samples::gather::<DataError>(&mut reader, &options, directory.path(), |_| Ok(in_memory)).unwrap();
                let found = fitted((&rows).into(), &chosen, sizes, in_memory == 0);
                assert_eq!(found.autoencoder, expected.autoencoder);
                assert_eq!(found.record, expected.record);
            }
        }
        let still = Settings { stretch: Vec::new(), ..chosen.clone() };
        assert_ne!(
            fitted((&data).into(), &still, SMALL, true).record.losses,
            fitted((&data).into(), &chosen, SMALL, true).record.losses
        );
    }
}

#[test]
fn few_lines_are_enough_to_learn_where_others_may_be() {
    let directory = tempfile::tempdir().unwrap();
    let data = read(&spectra(directory.path(), 13));
    let error = |shares: &[f64]| {
        let chosen =
            Settings { latent: 2, hidden: vec![32, 32], epochs: Some(1000), batch: Some(5), ..stretching(shares) };
        fitted((&data).into(), &chosen, OrderSizes::default(), true).record.judged().mse
    };
    let (still, stretched) = (error(&[]), error(&[0.1]));
    assert!(stretched < 0.7 * still, "{stretched} beside {still}");
}

#[test]
fn what_cannot_be_stretched_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let data = read(&spectra(directory.path(), 30));
    let refused = |rows: Rows<'_>, settings: &Settings| match prepare(rows, settings).err() {
        Some(error @ Error::Setting { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    };
    let words = refused((&parabola()).into(), &stretching(&[0.1]));
    assert!(words.starts_with("--stretch") && words.contains("--axes"), "{words}");
    let words = refused((&data).into(), &stretching(&[0.1, 0.1]));
    assert!(words.contains("one for each of 1 axes"), "{words}");
    let words = refused((&data).into(), &Settings { scaling: ScalingKind::Standard, ..stretching(&[0.1]) });
    assert!(words.starts_with("--scale"), "{words}");
    let path = directory.path().join("gap.csv");
    std::fs::write(&path, "e_1_meV,e_2_meV,e_3_meV\n1,2,3\n2,,1\n3,1,2\n1,1,2\n2,2,1\n").unwrap();
    let options = DatasetOptions { missing: Missing::Mask, ..DatasetOptions::default() };
    let gap = Dataset::read(&Source::from(path), &ReadOptions::default(), &options).unwrap();
    let words = refused((&gap).into(), &stretching(&[0.1]));
    assert!(words.starts_with("--stretch") && words.contains("--missing mask"), "{words}");
}
