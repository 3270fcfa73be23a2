//! A sweep: the same data fitted with several latent dimensions and seeds, to tell which dimension they need and whether
//! what is learnt is stable.
//!
//! All fits have one split: that of [`Settings::seed_of_split`]. What differs between seeds is what the network makes of the
//! same rows: initial weights, the order of the rows, noise. Each fit is the one that [`fit`](crate::fit()) gives with that
//! seed and [`Settings::split_seed`], bit for bit.
//!
//! - Errors on the held-out rows, beside PCA: [`Dimension`].
//! - The smallest dimension that is enough, and the rule: [`suggest`].
//! - The [`IntrinsicDimension`] of the held-out rows, scaled and weighed as in the loss.
//! - [`Stability`]: how much alike the codes of different seeds are, up to an affine map.
//!
//! ```
//! use std::sync::atomic::AtomicBool;
//! use lumenfold::data::{Column, Dataset, DatasetOptions, Table, Values};
//! use lumenfold::sweep::{SweepOptions, sweep};
//! use lumenfold::Settings;
//!
//! // Points on an arc, in three features.
//! let angles: Vec<f64> = (0..300).map(|index| f64::from(index) * 0.01).collect();
//! let column = |name: &str, f: fn(f64) -> f64| Column::new(name, Values::Float64(angles.iter().map(|t| f(*t)).collect()));
//! let table = Table::new("arc", vec![column("x", f64::cos), column("y", f64::sin), column("z", |t| t)])?;
//! let dataset = Dataset::from_table(table, &DatasetOptions::default())?;
//! let settings = Settings { hidden: vec![16], epochs: Some(60), ..Settings::default() };
//! let options = SweepOptions { latents: vec![1, 2], seeds: 2, ..SweepOptions::default() };
//! let sweep = sweep(&dataset, &settings, &options, &AtomicBool::new(false), &mut ())?;
//! assert_eq!(sweep.dimensions.len(), 2);
//! assert_eq!(sweep.suggestion.expect("complete").latent, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod dimension;
mod drawing;
mod stability;
mod suggestion;
mod table;
mod under_way;
mod words;

use std::sync::atomic::AtomicBool;

use lumenfold_data::Rows;

pub use dimension::{Dimension, PcaNeeded, Run, Spread};
pub use stability::Stability;
pub use suggestion::{Candidate, suggest};
use under_way::UnderWay;

use crate::intrinsic_dimension::IntrinsicDimension;
use crate::settings::{Kind, Settings};
use crate::{Error, Event, Fitted};

/// The largest dimension that is tried where none is chosen.
const LARGEST_DEFAULT: usize = 8;

/// The most seeds for each dimension.
const MOST_SEEDS: usize = 100;

/// What is swept over, besides the settings that all fits have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepOptions {
    /// Latent dimensions, ascending; [`SweepOptions::default_latents`] where there are none.
    pub latents: Vec<usize>,
    /// Fits for each: the seeds are [`Settings::seed`] and those that follow.
    pub seeds: usize,
    /// A share of the held-out variance that is not worth a latent; see [`suggest`].
    pub tolerance: f64,
    /// Bytes that a training may take, the rows excepted; see [`Prepared::within`](crate::fit::Prepared::within).
    pub memory: Option<u64>,
}

impl Default for SweepOptions {
    fn default() -> Self {
        Self { latents: Vec::new(), seeds: 3, tolerance: 0.01, memory: None }
    }
}

impl SweepOptions {
    /// From 1 (with ordered codes from 2) to 8, or to one less than there are features.
    #[must_use]
    pub fn default_latents(features: usize, settings: &Settings) -> Vec<usize> {
        let first = if settings.ordered { 2 } else { 1 };
        (first..=LARGEST_DEFAULT.min(features.saturating_sub(1))).collect()
    }
}

/// A fit that broke down and is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The latent dimension.
    pub latent: usize,
    /// The seed.
    pub seed: u64,
    /// Why.
    pub reason: String,
}

/// The dimension that is enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suggestion {
    /// The latent dimension.
    pub latent: usize,
    /// Whether it is the largest that was tried, so that a larger one may be better.
    pub is_largest: bool,
}

/// What a sweep found out.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// The name of the data.
    pub source: String,
    /// Usable rows.
    pub rows: usize,
    /// Those of them that were held out.
    pub held_out: usize,
    /// Number of features.
    pub features: usize,
    /// Their unit, where all have the same.
    pub unit: Option<String>,
    /// The first seed.
    pub seed: u64,
    /// The seed of the split.
    pub split_seed: u64,
    /// Seeds that were wanted for each dimension.
    pub seeds: usize,
    /// The share of the variance that was not worth a latent.
    pub tolerance: f64,
    /// The dimensions of which at least one fit was done, ascending.
    pub dimensions: Vec<Dimension>,
    /// Fits that broke down.
    pub broken: Vec<Broken>,
    /// The intrinsic dimension of the held-out rows, where there are enough of them.
    pub intrinsic: Option<IntrinsicDimension>,
    /// The dimension that is enough; none where no fit was done.
    pub suggestion: Option<Suggestion>,
    /// Whether somebody ended it before all was done.
    pub interrupted: bool,
}

/// Is told how a sweep goes.
pub trait Observer {
    /// A fit begins: its dimension and seed, its number (from 1) and how many there are.
    fn begins(&mut self, _latent: usize, _seed: u64, _number: usize, _of: usize) {}

    /// Something happened within a fit.
    fn event(&mut self, _event: &Event) {}

    /// A fit was done; it can be kept.
    ///
    /// # Errors
    /// The sweep ends with it.
    fn fitted(&mut self, _run: &Run, _fitted: Fitted) -> Result<(), Error> {
        Ok(())
    }

    /// A fit broke down.
    fn broke_down(&mut self, _broken: &Broken) {}

    /// All fits of a dimension were done.
    fn measured(&mut self, _dimension: &Dimension) {}
}

/// Says nothing.
impl Observer for () {}

/// Fits each latent dimension with each seed, one after the other, and compares them. `settings.latent` does not count.
///
/// When `stop` becomes true, the fit under way is given up, and what is told is of those before.
///
/// # Errors
/// Settings out of range, no held-out rows, more latents than features, data that cannot be learnt from, or what the
/// observer says. A training that breaks down is left out; if all do, it is the error.
pub fn sweep<'a>(
    rows: impl Into<Rows<'a>>,
    settings: &Settings,
    options: &SweepOptions,
    stop: &AtomicBool,
    observer: &mut dyn Observer,
) -> Result<Sweep, Error> {
    let rows = rows.into();
    let latents = check(rows.features().len(), settings, options)?;
    if rows.has_errors() || rows.masks() {
        let (name, value) = if rows.has_errors() { ("--errors", "given") } else { ("--missing", "mask") };
        let allowed = "left out: a sweep compares fits to values that all weigh alike".to_owned();
        return Err(Error::Setting { name, value: value.to_owned(), allowed });
    }
    UnderWay::begin(rows, settings, options, &latents)?.run(stop, observer)
}

/// The dimensions, if everything is in range.
fn check(features: usize, settings: &Settings, options: &SweepOptions) -> Result<Vec<usize>, Error> {
    let refuse = |name, value: String, allowed: &str| Err(Error::Setting { name, value, allowed: allowed.to_owned() });
    if matches!(settings.kind, Kind::Sparse | Kind::Variational) {
        let allowed = "undercomplete or denoising: a sweep compares codes by their dimension and their squared errors";
        return refuse("--kind", settings.kind.to_string(), allowed);
    }
    if settings.validation == 0.0 {
        return refuse("--validation", "0".to_owned(), "above 0: a sweep compares errors on held-out rows");
    }
    if !(1..=MOST_SEEDS).contains(&options.seeds) {
        return refuse("--seeds", options.seeds.to_string(), "from 1 to 100");
    }
    if !(0.0..1.0).contains(&options.tolerance) {
        return refuse("--tolerance", options.tolerance.to_string(), "from 0 to below 1");
    }
    if settings.seed.checked_add(options.seeds as u64 - 1).is_none() {
        return refuse("--seed", settings.seed.to_string(), "small enough for the seeds that follow it");
    }
    let latents = match &options.latents[..] {
        [] => SweepOptions::default_latents(features, settings),
        chosen => chosen.to_vec(),
    };
    let counted = if features == 1 { "1 feature".to_owned() } else { format!("{features} features") };
    let Some(last) = latents.last() else {
        let allowed = format!("given: of {counted} there is no smaller code to try by default");
        return refuse("--latent", "left open".to_owned(), &allowed);
    };
    if latents.windows(2).any(|pair| pair[1] <= pair[0]) {
        return refuse("--latent", format!("{latents:?}"), "ascending, each dimension once");
    }
    if *last > features {
        let allowed = format!("at most {features}: there are {counted}, and as many latents can copy them");
        return refuse("--latent", last.to_string(), &allowed);
    }
    latents.iter().try_for_each(|latent| Settings { latent: *latent, ..settings.clone() }.check())?;
    Ok(latents)
}
