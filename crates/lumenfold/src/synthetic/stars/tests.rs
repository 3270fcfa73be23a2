//! Invariants of the generator, and its physics against published numbers.

use super::passbands::ab_magnitudes;
use super::quasars::{Nature, optical_depth, relative_magnitudes};
use super::sightline::Sightline;
use super::*;
use crate::synthetic::random::RowStreams;

const U: usize = 0;
const G: usize = 1;
const R: usize = 2;

/// Every column as bits, so that NaNs compare equal to themselves.
fn bits(table: &SyntheticStars) -> Vec<Vec<u64>> {
    let SyntheticStars { temperature, metallicity, distance, reddening, redshift, .. } = table;
    let causes: [&[f64]; 5] = [temperature, metallicity, distance, reddening, redshift];
    let columns = table.magnitudes().into_iter().chain(table.errors()).chain(causes);
    columns.map(|column| column.iter().map(|value| value.to_bits()).collect()).collect()
}

fn rows_of(table: &SyntheticStars, class: Class) -> impl Iterator<Item = usize> {
    (0..table.len()).filter(move |&row| table.class[row] == class)
}

fn median(mut values: Vec<f64>) -> f64 {
    assert!(!values.is_empty());
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
fn same_seed_gives_same_bits_and_another_seed_other_rows() {
    let first = synthetic_stars(500, 7);
    assert_eq!(bits(&first), bits(&synthetic_stars(500, 7)));
    assert_ne!(first.u, synthetic_stars(500, 8).u);
}

/// The bits of 100 rows, recorded once: they must not depend on platform, version or compiler.
#[test]
fn bits_are_the_recorded_ones() {
    let mut digest = 0xcbf2_9ce4_8422_2325_u64; // FNV-1a over the 64-bit words of 100 rows
    for word in bits(&synthetic_stars(100, 2026)).into_iter().flatten() {
        // NaNs are the only values whose bits the language leaves open.
        let word = if f64::from_bits(word).is_nan() { 0 } else { word };
        digest = (digest ^ word).wrapping_mul(0x0000_0100_0000_01b3);
    }
    assert_eq!(digest, RECORDED_DIGEST, "{digest:#018x}");
}

#[test]
fn a_longer_table_begins_with_the_shorter_one() {
    let (short, long) = (synthetic_stars(40, 3), synthetic_stars(400, 3));
    for (short, long) in bits(&short).iter().zip(bits(&long)) {
        assert_eq!(short[..], long[..40]);
    }
    assert_eq!(short.class, long.class[..40]);
    assert_eq!(long.id[39], 40);
    assert!(synthetic_stars(0, 3).is_empty());
}

#[test]
fn class_fractions_are_the_promised_ones() {
    const STANDARD_DEVIATIONS: f64 = 4.5;
    let rows = 20_000;
    let table = synthetic_stars(rows, 11);
    assert!((FRACTIONS.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    for (class, fraction) in Class::ALL.into_iter().zip(FRACTIONS) {
        let expected = rows as f64 * fraction;
        let deviation = (expected * (1.0 - fraction)).sqrt();
        let found = rows_of(&table, class).count() as f64;
        assert!((found - expected).abs() < STANDARD_DEVIATIONS * deviation, "{class}: {found}, expected {expected}");
    }
}

#[test]
fn values_are_finite_and_within_their_limits() {
    let table = synthetic_stars(20_000, 5);
    for column in table.magnitudes() {
        assert!(column.iter().all(|m| m.is_finite() && (8.0..32.0).contains(m)));
    }
    for column in table.errors() {
        assert!(column.iter().all(|error| error.is_finite() && (0.009..3.0).contains(error)));
    }
    for row in 0..table.len() {
        let class = table.class[row];
        assert!((R_LIMITS.0..=R_LIMITS.1).contains(&table.r[row]));
        assert!((0.0..3.0).contains(&table.reddening[row]));
        assert_eq!(table.temperature[row].is_nan(), class == Class::Quasar);
        assert_eq!(table.distance[row].is_nan(), class == Class::Quasar);
        assert_eq!(table.metallicity[row].is_nan(), matches!(class, Class::Quasar | Class::WhiteDwarf));
        if class == Class::Quasar {
            assert!((0.1..=4.0).contains(&table.redshift[row]));
        } else {
            assert!(table.redshift[row].abs() < 0.003, "a star at {} c", table.redshift[row]);
            assert!(table.distance[row] > 0.0);
            let range = match class {
                Class::Dwarf => 2999.9..9000.1,
                Class::WhiteDwarf => 6999.0..40_001.0,
                _ => 3000.0..7000.0,
            };
            assert!(range.contains(&table.temperature[row]), "{class} of {} K", table.temperature[row]);
        }
    }
}

#[test]
fn dust_reddens_by_exactly_the_coefficients() {
    const ROUNDING: f64 = 1e-12;
    let star = locus::magnitudes(17.0, locus::colours(0.8, -0.5));
    let dimmed = photometry::dimmed(star, 0.3);
    for (band, coefficient) in [4.239, 3.303, 2.285, 1.698, 1.263].into_iter().enumerate() {
        assert!((dimmed[band] - star[band] - 0.3 * coefficient).abs() < ROUNDING);
    }
    assert!(dimmed[G] - dimmed[R] > star[G] - star[R]);
}

#[test]
fn dust_grows_with_distance_and_saturates() {
    let mut random = RowStreams::new(1, LABEL).row(0);
    for _ in 0..100 {
        let sightline = Sightline::draw(&mut random);
        let distances = [0.0, 10.0, 100.0, 1000.0, 1e5];
        assert!(sightline.reddening(distances[0]).abs() < 1e-15);
        assert!(distances.windows(2).all(|pair| sightline.reddening(pair[0]) < sightline.reddening(pair[1])));
        assert!((sightline.reddening(1e5) / sightline.total_reddening() - 1.0).abs() < 1e-9);
    }
}

#[test]
fn hotter_is_bluer() {
    let g_i = |step: usize| locus::g_i_of_temperature(3000.0 + 20.0 * step as f64);
    assert!((1..=300).all(|step| g_i(step) < g_i(step - 1)));
    // There and back again: both interpolations pass through the same knots.
    for temperature in [3000.0, 3440.0, 4480.0, 5930.0, 9000.0] {
        let back = locus::temperature_of_g_i(locus::g_i_of_temperature(temperature));
        assert!((back / temperature - 1.0).abs() < 0.005, "{temperature} K came back as {back} K");
    }
    let white_dwarf = |thousands: usize| white_dwarfs::absolute_magnitudes(1000.0 * thousands as f64, false);
    for thousands in 8..=40 {
        let (hot, cool) = (white_dwarf(thousands), white_dwarf(thousands - 1));
        assert!(hot[R] < cool[R] && hot[G] - hot[R] < cool[G] - cool[R]);
    }
}

#[test]
fn errors_grow_with_magnitude() {
    for band in 0..5 {
        let error = |tenths: usize| photometry::magnitude_error(band, 0.1 * tenths as f64);
        assert!((141..=260).all(|tenths| error(tenths) > error(tenths - 1)), "band {band}");
    }
    // At the 5σ limit the flux error is a fifth of the flux.
    let ratio = photometry::flux_error(U, 22.0) / photometry::flux(22.0);
    assert!((ratio - 0.2).abs() < 0.02, "{ratio}");
}

#[test]
fn errors_are_the_scatter_of_the_noise() {
    let truth = [18.0, 17.0, 16.5, 16.4, 16.3];
    let mut random = RowStreams::new(2, LABEL).row(9);
    let draws = 4000;
    let mut squares = [0.0; 5];
    for _ in 0..draws {
        let observed = photometry::observe(truth, &mut random);
        for band in 0..5 {
            let pull = (observed.magnitudes[band] - truth[band]) / observed.errors[band];
            squares[band] += pull * pull / f64::from(draws);
        }
    }
    assert!(squares.iter().all(|square| (square - 1.0).abs() < 0.1), "{squares:?}");
}

#[test]
fn asinh_magnitudes_are_ordinary_for_bright_sources_and_finite_for_negative_flux() {
    for band in 0..5 {
        let bright = photometry::asinh_magnitude(band, photometry::flux(15.0));
        assert!((bright - 15.0).abs() < 1e-5, "{bright}");
        // Lupton et al. 1999: the magnitude of zero flux is −2.5 lg b.
        let dark = photometry::asinh_magnitude(band, 0.0);
        assert!((22.8..25.2).contains(&dark));
        assert!(photometry::asinh_magnitude(band, -1e-9) > dark);
    }
}

/// Median colours from Covey et al. 2007, table 1: (g − i; u − g, g − r, r − i, i − z).
const COVEY: [(f64, [f64; 4]); 6] = [
    (0.60, [1.25, 0.44, 0.16, 0.04]),
    (1.00, [1.90, 0.73, 0.27, 0.12]),
    (1.40, [2.38, 1.02, 0.38, 0.20]),
    (1.80, [2.61, 1.26, 0.54, 0.29]),
    (2.40, [2.59, 1.41, 0.98, 0.52]),
    (2.80, [2.62, 1.43, 1.36, 0.72]),
];

#[test]
fn locus_is_the_published_one() {
    const TOLERANCE: f64 = 0.03; // mag
    for (g_i, published) in COVEY {
        let colours = locus::colours(g_i, -0.45);
        for (found, published) in colours.iter().zip(published) {
            assert!((found - published).abs() < TOLERANCE, "g-i = {g_i}: {colours:?}");
        }
    }
}

#[test]
fn dwarfs_lie_on_the_published_locus() {
    const TOLERANCE: [f64; 4] = [0.25, 0.06, 0.06, 0.06]; // mag; u − g carries the lower metallicity of faint stars
    let table = synthetic_stars(20_000, 21);
    let magnitudes = table.magnitudes();
    for (g_i, published) in COVEY {
        let near: Vec<usize> = rows_of(&table, Class::Dwarf)
            .filter(|&row| (table.g[row] - table.i[row] - g_i).abs() < 0.05 && table.r[row] < 20.0)
            .collect();
        for (colour, published) in published.into_iter().enumerate() {
            let values = near.iter().map(|&row| magnitudes[colour][row] - magnitudes[colour + 1][row]).collect();
            let found = median(values);
            assert!(
                (found - published).abs() < TOLERANCE[colour],
                "g-i = {g_i}, colour {colour}: {found}, {published}"
            );
        }
    }
}

#[test]
fn metallicity_is_read_back_from_the_colours() {
    // Bond et al. 2010, eq. A1, forward; the Sun's colours (u − g = 1.43, g − r = 0.44) give [Fe/H] ≈ 0.
    let photometric = |x: f64, y: f64| {
        -13.13 + 14.09 * x + 28.04 * y - 5.51 * x * y - 5.90 * x * x - 58.68 * y * y + 9.14 * x * x * y
            - 20.61 * x * y * y
            + 58.20 * y * y * y
    };
    assert!(photometric(1.43, 0.44).abs() < 0.1);
    for metallicity in [-2.0, -1.5, -1.0, -0.5, 0.0] {
        let exact = locus::u_g_of_metallicity(0.44, metallicity);
        assert!((photometric(exact, 0.44) - metallicity).abs() < 1e-9);
        let [u_g, g_r, ..] = locus::colours(0.65, metallicity);
        assert!((photometric(u_g, g_r) - metallicity).abs() < 0.25, "{metallicity}");
    }
}

#[test]
fn brightness_follows_the_photometric_parallax() {
    // Ivezić et al. 2008 by hand: g − i = 0.6, [Fe/H] = 0 gives 4.53; metal-poor dwarfs are fainter at the same colour.
    assert!((locus::absolute_r_magnitude(0.6, 0.0) - 4.53).abs() < 0.01);
    assert!(locus::absolute_r_magnitude(0.6, -1.5) > locus::absolute_r_magnitude(0.6, -0.5) + 0.5);
    assert!((1..=70).all(|step| {
        let g_i = -0.4 + 0.05 * f64::from(step);
        locus::absolute_r_magnitude(g_i, -0.5) > locus::absolute_r_magnitude(g_i - 0.05, -0.5)
    }));
    // A DA white dwarf of 12,000 K and log g = 8 has M_r ≈ 11.8 (Holberg & Bergeron 2006).
    let white_dwarf = white_dwarfs::absolute_magnitudes(12_000.0, true);
    assert!((white_dwarf[R] - 11.8).abs() < 0.15, "{}", white_dwarf[R]);
}

#[test]
fn giants_climb_to_the_red_and_metals_make_them_redder() {
    for metallicity in [-2.0, -1.0, 0.0] {
        assert!(populations::giant_g_i(-1.0, metallicity) > populations::giant_g_i(3.0, metallicity) + 0.3);
    }
    assert!(populations::giant_g_i(1.0, -0.5) > populations::giant_g_i(1.0, -1.5) + 0.1);
    let (giant, dwarf) = (populations::giant_colours(0.9, -1.5), locus::colours(0.9, -1.5));
    assert!(giant[0] < dwarf[0] - 0.05);
}

#[test]
fn hydrogen_lines_weaken_the_ultraviolet_excess_of_white_dwarfs() {
    let u_g = |temperature, hydrogen| {
        let m = white_dwarfs::absolute_magnitudes(temperature, hydrogen);
        m[U] - m[G]
    };
    assert!(u_g(12_000.0, true) > u_g(12_000.0, false) + 0.3);
    assert!(u_g(40_000.0, true) < u_g(40_000.0, false) + 0.1);
}

#[test]
fn quasars_lose_their_ultraviolet_to_the_lyman_forest() {
    let colours = |redshift| {
        let nature = Nature { redshift, index_shift: 0.0, line_strength: 1.0, host: 0.0, forest: 1.0 };
        let [u, g, r, ..] = relative_magnitudes(&nature);
        (u - g, g - r)
    };
    // Ultraviolet excess at z < 2.2, u dropouts beyond 3, g dims towards 4 (Richards et al. 2001).
    assert!(colours(1.5).0 < 0.5);
    assert!(colours(3.2).0 > 1.2);
    assert!(colours(3.9).1 > 0.6 && colours(2.0).1 < 0.4);
    // No hydrogen between us and light emitted redward of Lyα.
    assert!(optical_depth(1216.0 * 3.0 + 1.0, 2.0) == 0.0);
    assert!(optical_depth(3600.0, 2.0) > 0.1 && optical_depth(3600.0, 3.5) > optical_depth(3600.0, 2.0));
}

#[test]
fn flat_spectrum_has_no_colour() {
    assert!(ab_magnitudes(|_| 1.0).iter().all(|m| m.abs() < 1e-12));
    let blue = ab_magnitudes(|wavelength| 5000.0 / wavelength);
    assert!(blue.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn classes_have_their_published_names() {
    assert_eq!(Class::ALL.map(|class| class.to_string()), ["dwarf", "giant", "white dwarf", "quasar"]);
    assert_eq!(format!("{:>8}", Class::Dwarf), "   dwarf");
}

/// Digest of 100 rows of seed 2026; a change means that published demonstrations no longer repeat.
const RECORDED_DIGEST: u64 = 0xbc13_1d22_6a51_c515;
