//! Fits of crops that are drawn anew in every epoch.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use lumenfold_data::{CropOptions, Crops, DataError, ImageOptions, Images, OrderSizes, Samples, Source};

use super::super::{Checkpoint, Checkpointing, Every, Fitted, prepare};
use super::windows::SMALL;
use super::{denoising, settings};
use crate::patches::tests::array;
use crate::record::Stopped;
use crate::{Likelihood, Settings};

/// A wavy map of 40 × 60, and its standard errors; a corner may be absent.
fn map(directory: &Path, absent: bool) -> [Source; 2] {
    let value = |index: usize| {
        let (line, bin) = ((index / 60) as f64, (index % 60) as f64);
        if absent && line < 9.0 && bin < 9.0 {
            f64::NAN
        } else {
            5.0 + (0.3 * line).sin() * (0.2 * bin).cos() + 0.01 * bin
        }
    };
    let values: Vec<f64> = (0..2400).map(value).collect();
    let errors: Vec<f64> = (0..2400).map(|index| 0.1 + 0.001 * (index % 60) as f64).collect();
    [("map", values), ("errors", errors)].map(|(name, values)| {
        let path = directory.join(format!("{name}.npy"));
        std::fs::write(&path, array(&[40, 60], &values)).unwrap();
        Source::from(path)
    })
}

fn cut(directory: &Path, settings: &Settings, masks: bool, errors: bool, in_memory: bool) -> Samples {
    let [map, of_errors] = map(directory, masks);
    let open = |source: &Source| {
        let mut images = Images::open(source, 2, &ImageOptions::default()).unwrap();
        if in_memory {
            images.keep_within(u64::MAX).unwrap();
        }
        images
    };
    let options = CropOptions {
        patch: vec![4, 5],
        crops: Some(300),
        validation: settings.validation,
        seed: settings.seed,
        split_seed: settings.seed_of_split(),
        masks,
    };
    let crops = Crops::new(open(&map), errors.then(|| open(&of_errors)), options).unwrap();
    let rows = if in_memory { 300 } else { 0 };
    Samples::cut::<DataError>(crops, directory, |_| Ok(rows)).unwrap()
}

fn fitted(samples: &Samples, settings: &Settings, sizes: OrderSizes, ahead: bool) -> Fitted {
    let mut prepared = prepare(samples, settings).unwrap();
    prepared.sizes.order = sizes;
    prepared.reads_ahead = ahead;
    prepared.train(&AtomicBool::new(false), |_| {}).unwrap()
}

fn common() -> Settings {
    Settings { scaling: "common".parse().unwrap(), batch: Some(16), ..settings() }
}

#[test]
fn where_images_and_crops_live_never_changes_a_bit() {
    let directory = tempfile::tempdir().unwrap();
    for (chosen, masks, errors) in [
        (common(), false, false),
        (Settings { scaling: "standard".parse().unwrap(), starts: 2, ..common() }, true, false),
        (Settings { kind: denoising().kind, noise: denoising().noise, blind_spots: Some(0.3), ..common() }, true, true),
        (Settings { scaling: "anscombe".parse().unwrap(), validation: 0.0, jitter: 0.1, ..common() }, false, false),
    ] {
        let [memory, disk] = [true, false].map(|place| cut(directory.path(), &chosen, masks, errors, place));
        assert!(disk.is_on_disk() && !memory.is_on_disk());
        for sizes in [SMALL, OrderSizes::default()] {
            let expected = fitted(&memory, &chosen, sizes, true);
            let threads = std::num::NonZeroUsize::new(3).unwrap();
            for (samples, ahead) in [(&disk, true), (&disk, false), (&memory, false)] {
                let found = fitted(samples, &Settings { threads, ..chosen.clone() }, sizes, ahead);
                assert_eq!(found.autoencoder, expected.autoencoder);
                assert_eq!(found.record, expected.record);
            }
        }
    }
    // Nothing but the arrays is left.
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2);
}

#[test]
fn the_first_epoch_trains_on_the_kept_crops_and_the_next_on_others() {
    let directory = tempfile::tempdir().unwrap();
    let chosen = common();
    let samples = cut(directory.path(), &chosen, false, false, true);
    let fresh = fitted(&samples, &chosen, OrderSizes::default(), true).record;
    // The same rows, as a table.
    let rows = lumenfold_data::Rows::from(&samples);
    let mut values = Vec::new();
    lumenfold_data::RowSource::pass(&rows, |block: &[f64]| {
        values.extend_from_slice(block);
        Ok::<_, DataError>(())
    })
    .unwrap();
    assert_eq!(values.len(), 300 * 20);
    assert_eq!((fresh.rows, fresh.train_rows, fresh.validation_rows), (300, 240, 60));
    let patches = fresh.patches.unwrap();
    assert_eq!((patches.images, &patches.sizes[..]), (1, &[40, 60][..]));
    assert_eq!((patches.held_out_blocks, patches.blocks), (6, 30));
    // Frozen weights show what comes in: the losses of the epochs differ as the crops do.
    let frozen = Settings { learning_rate: 1e-30, ..common() };
    let losses: Vec<f64> =
        fitted(&samples, &frozen, OrderSizes::default(), true).record.losses.iter().map(|l| l.train).collect();
    assert!(losses.windows(2).all(|pair| (pair[0] - pair[1]).abs() > 1e-6 * pair[0]), "{losses:?}");
}

#[test]
fn a_fit_of_crops_that_is_interrupted_goes_on_to_the_same_bits() {
    let directory = tempfile::tempdir().unwrap();
    let chosen = Settings { starts: 2, ..common() };
    let samples = cut(directory.path(), &chosen, false, false, false);
    let whole = fitted(&samples, &chosen, SMALL, true);
    let checkpointing = Checkpointing {
        path: directory.path().join("a.checkpoint"),
        every: Every::Time(std::time::Duration::from_secs(60)),
    };
    let mut resume = None;
    for epochs in [1, 3, 4] {
        let mut prepared = prepare(&samples, &chosen).unwrap();
        prepared.sizes.order = SMALL;
        let stop = AtomicBool::new(false);
        let mut seen = 0;
        let part = prepared
            .train_with(&stop, Some(&checkpointing), resume.take(), |_| {
                seen += 1;
                stop.store(seen == epochs, Ordering::Relaxed);
            })
            .unwrap();
        assert_eq!(part.record.stopped, Stopped::Interrupted);
        resume = Some(Checkpoint::load(&checkpointing.path).unwrap());
    }
    let mut prepared = prepare(&samples, &chosen).unwrap();
    prepared.sizes.order = SMALL;
    let fitted = prepared.train_with(&AtomicBool::new(false), None, resume, |_| {}).unwrap();
    assert_eq!(fitted.autoencoder, whole.autoencoder);
    assert_eq!(fitted.record, whole.record);
    // Other images, other patches: another fit.
    let other = cut(directory.path(), &chosen, true, false, true);
    let checkpoint = Checkpoint::load(&checkpointing.path).unwrap();
    assert!(prepare(&other, &chosen).unwrap().check(&checkpoint).is_err());
}

#[test]
fn values_that_only_later_crops_would_meet_are_refused_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let mut values = vec![3.0; 4000];
    values.iter_mut().enumerate().for_each(|(index, value)| *value += (index % 7) as f64);
    values[3999] = -5.0;
    let path = directory.path().join("line.npy");
    std::fs::write(&path, array(&[4000], &values)).unwrap();
    let of = |chosen: &Settings| {
        let images = Images::open(&Source::from(path.clone()), 1, &ImageOptions::default()).unwrap();
        let options =
            CropOptions { patch: vec![10], crops: Some(60), validation: 0.2, seed: 0, split_seed: 0, masks: false };
        let samples =
            Samples::cut::<DataError>(Crops::new(images, None, options).unwrap(), directory.path(), |_| Ok(60))
                .unwrap();
        prepare(&samples, chosen).err().unwrap().to_string()
    };
    let error = of(&Settings { scaling: "log".parse().unwrap(), ..settings() });
    assert!(error.contains("-5") && error.contains("logarithm"), "{error}");
    let error = of(&Settings { scaling: "anscombe".parse().unwrap(), ..settings() });
    assert!(error.contains("-5") && error.contains("counts"), "{error}");
    let error = of(&Settings {
        kind: crate::settings::Kind::Variational,
        likelihood: Some(Likelihood::Poisson),
        scaling: "none".parse().unwrap(),
        ..settings()
    });
    assert!(error.contains("-5 is no value of --likelihood poisson"), "{error}");
}
