//! Many crystals seen in one way, each a sample.

use std::num::NonZeroUsize;
use std::ops::Range;

use super::axis::Axis;
use super::counting::{CountingNoise, Counts};
use super::crystal::Crystal;
use super::crystals::Crystals;
use super::density::DensityOfStates;
use super::powder::PowderMap;
use super::volume::Volume;
use crate::parallel::in_order;

/// What is looked at in a crystal.
#[derive(Clone, Debug)]
pub enum Picture {
    /// The density of states: one axis.
    Density(DensityOfStates),
    /// The powder-averaged S(|Q|, E): two axes.
    Powder(PowderMap),
    /// S(Q, E) of a single crystal in a plane: three axes.
    Volume(Volume),
}

impl Picture {
    /// The axes in the order of the values, the last running fastest: energy is the last.
    #[must_use]
    pub fn axes(&self) -> Vec<&Axis> {
        match self {
            Self::Density(density) => vec![density.energy()],
            Self::Powder(map) => map.axes().to_vec(),
            Self::Volume(volume) => volume.axes().to_vec(),
        }
    }

    /// The lengths of the axes.
    #[must_use]
    pub fn shape(&self) -> Vec<usize> {
        self.axes().iter().map(|axis| axis.len()).collect()
    }

    /// The picture of a crystal (1/meV).
    #[must_use]
    pub fn of(&self, crystal: &Crystal) -> Vec<f64> {
        match self {
            Self::Density(density) => density.of(crystal),
            Self::Powder(map) => map.of(crystal),
            Self::Volume(volume) => volume.of(crystal),
        }
    }
}

/// One crystal and its picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The crystal.
    pub crystal: Crystal,
    /// The picture without noise: in 1/meV, or the counts that are expected.
    pub clean: Vec<f32>,
    /// Counts, and how many of them make 1/meV.
    pub counted: Option<(Vec<f32>, f64)>,
}

/// A sequence of crystals, a way to look at them, and how long is counted. Sample k depends on these and the seed alone: not
/// on the threads, nor on which other samples are made.
///
/// ```
/// use std::num::NonZeroUsize;
/// use lumenfold::synthetic::phonons::{Axis, Collection, Counts, DensityOfStates, Picture, Resolution};
/// let energy = Axis::between("the energy", 0.0, 65.0, 66)?;
/// let density = DensityOfStates::new(energy, Resolution::constant(2.0))?;
/// let collection = Collection::new(Picture::Density(density), Some(Counts::Mean(100.0)), 0);
/// let samples = collection.samples(0..4, NonZeroUsize::MIN);
/// assert_eq!(samples[3], collection.samples(3..4, NonZeroUsize::MIN)[0]);
/// let (counts, _) = samples[0].counted.as_ref().expect("counts");
/// assert!(counts.iter().all(|count| count.fract() == 0.0));
/// # Ok::<(), lumenfold::synthetic::phonons::PhononError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Collection {
    picture: Picture,
    counts: Option<Counts>,
    crystals: Crystals,
    noise: CountingNoise,
}

impl Collection {
    /// The crystals of a seed, and counts if there shall be noise.
    #[must_use]
    pub fn new(picture: Picture, counts: Option<Counts>, seed: u64) -> Self {
        Self { picture, counts, crystals: Crystals::new(seed), noise: CountingNoise::new(seed) }
    }

    /// What is looked at.
    #[must_use]
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// The samples of these numbers, counted from 0.
    #[must_use]
    pub fn samples(&self, numbers: Range<u64>, threads: NonZeroUsize) -> Vec<Sample> {
        let count = numbers.end.saturating_sub(numbers.start) as usize;
        in_order(count, threads, |index| self.sample(numbers.start + index as u64))
    }

    fn sample(&self, number: u64) -> Sample {
        let crystal = self.crystals.crystal(number);
        let mut values = self.picture.of(&crystal);
        let counted = self.counts.map(|counts| {
            let scale = counts.scale(&values);
            values.iter_mut().for_each(|value| *value *= scale);
            (single(&self.noise.counts(number, &values)), scale)
        });
        Sample { crystal, clean: single(&values), counted }
    }
}

fn single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|value| *value as f32).collect()
}
