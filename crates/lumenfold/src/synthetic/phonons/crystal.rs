//! A crystal: lattice, mass and springs.

use std::f64::consts::TAU;
use std::fmt;

use super::eigen::Symmetric;
use super::error::PhononError;
use super::stiffness::{Phases, stiffness};
use super::units::SQUARED_ENERGY;
use super::zone;

/// Divisions of the zone's edge where crystals are tested for stability; its points hold Γ, the corners, and the centres
/// of faces and edges.
const STABILITY_DIVISIONS: usize = 12;
/// ω² up to this, relative to the largest, is zero but for rounding.
const ROUNDING: f64 = 1e-12;

/// A cubic Bravais lattice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lattice {
    /// Simple cubic: 6 first neighbours along the axes, 12 second ones along the face diagonals.
    Simple,
    /// Body-centred cubic: 8 first neighbours along the body diagonals, 6 second ones along the axes.
    BodyCentred,
    /// Face-centred cubic: 12 first neighbours along the face diagonals, 6 second ones along the axes.
    FaceCentred,
}

impl Lattice {
    /// All lattices.
    pub const ALL: [Self; 3] = [Self::Simple, Self::BodyCentred, Self::FaceCentred];

    /// First and second neighbours: how many there are of each.
    #[must_use]
    pub fn neighbours(self) -> [usize; 2] {
        match self {
            Self::Simple => [6, 12],
            Self::BodyCentred => [8, 6],
            Self::FaceCentred => [12, 6],
        }
    }

    /// The distance of first neighbours in lattice constants.
    #[must_use]
    pub fn nearest_distance(self) -> f64 {
        match self {
            Self::Simple => 1.0,
            Self::BodyCentred => 0.75_f64.sqrt(),
            Self::FaceCentred => 0.5_f64.sqrt(),
        }
    }

    /// The atoms in a cube of one lattice constant.
    #[must_use]
    pub fn atoms(self) -> f64 {
        match self {
            Self::Simple => 1.0,
            Self::BodyCentred => 2.0,
            Self::FaceCentred => 4.0,
        }
    }

    /// The usual abbreviation: sc, bcc, fcc.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Simple => "sc",
            Self::BodyCentred => "bcc",
            Self::FaceCentred => "fcc",
        }
    }
}

impl fmt::Display for Lattice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.symbol())
    }
}

/// The spring between two neighbours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spring {
    /// Force constant of stretching the bond (N/m).
    pub longitudinal: f64,
    /// Force constant of displacing an atom across the bond (N/m); it may be negative.
    pub transverse: f64,
}

/// A cubic crystal with one atom for each lattice point and springs to first and second neighbours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crystal {
    lattice: Lattice,
    lattice_constant: f64,
    mass: f64,
    springs: [Spring; 2],
    cutoff: f64,
}

impl Crystal {
    /// A crystal of this lattice constant (Å) and atomic mass (u), with springs to first and second neighbours.
    ///
    /// # Errors
    ///
    /// A number is out of range, or a mode has ω² ≤ 0 somewhere in the zone: the springs do not hold the crystal together.
    pub fn new(lattice: Lattice, lattice_constant: f64, mass: f64, springs: [Spring; 2]) -> Result<Self, PhononError> {
        let within = |value: f64, low: f64, high: f64| value.is_finite() && value >= low && value <= high;
        PhononError::check(within(lattice_constant, 1.0, 20.0), "the lattice constant", lattice_constant, "1 to 20 Å")?;
        PhononError::check(within(mass, 1.0, 500.0), "the mass", mass, "1 to 500 u")?;
        for spring in springs {
            for value in [spring.longitudinal, spring.transverse] {
                let allowed = "from -1000 to 1000 N/m";
                PhononError::check(within(value, -1000.0, 1000.0), "a force constant", value, allowed)?;
            }
        }
        let mut crystal = Self { lattice, lattice_constant, mass, springs, cutoff: 0.0 };
        crystal.cutoff = crystal.energy(crystal.largest_eigenvalue()?);
        Ok(crystal)
    }

    /// The lattice.
    #[must_use]
    pub fn lattice(&self) -> Lattice {
        self.lattice
    }

    /// The edge of the cubic cell (Å).
    #[must_use]
    pub fn lattice_constant(&self) -> f64 {
        self.lattice_constant
    }

    /// The mass of an atom (u).
    #[must_use]
    pub fn mass(&self) -> f64 {
        self.mass
    }

    /// The springs to first and to second neighbours.
    #[must_use]
    pub fn springs(&self) -> [Spring; 2] {
        self.springs
    }

    /// The volume of an atom (Å³).
    #[must_use]
    pub fn volume(&self) -> f64 {
        self.lattice_constant.powi(3) / self.lattice.atoms()
    }

    /// The energies of the three modes at a wave vector (1/Å), ascending (meV).
    ///
    /// ```
    /// use lumenfold::synthetic::phonons::{Crystal, Lattice, Spring};
    /// // Springs to nearest neighbours alone: along an axis, a chain of atoms.
    /// let (first, second) = (Spring { longitudinal: 20.0, transverse: 2.0 }, Spring { longitudinal: 0.0, transverse: 0.0 });
    /// let crystal = Crystal::new(Lattice::Simple, 3.0, 50.0, [first, second])?;
    /// let energy = |q: f64| crystal.energies([q, 0.0, 0.0])[2];
    /// let half = std::f64::consts::PI / 3.0 / 2.0;
    /// assert!((energy(half) / energy(2.0 * half) - 0.5_f64.sqrt()).abs() < 1e-12);
    /// # Ok::<(), lumenfold::synthetic::phonons::PhononError>(())
    /// ```
    #[must_use]
    pub fn energies(&self, wave_vector: [f64; 3]) -> [f64; 3] {
        let reduced = wave_vector.map(|q| q * self.lattice_constant / TAU);
        self.stiffness(reduced).eigen().values.map(|value| self.energy(value))
    }

    /// M ω² e = K e: the matrix K (N/m) at a wave vector in units of 2π/a.
    pub(super) fn stiffness(&self, wave_vector: [f64; 3]) -> Symmetric {
        stiffness(self.lattice, &self.springs, &Phases::new(wave_vector))
    }

    /// ħω (meV) of an eigenvalue of K; rounding below zero is zero.
    pub(super) fn energy(&self, eigenvalue: f64) -> f64 {
        (eigenvalue.max(0.0) * SQUARED_ENERGY / self.mass).sqrt()
    }

    /// The sum of the forces that hold an atom back (N/m): the trace of K without its interference terms.
    #[cfg(test)]
    pub(super) fn self_force(&self) -> f64 {
        let counts = self.lattice.neighbours();
        let sum = |(spring, count): (&Spring, usize)| count as f64 * (spring.longitudinal + 2.0 * spring.transverse);
        self.springs.iter().zip(counts).map(sum).sum()
    }

    /// The highest energy of a mode (meV), as far as a grid that holds the points of high symmetry can tell.
    #[must_use]
    pub fn cutoff(&self) -> f64 {
        self.cutoff
    }

    /// The largest eigenvalue of K on a grid that holds the points of high symmetry.
    ///
    /// Errors: a mode there has ω² ≤ 0, or one of the waves that are longer than the grid can tell.
    fn largest_eigenvalue(&self) -> Result<f64, PhononError> {
        let points = zone::closed_wedge(self.lattice, STABILITY_DIVISIONS);
        let values: Vec<[f64; 3]> = points.iter().map(|point| self.stiffness(*point).eigen().values).collect();
        let largest = values.iter().map(|values| values[2]).fold(0.0, f64::max);
        let wave_vector = match values.iter().position(|values| values[0] <= ROUNDING * largest) {
            Some(at) => points[at],
            None if self.elastic_constants().carry_waves() => return Ok(largest),
            None => [0.0; 3],
        };
        Err(PhononError::Unstable { lattice: self.lattice.to_string(), wave_vector })
    }
}
