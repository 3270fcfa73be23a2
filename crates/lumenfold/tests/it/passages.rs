//! Tables of any length through a model: what comes out is what whole data sets give, bit for bit.

use lumenfold::data::{
    BlockOptions, BlockReader, Column, Dataset, Missing, Source, Table, Target, Values, WriteOptions, write_table,
};
use lumenfold::passage::{Passage, PassageOptions, Passed, Way};
use lumenfold::{Autoencoder, Error, Settings};

use crate::made::{bits, dataset, fitted, rows, small, threads};

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// A table in a file.
struct Stored {
    directory: tempfile::TempDir,
    columns: Vec<String>,
}

impl Stored {
    fn new(columns: Vec<Column>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let names = columns.iter().map(|column| column.name.clone()).collect();
        let table = Table::new("stored", columns).unwrap();
        let target = Target::from(directory.path().join("rows.parquet"));
        write_table(&table, &target, &WriteOptions::default()).unwrap();
        Self { directory, columns: names }
    }

    fn samples(dataset: &Dataset) -> Self {
        let column = |(index, name)| Column::new(name, Values::Float64(dataset.feature_values(index).collect()));
        Self::new(NAMES.into_iter().enumerate().map(column).collect())
    }

    /// All columns of the result, in blocks of so many bytes.
    fn pass(
        &self,
        autoencoder: &Autoencoder,
        (way, missing): (Way, Missing),
        (block_bytes, count): (usize, usize),
    ) -> Result<(Vec<Column>, Passed), Error> {
        let source = Source::from(self.directory.path().join("rows.parquet"));
        let options = BlockOptions { block_bytes, ..BlockOptions::default() };
        let mut reader = BlockReader::open(&[source], &options)?;
        let options = PassageOptions { way, columns: self.columns.clone(), missing, threads: threads(count) };
        let mut all: Vec<Column> = Vec::new();
        let passed = Passage::new(autoencoder, options)?.run(&mut reader, |block, columns| {
            assert!(columns.iter().all(|column| column.len() == block.rows()));
            if all.is_empty() {
                all = columns;
            } else {
                assert!(all.iter_mut().zip(columns).all(|(all, more)| all.append(more)), "the types differ");
            }
            Ok::<_, Error>(())
        })?;
        Ok((all, passed))
    }
}

fn single(column: &Column) -> Vec<f32> {
    match &column.values {
        Values::Float32(values) => values.clone(),
        other => panic!("{} is of {}", column.name, other.type_name()),
    }
}

#[test]
fn blocks_give_what_the_whole_gives() {
    let data = dataset(&rows(5000));
    let autoencoder = fitted(&data, &small()).autoencoder;
    let (latent, whole) =
        (autoencoder.encode(&data, threads(1)).unwrap(), autoencoder.reconstruct(&data, threads(1)).unwrap());
    let stored = Stored::samples(&data);
    for cut in [(100, 1), (40_000, 1), (40_000, 3), (1 << 20, 2)] {
        let (codes, passed) = stored.pass(&autoencoder, (Way::Encode, Missing::Refuse), cut).unwrap();
        assert_eq!(passed, Passed { rows: 5000, skipped: 0 });
        for (index, column) in codes.iter().enumerate() {
            let expected: Vec<f32> = latent.iter().skip(index).step_by(2).copied().collect();
            assert_eq!(bits(&single(column)), bits(&expected), "{cut:?}");
        }
        let (samples, _) = stored.pass(&autoencoder, (Way::Reconstruct, Missing::Refuse), cut).unwrap();
        let (decoded, _) = Stored::new(codes).pass(&autoencoder, (Way::Decode, Missing::Refuse), cut).unwrap();
        for (index, column) in samples.iter().enumerate() {
            let expected: Vec<f32> = whole.iter().skip(index).step_by(4).map(|value| *value as f32).collect();
            assert_eq!(bits(&single(column)), bits(&expected), "{cut:?}");
            assert_eq!(decoded[index].name, NAMES[index]);
            assert_eq!(bits(&single(&decoded[index])), bits(&expected), "{cut:?}");
        }
    }
}

#[test]
fn wide_networks_give_the_same_too() {
    let data = dataset(&rows(700));
    let autoencoder =
        fitted(&data, &Settings { hidden: vec![400, 400], epochs: Some(1), batch: Some(64), ..small() }).autoencoder;
    let latent = autoencoder.encode(&data, threads(1)).unwrap();
    for cut in [(4000, 2), (1 << 20, 1)] {
        let (codes, _) = Stored::samples(&data).pass(&autoencoder, (Way::Encode, Missing::Refuse), cut).unwrap();
        let expected: Vec<f32> = latent.iter().step_by(2).copied().collect();
        assert_eq!(bits(&single(&codes[0])), bits(&expected));
    }
}

#[test]
fn the_first_row_in_trouble_is_told_whatever_the_blocks() {
    let data = dataset(&rows(3000));
    let autoencoder = fitted(&data, &small()).autoencoder;
    let with = |changes: &[(usize, usize, f64)]| {
        let mut changed = data.clone();
        changes.iter().for_each(|(row, feature, value)| changed.values[row * 4 + feature] = *value);
        Stored::samples(&changed)
    };
    for (changes, missing, words) in [
        (
            vec![(2500, 1, f64::NAN), (2000, 2, f64::NEG_INFINITY)],
            Missing::Refuse,
            vec!["row 2001", "\"c\"", "-inf", "2 of 3000"],
        ),
        (vec![(2500, 1, 1e300), (2000, 2, 1e200)], Missing::Refuse, vec!["row 2001", "\"c\"", "1e200"]),
        (vec![(2000, 1, 1e300), (2000, 0, f64::NAN), (2100, 3, 1e250)], Missing::Skip, vec!["row 2101", "\"d\""]),
        ((0..3000).map(|row| (row, 1, f64::NAN)).collect(), Missing::Skip, vec!["none of its 3000 rows", "\"b\""]),
    ] {
        let stored = with(&changes);
        for cut in [(100, 1), (40_000, 3), (1 << 20, 2)] {
            let message = stored.pass(&autoencoder, (Way::Encode, missing), cut).unwrap_err().to_string();
            assert!(words.iter().all(|word| message.contains(word)), "{message}: {words:?}, {cut:?}");
        }
    }
    let far = Stored::new(vec![
        Column::new("z1", Values::Float32(vec![0.0, 1.0, 1e30])),
        Column::new("z2", Values::Float32(vec![0.0; 3])),
    ]);
    let error = far.pass(&autoencoder, (Way::Decode, Missing::Refuse), (100, 1)).unwrap_err();
    assert!(matches!(error, Error::Overflow { row: 3, .. }), "{error}");
}

#[test]
fn rows_without_a_result_are_empty() {
    let mut data = dataset(&rows(3000));
    let autoencoder = fitted(&data, &small()).autoencoder;
    let latent = autoencoder.encode(&data, threads(1)).unwrap();
    let gaps = [0, 1999, 2000, 2999];
    gaps.iter().for_each(|row| data.values[row * 4 + 2] = f64::INFINITY);
    let stored = Stored::samples(&data);
    let (codes, passed) = stored.pass(&autoencoder, (Way::Encode, Missing::Skip), (9000, 2)).unwrap();
    assert_eq!(passed, Passed { rows: 3000, skipped: 4 });
    for (row, value) in single(&codes[1]).into_iter().enumerate() {
        if gaps.contains(&row) {
            assert!(value.is_nan());
        } else {
            assert_eq!(value.to_bits(), latent[row * 2 + 1].to_bits());
        }
    }
}
