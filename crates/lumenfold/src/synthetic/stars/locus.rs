//! The main sequence in colours: where it runs, what metallicity does to it, how bright its stars are.

/// One point of the stellar locus: effective temperature (K) and colours (mag).
struct Knot {
    g_i: f64,
    temperature: f64,
    u_g: f64,
    g_r: f64,
    i_z: f64,
}

const fn knot(g_i: f64, temperature: f64, u_g: f64, g_r: f64, i_z: f64) -> Knot {
    Knot { g_i, temperature, u_g, g_r, i_z }
}

/// The locus from A to mid-M dwarfs.
///
/// Colours for g − i ≥ 0.1: the medians of Covey et al. 2007, table 1, smoothed over neighbouring rows and rounded
/// to 0.005 mag; bluer than that, A stars by extrapolation to the colours of Vega. Temperatures: Ivezić et al. 2008, eq. 3,
/// lg T = 3.882 − 0.316 (g−r) + 0.0488 (g−r)² + 0.0283 (g−r)³, for g − i ≤ 1.5, and the K and M dwarfs of Pecaut &
/// Mamajek 2013 beyond, where g − r no longer tells the temperature.
const LOCUS: [Knot; 19] = [
    knot(-0.38, 9050.0, 1.10, -0.225, -0.105),
    knot(-0.20, 8300.0, 1.14, -0.105, -0.075),
    knot(0.00, 7530.0, 1.11, 0.015, -0.050),
    knot(0.10, 7140.0, 1.07, 0.090, -0.030),
    knot(0.30, 6470.0, 1.07, 0.235, -0.005),
    knot(0.50, 5930.0, 1.14, 0.370, 0.030),
    knot(0.70, 5450.0, 1.40, 0.515, 0.060),
    knot(0.90, 5060.0, 1.73, 0.655, 0.105),
    knot(1.10, 4730.0, 2.04, 0.800, 0.140),
    knot(1.30, 4480.0, 2.28, 0.945, 0.180),
    knot(1.50, 4290.0, 2.46, 1.080, 0.220),
    knot(1.70, 4130.0, 2.57, 1.205, 0.260),
    knot(1.90, 3960.0, 2.615, 1.310, 0.315),
    knot(2.10, 3750.0, 2.615, 1.385, 0.385),
    knot(2.30, 3590.0, 2.60, 1.415, 0.470),
    knot(2.50, 3440.0, 2.59, 1.415, 0.570),
    knot(2.70, 3290.0, 2.60, 1.420, 0.670),
    knot(2.90, 3140.0, 2.61, 1.450, 0.770),
    knot(3.10, 3000.0, 2.62, 1.500, 0.855),
];

/// The metallicity at which the shift of u − g vanishes: that of the nearby disc stars in Covey's sample.
const REFERENCE_METALLICITY: f64 = -0.45;

/// Monotone cubic interpolation through the locus (Fritsch & Butland 1984: the slope at a knot is the harmonic mean
/// of its neighbours' and zero at an extremum), which neither overshoots nor shows corners; linear beyond the ends.
fn interpolate(at: f64, x: impl Fn(&Knot) -> f64, y: impl Fn(&Knot) -> f64) -> f64 {
    let ascending = x(&LOCUS[0]) < x(&LOCUS[1]);
    let beyond = |knot: &Knot| if ascending { x(knot) <= at } else { x(knot) >= at };
    let last = LOCUS.len() - 1;
    let left = LOCUS.partition_point(beyond).clamp(1, last) - 1;
    let secant = |k: usize| (y(&LOCUS[k + 1]) - y(&LOCUS[k])) / (x(&LOCUS[k + 1]) - x(&LOCUS[k]));
    let slope = |k: usize| {
        if k == 0 || k == last {
            return secant(k.min(last - 1));
        }
        let (before, after) = (secant(k - 1), secant(k));
        if before * after > 0.0 { 2.0 * before * after / (before + after) } else { 0.0 }
    };
    let (start, end) = (x(&LOCUS[left]), x(&LOCUS[left + 1]));
    if (at - start) * (end - start) < 0.0 {
        return y(&LOCUS[0]) + slope(0) * (at - start);
    }
    if (at - end) * (end - start) > 0.0 {
        return y(&LOCUS[last]) + slope(last) * (at - end);
    }
    let width = end - start;
    let t = (at - start) / width;
    let s = 1.0 - t;
    y(&LOCUS[left]) * (1.0 + 2.0 * t) * s * s
        + width * slope(left) * t * s * s
        + y(&LOCUS[left + 1]) * (3.0 - 2.0 * t) * t * t
        - width * slope(left + 1) * t * t * s
}

/// g − i (mag) of a dwarf of this temperature (K).
pub(super) fn g_i_of_temperature(temperature: f64) -> f64 {
    interpolate(temperature, |knot| knot.temperature, |knot| knot.g_i)
}

/// Temperature (K) of a star of this g − i (mag).
pub(super) fn temperature_of_g_i(g_i: f64) -> f64 {
    interpolate(g_i, |knot| knot.g_i, |knot| knot.temperature)
}

/// The colours [u − g, g − r, r − i, i − z] (mag) of a dwarf.
///
/// Metallicity moves u − g, where the metal lines crowd; the shift follows from the photometric metallicity of Bond et al.
/// 2010. In M dwarfs weaker TiO bands leave g − r redder at the same g − i (West et al. 2004).
pub(super) fn colours(g_i: f64, metallicity: f64) -> [f64; 4] {
    let mut g_r = interpolate(g_i, |knot| knot.g_i, |knot| knot.g_r);
    let mut u_g = interpolate(g_i, |knot| knot.g_i, |knot| knot.u_g);
    let i_z = interpolate(g_i, |knot| knot.g_i, |knot| knot.i_z);
    // A stars have few metal lines; in M dwarfs u − g is nearly saturated.
    let sensitivity = smooth_step(-0.2, 0.3, g_i) * (1.0 - 0.75 * smooth_step(0.9, 2.0, g_i));
    u_g += sensitivity * (u_g_of_metallicity(g_r, metallicity) - u_g_of_metallicity(g_r, REFERENCE_METALLICITY));
    g_r -= 0.10 * (metallicity - REFERENCE_METALLICITY) * smooth_step(1.8, 2.3, g_i);
    [u_g, g_r, g_i - g_r, i_z]
}

/// u − g (mag) of an F or G dwarf of the given g − r and [Fe/H]: Bond et al. 2010, eq. A1 (the revision of Ivezić et al.
/// 2008, eq. 4), solved for u − g. Beyond 0.25 < g − r < 0.6 the value at the end of that range.
pub(super) fn u_g_of_metallicity(g_r: f64, metallicity: f64) -> f64 {
    let y = g_r.clamp(0.25, 0.6);
    // [Fe/H] = A + B x + C y + D x y + E x² + F y² + G x² y + H x y² + I x³ + J y³ with x = u − g and I = 0.
    let quadratic = -5.90 + 9.14 * y;
    let linear = 14.09 - 5.51 * y - 20.61 * y * y;
    let constant = -13.13 + 28.04 * y - 58.68 * y * y + 58.20 * y * y * y - metallicity;
    // The parabola's top is the most metal-rich star that the relation knows.
    let discriminant = (linear * linear - 4.0 * quadratic * constant).max(0.0);
    (-linear + discriminant.sqrt()) / (2.0 * quadratic)
}

/// Absolute magnitude M_r of a dwarf: the photometric parallax of Ivezić et al. 2008, eqs. A2, A3 and A7.
///
/// Bluer than g − i = 0.3 (its range ends at 0.2) the sequence goes on with a slope of 2.2, that of A stars.
pub(super) fn absolute_r_magnitude(g_i: f64, metallicity: f64) -> f64 {
    const SLOPE_OF_A_STARS: f64 = 2.2;
    let x = g_i.max(0.3);
    let colour = -5.06 + x * (14.32 + x * (-12.97 + x * (6.127 + x * (-1.267 + x * 0.0967))));
    let composition = 4.50 - 1.11 * metallicity - 0.18 * metallicity * metallicity;
    colour + composition + SLOPE_OF_A_STARS * (g_i - x)
}

/// 0 below `low`, 1 above `high`, 3t² − 2t³ between.
pub(super) fn smooth_step(low: f64, high: f64, x: f64) -> f64 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// u, g, r, i, z (mag) from M_r and the four colours.
pub(super) fn magnitudes(r: f64, [u_g, g_r, r_i, i_z]: [f64; 4]) -> [f64; 5] {
    let g = r + g_r;
    let i = r - r_i;
    [g + u_g, g, r, i, i - i_z]
}
