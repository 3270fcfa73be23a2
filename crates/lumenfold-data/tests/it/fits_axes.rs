//! Where the values of FITS images lie: world coordinates, beside those of `astropy.wcs`, and the arms of a spectrograph.

use lumenfold_data::{DataError, Table};

use crate::shared::read_bytes;

/// Places may be rounded differently.
const ROUNDING: f64 = 1e-14;
/// Joules of an electronvolt, as in wcslib.
const ELECTRONVOLT: f64 = 1.602_176_5e-19;

/// An array of 64-bit floats with further cards; `shape` has the fastest dimension first.
fn image(first: bool, shape: &[usize], cards: &[(&str, &str)], values: &[f64]) -> Vec<u8> {
    let mut lines = vec![if first { card("SIMPLE", "T") } else { card("XTENSION", "'IMAGE   '") }];
    lines.push(card("BITPIX", "-64"));
    lines.push(card("NAXIS", &shape.len().to_string()));
    lines.extend(shape.iter().enumerate().map(|(at, size)| card(&format!("NAXIS{}", at + 1), &size.to_string())));
    if !first {
        lines.extend([card("PCOUNT", "0"), card("GCOUNT", "1")]);
    }
    lines.extend(cards.iter().map(|(word, value)| card(word, value)));
    lines.push(format!("{:80}", "END"));
    lines.resize(lines.len().next_multiple_of(36), " ".repeat(80));
    let mut bytes = lines.concat().into_bytes();
    bytes.extend(values.iter().flat_map(|value| value.to_be_bytes()));
    bytes.resize(bytes.len().next_multiple_of(2880), 0);
    bytes
}

fn card(word: &str, value: &str) -> String {
    format!("{:80}", format!("{word:8}= {value:>20}"))
}

fn read_image(shape: &[usize], cards: &[(&str, &str)]) -> Result<Table, DataError> {
    let values: Vec<f64> = (0..shape.iter().product()).map(|at| at as f64).collect();
    read_bytes("t.fits", &image(true, shape, cards, &values))
}

#[track_caller]
fn assert_places(found: &[f64], factor: f64, expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0_f64, |largest, place| largest.max(place.abs()));
    for (found, expected) in found.iter().zip(expected) {
        assert!((found * factor - expected).abs() <= ROUNDING * largest, "{found} × {factor}, not {expected}");
    }
}

/// Places by `WCS(header).wcs_pix2world([0, 1, 2, 3, 4], 0)` of astropy 8.0.2, in SI units.
#[test]
fn spectra_lie_where_astropy_says() {
    for (cards, name, unit, factor, places) in [
        (
            &[
                ("CTYPE1", "'WAVE'"),
                ("CUNIT1", "'Angstrom'"),
                ("CRPIX1", "1.0"),
                ("CRVAL1", "3800.0"),
                ("CDELT1", "1.25"),
            ][..],
            "wavelength",
            Some("angstrom"),
            1e-10,
            [3.8e-07, 3.80125e-07, 3.8025000000000003e-07, 3.80375e-07, 3.805e-07],
        ),
        (
            &[("CTYPE1", "'WAVE'"), ("CUNIT1", "'nm'"), ("CRPIX1", "3.5"), ("CRVAL1", "500.0"), ("CDELT1", "-0.5")],
            "wavelength",
            Some("nm"),
            1e-9,
            [5.012500000000001e-07, 5.0075e-07, 5.002500000000001e-07, 4.997500000000001e-07, 4.992500000000001e-07],
        ),
        (
            &[("CTYPE1", "'FREQ'"), ("CUNIT1", "'Hz'"), ("CRPIX1", "2.0"), ("CRVAL1", "1.4E9"), ("CD1_1", "1.0E5")],
            "frequency",
            Some("Hz"),
            1.0,
            [1_399_900_000.0, 1_400_000_000.0, 1_400_100_000.0, 1_400_200_000.0, 1_400_300_000.0],
        ),
        (
            &[
                ("CTYPE1", "'ENER'"),
                ("CUNIT1", "'eV'"),
                ("CRPIX1", "1.0"),
                ("CRVAL1", "100.0"),
                ("CDELT1", "2.0"),
                ("PC1_1", "0.5"),
            ],
            "energy",
            Some("eV"),
            ELECTRONVOLT,
            [1.6021765e-17, 1.618198265e-17, 1.63422003e-17, 1.650241795e-17, 1.66626356e-17],
        ),
        (
            &[("CTYPE1", "'WAVE'"), ("CUNIT1", "'m'"), ("CRVAL1", "5.0E-7"), ("CDELT1", "1.0E-9")],
            "wavelength",
            Some("m"),
            1.0,
            [5.009999999999999e-07, 5.02e-07, 5.03e-07, 5.04e-07, 5.049999999999999e-07],
        ),
        (
            &[
                ("CTYPE1", "'WAVE-LOG'"),
                ("CUNIT1", "'m'"),
                ("CRPIX1", "2.0"),
                ("CRVAL1", "5.0E-7"),
                ("CDELT1", "1.0E-8"),
            ],
            "wavelength",
            Some("m"),
            1.0,
            [4.900993366533776e-07, 5e-07, 5.101006700133778e-07, 5.204053870961941e-07, 5.309182732726798e-07],
        ),
        (
            &[("CTYPE1", "'VELO'"), ("CUNIT1", "'km/s'"), ("CRPIX1", "3.0"), ("CRVAL1", "0.0"), ("CDELT1", "1.5")],
            "velocity",
            Some("km/s"),
            1000.0,
            [-3000.0, -1500.0, 0.0, 1500.0, 3000.0],
        ),
    ] {
        let table = read_image(&[5], cards).unwrap();
        let [axis] = &table.gridded().unwrap().axes[..] else { panic!("{cards:?}") };
        assert_eq!((table.rows(), axis.name.as_str(), axis.unit.as_deref()), (1, name, unit));
        assert_places(&axis.grid, factor, &places);
    }
}

/// Each axis by `WCS(header)` of astropy 8.0.2, as above.
#[test]
fn the_axes_of_a_cube_are_those_of_a_sample() {
    let cards = [
        ("CTYPE1", "'WAVE'"),
        ("CUNIT1", "'m'"),
        ("CRPIX1", "1.0"),
        ("CRVAL1", "4.0E-7"),
        ("CDELT1", "1.0E-9"),
        ("CTYPE2", "'VELO'"),
        ("CUNIT2", "'m/s'"),
        ("CRPIX2", "2.0"),
        ("CRVAL2", "10.0"),
        ("CDELT2", "-4.0"),
    ];
    let table = read_image(&[3, 2, 4], &cards).unwrap();
    let [velocity, wavelength] = &table.gridded().unwrap().axes[..] else { panic!() };
    assert_eq!((table.rows(), velocity.name.as_str(), wavelength.name.as_str()), (4, "velocity", "wavelength"));
    assert_places(&velocity.grid, 1.0, &[14.0, 10.0]);
    assert_places(&wavelength.grid, 1.0, &[4e-07, 4.01e-07, 4.0199999999999997e-07]);
    // The fastest dimension is the last of a sample.
    assert_eq!(table.columns()[4].value(1), Some(6.0 + 4.0));
}

#[test]
fn axes_that_are_no_grids_are_counted() {
    let linear = [("CRPIX1", "1.0"), ("CRVAL1", "4.0"), ("CDELT1", "1.0")];
    for more in [
        [("CTYPE1", "'RA---TAN'"), ("CUNIT1", "'deg'")],
        [("CTYPE1", "'WAVE'"), ("PC1_2", "0.1")],
        [("CTYPE1", "'WAVE'"), ("CD2_1", "0.1")],
    ] {
        let table = read_image(&[3, 2], &[&linear[..], &more[..]].concat()).unwrap();
        assert_eq!(table.rows(), 2);
        assert!(table.gridded().is_none_or(|gridded| gridded.axes.is_empty()), "{more:?}");
    }
}

/// A file of spectra like those of DESI, two rows in each arm, whose weights are 1 in the first row and 4 in the second.
fn arms(grids: &[(&str, &[f64])]) -> Vec<u8> {
    let mut bytes = image(true, &[], &[], &[]);
    for (number, (letter, grid)) in grids.iter().enumerate() {
        let named = |word: &str| format!("'{letter}_{word}'");
        let shape = [grid.len(), 2];
        let flux: Vec<f64> = (0..2 * grid.len()).map(|at| (100 * number + at) as f64).collect();
        let weights: Vec<f64> = (0..2 * grid.len()).map(|at| if at < grid.len() { 1.0 } else { 4.0 }).collect();
        bytes.extend(image(false, &shape[..1], &[("EXTNAME", &named("WAVELENGTH"))], grid));
        bytes.extend(image(false, &shape, &[("EXTNAME", &named("FLUX"))], &flux));
        bytes.extend(image(false, &shape, &[("EXTNAME", &named("IVAR"))], &weights));
    }
    bytes
}

#[test]
fn arms_whose_bins_differ_where_they_overlap_follow_each_other() {
    let blue = &[1.0, 2.0, 3.0, 4.0][..];
    for (red, places, flux, remarks) in [
        // Other bins: the red arm begins behind the blue one.
        (&[2.5, 3.5, 4.5, 5.5][..], &[1.0, 2.0, 3.0, 4.0, 4.5, 5.5][..], &[0.0, 1.0, 2.0, 3.0, 102.0, 103.0][..], 1),
        // The same bins: means.
        (&[3.0, 4.0, 5.0], &[1.0, 2.0, 3.0, 4.0, 5.0], &[0.0, 1.0, 51.0, 52.0, 102.0], 0),
        // A gap.
        (&[6.0, 7.0], &[1.0, 2.0, 3.0, 4.0, 6.0, 7.0], &[0.0, 1.0, 2.0, 3.0, 100.0, 101.0], 0),
        // Nothing of its own.
        (&[1.5, 2.5], blue, &[0.0, 1.0, 2.0, 3.0], 1),
    ] {
        for swapped in [false, true] {
            // The order of the arms in a file does not matter, but for the numbers that they have here.
            let mut grids = vec![("B", blue), ("R", red)];
            if swapped {
                grids.reverse();
            }
            let table = read_bytes("t.fits", &arms(&grids)).unwrap();
            assert_eq!((table.rows(), &table.gridded().unwrap().axes[0].grid[..]), (2, places));
            assert_eq!(table.notes().len(), remarks, "{:?}", table.notes());
            if !swapped {
                let first: Vec<f64> = table.columns().iter().map(|column| column.value(0).unwrap()).collect();
                assert_eq!(first, flux);
            }
        }
    }
}
