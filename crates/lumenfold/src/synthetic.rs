//! Data made from physics, for demonstrations and tests that need neither files nor a network.
//!
//! A demonstration is worth little if its data have no structure to find, and a test is worth little if nobody knows
//! the structure beforehand. The generators here start from what is known about the objects (temperatures, chemical
//! composition, distances, dust, the noise of the instrument) and end with a table like the one a survey would
//! publish. What the observer does not see, the causes, is carried along in columns of its own, so that a latent
//! direction can be compared with the temperature or the metallicity that made it.
//!
//! Three rules hold for every generator:
//!
//! - **It says that it is synthetic.** The distributions are plausible, not measured: do not fit Galactic models to them.
//! - **Same seed, same bits**, on every platform. The numbers come from ChaCha8 and an explicit seed, and every
//!   transcendental function from `libm`, whose results do not depend on the system's mathematics library.
//! - **A longer table begins with the shorter one**, because a row depends on the seed and its own index alone.
//!
//! [`stars`] makes photometry of point sources in the five SDSS bands; [`phonons`] the lattice vibrations of cubic
//! crystals as spectra, powder maps and volumes, with and without counting noise.

pub mod phonons;
pub(crate) mod random;
pub mod stars;
