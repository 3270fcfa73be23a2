//! Lattice vibrations of cubic crystals, and how neutrons see them.
//!
//! A crystal is a cubic lattice (sc, bcc, fcc) of one kind of atom, held together by springs to first and second
//! neighbours that resist stretching and bending: Born and von Kármán's model. From causes to what is measured:
//!
//! ```text
//! Crystals ──▶ Crystal ──stiffness, eigen──▶ modes: E_j(q), e_j(q) ──┬──▶ DensityOfStates   g(E)
//!  a seed       lattice, mass, springs        over the zone           ├──▶ PowderMap         S(|Q|, E)
//!                                                                     └──▶ Volume            S(Qx, Qy, E)
//!                                                                               │ broadening: the resolution
//!                                                                               ▼ CountingNoise
//!                                                                           Collection ──▶ Sample, Sample, …
//! ```
//!
//! `docs/concepts/phonons.md` has the equations, their sources and what was left out. Exact results test them: Debye's law,
//! sum rules of g and S, the chain of atoms, symmetries.
//!
//! Randomness: ChaCha8, keyed with the seed and a label; crystal k reads stream k, and so do its counts. Sample k is
//! the same for any number of threads and in any company.
//!
//! ```
//! use lumenfold::synthetic::phonons::{Crystal, Lattice, Spring};
//! // Copper with the force constants of Nicklow et al. (Phys. Rev. 164, 1967, 922), cut off after second neighbours.
//! let first = Spring { longitudinal: 27.9, transverse: -1.35 };
//! let second = Spring { longitudinal: -0.04, transverse: -0.2 };
//! let copper = Crystal::new(Lattice::FaceCentred, 3.61, 63.546, [first, second])?;
//! // Neutrons see phonons up to 30 meV.
//! assert!((29.0..31.0).contains(&copper.cutoff()));
//! # Ok::<(), lumenfold::synthetic::phonons::PhononError>(())
//! ```

mod axis;
mod broadening;
mod collection;
mod counting;
mod crystal;
mod crystals;
mod density;
mod eigen;
mod elasticity;
mod error;
mod modes;
mod powder;
mod scattering;
mod stiffness;
#[cfg(test)]
mod tests;
mod units;
mod volume;
mod zone;

pub use axis::Axis;
pub use broadening::Resolution;
pub use collection::{Collection, Picture, Sample};
pub(crate) use counting::poisson;
pub use counting::{CountingNoise, Counts};
pub use crystal::{Crystal, Lattice, Spring};
pub use crystals::{CUTOFF_LIMITS, Crystals};
pub use density::DensityOfStates;
pub use elasticity::ElasticConstants;
pub use error::PhononError;
pub use powder::PowderMap;
pub use volume::Volume;
