//! The phonon density of states.

use super::axis::Axis;
use super::broadening::{Broadening, Resolution};
use super::crystal::Crystal;
use super::error::PhononError;

/// Divisions of the zone's edge for a resolution of a 30th of the axis; finer in proportion to the resolution.
const DIVISIONS: f64 = 40.0;
/// The least and the most of them.
const DIVISION_LIMITS: (f64, f64) = (40.0, 160.0);

/// The density of states g(E) (1/meV), broadened by a resolution.
///
/// A value is the mean of g over the bin of its point, so the sum of value × width over all bins is the integral: 3 for a
/// crystal whose modes all lie on the axis, one for each direction in which an atom can move.
///
/// ```
/// use lumenfold::synthetic::phonons::{Axis, Crystals, DensityOfStates, Resolution};
/// let energy = Axis::between("the energy", 0.0, 65.0, 66)?;
/// let density = DensityOfStates::new(energy, Resolution::constant(2.0))?.of(&Crystals::new(0).crystal(0));
/// let integral: f64 = density.iter().sum::<f64>() - 0.5 * density[0];
/// assert!((integral - 3.0).abs() < 0.001);
/// # Ok::<(), lumenfold::synthetic::phonons::PhononError>(())
/// ```
#[derive(Clone, Debug)]
pub struct DensityOfStates {
    energy: Axis,
    broadening: Broadening,
    pub(super) divisions: usize,
}

impl DensityOfStates {
    /// On this axis of energies (meV, 0 or more; a first bin that would begin below zero begins there).
    ///
    /// # Errors
    ///
    /// Energies below zero, or a resolution that does not suit the axis.
    pub fn new(energy: Axis, resolution: Resolution) -> Result<Self, PhononError> {
        let lowest = energy.values()[0];
        PhononError::check(lowest >= 0.0, "the energy", lowest, "0 or more in a density of states")?;
        let energy = energy.clipped(0.0);
        let broadening = Broadening::new("the resolution", &energy, &resolution, f64::MIN)?;
        let ends = energy.ends();
        let fineness = ends.1 / resolution.least_width(ends) / 30.0;
        let divisions = (DIVISIONS * fineness).clamp(DIVISION_LIMITS.0, DIVISION_LIMITS.1) as usize;
        Ok(Self { energy, broadening, divisions })
    }

    /// The axis of energies.
    #[must_use]
    pub fn energy(&self) -> &Axis {
        &self.energy
    }

    /// g(E) of a crystal, for each energy.
    #[must_use]
    pub fn of(&self, crystal: &Crystal) -> Vec<f64> {
        let fine = self.broadening.fine;
        let mut sums = vec![0.0; fine.count];
        let mut add = |energy: f64, weight: f64| {
            if let Some((bin, share)) = fine.between(energy) {
                sums[bin] += weight * (1.0 - share);
                sums[bin + 1] += weight * share;
            }
        };
        for modes in crystal.modes(self.divisions) {
            for energy in modes.energies {
                add(energy, modes.weight);
                // What the resolution carries below zero comes back: no mode has a negative energy.
                add(-energy, modes.weight);
            }
        }
        let mut values = vec![0.0; self.energy.len()];
        self.broadening.apply(&sums, &mut values);
        values
    }
}
