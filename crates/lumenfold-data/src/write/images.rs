//! Images written as they are made, whatever their size.

use std::io::{self, Seek, Write};

use zip::ZipWriter;

use super::output_format;
use super::sink::{Sink, Staged, stdout_failed};
use crate::formats::Format;
use crate::formats::npy::header_bytes;
use crate::formats::npz::{DATA, LARGE_BYTES, grids_written, member};
use crate::{Axis, DataError, Images, Target, WriteOptions, axis};

/// Bytes gathered before they are passed on: the same pieces for any pieces that come, since what is compressed depends on
/// them.
const BUFFER_BYTES: usize = 1 << 16;

/// Writes one array of the shape of some images: .npy, or .npz with the grids of their axes beside it.
///
/// Numbers come in order, in pieces of any size; the bytes do not depend on the pieces.
pub struct ImageWriter {
    name: String,
    output: Output,
    size: usize,
    // Bytes that wait, and numbers that are still to come.
    waiting: Vec<u8>,
    left: u64,
}

enum Output {
    Plain(Sink),
    Archive(Box<ZipWriter<Staged>>, Vec<Axis>, u64),
}

impl ImageWriter {
    /// Opens an output for numbers of 32 bits (`singles`) or 64. Nothing is to be seen of it yet.
    ///
    /// # Errors
    /// The ending is neither .npy nor .npz, or the file cannot be written.
    pub fn create(target: &Target, images: &Images, singles: bool) -> Result<Self, DataError> {
        let name = target.to_string();
        let format = output_format(target, &WriteOptions::default())?.format;
        let mut shape = axis::shape(images.axes());
        if images.has_dimension_of_images() {
            shape.insert(0, images.count());
        }
        let (descr, size) = if singles { ("<f4", 4) } else { ("<f8", 8) };
        let left = images.values() * images.count() as u64;
        let header = header_bytes(descr, shape[0] as u64, &shape[1..]);
        let mut sink = Sink::create(target)?;
        let output = match format {
            Format::Npy => sink.write_all(&header).map(|()| Output::Plain(sink)),
            Format::Npz => (|| {
                let mut archive = ZipWriter::new(sink.staged()?);
                archive.start_file(format!("{DATA}.npy"), member(left.saturating_mul(size as u64) >= LARGE_BYTES))?;
                archive.write_all(&header)?;
                Ok(Output::Archive(Box::new(archive), images.axes().to_vec(), shape[0] as u64))
            })(),
            _ => {
                let reason = "images are written as .npy, or as .npz with the grids of their axes".to_owned();
                return Err(DataError::Unwritable { path: name, reason });
            }
        };
        let output = output.map_err(|error| failed(&name, error))?;
        Ok(Self { name, output, size, waiting: Vec::with_capacity(BUFFER_BYTES), left })
    }

    /// Adds numbers.
    ///
    /// # Errors
    /// Writing fails.
    ///
    /// # Panics
    /// There are more than the images have.
    pub fn write(&mut self, values: &[f64]) -> Result<(), DataError> {
        assert!(values.len() as u64 <= self.left, "more values than the images have");
        self.left -= values.len() as u64;
        for value in values {
            match self.size {
                4 => self.waiting.extend((*value as f32).to_le_bytes()),
                _ => self.waiting.extend(value.to_le_bytes()),
            }
            if self.waiting.len() >= BUFFER_BYTES {
                self.pass_on()?;
            }
        }
        Ok(())
    }

    fn pass_on(&mut self) -> Result<(), DataError> {
        let written = match &mut self.output {
            Output::Plain(sink) => sink.write_all(&self.waiting),
            Output::Archive(archive, ..) => archive.write_all(&self.waiting),
        };
        self.waiting.clear();
        written.map_err(|error| failed(&self.name, error))
    }

    /// Lets the file appear.
    ///
    /// # Errors
    /// Writing fails.
    ///
    /// # Panics
    /// Numbers are still to come.
    pub fn finish(mut self) -> Result<(), DataError> {
        assert_eq!(self.left, 0, "fewer values than the images have");
        self.pass_on()?;
        let sink = match self.output {
            Output::Plain(sink) => Ok(sink),
            Output::Archive(mut archive, axes, rows) => (|| {
                grids_written(&mut archive, &axes, rows)?;
                let mut output = archive.finish()?;
                output.seek(io::SeekFrom::End(0))?;
                output.finish()
            })(),
        };
        sink.map_err(|error| failed(&self.name, error))?.finish()
    }
}

fn failed(name: &str, source: io::Error) -> DataError {
    if *name == Target::Stdout.to_string() {
        return stdout_failed(source);
    }
    DataError::Write { path: name.to_owned(), source }
}
