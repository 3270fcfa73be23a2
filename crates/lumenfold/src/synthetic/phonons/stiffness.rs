//! The dynamical matrix of springs to first and second neighbours.
//!
//! Two atoms whose bond has the direction n pull at each other with the matrix Φ = (L - T) n nᵀ + T, L along the bond and
//! T across it. A wave of wave vector q displaces the atom at R by e cos(q·R), so that M ω² e = K e with
//!
//! ```text
//! K(q) = Σ_R Φ(R) (1 - cos q·R)
//! ```
//!
//! (Born and Huang, Dynamical Theory of Crystal Lattices, 1954, section 24; Squires, Introduction to the Theory of Thermal
//! Neutron Scattering, section 3.2). The sum over a shell of cubic neighbours is done here by hand: products of cosines.

use std::f64::consts::PI;

use super::crystal::{Lattice, Spring};
use super::eigen::Symmetric;

/// Sines and cosines of q a / 2 along the three axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phases {
    pub(super) sine: [f64; 3],
    pub(super) cosine: [f64; 3],
}

impl Phases {
    /// Of a wave vector in units of 2π/a.
    pub(super) fn new(wave_vector: [f64; 3]) -> Self {
        let pairs = wave_vector.map(|q| libm::sincos(PI * q));
        Self { sine: pairs.map(|pair| pair.0), cosine: pairs.map(|pair| pair.1) }
    }

    /// Of twice the angles.
    fn doubled(&self) -> Self {
        let axes = [0, 1, 2];
        Self {
            sine: axes.map(|axis| 2.0 * self.sine[axis] * self.cosine[axis]),
            cosine: axes.map(|axis| 1.0 - 2.0 * self.sine[axis] * self.sine[axis]),
        }
    }
}

/// K (N/m) at a wave vector.
#[inline]
pub(super) fn stiffness(lattice: Lattice, springs: &[Spring; 2], half: &Phases) -> Symmetric {
    let mut sum = Symmetric::default();
    let [first, second] = springs;
    match lattice {
        Lattice::Simple => {
            add_axes(first, half, &mut sum);
            add_face_diagonals(second, &half.doubled(), &mut sum);
        }
        Lattice::BodyCentred => {
            add_body_diagonals(first, half, &mut sum);
            add_axes(second, half, &mut sum);
        }
        Lattice::FaceCentred => {
            add_face_diagonals(first, half, &mut sum);
            add_axes(second, half, &mut sum);
        }
    }
    sum
}

/// The six neighbours (±1, 0, 0) a, …: 1 - cos q a = 2 sin² (q a / 2).
#[inline(always)]
fn add_axes(spring: &Spring, half: &Phases, sum: &mut Symmetric) {
    let squares = half.sine.map(|sine| 4.0 * sine * sine);
    for axis in 0..3 {
        let (other, third) = ((axis + 1) % 3, (axis + 2) % 3);
        sum.diagonal[axis] +=
            spring.longitudinal * squares[axis] + spring.transverse * (squares[other] + squares[third]);
    }
}

/// The twelve neighbours (±1, ±1, 0), … of which `phases` are those of one step along an axis.
#[inline(always)]
fn add_face_diagonals(spring: &Spring, phases: &Phases, sum: &mut Symmetric) {
    let Phases { sine, cosine } = phases;
    let along = 0.5 * (spring.longitudinal + spring.transverse);
    let mixed = 0.5 * (spring.longitudinal - spring.transverse);
    for normal in 0..3 {
        let (a, b) = ((normal + 1) % 3, (normal + 2) % 3);
        let four = 4.0 * (1.0 - cosine[a] * cosine[b]);
        sum.diagonal[a] += along * four;
        sum.diagonal[b] += along * four;
        sum.diagonal[normal] += spring.transverse * four;
        sum.beside[normal] += mixed * 4.0 * sine[a] * sine[b];
    }
}

/// The eight neighbours (±1, ±1, ±1) of which `phases` are those of one step along an axis.
#[inline(always)]
fn add_body_diagonals(spring: &Spring, phases: &Phases, sum: &mut Symmetric) {
    let Phases { sine, cosine } = phases;
    let along = (spring.longitudinal + 2.0 * spring.transverse) / 3.0;
    let mixed = (spring.longitudinal - spring.transverse) / 3.0;
    let eight = 8.0 * (1.0 - cosine[0] * cosine[1] * cosine[2]);
    for (axis, cosine) in cosine.iter().enumerate() {
        let (a, b) = ((axis + 1) % 3, (axis + 2) % 3);
        sum.diagonal[axis] += along * eight;
        sum.beside[axis] += mixed * 8.0 * sine[a] * sine[b] * cosine;
    }
}
