//! Sweeps over the latent dimension: what they give and what they must not depend on.

use std::sync::atomic::{AtomicBool, Ordering};

use lumenfold::sweep::{Broken, Dimension, Observer, PcaNeeded, Run, Sweep, SweepOptions, sweep};
use lumenfold::{Error, Fitted, Settings};

use crate::made::{bits, dataset, fitted, rows, small, threads};

fn options(latents: &[usize], seeds: usize) -> SweepOptions {
    SweepOptions { latents: latents.to_vec(), seeds, ..SweepOptions::default() }
}

fn swept(settings: &Settings, options: &SweepOptions) -> Result<Sweep, Error> {
    sweep(&dataset(&rows(200)), settings, options, &AtomicBool::new(false), &mut ())
}

/// Keeps everything, and stops after so many fits.
#[derive(Default)]
struct Keeper {
    fits: Vec<(Run, Fitted)>,
    dimensions: usize,
    broken: usize,
    stop: AtomicBool,
    stop_after: Option<usize>,
}

impl Observer for Keeper {
    fn fitted(&mut self, run: &Run, fitted: Fitted) -> Result<(), Error> {
        self.fits.push((run.clone(), fitted));
        Ok(())
    }

    fn broke_down(&mut self, _: &Broken) {
        self.broken += 1;
    }

    fn measured(&mut self, _: &Dimension) {
        self.dimensions += 1;
    }
}

#[test]
fn every_fit_is_the_one_of_fit() {
    let data = dataset(&rows(200));
    let settings = Settings { seed: 7, ..small() };
    let mut keeper = Keeper::default();
    let found = sweep(&data, &settings, &options(&[1, 3], 2), &AtomicBool::new(false), &mut keeper).unwrap();
    assert_eq!((keeper.fits.len(), keeper.dimensions), (4, 2));
    for (run, kept) in &keeper.fits {
        let settings = Settings { latent: run.latent, seed: run.seed, split_seed: Some(7), ..small() };
        let alone = fitted(&data, &settings);
        assert_eq!(bits(kept.autoencoder.parameters()), bits(alone.autoencoder.parameters()));
        assert_eq!(kept.record, alone.record);
        assert_eq!(&run.errors, alone.record.judged());
        // Held-out rows are those of the first seed: PCA does not know of seeds.
        let pca = &found.dimensions.iter().find(|dimension| dimension.latent == run.latent).unwrap().pca;
        assert_eq!(Some(pca), kept.record.pca_with(run.latent));
    }
    // The first seed needs no word of the split.
    assert_eq!(keeper.fits[0].1.record, fitted(&data, &Settings { latent: 1, seed: 7, ..small() }).record);
    assert_ne!(keeper.fits[0].1.record.losses, keeper.fits[1].1.record.losses);
}

#[test]
fn threads_change_nothing_but_times() {
    let at = |count| {
        let mut found = swept(&Settings { threads: threads(count), ..small() }, &options(&[1, 2], 3)).unwrap();
        let runs = found.dimensions.iter_mut().flat_map(|dimension| &mut dimension.runs);
        runs.for_each(|run| run.seconds = 0.0);
        found
    };
    let (one, three) = (at(1), at(3));
    assert_eq!(one, three);
    assert_eq!(one.svg(), three.svg());
    assert_eq!(one.html(), three.html());
    assert_eq!(one.table().unwrap(), three.table().unwrap());
}

#[test]
fn a_sheet_in_four_features_is_found() {
    let settings = Settings { hidden: vec![24, 24], epochs: Some(250), batch: Some(50), ..Settings::default() };
    let found = sweep(&dataset(&rows(600)), &settings, &options(&[], 3), &AtomicBool::new(false), &mut ()).unwrap();
    let latents: Vec<usize> = found.dimensions.iter().map(|dimension| dimension.latent).collect();
    assert_eq!(latents, [1, 2, 3]);
    let suggestion = found.suggestion.unwrap();
    assert_eq!((suggestion.latent, suggestion.is_largest), (2, false));
    // The sheet is bent: no plane holds it.
    let chosen = found.suggested().unwrap();
    assert!(matches!(chosen.pca_needed, Some(PcaNeeded::Exactly(3 | 4))), "{:?}", chosen.pca_needed);
    let stability = chosen.stability.unwrap();
    assert!(stability.pairs == 3 && stability.affine_r2 > 0.3 && stability.affine_r2 <= 1.0, "{stability:?}");
    let intrinsic = found.intrinsic.unwrap();
    assert!((1.4..2.6).contains(&intrinsic.two_nn.value), "{intrinsic:?}");
    let words = found.in_words().join("\n");
    for expected in ["Suggested: 2 latents", "PCA needs ", "affine map", "intrinsic dimension of 120 held-out rows"] {
        assert!(words.contains(expected), "{words}");
    }
}

#[test]
fn one_seed_has_no_stability_and_one_dimension_no_rival() {
    let found = swept(&small(), &options(&[2], 1)).unwrap();
    assert_eq!(found.dimensions[0].stability, None);
    assert!(found.in_words().iter().any(|sentence| sentence.contains("Only one dimension")), "{:?}", found.in_words());
    assert!(found.svg().contains("one seed"));
    assert!(found.table().unwrap().column("affine_r2").unwrap().is_missing(0));
}

#[test]
fn an_interrupted_sweep_tells_what_is_complete() {
    struct Stopper<'s>(Keeper, &'s AtomicBool);
    impl Observer for Stopper<'_> {
        fn fitted(&mut self, run: &Run, fitted: Fitted) -> Result<(), Error> {
            self.0.fitted(run, fitted)?;
            self.1.store(Some(self.0.fits.len()) == self.0.stop_after, Ordering::Relaxed);
            Ok(())
        }
    }
    let data = dataset(&rows(200));
    let stop = AtomicBool::new(false);
    let mut stopper = Stopper(Keeper { stop_after: Some(3), ..Keeper::default() }, &stop);
    let found = sweep(&data, &small(), &options(&[1, 2, 3], 2), &stop, &mut stopper).unwrap();
    assert!(found.interrupted);
    let runs: Vec<usize> = found.dimensions.iter().map(|dimension| dimension.runs.len()).collect();
    assert_eq!(runs, [2, 1]);
    assert!(found.suggestion.is_some());
    // What is there is what an uninterrupted sweep has.
    let whole = swept(&small(), &options(&[1, 2, 3], 2)).unwrap();
    assert_eq!(found.dimensions[0].losses(), whole.dimensions[0].losses());
    let never = sweep(&data, &small(), &options(&[1], 1), &AtomicBool::new(true), &mut ()).unwrap();
    assert!(never.interrupted && never.dimensions.is_empty() && never.suggestion.is_none());
    assert!(never.in_words().is_empty() && never.svg().contains("</svg>"));
}

#[test]
fn what_breaks_down_is_left_out_and_told_if_all_does() {
    let hopeless = Settings { learning_rate: 1e38, batch: None, ..small() };
    let mut keeper = Keeper::default();
    let data = dataset(&rows(200));
    let error = sweep(&data, &hopeless, &options(&[1, 2], 2), &AtomicBool::new(false), &mut keeper).unwrap_err();
    assert!(matches!(error, Error::Diverged { .. }), "{error}");
    assert_eq!((keeper.broken, keeper.fits.len()), (4, 0));
    assert!(!keeper.stop.load(Ordering::Relaxed));
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let refused = |settings: Settings, options: SweepOptions| swept(&settings, &options).unwrap_err().to_string();
    let cases = [
        (refused(small(), options(&[0, 1], 1)), "--latent is 0"),
        (refused(small(), options(&[2, 1], 1)), "ascending"),
        (refused(small(), options(&[2, 2], 1)), "ascending"),
        (refused(small(), options(&[1, 5], 1)), "at most 4: there are 4 features"),
        (refused(small(), options(&[1], 0)), "--seeds is 0"),
        (refused(small(), options(&[1], 101)), "--seeds is 101"),
        (refused(small(), SweepOptions { tolerance: f64::NAN, ..options(&[1], 1) }), "--tolerance is NaN"),
        (refused(Settings { seed: u64::MAX, ..small() }, options(&[1], 2)), "--seed is 18446744073709551615"),
        (refused(Settings { validation: 0.0, ..small() }, options(&[1], 2)), "--validation is 0"),
        (refused(Settings { ordered: true, ..small() }, options(&[1, 2], 2)), "--ordered"),
        (refused(Settings { hidden: vec![1 << 20; 2], ..small() }, options(&[1], 2)), "--hidden"),
    ];
    for (message, words) in cases {
        assert!(message.contains(words), "{message}");
    }
    assert!(swept(&Settings { seed: u64::MAX, epochs: Some(1), ..small() }, &options(&[1], 1)).is_ok());
}

#[test]
fn denoising_autoencoders_are_judged_on_corrupted_rows() {
    let noise = vec!["gaussian:0.2".parse().unwrap()];
    let settings = Settings { kind: lumenfold::settings::Kind::Denoising, noise, ..small() };
    let mut keeper = Keeper::default();
    let data = dataset(&rows(200));
    let found = sweep(&data, &settings, &options(&[1, 2], 2), &AtomicBool::new(false), &mut keeper).unwrap();
    for (run, kept) in &keeper.fits {
        assert_eq!(run.errors, kept.record.denoising.as_ref().unwrap().reconstructed);
    }
    assert!(found.suggestion.is_some() && found.dimensions[0].pca_needed.is_none());
}
