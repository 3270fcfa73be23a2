//! The powder-averaged S(|Q|, E).
//!
//! The mean over all directions of Q is taken as a sum over the whole of reciprocal space: every wave vector of a grid of
//! the zone plus every reciprocal lattice vector is one Q. The modes are computed once for each wave vector, however far
//! out the copies of the zone lie, and equivalent wave vectors once for all of them, since the sum over all reciprocal
//! lattice vectors is alike for each.

use std::f64::consts::TAU;

use super::axis::Axis;
use super::broadening::{Broadening, FineBins, Resolution};
use super::crystal::{Crystal, Lattice};
use super::error::PhononError;
use super::modes::Modes;
use super::scattering::{Strength, check_temperature, strength};

/// The step of the grid of wave vectors (1/Å) for resolutions of 0.15/Å and 2 meV; finer in proportion for better ones.
const STEP: f64 = 0.045;
/// Bounds of the step.
const STEP_LIMITS: (f64, f64) = (0.01, 0.07);
/// The largest |Q| (1/Å): work grows with its cube.
pub(super) const LARGEST_MOMENTUM: f64 = 40.0;

/// The powder-averaged coherent one-phonon S(|Q|, E) for each atom (1/meV), broadened in both axes. See `scattering` for
/// the formula.
///
/// ```
/// use lumenfold::synthetic::phonons::{Axis, Crystals, PowderMap, Resolution};
/// let momentum = Axis::between("the momentum transfer", 0.5, 6.0, 20)?;
/// let energy = Axis::between("the energy", 2.0, 65.0, 30)?;
/// let map = PowderMap::new([momentum, energy], [Resolution::constant(0.15), Resolution::constant(3.0)], 100.0)?;
/// let values = map.of(&Crystals::new(0).crystal(0));
/// assert_eq!(values.len(), 20 * 30);
/// assert!(values.iter().all(|value| *value >= 0.0));
/// # Ok::<(), lumenfold::synthetic::phonons::PhononError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PowderMap {
    momentum: Axis,
    energy: Axis,
    in_momentum: Broadening,
    in_energy: Broadening,
    temperature: f64,
    /// The step of the grid of wave vectors (1/Å).
    pub(super) step: f64,
}

impl PowderMap {
    /// On these axes of |Q| (1/Å) and energy loss (meV; negative energies are gains of the neutron), with the resolution of
    /// each, at a temperature (K).
    ///
    /// # Errors
    ///
    /// |Q| outside 0.05 to 40/Å, a resolution that does not suit its axis, or a temperature below zero.
    pub fn new(
        [momentum, energy]: [Axis; 2],
        [of_momentum, of_energy]: [Resolution; 2],
        temperature: f64,
    ) -> Result<Self, PhononError> {
        let (low, high) = (momentum.values()[0], momentum.values()[momentum.len() - 1]);
        let good = low >= 0.05 && high <= LARGEST_MOMENTUM;
        PhononError::check(good, "the momentum transfer", format!("{low} … {high}"), "from 0.05 to 40/Å")?;
        check_temperature(temperature)?;
        let momentum = momentum.clipped(0.0);
        let in_momentum = Broadening::new("the momentum resolution", &momentum, &of_momentum, 0.0)?;
        let in_energy = Broadening::new("the resolution", &energy, &of_energy, f64::MIN)?;
        let step = grid_step(&momentum, &of_momentum, &energy, &of_energy);
        Ok(Self { momentum, energy, in_momentum, in_energy, temperature, step })
    }

    /// The axes: |Q| and energy.
    #[must_use]
    pub fn axes(&self) -> [&Axis; 2] {
        [&self.momentum, &self.energy]
    }

    /// S(|Q|, E) of a crystal: `[momentum][energy]`.
    #[must_use]
    pub fn of(&self, crystal: &Crystal) -> Vec<f64> {
        let modes = crystal.modes(crystal.divisions(self.step));
        let displacement = crystal.mean_square_displacement(self.temperature);
        let momentum = self.in_momentum.fine;
        let mut sums = self.scattered(crystal, &modes);
        // What depends on |Q| alone: Q² e^(-2W).
        for (bin, row) in sums.scattered.chunks_exact_mut(self.in_energy.fine.count).enumerate() {
            let squared = momentum.middle(bin) * momentum.middle(bin);
            let factor = squared * libm::exp(-squared * displacement);
            row.iter_mut().for_each(|sum| *sum *= factor);
        }
        self.broadened(&sums)
    }

    /// Goes through all Q.
    fn scattered(&self, crystal: &Crystal, modes: &[Modes]) -> Sums {
        let (momentum, energy) = (self.in_momentum.fine, self.in_energy.fine);
        let unit = TAU / crystal.lattice_constant();
        let end = (momentum.begin + momentum.count as f64 * momentum.step) / unit;
        let lattice = reciprocal_lattice(crystal.lattice(), end);
        let mut sums =
            Sums { scattered: vec![0.0; momentum.count * energy.count], directions: vec![0.0; momentum.count] };
        for modes in modes {
            let strengths = modes.energies.map(|energy| strength(crystal, energy, self.temperature));
            let lines = Lines::new(&modes.energies, &strengths, &energy);
            for node in &lattice {
                let q = [0, 1, 2].map(|axis| modes.wave_vector[axis] + node[axis]);
                let squared = q[0] * q[0] + q[1] * q[1] + q[2] * q[2];
                if squared >= end * end {
                    continue;
                }
                let Some(bin) = momentum.containing(squared.sqrt() * unit) else { continue };
                // All Q of a shell count alike, and each shell as much as any other, whatever its volume.
                let inverse = 1.0 / squared;
                let weight = modes.weight * inverse;
                sums.directions[bin] += weight;
                let factor = weight * inverse;
                let squares = modes.polarisations.map(|e| {
                    let along = q[0] * e[0] + q[1] * e[1] + q[2] * e[2];
                    along * along * factor
                });
                let row = &mut sums.scattered[bin * energy.count..][..energy.count];
                lines.add(&squares, row);
            }
        }
        sums
    }

    /// From fine bins to those of the axes. In momentum it is the mean over the directions that were looked at.
    fn broadened(&self, sums: &Sums) -> Vec<f64> {
        let (energies, fine) = (self.energy.len(), self.in_energy.fine.count);
        let mut rows = vec![0.0; self.in_momentum.fine.count * energies];
        for (sums, row) in sums.scattered.chunks_exact(fine).zip(rows.chunks_exact_mut(energies)) {
            self.in_energy.apply(sums, row);
        }
        let mut values = vec![0.0; self.momentum.len() * energies];
        for ((first, shares), value) in self.in_momentum.rows().zip(values.chunks_exact_mut(energies)) {
            let mut directions = 0.0;
            for (bin, share) in (first..).zip(shares) {
                directions += share * sums.directions[bin];
                let row = &rows[bin * energies..][..energies];
                value.iter_mut().zip(row).for_each(|(value, row)| *value += share * row);
            }
            // A shell without a single Q scatters nothing: it is as good as Q = 0.
            if directions > 0.0 {
                value.iter_mut().for_each(|value| *value /= directions);
            }
        }
        values
    }
}

/// Sums in fine bins.
struct Sums {
    /// `[momentum][energy]`.
    scattered: Vec<f64>,
    /// How much was looked at, `[momentum]`.
    directions: Vec<f64>,
}

/// Where the three modes of a wave vector lie among the fine bins of energy, as losses and as gains.
struct Lines {
    /// Mode, first of two bins, and what falls into each for (Q·e)² = 1.
    lines: [(usize, usize, [f64; 2]); 6],
    count: usize,
}

impl Lines {
    fn new(energies: &[f64; 3], strengths: &[Strength; 3], fine: &FineBins) -> Self {
        let mut lines = Self { lines: [(0, 0, [0.0; 2]); 6], count: 0 };
        for (mode, (energy, strength)) in energies.iter().zip(strengths).enumerate() {
            for (place, strength) in [(*energy, strength.loss), (-energy, strength.gain)] {
                if let Some((bin, share)) = fine.between(place) {
                    lines.lines[lines.count] = (mode, bin, [strength * (1.0 - share), strength * share]);
                    lines.count += 1;
                }
            }
        }
        lines
    }

    /// Adds them to a row of fine bins; `squares` are (Q·e)² of the modes.
    #[inline(always)]
    fn add(&self, squares: &[f64; 3], row: &mut [f64]) {
        for (mode, bin, [first, second]) in &self.lines[..self.count] {
            row[*bin] += first * squares[*mode];
            row[bin + 1] += second * squares[*mode];
        }
    }
}

/// The step of a grid of wave vectors (1/Å) that suits these resolutions.
pub(super) fn grid_step(momentum: &Axis, of_momentum: &Resolution, energy: &Axis, of_energy: &Resolution) -> f64 {
    let finer = (of_momentum.least_width(momentum.ends()) / 0.15).min(of_energy.least_width(energy.ends()) / 2.0);
    (STEP * finer).clamp(STEP_LIMITS.0, STEP_LIMITS.1)
}

/// The reciprocal lattice vectors (2π/a) that bring some wave vector of the zone's cube within `end` (2π/a) of Γ: all
/// integers for sc, those of even sum for bcc, all even or all odd ones for fcc.
fn reciprocal_lattice(lattice: Lattice, end: f64) -> Vec<[f64; 3]> {
    let cube = super::zone::edge(lattice);
    let most = end.ceil() as i64;
    let mut nodes = Vec::new();
    for h in -most - 1..=most {
        for k in -most - 1..=most {
            for l in -most - 1..=most {
                let belongs = match lattice {
                    Lattice::Simple => true,
                    Lattice::BodyCentred => (h + k + l) % 2 == 0,
                    Lattice::FaceCentred => (h + k) % 2 == 0 && (h + l) % 2 == 0,
                };
                let node = [h, k, l].map(|index| index as f64);
                // The point of the cube that is nearest to Γ when it is moved by the node.
                let nearest = node.map(|index| index + (-index).clamp(0.0, cube));
                let squared: f64 = nearest.iter().map(|value| value * value).sum();
                if belongs && squared <= end * end {
                    nodes.push(node);
                }
            }
        }
    }
    nodes
}
