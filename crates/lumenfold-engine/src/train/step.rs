//! What all threads of a step see, and its last phase: AdamW.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::optimiser::Optimiser;
use crate::barrier::{Barrier, Broken};
use crate::codes::Codes;
use crate::entrance::Entrance;
use crate::kernel::adam::{self, Coefficients, Parts};
use crate::memory::{LINE, Shared};
use crate::network::Network;
use crate::objective::Objective;
use crate::simd::InstructionSet;

/// Parameters in a chunk of the update; a multiple of [`LINE`].
pub(super) const CHUNK: usize = 1024;

/// What all threads see during the steps of some batches.
pub(super) struct Step<'a> {
    pub(super) network: &'a Network,
    pub(super) optimiser: &'a Optimiser,
    pub(super) objective: &'a Objective,
    pub(super) set: InstructionSet,
    // For each line of parameters whether it decays.
    pub(super) decays: &'a [bool],
    pub(super) rows: &'a [f32],
    pub(super) batches: &'a [&'a [u32]],
    pub(super) parameters: Shared<'a, f32>,
    pub(super) first: Shared<'a, f32>,
    pub(super) second: Shared<'a, f32>,
    // Where dead latents are revived: samples since each latent was used.
    pub(super) idle: Shared<'a, u32>,
    pub(super) barrier: &'a Barrier,
    pub(super) stop: &'a AtomicBool,
    pub(super) interrupted: &'a AtomicBool,
    pub(super) threads: usize,
    // Steps taken before.
    pub(super) first_step: u64,
    // Of the steps before, in the same epoch.
    pub(super) loss_sum: f64,
    // False if only a gradient is wanted.
    pub(super) updates: bool,
}

/// What the steps came to; the same for every thread.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) steps: u64,
    pub(super) loss_sum: f64,
    pub(super) largest_norm: f64,
    pub(super) not_finite: Option<f64>,
    pub(super) interrupted: bool,
}

/// The share of `0..count` that falls to part `index` of `parts`.
pub(super) fn share(count: usize, index: usize, parts: usize) -> Range<usize> {
    count * index / parts..count * (index + 1) / parts
}

/// The factors of a step's update, for parameters that decay and for those that do not.
#[derive(Clone, Copy)]
pub(super) struct Update {
    decaying: Coefficients,
    plain: Coefficients,
}

impl Step<'_> {
    /// All threads run `work`; returns what the first one's came to.
    pub(super) fn on_all_threads<T: Send>(
        &self,
        states: impl Iterator<Item = T>,
        work: impl Fn(usize, T) -> Result<Outcome, Broken> + Sync,
    ) -> Outcome {
        let mut states = states.enumerate();
        let Some((_, own)) = states.next() else { return Outcome::default() };
        let result = std::thread::scope(|scope| {
            for (thread, state) in states {
                let work = &work;
                scope.spawn(move || {
                    let _guard = self.barrier.guard();
                    work(thread, state)
                });
            }
            let _guard = self.barrier.guard();
            work(0, own)
        });
        result.unwrap_or_default()
    }

    /// Parameters with the zeros between tensors.
    pub(super) fn length(&self) -> usize {
        self.parameters.len()
    }

    /// How samples come in, in a step counted from 0 within these batches; none if they come as they are.
    pub(super) fn entrance(&self, steps_before: u64) -> Option<Entrance<'_>> {
        let step = self.first_step + steps_before;
        self.objective.separates().then(|| Entrance::new(self.objective, self.set, step))
    }

    /// What is done to the codes in a step counted from 0 within these batches.
    pub(super) fn codes(&self, steps_before: u64) -> Codes {
        Codes::of_step(self.objective, self.set, self.first_step + steps_before)
    }

    /// What a sum over the samples of such a batch is multiplied by to make its mean loss.
    pub(super) fn factor(&self, batch: usize) -> f64 {
        1.0 / (batch * self.network.features()) as f64
    }

    /// Asked by the first thread before a barrier, so that all see the same answer behind it.
    pub(super) fn ask_whether_to_stop(&self, thread: usize) {
        if thread == 0 && self.stop.load(Ordering::Relaxed) {
            self.interrupted.store(true, Ordering::Relaxed);
        }
    }

    /// Whether this step may go on to its update, once its loss is known; tells the outcome if not.
    pub(super) fn goes_on(&self, outcome: &mut Outcome, batch: usize, loss: f64) -> bool {
        if !loss.is_finite() {
            outcome.not_finite = Some(loss / (batch * self.network.features()) as f64);
        }
        outcome.interrupted = self.interrupted.load(Ordering::Relaxed);
        outcome.not_finite.is_none() && !outcome.interrupted
    }

    /// The factors of a step, counted from 0 within these batches, whose gradient had that norm.
    pub(super) fn coefficients(&self, steps_before: u64, norm: f64) -> Update {
        let optimiser = self.optimiser;
        let step = self.first_step + steps_before;
        let rate = optimiser.schedule.rate(step, optimiser.learning_rate);
        let correction = |decay: f64| 1.0 - libm::pow(decay, (step + 1) as f64);
        let clip = match optimiser.clip_norm {
            Some(limit) if norm > limit => limit / norm,
            _ => 1.0,
        };
        let plain = Coefficients {
            first_decay: optimiser.first_decay as f32,
            second_decay: optimiser.second_decay as f32,
            step_size: (rate / correction(optimiser.first_decay)) as f32,
            root_correction: (1.0 / correction(optimiser.second_decay).sqrt()) as f32,
            epsilon: optimiser.epsilon as f32,
            keep: 1.0,
            gradient_factor: clip as f32,
        };
        Update { plain, decaying: Coefficients { keep: (1.0 - rate * optimiser.weight_decay) as f32, ..plain } }
    }

    /// The parameters of a chunk.
    pub(super) fn chunk(&self, chunk: usize) -> Range<usize> {
        chunk * CHUNK..self.length().min((chunk + 1) * CHUNK)
    }

    /// Chunks of parameters.
    pub(super) fn chunks(&self) -> usize {
        self.length().div_ceil(CHUNK)
    }

    /// AdamW on a range of parameters. `gradient` begins with that of the range's first parameter.
    ///
    /// # Safety
    /// No other thread touches these parameters and their moments.
    pub(super) unsafe fn update(&self, update: Update, range: Range<usize>, gradient: Parts<'_>) {
        for run in self.runs(range.clone()) {
            let gradient = Parts { values: &gradient.values[run.start - range.start..], ..gradient };
            // SAFETY: the caller's promise.
            unsafe { self.update_tensor(update, run, gradient) };
        }
    }

    /// AdamW on a range of one tensor, which may begin and end within a line of parameters.
    ///
    /// # Safety
    /// As for [`Step::update`].
    pub(super) unsafe fn update_tensor(&self, update: Update, range: Range<usize>, gradient: Parts<'_>) {
        let coefficients = if self.decays[range.start / LINE] { update.decaying } else { update.plain };
        // SAFETY: the caller's promise.
        unsafe {
            adam::update(
                self.set,
                coefficients,
                gradient,
                self.parameters.write(range.clone()),
                self.first.write(range.clone()),
                self.second.write(range),
            );
        }
    }

    /// The range cut where decaying parameters meet others; whole if nothing decays.
    fn runs(&self, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let mut start = range.start;
        std::iter::from_fn(move || {
            if start >= range.end {
                return None;
            }
            let kind = self.decays[start / LINE];
            let same = |line: &usize| self.optimiser.weight_decay == 0.0 || self.decays[*line] == kind;
            let lines = start / LINE..range.end.div_ceil(LINE);
            let end = lines.clone().find(|line| !same(line)).unwrap_or(lines.end) * LINE;
            let run = start..end.min(range.end);
            start = run.end;
            Some(run)
        })
    }

    /// With clipping: the norm of a gradient, whose squares are summed chunk by chunk. A meeting of all threads.
    pub(super) fn norm(
        &self,
        thread: usize,
        gradient: &Shared<'_, f32>,
        norms: &Shared<'_, f64>,
    ) -> Result<f64, Broken> {
        for chunk in share(self.chunks(), thread, self.threads) {
            // SAFETY: the gradient is only read in this phase, and each thread has its chunks alone.
            unsafe {
                let values = gradient.read(self.chunk(chunk));
                norms.set(chunk, values.iter().map(|value| f64::from(*value) * f64::from(*value)).sum());
            }
        }
        self.barrier.wait(thread)?;
        // SAFETY: behind the barrier nobody writes norms until the next step.
        Ok(unsafe { norms.read(0..self.chunks()) }.iter().sum::<f64>().sqrt())
    }
}
