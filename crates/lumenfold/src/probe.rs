//! How much of a label or a quantity a latent code keeps.
//!
//! Simple models are asked to tell a target from three inputs: the latent code, the scores of PCA with as many
//! components, and the features themselves, scaled. They learn from some rows and are judged on others:
//!
//! ```text
//! BlockReader ──ProbeRows──▶ code, scaled features, target ──ProbeSplit──▶ rows to learn from │ held-out rows
//!                 seeded choice                                                    │                   │
//!                                            code, PCA, raw ──Method──▶ k-NN, linear, forest ──▶ predictions
//!                                                                                                      │
//!                            Probed: figures, intervals, differences ◀──Found: paired intervals─────────┘
//! ```
//!
//! * `rows` and `labels` read what is probed, `split` divides it, `target` is what is to be told.
//! * `neighbours`, `ridge`, `logistic` and `forest` are the models; `method` chooses their settings by cross-validation.
//! * `bootstrap` makes figures of the predictions and `interval` says how certain they are.
//! * `conclusion` says in sentences who wins.
//!
//! Everything is drawn from the seed, each draw in its own place, and work is shared in pieces that do not depend on one
//! another: the same rows, model and seed give the same bits on any number of threads.
//!
//! ```
//! use std::num::NonZeroUsize;
//! use lumenfold::probe::{ProbeOptions, Subject, Target, probe};
//!
//! // One number that tells the side, and two features of which the second tells it too.
//! let code: Vec<f32> = (0..200).map(|row| if row % 2 == 0 { 1.0 } else { -1.0 }).collect();
//! let features: Vec<f32> = code.iter().enumerate().flat_map(|(row, side)| [(row % 7) as f32, 3.0 * side]).collect();
//! let names = ["left", "right"].map(str::to_owned).to_vec();
//! let target = Target::Classes { names, codes: (0..200).map(|row| row % 2).collect() };
//! let subject = Subject { code: &code, latents: 1, features: &features, weights: &[1.0, 1.0], target: &target };
//! let options = ProbeOptions { resamples: 200, ..ProbeOptions::new(NonZeroUsize::MIN) };
//! let probed = probe(&subject, &options, &|_, _| {})?;
//! assert_eq!(probed.asked[0].figures[0].value, 1.0);
//! assert!(probed.baseline[0].value < 0.6);
//! # Ok::<(), lumenfold::Error>(())
//! ```

mod bootstrap;
mod conclusion;
mod draws;
mod error;
pub mod forest;
mod interval;
mod labels;
pub mod logistic;
mod matrix;
pub mod method;
pub mod neighbours;
pub mod ridge;
mod rows;
mod split;
mod subject;
mod target;

use std::num::NonZeroUsize;

use serde::Serialize;

pub use bootstrap::{CLASS_FIGURES, Figures, Judged, QUANTITY_FIGURES, macro_f1};
pub use conclusion::{rounded, signed};
pub use error::ProbeError;
pub use interval::{Found, Interval};
pub use labels::{FEW_INTEGERS, MOST_CLASSES, Task};
pub use matrix::{Matrix, Standard};
pub use method::{Answer, Method};
pub use rows::{FEWEST_ROWS, ProbeRows, RowOptions};
pub use split::ProbeSplit;
pub use subject::{Input, Subject};
pub use target::Target;

use crate::Error;
use crate::order_statistics::mean;
use crate::parallel::in_order;
use subject::Inputs;

/// How a probe is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProbeOptions {
    /// Share of the rows that is held out to judge by.
    pub held_out: f64,
    /// The seed of splits, folds, forests and resamples.
    pub seed: u64,
    /// Splits, whose figures are averaged.
    pub repeats: usize,
    /// Resamples of the intervals.
    pub resamples: usize,
    /// Threads; the result does not depend on it.
    pub threads: NonZeroUsize,
}

/// Splits at most.
const MOST_REPEATS: usize = 1000;

impl ProbeOptions {
    /// One split with a quarter of the rows held out, seed 0, 2,000 resamples.
    #[must_use]
    pub fn new(threads: NonZeroUsize) -> Self {
        Self { held_out: 0.25, seed: 0, repeats: 1, resamples: 2000, threads }
    }

    /// Refuses settings that are out of range.
    ///
    /// # Errors
    /// The share is not between 0.05 and 0.95, or there are no repeats or too many.
    pub fn check(&self) -> Result<(), Error> {
        let refused =
            |name, value: String, allowed: &str| Err(Error::Setting { name, value, allowed: allowed.to_owned() });
        if !(0.05..=0.95).contains(&self.held_out) {
            return refused("--held-out", self.held_out.to_string(), "a share of the rows from 0.05 to 0.95");
        }
        if !(1..=MOST_REPEATS).contains(&self.repeats) {
            return refused("--repeats", self.repeats.to_string(), "a number of splits from 1 to 1000");
        }
        Ok(())
    }
}

/// What came of a probe.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Probed {
    /// Names of the two figures.
    pub figure_names: [&'static str; 2],
    /// Rows that the models learnt from in the first split.
    pub train_rows: usize,
    /// Rows that were held out in it.
    pub held_out_rows: usize,
    /// Splits.
    pub repeats: usize,
    /// Components of PCA.
    pub components: usize,
    /// The figures of the most frequent class, or of the mean.
    pub baseline: [Interval; 2],
    /// Every input and model.
    pub asked: Vec<Asked>,
    /// Inputs and models that would have taken too long.
    pub left_out: Vec<(Input, Method)>,
    /// For each input the model with the least loss in the cross-validation of the training rows.
    pub best: [Method; 3],
    /// The code beside PCA and the raw features.
    pub differences: Vec<Difference>,
    /// The first figure of the code's best model less that of the baseline.
    pub beyond_baseline: Interval,
    /// Whether the target is a class.
    pub classes: bool,
}

/// What one model told from one input.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Asked {
    /// The input.
    pub input: Input,
    /// The model.
    pub method: Method,
    /// Numbers of neighbours or penalties that the cross-validation chose, one for each split.
    pub settings: Vec<f64>,
    /// The mean loss of the cross-validation of the training rows: the share of wrong classes, or the mean squared error.
    pub cross_validated_loss: f64,
    /// Its figures on the held-out rows.
    pub figures: [Interval; 2],
    /// Of classes: the mean over them of the harmonic mean of precision and recall.
    pub macro_f1: Option<f64>,
}

/// The figures that a model has with the code, less those with another input.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The other input.
    pub than: Input,
    /// The model; if `None`, the best one of each input.
    pub method: Option<Method>,
    /// The paired differences.
    pub figures: [Interval; 2],
}

/// What is done at a time: a model learns from an input in a split.
struct Question {
    input: Input,
    method: Method,
    repeat: usize,
}

/// Measures how well simple models tell the target from code, PCA and features. `observe` is told how many of how many
/// questions are answered.
///
/// # Errors
/// Options out of range. Too few rows are for [`ProbeRows::gather`] to refuse.
///
/// # Panics
/// The lengths of the subject do not fit, or it has fewer than two rows.
pub fn probe(
    subject: &Subject<'_>,
    options: &ProbeOptions,
    observe: &(dyn Fn(usize, usize) + Sync),
) -> Result<Probed, Error> {
    options.check()?;
    subject.check();
    let target = subject.target;
    let classes = target.classes();
    let split = |number| ProbeSplit::new(target, options.held_out, options.seed, number);
    let splits: Vec<ProbeSplit> = (0..options.repeats).map(split).collect();
    let inputs = Inputs::new(subject, &splits, options.threads)?;
    let every = || Input::ALL.into_iter().flat_map(|input| Method::ALL.into_iter().map(move |method| (input, method)));
    let affordable = |(input, method): &(Input, Method)| {
        method.affordable(splits[0].train.len(), inputs.width(*input), classes.max(1))
    };
    let (asked, left_out): (Vec<_>, Vec<_>) = every().partition(affordable);
    // The widest input first: who takes longest begins.
    let questions: Vec<Question> = asked
        .iter()
        .rev()
        .flat_map(|(input, method)| {
            (0..options.repeats).map(|repeat| Question { input: *input, method: *method, repeat })
        })
        .collect();
    let done = std::sync::atomic::AtomicUsize::new(0);
    let mut answers = in_order(questions.len(), options.threads, |index| {
        let Question { input, method, repeat } = questions[index];
        let split = &splits[repeat];
        let rows = |rows: &[u32]| inputs.rows(input, repeat, rows);
        let known = target.chosen(&split.train);
        let answer = method.ask(rows(&split.train), &known, rows(&split.held_out), options.seed, repeat);
        observe(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, questions.len());
        answer
    });
    // Back in the order of `asked`; those of one input and model are together.
    answers.reverse();
    let mut said: Vec<Vec<Answer>> = Vec::new();
    while !answers.is_empty() {
        let mut of_one: Vec<Answer> = answers.drain(..options.repeats).collect();
        of_one.reverse();
        said.push(of_one);
    }

    let judged = |(number, split): (usize, &ProbeSplit)| {
        let trivial = vec![target.chosen(&split.train).trivial(); split.held_out.len()];
        let said = said.iter().map(|answers| &answers[number].predictions[..]);
        Judged::of(target.chosen(&split.held_out), &said.chain([&trivial[..]]).collect::<Vec<_>>())
    };
    let judged: Vec<Judged> = splits.iter().enumerate().map(judged).collect();
    let found = match &judged[..] {
        [only] => Found::Resampled {
            figures: only.figures(),
            resamples: only.resampled(options.resamples, options.seed, options.threads),
        },
        several => Found::Splits {
            figures: several.iter().map(Judged::figures).collect(),
            ratio: splits[0].held_out.len() as f64 / splits[0].train.len() as f64,
        },
    };
    let figures = |model: usize| [0, 1].map(|figure| found.of(model, figure));
    let mean_loss = |answers: &[Answer]| answers.iter().map(|answer| answer.loss).sum::<f64>() / answers.len() as f64;
    let told = |(model, ((input, method), answers)): (usize, (&(Input, Method), &Vec<Answer>))| Asked {
        input: *input,
        method: *method,
        settings: answers.iter().filter_map(|answer| answer.setting).collect(),
        cross_validated_loss: mean_loss(answers),
        figures: figures(model),
        macro_f1: (classes > 0).then(|| {
            let of_split = |(split, answer): (&ProbeSplit, &Answer)| {
                macro_f1(&target.chosen(&split.held_out), &answer.predictions)
            };
            mean(&splits.iter().zip(answers).map(of_split).collect::<Vec<_>>())
        }),
    };
    let told: Vec<Asked> = asked.iter().zip(&said).enumerate().map(told).collect();
    let place = |input: Input, method: Method| asked.iter().position(|one| *one == (input, method));
    let best = Input::ALL.map(|input| {
        let own = told.iter().filter(|asked| asked.input == input);
        // Neighbours and forests can always be asked.
        own.min_by(|a, b| a.cross_validated_loss.total_cmp(&b.cross_validated_loss))
            .map_or(Method::Forest, |asked| asked.method)
    });
    let difference = |model: Option<usize>, other: Option<usize>| {
        let (model, other) = (model?, other?);
        Some([0, 1].map(|figure| found.difference(model, other, figure)))
    };
    let best_of = |input: Input| place(input, best[input as usize]);
    let mut differences = Vec::new();
    for than in [Input::Pca, Input::Raw] {
        let pairs = Method::ALL
            .into_iter()
            .map(|method| (Some(method), difference(place(Input::Code, method), place(than, method))));
        let of_best = (None, difference(best_of(Input::Code), best_of(than)));
        differences.extend(
            pairs.chain([of_best]).filter_map(|(method, figures)| Some(Difference { than, method, figures: figures? })),
        );
    }
    let baseline = told.len();
    Ok(Probed {
        figure_names: if classes > 0 { CLASS_FIGURES } else { QUANTITY_FIGURES },
        train_rows: splits[0].train.len(),
        held_out_rows: splits[0].held_out.len(),
        repeats: options.repeats,
        components: inputs.width(Input::Pca),
        baseline: figures(baseline),
        beyond_baseline: found.difference(best_of(Input::Code).unwrap_or(0), baseline, 0),
        asked: told,
        left_out,
        best,
        differences,
        classes: classes > 0,
    })
}

#[cfg(test)]
mod tests;
