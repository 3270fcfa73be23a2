//! The program as its users run it: the real binary, in a directory of its own, judged by what it prints, the status
//! it ends with and the files it leaves behind.
#![allow(clippy::unwrap_used, missing_docs)]

mod blocks;
mod column_names;
mod configuration;
mod damaged_models;
mod demo;
mod denoising;
mod encode;
mod errors_and_pca;
mod fit;
mod foreign_models;
mod help;
mod inputs_refused;
mod inspect;
mod interrupt;
mod kinds_refused;
mod larger_than_memory;
mod made_tables;
mod model_file;
mod options_refused;
mod outputs_refused;
mod real_data;
mod report;
mod resume;
mod round_trip;
mod same_bits;
mod sampling;
mod several_files;
mod sparse;
mod streams;
mod support;
mod variational;
mod words;
