//! Images: spectra, maps and volumes that are learnt from in patches, because they are few and large.
//!
//! A table has a column for each value of a sample. An image of 4000 × 4000 values would have 16 million of them, and
//! it is one sample, from which nothing can be learnt that holds for another. A patch model sees pieces of it instead:
//!
//! ```text
//! NPY, NPZ, table ──Images──▶ values by position ──Crops──▶ rows of a fit: pieces at seeded places
//!                                │                            `Regions`: what is held out overlaps nothing that trains
//!                                └──windows──▶ all of it, piece by piece with overlap ──blend──▶ ImageWriter
//! ```
//!
//! * [`Images`] reads any part of an array, from the file or from memory; both give the same numbers.
//! * [`Regions`] divides images into blocks and holds some of them out.
//! * [`Crops`] draws the pieces: crop `i` of epoch `e` is the same whoever asks.
//! * [`windows`] says where the pieces lie that cover an image, and how they are blended.

mod crops;
mod open;
mod regions;
pub mod windows;

use std::io::Read;
use std::ops::Range;

pub use crops::{CropOptions, Crops};
pub use open::ImageOptions;
pub use regions::Regions;

use crate::formats::npy::Layout;
use crate::input::SharedFile;
use crate::{Axis, DataError, Scratch, axis};

/// Bytes that are read from a file at a time.
const PIECE_BYTES: u64 = 1 << 18;

/// Spectra, maps or volumes of one shape, of which any part can be read.
///
/// ```
/// use lumenfold_data::{ImageOptions, Images, Source};
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("map.npy");
/// let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
/// bytes.extend(format!("{:<117}\n", "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }").bytes());
/// (0..6).for_each(|value| bytes.extend(f64::from(value).to_le_bytes()));
/// std::fs::write(&path, bytes)?;
/// let images = Images::open(&Source::from(path), 2, &ImageOptions::default())?;
/// assert_eq!((images.count(), images.sizes()), (1, vec![2, 3]));
/// let mut values = Vec::new();
/// images.read(2..5, &mut values)?;
/// assert_eq!(values, [2.0, 3.0, 4.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Images {
    path: String,
    count: usize,
    // Whether the array has a dimension for the images.
    counts: bool,
    axes: Vec<Axis>,
    notes: Vec<String>,
    place: Place,
}

/// Where the numbers are: `[images][values]`, the last axis of an image fastest.
#[derive(Debug)]
enum Place {
    File { file: SharedFile, layout: Layout },
    Scratch(Scratch<f64>),
    Memory(Vec<f64>),
}

impl Images {
    /// The name of the input in messages.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether the array has a dimension for the images; a single one may do without.
    #[must_use]
    pub fn has_dimension_of_images(&self) -> bool {
        self.counts
    }

    /// The axes of an image.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// The size of each axis.
    #[must_use]
    pub fn sizes(&self) -> Vec<usize> {
        axis::shape(&self.axes)
    }

    /// Values of one image.
    #[must_use]
    pub fn values(&self) -> u64 {
        self.axes.iter().map(|axis| axis.size() as u64).product()
    }

    /// What was taken otherwise than one might expect, one sentence each.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Keeps all numbers in memory if they take no more than so many bytes there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn keep_within(&mut self, bytes: u64) -> Result<(), DataError> {
        let all = self.values().saturating_mul(self.count as u64);
        if all.saturating_mul(8) <= bytes && !matches!(self.place, Place::Memory(_)) {
            let mut values = Vec::with_capacity(all as usize);
            self.read(0..all, &mut values)?;
            self.place = Place::Memory(values);
        }
        Ok(())
    }

    /// Adds the numbers of a range of positions, counted over all images, to the end of `values`. What is absent is NaN.
    ///
    /// # Errors
    /// The file cannot be read.
    ///
    /// # Panics
    /// The range goes beyond the last image.
    pub fn read(&self, range: Range<u64>, values: &mut Vec<f64>) -> Result<(), DataError> {
        match &self.place {
            Place::Memory(all) => values.extend_from_slice(&all[range.start as usize..range.end as usize]),
            Place::Scratch(scratch) => scratch.read(range, values)?,
            Place::File { file, layout } => {
                let size = layout.size();
                let mut left = range.end.saturating_sub(range.start) * size;
                let mut stream = file.at(layout.offset + range.start * size);
                let mut bytes = vec![0; left.min(PIECE_BYTES) as usize];
                while left > 0 {
                    let piece = &mut bytes[..left.min(PIECE_BYTES) as usize];
                    stream.read_exact(piece).map_err(|error| Layout::failed(error, &self.path))?;
                    layout.decode(piece, values);
                    left -= piece.len() as u64;
                }
            }
        }
        Ok(())
    }

    /// Adds the numbers of a piece of one image to the end of `values`, row-major: that of this shape, whose first value
    /// is in the bins `start`.
    ///
    /// # Errors
    /// The file cannot be read.
    ///
    /// # Panics
    /// The piece goes beyond the image.
    pub fn read_piece(
        &self,
        image: usize,
        start: &[usize],
        shape: &[usize],
        values: &mut Vec<f64>,
    ) -> Result<(), DataError> {
        let first = image as u64 * self.values();
        let length = shape.last().copied().unwrap_or(0) as u64;
        for line in windows::lines(&self.sizes(), start, shape) {
            self.read(first + line..first + line + length, values)?;
        }
        Ok(())
    }

    /// Where a value lies, in words; its position is counted over all images.
    #[must_use]
    pub fn place_in_words(&self, position: u64) -> String {
        let image = position / self.values();
        let mut left = position % self.values();
        let mut bins: Vec<String> = Vec::new();
        for axis in self.axes.iter().rev() {
            let size = axis.size() as u64;
            bins.push(format!("bin {} of {}", left % size + 1, axis.name));
            left /= size;
        }
        bins.reverse();
        let place = bins.join(", ");
        if self.count > 1 { format!("image {}, {place}", image + 1) } else { place }
    }
}
