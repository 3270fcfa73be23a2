//! Tests of the crate as its users see it, in one binary.
#![allow(clippy::unwrap_used, missing_docs)]

mod arbitrary_bytes;
mod arrays;
mod arrow_files;
mod atomic;
mod axes;
mod block_writing;
mod blocks;
mod claimed_columns;
mod datasets;
mod dialects;
mod fits;
mod format_pairs;
mod hdf5;
mod hostile;
mod images;
mod messages;
mod parquet_lists;
mod round_trips;
mod scalings;
mod shared;
mod single_spectra;
mod splits;
mod text_tables;
mod truncation;
mod votables;
