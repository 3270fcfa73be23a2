//! White dwarfs: black bodies, but for the Balmer jump of hydrogen atmospheres.

use super::Source;
use super::passbands::{ab_magnitudes, planck};
use super::populations::{distance_modulus, draw_velocity_redshift};
use super::sightline::{Component, Sightline};
use crate::synthetic::random::RowRandom;

/// Relative number per unit of ln T against ln T: hot ones cool fast but are seen from farther away.
const LOG_TEMPERATURES: [(f64, f64); 4] = [
    (8.853_665, 0.5),  // 7000 K
    (9.210_340, 1.0),  // 10,000 K
    (9.903_488, 0.7),  // 20,000 K
    (10.596_635, 0.2), // 40,000 K
];
/// Fraction with hydrogen atmospheres (type DA); the rest shows no Balmer lines (Kleinman et al. 2013).
const HYDROGEN_FRACTION: f64 = 0.83;
/// Zero point of M for a sphere of 0.0127 solar radii (0.6 solar masses, log g = 8) and the shape function `planck`:
/// −2.5 lg (π · 2hc/(5000 Å)³ · (R/10 pc)² / 3631 Jy).
const ZERO_POINT: f64 = 9.117;
/// Scatter of M from the masses (mag).
const MAGNITUDE_WIDTH: f64 = 0.25;
/// Gravitational redshift of a typical white dwarf over c: 32 km/s (Falcon et al. 2010).
const GRAVITATIONAL_REDSHIFT: f64 = 1.07e-4;

/// Absolute magnitudes u, g, r, i, z of a white dwarf of this temperature (K).
///
/// The bound-free absorption of hydrogen's second level blocks part of the light below 3650 Å and is strongest where
/// that level is most populated, near 12,000 K. Its depth in u is our own choice, close to the DA colours of Holberg & Bergeron 2006: a
/// Gaussian in ln T with 0.40 mag at 13,000 K.
pub(super) fn absolute_magnitudes(temperature: f64, hydrogen: bool) -> [f64; 5] {
    let mut magnitudes = ab_magnitudes(|wavelength| planck(wavelength, temperature)).map(|m| m + ZERO_POINT);
    if hydrogen {
        let x = libm::log(temperature / 13_000.0) / 0.50;
        let depth = libm::exp(-0.5 * x * x);
        magnitudes[0] += 0.40 * depth;
        // Between the jumps the continuum is steeper than Planck's: r, i and z lose more than the lines take from g.
        magnitudes[2] += 0.05 * depth;
        magnitudes[3] += 0.08 * depth;
        magnitudes[4] += 0.11 * depth;
    }
    magnitudes
}

/// A white dwarf on this line of sight.
pub(super) fn draw(sightline: &Sightline, random: &mut RowRandom) -> Source {
    let temperature = libm::exp(random.with_density(&LOG_TEMPERATURES));
    let hydrogen = random.uniform() < HYDROGEN_FRACTION;
    let scatter = MAGNITUDE_WIDTH * random.normal();
    let absolute = absolute_magnitudes(temperature, hydrogen).map(|m| m + scatter);
    let (distance, component) = sightline.draw_distance(absolute[2], random);
    // At the few hundred parsecs of a white dwarf a halo member would be a rarity.
    let component = if component == Component::Halo { Component::ThickDisc } else { component };
    let modulus = distance_modulus(distance);
    Source {
        magnitudes: absolute.map(|m| m + modulus),
        temperature,
        metallicity: f64::NAN,
        distance,
        reddening: sightline.reddening(distance),
        redshift: GRAVITATIONAL_REDSHIFT + draw_velocity_redshift(component, random),
    }
}
