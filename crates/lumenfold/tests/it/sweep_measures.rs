//! Intrinsic dimension and alignment of codes: on shapes of known dimension, and against NumPy and SciPy
//! (`tests/fixtures/make_sweep_reference.py`).

use lumenfold::alignment::Alignment;
use lumenfold::intrinsic_dimension::{FEWEST_ROWS, IntrinsicDimension, MOST_ROWS};
use serde_json::Value;

use crate::made::threads;

/// Knuth's MMIX generator, as in the script: numbers from 0 to 1 that single precision holds exactly.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / 16_777_216.0
    }

    fn take(seed: u64, count: usize) -> Vec<f32> {
        let mut numbers = Self(seed);
        (0..count).map(|_| numbers.next()).collect()
    }

    /// Nearly normal.
    fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.next()).sum::<f32>() - 6.0
    }
}

fn reference() -> Value {
    serde_json::from_str(include_str!("../fixtures/sweep_reference.json")).unwrap()
}

fn dimension(rows: &[f32], width: usize) -> IntrinsicDimension {
    IntrinsicDimension::of(rows, width, 0, threads(2)).unwrap()
}

/// A linear image of rows in more features: `[rows][from]` to `[rows][to]`, by a matrix in general position.
fn embedded(rows: &[f32], from: usize, to: usize) -> Vec<f32> {
    let mut numbers = Numbers(99);
    // Orthonormal columns (Gram and Schmidt), so that distances stay as they are.
    let mut columns: Vec<Vec<f32>> = Vec::new();
    while columns.len() < from {
        let mut column: Vec<f32> = (0..to).map(|_| numbers.normal()).collect();
        for other in &columns {
            let overlap: f32 = column.iter().zip(other).map(|(a, b)| a * b).sum();
            column.iter_mut().zip(other).for_each(|(a, b)| *a -= overlap * b);
        }
        let length = column.iter().map(|value| value * value).sum::<f32>().sqrt();
        columns.push(column.into_iter().map(|value| value / length).collect());
    }
    let image = |row: &[f32]| -> Vec<f32> {
        (0..to).map(|at| row.iter().zip(&columns).map(|(value, column)| value * column[at]).sum()).collect()
    };
    rows.chunks_exact(from).flat_map(image).collect()
}

/// Agreement with the script: it takes distances in double precision of the same single-precision points.
const CLOSE: f64 = 1e-6;

#[test]
fn dimensions_are_those_of_the_formulas() {
    let flat = Numbers::take(1, 800);
    let plane: Vec<f32> = flat
        .chunks_exact(2)
        .flat_map(|uv| [uv[0], 0.5 * uv[0] + uv[1], -0.25 * uv[0] + 0.5 * uv[1], 2.0 * uv[0] - uv[1]])
        .collect();
    let cube = Numbers::take(2, 2400);
    for (name, rows, width) in [("plane", &plane, 4), ("cube", &cube, 8)] {
        let found = dimension(rows, width);
        let expected = &reference()["dimensions"][name];
        for (key, estimate) in [("two_nn", found.two_nn), ("maximum_likelihood", found.maximum_likelihood)] {
            let expected = expected[key].as_f64().unwrap();
            assert!((estimate.value / expected - 1.0).abs() < CLOSE, "{name} {key}: {estimate:?}, not {expected}");
        }
    }
}

#[test]
fn alignments_are_those_of_the_formulas() {
    let first = Numbers::take(3, 600);
    let unrelated = Numbers::take(4, 600);
    let bent: Vec<f32> = first.chunks_exact(3).flat_map(|row| [row[0] * row[0], row[1] * row[2], row[2]]).collect();
    let more = Numbers::take(5, 400);
    let fewer: Vec<f32> = first
        .chunks_exact(3)
        .zip(more.chunks_exact(2))
        .flat_map(|(row, more)| [row[0] * 3.0 + more[0], row[1] * 3.0 + more[1]])
        .collect();
    for (name, other, width) in [("unrelated", &unrelated, 3), ("bent", &bent, 3), ("fewer", &fewer, 2)] {
        let found = Alignment::of(&first, 3, other, width).unwrap();
        let expected = &reference()["alignments"][name];
        for (key, value) in [("affine_r2", found.affine_r2), ("cka", found.cka)] {
            assert!((value - expected[key].as_f64().unwrap()).abs() < CLOSE, "{name} {key}: {value}, not {expected}");
        }
    }
}

#[test]
fn cubes_of_known_dimension() {
    for d in 1..=4 {
        let found = dimension(&embedded(&Numbers::take(d, 4000 * d as usize), d as usize, 10), 10);
        for estimate in [found.two_nn, found.maximum_likelihood] {
            let off = estimate.value / d as f64 - 1.0;
            assert!(off.abs() < 0.1, "{d}: {found:?}");
            assert!(estimate.error > 0.0 && estimate.error < 0.1 * d as f64, "{d}: {found:?}");
        }
        let (low, high) = found.range();
        assert!(low < found.two_nn.value && high > found.maximum_likelihood.value);
    }
}

#[test]
fn a_rolled_sheet_has_two_dimensions_and_noise_adds_to_them() {
    let mut numbers = Numbers(17);
    let mut roll = Vec::new();
    let mut noisy = Vec::new();
    for _ in 0..4000 {
        let (turn, along) = (4.71 * (1.0 + 2.0 * numbers.next()), 21.0 * numbers.next());
        let point = [turn * turn.cos(), along, turn * turn.sin()];
        roll.extend(point);
        noisy.extend(point.map(|value| value + numbers.normal()));
    }
    let (clean, noisy) = (dimension(&roll, 3), dimension(&noisy, 3));
    for estimate in [clean.two_nn, clean.maximum_likelihood] {
        assert!((estimate.value - 2.0).abs() < 0.2, "{clean:?}");
    }
    assert!(noisy.two_nn.value > 2.5 && noisy.maximum_likelihood.value > 2.3, "{noisy:?}");
}

#[test]
fn units_twins_and_threads_change_no_dimension() {
    let rows = Numbers::take(6, 900);
    let found = dimension(&rows, 3);
    // A power of two: not a bit differs.
    let scaled: Vec<f32> = rows.iter().map(|value| value * 1024.0).collect();
    assert_eq!(dimension(&scaled, 3), found);
    assert_eq!(IntrinsicDimension::of(&rows, 3, 0, threads(7)), Some(found));
    // Of the same values one row is taken, and both zeros are the same value.
    let mut twice: Vec<f32> = rows.iter().chain(&rows).copied().collect();
    twice.extend([0.0, 0.5, 0.5, -0.0, 0.5, 0.5]);
    assert_eq!(dimension(&twice, 3).rows, 301);
    let other = IntrinsicDimension::of(&rows, 3, 1, threads(1)).unwrap();
    // The seed chooses rows and halves; of few rows all are taken.
    assert!((other.two_nn.value - found.two_nn.value).abs() < 1e-9 && other.two_nn.error != found.two_nn.error);
}

#[test]
fn many_rows_are_drawn_from_and_few_are_not_enough() {
    assert_eq!(dimension(&Numbers::take(8, 3 * (MOST_ROWS + 700)), 3).rows, MOST_ROWS);
    let few = |rows: usize| IntrinsicDimension::of(&Numbers::take(9, 3 * rows), 3, 0, threads(2));
    assert!(few(FEWEST_ROWS).is_some() && few(FEWEST_ROWS - 1).is_none() && few(1).is_none() && few(0).is_none());
    // Rows that are all alike, and rows that hold no numbers.
    assert!(IntrinsicDimension::of(&[1.5; 600], 3, 0, threads(2)).is_none());
    assert!(IntrinsicDimension::of(&[f32::NAN; 600], 3, 0, threads(2)).is_none());
}

#[test]
fn alignment_does_not_change_with_coordinates() {
    let code = Numbers::take(10, 400);
    let other: Vec<f32> = code.chunks_exact(2).flat_map(|z| [z[0] * z[0], z[1] + 0.3 * z[0]]).collect();
    let found = Alignment::of(&code, 2, &other, 2).unwrap();
    // Turned by the angle of 3, 4, 5, mirrored, scaled and moved.
    let turned = |code: &[f32]| -> Vec<f32> {
        code.chunks_exact(2)
            .flat_map(|z| [7.0 * (0.6 * z[0] + 0.8 * z[1]) - 3.0, 7.0 * (0.8 * z[0] - 0.6 * z[1])])
            .collect()
    };
    for (first, second) in
        [(turned(&code), other.clone()), (code.clone(), turned(&other)), (other.clone(), code.clone())]
    {
        let again = Alignment::of(&first, 2, &second, 2).unwrap();
        assert!((again.affine_r2 - found.affine_r2).abs() < 1e-5 && (again.cka - found.cka).abs() < 1e-5, "{again:?}");
    }
    assert!(found.affine_r2 > 0.5 && found.affine_r2 < 0.99, "{found:?}");
    let same = Alignment::of(&code, 2, &turned(&code), 2).unwrap();
    assert!((same.affine_r2 - 1.0).abs() < 1e-9 && (same.cka - 1.0).abs() < 1e-9, "{same:?}");
    // Stretched along one axis, a code tells the same, but is no rotated copy.
    let stretched: Vec<f32> = code.chunks_exact(2).flat_map(|z| [z[0], 50.0 * z[1]]).collect();
    let same = Alignment::of(&code, 2, &stretched, 2).unwrap();
    assert!((same.affine_r2 - 1.0).abs() < 1e-9 && same.cka < 0.8, "{same:?}");
}

#[test]
fn codes_with_nothing_in_them_have_no_alignment() {
    let code = Numbers::take(11, 60);
    assert!(Alignment::of(&code, 2, &[0.25; 60], 2).is_none());
    assert!(Alignment::of(&[f32::NAN; 60], 2, &code, 2).is_none());
    assert!(Alignment::of(&[], 2, &[], 2).is_none());
    // A coordinate that is dead, or told twice, is no hindrance.
    let dead: Vec<f32> = code.chunks_exact(2).flat_map(|z| [z[0], 4.0, z[1], z[0] + z[1]]).collect();
    let found = Alignment::of(&code, 2, &dead, 4).unwrap();
    assert!((found.affine_r2 - 1.0).abs() < 1e-6, "{found:?}");
}
