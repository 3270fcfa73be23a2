//! From magnitudes above the dust to catalogue entries: extinction, noise, asinh magnitudes.

use crate::synthetic::random::RowRandom;

/// A/E(B−V) in u, g, r, i, z for R_V = 3.1 (Schlafly & Finkbeiner 2011, table 6).
pub(super) const EXTINCTION: [f64; 5] = [4.239, 3.303, 2.285, 1.698, 1.263];

/// Magnitudes at which a point source is seen at 5σ (SDSS imaging; York et al. 2000).
const FIVE_SIGMA: [f64; 5] = [22.0, 22.2, 22.2, 21.3, 20.5];

/// Error that does not shrink for bright sources: calibration and the model of the point-spread function (mag).
const FLOOR: [f64; 5] = [0.02, 0.01, 0.01, 0.01, 0.015];

/// Share of the source's own photons in the noise (Ivezić et al. 2019, eq. 5).
const GAMMA: f64 = 0.039;

/// Softening b of the asinh magnitudes, in units of the flux of magnitude 0 (SDSS Data Release 7, "Photometric flux
/// calibration").
const SOFTENING: [f64; 5] = [1.4e-10, 0.9e-10, 1.2e-10, 1.8e-10, 7.4e-10];

/// 2.5 / ln 10: magnitudes per unit of ln flux.
const POGSON: f64 = 1.085_736_204_758_129_6;

/// What the catalogue lists in u, g, r, i, z (mag).
#[derive(Clone, Copy, Debug)]
pub(super) struct Observed {
    pub(super) magnitudes: [f64; 5],
    pub(super) errors: [f64; 5],
}

/// Magnitudes behind dust of the given E(B−V) (mag).
pub(super) fn dimmed(magnitudes: [f64; 5], reddening: f64) -> [f64; 5] {
    std::array::from_fn(|band| magnitudes[band] + EXTINCTION[band] * reddening)
}

/// Flux in units of the flux of magnitude 0.
pub(super) fn flux(magnitude: f64) -> f64 {
    libm::exp10(-0.4 * magnitude)
}

/// Standard error of the flux (same unit) of a source of this magnitude without noise.
///
/// σ_m² = floor² + (0.04 − γ) x + γ x² with x = 10^(0.4 (m − m₅)) (Ivezić et al. 2019, eqs. 4 and 5), and
/// σ_flux = flux σ_m ln 10 / 2.5.
/// At m₅ the noise is 0.2 mag; for faint sources the sky dominates and σ_flux becomes constant.
pub(super) fn flux_error(band: usize, magnitude: f64) -> f64 {
    let x = libm::exp10(0.4 * (magnitude - FIVE_SIGMA[band]));
    let noise = (0.04 - GAMMA) * x + GAMMA * x * x;
    flux(magnitude) * (FLOOR[band] * FLOOR[band] + noise).sqrt() / POGSON
}

/// Asinh magnitude of a flux, which may be negative: Lupton, Gunn & Szalay 1999, eq. 3.
pub(super) fn asinh_magnitude(band: usize, flux: f64) -> f64 {
    let softening = SOFTENING[band];
    -POGSON * (libm::asinh(flux / (2.0 * softening)) + libm::log(softening))
}

/// Standard error of the asinh magnitude (mag) of a source of this magnitude: the flux error times the derivative of
/// [`asinh_magnitude`] at the flux without noise.
pub(super) fn magnitude_error(band: usize, magnitude: f64) -> f64 {
    let double = 2.0 * SOFTENING[band];
    let ratio = flux(magnitude) / double;
    POGSON * flux_error(band, magnitude) / (double * (1.0 + ratio * ratio).sqrt())
}

/// Adds Gaussian noise to the fluxes and lists the result.
pub(super) fn observe(magnitudes: [f64; 5], random: &mut RowRandom) -> Observed {
    let observed = std::array::from_fn(|band| {
        let noisy = flux(magnitudes[band]) + flux_error(band, magnitudes[band]) * random.normal();
        asinh_magnitude(band, noisy)
    });
    Observed { magnitudes: observed, errors: std::array::from_fn(|band| magnitude_error(band, magnitudes[band])) }
}
