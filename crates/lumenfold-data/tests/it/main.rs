//! Tests of the crate as its users see it, in one binary.
#![allow(clippy::unwrap_used, missing_docs)]

mod arbitrary_bytes;
mod arrays;
mod atomic;
mod axes;
mod block_writing;
mod blocks;
mod datasets;
mod dialects;
mod fits;
mod hostile;
mod images;
mod messages;
mod round_trips;
mod scalings;
mod shared;
mod splits;
mod text_tables;
mod truncation;
