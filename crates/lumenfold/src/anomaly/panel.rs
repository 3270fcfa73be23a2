//! Members at work: what they measure of rows.

use std::num::NonZeroUsize;

use lumenfold_engine::Part;

use super::codes::{Codes, codes};
use super::component::{Component, Measures};
use super::covariance::Covariance;
use super::judge::{Judge, Passed, Prototypes, Scratch};
use crate::apart::squared_errors;
use crate::bounded::{apply, division, scaled};
use crate::parallel::in_order;
use crate::{Autoencoder, Error};

/// Rows that a thread takes at a time.
const PIECE: usize = 512;

/// Members and what each judges by. Those whose numbers are equal modulo that of the covariances see rows alike.
pub(super) struct Panel<'a> {
    pub(super) members: &'a [Autoencoder],
    pub(super) prototypes: &'a [Prototypes],
    /// One for each view.
    pub(super) covariances: Vec<&'a Covariance>,
    /// One for each member, or none where the component is not wanted.
    pub(super) codes: &'a [Codes],
}

impl Panel<'_> {
    /// What a member judges by.
    pub(super) fn judge(&self, member: usize) -> Judge<'_> {
        Judge {
            covariance: self.covariances[member % self.covariances.len()],
            prototypes: &self.prototypes[member],
            codes: self.codes.get(member),
        }
    }

    /// One member by itself.
    pub(super) fn only(&self, member: usize) -> Panel<'_> {
        Panel {
            members: &self.members[member..=member],
            prototypes: &self.prototypes[member..=member],
            covariances: vec![self.covariances[member % self.covariances.len()]],
            codes: self.codes.get(member..=member).unwrap_or_default(),
        }
    }

    /// The components that are wanted of rows in original units, the others 1; the geometric mean over members. χ² needs the
    /// standard errors of the values.
    pub(super) fn measure(
        &self,
        (values, errors): (&[f64], Option<&[f64]>),
        wanted: &[Component],
        threads: NonZeroUsize,
    ) -> Result<Vec<Measures>, Error> {
        let Some(first) = self.members.first() else { return Ok(Vec::new()) };
        let width = first.features.len();
        let (piece, inner, outer) = division(first, PIECE, threads);
        let pieces: Vec<&[f64]> = values.chunks(piece * width).collect();
        let errors = errors.filter(|_| wanted.contains(&Component::Chi2));
        let errors: Vec<&[f64]> = errors.map(|errors| errors.chunks(piece * width).collect()).unwrap_or_default();
        let done = in_order(pieces.len(), outer, |index| {
            self.piece((pieces[index], errors.get(index).copied()), wanted, inner)
        });
        Ok(done.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
    }

    fn piece(
        &self,
        (values, errors): (&[f64], Option<&[f64]>),
        wanted: &[Component],
        threads: NonZeroUsize,
    ) -> Result<Vec<Measures>, Error> {
        let views = self.members.iter().take(self.covariances.len());
        let squared = |member: &Autoencoder| {
            errors.map_or_else(Vec::new, |errors| squared_errors(&member.scaling, values, errors))
        };
        let views: Vec<(Vec<f32>, Vec<f64>)> =
            views.map(|member| (scaled(&member.scaling, values), squared(member))).collect();
        let width = self.members[0].features.len();
        let mut output = vec![0.0; values.len()];
        let mut sums = vec![[0.0; Component::COUNT]; values.len() / width];
        let mut scratch = Scratch::default();
        let wants = |components: &[Component]| wanted.iter().any(|component| components.contains(component));
        for (at, member) in self.members.iter().enumerate() {
            let ((scaled, squared_errors), judge) = (&views[at % views.len()], self.judge(at));
            if wants(&[Component::Residual, Component::Mahalanobis, Component::Chi2]) {
                apply(member, Part::Whole, scaled, &mut output, threads)?;
            }
            let latents = member.network.latent_dimension();
            let coded = if wants(&[Component::Latent]) { codes(member, scaled, threads)? } else { Vec::new() };
            for (row, sums) in sums.iter_mut().enumerate() {
                let here = row * width..(row + 1) * width;
                let passed = Passed {
                    scaled: &scaled[here.clone()],
                    output: &output[here.clone()],
                    squared_errors: squared_errors.get(here).unwrap_or_default(),
                    code: coded.get(row * latents..(row + 1) * latents).unwrap_or_default(),
                };
                for component in wanted {
                    let value = judge.measure(*component, passed, &mut scratch);
                    sums[component.place()] += libm::log(value);
                }
            }
        }
        let count = self.members.len() as f64;
        sums.iter_mut().flatten().for_each(|sum| *sum = libm::exp(*sum / count));
        Ok(sums)
    }
}
