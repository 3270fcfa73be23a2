//! Walks through latent space: what the decoder makes of codes along an axis, or on the way between two samples.
//!
//! Each [`Walk`] is a list of codes at equal steps and the samples they stand for, in original units, as `decode` gives them. A
//! [`Traversal`] is several of them as one table, or as a figure.
//!
//! ```
//! # use std::num::NonZeroUsize;
//! # use std::sync::atomic::AtomicBool;
//! # use lumenfold::data::{Column, Dataset, DatasetOptions, Table, Values};
//! # use lumenfold::{Settings, fit};
//! use lumenfold::traverse::{AxisRange, Traversal};
//! # let column = |name, of: fn(f64) -> f64| Column::new(name, Values::Float64((0..60).map(|row| of(f64::from(row))).collect()));
//! # let table = Table::new("points", vec![column("x", |row| row), column("y", |row| row * row % 17.0)])?;
//! # let dataset = Dataset::from_table(table, &DatasetOptions::default())?;
//! # let settings = Settings { latent: 2, hidden: vec![4], epochs: Some(2), ..Settings::default() };
//! # let autoencoder = fit(&dataset, &settings, &AtomicBool::new(false), |_| {})?.autoencoder;
//! let ranges = [AxisRange { axis: 1, low: -2.0, high: 2.0 }];
//! let walked = Traversal::along(&autoencoder, &[0.5, 0.0], &ranges, 5, NonZeroUsize::MIN)?;
//! assert_eq!(walked.walks[0].codes, [0.5, -2.0, 0.5, -1.0, 0.5, 0.0, 0.5, 1.0, 0.5, 2.0]);
//! assert_eq!(walked.walks[0].values, autoencoder.decode(&walked.walks[0].codes, NonZeroUsize::MIN)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod figure;

use std::num::NonZeroUsize;

use lumenfold_data::{Column, Feature, Table, Values};

pub use figure::{FigureOptions, MOST_LINES};

use crate::{Autoencoder, Error};

/// The most numbers that a traversal may have: codes and samples of all its steps.
const MOST_VALUES: usize = 1 << 26;

/// What tells a feature from a column of the walk that has its name.
const DECODED_SUFFIX: &str = "_decoded";

/// An axis and how far to go along it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AxisRange {
    /// The latent coordinate, from 0.
    pub axis: usize,
    /// Where the first step is.
    pub low: f64,
    /// Where the last step is.
    pub high: f64,
}

/// Codes at equal steps, and what they decode to.
#[derive(Clone, Debug, PartialEq)]
pub struct Walk {
    /// What it goes along: `z1`, or `line` between two samples.
    pub name: String,
    /// Where each step is: the value of the coordinate, or the share of the way from 0 to 1.
    pub places: Vec<f64>,
    /// `[steps][latent]`
    pub codes: Vec<f32>,
    /// `[steps][features]`, in original units.
    pub values: Vec<f64>,
}

/// Walks from one base point.
#[derive(Clone, Debug, PartialEq)]
pub struct Traversal {
    /// Names and units of the features.
    pub features: Vec<Feature>,
    /// Names of the latent coordinates.
    pub latent_names: Vec<String>,
    /// The walks.
    pub walks: Vec<Walk>,
    /// The base point's code: where axes cross, or the beginning of a line.
    pub base: Vec<f32>,
    /// What it decodes to.
    pub base_values: Vec<f64>,
    /// Whether a feature is written in single precision, as `decode` does.
    single: Vec<bool>,
}

impl Traversal {
    /// Along axes: all other coordinates stay at those of `base`.
    ///
    /// # Errors
    /// Fewer than two steps, or more numbers than memory is meant to hold; codes so far out that the decoder overflows.
    ///
    /// # Panics
    /// `base` has another length than a code, or an axis is none of the model's.
    pub fn along(
        autoencoder: &Autoencoder,
        base: &[f32],
        ranges: &[AxisRange],
        steps: usize,
        threads: NonZeroUsize,
    ) -> Result<Self, Error> {
        let width = autoencoder.network().latent_dimension();
        assert!(base.len() == width && ranges.iter().all(|range| range.axis < width), "axes of another model");
        let walk = |range: &AxisRange| {
            // The ends are exact.
            let place = |step: usize| between(range.low, range.high, step, steps);
            let mut codes = base.repeat(steps);
            codes.chunks_exact_mut(width).enumerate().for_each(|(step, code)| code[range.axis] = place(step) as f32);
            (format!("z{}", range.axis + 1), (0..steps).map(place).collect(), codes)
        };
        check(autoencoder, ranges.len(), steps)?;
        Self::of(autoencoder, base, ranges.iter().map(walk), threads)
    }

    /// On the straight line from one code to another.
    ///
    /// # Errors
    /// As [`Traversal::along`].
    ///
    /// # Panics
    /// `from` or `to` has another length than a code.
    pub fn between(
        autoencoder: &Autoencoder,
        from: &[f32],
        to: &[f32],
        steps: usize,
        threads: NonZeroUsize,
    ) -> Result<Self, Error> {
        let width = autoencoder.network().latent_dimension();
        assert!(from.len() == width && to.len() == width, "codes of another model");
        check(autoencoder, 1, steps)?;
        let code = |step: usize| {
            from.iter().zip(to).map(move |(from, to)| between(f64::from(*from), f64::from(*to), step, steps) as f32)
        };
        let places = (0..steps).map(|step| between(0.0, 1.0, step, steps)).collect();
        let walk = ("line".to_owned(), places, (0..steps).flat_map(code).collect());
        Self::of(autoencoder, from, std::iter::once(walk), threads)
    }

    fn of(
        autoencoder: &Autoencoder,
        base: &[f32],
        walks: impl Iterator<Item = (String, Vec<f64>, Vec<f32>)>,
        threads: NonZeroUsize,
    ) -> Result<Self, Error> {
        let walk = |(name, places, codes): (String, Vec<f64>, Vec<f32>)| {
            let values = autoencoder.decode(&codes, threads)?;
            Ok(Walk { name, places, codes, values })
        };
        Ok(Self {
            features: autoencoder.features().to_vec(),
            latent_names: autoencoder.latent_names(),
            walks: walks.map(walk).collect::<Result<_, Error>>()?,
            base: base.to_vec(),
            base_values: autoencoder.decode(base, threads)?,
            single: autoencoder.scaling().features.iter().map(lumenfold_data::FeatureScaling::fits_single).collect(),
        })
    }

    /// A row for each step: the walk's name, the number of the step from 1, the code, and the features. A feature with
    /// the name of another column gets the ending `_decoded`.
    ///
    /// # Errors
    /// Two features have one name.
    pub fn table(&self) -> Result<Table, Error> {
        let names = self.walks.iter().flat_map(|walk| walk.places.iter().map(|_| &walk.name));
        let steps = self.walks.iter().flat_map(|walk| 1..=walk.places.len() as i64);
        let mut columns =
            vec![Column::new("axis", Values::text(names)), Column::new("step", Values::integers(steps.collect()))];
        let width = self.latent_names.len();
        for (at, name) in self.latent_names.iter().enumerate() {
            let codes = self.walks.iter().flat_map(|walk| walk.codes.iter().skip(at).step_by(width).copied());
            columns.push(Column::new(name.clone(), Values::Float32(codes.collect())));
        }
        let own = columns.len();
        for (at, feature) in self.features.iter().enumerate() {
            let values =
                self.walks.iter().flat_map(|walk| walk.values.iter().skip(at).step_by(self.features.len()).copied());
            let taken = columns[..own].iter().any(|column| column.name == feature.name);
            columns.push(Column {
                name: if taken { feature.name.clone() + DECODED_SUFFIX } else { feature.name.clone() },
                unit: feature.unit.clone(),
                values: if self.single[at] {
                    Values::Float32(values.map(|value| value as f32).collect())
                } else {
                    Values::Float64(values.collect())
                },
            });
        }
        Ok(Table::new("traversal", columns)?)
    }
}

/// Where a step is between two ends, which are exact.
fn between(low: f64, high: f64, step: usize, steps: usize) -> f64 {
    if step + 1 == steps {
        return high;
    }
    let share = step as f64 / (steps - 1) as f64;
    low * (1.0 - share) + high * share
}

/// Refuses what has no step to take, or what no memory holds.
fn check(autoencoder: &Autoencoder, walks: usize, steps: usize) -> Result<(), Error> {
    let width = autoencoder.network().latent_dimension() + autoencoder.features().len();
    let most = (MOST_VALUES / (width * walks.max(1))).max(2);
    if (2..=most).contains(&steps) {
        return Ok(());
    }
    let allowed = format!("from 2 to {most} for {walks} axes of this model");
    Err(Error::Setting { name: "--steps", value: steps.to_string(), allowed })
}
