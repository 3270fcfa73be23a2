//! Crops: pieces of images at seeded places, which are the rows of a fit.
//!
//! Crop `i` of epoch `e` lies where the draws of part `i` and stream `e` say (see `random`): it is the same whether images
//! are in memory or on disk, and after a resume. Those of epoch 0 are what scaling, components and errors are fitted to and
//! measured on; a training sees new ones in every epoch.

use rand_chacha::ChaCha8Rng;

use super::{Images, Regions};
use crate::dataset::Fingerprint;
use crate::random::{below, generator};
use crate::{Axis, DataError, Scaling, Transform, axis};

/// The stream of the crops that train in the first epoch; that of the ones held out.
const CROP_STREAM: u64 = 3 << 61;
const HELD_OUT_STREAM: u64 = 1 << 63;

/// Places that are drawn before one within a block is taken: a crop must touch no held-out block, and have a value.
const ATTEMPTS: usize = 64;

/// How often every value is to be covered by the crops of an epoch, by default.
const COVERAGE: f64 = 8.0;

/// The fewest crops by default, and the values that they may have for it.
const FEWEST: usize = 4096;
const MOST_VALUES: usize = 1 << 24;

/// The most values of a crop.
const LARGEST: usize = axis::MOST_VALUES;

/// Values that are looked at together.
const BLOCK: u64 = 1 << 17;

/// How crops are cut.
#[derive(Clone, Debug, PartialEq)]
pub struct CropOptions {
    /// The bins of a crop along each axis.
    pub patch: Vec<usize>,
    /// Crops of an epoch, those held out included; `None` for as many as cover every value 8 times, 4096 at least, as far
    /// as they have no more than 2²⁴ values.
    pub crops: Option<usize>,
    /// The share that is held out.
    pub validation: f64,
    /// The seed of the places.
    pub seed: u64,
    /// The seed of what is held out.
    pub split_seed: u64,
    /// Whether values may be absent.
    pub masks: bool,
}

/// Crops of images, some of which are held out.
#[derive(Debug)]
pub struct Crops {
    images: Images,
    errors: Option<Images>,
    options: CropOptions,
    regions: Regions,
    // Blocks that train and blocks that are held out.
    blocks: [Vec<u32>; 2],
    count: usize,
    held_out: usize,
    lowest: f64,
    highest: f64,
    checksum: String,
}

impl Crops {
    /// Looks at all values once, and divides the images. `errors` are standard errors of the values.
    ///
    /// # Errors
    /// An image smaller than a patch, or too small to hold out a part of it; values that are absent (unless they may be) or
    /// infinite; errors that are none or not of this shape.
    pub fn new(images: Images, errors: Option<Images>, options: CropOptions) -> Result<Self, DataError> {
        let (sizes, patch) = (images.sizes(), &options.patch);
        let wrong = |reason: String| Err(DataError::Image { path: images.path().to_owned(), reason });
        check_patch(&images, patch)?;
        if let Some(errors) = errors.as_ref()
            && (errors.sizes() != sizes || errors.count() != images.count())
        {
            let (own, others) = (shape_in_words(&images), shape_in_words(errors));
            return wrong(format!("holds {own}, and its errors in {} are {others}", errors.path()));
        }
        let regions = Regions::new(images.count(), &sizes, patch, options.validation, options.split_seed);
        let blocks = [false, true].map(|held_out| regions.of(held_out));
        if options.validation > 0.0 && blocks[1].is_empty() {
            let (size, patch) = (words(&sizes), words(patch));
            return wrong(format!(
                "an image of {size} bins has no room for patches of {patch} both to train on and held out; choose a smaller --patch, or --validation 0"
            ));
        }
        let values: usize = patch.iter().product();
        let all = images.values() as f64 * images.count() as f64;
        let count = options.crops.unwrap_or_else(|| {
            let wanted = (COVERAGE * all / values as f64).ceil() as usize;
            wanted.max(FEWEST).min((MOST_VALUES / values).max(COVERAGE as usize))
        });
        let held_out = if blocks[1].is_empty() {
            0
        } else {
            ((count as f64 * options.validation).round() as usize).clamp(1, count.max(2) - 1)
        };
        let (lowest, highest, checksum) = look(&images, errors.as_ref(), options.masks)?;
        Ok(Self { images, errors, options, regions, blocks, count, held_out, lowest, highest, checksum })
    }

    /// The images.
    #[must_use]
    pub fn images(&self) -> &Images {
        &self.images
    }

    /// What is held out.
    #[must_use]
    pub fn regions(&self) -> &Regions {
        &self.regions
    }

    /// The bins of a crop along each axis.
    #[must_use]
    pub fn patch(&self) -> &[usize] {
        &self.options.patch
    }

    /// Crops of an epoch, those held out included; these come last.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Crops that are held out.
    #[must_use]
    pub fn held_out(&self) -> usize {
        self.held_out
    }

    /// Whether values may be absent.
    #[must_use]
    pub fn masks(&self) -> bool {
        self.options.masks
    }

    /// Whether values have standard errors.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors.is_some()
    }

    /// A hash of all values of the images, their errors, and their shape.
    #[must_use]
    pub fn checksum(&self) -> &str {
        &self.checksum
    }

    /// The axes of a crop: those of the images, with grids that begin at zero and have their mean step.
    #[must_use]
    pub fn axes(&self) -> Vec<Axis> {
        let of_crop = |(axis, size): (&Axis, &usize)| Axis {
            name: axis.name.clone(),
            unit: axis.unit.clone(),
            grid: (0..*size).map(|bin| bin as f64 * step(axis)).collect(),
        };
        self.images.axes().iter().zip(&self.options.patch).map(of_crop).collect()
    }

    /// Adds crop `index` of an epoch to the end of `values`, row-major, with the errors of its values behind them if they
    /// have any. The crops that are held out are the same in every epoch.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(&self, epoch: u64, index: usize, values: &mut Vec<f64>) -> Result<(), DataError> {
        let before = values.len();
        let held_out = index >= self.count - self.held_out;
        let stream = if held_out { HELD_OUT_STREAM } else { CROP_STREAM + epoch };
        let mut draws = generator(self.options.seed, stream, index as u64);
        for attempt in 0..ATTEMPTS {
            let (image, start) = self.place(held_out, attempt + 1 == ATTEMPTS, &mut draws);
            if !held_out && self.regions.touches_held_out(image, &start, &self.options.patch) {
                continue;
            }
            values.truncate(before);
            self.images.read_piece(image, &start, &self.options.patch, values)?;
            if let Some(errors) = &self.errors {
                let middle = values.len();
                errors.read_piece(image, &start, &self.options.patch, values)?;
                let (own, errors) = values[before..].split_at_mut(middle - before);
                // A value without an error is absent, and an error without a value.
                for (value, error) in own.iter_mut().zip(errors) {
                    if value.is_nan() || error.is_nan() {
                        (*value, *error) = (f64::NAN, f64::NAN);
                    }
                }
            }
            if !self.options.masks || values[before..].iter().any(|value| !value.is_nan()) {
                break;
            }
        }
        Ok(())
    }

    /// A place for a crop: anywhere, or within a block.
    fn place(&self, held_out: bool, within: bool, draws: &mut ChaCha8Rng) -> (usize, Vec<usize>) {
        let mut draw = |count: usize| below(u32::try_from(count).unwrap_or(u32::MAX), draws) as usize;
        let patch = &self.options.patch;
        if held_out || within {
            let blocks = &self.blocks[usize::from(held_out)];
            let (image, bins) = self.regions.block(blocks[draw(blocks.len())]);
            let start = bins.iter().zip(patch).map(|(bins, patch)| bins.start + draw(bins.len() - patch + 1));
            return (image, start.collect());
        }
        let image = draw(self.images.count());
        (image, self.images.axes().iter().zip(patch).map(|(axis, patch)| draw(axis.size() - patch + 1)).collect())
    }

    /// Checks that a scaling takes every value of the images, those that the first epoch does not see included.
    ///
    /// # Errors
    /// It does not take the lowest or the highest value.
    pub fn check_scaling(&self, scaling: &Scaling) -> Result<(), DataError> {
        for value in [self.lowest, self.highest] {
            for feature in &scaling.features {
                let scaled = feature.forward(value);
                if scaled.abs() <= f64::from(crate::LARGEST_SCALED) {
                    continue;
                }
                let reason = match feature.transform {
                    Transform::Log => format!("a value is {value}, which has no logarithm; choose another --scale"),
                    Transform::Anscombe => {
                        format!("a value is {value}, and anscombe scaling is for counts; choose another --scale")
                    }
                    _ => format!("a value is {value}, which comes to {scaled} when scaled; choose another --scale"),
                };
                return Err(DataError::Image { path: self.images.path().to_owned(), reason });
            }
        }
        Ok(())
    }

    /// The lowest and the highest value of the images.
    #[must_use]
    pub fn range(&self) -> [f64; 2] {
        [self.lowest, self.highest]
    }
}

/// The mean distance of neighbouring bins; one where there is one bin only.
#[must_use]
fn step(axis: &Axis) -> f64 {
    match axis.grid[..] {
        [first, .., last] => (last - first) / (axis.grid.len() - 1) as f64,
        _ => 1.0,
    }
}

/// Checks that patches can be cut from images.
///
/// # Errors
/// An image is smaller than a patch, or a patch too large.
fn check_patch(images: &Images, patch: &[usize]) -> Result<(), DataError> {
    let wrong = |reason: String| Err(DataError::Image { path: images.path().to_owned(), reason });
    let values = patch.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
    if values.is_none_or(|values| values == 0 || values > LARGEST) {
        return wrong(format!("a patch has 1 to {LARGEST} values, not {}", words(patch)));
    }
    for (axis, patch) in images.axes().iter().zip(patch) {
        if axis.size() < *patch {
            let (name, size) = (&axis.name, axis.size());
            return wrong(format!(
                "axis {name} has {size} bins, fewer than the {patch} of a patch; choose a smaller one"
            ));
        }
    }
    Ok(())
}

fn words(sizes: &[usize]) -> String {
    sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ")
}

/// Images in words: `3 of 28 × 28`.
fn shape_in_words(images: &Images) -> String {
    format!("{} of {}", images.count(), words(&images.sizes()))
}

/// The lowest and the highest value, and a hash of all of them.
fn look(images: &Images, errors: Option<&Images>, masks: bool) -> Result<(f64, f64, String), DataError> {
    let all = images.values() * images.count() as u64;
    let mut hash = Fingerprint::new(&[], images.axes(), images.count());
    let (mut lowest, mut highest, mut absent, mut first) = (f64::INFINITY, f64::NEG_INFINITY, 0_u64, None);
    let mut block = Vec::new();
    for start in (0..all).step_by(BLOCK as usize) {
        let range = start..all.min(start + BLOCK);
        block.clear();
        images.read(range.clone(), &mut block)?;
        hash.add(&block);
        for (position, value) in range.clone().zip(&block) {
            if value.is_infinite() {
                let reason =
                    format!("{} is {value}; infinite values cannot be learnt from", images.place_in_words(position));
                return Err(DataError::Image { path: images.path().to_owned(), reason });
            }
            if value.is_nan() {
                absent += 1;
                first.get_or_insert(position);
                continue;
            }
            lowest = lowest.min(*value);
            highest = highest.max(*value);
        }
        if let Some(errors) = errors {
            block.clear();
            errors.read(range.clone(), &mut block)?;
            hash.add(&block);
            if let Some(at) = block.iter().position(|error| *error <= 0.0 || error.is_infinite()) {
                let (place, error) = (errors.place_in_words(range.start + at as u64), block[at]);
                let reason = format!("{place} is {error}; standard errors are above zero, absent ones NaN");
                return Err(DataError::Image { path: errors.path().to_owned(), reason });
            }
            if !masks && let Some(at) = block.iter().position(|error| error.is_nan()) {
                absent += 1;
                first.get_or_insert(range.start + at as u64);
            }
        }
    }
    let path = images.path().to_owned();
    match first {
        Some(position) if !masks => {
            let place = images.place_in_words(position);
            let reason =
                format!("{absent} of {all} values are absent (NaN), the first {place}; --missing mask leaves them out");
            Err(DataError::Image { path, reason })
        }
        _ if absent == all => Err(DataError::Image { path, reason: "has no value but NaN".to_owned() }),
        _ => Ok((lowest, highest, hash.finish())),
    }
}

impl Crops {
    /// The positions that a crop takes, for tests and figures: its image and its first bins.
    #[cfg(test)]
    fn place_of(&self, epoch: u64, index: usize) -> (usize, Vec<usize>) {
        let mut values = Vec::new();
        self.read(epoch, index, &mut values).expect("in memory");
        let position = values[0] as usize;
        let each = self.images.values() as usize;
        let (mut left, mut start) = (position % each, Vec::new());
        for size in self.images.sizes().iter().rev() {
            start.push(left % size);
            left /= size;
        }
        start.reverse();
        (position / each, start)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::Place;
    use super::*;

    /// Images whose values are their positions.
    fn images(count: usize, sizes: &[usize]) -> Images {
        let axes: Vec<Axis> = sizes.iter().enumerate().map(|(at, size)| Axis::counted(at + 1, *size)).collect();
        let all = count * sizes.iter().product::<usize>();
        let place = Place::Memory((0..all).map(|position| position as f64).collect());
        Images { path: "made".to_owned(), count, counts: true, axes, notes: Vec::new(), place }
    }

    fn options(patch: &[usize]) -> CropOptions {
        let patch = patch.to_vec();
        CropOptions { patch, crops: Some(500), validation: 0.2, seed: 3, split_seed: 4, masks: false }
    }

    #[test]
    fn no_crop_that_trains_shares_a_value_with_one_that_is_held_out() {
        for (count, sizes, patch) in [
            (1, vec![40, 50], vec![8, 9]),
            (2, vec![90], vec![16]),
            (12, vec![20, 20], vec![8, 8]),
            (1, vec![12, 13, 14], vec![4, 4, 4]),
            // One place is left to train on along each axis.
            (1, vec![14, 14], vec![7, 7]),
        ] {
            let crops = Crops::new(images(count, &sizes), None, options(&patch)).expect("room enough");
            let mut roles = vec![0_u8; count * sizes.iter().product::<usize>()];
            let mut values = Vec::new();
            for epoch in 0..3 {
                for index in 0..crops.count() {
                    values.clear();
                    crops.read(epoch, index, &mut values).expect("in memory");
                    assert_eq!(values.len(), patch.iter().product::<usize>());
                    let role = if index >= 400 { 2 } else { 1 };
                    values.iter().for_each(|value| roles[*value as usize] |= role);
                }
            }
            assert_eq!(crops.held_out(), 100);
            assert!(roles.iter().all(|role| *role != 3), "{sizes:?}");
            assert!(roles.contains(&1) && roles.contains(&2));
        }
    }

    #[test]
    fn crops_are_new_in_every_epoch_and_the_same_whoever_asks() {
        let crops = Crops::new(images(1, &[100, 100]), None, options(&[10, 10])).expect("room enough");
        let places = |epoch| (0..400).map(|index| crops.place_of(epoch, index)).collect::<Vec<_>>();
        assert_eq!(places(0), places(0));
        let same = places(0).iter().zip(&places(1)).filter(|(a, b)| a == b).count();
        assert!(same < 10, "{same}");
        for index in 400..500 {
            assert_eq!(crops.place_of(0, index), crops.place_of(7, index));
        }
        // Every row and every column of the image is somewhere the first of a crop.
        let starts: std::collections::BTreeSet<usize> =
            (0..20).flat_map(|epoch| places(epoch).into_iter().map(|(_, start)| start[0])).collect();
        assert_eq!(starts.len(), 91);
    }

    #[test]
    fn absent_values_are_refused_or_avoided() {
        let with = |value: f64| {
            let mut images = images(1, &[60]);
            if let Place::Memory(values) = &mut images.place {
                values[20..60].fill(value);
            }
            images
        };
        let error = Crops::new(with(f64::NAN), None, options(&[6])).unwrap_err().to_string();
        assert!(error.contains("40 of 60 values are absent (NaN), the first bin 21 of axis1"), "{error}");
        let masked = CropOptions { masks: true, validation: 0.0, ..options(&[6]) };
        let crops = Crops::new(with(f64::NAN), None, masked.clone()).expect("masked");
        for index in 0..100 {
            let mut values = Vec::new();
            crops.read(0, index, &mut values).expect("in memory");
            assert!(values.iter().any(|value| !value.is_nan()));
        }
        assert!(Crops::new(with(f64::INFINITY), None, masked).is_err());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (images, patch, words) in [
            (images(1, &[10, 10]), vec![11, 4], "fewer than the 11 of a patch"),
            (images(1, &[10, 10]), vec![6, 6], "no room"),
            (images(1, &[10, 10]), vec![0, 4], "1 to"),
        ] {
            let error = Crops::new(images, None, options(&patch)).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        let error = Crops::new(images(1, &[40]), Some(images(1, &[41])), options(&[4])).unwrap_err().to_string();
        assert!(error.contains("1 of 40") && error.contains("1 of 41"), "{error}");
        // The position 0 is an error of zero.
        assert!(Crops::new(images(1, &[40]), Some(images(1, &[40])), options(&[4])).is_err());
    }
}
