//! How fast a table is read, whole and in blocks:
//! `cargo run --release -p lumenfold-data --example read_speed FILE [THREADS [WAY [ROUNDS]]]`.
//!
//! Prints bytes of the file and rows per second for each way, or for those whose name starts with WAY: the best of
//! three rounds, or of as many as are given.

use std::error::Error;
use std::num::NonZeroUsize;
use std::time::Instant;

use lumenfold_data::{BlockOptions, BlockReader, Dataset, DatasetOptions, ReadOptions, Source, read_table};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: read_speed FILE [THREADS [WAY [ROUNDS]]]")?;
    let threads: Option<NonZeroUsize> = arguments.next().map(|text| text.parse()).transpose()?;
    let way = arguments.next().unwrap_or_default();
    let rounds: usize = arguments.next().map_or(Ok(3), |text| text.parse())?;
    let bytes = std::fs::metadata(&path)?.len();
    let source = Source::from(path.as_str());

    let whole = || Ok(read_table(&source, &ReadOptions { threads, ..ReadOptions::default() })?.rows() as u64);
    let names = read_names(&source)?;
    let blocks = |numbers: &[String], dataset: bool| {
        let options = BlockOptions { threads, numbers: numbers.to_vec(), ..BlockOptions::default() };
        let mut reader = BlockReader::open(std::slice::from_ref(&source), &options)?;
        let mut values = 0;
        while let Some(block) = reader.next_block()? {
            if dataset {
                values += Dataset::from_table(block, &DatasetOptions::default())?.values.len();
            }
        }
        std::hint::black_box(values);
        Ok(reader.rows_read())
    };
    let ways: [(&str, &dyn Fn() -> Outcome); 4] = [
        ("read_table", &whole),
        ("blocks, two passes", &|| blocks(&[], false)),
        ("blocks of numbers", &|| blocks(&names, false)),
        ("blocks to data sets", &|| blocks(&names, true)),
    ];
    ways.into_iter()
        .filter(|(what, _)| what.starts_with(&way))
        .try_for_each(|(what, read)| measure(what, bytes, rounds, read))
}

/// The number of rows.
type Outcome = Result<u64, Box<dyn Error>>;

fn read_names(source: &Source) -> Result<Vec<String>, Box<dyn Error>> {
    Ok(BlockReader::open(std::slice::from_ref(source), &BlockOptions::default())?.names().to_vec())
}

/// Prints the best of some rounds of `read`.
fn measure(what: &str, bytes: u64, rounds: usize, read: &dyn Fn() -> Outcome) -> Result<(), Box<dyn Error>> {
    let (mut best, mut rows) = (f64::INFINITY, 0);
    for _ in 0..rounds {
        let start = Instant::now();
        rows = read()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    let (megabytes, rows_per_second) = (bytes as f64 / best / 1e6, rows as f64 / best);
    println!("{what:20} {megabytes:7.0} MB/s {rows_per_second:12.0} rows/s {best:9.6} s {rows} rows");
    Ok(())
}
