//! The loop over starts, epochs and windows, and what happens when it breaks down or is broken off.

use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use lumenfold_data::EpochOrder;
use lumenfold_engine::{EngineError, Optimiser, Running, Schedule, Trainer};

use super::checkpoint::Saver;
use super::fresh::Fresh;
use super::initial;
use super::state::{Best, Snapshot, State};
use super::windows::{Jitter, Loader, Stretch};
use super::{Event, Prepared, Progress};
use crate::record::{EpochLoss, Recovery, Stopped};
use crate::settings::{ScheduleKind, Settings};
use crate::{Autoencoder, Error};

/// The first random stream of the orders of rows; epoch `e` (from 0, those of all starts counted on) takes the stream
/// `ORDER_STREAM + e`.
const ORDER_STREAM: u64 = 1 << 32;

/// As [`ORDER_STREAM`], for the jitter of the rows. The orders would need 2⁶² epochs to come here.
const JITTER_STREAM: u64 = 1 << 62;

/// As [`ORDER_STREAM`], for the stretching of the rows.
pub(super) const STRETCH_STREAM: u64 = 5 << 60;

/// Share of all steps in which the learning rate rises.
const WARM_UP: f64 = 0.02;

/// An epoch has broken down when its loss is so many times that of a network that has learnt nothing.
const EXPLODED: f64 = 1e3;

/// What the learning rate is multiplied by after a break-down, and how often that is tried.
const SLOWER: f64 = 0.1;
const MOST_RECOVERIES: usize = 3;

/// How an epoch ended.
enum Ran {
    Interrupted,
    BrokenDown { loss: f64 },
}

/// What a training needs besides its state.
pub(super) struct Training<'t, 'p> {
    pub(super) prepared: &'t Prepared<'p>,
    pub(super) epochs: usize,
    pub(super) stop: &'t AtomicBool,
    pub(super) saver: Saver,
    // What the yardsticks of the material are to be multiplied by.
    pub(super) largest_weight: f64,
}

impl Training<'_, '_> {
    /// Trains from `state` on, whose trainer is `at` (none at the very beginning), until everything is done or `stop` is
    /// set. Returns the steps that were taken.
    pub(super) fn run(
        &mut self,
        state: &mut State,
        mut at: Option<Snapshot>,
        autoencoder: &mut Autoencoder,
        observe: &mut dyn FnMut(&Event),
    ) -> Result<u64, Error> {
        let Prepared { settings, network, material, batch, set, .. } = self.prepared;
        let steps_per_epoch = material.training.rows().div_ceil(*batch);
        while state.start < settings.starts {
            let initial = initial::parameters(network, settings, &autoencoder.scaled_mean, state.start);
            let mut optimiser = optimiser(settings, steps_per_epoch, self.epochs, *batch);
            optimiser.learning_rate = state.learning_rate(settings.learning_rate);
            let objective = self.prepared.objective(state.start);
            let mut trainer = Trainer::new(network, &initial, objective, optimiser, *set, settings.threads)?;
            match at.take() {
                Some(snapshot) => trainer.restore(snapshot.state())?,
                None => state.good = Snapshot::of(trainer.state()),
            }
            while state.epochs_of_start < self.epochs {
                if self.patience_is_over(state) {
                    state.stopped = Stopped::Patience;
                    break;
                }
                let begin = Instant::now();
                let judged = match self.epoch(state, &mut trainer, observe)? {
                    ControlFlow::Continue(()) => self.judge(state, &trainer, begin.elapsed(), autoencoder, observe)?,
                    ControlFlow::Break(ran) => ControlFlow::Break(ran),
                };
                match judged {
                    ControlFlow::Continue(()) => self.saver.after_epoch(state, &trainer, observe),
                    ControlFlow::Break(Ran::BrokenDown { loss }) => self.recover(state, &mut trainer, loss, observe)?,
                    ControlFlow::Break(Ran::Interrupted) => {
                        self.saver.save(state, &trainer, observe);
                        state.stopped = Stopped::Interrupted;
                        return Ok(state.steps + trainer.steps());
                    }
                }
            }
            state.steps += trainer.steps();
            state.start += 1;
            state.epochs_of_start = 0;
            state.best_of_start = None;
        }
        Ok(state.steps)
    }

    fn patience_is_over(&self, state: &State) -> bool {
        let since = state.epochs_of_start - state.best_of_start.map_or(0, |(epoch, _)| epoch);
        state.epochs_of_start > 0 && self.prepared.settings.patience.is_some_and(|patience| since >= patience)
    }

    /// The steps of an epoch, from where it was left.
    fn epoch(
        &mut self,
        state: &mut State,
        trainer: &mut Trainer<'_>,
        observe: &mut dyn FnMut(&Event),
    ) -> Result<ControlFlow<Ran>, Error> {
        let Prepared { settings, network, material, batch, sizes, reads_ahead, .. } = self.prepared;
        let (rows, features) = (material.training.rows(), network.features());
        let epoch = u64::from(state.start) * self.epochs as u64 + state.epochs_of_start as u64;
        let order = EpochOrder::new(rows, features, settings.seed, ORDER_STREAM + epoch, sizes.order);
        let jitter = (settings.jitter > 0.0).then(|| Jitter {
            deviation: settings.jitter as f32,
            seed: settings.seed,
            stream: JITTER_STREAM + epoch,
        });
        let stretch = self.prepared.stretching.as_ref().map(|stretching| Stretch {
            stretching,
            seed: settings.seed,
            stream: STRETCH_STREAM + epoch,
            threads: settings.threads,
        });
        // A checkpoint is possible after each piece.
        let batch_operations = 6.0 * network.parameter_count() as f64 * *batch as f64;
        let piece = (sizes.piece_operations / batch_operations).clamp(1.0, rows as f64) as usize * batch;
        let fresh = self.prepared.rows.crops().map(|crops| Fresh {
            crops,
            scaling: &self.prepared.scaling,
            weighs: material.weighs,
            weight_unit: material.weight_unit,
            epoch,
            threads: settings.threads,
        });
        let loader = Loader::new(&material.training, order, *batch, jitter, state.running.samples)
            .stretching(stretch)
            .drawing(fresh);
        loader.each(*reads_ahead, |rows, order| {
            for order in order.chunks(piece) {
                match trainer.advance(rows, order, &mut state.running, self.stop) {
                    Ok(false) => {}
                    Ok(true) => return Ok(ControlFlow::Break(Ran::Interrupted)),
                    Err(EngineError::LossNotFinite { loss, .. }) => {
                        return Ok(ControlFlow::Break(Ran::BrokenDown { loss }));
                    }
                    Err(other) => return Err(Error::Engine(other)),
                }
                self.saver.within_epoch(state, trainer, observe);
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Measures the held-out rows after an epoch and keeps what is best.
    fn judge(
        &self,
        state: &mut State,
        trainer: &Trainer<'_>,
        training: Duration,
        autoencoder: &mut Autoencoder,
        observe: &mut dyn FnMut(&Event),
    ) -> Result<ControlFlow<Ran>, Error> {
        let Prepared { settings, network, material, .. } = self.prepared;
        let features = network.features();
        autoencoder.parameters.copy_from_slice(trainer.parameters());
        let train = state.running.loss_sum / (state.running.samples.max(1) * features) as f64;
        let held_out = self.prepared.judged_loss(autoencoder)?;
        let validation = held_out.map(|judged| judged.loss);
        let judged = validation.unwrap_or(train);
        // The last step of an epoch can spoil the weights; its own loss was measured before.
        if !autoencoder.parameters.iter().all(|value| value.is_finite()) {
            return Ok(ControlFlow::Break(Ran::BrokenDown { loss: f64::NAN }));
        }
        for (loss, yardstick) in [Some(train), validation].into_iter().zip(material.yardsticks) {
            if let Some(loss) = loss
                && (loss.is_nan() || loss > EXPLODED * self.largest_weight * yardstick.loss(features))
            {
                return Ok(ControlFlow::Break(Ran::BrokenDown { loss }));
            }
        }
        state.epochs_of_start += 1;
        state.running = Running::default();
        state.good = Snapshot::of(trainer.state());
        let epoch = state.losses.len() + 1;
        // Without held-out rows there is nothing to choose by: the last weights are kept.
        let is_best = state.best.as_ref().is_none_or(|best| validation.is_none() || judged < best.loss);
        if is_best {
            state.best = Some(Best { epoch, loss: judged, parameters: trainer.parameters().to_vec() });
        }
        if state.best_of_start.is_none_or(|(_, loss)| judged < loss) {
            state.best_of_start = Some((state.epochs_of_start, judged));
        }
        state.losses.push(EpochLoss { epoch, train, validation });
        observe(&Event::Epoch(Progress {
            epoch,
            epochs: usize::from(settings.starts) * self.epochs,
            rows: material.training.rows(),
            train_loss: train,
            validation_loss: validation,
            validation_mse: held_out.and_then(|judged| judged.mse),
            best: is_best,
            training,
        }));
        Ok(ControlFlow::Continue(()))
    }

    /// Goes back to the end of the last epoch and on with a lower learning rate.
    fn recover(
        &mut self,
        state: &mut State,
        trainer: &mut Trainer<'_>,
        loss: f64,
        observe: &mut dyn FnMut(&Event),
    ) -> Result<(), Error> {
        let rate = state.learning_rate(self.prepared.settings.learning_rate);
        let epoch = state.losses.len() + 1;
        if state.recoveries.len() == MOST_RECOVERIES {
            // It would only break down again.
            self.saver.remove();
            return Err(Error::Diverged { loss, epoch, learning_rate: rate });
        }
        let recovery = Recovery { epoch, learning_rate: rate * SLOWER };
        trainer.restore(state.good.state())?;
        trainer.set_learning_rate(recovery.learning_rate)?;
        state.running = Running::default();
        state.recoveries.push(recovery);
        observe(&Event::Recovered { recovery, loss });
        Ok(())
    }
}

/// The learning rate over the steps of a fit, and the rest of what AdamW needs.
fn optimiser(settings: &Settings, steps_per_epoch: usize, epochs: usize, batch: usize) -> Optimiser {
    let steps = (steps_per_epoch * epochs) as u64;
    let schedule = match settings.schedule {
        ScheduleKind::Constant => Schedule::Constant,
        ScheduleKind::Cosine => Schedule::Cosine { warm_up: (steps as f64 * WARM_UP).ceil() as u64, steps, floor: 0.0 },
        ScheduleKind::Step => Schedule::Step { every: (steps_per_epoch * epochs.div_ceil(3)) as u64, factor: 0.1 },
    };
    Optimiser {
        batch,
        learning_rate: settings.learning_rate,
        schedule,
        weight_decay: settings.weight_decay,
        clip_norm: settings.clip_norm,
        ..Optimiser::default()
    }
}
