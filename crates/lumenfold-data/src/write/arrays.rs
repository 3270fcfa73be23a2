//! Arrays of any number of dimensions, written as they come.
//!
//! A table has rows and columns; spectra, maps and volumes are arrays with an axis for each dimension. Such an array is
//! written here as NumPy has it: alone in an NPY file, or by its name in an NPZ archive beside its axes and whatever else
//! belongs to it.

use std::io::{self, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::sink::{Sink, Staged};
use crate::formats::npy::{header_bytes, scalar_header_bytes};
use crate::formats::{Format, OutputFormat};
use crate::suggest::excerpt;
use crate::{DataError, Target};

/// Bytes that are given to a compressor at a time: what it is given decides its bytes, so it is as much for any pieces.
const BUFFER_BYTES: usize = 1 << 16;
/// Bytes from which a member needs the archive's wide sizes; less than 2^32 to be safe.
const LARGE_BYTES: u64 = 1 << 31;
/// Longest name of an array in bytes.
const LONGEST_NAME: usize = u16::MAX as usize - 4;

/// Values of an array in C order: the last index runs fastest.
#[derive(Clone, Copy, Debug)]
pub enum ArrayValues<'a> {
    /// 32-bit floats.
    Float32(&'a [f32]),
    /// 64-bit floats.
    Float64(&'a [f64]),
    /// Text, which becomes unicode of fixed width.
    Text(&'a [&'a str]),
}

impl ArrayValues<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Float32(values) => values.len(),
            Self::Float64(values) => values.len(),
            Self::Text(values) => values.len(),
        }
    }
}

/// Writes named arrays one after the other into an NPZ archive, or a single one into an NPY file, in bounded memory. The
/// same arrays always give the same bytes, in whatever pieces the values come.
///
/// A file appears when it is finished; dropped before, or after an error, nothing is left of it.
///
/// ```
/// use lumenfold_data::{ArrayValues, ArrayWriter};
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("maps.npz");
/// let mut writer = ArrayWriter::create(&path)?;
/// writer.begin("intensity", &[2, 1, 3])?;
/// writer.write(&[0.0, 1.0, 2.0])?;
/// writer.write(&[3.0, 4.0, 5.0])?;
/// writer.array("energy_meV", &[3], ArrayValues::Float64(&[10.0, 20.0, 30.0]))?;
/// assert!(!path.exists());
/// writer.finish()?;
/// assert!(path.exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ArrayWriter {
    name: String,
    output: Output,
    /// Names of the arrays so far.
    arrays: Vec<String>,
    /// Values that the array under way still lacks.
    lacking: u64,
    buffer: Vec<u8>,
}

enum Output {
    Npy(Box<Staged>),
    Npz(Box<ZipWriter<Staged>>),
}

impl ArrayWriter {
    /// Opens an output: `.npz` for several arrays, `.npy` for one. Nothing is to be seen of it yet.
    ///
    /// # Errors
    ///
    /// The ending is another, or the file cannot be written.
    pub fn create(path: &Path) -> Result<Self, DataError> {
        let format = Self::check(path)?;
        let name = path.display().to_string();
        let failed = |source| DataError::Write { path: name.clone(), source };
        let staged = Sink::create(&Target::Path(path.to_path_buf()))?.staged().map_err(failed)?;
        let output = match format {
            Format::Npy => Output::Npy(Box::new(staged)),
            _ => Output::Npz(Box::new(ZipWriter::new(staged))),
        };
        Ok(Self { name, output, arrays: Vec::new(), lacking: 0, buffer: Vec::new() })
    }

    /// The format that the ending of a path asks for, if it is one for arrays.
    ///
    /// # Errors
    ///
    /// It is another.
    pub fn check(path: &Path) -> Result<Format, DataError> {
        match OutputFormat::from_path(path).map(|output| output.format) {
            Ok(format @ (Format::Npy | Format::Npz)) => Ok(format),
            _ => {
                let reason = "arrays are written as .npz (with their axes) or .npy; name a file with such an ending";
                Err(DataError::Unwritable { path: path.display().to_string(), reason: reason.to_owned() })
            }
        }
    }

    /// Begins an array of 32-bit floats of this shape, whose values [`write`](Self::write) gives.
    ///
    /// # Errors
    ///
    /// The array before is not complete, the name is taken or too long, an NPY file has its array already, or the disk fails.
    pub fn begin(&mut self, name: &str, shape: &[usize]) -> Result<(), DataError> {
        self.start(name, shape, "<f4", 4)
    }

    /// Writes the next values of the array that was begun.
    ///
    /// # Errors
    ///
    /// There are more than the shape has room for, or the disk fails.
    pub fn write(&mut self, values: &[f32]) -> Result<(), DataError> {
        self.append(values.len(), values.iter().map(|value| value.to_le_bytes()))
    }

    /// Writes a whole array.
    ///
    /// # Errors
    ///
    /// As for [`begin`](Self::begin); the values are not as many as the shape says.
    pub fn array(&mut self, name: &str, shape: &[usize], values: ArrayValues<'_>) -> Result<(), DataError> {
        if product(shape) != Some(values.len() as u64) {
            return Err(self.refused(format!(
                "array {} has {} values for the shape {shape:?}",
                excerpt(name),
                values.len()
            )));
        }
        match values {
            ArrayValues::Float32(values) => {
                self.start(name, shape, "<f4", 4)?;
                self.append(values.len(), values.iter().map(|value| value.to_le_bytes()))
            }
            ArrayValues::Float64(values) => {
                self.start(name, shape, "<f8", 8)?;
                self.append(values.len(), values.iter().map(|value| value.to_le_bytes()))
            }
            ArrayValues::Text(values) => {
                let width = values.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1);
                self.start(name, shape, &format!("<U{width}"), 4 * width as u64)?;
                let cell = |text: &&str| {
                    let mut cell: Vec<u8> = text.chars().flat_map(|letter| u32::from(letter).to_le_bytes()).collect();
                    cell.resize(4 * width, 0);
                    cell
                };
                self.append(values.len(), values.iter().map(cell))
            }
        }
    }

    /// Completes the file and lets it appear.
    ///
    /// # Errors
    ///
    /// There is no array, the last is not complete, or the disk fails.
    pub fn finish(mut self) -> Result<(), DataError> {
        self.complete()?;
        if self.arrays.is_empty() {
            return Err(self.refused("no array was written".to_owned()));
        }
        let Self { name, output, .. } = self;
        let failed = |source| DataError::Write { path: name.clone(), source };
        let staged = match output {
            Output::Npy(staged) => *staged,
            Output::Npz(archive) => archive.finish().map_err(|error| failed(error.into()))?,
        };
        staged.finish().map_err(failed)?.finish()
    }

    fn start(&mut self, name: &str, shape: &[usize], descr: &str, size: u64) -> Result<(), DataError> {
        self.complete()?;
        let Some(values) = product(shape).filter(|values| values.checked_mul(size).is_some()) else {
            return Err(self.refused(format!("array {} of shape {shape:?} is too large", excerpt(name))));
        };
        if self.arrays.iter().any(|other| other == name) || name.len() > LONGEST_NAME {
            return Err(self.refused(format!("array {} has a name that is taken or too long", excerpt(name))));
        }
        let header = match shape.split_first() {
            Some((rows, others)) => header_bytes(descr, *rows as u64, others),
            None => scalar_header_bytes(descr),
        };
        let started = match &mut self.output {
            Output::Npy(_) if !self.arrays.is_empty() => {
                return Err(self.refused("NPY holds a single array; write .npz".to_owned()));
            }
            Output::Npy(staged) => staged.write_all(&header),
            Output::Npz(archive) => archive
                .start_file(format!("{name}.npy"), options(values * size))
                .map_err(io::Error::from)
                .and_then(|()| archive.write_all(&header)),
        };
        started.map_err(|error| self.failed(error))?;
        self.arrays.push(name.to_owned());
        self.lacking = values;
        Ok(())
    }

    fn append<T: AsRef<[u8]>>(&mut self, count: usize, values: impl Iterator<Item = T>) -> Result<(), DataError> {
        let Some(lacking) = self.lacking.checked_sub(count as u64) else {
            return Err(self.refused(format!("{count} values where {} are left to write", self.lacking)));
        };
        for value in values {
            self.buffer.extend_from_slice(value.as_ref());
            if self.buffer.len() >= BUFFER_BYTES {
                self.flush()?;
            }
        }
        self.lacking = lacking;
        Ok(())
    }

    /// Errors: the array under way lacks values.
    fn complete(&mut self) -> Result<(), DataError> {
        match self.lacking {
            0 => self.flush(),
            lacking => Err(self.refused(format!("the last array lacks {lacking} values"))),
        }
    }

    fn flush(&mut self) -> Result<(), DataError> {
        let written = match &mut self.output {
            Output::Npy(staged) => staged.write_all(&self.buffer),
            Output::Npz(archive) if !self.buffer.is_empty() => archive.write_all(&self.buffer),
            Output::Npz(_) => Ok(()),
        };
        self.buffer.clear();
        written.map_err(|error| self.failed(error))
    }

    fn failed(&self, source: io::Error) -> DataError {
        DataError::Write { path: self.name.clone(), source }
    }

    fn refused(&self, reason: String) -> DataError {
        DataError::Unwritable { path: self.name.clone(), reason }
    }
}

/// As the members of tables have them: the same bytes every time.
fn options(bytes: u64) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        // 1980-01-01, the first day of the format.
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
        .large_file(bytes >= LARGE_BYTES)
}

/// The number of values of an array, if it can be counted.
fn product(shape: &[usize]) -> Option<u64> {
    shape.iter().try_fold(1_u64, |product, size| product.checked_mul(*size as u64))
}
