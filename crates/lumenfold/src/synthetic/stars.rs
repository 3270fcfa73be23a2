//! Synthetic photometry of point sources in the SDSS bands u, g, r, i, z.
//!
//! Each row is one point source as a spectroscopic survey at high Galactic latitude might list it: mostly dwarfs along
//! the stellar locus, some giants, and white dwarfs and quasars as rare classes. From cause to catalogue:
//!
//! 1. A class is drawn, then a line of sight (`sightline`).
//! 2. The object gets a temperature, a distance drawn from the density of disc and halo along the line of sight, the
//!    metallicity of the component it belongs to, and from these its absolute magnitudes (`populations`, `locus`). White
//!    dwarfs are black bodies with a Balmer jump (`white_dwarfs`); a quasar is a spectrum seen at its redshift
//!    through the bands (`quasars`, `passbands`).
//! 3. Distance and dust make the magnitudes fainter and redder; the camera adds its noise (`photometry`). A source
//!    outside the magnitude limits is drawn again with its class kept, so that [`FRACTIONS`] hold for the table.
//!
//! Randomness: ChaCha8, keyed with the seed and a label of this generator; row k (counted from 0) reads stream number k
//! from its beginning. Rows are therefore independent of each other and of the length of the table.
//!
//! ```
//! use lumenfold::synthetic::stars::{Class, synthetic_stars};
//!
//! let stars = synthetic_stars(2000, 0);
//! let quasars = stars.class.iter().filter(|&&class| class == Class::Quasar).count();
//! assert!(quasars < 100);
//! assert!(stars.r.iter().all(|r| (14.0..=22.5).contains(r)));
//! // A longer table begins with the same rows.
//! assert_eq!(synthetic_stars(10, 0).u, stars.u[..10]);
//! ```

mod locus;
mod passbands;
mod photometry;
mod populations;
mod quasars;
mod sightline;
#[cfg(test)]
mod tests;
mod white_dwarfs;

use std::fmt;

use super::random::{RowRandom, RowStreams};
use sightline::Sightline;

/// Keeps the random numbers of the stars apart from those of other generators given the same seed.
const LABEL: &[u8; 24] = b"lumenfold synthetic star";

/// Limits of the observed r magnitude, noise included; what falls outside is drawn again.
pub const R_LIMITS: (f64, f64) = (14.0, 22.5);

/// The expected fraction of each class, in the order of [`Class::ALL`].
pub const FRACTIONS: [f64; 4] = [0.845, 0.12, 0.02, 0.015];

/// What kind of object a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// A hydrogen-burning star of the main sequence, 3000 to 9000 K.
    Dwarf,
    /// A star of the red giant branch, M_r from +3 to −1 mag.
    Giant,
    /// A cooling stellar remnant, 7000 to 40,000 K.
    WhiteDwarf,
    /// An active galactic nucleus at redshift 0.1 to 4: the only class that is no star.
    Quasar,
}

impl Class {
    /// All classes, the commonest first.
    pub const ALL: [Self; 4] = [Self::Dwarf, Self::Giant, Self::WhiteDwarf, Self::Quasar];
}

impl fmt::Display for Class {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Dwarf => "dwarf",
            Self::Giant => "giant",
            Self::WhiteDwarf => "white dwarf",
            Self::Quasar => "quasar",
        })
    }
}

/// A table of synthetic point sources, one vector of `rows` values per column.
///
/// Every value is finite but for the NaNs named below. Magnitudes are asinh magnitudes (Lupton, Gunn & Szalay 1999) on
/// the AB scale, as SDSS publishes them: equal to ordinary magnitudes for bright sources, finite for a flux that the
/// noise has made negative.
#[derive(Clone, Debug, Default)]
pub struct SyntheticStars {
    /// Row number, counted from 1.
    pub id: Vec<i64>,
    /// Observed u magnitude (3551 Å): dimmed by dust, photometric error added.
    pub u: Vec<f64>,
    /// Observed g magnitude (4686 Å).
    pub g: Vec<f64>,
    /// Observed r magnitude (6166 Å), within [`R_LIMITS`].
    pub r: Vec<f64>,
    /// Observed i magnitude (7480 Å).
    pub i: Vec<f64>,
    /// Observed z magnitude (8932 Å).
    pub z: Vec<f64>,
    /// Standard error of u (mag), from the flux without noise; it saturates where the sky drowns the source.
    pub err_u: Vec<f64>,
    /// Standard error of g (mag).
    pub err_g: Vec<f64>,
    /// Standard error of r (mag).
    pub err_r: Vec<f64>,
    /// Standard error of i (mag).
    pub err_i: Vec<f64>,
    /// Standard error of z (mag).
    pub err_z: Vec<f64>,
    /// The kind of object.
    pub class: Vec<Class>,
    /// Effective temperature (K); NaN for quasars.
    pub temperature: Vec<f64>,
    /// Metallicity [Fe/H] (dex, relative to the Sun); NaN for white dwarfs and quasars.
    pub metallicity: Vec<f64>,
    /// Distance from the Sun (pc); NaN for quasars.
    pub distance: Vec<f64>,
    /// Reddening E(B−V) by dust in front of the object (mag); A_V = 3.1 E(B−V).
    pub reddening: Vec<f64>,
    /// Redshift: radial velocity over c for stars, cosmological for quasars.
    pub redshift: Vec<f64>,
}

impl SyntheticStars {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.id.len()
    }

    /// Whether the table has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.id.is_empty()
    }

    /// The five magnitude columns in the order u, g, r, i, z.
    #[must_use]
    pub fn magnitudes(&self) -> [&[f64]; 5] {
        [&self.u, &self.g, &self.r, &self.i, &self.z]
    }

    /// The five columns of standard errors in the order u, g, r, i, z.
    #[must_use]
    pub fn errors(&self) -> [&[f64]; 5] {
        [&self.err_u, &self.err_g, &self.err_r, &self.err_i, &self.err_z]
    }

    fn push(&mut self, class: Class, source: &Source, observed: &photometry::Observed) {
        self.id.push(self.id.len() as i64 + 1);
        let columns = [&mut self.u, &mut self.g, &mut self.r, &mut self.i, &mut self.z];
        for (column, value) in columns.into_iter().zip(observed.magnitudes) {
            column.push(value);
        }
        let columns = [&mut self.err_u, &mut self.err_g, &mut self.err_r, &mut self.err_i, &mut self.err_z];
        for (column, value) in columns.into_iter().zip(observed.errors) {
            column.push(value);
        }
        self.class.push(class);
        self.temperature.push(source.temperature);
        self.metallicity.push(source.metallicity);
        self.distance.push(source.distance);
        self.reddening.push(source.reddening);
        self.redshift.push(source.redshift);
    }
}

/// One object as it arrives above the atmosphere: what it is, and its magnitudes behind the dust but before the noise.
#[derive(Clone, Copy, Debug)]
struct Source {
    /// u, g, r, i, z at the Sun's place without dust (mag).
    magnitudes: [f64; 5],
    temperature: f64,
    metallicity: f64,
    distance: f64,
    reddening: f64,
    redshift: f64,
}

/// Draws `rows` synthetic point sources.
///
/// The result depends on `seed` and `rows` alone, bit for bit, and row k on `seed` and k alone: a longer table begins
/// with the rows of a shorter one.
#[must_use]
pub fn synthetic_stars(rows: usize, seed: u64) -> SyntheticStars {
    let streams = RowStreams::new(seed, LABEL);
    let mut table = SyntheticStars::default();
    for row in 0..rows {
        let mut random = streams.row(row as u64);
        let class = draw_class(&mut random);
        // More than half of all draws fall within the limits, so this ends soon.
        loop {
            let source = draw_source(class, &mut random);
            let dimmed = photometry::dimmed(source.magnitudes, source.reddening);
            let observed = photometry::observe(dimmed, &mut random);
            let r = observed.magnitudes[2];
            if (R_LIMITS.0..=R_LIMITS.1).contains(&r) {
                table.push(class, &source, &observed);
                break;
            }
        }
    }
    table
}

fn draw_class(random: &mut RowRandom) -> Class {
    let mut remaining = random.uniform();
    for (class, fraction) in Class::ALL.into_iter().zip(FRACTIONS) {
        if remaining < fraction {
            return class;
        }
        remaining -= fraction;
    }
    Class::Dwarf
}

fn draw_source(class: Class, random: &mut RowRandom) -> Source {
    let sightline = Sightline::draw(random);
    match class {
        Class::Dwarf => populations::draw_dwarf(&sightline, random),
        Class::Giant => populations::draw_giant(&sightline, random),
        Class::WhiteDwarf => white_dwarfs::draw(&sightline, random),
        Class::Quasar => quasars::draw(&sightline, random),
    }
}
