#![allow(clippy::unwrap_used)]

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use lumenfold_data::{CropOptions, Crops, DataError, ImageOptions, Images, Samples, Source};

use super::{Tiling, TilingOptions};
use crate::architecture::Norm;
use crate::engine::Activation;
use crate::model::Model;
use crate::{Error, Settings, fit};

/// Blended values are weighted means of equal numbers: a few roundings of 64 bits, relative.
const ROUNDING: f64 = 1e-14;

/// An NPY file of 64-bit floats.
pub(crate) fn array(shape: &[usize], values: &[f64]) -> Vec<u8> {
    let sizes: String = shape.iter().map(|size| format!("{size}, ")).collect();
    let text = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({sizes}), }}");
    let mut bytes = b"\x93NUMPY\x01\x00\xf6\x00".to_vec();
    bytes.extend(format!("{text:<245}\n").bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

fn images(directory: &Path, shape: &[usize], dimensions: usize, value: impl Fn(usize) -> f64) -> Images {
    let path = directory.join(format!("{}.npy", shape.len()));
    let values: Vec<f64> = (0..shape.iter().product()).map(value).collect();
    std::fs::write(&path, array(shape, &values)).unwrap();
    Images::open(&Source::from(path), dimensions, &ImageOptions::default()).unwrap()
}

/// Whole numbers below a thousand in no order, exact in 32 bits.
fn rough(index: usize) -> f64 {
    (index.wrapping_mul(2_654_435_761) >> 7) as f64 % 1000.0
}

/// A small model of patches of this shape, trained a little.
fn model(directory: &Path, patch: &[usize], settings: &Settings) -> Model {
    let shape: Vec<usize> = patch.iter().map(|size| 4 * size).collect();
    let images = images(directory, &shape, shape.len(), |index| (index as f64 * 0.7).sin() * 3.0 + rough(index) * 1e-3);
    let options =
        CropOptions { patch: patch.to_vec(), crops: Some(64), validation: 0.0, seed: 1, split_seed: 1, masks: false };
    let crops = Crops::new(images, None, options).unwrap();
    let samples = Samples::cut::<DataError>(crops, directory, |_| Ok(64)).unwrap();
    Model::from(fit(&samples, settings, &AtomicBool::new(false), |_| {}).unwrap())
}

fn settings() -> Settings {
    let scaling = "none".parse().unwrap();
    Settings { latent: 3, hidden: vec![8], epochs: Some(1), validation: 0.0, scaling, ..Settings::default() }
}

/// A model that adds `added` to every value of its patch and does nothing else.
fn identity(directory: &Path, patch: &[usize], added: f32) -> Model {
    let latent = patch.iter().product();
    let linear =
        Settings { latent, hidden: Vec::new(), activation: Activation::Identity, norm: Norm::None, ..settings() };
    let mut model = model(directory, patch, &linear);
    let tensors = model.autoencoder.network.tensors().to_vec();
    for tensor in tensors {
        let values = &mut model.autoencoder.parameters[tensor.range];
        values.fill(if tensor.name == "decoder.0.bias" { added } else { 0.0 });
        if tensor.name.ends_with("weight") {
            (0..latent).for_each(|index| values[index * latent + index] = 1.0);
        }
    }
    model
}

fn options(overlap: Option<Vec<usize>>) -> TilingOptions {
    TilingOptions { overlap, masks: false, impute: false, threads: NonZeroUsize::MIN }
}

fn reconstructed(model: &Model, images: &Images, options: TilingOptions, together: usize) -> (Vec<f64>, u64) {
    let mut tiling = Tiling::new(model, options).unwrap();
    tiling.together = together;
    let mut values = Vec::new();
    let absent = tiling.reconstruct::<Error>(images, |piece| {
        values.extend_from_slice(piece);
        Ok(())
    });
    (values, absent.unwrap())
}

#[test]
fn what_the_model_leaves_as_it_is_comes_back_without_seams() {
    let directory = tempfile::tempdir().unwrap();
    for (patch, shapes) in [
        (vec![8], vec![vec![8], vec![9], vec![41], vec![3, 21]]),
        (vec![4, 6], vec![vec![4, 6], vec![5, 7], vec![13, 29], vec![2, 9, 10]]),
        (vec![3, 4, 2], vec![vec![3, 4, 2], vec![10, 9, 7], vec![2, 5, 6, 7]]),
    ] {
        for (added, model) in [0.0, 0.5].map(|added| (f64::from(added), identity(directory.path(), &patch, added))) {
            for shape in &shapes {
                let images = images(directory.path(), shape, patch.len(), rough);
                for overlap in [None, Some(vec![0]), Some(vec![1]), Some(patch.iter().map(|size| size - 1).collect())] {
                    let (values, absent) = reconstructed(&model, &images, options(overlap), 1024);
                    assert_eq!((values.len(), absent), (shape.iter().product(), 0));
                    for (index, value) in values.iter().enumerate() {
                        let expected = rough(index) + added;
                        assert!(
                            (value - expected).abs() <= ROUNDING * expected,
                            "{shape:?} {index}: {value} {expected}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn threads_and_slabs_change_no_bit() {
    let directory = tempfile::tempdir().unwrap();
    for (patch, shape) in [(vec![8], vec![2, 333]), (vec![4, 6], vec![37, 41]), (vec![3, 4, 2], vec![2, 14, 9, 11])] {
        let model = model(directory.path(), &patch, &settings());
        let mut images = images(directory.path(), &shape, patch.len(), rough);
        let (expected, _) = reconstructed(&model, &images, options(None), 1024);
        assert!(expected.iter().all(|value| value.is_finite()));
        images.keep_within(u64::MAX).unwrap();
        for (together, threads) in [(1, 1), (7, 3), (100, 2), (usize::MAX, 5)] {
            let threads = NonZeroUsize::new(threads).unwrap();
            let (found, _) = reconstructed(&model, &images, TilingOptions { threads, ..options(None) }, together);
            assert!(found.iter().zip(&expected).all(|(a, b)| a.to_bits() == b.to_bits()), "{shape:?} {together}");
        }
    }
}

#[test]
fn absent_values_pass_and_places_without_any_value_stay_absent() {
    let directory = tempfile::tempdir().unwrap();
    let model = identity(directory.path(), &[4, 6], 0.0);
    let hole = |index: usize| (10..20).contains(&(index / 30)) && (3..23).contains(&(index % 30));
    let value = |index: usize| if hole(index) || index == 5 { f64::NAN } else { 1.0 + rough(index) };
    let images = images(directory.path(), &[30, 30], 2, value);
    let refused = Tiling::new(&model, options(None)).unwrap().reconstruct::<Error>(&images, |_| Ok(()));
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("bin 1 of axis1, bin 6 of axis2 is absent"), "{error}");
    for impute in [false, true] {
        let (values, absent) =
            reconstructed(&model, &images, TilingOptions { masks: true, impute, ..options(None) }, 50);
        assert_eq!(absent, values.iter().filter(|value| value.is_nan()).count() as u64);
        // Windows within the hole know nothing; those over its border do.
        assert!(absent > 0 && values.iter().enumerate().all(|(index, value)| hole(index) || !value.is_nan()));
        for (index, found) in values.iter().enumerate() {
            let expected = value(index);
            if !expected.is_nan() {
                let bound = if impute { 0.0 } else { ROUNDING * expected };
                assert!((found - expected).abs() <= bound, "{index}: {found} {expected}");
            } else if !found.is_nan() {
                // Zero stands for what is absent, and this model leaves it.
                assert_eq!(*found, 0.0);
            }
        }
    }
}

#[test]
fn codes_have_the_place_of_their_window() {
    let directory = tempfile::tempdir().unwrap();
    let model = identity(directory.path(), &[4, 6], 0.0);
    let images = images(directory.path(), &[2, 9, 12], 2, rough);
    let tiling = Tiling::new(&model, options(Some(vec![2, 3]))).unwrap();
    let mut rows = 0;
    tiling
        .encode::<Error>(&images, |table| {
            assert_eq!(table.names()[..4], ["image", "axis1", "axis2", "z1"]);
            for row in 0..table.rows() {
                let of = |name: &str| table.column(name).unwrap().value(row).unwrap();
                let first = [of("axis1") - 1.5, of("axis2") - 2.5].map(|bin| bin as usize);
                // The first number of this model's code is the first value of the window.
                let index = (of("image") as usize - 1) * 108 + first[0] * 12 + first[1];
                assert_eq!(of("z1"), rough(index));
                rows += 1;
            }
            Ok(())
        })
        .unwrap();
    // Windows begin at 0, 2, 4, 5 and at 0, 3, 6.
    assert_eq!(rows, 2 * 4 * 3);
}

#[test]
fn what_does_not_fit_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let model = model(directory.path(), &[4, 6], &settings());
    for overlap in [vec![4, 3], vec![1, 2, 3], vec![6]] {
        let error = Tiling::new(&model, options(Some(overlap))).unwrap_err().to_string();
        assert!(error.contains("--overlap") && error.contains("4x6"), "{error}");
    }
    let tiling = Tiling::new(&model, options(None)).unwrap();
    for (shape, dimensions, words) in [
        (vec![3, 30], 2, "axis1 has 3 bins, fewer than the 4"),
        (vec![30, 5], 2, "axis2 has 5 bins, fewer than the 6"),
        (vec![30], 1, "1 axes, the model has 2"),
    ] {
        let images = images(directory.path(), &shape, dimensions, rough);
        let error = tiling.reconstruct::<Error>(&images, |_| Ok(())).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let images = images(directory.path(), &[8, 8], 2, |index| if index == 9 { f64::INFINITY } else { 0.0 });
    let error = tiling.reconstruct::<Error>(&images, |_| Ok(())).unwrap_err().to_string();
    assert!(error.contains("bin 2 of axis1, bin 2 of axis2 is inf"), "{error}");
    let mut plain = model.clone();
    plain.record.patches = None;
    assert!(matches!(Tiling::new(&plain, options(None)), Err(Error::NoPatchModel)));
}
