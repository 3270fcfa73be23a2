//! A direction on the sky: how many stars it meets at which distance, and how much dust.

use super::R_LIMITS;
use crate::synthetic::random::RowRandom;

/// The smallest Galactic latitude |b|, as its sine: 20°, about where the survey's main area ends.
const LEAST_SINE_OF_LATITUDE: f64 = 0.342;
/// Distance of the Sun from the Galactic centre (pc) and height above the plane (pc), as in Jurić et al. 2008.
const SUN_RADIUS: f64 = 8000.0;
const SUN_HEIGHT: f64 = 25.0;

/// Steps of the distance grid; one step is 0.35 mag of distance modulus.
const DISTANCE_STEPS: usize = 24;
/// How the survey prefers bright targets: the chance of a spectrum falls as 10^(−0.11 (r − 14)), and to zero at the
/// faint limit. Chosen so that r is spread over the whole range and does not crowd at the limit.
const TARGET_SLOPE: f64 = 0.11;

/// Reddening E(B−V) of the whole dust layer towards the pole (mag), its patchiness as a standard deviation of ln E, and
/// the scale height of the layer (pc; Drimmel & Spergel 2001 find 134 near the Sun).
const POLAR_REDDENING: f64 = 0.022;
const DUST_PATCHINESS: f64 = 0.5;
const DUST_HEIGHT: f64 = 130.0;

/// Which part of the Galaxy a star belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Component {
    ThinDisc,
    ThickDisc,
    Halo,
}

/// A line of sight through the Galaxy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sightline {
    sine_of_latitude: f64,
    /// cos b · cos l and cos b · sin l.
    towards_centre: f64,
    along_rotation: f64,
    /// E(B−V) of all dust in this direction (mag).
    total_reddening: f64,
}

/// Density of each component at a place, in units of the thin disc's at the Sun.
struct Density {
    thin: f64,
    thick: f64,
    halo: f64,
}

impl Sightline {
    /// A direction uniform on the sky with |b| > 20°.
    pub(super) fn draw(random: &mut RowRandom) -> Self {
        let height = random.between(LEAST_SINE_OF_LATITUDE, 1.0);
        let sine_of_latitude = if random.uniform() < 0.5 { -height } else { height };
        let cosine_of_latitude = (1.0 - height * height).sqrt();
        let (sine, cosine) = libm::sincos(random.between(0.0, std::f64::consts::TAU));
        let patchiness = libm::exp(DUST_PATCHINESS * random.normal());
        Self {
            sine_of_latitude,
            towards_centre: cosine_of_latitude * cosine,
            along_rotation: cosine_of_latitude * sine,
            total_reddening: POLAR_REDDENING / height * patchiness,
        }
    }

    /// E(B−V) (mag) of everything behind the dust.
    pub(super) fn total_reddening(&self) -> f64 {
        self.total_reddening
    }

    /// E(B−V) (mag) in front of a distance (pc): Parenago 1940, E = E_total (1 − exp(−d |sin b| / h)), which grows
    /// linearly at first and saturates where the line of sight leaves the layer.
    pub(super) fn reddening(&self, distance: f64) -> f64 {
        -self.total_reddening * libm::expm1(-distance * self.sine_of_latitude.abs() / DUST_HEIGHT)
    }

    /// Height (pc) above (or below) the plane at a distance (pc), without sign.
    pub(super) fn height(&self, distance: f64) -> f64 {
        (SUN_HEIGHT + distance * self.sine_of_latitude).abs()
    }

    /// Two exponential discs and an oblate power-law halo: Jurić et al. 2008 with the bias-corrected
    /// parameters of their table 10 (scale heights 300 and 900 pc, lengths 2600 and 3600 pc, thick disc 12 % and halo 0.51 % of
    /// the local density, q = 0.64, n = 2.77).
    fn density(&self, distance: f64) -> Density {
        let x = SUN_RADIUS - distance * self.towards_centre;
        let y = distance * self.along_rotation;
        let height = self.height(distance);
        let radius = (x * x + y * y).sqrt();
        let disc = |scale_height: f64, scale_length: f64| {
            libm::exp((SUN_HEIGHT - height) / scale_height + (SUN_RADIUS - radius) / scale_length)
        };
        let flattened = height / 0.64;
        let halo_radius = (radius * radius + flattened * flattened).sqrt();
        Density {
            thin: disc(300.0, 2600.0),
            thick: 0.12 * disc(900.0, 3600.0),
            halo: 0.0051 * libm::exp(-2.77 * libm::log(halo_radius / SUN_RADIUS)),
        }
    }

    /// A distance (pc) for a star of absolute magnitude `absolute_r`, and the component it belongs to.
    ///
    /// The density of the distance is ρ(d) d² times the survey's preference for bright targets, between the distances
    /// at which the star would pass the magnitude limits. Dust is left out here: it moves the limits by less than a step.
    pub(super) fn draw_distance(&self, absolute_r: f64, random: &mut RowRandom) -> (f64, Component) {
        const STEP: f64 = (R_LIMITS.1 - R_LIMITS.0) / DISTANCE_STEPS as f64;
        let nearest = libm::exp10(0.2 * (R_LIMITS.0 - absolute_r) + 1.0);
        let ratio = libm::exp10(0.2 * STEP);
        // On a grid even in lg d the measure is d³; d³ · preference falls or grows by the same factor each step.
        let weight_ratio = libm::exp10((0.6 - TARGET_SLOPE) * STEP);
        let mut distance = nearest * ratio.sqrt();
        let mut weight = 1.0;
        let mut cumulative = [0.0; DISTANCE_STEPS];
        let mut total = 0.0;
        for (step, slot) in cumulative.iter_mut().enumerate() {
            let Density { thin, thick, halo } = self.density(distance);
            let depth = step as f64 / DISTANCE_STEPS as f64;
            let completeness = 1.0 - depth * depth;
            total += (thin + thick + halo) * weight * completeness;
            *slot = total;
            distance *= ratio;
            weight *= weight_ratio;
        }
        let chosen = random.uniform() * total;
        let step = cumulative.partition_point(|&sum| sum <= chosen).min(DISTANCE_STEPS - 1);
        let modulus = STEP * (step as f64 + random.uniform());
        let distance = nearest * libm::exp10(0.2 * modulus);
        (distance, self.draw_component(distance, random))
    }

    fn draw_component(&self, distance: f64, random: &mut RowRandom) -> Component {
        let Density { thin, thick, halo } = self.density(distance);
        let chosen = random.uniform() * (thin + thick + halo);
        if chosen < thin {
            Component::ThinDisc
        } else if chosen < thin + thick {
            Component::ThickDisc
        } else {
            Component::Halo
        }
    }
}
