//! Whole images through a patch model: window by window, with overlap, in bounded memory.
//!
//! Windows of the size of a patch lie over an image at equal distances, and overlap by half of a patch by default. Each passes
//! the network as a row does. Reconstructions are blended ([`windows`]): a value of the result is the
//! weighted mean, in original units, of what the windows over it say.
//!
//! Of an image, a slab along its slowest axis is in memory: as many lines as some rows of windows need. The sums over
//! windows have one order, that of the windows' places, so neither threads nor the height of the slab change a bit.

mod slab;

use std::num::NonZeroUsize;

use lumenfold_data::images::windows;
use lumenfold_data::{Axis, Column, DataError, Images, Table, Values};
use lumenfold_engine::Part;

use crate::model::Model;
use crate::parallel::in_order;
use crate::passage::is_wide;
use crate::{Autoencoder, Error};
use slab::Slab;

/// Windows that pass together at least, where an image has as many.
const TOGETHER: usize = 1024;

/// Windows that a thread takes at a time, and values of those that pass a wide network at a time.
const PIECE: usize = 64;
const WIDE_VALUES: usize = 1 << 21;

/// A step of a grid that differs from that of the model by no more than this share is the same.
const SAME_STEP: f64 = 0.01;

/// How windows are laid over images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TilingOptions {
    /// Bins by which neighbouring windows overlap along each axis; `None` for half of a patch.
    pub overlap: Option<Vec<usize>>,
    /// Whether values may be absent (NaN): they come in as zero in scaled units, as in training.
    pub masks: bool,
    /// Leave values that are there as they are.
    pub impute: bool,
    /// Threads; changes the time only.
    pub threads: NonZeroUsize,
}

/// A patch model and how it goes over images.
#[derive(Clone, Debug)]
pub struct Tiling<'a> {
    autoencoder: &'a Autoencoder,
    patch: Vec<usize>,
    stride: Vec<usize>,
    weights: Vec<f64>,
    options: TilingOptions,
    together: usize,
}

/// What windows became: the first is window number `first` of its slab.
struct Passed {
    // [windows][width]; of a window without a value, NaN.
    results: Vec<f64>,
}

impl<'a> Tiling<'a> {
    /// Lays windows of the model's patch.
    ///
    /// # Errors
    /// The model was not trained on patches, or the overlap does not go with them.
    pub fn new(model: &'a Model, options: TilingOptions) -> Result<Self, Error> {
        if model.record.patches.is_none() {
            return Err(Error::NoPatchModel);
        }
        let patch = model.shape();
        let overlap = match &options.overlap {
            None => patch.iter().map(|size| size / 2).collect(),
            Some(one) if one.len() == 1 => vec![one[0]; patch.len()],
            Some(overlap) => overlap.clone(),
        };
        if overlap.len() != patch.len() || overlap.iter().zip(&patch).any(|(overlap, patch)| overlap >= patch) {
            let (value, patch) = (words(&overlap), words(&patch));
            let allowed = format!("less than the patch of {patch} along each axis");
            return Err(Error::Setting { name: "--overlap", value, allowed });
        }
        let weights = windows::weights(&patch, &overlap);
        let stride = patch.iter().zip(&overlap).map(|(patch, overlap)| patch - overlap).collect();
        Ok(Self { autoencoder: &model.autoencoder, patch, stride, weights, options, together: TOGETHER })
    }

    /// What a user should know of images before they pass: axes that are not those of the model.
    #[must_use]
    pub fn remarks(&self, images: &Images) -> Vec<String> {
        let remark = |(model, own): (&Axis, &Axis)| {
            let path = images.path();
            if model.is_counted() || own.is_counted() {
                return None;
            }
            if (&model.name, &model.unit) != (&own.name, &own.unit) {
                let (model, own) = (model.array_name(), own.array_name());
                return Some(format!("{path}: has the axis {own} where the model has {model}"));
            }
            let (expected, found) = (step(model)?, step(own)?);
            let differs = (found - expected).abs() > SAME_STEP * expected.abs();
            let (name, unit) = (&own.name, own.unit.as_deref().map(|unit| format!(" {unit}")).unwrap_or_default());
            differs.then(|| {
                format!(
                    "{path}: bins of {name} are {found}{unit} apart, those that the model learnt from {expected}{unit}: it takes what it sees for something of another width"
                )
            })
        };
        self.autoencoder.axes().iter().zip(images.axes()).filter_map(remark).collect()
    }

    /// Reconstructs images: `give` gets the values of the result in order, in pieces. Gives the number of values of which no
    /// window had any value; they are NaN.
    ///
    /// # Errors
    /// An image that is smaller than a patch; values that are absent (unless they may be), infinite or too large for the
    /// network; those of reading and of `give`.
    pub fn reconstruct<E: From<Error>>(
        &self,
        images: &Images,
        mut give: impl FnMut(&[f64]) -> Result<(), E>,
    ) -> Result<u64, E> {
        let mut without = 0;
        self.each_slab(
            images,
            |slab, places| {
                let mut at = 0;
                for passed in self.pass(slab, &places, Part::Whole)? {
                    for result in passed.results.chunks_exact(self.weights.len()) {
                        if !result[0].is_nan() {
                            slab.blend(&places[at], &self.patch, &self.weights, result);
                        }
                        at += 1;
                    }
                }
                Ok::<_, E>(())
            },
            |slab, lines| {
                let (values, absent) = slab.finished(lines, self.options.impute);
                without += absent;
                give(&values)
            },
        )?;
        Ok(without)
    }

    /// The code of every window: `give` gets tables with the number of the image, if the array counts them, where the middle
    /// of the window lies on each axis, and `z1`, `z2`, …
    ///
    /// # Errors
    /// As [`Tiling::reconstruct`].
    pub fn encode<E: From<Error>>(
        &self,
        images: &Images,
        mut give: impl FnMut(Table) -> Result<(), E>,
    ) -> Result<(), E> {
        let (axes, latent) = (images.axes(), self.autoencoder.network().latent_dimension());
        self.each_slab(
            images,
            |slab, places| {
                let passed = self.pass(slab, &places, Part::Encoder)?;
                let codes: Vec<f64> = passed.into_iter().flat_map(|passed| passed.results).collect();
                let mut columns = Vec::new();
                if images.has_dimension_of_images() {
                    columns.push(Column::new("image", Values::integers(vec![slab.image() as i64 + 1; places.len()])));
                }
                for (at, (axis, size)) in axes.iter().zip(&self.patch).enumerate() {
                    let first = |place: &[usize]| place[at] + if at == 0 { slab.first_line() } else { 0 };
                    let middle = |place: &Vec<usize>| {
                        let first = first(place);
                        f64::midpoint(axis.grid[first], axis.grid[first + size - 1])
                    };
                    let mut column =
                        Column::new(axis.name.clone(), Values::Float64(places.iter().map(middle).collect()));
                    column.unit.clone_from(&axis.unit);
                    columns.push(column);
                }
                for (index, name) in self.autoencoder.latent_names().into_iter().enumerate() {
                    let values = codes.iter().skip(index).step_by(latent).map(|code| *code as f32).collect();
                    columns.push(Column::new(name, Values::Float32(values)));
                }
                give(Table::new(images.path(), columns).map_err(Error::from)?)
            },
            |slab, lines| {
                slab.finished(lines, false);
                Ok(())
            },
        )
    }

    /// Goes over all images in slabs. `visit` gets each with the places of its windows: their first bins, the first axis
    /// counted within the slab. `finish` is told how many of the first lines no further window touches.
    fn each_slab<E: From<Error>>(
        &self,
        images: &Images,
        mut visit: impl FnMut(&mut Slab, Vec<Vec<usize>>) -> Result<(), E>,
        mut finish: impl FnMut(&mut Slab, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        let sizes = images.sizes();
        let wrong = |reason: String| E::from(DataError::Image { path: images.path().to_owned(), reason }.into());
        if sizes.len() != self.patch.len() {
            return Err(wrong(format!("its images have {} axes, the model has {}", sizes.len(), self.patch.len())));
        }
        if let Some((axis, patch)) = images.axes().iter().zip(&self.patch).find(|(axis, patch)| axis.size() < **patch) {
            let (name, size) = (&axis.name, axis.size());
            return Err(wrong(format!("axis {name} has {size} bins, fewer than the {patch} of the model's patch")));
        }
        let of_axis = |at: usize| windows::starts(sizes[at], self.patch[at], self.stride[at]);
        let rows = of_axis(0);
        // Where windows begin along all other axes.
        let mut columns: Vec<Vec<usize>> = vec![Vec::new()];
        for at in 1..sizes.len() {
            let starts = of_axis(at);
            columns = columns
                .iter()
                .flat_map(|column| starts.iter().map(move |start| column.iter().copied().chain([*start]).collect()))
                .collect();
        }
        let height = self.together.div_ceil(columns.len()).max(1);
        for image in 0..images.count() {
            let mut slab = Slab::new(images, image, self.options.masks);
            for (group, starts) in rows.chunks(height).enumerate() {
                let end = starts[starts.len() - 1] + self.patch[0];
                slab.extend_to(end).map_err(Error::from)?;
                let first_line = slab.first_line();
                let place = |start: &usize, column: &Vec<usize>| {
                    std::iter::once(start - first_line).chain(column.iter().copied()).collect()
                };
                let places = starts.iter().flat_map(|start| columns.iter().map(move |column| place(start, column)));
                visit(&mut slab, places.collect())?;
                let next = rows.get((group + 1) * height).copied().unwrap_or(sizes[0]);
                finish(&mut slab, next - first_line)?;
            }
        }
        Ok(())
    }

    /// Windows of a slab through a part of the network, in order.
    fn pass(&self, slab: &Slab, places: &[Vec<usize>], part: Part) -> Result<Vec<Passed>, Error> {
        // Threads take windows, or share each layer of a wide network.
        let (piece, outer, inner) = if is_wide(self.autoencoder) {
            ((WIDE_VALUES / self.weights.len()).max(PIECE / 4), NonZeroUsize::MIN, self.options.threads)
        } else {
            (PIECE, self.options.threads, NonZeroUsize::MIN)
        };
        let pieces = places.len().div_ceil(piece);
        let of_piece = |index: usize| {
            let places = &places[index * piece..places.len().min((index + 1) * piece)];
            self.pass_piece(slab, places, part, inner)
        };
        in_order(pieces, outer, of_piece).into_iter().collect()
    }

    fn pass_piece(
        &self,
        slab: &Slab,
        places: &[Vec<usize>],
        part: Part,
        threads: NonZeroUsize,
    ) -> Result<Passed, Error> {
        let Autoencoder { scaling, network, .. } = self.autoencoder;
        let width = self.weights.len();
        let mut values = Vec::with_capacity(places.len() * width);
        places.iter().for_each(|place| slab.read(place, &self.patch, &mut values));
        let mut scaled = vec![0.0; values.len()];
        scaling.forward_block(&values, &mut scaled);
        let is_taken = |scaled: f32| scaled.abs() <= lumenfold_data::LARGEST_SCALED;
        let is_bad = |(scaled, value): (&f32, &f64)| !value.is_nan() && !is_taken(*scaled);
        if let Some(at) = scaled.iter().zip(&values).position(is_bad) {
            let reason =
                format!("the scaling of the model does not take the value {}: it comes to {}", values[at], scaled[at]);
            return Err(slab.wrong(reason));
        }
        let result_width = network.width(part).1;
        let mut outputs = vec![0.0; places.len() * result_width];
        self.autoencoder.apply(part, &scaled, &mut outputs, threads)?;
        let mut results = vec![0.0; outputs.len()];
        match part {
            Part::Encoder => results.iter_mut().zip(&outputs).for_each(|(result, code)| *result = f64::from(*code)),
            _ => scaling.inverse_block(&outputs, &mut results),
        }
        if results.iter().any(|value| !value.is_finite()) {
            return Err(slab.wrong("has values so far out that the network overflows".to_owned()));
        }
        for (values, results) in values.chunks_exact(width).zip(results.chunks_exact_mut(result_width)) {
            if values.iter().all(|value| value.is_nan()) {
                results.fill(f64::NAN);
            }
        }
        Ok(Passed { results })
    }
}

/// The mean distance of neighbouring bins, if there are two.
fn step(axis: &Axis) -> Option<f64> {
    match axis.grid[..] {
        [first, .., last] => Some((last - first) / (axis.grid.len() - 1) as f64),
        _ => None,
    }
}

fn words(sizes: &[usize]) -> String {
    sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("x")
}

#[cfg(test)]
pub(crate) mod tests;
