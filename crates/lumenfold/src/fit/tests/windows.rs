//! Where rows live, and in how many windows they come, as seen in the model.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use lumenfold_data::{BlockOptions, BlockReader, DataError, Dataset, DatasetOptions, Missing, OrderSizes};
use lumenfold_data::{ReadOptions, Rows, Samples, Source};

use super::super::{Fitted, prepare};
use super::{denoising, settings};
use crate::Settings;

/// Windows of a few batches, with rows left over at the end of each.
pub(super) const SMALL: OrderSizes = OrderSizes { chunk_values: 22, window_values: 210 };

/// A table of three columns, some cells of which are empty.
fn table(directory: &Path) -> Source {
    let mut text = "x,y,z\n".to_owned();
    for row in 0..400 {
        let (s, t) = (f64::from(row % 37) * 0.1, f64::from(row % 23) * 0.2);
        match row % 41 {
            40 => writeln!(text, "{s},,{t}").unwrap(),
            _ => writeln!(text, "{},{},{}", s + t, 1.0 + s * t, t * t - s).unwrap(),
        }
    }
    let path = directory.join("table.csv");
    std::fs::write(&path, text).unwrap();
    Source::from(path)
}

fn gathered(directory: &Path, in_memory: usize) -> Samples {
    let blocks = BlockOptions { block_bytes: 500, ..BlockOptions::default() };
    let mut reader = BlockReader::open(&[table(directory)], &blocks).unwrap();
    let options = DatasetOptions { missing: Missing::Skip, ..DatasetOptions::default() };
    Samples::gather::<DataError>(&mut reader, &options, directory, |_| Ok(in_memory)).unwrap()
}

pub(super) fn fitted(rows: Rows<'_>, settings: &Settings, sizes: OrderSizes, ahead: bool) -> Fitted {
    let mut prepared = prepare(rows, settings).unwrap();
    prepared.sizes.order = sizes;
    prepared.reads_ahead = ahead;
    prepared.train(&AtomicBool::new(false), |_| {}).unwrap()
}

#[test]
fn where_the_rows_live_never_changes_a_bit() {
    let directory = tempfile::tempdir().unwrap();
    let options = DatasetOptions { missing: Missing::Skip, ..DatasetOptions::default() };
    let memory = Dataset::read(&table(directory.path()), &ReadOptions::default(), &options).unwrap();
    let places = [0, 100, 1000].map(|in_memory| gathered(directory.path(), in_memory));
    assert_eq!([true, true, false], [0, 1, 2].map(|place: usize| places[place].is_on_disk()));
    let windowed = |settings: &Settings| fitted((&memory).into(), settings, SMALL, true);
    for chosen in [
        Settings { batch: Some(32), ..settings() },
        Settings { batch: Some(7), jitter: 0.1, starts: 2, scaling: "robust".parse().unwrap(), ..settings() },
        Settings { batch: Some(100), validation: 0.0, scaling: "asinh".parse().unwrap(), ..settings() },
        Settings { batch: Some(32), ..denoising() },
    ] {
        for sizes in [SMALL, OrderSizes::default()] {
            let expected = fitted((&memory).into(), &chosen, sizes, true);
            assert_eq!(expected.record.skipped_rows, 9);
            for (place, ahead) in places.iter().zip([true, false, true]) {
                let found = fitted(place.into(), &chosen, sizes, ahead);
                assert_eq!(found.autoencoder, expected.autoencoder);
                assert_eq!(found.record, expected.record);
            }
        }
        // The windows are used at all.
        let whole = fitted((&memory).into(), &chosen, OrderSizes::default(), true);
        assert_ne!(windowed(&chosen).record.losses, whole.record.losses);
    }
    // Nothing but the table is left.
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn messages_name_rows_of_the_file_and_count_all_of_them() {
    let directory = tempfile::tempdir().unwrap();
    let blocks = BlockOptions { block_bytes: 500, ..BlockOptions::default() };
    let mut reader = BlockReader::open(&[table(directory.path())], &blocks).unwrap();
    let error = Samples::gather::<DataError>(&mut reader, &DatasetOptions::default(), directory.path(), |_| Ok(0));
    let expected = Dataset::read(&table(directory.path()), &ReadOptions::default(), &DatasetOptions::default());
    assert_eq!(error.unwrap_err().to_string(), expected.unwrap_err().to_string());
    let samples = gathered(directory.path(), 0);
    let log = Settings { scaling: "log".parse().unwrap(), ..settings() };
    let options = DatasetOptions { missing: Missing::Skip, ..DatasetOptions::default() };
    let memory = Dataset::read(&table(directory.path()), &ReadOptions::default(), &options).unwrap();
    let message = |rows: Rows<'_>| prepare(rows, &log).err().unwrap().to_string();
    assert_eq!(message((&samples).into()), message((&memory).into()));
}
