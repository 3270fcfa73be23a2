//! S(Q, E) of a single crystal in a plane of Q.
//!
//! The plane is gone over on a grid that is finer than the resolution, and so is its thickness. A cubic crystal scatters
//! alike at every Q that differs by signs and by the order of its components, so that each set of equal Q is computed
//! once.

use std::f64::consts::TAU;

use super::axis::Axis;
use super::broadening::{Broadening, Resolution};
use super::crystal::Crystal;
use super::error::PhononError;
use super::powder::LARGEST_MOMENTUM;
use super::scattering::{check_temperature, strength};

/// Grid steps in a standard deviation of the momentum resolution.
const FINENESS: f64 = 1.5;
/// Standard deviations to which the thickness of the plane is gone over.
const THICKNESS: f64 = 3.0;
/// The most grid points along an axis.
const MOST_POINTS: f64 = 2048.0;
/// The least and the greatest width of the momentum resolution (1/Å).
const WIDTHS: (f64, f64) = (0.02, 2.0);

/// The coherent one-phonon S(Q, E) of a single crystal for each atom (1/meV), in a plane spanned by the axes \[100\] and \[010\]
/// at a fixed Qz, broadened in all four directions. See `scattering` for the formula.
///
/// ```
/// use lumenfold::synthetic::phonons::{Axis, Crystals, Resolution, Volume};
/// let axis = || Axis::between("Qx", -3.0, 3.0, 12);
/// let energy = Axis::between("the energy", 2.0, 65.0, 10)?;
/// let volume = Volume::new([axis()?, axis()?], energy, 0.0, 0.2, Resolution::constant(3.0), 100.0)?;
/// let values = volume.of(&Crystals::new(0).crystal(0));
/// // The first and the last Qx are alike.
/// let (first, last) = (&values[..10], &values[11 * 12 * 10..][..10]);
/// assert!(first.iter().zip(last).all(|(a, b)| (a - b).abs() <= 1e-9 * a.abs()));
/// # Ok::<(), lumenfold::synthetic::phonons::PhononError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Volume {
    plane: [Axis; 2],
    energy: Axis,
    qz: f64,
    width: f64,
    in_energy: Broadening,
    temperature: f64,
    step: f64,
}

/// For each bin of an axis the grid points that reach it, as the first of them and the share of each.
type Shares = Vec<(i64, Vec<f64>)>;

impl Volume {
    /// On these axes of Qx and Qy (1/Å) and energy loss (meV), at a fixed Qz (1/Å), with the full width at half maximum of
    /// the momentum resolution in each direction (1/Å), the energy resolution, and a temperature (K).
    ///
    /// # Errors
    ///
    /// Q beyond 40/Å, a resolution that does not suit its axis, or a temperature below zero.
    pub fn new(
        plane: [Axis; 2],
        energy: Axis,
        qz: f64,
        momentum_width: f64,
        of_energy: Resolution,
        temperature: f64,
    ) -> Result<Self, PhononError> {
        for (name, axis) in ["Qx", "Qy"].into_iter().zip(&plane) {
            let (low, high) = axis.ends();
            let good = low >= -LARGEST_MOMENTUM && high <= LARGEST_MOMENTUM;
            PhononError::check(good, name, format!("{low} … {high}"), "from -40 to 40/Å")?;
        }
        PhononError::check(qz.abs() <= LARGEST_MOMENTUM, "Qz", qz, "from -40 to 40/Å")?;
        let good = (WIDTHS.0..=WIDTHS.1).contains(&momentum_width);
        PhononError::check(good, "the momentum resolution", momentum_width, "from 0.02 to 2/Å in a volume")?;
        check_temperature(temperature)?;
        let in_energy = Broadening::new("the resolution", &energy, &of_energy, f64::MIN)?;
        let step = Resolution::constant(momentum_width).deviation(0.0) / FINENESS;
        for axis in &plane {
            let (low, high) = axis.ends();
            let allowed = "so wide that 2048 grid points go over each axis";
            PhononError::check((high - low) / step <= MOST_POINTS, "the momentum resolution", momentum_width, allowed)?;
        }
        Ok(Self { plane, energy, qz, width: momentum_width, in_energy, temperature, step })
    }

    /// The axes: Qx, Qy, energy.
    #[must_use]
    pub fn axes(&self) -> [&Axis; 3] {
        [&self.plane[0], &self.plane[1], &self.energy]
    }

    /// S(Qx, Qy, E) of a crystal: `[qx][qy][energy]`.
    #[must_use]
    pub fn of(&self, crystal: &Crystal) -> Vec<f64> {
        let [in_x, in_y] = [0, 1].map(|axis| self.shares(&self.plane[axis]));
        let energies = self.energy.len();
        let columns = Columns::compute(self, crystal, [&in_x, &in_y]);
        let [first_y, end_y] = reach(&in_y);
        // First along x, for each grid point along y, then along y.
        let mut values = vec![0.0; in_x.len() * in_y.len() * energies];
        let mut strip = vec![0.0; (end_y - first_y) as usize * energies];
        for ((first_x, shares_x), plane) in in_x.iter().zip(values.chunks_exact_mut(in_y.len() * energies)) {
            strip.fill(0.0);
            for (y, sums) in (first_y..end_y).zip(strip.chunks_exact_mut(energies)) {
                for (x, share) in (*first_x..).zip(shares_x) {
                    let column = columns.at(x, y);
                    sums.iter_mut().zip(column).for_each(|(sum, value)| *sum += share * value);
                }
            }
            for ((first, shares), value) in in_y.iter().zip(plane.chunks_exact_mut(energies)) {
                for (y, share) in (*first..).zip(shares) {
                    let sums = &strip[(y - first_y) as usize * energies..][..energies];
                    value.iter_mut().zip(sums).for_each(|(value, sum)| *value += share * sum);
                }
            }
        }
        values
    }

    /// The grid is that of (i + ½) step for every whole i: it knows of no axis, and is its own mirror image.
    fn shares(&self, axis: &Axis) -> Shares {
        let deviation = Resolution::constant(self.width).deviation(0.0);
        let place = |index: i64| (index as f64 + 0.5) * self.step;
        let shares = |bin: &[f64]| {
            let reach = 5.0 * deviation;
            let first = ((bin[0] - reach) / self.step).floor() as i64;
            let last = ((bin[1] + reach) / self.step).ceil() as i64;
            let below =
                |edge: f64, index: i64| 0.5 * libm::erf((edge - place(index)) / (deviation * std::f64::consts::SQRT_2));
            let shares: Vec<f64> = (first..last).map(|index| below(bin[1], index) - below(bin[0], index)).collect();
            let sum: f64 = shares.iter().sum();
            (first, shares.iter().map(|share| share / sum).collect())
        };
        axis.edges().windows(2).map(shares).collect()
    }

    /// Slices through the thickness of the plane: |Qz| and the share of each.
    fn slices(&self) -> Vec<(f64, f64)> {
        let deviation = Resolution::constant(self.width).deviation(0.0);
        let first = ((self.qz - THICKNESS * deviation) / self.step).floor() as i64;
        let last = ((self.qz + THICKNESS * deviation) / self.step).ceil() as i64;
        let mut slices: Vec<(i64, f64)> = Vec::new();
        for index in first..last {
            let distance = ((index as f64 + 0.5) * self.step - self.qz) / deviation;
            let share = libm::exp(-0.5 * distance * distance);
            // Above and below Qz = 0 it is the same.
            let folded = folded(index);
            match slices.iter_mut().find(|(other, _)| *other == folded) {
                Some((_, sum)) => *sum += share,
                None => slices.push((folded, share)),
            }
        }
        let sum: f64 = slices.iter().map(|(_, share)| share).sum();
        slices.iter().map(|(index, share)| ((*index as f64 + 0.5) * self.step, share / sum)).collect()
    }

    /// S(E) at a grid point, through the thickness of the plane.
    fn column(&self, crystal: &Crystal, displacement: f64, slices: &[(f64, f64)], [x, y]: [f64; 2], fine: &mut [f64]) {
        let unit = TAU / crystal.lattice_constant();
        for (z, share) in slices {
            let q = [x, y, *z];
            let squared: f64 = q.iter().map(|value| value * value).sum();
            let eigen = crystal.stiffness(q.map(|value| value / unit)).eigen();
            let factor = share * libm::exp(-squared * displacement);
            for (value, e) in eigen.values.iter().zip(&eigen.vectors) {
                let energy = crystal.energy(*value);
                let along = q[0] * e[0] + q[1] * e[1] + q[2] * e[2];
                let strength = strength(crystal, energy, self.temperature);
                for (place, strength) in [(energy, strength.loss), (-energy, strength.gain)] {
                    if let Some((bin, part)) = self.in_energy.fine.between(place) {
                        let scattered = factor * along * along * strength;
                        fine[bin] += scattered * (1.0 - part);
                        fine[bin + 1] += scattered * part;
                    }
                }
            }
        }
    }
}

/// S(E) at every grid point that is needed, each set of equal ones once.
struct Columns {
    energies: usize,
    /// Where the column of the folded indices i ≥ j is, at i (i + 1) / 2 + j; none where it is not needed.
    places: Vec<Option<usize>>,
    values: Vec<f64>,
}

impl Columns {
    fn compute(volume: &Volume, crystal: &Crystal, [in_x, in_y]: [&Shares; 2]) -> Self {
        let energies = volume.energy.len();
        let displacement = crystal.mean_square_displacement(volume.temperature);
        let slices = volume.slices();
        let needed = [in_x, in_y].map(|shares| {
            let [first, end] = reach(shares);
            let mut needed = vec![false; (folded(first).max(folded(end - 1)) + 1) as usize];
            (first..end).for_each(|index| needed[folded(index) as usize] = true);
            needed
        });
        let is_needed = |x: usize, y: usize| {
            let at = |axis: usize, index: usize| needed[axis].get(index).copied().unwrap_or(false);
            (at(0, x) && at(1, y)) || (at(0, y) && at(1, x))
        };
        let size = needed[0].len().max(needed[1].len());
        let mut columns = Self { energies, places: Vec::with_capacity(size * (size + 1) / 2), values: Vec::new() };
        let mut fine = vec![0.0; volume.in_energy.fine.count];
        for x in 0..size {
            for y in 0..=x {
                if !is_needed(x, y) {
                    columns.places.push(None);
                    continue;
                }
                fine.fill(0.0);
                let point = [x, y].map(|index| (index as f64 + 0.5) * volume.step);
                volume.column(crystal, displacement, &slices, point, &mut fine);
                let place = columns.values.len();
                columns.places.push(Some(place));
                columns.values.resize(place + energies, 0.0);
                volume.in_energy.apply(&fine, &mut columns.values[place..]);
            }
        }
        columns
    }

    fn at(&self, x: i64, y: i64) -> &[f64] {
        let (x, y) = (folded(x) as usize, folded(y) as usize);
        let (greater, less) = (x.max(y), x.min(y));
        match self.places[greater * (greater + 1) / 2 + less] {
            Some(place) => &self.values[place..][..self.energies],
            None => &[],
        }
    }
}

/// The index of the mirror image on the positive side: (i + ½) ↔ -(i + ½).
fn folded(index: i64) -> i64 {
    index.max(-1 - index)
}

/// The first grid point that reaches any bin, and the one behind the last.
fn reach(shares: &Shares) -> [i64; 2] {
    let first = shares.iter().map(|(first, _)| *first).min().unwrap_or(0);
    let end = shares.iter().map(|(first, shares)| first + shares.len() as i64).max().unwrap_or(0);
    [first, end]
}
