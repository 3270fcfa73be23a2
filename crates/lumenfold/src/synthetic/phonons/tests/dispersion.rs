//! Frequencies of single modes.

use std::f64::consts::{PI, TAU};

use super::super::units::{HBAR_IN_MILLI_ELECTRON_VOLTS, SQUARED_ENERGY};
use super::*;

/// Rounding of a sum of a dozen terms.
const ROUNDING: f64 = 1e-12;

/// K(q) by the sum over neighbours, as it is defined.
fn stiffness_by_sum(crystal: &Crystal, wave_vector: [f64; 3]) -> [[f64; 3]; 3] {
    let squared_distances = match crystal.lattice() {
        Lattice::Simple => [4, 8],
        Lattice::BodyCentred => [3, 4],
        Lattice::FaceCentred => [2, 4],
    };
    let mut sum = [[0.0; 3]; 3];
    let steps = -2_i32..=2;
    for place in steps.clone().flat_map(|x| (-2..=2).flat_map(move |y| (-2..=2).map(move |z| [x, y, z]))) {
        let squared: i32 = place.iter().map(|step| step * step).sum();
        let on_lattice = match crystal.lattice() {
            Lattice::Simple => place.iter().all(|step| step % 2 == 0),
            Lattice::BodyCentred => place.iter().all(|step| (step - place[0]) % 2 == 0),
            Lattice::FaceCentred => place.iter().sum::<i32>() % 2 == 0,
        };
        let Some(shell) = squared_distances.iter().position(|other| *other == squared && on_lattice) else { continue };
        let spring = crystal.springs()[shell];
        let direction = place.map(|step| f64::from(step) / f64::from(squared).sqrt());
        let phase: f64 = place.iter().zip(wave_vector).map(|(step, q)| PI * f64::from(*step) * q).sum();
        for a in 0..3 {
            for b in 0..3 {
                let bond = (spring.longitudinal - spring.transverse) * direction[a] * direction[b];
                let across = if a == b { spring.transverse } else { 0.0 };
                sum[a][b] += (bond + across) * (1.0 - libm::cos(phase));
            }
        }
    }
    sum
}

#[test]
fn the_matrix_is_the_sum_over_neighbours() {
    let mut random = crate::synthetic::random::RowStreams::new(1, b"test of dynamical matrix").row(0);
    for crystal in crystals() {
        for _ in 0..50 {
            let q = [0; 3].map(|_| random.between(-2.0, 2.0));
            let (matrix, expected) = (crystal.stiffness(q), stiffness_by_sum(&crystal, q));
            let found = [
                [matrix.diagonal[0], matrix.beside[2], matrix.beside[1]],
                [matrix.beside[2], matrix.diagonal[1], matrix.beside[0]],
                [matrix.beside[1], matrix.beside[0], matrix.diagonal[2]],
            ];
            for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
                assert!((found - expected).abs() < ROUNDING * crystal.self_force(), "{}", crystal.lattice());
            }
        }
    }
}

#[test]
fn along_an_axis_the_simple_cubic_crystal_is_a_chain() {
    let (first, none) = (Spring { longitudinal: 25.0, transverse: 4.0 }, Spring { longitudinal: 0.0, transverse: 0.0 });
    let crystal = Crystal::new(Lattice::Simple, 3.2, 80.0, [first, none]).expect("a stable crystal");
    for step in 0..=40 {
        let q = PI / 3.2 * f64::from(step) / 40.0;
        // ω = 2 √(K/M) |sin(q a / 2)|.
        let chain = |spring: f64| 2.0 * (SQUARED_ENERGY * spring / 80.0).sqrt() * libm::sin(0.5 * q * 3.2);
        let found = crystal.energies([q, 0.0, 0.0]);
        for (found, expected) in found.iter().zip([chain(4.0), chain(4.0), chain(25.0)]) {
            assert!((found - expected).abs() < 1e-7, "{step}: {found} {expected}");
        }
    }
}

#[test]
fn acoustic_modes_vanish_at_gamma_and_at_its_copies() {
    for crystal in crystals() {
        let node = match crystal.lattice() {
            Lattice::Simple => [1.0, 0.0, 0.0],
            Lattice::BodyCentred => [1.0, 1.0, 0.0],
            Lattice::FaceCentred => [1.0, 1.0, 1.0],
        };
        assert_eq!(crystal.energies([0.0; 3]), [0.0; 3]);
        let copies = crystal.energies(node.map(|index| index * TAU / crystal.lattice_constant()));
        assert!(copies.iter().all(|energy| *energy < 1e-5), "{copies:?}");
    }
}

#[test]
fn vibrations_repeat_with_the_reciprocal_lattice_only() {
    for crystal in crystals() {
        let unit = TAU / crystal.lattice_constant();
        let at = |q: [f64; 3]| crystal.energies(q.map(|value| value * unit));
        let q = [0.31, 0.17, 0.05];
        let same = |shift: [f64; 3]| {
            let other = at([0, 1, 2].map(|axis| q[axis] + shift[axis]));
            at(q).iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-9)
        };
        assert!(same([2.0, 0.0, 0.0]), "{}", crystal.lattice());
        assert_eq!(same([1.0, 0.0, 0.0]), crystal.lattice() == Lattice::Simple);
        assert_eq!(same([1.0, 1.0, 0.0]), crystal.lattice() != Lattice::FaceCentred);
        assert_eq!(same([1.0, 1.0, 1.0]), crystal.lattice() != Lattice::BodyCentred);
    }
}

#[test]
fn the_mean_of_squared_frequencies_is_the_self_force() {
    for crystal in crystals() {
        let mean: f64 = crystal
            .modes(9)
            .iter()
            .map(|modes| modes.weight * modes.energies.iter().map(|energy| energy * energy).sum::<f64>())
            .sum();
        let expected = SQUARED_ENERGY * crystal.self_force() / crystal.mass();
        assert!((mean / expected - 1.0).abs() < ROUNDING, "{}: {mean} {expected}", crystal.lattice());
    }
}

/// Iron and copper with the force constants fitted to neutron scattering, as far as second neighbours. Tensor components
/// of the bonds (111), (200) and (110) give springs: for bcc L = xx + 2 xy and T = xx - xy, exactly.
///
/// Fe at 295 K: Minkiewicz, Shirane and Nathans, Phys. Rev. 162 (1967) 528: 111: xx 16.88, xy 15.01; 200: xx 14.63, yy 0.55.
/// Cu at 49 K: Nicklow et al., Phys. Rev. 164 (1967) 922, axially symmetric: 110: xx 13.278, zz -1.351, xy 14.629; 200:
/// xx -0.041, yy -0.198 (N/m; as tabulated in Landolt-Börnstein III/13a, 1981).
fn measured() -> [Crystal; 2] {
    let spring = |longitudinal, transverse| Spring { longitudinal, transverse };
    let iron = [spring(16.88 + 2.0 * 15.01, 16.88 - 15.01), spring(14.63, 0.55)];
    let copper = [spring(13.278 + 14.629, 13.278 - 14.629), spring(-0.041, -0.198)];
    [
        Crystal::new(Lattice::BodyCentred, 2.87, 55.845, iron).expect("a stable crystal"),
        Crystal::new(Lattice::FaceCentred, 3.61, 63.546, copper).expect("a stable crystal"),
    ]
}

#[test]
fn zone_boundary_frequencies_are_near_the_measured_ones() {
    // What neighbours beyond the second add to a fit, and the rounding of measured frequencies.
    const TOLERANCE: f64 = 0.10;
    let [iron, copper] = measured();
    // THz, read off the measured dispersion curves of the papers named above, Brockhouse et al. (Solid State Commun. 5,
    // 1967, 211) and Svensson et al. (Phys. Rev. 155, 1967, 619), to 0.1 THz: for H and P one frequency, for N three.
    let cases = [
        (iron, [1.0, 0.0, 0.0], [8.6, 8.6, 8.6]),
        (iron, [0.5, 0.5, 0.0], [4.5, 6.4, 9.3]),
        (iron, [0.5, 0.5, 0.5], [7.2, 7.2, 7.2]),
        (copper, [1.0, 0.0, 0.0], [5.1, 5.1, 7.3]),
        (copper, [0.5, 0.5, 0.5], [3.4, 3.4, 7.3]),
    ];
    for (crystal, q, measured) in cases {
        let unit = TAU / crystal.lattice_constant();
        let found = crystal.energies(q.map(|value| value * unit));
        for (energy, measured) in found.iter().zip(measured) {
            let frequency = energy / HBAR_IN_MILLI_ELECTRON_VOLTS / TAU / 1e12;
            assert!((frequency / measured - 1.0).abs() < TOLERANCE, "{q:?}: {frequency} THz, measured {measured}");
        }
    }
}

#[test]
fn elastic_constants_are_near_the_measured_ones() {
    // Static constants at room temperature (GPa): Fe 230, 135, 117; Cu 169, 122, 75 (Kittel, Introduction to Solid State
    // Physics, chapter 3). Springs to second neighbours alone are good for a quarter.
    const TOLERANCE: f64 = 0.25;
    for (crystal, c11, c44) in [(measured()[0], 230.0, 117.0), (measured()[1], 169.0, 75.0)] {
        let found = crystal.elastic_constants();
        assert!((found.c11 / c11 - 1.0).abs() < TOLERANCE, "{found:?}");
        assert!((found.c44 / c44 - 1.0).abs() < TOLERANCE, "{found:?}");
    }
}

#[test]
fn springs_that_do_not_hold_are_refused() {
    let spring = |longitudinal, transverse| Spring { longitudinal, transverse };
    let loose = spring(0.0, 0.0);
    for (lattice, springs) in [
        // Nearest neighbours alone on central springs: a shear costs nothing in sc and bcc, and fcc holds.
        (Lattice::Simple, [spring(20.0, 0.0), loose]),
        (Lattice::BodyCentred, [spring(20.0, 0.0), loose]),
        (Lattice::FaceCentred, [spring(20.0, 0.0), spring(-15.0, 0.0)]),
        (Lattice::FaceCentred, [spring(20.0, -8.0), loose]),
        (Lattice::FaceCentred, [loose, loose]),
    ] {
        let error = Crystal::new(lattice, 3.0, 50.0, springs).expect_err("no crystal");
        assert!(matches!(error, PhononError::Unstable { .. }), "{error}");
    }
    assert!(Crystal::new(Lattice::FaceCentred, 3.0, 50.0, [spring(20.0, 0.0), loose]).is_ok());
    for (constant, mass, first) in
        [(0.5, 50.0, 20.0), (3.0, 0.0, 20.0), (3.0, f64::NAN, 20.0), (3.0, 50.0, f64::INFINITY)]
    {
        let error =
            Crystal::new(Lattice::FaceCentred, constant, mass, [spring(first, 0.0), loose]).expect_err("refused");
        assert!(matches!(error, PhononError::Parameter { .. }), "{error}");
    }
}
