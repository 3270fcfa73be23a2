//! Dwarfs and giants: temperature, composition and motion, and the absolute magnitudes that follow.

use super::Source;
use super::locus;
use super::sightline::{Component, Sightline};
use crate::synthetic::random::RowRandom;

/// Speed of light (km/s).
const SPEED_OF_LIGHT: f64 = 299_792.458;

/// Relative number of dwarfs per kelvin against temperature (K), straight lines between.
///
/// This is the mixture that a spectroscopic survey keeps, not the mass function (which would make nine of ten stars M
/// dwarfs): F and G stars near the turn-off, which are seen far into the halo, a broad shoulder of K dwarfs, the M
/// dwarfs of the neighbourhood, and a thin tail of A stars and blue stragglers.
const DWARF_TEMPERATURES: [(f64, f64); 18] = [
    (3000.0, 0.6),
    (3140.0, 2.0),
    (3290.0, 3.2),
    (3440.0, 3.2),
    (3590.0, 2.4),
    (3750.0, 1.6),
    (3960.0, 1.6),
    (4130.0, 2.1),
    (4480.0, 2.4),
    (4730.0, 2.5),
    (5060.0, 3.3),
    (5450.0, 5.0),
    (5900.0, 7.0),
    (6350.0, 6.5),
    (6600.0, 2.6),
    (7000.0, 0.9),
    (8300.0, 0.5),
    (9000.0, 0.2),
];

/// Metallicity assumed for the brightness until the star's own is known.
const NOMINAL_METALLICITY: f64 = -0.7;

/// Width of the locus that neither metallicity nor noise explains (binaries, rotation, activity): standard deviations of
/// u − g, g − r at fixed g − i, and i − z (mag). Less than the widths of Covey et al. 2007, which include noise.
const INTRINSIC_WIDTH: [f64; 3] = [0.035, 0.012, 0.012];

/// A star of the main sequence.
pub(super) fn draw_dwarf(sightline: &Sightline, random: &mut RowRandom) -> Source {
    let temperature = random.with_density(&DWARF_TEMPERATURES);
    let g_i = locus::g_i_of_temperature(temperature);
    let nominal = locus::absolute_r_magnitude(g_i, NOMINAL_METALLICITY);
    let (distance, component) = sightline.draw_distance(nominal, random);
    let metallicity = draw_metallicity(component, sightline.height(distance), random);
    // 0.15 mag is about the scatter that Ivezić et al. 2008 find around their relation.
    let absolute = locus::absolute_r_magnitude(g_i, metallicity) + 0.15 * random.normal();
    let colours = scattered(locus::colours(g_i, metallicity), random);
    Star { temperature, metallicity, distance, component }.seen(absolute, colours, sightline, random)
}

/// A star of the red giant branch.
pub(super) fn draw_giant(sightline: &Sightline, random: &mut RowRandom) -> Source {
    // The branch empties upwards: numbers grow as 10^(0.25 M) between M_r = −1 and 3.
    let absolute = libm::log10(random.between(libm::exp10(-0.25), libm::exp10(0.75))) / 0.25;
    let (distance, component) = sightline.draw_distance(absolute, random);
    let metallicity = draw_metallicity(component, sightline.height(distance), random);
    let g_i = giant_g_i(absolute, metallicity) + 0.02 * random.normal();
    let colours = scattered(giant_colours(g_i, metallicity), random);
    let temperature = locus::temperature_of_g_i(g_i);
    Star { temperature, metallicity, distance, component }.seen(absolute, colours, sightline, random)
}

/// g − i (mag) along the giant branch: a smooth relation of our own with the range and the trends of the cluster
/// sequences in An et al. 2008 (from M 92 and M 13 to M 67): redder upwards, and redder with metals.
pub(super) fn giant_g_i(absolute_r: f64, metallicity: f64) -> f64 {
    let climb = (3.0 - absolute_r) / 4.0;
    0.93 + 0.17 * metallicity + (0.30 + 0.03 * metallicity) * (climb + climb * climb)
}

/// Colours [u − g, g − r, r − i, i − z] (mag) of a giant: those of a dwarf but for u − g, which low gravity makes bluer in
/// metal-poor G giants (the sense of the index l of Lenz et al. 1998) and redder in cool ones, and for the weaker
/// MgH and Mg b, which leave g brighter in K giants.
pub(super) fn giant_colours(g_i: f64, metallicity: f64) -> [f64; 4] {
    let [u_g, g_r, _, i_z] = locus::colours(g_i, metallicity);
    let gravity = -0.09 + 0.24 * locus::smooth_step(1.0, 1.6, g_i);
    let g_r = g_r - 0.015 * locus::smooth_step(0.9, 1.4, g_i);
    [u_g + gravity, g_r, g_i - g_r, i_z]
}

fn scattered([u_g, g_r, r_i, i_z]: [f64; 4], random: &mut RowRandom) -> [f64; 4] {
    let shift = INTRINSIC_WIDTH[1] * random.normal();
    let u_g = u_g + INTRINSIC_WIDTH[0] * random.normal();
    [u_g, g_r + shift, r_i - shift, i_z + INTRINSIC_WIDTH[2] * random.normal()]
}

/// [Fe/H] of a star at a height (pc) above the plane.
///
/// Disc: mean −0.82 + 0.55 exp(−|Z|/500 pc), σ = 0.20 dex; halo: mean −1.46, σ = 0.30 (Ivezić et al. 2008, the Gaussian
/// cores of their distributions). Kept within −2.5 and +0.2, where the colour relations hold.
fn draw_metallicity(component: Component, height: f64, random: &mut RowRandom) -> f64 {
    let (mean, width) = match component {
        Component::ThinDisc | Component::ThickDisc => (-0.82 + 0.55 * libm::exp(-height / 500.0), 0.20),
        Component::Halo => (-1.46, 0.30),
    };
    (mean + width * random.normal()).clamp(-2.5, 0.2)
}

/// v/c with the scatter of line-of-sight velocities of the component: 35, 60 and 130 km/s (rounded from the
/// velocity ellipsoids of Bond et al. 2010; the motion of the Sun is left out).
pub(super) fn draw_velocity_redshift(component: Component, random: &mut RowRandom) -> f64 {
    let dispersion = match component {
        Component::ThinDisc => 35.0,
        Component::ThickDisc => 60.0,
        Component::Halo => 130.0,
    };
    dispersion * random.normal() / SPEED_OF_LIGHT
}

/// A star of this temperature (K) and metallicity at this distance (pc), before it is seen.
struct Star {
    temperature: f64,
    metallicity: f64,
    distance: f64,
    component: Component,
}

impl Star {
    /// What arrives from a star of absolute magnitude M_r and these colours.
    fn seen(self, absolute: f64, colours: [f64; 4], sightline: &Sightline, random: &mut RowRandom) -> Source {
        Source {
            magnitudes: locus::magnitudes(absolute + distance_modulus(self.distance), colours),
            temperature: self.temperature,
            metallicity: self.metallicity,
            distance: self.distance,
            reddening: sightline.reddening(self.distance),
            redshift: draw_velocity_redshift(self.component, random),
        }
    }
}

/// m − M = 5 lg(d / 10 pc).
pub(super) fn distance_modulus(distance: f64) -> f64 {
    5.0 * libm::log10(distance) - 5.0
}
