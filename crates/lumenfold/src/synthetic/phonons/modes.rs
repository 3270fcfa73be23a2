//! All modes of a crystal: energies and polarisations over the Brillouin zone, and how far atoms move.

use std::f64::consts::TAU;

use super::crystal::Crystal;
use super::stiffness::{Phases, stiffness};
use super::units::{BOLTZMANN, RECOIL};
use super::zone::{edge, wedge};

/// The three modes of a wave vector.
#[derive(Clone, Copy, Debug)]
pub(super) struct Modes {
    /// In units of 2π/a.
    pub(super) wave_vector: [f64; 3],
    /// The share of the zone that it stands for.
    pub(super) weight: f64,
    /// Energies (meV), ascending.
    pub(super) energies: [f64; 3],
    /// The polarisation of each.
    pub(super) polarisations: [[f64; 3]; 3],
}

/// The most divisions of the zone's edge.
const MOST_DIVISIONS: usize = 192;

impl Crystal {
    /// Divisions of the zone's edge that make a grid of at most this step (1/Å), as far as that is reasonable.
    pub(super) fn divisions(&self, step: f64) -> usize {
        let edge = edge(self.lattice()) * TAU / self.lattice_constant();
        ((edge / step).ceil() as usize).clamp(8, MOST_DIVISIONS)
    }

    /// The modes on a grid of the zone, one wave vector for each set of equivalent ones.
    pub(super) fn modes(&self, divisions: usize) -> Vec<Modes> {
        // Every component of a wave vector is one of few: their sines are computed once.
        let step = edge(self.lattice()) / divisions as f64;
        let table: Vec<Phases> = (0..divisions).map(|index| Phases::new([(index as f64 + 0.5) * step; 3])).collect();
        let springs = self.springs();
        let points = wedge(self.lattice(), divisions).into_iter();
        let modes = points.map(|point| {
            let at = point.wave_vector.map(|q| &table[(q / step) as usize]);
            let phases = Phases { sine: at.map(|phases| phases.sine[0]), cosine: at.map(|phases| phases.cosine[0]) };
            let eigen = stiffness(self.lattice(), &springs, &phases).eigen();
            Modes {
                wave_vector: point.wave_vector,
                weight: point.weight,
                energies: eigen.values.map(|value| self.energy(value)),
                polarisations: eigen.vectors,
            }
        });
        modes.collect()
    }

    /// The mean square displacement of an atom along an axis (Å²) at a temperature (K):
    /// ⟨u²⟩ = ħ²/(2 M) ⅓ Σ_j ⟨coth(E/2kT) / E⟩ over the zone (Squires, chapter 3).
    #[must_use]
    pub fn mean_square_displacement(&self, temperature: f64) -> f64 {
        // Near Γ a hot crystal has 1/q², of which a grid of n divisions misses what goes as 1/n: two grids tell how much.
        const DIVISIONS: usize = 8;
        let [coarse, fine] = [DIVISIONS, 2 * DIVISIONS].map(|divisions| self.displacement_on(divisions, temperature));
        2.0 * fine - coarse
    }

    /// The same on one grid.
    fn displacement_on(&self, divisions: usize, temperature: f64) -> f64 {
        let of_mode = |energy: f64| (1.0 + 2.0 * occupation(energy, temperature)) / energy;
        let of_modes = |modes: &Modes| modes.weight * modes.energies.map(of_mode).iter().sum::<f64>();
        RECOIL / self.mass() * self.modes(divisions).iter().map(of_modes).sum::<f64>() / 3.0
    }
}

/// The number of phonons n = 1 / (exp(E/kT) - 1) in a mode of this energy (meV) at a temperature (K).
pub(super) fn occupation(energy: f64, temperature: f64) -> f64 {
    if temperature > 0.0 { 1.0 / libm::expm1(energy / (BOLTZMANN * temperature)) } else { 0.0 }
}
