//! Long waves, and densities of states.

use std::f64::consts::PI;

use super::super::units::{BOLTZMANN, HBAR_IN_MILLI_ELECTRON_VOLTS, RECOIL, SQUARED_ENERGY};
use super::*;

#[test]
fn long_waves_go_at_the_velocity_of_the_elastic_constants() {
    // 1 - cos x is x²/2 but for x²/12 of it.
    const TOLERANCE: f64 = 1e-5;
    let q = 1e-3;
    for crystal in crystals() {
        for direction in [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.3, -0.5, 0.8]] {
            let length = direction.iter().map(|value: &f64| value * value).sum::<f64>().sqrt();
            let energies = crystal.energies(direction.map(|value| q * value / length));
            for (energy, velocity) in energies.iter().zip(crystal.sound_velocities(direction)) {
                // ħ v q: 1 m/s is 1e10 Å/s.
                let expected = HBAR_IN_MILLI_ELECTRON_VOLTS * velocity * 1e10 * q;
                assert!((energy / expected - 1.0).abs() < TOLERANCE, "{direction:?}: {energy} {expected}");
            }
        }
    }
}

#[test]
fn elastic_constants_are_those_of_the_textbook() {
    // Born and Huang 1954, section 29, for central springs: fcc with first neighbours alone has C₁₁ = 2 C₁₂ = 2 C₄₄ = 2 L/a.
    let spring = |longitudinal| Spring { longitudinal, transverse: 0.0 };
    let crystal = Crystal::new(Lattice::FaceCentred, 4.0, 50.0, [spring(24.0), spring(0.0)]).expect("a stable crystal");
    let ElasticConstants { c11, c12, c44 } = crystal.elastic_constants();
    // N/m / Å = 10 GPa.
    for (found, expected) in [(c11, 120.0), (c12, 60.0), (c44, 60.0)] {
        assert!((found - expected).abs() < 1e-9, "{found} {expected}");
    }
}

#[test]
fn a_density_counts_three_modes_for_each_atom() {
    for crystal in crystals() {
        for (resolution, points) in [(Resolution::constant(2.0), 66), (Resolution { at_zero: 0.8, slope: 0.03 }, 151)] {
            let density = DensityOfStates::new(axis(0.0, 65.0, points), resolution).expect("a density");
            let values = density.of(&crystal);
            let edges = density.energy().edges();
            let integral: f64 = values.iter().zip(edges.windows(2)).map(|(g, bin)| g * (bin[1] - bin[0])).sum();
            assert!((integral - 3.0).abs() < 1e-5, "{integral}");
            assert!(values.iter().all(|value| *value >= 0.0));
        }
    }
}

#[test]
fn the_second_moment_of_a_density_is_the_self_force() {
    for crystal in crystals() {
        let resolution = Resolution::constant(0.5);
        let density = DensityOfStates::new(axis(0.0, 65.0, 1301), resolution).expect("a density");
        let energies = density.energy().values().iter();
        let moment: f64 = density.of(&crystal).iter().zip(energies).map(|(g, e)| g * e * e * 0.05).sum();
        // A Gaussian adds its variance, three times; nothing else is lost.
        let expected = SQUARED_ENERGY * crystal.self_force() / crystal.mass() + 3.0 * resolution.deviation(0.0).powi(2);
        assert!((moment / expected - 1.0).abs() < 1e-4, "{}: {moment} {expected}", crystal.lattice());
    }
}

#[test]
fn densities_begin_with_the_law_of_debye() {
    // The grid, and what the dispersion bends up to a tenth of the cut-off.
    const TOLERANCE: f64 = 0.05;
    for crystal in crystals() {
        let end = 0.10 * crystal.cutoff();
        let below: f64 = crystal
            .modes(160)
            .iter()
            .map(|modes| modes.weight * modes.energies.iter().filter(|energy| **energy < end).count() as f64)
            .sum();
        // ∫ c E² dE.
        let expected = crystal.debye_coefficient() * end.powi(3) / 3.0;
        assert!((below / expected - 1.0).abs() < TOLERANCE, "{}: {below} {expected}", crystal.lattice());
        // And the broadened density, where it is still that of long waves.
        let density = DensityOfStates::new(axis(0.0, 65.0, 651), Resolution::constant(0.3)).expect("a density");
        let at = (end / 0.1).round() as usize;
        let (found, energy) = (density.of(&crystal)[at], density.energy().values()[at]);
        let expected = crystal.debye_coefficient() * energy * energy;
        assert!((found / expected - 1.0).abs() < 0.12, "{}: {found} {expected}", crystal.lattice());
    }
}

#[test]
fn the_coefficient_of_debye_is_that_of_an_isotropic_crystal() {
    // fcc with C₁₁ - C₁₂ = 2 C₄₄ carries waves alike in all directions.
    let spring = |longitudinal, transverse| Spring { longitudinal, transverse };
    let mut stiffness = (0.0, 60.0);
    for _ in 0..60 {
        let second = 0.5 * (stiffness.0 + stiffness.1);
        let crystal = Crystal::new(Lattice::FaceCentred, 4.0, 50.0, [spring(24.0, 0.0), spring(second, 0.0)]);
        let ElasticConstants { c11, c12, c44 } = crystal.expect("a stable crystal").elastic_constants();
        if c11 - c12 < 2.0 * c44 { stiffness.0 = second } else { stiffness.1 = second }
    }
    let springs = [spring(24.0, 0.0), spring(stiffness.0, 0.0)];
    let crystal = Crystal::new(Lattice::FaceCentred, 4.0, 50.0, springs).expect("a stable crystal");
    let [transverse, _, longitudinal] =
        crystal.sound_velocities([0.3, 0.5, 0.7]).map(|v| HBAR_IN_MILLI_ELECTRON_VOLTS * v * 1e10);
    let expected = crystal.volume() / (2.0 * PI * PI) * (2.0 / transverse.powi(3) + 1.0 / longitudinal.powi(3));
    assert!((crystal.debye_coefficient() / expected - 1.0).abs() < 1e-6);
}

#[test]
fn a_chain_has_a_van_hove_singularity_at_its_top() {
    // A simple cubic crystal of chains that hardly know of each other: g of a chain is 2/π / √(E_max² - E²).
    let springs = [Spring { longitudinal: 30.0, transverse: 0.003 }, Spring { longitudinal: 0.0, transverse: 0.0 }];
    let crystal = Crystal::new(Lattice::Simple, 3.0, 60.0, springs).expect("a stable crystal");
    let top = crystal.energies([PI / 3.0, 0.0, 0.0])[2];
    let density = DensityOfStates::new(axis(0.0, 65.0, 651), Resolution::constant(0.6)).expect("a density");
    let values = density.of(&crystal);
    let at = |energy: f64| values[(energy / 0.1).round() as usize];
    for share in [0.3, 0.5, 0.7, 0.85] {
        let energy = (share * top / 0.1).round() * 0.1;
        // Each atom belongs to three chains.
        let expected = 3.0 * 2.0 / PI / (top * top - energy * energy).sqrt();
        assert!((at(energy) / expected - 1.0).abs() < 0.03, "{share}: {} {expected}", at(energy));
    }
    assert!(at(top) > 2.0 * at(0.85 * top) && at(top + 1.0) < 0.01 * at(top));
}

#[test]
fn atoms_move_as_far_as_classical_ones_when_it_is_hot_and_as_zero_points_when_cold() {
    const TOLERANCE: f64 = 0.003;
    for crystal in crystals() {
        // On a fine grid, with what 1/q² lacks there: see `mean_square_displacement`.
        let mean = |power: i32, divisions: usize| -> f64 {
            let of_modes = |energies: [f64; 3]| energies.iter().map(|e| e.powi(power)).sum::<f64>() / 3.0;
            crystal.modes(divisions).iter().map(|modes| modes.weight * of_modes(modes.energies)).sum()
        };
        let recoil = RECOIL / crystal.mass();
        // Squires, chapter 3: kT ⟨1/(M ω²)⟩ and ħ/(2M) ⟨1/ω⟩.
        let hot = 2.0 * recoil * BOLTZMANN * 5000.0 * (2.0 * mean(-2, 80) - mean(-2, 40));
        assert!((crystal.mean_square_displacement(5000.0) / hot - 1.0).abs() < TOLERANCE);
        assert!((crystal.mean_square_displacement(0.0) / (recoil * mean(-1, 80)) - 1.0).abs() < TOLERANCE);
        assert!(crystal.mean_square_displacement(50.0) < crystal.mean_square_displacement(60.0));
    }
    // Copper at room temperature: about 0.0072 Å² (B = 8 π² u² = 0.57 Å², International Tables).
    let found = crystals()[2].mean_square_displacement(293.0) * 8.0 * PI * PI;
    assert!((found / 0.57 - 1.0).abs() < 0.2, "{found}");
}

#[test]
fn finer_grids_change_little() {
    // Of the maximum, with the resolution that the program has by default.
    const TOLERANCE: f64 = 0.01;
    let resolution = Resolution { at_zero: 1.5, slope: 0.02 };
    for crystal in crystals() {
        let mut density = DensityOfStates::new(axis(0.0, 65.0, 66), resolution).expect("a density");
        let finer =
            DensityOfStates::new(axis(0.0, 65.0, 66), Resolution { at_zero: 0.4, ..resolution }).expect("finer");
        assert!(finer.divisions > 2 * density.divisions);
        let coarse = density.of(&crystal);
        density.divisions = finer.divisions;
        let fine = density.of(&crystal);
        let largest = fine.iter().copied().fold(0.0, f64::max);
        for (coarse, fine) in coarse.iter().zip(&fine) {
            assert!((coarse - fine).abs() < TOLERANCE * largest, "{}: {coarse} {fine}", crystal.lattice());
        }
    }
}
