//! What must not change anything.

use std::num::NonZeroUsize;

use super::*;

fn volume(qz: f64, points: usize) -> Volume {
    let plane = [axis(-3.5, 3.5, points), axis(-3.5, 3.5, points)];
    Volume::new(plane, axis(2.0, 65.0, 16), qz, 0.2, Resolution::constant(3.0), 100.0).expect("a volume")
}

fn picture() -> Picture {
    let axes = [axis(0.5, 6.0, 9), axis(2.0, 65.0, 16)];
    let resolutions = [Resolution::constant(0.2), Resolution::constant(3.0)];
    Picture::Powder(PowderMap::new(axes, resolutions, 100.0).expect("a map"))
}

#[test]
fn a_volume_is_its_own_mirror_image() {
    // Shares of grid points are computed from either side of an axis: they are mirror images but for rounding.
    const ROUNDING: f64 = 1e-12;
    for crystal in crystals() {
        for points in [11, 12] {
            let values = volume(0.6, points).of(&crystal);
            let largest = values.iter().copied().fold(0.0, f64::max);
            let at = |x: usize, y: usize| &values[(x * points + y) * 16..][..16];
            for x in 0..points {
                for y in 0..points {
                    for other in [at(points - 1 - x, y), at(x, points - 1 - y), at(y, x)] {
                        let same = at(x, y).iter().zip(other).all(|(a, b)| (a - b).abs() <= ROUNDING * largest);
                        assert!(same, "{} {x} {y}", crystal.lattice());
                    }
                }
            }
            let below = volume(-0.6, points).of(&crystal);
            assert!(values.iter().zip(&below).all(|(a, b)| (a - b).abs() <= ROUNDING * largest));
        }
    }
}

#[test]
fn a_part_of_a_volume_is_the_same_part_of_the_whole() {
    let crystal = crystals()[0];
    let make = |x: Axis, y: Axis| {
        let volume = Volume::new([x, y], axis(2.0, 65.0, 16), 0.0, 0.2, Resolution::constant(3.0), 100.0);
        volume.expect("a volume").of(&crystal)
    };
    let whole = make(axis(-2.0, 2.0, 9), axis(0.5, 3.0, 6));
    let part = make(axis(1.0, 2.0, 3), axis(0.5, 3.0, 6));
    assert_eq!(part, whole[6 * 6 * 16..]);
}

#[test]
fn samples_depend_on_their_number_alone() {
    let collection = Collection::new(picture(), Some(Counts::Mean(20.0)), 5);
    let threads = |count| NonZeroUsize::new(count).expect("not zero");
    let all = collection.samples(0..9, threads(1));
    assert_eq!(all, collection.samples(0..9, threads(3)));
    assert_eq!(all[4..7], collection.samples(4..7, threads(2)));
    assert_ne!(all[0].crystal, all[1].crystal);
    assert_ne!(all[0].clean, Collection::new(picture(), None, 6).samples(0..1, threads(1))[0].clean);
    // Counts belong to the same crystals; the clean picture is only scaled.
    let clean = Collection::new(picture(), None, 5).samples(0..9, threads(2));
    for (clean, counted) in clean.iter().zip(&all) {
        let (_, scale) = counted.counted.as_ref().expect("counts");
        assert_eq!(clean.crystal, counted.crystal);
        for (clean, expected) in clean.clean.iter().zip(&counted.clean) {
            assert!((f64::from(*clean) * scale / f64::from(*expected).max(1e-30) - 1.0).abs() < 1e-5 || *clean == 0.0);
        }
    }
}

#[test]
fn crystals_are_plausible_and_of_all_lattices() {
    let crystals = Crystals::new(1);
    let all: Vec<Crystal> = (0..300).map(|number| crystals.crystal(number)).collect();
    for lattice in Lattice::ALL {
        let count = all.iter().filter(|crystal| crystal.lattice() == lattice).count();
        // A third, within five standard deviations.
        assert!((59..=141).contains(&count), "{lattice}: {count}");
    }
    for crystal in &all {
        assert!((CUTOFF_LIMITS.0..=CUTOFF_LIMITS.1).contains(&crystal.cutoff()));
        assert!((20.0..=200.0).contains(&crystal.mass()));
        let distance = crystal.lattice().nearest_distance() * crystal.lattice_constant();
        assert!((2.399..=3.601).contains(&distance));
        // The grid that is tested for stability does not hold all wave vectors: no others are unstable.
        assert!(crystal.modes(11).iter().all(|modes| modes.energies[0] > 0.0));
        // Nor does it miss the highest energies by much.
        let highest = crystal.modes(25).iter().map(|modes| modes.energies[2]).fold(0.0, f64::max);
        assert!(highest < 1.005 * crystal.cutoff(), "{} {}", highest, crystal.cutoff());
    }
    // They differ in more than their scale: the lowest of three mean energies against the highest.
    let ratios: Vec<f64> = all
        .iter()
        .map(|crystal| {
            let modes = crystal.modes(8);
            let mean = |j: usize| modes.iter().map(|modes| modes.weight * modes.energies[j]).sum::<f64>();
            mean(0) / mean(2)
        })
        .collect();
    let (least, most) = ratios.iter().fold((1.0_f64, 0.0_f64), |(a, b), ratio| (a.min(*ratio), b.max(*ratio)));
    assert!(least < 0.5 && most > 0.75, "{least} {most}");
}

/// The bits of four crystals and a map, recorded once: they must not depend on platform, version or compiler.
#[test]
fn bits_are_the_recorded_ones() {
    let collection = Collection::new(picture(), Some(Counts::Mean(20.0)), 2026);
    let mut digest = 0xcbf2_9ce4_8422_2325_u64; // FNV-1a over 32-bit words
    for sample in collection.samples(0..4, NonZeroUsize::MIN) {
        let counts = sample.counted.expect("counts").0;
        for value in sample.clean.iter().chain(&counts) {
            digest = (digest ^ u64::from(value.to_bits())).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    assert_eq!(digest, RECORDED_DIGEST, "{digest:#018x}");
}

/// A change means that published examples no longer repeat.
const RECORDED_DIGEST: u64 = 0x8525_285d_6e61_c4df;
