//! Sum rules and limits of what neutrons see.

use super::super::modes::occupation;
use super::super::units::{BOLTZMANN, RECOIL};
use super::*;

/// Wide enough for all losses and gains.
fn both_signs() -> Axis {
    axis(-70.0, 70.0, 281)
}

fn map(momentum: Axis, energy: Axis, temperature: f64) -> PowderMap {
    let resolutions = [Resolution::constant(0.15), Resolution::constant(2.0)];
    PowderMap::new([momentum, energy], resolutions, temperature).expect("a map")
}

/// Σ S E^power ΔE.
fn moment(values: &[f64], energy: &Axis, power: i32) -> f64 {
    let bins = energy.edges().windows(2).map(|bin| bin[1] - bin[0]);
    values.iter().zip(energy.values()).zip(bins).map(|((value, e), width)| value * e.powi(power) * width).sum()
}

#[test]
fn the_first_moment_of_a_map_is_the_recoil_energy() {
    // The curvature of e^(-2W) in a bin, and the fine bins of Q.
    const TOLERANCE: f64 = 0.005;
    // Of |Q| within a bin of 0.5/Å and a resolution of 0.15/Å.
    const VARIANCE: f64 = 0.25 / 12.0 + 0.15 * 0.15 / 5.545;
    for crystal in crystals() {
        for temperature in [0.0, 300.0] {
            let map = map(axis(1.0, 8.0, 15), both_signs(), temperature);
            let displacement = crystal.mean_square_displacement(temperature);
            for (row, q) in map.of(&crystal).chunks_exact(281).zip(map.axes()[0].values()) {
                // ∫ S E dE = e^(-2W) ħ²Q²/(2M), whatever the temperature and the springs.
                let squared = q * q + VARIANCE;
                let expected = RECOIL / crystal.mass() * squared * libm::exp(-squared * displacement);
                let found = moment(row, map.axes()[1], 1);
                assert!((found / expected - 1.0).abs() < TOLERANCE, "{} {q}: {found} {expected}", crystal.lattice());
            }
        }
    }
}

#[test]
fn a_volume_has_the_same_first_moment_on_average_and_at_every_point() {
    const TOLERANCE: f64 = 0.01;
    for crystal in crystals() {
        let (x, y) = (axis(1.0, 4.0, 5), axis(-2.0, 2.0, 4));
        let volume = Volume::new([x, y], both_signs(), 0.7, 0.1, Resolution::constant(2.0), 200.0).expect("a volume");
        let displacement = crystal.mean_square_displacement(200.0);
        let values = volume.of(&crystal);
        let [x, y, energy] = volume.axes();
        let points = x.values().iter().flat_map(|x| y.values().iter().map(move |y| (x, y)));
        for (column, (x, y)) in values.chunks_exact(281).zip(points) {
            // What is seen at a point is the mean over its bin and the resolution.
            let [x2, y2] = [(x, 0.75_f64), (y, 4.0 / 3.0)].map(|(q, bin)| q * q + bin * bin / 12.0 + 0.0018);
            let squared = x2 + y2 + 0.49 + 0.0018;
            let expected = RECOIL / crystal.mass() * squared * libm::exp(-squared * displacement);
            let found = moment(column, energy, 1);
            assert!((found / expected - 1.0).abs() < TOLERANCE, "{} {x} {y}: {found} {expected}", crystal.lattice());
        }
    }
}

#[test]
fn losses_and_gains_are_in_detailed_balance() {
    let temperature = 150.0;
    for crystal in crystals() {
        // Fine enough that broadening does not blur the factor.
        let resolutions = [Resolution::constant(0.15), Resolution::constant(0.4)];
        let map = PowderMap::new([axis(2.0, 6.0, 5), axis(-60.0, 60.0, 481)], resolutions, temperature).expect("a map");
        let values = map.of(&crystal);
        let largest = values.iter().copied().fold(0.0, f64::max);
        for row in values.chunks_exact(481) {
            for (index, energy) in map.axes()[1].values().iter().enumerate().skip(260) {
                let (loss, gain) = (row[index], row[480 - index]);
                if gain > 0.01 * largest {
                    let factor = libm::exp(energy / (BOLTZMANN * temperature));
                    assert!((loss / gain / factor - 1.0).abs() < 0.02, "{energy}: {loss} {gain}");
                }
            }
        }
    }
}

#[test]
fn far_out_a_map_is_the_incoherent_approximation() {
    // At large |Q| a shell cuts all zones alike: S(Q, E) = e^(-2W) ħ²Q²/(2M) g(E)/3 (n + 1)/E (Placzek and Van Hove 1955).
    let crystal = crystals()[2];
    let temperature = 40.0;
    let density = DensityOfStates::new(axis(0.0, 60.0, 61), Resolution::constant(2.0)).expect("a density");
    let g = density.of(&crystal);
    let map = map(axis(12.0, 20.0, 33), axis(0.0, 60.0, 61), temperature);
    let values = map.of(&crystal);
    let displacement = crystal.mean_square_displacement(temperature);
    let mut mean = vec![0.0; 61];
    for (row, q) in values.chunks_exact(61).zip(map.axes()[0].values()) {
        let factor = RECOIL / crystal.mass() * q * q * libm::exp(-q * q * displacement);
        mean.iter_mut().zip(row).for_each(|(mean, value)| *mean += value / factor / 33.0);
    }
    let expected = |index: usize| {
        let energy = index as f64;
        g[index] / 3.0 * (occupation(energy, temperature) + 1.0) / energy
    };
    for (index, mean) in mean.iter().enumerate().take(29).skip(10) {
        let ratio = mean / expected(index);
        assert!((ratio - 1.0).abs() < 0.05, "{index} meV: {ratio}");
    }
}

#[test]
fn only_longitudinal_waves_are_seen_in_the_first_zone() {
    // Along [100] with Q along q, (Q·e)² is nothing for transverse waves.
    let crystal = crystals()[2];
    let q = 1.2;
    let [transverse, _, longitudinal] = crystal.energies([q, 0.0, 0.0]);
    let (x, y) = (axis(q - 0.01, q + 0.01, 2), axis(-0.01, 0.01, 2));
    let energy = axis(2.0, 40.0, 381);
    let volume = Volume::new([x, y], energy, 0.0, 0.04, Resolution::constant(1.0), 100.0).expect("a volume");
    let column = &volume.of(&crystal)[..381];
    let at = |energy: f64| column[((energy - 2.0) / 0.1).round() as usize];
    assert!(at(transverse) < 0.02 * at(longitudinal), "{} {}", at(transverse), at(longitudinal));
    let strongest = (0..381).max_by(|a, b| column[*a].total_cmp(&column[*b])).expect("a maximum");
    assert!((2.0 + 0.1 * strongest as f64 - longitudinal).abs() < 0.3);
}

#[test]
fn a_map_is_the_mean_of_directions() {
    // The same shell by brute force: directions of Fibonacci's lattice, |Q| as fine as the resolution asks.
    let crystal = crystals()[1];
    let temperature = 100.0;
    let (q, width) = (3.4, 0.15);
    let map = map(axis(q - 0.01, q + 0.01, 2), axis(0.0, 60.0, 61), temperature);
    let found = &map.of(&crystal)[..61];
    let displacement = crystal.mean_square_displacement(temperature);
    let golden = std::f64::consts::PI * (3.0 - 5.0_f64.sqrt());
    let (mut expected, mut total) = (vec![0.0; 61], 0.0);
    let directions = 20_000;
    for step in -12..=12 {
        let deviation = width / 2.354_820_045;
        let radius = q - 0.01 + 0.25 * f64::from(step) * deviation;
        let share = libm::exp(-0.5 * (0.25 * f64::from(step)).powi(2)) / f64::from(directions);
        total += share * f64::from(directions);
        for index in 0..directions {
            let z = 1.0 - 2.0 * (f64::from(index) + 0.5) / f64::from(directions);
            let (sine, cosine) = libm::sincos(golden * f64::from(index));
            let flat = (1.0 - z * z).sqrt();
            let vector = [radius * flat * cosine, radius * flat * sine, radius * z];
            let eigen =
                crystal.stiffness(vector.map(|v| v * crystal.lattice_constant() / std::f64::consts::TAU)).eigen();
            for (value, e) in eigen.values.iter().zip(&eigen.vectors) {
                let energy = crystal.energy(*value);
                let along: f64 = vector.iter().zip(e).map(|(q, e)| q * e).sum();
                let strength = RECOIL / crystal.mass() / energy * (occupation(energy, temperature) + 1.0);
                let strength = strength * along * along * share * libm::exp(-radius * radius * displacement);
                let gain = strength * occupation(energy, temperature) / (occupation(energy, temperature) + 1.0);
                let deviation = 2.0 / 2.354_820_045;
                for (bin, sum) in expected.iter_mut().enumerate() {
                    let line = |centre: f64| {
                        let distance = (bin as f64 - centre) / deviation;
                        if distance.abs() > 6.0 {
                            0.0
                        } else {
                            libm::exp(-0.5 * distance * distance) / deviation / 2.506_628_275
                        }
                    };
                    *sum += strength * line(energy) + gain * line(-energy);
                }
            }
        }
    }
    let largest = expected.iter().copied().fold(0.0, f64::max) / total;
    // Bins of 1 meV round the lines off, by a twelfth of the curvature.
    for (bin, (found, expected)) in found.iter().zip(&expected).enumerate().skip(3) {
        assert!((found - expected / total).abs() < 0.04 * largest, "{bin} meV: {found} {}", expected / total);
    }
}

#[test]
fn finer_grids_of_wave_vectors_change_little() {
    // Of the largest value of a map, with the resolution that the program has by default.
    const TOLERANCE: f64 = 0.01;
    for crystal in crystals() {
        let axes = || [axis(0.5, 8.0, 40), axis(2.0, 65.0, 64)];
        let resolutions = [Resolution::constant(0.15), Resolution { at_zero: 1.5, slope: 0.02 }];
        let coarse = PowderMap::new(axes(), resolutions, 100.0).expect("a map");
        let mut finer = coarse.clone();
        finer.step *= 0.5;
        let (coarse, fine) = (coarse.of(&crystal), finer.of(&crystal));
        let largest = fine.iter().copied().fold(0.0, f64::max);
        let worst = coarse.iter().zip(&fine).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst < TOLERANCE * largest, "{}: {}", crystal.lattice(), worst / largest);
    }
}

#[test]
fn axes_and_temperatures_that_make_no_sense_are_refused() {
    let resolutions = [Resolution::constant(0.15), Resolution::constant(2.0)];
    let energy = || axis(2.0, 60.0, 30);
    for (momentum, temperature) in [
        (axis(0.0, 5.0, 20), 100.0),
        (axis(1.0, 50.0, 20), 100.0),
        (axis(1.0, 5.0, 20), -1.0),
        (axis(1.0, 5.0, 20), f64::NAN),
    ] {
        assert!(PowderMap::new([momentum, energy()], resolutions, temperature).is_err());
    }
    let plane = |end: f64| [axis(-end, end, 20), axis(-end, end, 20)];
    for (end, qz, width) in [(50.0, 0.0, 0.1), (4.0, f64::NAN, 0.1), (4.0, 0.0, 0.0), (39.0, 0.0, 0.02)] {
        assert!(Volume::new(plane(end), energy(), qz, width, Resolution::constant(2.0), 100.0).is_err());
    }
    assert!(DensityOfStates::new(axis(-1.0, 60.0, 62), Resolution::constant(2.0)).is_err());
    for values in [vec![], vec![1.0], vec![1.0, 1.0], vec![2.0, 1.0], vec![0.0, f64::INFINITY]] {
        assert!(Axis::new("an axis", values).is_err());
    }
}
