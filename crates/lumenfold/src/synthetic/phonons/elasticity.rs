//! Long waves: elastic constants, velocities of sound, and Debye's law.
//!
//! For long waves 1 - cos q·R is (q·R)²/2, and K(q)/v is the propagation matrix of an elastic cubic crystal, v being the
//! volume of an atom:
//!
//! ```text
//! ρ ω² e = Γ e,   Γ_xx = C₁₁ q_x² + C₄₄ (q_y² + q_z²),   Γ_xy = (C₁₂ + C₄₄) q_x q_y, …
//! ```
//!
//! (Born and Huang 1954, section 27). Comparison of the coefficients gives C₁₁, C₄₄ and C₁₂. Springs that act across bonds
//! resist a rotation of the whole crystal, which no real one does; so the constants say how fast waves go in this crystal,
//! and are those of statics only if Σ T R² = 0.

use std::f64::consts::PI;

use super::crystal::{Crystal, Lattice, Spring};
use super::eigen::Symmetric;
use super::units::{GIGAPASCAL, HBAR_IN_MILLI_ELECTRON_VOLTS, SQUARED_VELOCITY};

/// Elastic constants of a cubic crystal (GPa), as its sound waves tell them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ElasticConstants {
    /// C₁₁: a longitudinal wave along an axis.
    pub c11: f64,
    /// C₁₂.
    pub c12: f64,
    /// C₄₄: a transverse wave along an axis.
    pub c44: f64,
}

impl ElasticConstants {
    /// Whether waves in every direction have ω² > 0: the conditions along [100], [110] and [111] suffice in cubic crystals.
    pub(super) fn carry_waves(&self) -> bool {
        let Self { c11, c12, c44 } = *self;
        let waves = [c11, c44, c11 - c12, c11 + c12 + 2.0 * c44, c11 + 2.0 * c12 + 4.0 * c44];
        // What is left of a difference of equal constants is rounding.
        waves.iter().all(|wave| *wave > 1e-9 * c11.abs())
    }
}

impl Crystal {
    /// The elastic constants of long waves.
    #[must_use]
    pub fn elastic_constants(&self) -> ElasticConstants {
        // For each shell of neighbours R: ½ Σ Φ_xx X², ½ Σ Φ_xx Y² and Σ Φ_xy X Y, in N/m and squared steps along an axis.
        let axes = |spring: Spring| [spring.longitudinal, spring.transverse, 0.0];
        let faces = |spring: Spring| {
            let Spring { longitudinal: l, transverse: t } = spring;
            [2.0 * (l + t), l + 3.0 * t, 2.0 * (l - t)]
        };
        let bodies = |spring: Spring| {
            let Spring { longitudinal: l, transverse: t } = spring;
            [4.0 / 3.0 * (l + 2.0 * t), 4.0 / 3.0 * (l + 2.0 * t), 8.0 / 3.0 * (l - t)]
        };
        let half_steps = |sums: [f64; 3]| sums.map(|sum| 0.25 * sum);
        let [first, second] = self.springs();
        let shells = match self.lattice() {
            Lattice::Simple => [axes(first), faces(second)],
            Lattice::BodyCentred => [half_steps(bodies(first)), axes(second)],
            Lattice::FaceCentred => [half_steps(faces(first)), axes(second)],
        };
        let squared_length = self.lattice_constant() * self.lattice_constant();
        let [c11, c44, mixed] =
            [0, 1, 2].map(|index| (shells[0][index] + shells[1][index]) * squared_length / self.volume() * GIGAPASCAL);
        ElasticConstants { c11, c12: mixed - c44, c44 }
    }

    /// The velocities of the three sound waves in a direction (m/s), ascending. The direction need not be of length 1.
    #[must_use]
    pub fn sound_velocities(&self, direction: [f64; 3]) -> [f64; 3] {
        let length = direction.iter().map(|value| value * value).sum::<f64>().sqrt();
        let [x, y, z] = direction.map(|value| value / length);
        let ElasticConstants { c11, c12, c44 } = self.elastic_constants();
        let diagonal = [x, y, z].map(|n| c44 + (c11 - c44) * n * n);
        let matrix = Symmetric { diagonal, beside: [y * z, x * z, x * y].map(|product| (c12 + c44) * product) };
        let per_mass = SQUARED_VELOCITY * self.volume() / (GIGAPASCAL * self.mass());
        matrix.eigen().values.map(|value| (value.max(0.0) * per_mass).sqrt())
    }

    /// The coefficient c (meV⁻³) of Debye's law g(E) = c E² at low energies, for a density of states whose integral is 3:
    /// c = v / (2 π² ħ³) Σ ⟨1/v_s³⟩, the mean over all directions (Ashcroft and Mermin, Solid State Physics, 1976,
    /// chapter 23).
    #[must_use]
    pub fn debye_coefficient(&self) -> f64 {
        // Midpoints in cos θ and φ of the directions x ≥ 0, y ≥ 0, z ≥ 0; by symmetry they are all.
        const STEPS: usize = 64;
        let mut sum = 0.0;
        for i in 0..STEPS {
            let z = (i as f64 + 0.5) / STEPS as f64;
            let radius = (1.0 - z * z).sqrt();
            for j in 0..STEPS {
                let (sine, cosine) = libm::sincos(0.5 * PI * (j as f64 + 0.5) / STEPS as f64);
                let velocities = self.sound_velocities([radius * cosine, radius * sine, z]);
                sum += velocities.iter().map(|velocity| velocity.powi(-3)).sum::<f64>();
            }
        }
        let mean = sum / (STEPS * STEPS) as f64;
        // (ħ v)³ in (meV Å)³: ħ is in meV s, the velocity in 1e10 Å/s.
        let unit = HBAR_IN_MILLI_ELECTRON_VOLTS * 1e10;
        self.volume() / (2.0 * PI * PI) * mean / (unit * unit * unit)
    }
}
