//! Quasars: a spectrum with broad lines, shifted through the bands and eaten away by intergalactic hydrogen.

use super::Source;
use super::passbands::{ab_magnitudes, planck};
use super::sightline::Sightline;
use crate::synthetic::random::RowRandom;

/// Relative number against redshift: rising with volume, falling where a flux limit cuts, none beyond 4.
const REDSHIFTS: [(f64, f64); 9] = [
    (0.1, 0.08),
    (0.5, 0.40),
    (1.0, 0.75),
    (1.4, 1.0),
    (2.0, 0.80),
    (2.5, 0.55),
    (3.0, 0.22),
    (3.5, 0.07),
    (4.0, 0.03),
];
/// Relative number against r (mag).
const R_MAGNITUDES: [(f64, f64); 5] = [(15.5, 0.0), (17.5, 0.15), (19.0, 0.7), (20.3, 1.0), (22.0, 0.25)];

/// An emission feature: rest wavelength (Å), equivalent width (Å) and Gaussian width σ (Å).
struct Line(f64, f64, f64);

/// Broad lines from the composite spectrum of Vanden Berk et al. 2001, table 2 (rounded), and broad features for the blends
/// of Fe II and the Balmer continuum that make the "small blue bump".
const LINES: [Line; 14] = [
    Line(1033.0, 10.0, 20.0),  // Lyβ + O VI
    Line(1218.0, 93.0, 25.0),  // Lyα + N V
    Line(1397.0, 8.0, 14.0),   // Si IV + O IV]
    Line(1547.0, 24.0, 18.0),  // C IV
    Line(1650.0, 36.0, 90.0),  // He II + O III] + Fe II
    Line(1905.0, 21.0, 24.0),  // C III]
    Line(2450.0, 20.0, 120.0), // Fe II, ultraviolet blend
    Line(2800.0, 32.0, 35.0),  // Mg II
    Line(3050.0, 68.0, 280.0), // Fe II + Balmer continuum
    Line(4341.0, 13.0, 40.0),  // Hγ
    Line(4570.0, 20.0, 70.0),  // Fe II, optical blend
    Line(4861.0, 46.0, 40.0),  // Hβ
    Line(5000.0, 17.0, 12.0),  // [O III]
    Line(6563.0, 195.0, 47.0), // Hα
];

/// The continuum's spectral index α (f_ν ∝ ν^α): −0.44 at rest wavelengths below the break (Vanden Berk et al. 2001), and
/// smaller by the step beyond it, where hot dust and starlight come in. They measure a larger step, −2.01 in all,
/// because their nearest quasars include the host galaxies, which are separate here.
const SPECTRAL_INDEX: f64 = -0.44;
const BREAK_WAVELENGTH: f64 = 4700.0;
const INDEX_STEP: f64 = 1.0;

/// What makes one quasar differ from the next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nature {
    pub(super) redshift: f64,
    /// Added to the spectral index.
    pub(super) index_shift: f64,
    /// Factor on all equivalent widths.
    pub(super) line_strength: f64,
    /// Light of the host galaxy at 5500 Å in units of the continuum there.
    pub(super) host: f64,
    /// Factor on the mean optical depth of intergalactic hydrogen.
    pub(super) forest: f64,
}

/// Magnitudes u, g, r, i, z up to a common constant.
pub(super) fn relative_magnitudes(nature: &Nature) -> [f64; 5] {
    let stretch = 1.0 + nature.redshift;
    ab_magnitudes(|wavelength| {
        emitted(wavelength / stretch, nature) * libm::exp(-nature.forest * optical_depth(wavelength, nature.redshift))
    })
}

/// f_ν at a rest wavelength (Å), 1 for the continuum at the break.
fn emitted(rest: f64, nature: &Nature) -> f64 {
    let log_wavelength = libm::log(rest / BREAK_WAVELENGTH);
    let redder = if rest > BREAK_WAVELENGTH { INDEX_STEP } else { 0.0 };
    let continuum = libm::exp(log_wavelength * (redder - SPECTRAL_INDEX - nature.index_shift));
    let mut lines = 0.0;
    for &Line(centre, equivalent_width, sigma) in &LINES {
        let x = (rest - centre) / sigma;
        if x.abs() < 5.0 {
            lines += equivalent_width / (SQRT_TAU * sigma) * libm::exp(-0.5 * x * x);
        }
    }
    // An old stellar population: 4800 K, with metal lines that darken it towards the ultraviolet.
    let host = nature.host * planck(rest, 4800.0) / planck(5500.0, 4800.0) / (1.0 + libm::exp((3900.0 - rest) / 250.0));
    continuum * (1.0 + nature.line_strength * lines) + host
}

const SQRT_TAU: f64 = 2.506_628_274_631_000_5;

/// Mean optical depth of intergalactic hydrogen at an observed wavelength (Å) in front of a source at `redshift`.
///
/// The first four Lyman lines absorb at λ < λ_n (1 + z) with τ = A_n (λ/λ_n)^3.46 (Madau 1995, eq. 15), in the continuum below
/// 912 (1 + z) Å with τ = 0.25 x_c³ (x_e^0.46 − x_c^0.46) + 9.4 x_c^1.5 (x_e^0.18 − x_c^0.18) + … (footnote 3, first two
/// terms), where x = λ/912 Å and x_e = 1 + z.
pub(super) fn optical_depth(wavelength: f64, redshift: f64) -> f64 {
    const SERIES: [(f64, f64); 4] = [(1216.0, 0.0036), (1026.0, 1.7e-3), (972.5, 1.2e-3), (950.0, 9.3e-4)];
    let emission = 1.0 + redshift;
    let mut depth = 0.0;
    for (line, strength) in SERIES {
        if wavelength < line * emission {
            depth += strength * libm::pow(wavelength / line, 3.46);
        }
    }
    let x = wavelength / 912.0;
    if x < emission {
        depth += 0.25 * x * x * x * (libm::pow(emission, 0.46) - libm::pow(x, 0.46))
            + 9.4 * x * x.sqrt() * (libm::pow(emission, 0.18) - libm::pow(x, 0.18));
    }
    depth
}

/// A quasar on this line of sight.
pub(super) fn draw(sightline: &Sightline, random: &mut RowRandom) -> Source {
    let redshift = random.with_density(&REDSHIFTS);
    // Dust in the quasar's own galaxy makes a red tail on one side of the distribution of slopes.
    let dust = -0.25 * libm::log(1.0 - random.uniform());
    // The factor e^0.2 on the forest stands for dense absorbers, which the mean depth does not show.
    let nature = Nature {
        redshift,
        index_shift: 0.3 * random.normal() - dust,
        line_strength: libm::exp(0.3 * random.normal()),
        host: 1.7 * libm::exp(-redshift / 0.3 + 0.5 * random.normal()),
        forest: libm::exp(0.2 + 0.4 * random.normal()),
    };
    let r = random.with_density(&R_MAGNITUDES);
    let relative = relative_magnitudes(&nature);
    // Each band sees the quasar at another time or state: variability and everything that this spectrum leaves out.
    let magnitudes = std::array::from_fn(|band| r + relative[band] - relative[2] + 0.04 * random.normal());
    Source {
        magnitudes,
        temperature: f64::NAN,
        metallicity: f64::NAN,
        distance: f64::NAN,
        reddening: sightline.total_reddening(),
        redshift,
    }
}
