//! Consecutive lines of an image along its slowest axis, and what windows say of them.

use lumenfold_data::images::windows;
use lumenfold_data::{DataError, Images};

use crate::Error;

/// Some lines of an image: what comes in, and weighted sums of what goes out.
pub(super) struct Slab<'a> {
    images: &'a Images,
    image: usize,
    masks: bool,
    // The first line, and the sizes of all axes: lines that are held, then those of the image.
    first: usize,
    sizes: Vec<usize>,
    // Values of a line.
    line: usize,
    values: Vec<f64>,
    sums: Vec<f64>,
    weights: Vec<f64>,
}

impl<'a> Slab<'a> {
    pub(super) fn new(images: &'a Images, image: usize, masks: bool) -> Self {
        let mut sizes = images.sizes();
        let line = sizes[1..].iter().product();
        sizes[0] = 0;
        let [values, sums, weights] = [(); 3].map(|()| Vec::new());
        Self { images, image, masks, first: 0, sizes, line, values, sums, weights }
    }

    /// The number of the image, from 0.
    pub(super) fn image(&self) -> usize {
        self.image
    }

    /// The first line that is held.
    pub(super) fn first_line(&self) -> usize {
        self.first
    }

    /// Reads the lines up to `end` that are not there yet.
    pub(super) fn extend_to(&mut self, end: usize) -> Result<(), DataError> {
        let (before, held) = (self.values.len(), self.first + self.sizes[0]);
        let position = |line: usize| self.image as u64 * self.images.values() + (line * self.line) as u64;
        self.images.read(position(held)..position(end), &mut self.values)?;
        let is_bad = |value: &f64| value.is_infinite() || (value.is_nan() && !self.masks);
        if let Some(at) = self.values[before..].iter().position(is_bad) {
            let (value, place) = (self.values[before + at], self.images.place_in_words(position(held) + at as u64));
            let path = self.images.path().to_owned();
            let reason = match value.is_nan() {
                true => format!("{place} is absent (NaN); --missing mask leaves absent values out of what is seen"),
                false => format!("{place} is {value}; correct it, or make it NaN and give --missing mask"),
            };
            return Err(DataError::Image { path, reason });
        }
        self.sizes[0] = end - self.first;
        self.sums.resize(self.values.len(), 0.0);
        self.weights.resize(self.values.len(), 0.0);
        Ok(())
    }

    /// Adds the values of a window to the end of `values`.
    pub(super) fn read(&self, place: &[usize], patch: &[usize], values: &mut Vec<f64>) {
        let length = patch[patch.len() - 1];
        for line in windows::lines(&self.sizes, place, patch) {
            values.extend_from_slice(&self.values[line as usize..][..length]);
        }
    }

    /// Adds what a window says to the sums.
    pub(super) fn blend(&mut self, place: &[usize], patch: &[usize], weights: &[f64], result: &[f64]) {
        let length = patch[patch.len() - 1];
        let lines = weights.chunks_exact(length).zip(result.chunks_exact(length));
        for (line, (own, result)) in windows::lines(&self.sizes, place, patch).zip(lines) {
            let range = line as usize..line as usize + length;
            for ((sum, weight), (own, value)) in
                self.sums[range.clone()].iter_mut().zip(&mut self.weights[range]).zip(own.iter().zip(result))
            {
                *sum += own * value;
                *weight += own;
            }
        }
    }

    /// Takes the first lines out: their values, and how many of these no window knows anything of. With `impute`, values that
    /// are there stay as they are.
    pub(super) fn finished(&mut self, lines: usize, impute: bool) -> (Vec<f64>, u64) {
        let count = lines * self.line;
        let mut absent = 0;
        let finished = self.sums.drain(..count).zip(self.weights.drain(..count)).zip(self.values.drain(..count));
        let values = finished.map(|((sum, weight), value)| {
            if impute && !value.is_nan() {
                return value;
            }
            absent += u64::from(weight == 0.0);
            sum / weight
        });
        let values = values.collect();
        self.first += lines;
        self.sizes[0] -= lines;
        (values, absent)
    }

    /// An error about this image.
    pub(super) fn wrong(&self, reason: String) -> Error {
        let lines = format!("lines {} to {}", self.first + 1, self.first + self.sizes[0]);
        let place = if self.images.count() > 1 { format!("image {}, {lines}", self.image + 1) } else { lines };
        DataError::Image { path: self.images.path().to_owned(), reason: format!("{place}: {reason}") }.into()
    }
}
