//! Rows turned into the bytes of a format.

use std::io;

use super::sink::{Sink, Staged};
use crate::axis::Gridded;
use crate::formats::arrow::ArrowEncoder;
use crate::formats::fits::FitsEncoder;
use crate::formats::hdf5::Hdf5Encoder;
use crate::formats::npy::NpyEncoder;
use crate::formats::npz::NpzEncoder;
use crate::formats::parquet::ParquetEncoder;
use crate::formats::text::TextEncoder;
use crate::formats::votable::VoTableEncoder;
use crate::formats::{Format, OutputFormat, arrow, fits, hdf5, npy, npz, parquet, votable};
use crate::table::ColumnHead;
use crate::{DataError, Table};

/// The encoder of one output.
pub(super) enum Encoder {
    Text(TextEncoder<Sink>),
    Npy(NpyEncoder<Staged>),
    Npz(NpzEncoder<Staged>),
    Parquet(ParquetEncoder<Sink>),
    Hdf5(Hdf5Encoder<Sink>),
    Arrow(ArrowEncoder<Sink>),
    VoTable(VoTableEncoder<Sink>),
    Fits(FitsEncoder<Staged>),
}

/// Can the format hold the rows of this block? `name` is that of the output.
pub(super) fn check(format: Format, block: &Table, name: &str) -> Result<(), DataError> {
    match format {
        Format::Npy => npy::check(block, name),
        Format::Npz => npz::check(block, name),
        Format::Hdf5 => hdf5::check(block, name),
        Format::Parquet => parquet::check(block, name),
        Format::Arrow => arrow::check(block, name),
        Format::VoTable => votable::check(block, name),
        Format::Fits => fits::check(block, name),
        Format::Csv | Format::Tsv => Ok(()),
        other => {
            let reason = format!("{} is not written; choose another ending", other.name());
            Err(DataError::Unwritable { path: name.to_owned(), reason })
        }
    }
}

impl Encoder {
    /// An encoder of blocks with these columns, some of which may be samples with axes.
    pub(super) fn new(
        output: OutputFormat,
        columns: &[ColumnHead],
        gridded: Option<&Gridded>,
        sink: Sink,
    ) -> io::Result<Self> {
        Ok(match output.format {
            Format::Csv => Self::Text(TextEncoder::new(sink, b',', output.compression)?),
            Format::Tsv => Self::Text(TextEncoder::new(sink, b'\t', output.compression)?),
            Format::Npy => Self::Npy(NpyEncoder::new(sink.staged()?, columns, gridded)?),
            Format::Npz => {
                let staged = sink.staged()?;
                let values = staged.temporary()?;
                Self::Npz(NpzEncoder::new(staged, values, columns, gridded))
            }
            Format::Hdf5 => {
                let values = sink.temporary()?;
                Self::Hdf5(Hdf5Encoder::new(sink, values, columns, gridded))
            }
            Format::Parquet => Self::Parquet(ParquetEncoder::new(sink, columns)?),
            Format::Arrow => Self::Arrow(ArrowEncoder::new(sink, columns, gridded)?),
            Format::VoTable => Self::VoTable(VoTableEncoder::new(sink, columns)?),
            Format::Fits => Self::Fits(FitsEncoder::new(sink.staged()?, columns, gridded, Staged::temporary)?),
            other => return Err(io::Error::other(format!("{} is not written", other.name()))),
        })
    }

    pub(super) fn write(&mut self, block: &Table) -> io::Result<()> {
        match self {
            Self::Text(encoder) => encoder.write(block),
            Self::Npy(encoder) => encoder.write(block),
            Self::Npz(encoder) => encoder.write(block),
            Self::Parquet(encoder) => encoder.write(block),
            Self::Hdf5(encoder) => encoder.write(block),
            Self::Arrow(encoder) => encoder.write(block),
            Self::VoTable(encoder) => encoder.write(block),
            Self::Fits(encoder) => encoder.write(block),
        }
    }

    /// Passes on what was written, where that can be read before the end.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Text(encoder) => encoder.flush(),
            _ => Ok(()),
        }
    }

    /// Writes what is left. The error of the inner result is about the values.
    pub(super) fn finish(self, name: &str) -> io::Result<Result<Sink, DataError>> {
        match self {
            Self::Text(encoder) => encoder.finish().map(Ok),
            Self::Parquet(encoder) => encoder.finish().map(Ok),
            Self::Hdf5(encoder) => encoder.finish().map(Ok),
            Self::Arrow(encoder) => encoder.finish().map(Ok),
            Self::VoTable(encoder) => encoder.finish().map(Ok),
            Self::Npy(encoder) => encoder.finish()?.finish().map(Ok),
            Self::Fits(encoder) => match encoder.finish(name)? {
                Ok(staged) => staged.finish().map(Ok),
                Err(error) => Ok(Err(error)),
            },
            Self::Npz(encoder) => match encoder.finish(name)? {
                Ok(staged) => staged.finish().map(Ok),
                Err(error) => Ok(Err(error)),
            },
        }
    }
}
