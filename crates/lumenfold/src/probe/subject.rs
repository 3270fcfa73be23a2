//! What is probed, and the three inputs that are compared.

use std::num::NonZeroUsize;

use lumenfold_data::Slice;
use serde::{Serialize, Serializer};

use super::matrix::Matrix;
use super::split::ProbeSplit;
use super::target::Target;
use crate::parallel::in_order;
use crate::{Error, Pca};

/// What the target is told from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The latent code.
    Code,
    /// The scores of as many principal components, or of as many as there are features.
    Pca,
    /// The features in the model's scaled units.
    Raw,
}

impl Input {
    /// All of them, the narrowest first.
    pub const ALL: [Self; 3] = [Self::Code, Self::Pca, Self::Raw];

    /// What it is called: `code`, `pca` or `raw`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Pca => "pca",
            Self::Raw => "raw",
        }
    }
}

impl Serialize for Input {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Rows to be probed.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Latent codes: `[rows][latents]`.
    pub code: &'a [f32],
    /// Numbers in a code.
    pub latents: usize,
    /// Features in scaled units: `[rows][features]`.
    pub features: &'a [f32],
    /// What PCA weighs each feature by; those of the model's loss make it the PCA that a fit is compared with.
    pub weights: &'a [f32],
    /// What is to be told of each row.
    pub target: &'a Target,
}

impl Subject<'_> {
    pub(super) fn check(&self) {
        let rows = self.target.rows();
        assert!(self.latents > 0 && !self.weights.is_empty(), "a code and features");
        assert_eq!(self.code.len(), rows * self.latents, "a code for each row");
        assert_eq!(self.features.len(), rows * self.weights.len(), "features for each row");
        assert!(rows > 1, "two rows at least");
    }
}

/// The inputs, with PCA fitted on the rows to learn from in each split.
pub(super) struct Inputs<'a> {
    subject: &'a Subject<'a>,
    components: Vec<Pca>,
}

impl<'a> Inputs<'a> {
    pub(super) fn new(subject: &'a Subject<'a>, splits: &[ProbeSplit], threads: NonZeroUsize) -> Result<Self, Error> {
        let width = subject.weights.len();
        // One split has all threads for itself; several of them share them.
        let (each, among) = if splits.len() > 1 { (NonZeroUsize::MIN, threads) } else { (threads, NonZeroUsize::MIN) };
        let components = in_order(splits.len(), among, |index| {
            let row = |row: &u32| &subject.features[*row as usize * width..][..width];
            let rows: Vec<f32> = splits[index].train.iter().flat_map(row).copied().collect();
            Pca::fit(&Slice { values: &rows, width }, subject.weights, subject.latents, each)
        });
        Ok(Self { subject, components: components.into_iter().collect::<Result<_, _>>()? })
    }

    /// Numbers in a row of an input.
    pub(super) fn width(&self, input: Input) -> usize {
        match input {
            Input::Code => self.subject.latents,
            Input::Pca => self.subject.latents.min(self.subject.weights.len()),
            Input::Raw => self.subject.weights.len(),
        }
    }

    /// Some rows of an input, as it is in a split.
    pub(super) fn rows(&self, input: Input, split: usize, rows: &[u32]) -> Matrix {
        let Subject { code, features, weights, .. } = *self.subject;
        let width = self.width(input);
        match input {
            Input::Code => Matrix::of_rows(code, width, rows),
            Input::Raw => Matrix::of_rows(features, width, rows),
            Input::Pca => {
                let row = |row: &u32| &features[*row as usize * weights.len()..][..weights.len()];
                let scores = rows.iter().flat_map(|one| self.components[split].scores(row(one)));
                Matrix::new(scores.collect(), width)
            }
        }
    }
}
