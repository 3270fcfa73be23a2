//! One-phonon scattering of neutrons: what one mode adds to S(Q, E).
//!
//! For a crystal with one atom in the primitive cell, coherent scattering that creates or annihilates one phonon has the
//! cross-section of Squires (Introduction to the Theory of Thermal Neutron Scattering, 1978, eq. 3.120 and what follows; Lovesey,
//! Theory of Neutron Scattering from Condensed Matter, 1984, vol. 1, chapter 4). Without the factor N σ k'/(4π k) of the
//! instrument, for each atom and each meV:
//!
//! ```text
//! S(Q, E) = e^(-2W(Q)) Σ_j ħ² (Q·e_j)² / (2 M E_j) [ (n_j + 1) δ(E - E_j) + n_j δ(E + E_j) ]
//! ```
//!
//! with the energies E_j and polarisations e_j of the three modes of wave vector Q (less a reciprocal lattice vector), the
//! number n_j of phonons at a temperature, and 2W = Q² ⟨u²⟩ in a cubic crystal. E is what the neutron loses. The sum of the
//! two terms weighed with E is free of n: ∫ S E dE = e^(-2W) ħ²Q²/(2M), which tests lean on.

use super::crystal::Crystal;
use super::error::PhononError;
use super::modes::occupation;
use super::units::RECOIL;

/// Highest temperature (K).
const HOTTEST: f64 = 10_000.0;
/// Modes below this energy (meV) are those of Γ but for rounding: elastic scattering, which is left out.
const LEAST_ENERGY: f64 = 1e-6;

/// What a mode scatters, for (Q·e)² = 1 / Å² and without the Debye-Waller factor.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Strength {
    /// At E = E_j: a phonon is created.
    pub(super) loss: f64,
    /// At E = -E_j: a phonon is annihilated.
    pub(super) gain: f64,
}

/// Of a mode of this energy (meV) at a temperature (K).
#[inline]
pub(super) fn strength(crystal: &Crystal, energy: f64, temperature: f64) -> Strength {
    if energy < LEAST_ENERGY {
        return Strength::default();
    }
    let phonons = occupation(energy, temperature);
    let unit = RECOIL / (crystal.mass() * energy);
    Strength { loss: unit * (phonons + 1.0), gain: unit * phonons }
}

/// Checks a temperature (K).
pub(super) fn check_temperature(temperature: f64) -> Result<(), PhononError> {
    let good = (0.0..=HOTTEST).contains(&temperature);
    PhononError::check(good, "the temperature", temperature, "from 0 to 10000 K")
}
