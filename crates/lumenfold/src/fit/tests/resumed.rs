//! A fit that is interrupted, anywhere and often, and goes on.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::super::{Checkpoint, Checkpointing, Every, Fitted, Prepared, prepare};
use super::windows::SMALL;
use super::{denoising, parabola, settings, too_fast};
use crate::record::Stopped;
use crate::{Error, Settings};

fn checkpointing(directory: &Path) -> Checkpointing {
    Checkpointing { path: directory.join("a.checkpoint"), every: Every::Time(Duration::from_millis(1)) }
}

/// In small windows, with a look at the clock after every batch.
fn prepared<'a>(data: &'a lumenfold_data::Dataset, settings: &'a Settings) -> Prepared<'a> {
    let mut prepared = prepare(data, settings).unwrap();
    prepared.sizes.order = SMALL;
    prepared.sizes.piece_operations = 1.0;
    prepared
}

/// The fit in pieces of about `pause`, each with another number of threads; how many there were.
fn in_pieces(settings: &Settings, pause: Duration, directory: &Path) -> (Fitted, usize) {
    let data = parabola();
    let checkpointing = checkpointing(directory);
    for piece in 1.. {
        let threads = NonZeroUsize::new(piece % 3 + 1).unwrap();
        let settings = Settings { threads, ..settings.clone() };
        let resume = checkpointing.path.exists().then(|| Checkpoint::load(&checkpointing.path).unwrap());
        let stop = AtomicBool::new(false);
        let fitted = std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(pause);
                stop.store(true, Ordering::Relaxed);
            });
            prepared(&data, &settings).train_with(&stop, Some(&checkpointing), resume, |_| {}).unwrap()
        });
        if fitted.record.stopped != Stopped::Interrupted {
            return (fitted, piece);
        }
    }
    unreachable!("a fit ends");
}

#[test]
fn a_fit_in_pieces_gives_the_same_bits() {
    let data = parabola();
    for chosen in [
        Settings { epochs: Some(40), batch: Some(16), ..settings() },
        Settings { epochs: Some(12), batch: Some(7), jitter: 0.1, starts: 3, clip_norm: Some(1.0), ..settings() },
        Settings { epochs: Some(60), patience: Some(2), starts: 4, learning_rate: 0.1, ..settings() },
        Settings { epochs: Some(30), validation: 0.0, ..settings() },
        Settings { epochs: Some(30), batch: Some(16), ..too_fast() },
        Settings { epochs: Some(20), batch: Some(16), starts: 2, ..denoising() },
    ] {
        let whole = prepared(&data, &chosen).train(&AtomicBool::new(false), |_| {}).unwrap();
        let mut most = 0;
        for pause in [1, 3, 7] {
            let directory = tempfile::tempdir().unwrap();
            let (fitted, pieces) = in_pieces(&chosen, Duration::from_millis(pause), directory.path());
            assert_eq!(fitted.autoencoder, whole.autoencoder);
            assert_eq!(fitted.record, whole.record);
            most = most.max(pieces);
        }
        assert!(most > 1, "the fit was never interrupted");
    }
}

/// A checkpoint of a fit that was interrupted within its third epoch.
fn checkpoint(directory: &Path) -> Vec<u8> {
    let (data, settings, checkpointing) = (parabola(), settings(), checkpointing(directory));
    let stop = AtomicBool::new(false);
    let mut epochs = 0;
    prepared(&data, &settings)
        .train_with(&stop, Some(&checkpointing), None, |_| {
            epochs += 1;
            stop.store(epochs == 2, Ordering::Relaxed);
        })
        .unwrap();
    std::fs::read(&checkpointing.path).unwrap()
}

fn resume(path: &Path, settings: &Settings) -> Result<Fitted, Error> {
    let checkpoint = Checkpoint::load(path)?;
    let data = parabola();
    prepared(&data, settings).train_with(&AtomicBool::new(false), None, Some(checkpoint), |_| {})
}

#[test]
fn a_checkpoint_of_another_fit_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    checkpoint(directory.path());
    let path = checkpointing(directory.path()).path;
    assert_eq!(Checkpoint::load(&path).unwrap().epochs(), 2);
    assert!(resume(&path, &settings()).is_ok());
    for (other, words) in [
        (Settings { latent: 2, ..settings() }, "--latent 1, not 2"),
        (Settings { learning_rate: 0.02, ..settings() }, "--learning-rate 0.01, not 0.02"),
        (Settings { epochs: None, ..settings() }, "--epochs 6, not default"),
        (Settings { patience: Some(3), ..settings() }, "--patience none, not 3"),
        (Settings { seed: 1, ..settings() }, "--seed 0, not 1"),
    ] {
        let error = resume(&path, &other).unwrap_err();
        assert!(error.is_usage() && error.to_string().contains(words), "{error}");
    }
    let mut data = parabola();
    data.values[5] += 1e-9;
    let settings = settings();
    let checkpoint = Checkpoint::load(&path).unwrap();
    let error = prepared(&data, &settings).train_with(&AtomicBool::new(false), None, Some(checkpoint), |_| {});
    assert!(matches!(error, Err(Error::OtherData { .. })));
    assert!(matches!(Checkpoint::load(&directory.path().join("none")), Err(Error::NoCheckpoint { .. })));
}

#[test]
fn damaged_checkpoints_are_refused_or_harmless() {
    let directory = tempfile::tempdir().unwrap();
    let bytes = checkpoint(directory.path());
    let path = directory.path().join("bad.checkpoint");
    for length in (0..bytes.len()).step_by(13) {
        std::fs::write(&path, &bytes[..length]).unwrap();
        let error = Checkpoint::load(&path).unwrap_err().to_string();
        assert!(error.contains("bad.checkpoint") && !error.contains('\n'), "{error}");
    }
    let mut refused = 0;
    for position in (0..bytes.len()).step_by(7) {
        for mask in [0x01, 0x10, 0x80] {
            let mut bytes = bytes.clone();
            bytes[position] ^= mask;
            std::fs::write(&path, &bytes).unwrap();
            // Other numbers may train on; nothing but an error or a model may come of them.
            refused += usize::from(resume(&path, &settings()).is_err());
        }
    }
    assert!(refused > 100, "only {refused} were noticed");
}

#[test]
fn documents_that_lie_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let bytes = checkpoint(directory.path());
    let path = directory.path().join("bad.checkpoint");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    for (was, now) in [
        (r#"\"start\":0"#, r#"\"start\":1"#),
        (r#"\"epochs_of_start\":2"#, r#"\"epochs_of_start\":6"#),
        (r#"\"samples\":0"#, r#"\"samples\":9"#),
        (r#"\"step\":"#, r#"\"step\":9"#),
        (r#"\"good_step\":"#, r#"\"good_step\":9"#),
        (r#"\"steps\":0"#, r#"\"steps\":5"#),
        (r#"\"epoch\":1,"#, r#"\"epoch\":7,"#),
        (r#"\"version\":1"#, r#"\"version\":2"#),
    ] {
        assert!(text.contains(was), "{was}");
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let header = String::from_utf8(bytes[8..8 + length].to_vec()).unwrap().replace(was, now);
        let lying = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &bytes[8 + length..]].concat();
        std::fs::write(&path, lying).unwrap();
        let error = resume(&path, &settings()).unwrap_err();
        assert!(error.is_usage(), "{was}: {error}");
    }
}
