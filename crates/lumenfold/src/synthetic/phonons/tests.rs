//! The phonons against what is known exactly, and against measured ones.

mod counts;
mod debye;
mod dispersion;
mod scattering;
mod symmetry;

use super::*;

/// One stable crystal of each lattice, with all four springs.
fn crystals() -> [Crystal; 3] {
    let spring = |longitudinal, transverse| Spring { longitudinal, transverse };
    [
        Crystal::new(Lattice::Simple, 3.0, 60.0, [spring(30.0, 3.0), spring(9.0, 0.5)]),
        Crystal::new(Lattice::BodyCentred, 2.87, 55.845, [spring(46.9, 1.87), spring(14.6, 0.55)]),
        Crystal::new(Lattice::FaceCentred, 3.61, 63.546, [spring(27.9, -1.35), spring(2.0, -0.2)]),
    ]
    .map(|crystal| crystal.expect("a stable crystal"))
}

fn axis(low: f64, high: f64, points: usize) -> Axis {
    Axis::between("an axis", low, high, points).expect("an axis")
}
