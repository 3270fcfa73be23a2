//! A seeded sequence of plausible crystals.
//!
//! | parameter | drawn |
//! |---|---|
//! | lattice | sc, bcc, fcc alike |
//! | distance of nearest neighbours | uniformly from 2.4 to 3.6 Å |
//! | mass | 20 to 200 u, its logarithm uniformly |
//! | L₁, along the bond to first neighbours | 5 to 60 N/m, its logarithm uniformly |
//! | T₁ / L₁, across the bond | uniformly from -0.1 to 0.15; for sc from 0 to 0.3 |
//! | L₂ / L₁, second neighbours | uniformly from 0.1 to 0.6 (sc), 0.2 to 1.0 (bcc), -0.05 to 0.3 (fcc) |
//! | T₂ / L₁ | uniformly from -0.03 to 0.05 |
//!
//! The ranges hold those of the metals whose phonons were measured (Dederichs, Schober and Sellmyer 1981, Landolt-Börnstein
//! III/13a): 47 and 1.9 N/m in iron (bcc, L₂ 15 N/m), 28 and -1.4 N/m in copper (fcc). What is drawn is drawn again
//!
//! - if a mode has ω² ≤ 0: the springs do not hold the crystal together;
//! - if the cut-off is not between [`CUTOFF_LIMITS`], so that all crystals fit on one axis of energies;
//! - if at 300 K atoms move by more than 10 % of the distance to their neighbours, root mean square: by Lindemann's
//!   criterion (1910) the crystal would have melted.

use super::crystal::{Crystal, Lattice, Spring};
use crate::synthetic::random::{RowRandom, RowStreams};

/// Least and greatest cut-off of a crystal (meV).
pub const CUTOFF_LIMITS: (f64, f64) = (15.0, 60.0);

/// Keeps the random numbers of crystals apart from those of other generators given the same seed.
const LABEL: &[u8; 24] = b"lumenfold phonon crystal";
/// Greatest root mean square displacement in distances of nearest neighbours.
const LINDEMANN: f64 = 0.1;
/// The temperature of that criterion (K).
const ROOM: f64 = 300.0;

/// The crystals of a seed. Crystal k depends on the seed and on k alone.
///
/// ```
/// use lumenfold::synthetic::phonons::{CUTOFF_LIMITS, Crystals};
/// let crystals = Crystals::new(7);
/// assert_eq!(crystals.crystal(3), Crystals::new(7).crystal(3));
/// assert_ne!(crystals.crystal(3), crystals.crystal(4));
/// assert!((CUTOFF_LIMITS.0..=CUTOFF_LIMITS.1).contains(&crystals.crystal(3).cutoff()));
/// ```
#[derive(Clone, Debug)]
pub struct Crystals {
    streams: RowStreams,
}

impl Crystals {
    /// The sequence of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { streams: RowStreams::new(seed, LABEL) }
    }

    /// Crystal `number`, counted from 0.
    #[must_use]
    pub fn crystal(&self, number: u64) -> Crystal {
        let mut random = self.streams.row(number);
        // A lattice is kept, so that all are equally frequent. Of other draws about every other is good.
        let lattice = Lattice::ALL[(random.uniform() * 3.0) as usize % 3];
        loop {
            if let Some(crystal) = draw(lattice, &mut random).filter(is_plausible) {
                return crystal;
            }
        }
    }
}

/// A crystal, if its springs hold it together.
fn draw(lattice: Lattice, random: &mut RowRandom) -> Option<Crystal> {
    let mut logarithmic = |low: f64, high: f64| low * libm::exp(random.uniform() * libm::log(high / low));
    let (mass, first) = (logarithmic(20.0, 200.0), logarithmic(5.0, 60.0));
    let distance = random.between(2.4, 3.6);
    let (across, second) = match lattice {
        Lattice::Simple => (random.between(0.0, 0.3), random.between(0.1, 0.6)),
        Lattice::BodyCentred => (random.between(-0.1, 0.15), random.between(0.2, 1.0)),
        Lattice::FaceCentred => (random.between(-0.1, 0.15), random.between(-0.05, 0.3)),
    };
    let across_second = random.between(-0.03, 0.05);
    let springs = [
        Spring { longitudinal: first, transverse: first * across },
        Spring { longitudinal: first * second, transverse: first * across_second },
    ];
    Crystal::new(lattice, distance / lattice.nearest_distance(), mass, springs).ok()
}

fn is_plausible(crystal: &Crystal) -> bool {
    let distance = crystal.lattice().nearest_distance() * crystal.lattice_constant();
    (CUTOFF_LIMITS.0..=CUTOFF_LIMITS.1).contains(&crystal.cutoff())
        && (3.0 * crystal.mean_square_displacement(ROOM)).sqrt() <= LINDEMANN * distance
}
