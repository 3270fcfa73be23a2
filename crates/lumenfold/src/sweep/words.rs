//! What a sweep found out, in sentences.

use super::{Dimension, PcaNeeded, Sweep};
use crate::intrinsic_dimension::{Estimate, IntrinsicDimension};
use crate::words::{counted, number, percent, thousands};

/// A difference of losses that is not worth a word.
const EQUAL: f64 = 1e-3;

/// Codes that agree less are not the same.
const STABLE: f64 = 0.9;

impl Sweep {
    /// The dimension that is suggested.
    #[must_use]
    pub fn suggested(&self) -> Option<&Dimension> {
        let latent = self.suggestion?.latent;
        self.dimensions.iter().find(|dimension| dimension.latent == latent)
    }

    /// The suggestion and what speaks for and against it, a sentence each; none where no fit was done.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let (Some(suggestion), Some(chosen)) = (self.suggestion, self.suggested()) else { return Vec::new() };
        let explained = percent(chosen.explained_variance().median);
        let latents = counted(suggestion.latent, "latent");
        let mut sentences = vec![format!("Suggested: {latents}, explaining {explained} of the held-out variance.")];
        let room = suggestion.latent + 1 < self.features;
        sentences.push(match (suggestion.is_largest, self.dimensions.len()) {
            (_, 1) => "Only one dimension was measured: there is nothing to compare it with.".to_owned(),
            (true, _) if room => {
                "It is the largest that was tried, and worth its latents: try larger ones with --latent."
                    .to_owned()
            }
            (true, _) => "It is the largest that is smaller than the data: every latent counts.".to_owned(),
            (false, _) => {
                let tolerance = percent(self.tolerance);
                format!(
                    "Larger ones explain at most {tolerance} more, or no more than they would of noise, within one standard \
                     error."
                )
            }
        });
        sentences.extend(beside_pca(chosen));
        sentences.extend(self.stability_in_words(chosen));
        sentences.push(self.intrinsic.as_ref().map_or_else(
            || "There are too few different held-out rows to estimate their intrinsic dimension.".to_owned(),
            intrinsic_in_words,
        ));
        sentences
    }

    fn stability_in_words(&self, chosen: &Dimension) -> Option<String> {
        let stability = chosen.stability?;
        let r2 = format!("{:.2}", stability.affine_r2);
        let latents = counted(chosen.latent, "latent");
        let pairs = if stability.pairs == 1 { "" } else { " (the median pair)" };
        let head = format!("Codes of different seeds with {latents} agree up to an affine map with");
        Some(match stability.affine_r2 >= STABLE {
            true => format!("{head} R² {r2}{pairs}."),
            false => format!("{head} R² {r2} only{pairs}: do not read a meaning into single coordinates."),
        })
    }
}

/// The heads of the columns.
const HEADS: [&str; 8] = ["latents", "rms", "least", "most", "explained", "PCA rms", "PCA needs", "stability"];

impl Sweep {
    /// The dimensions as rows of text under their heads: median, least and most rms residual of the seeds, median explained
    /// variance, PCA with as many components and the components that it needs for the median loss, and the R² of an affine
    /// map between codes.
    #[must_use]
    pub fn text_table(&self) -> Vec<Vec<String>> {
        let heads = HEADS.iter().map(|head| (*head).to_owned()).collect();
        std::iter::once(heads).chain(self.dimensions.iter().map(row)).collect()
    }
}

fn row(dimension: &Dimension) -> Vec<String> {
    let rms = dimension.rms();
    vec![
        dimension.latent.to_string(),
        number(rms.median),
        number(rms.least),
        number(rms.most),
        percent(dimension.explained_variance().median),
        number(dimension.pca.mse.sqrt()),
        match dimension.pca_needed {
            Some(PcaNeeded::Exactly(components)) => components.to_string(),
            Some(PcaNeeded::MoreThan(components)) => format!("> {components}"),
            None => "-".to_owned(),
        },
        dimension.stability.map_or_else(|| "-".to_owned(), |stability| format!("{:.3}", stability.affine_r2)),
    ]
}

/// What PCA needs for the same error, or that it is the better.
fn beside_pca(chosen: &Dimension) -> Option<String> {
    let latents = counted(chosen.latent, "latent");
    let does = if chosen.latent == 1 { "does" } else { "do" };
    let ratio = chosen.loss().median / chosen.pca.loss;
    if ratio > 1.0 + EQUAL {
        let shorter = match chosen.pca_needed {
            Some(PcaNeeded::Exactly(components)) if components < chosen.latent => {
                format!(" and needs {} for what {latents} {does}", counted(components, "component"))
            }
            _ => String::new(),
        };
        let times =
            if ratio.is_finite() { format!(": the loss is {} times as large", number(ratio)) } else { String::new() };
        return Some(format!("PCA with as many components is better than the autoencoder{shorter}{times}."));
    }
    Some(match chosen.pca_needed? {
        PcaNeeded::Exactly(components) => {
            format!("PCA needs {} for what {latents} {does}.", counted(components, "component"))
        }
        PcaNeeded::MoreThan(components) => {
            format!("PCA needs more than {components} components for what {latents} {does}.")
        }
    })
}

fn intrinsic_in_words(intrinsic: &IntrinsicDimension) -> String {
    format!(
        "The intrinsic dimension of {} held-out rows is {} (TwoNN) or {} (maximum likelihood); noise raises it, few rows \
         lower it.",
        thousands(intrinsic.rows),
        estimate(intrinsic.two_nn),
        estimate(intrinsic.maximum_likelihood)
    )
}

fn estimate(estimate: Estimate) -> String {
    let digits = if estimate.error < 0.095 { 2 } else { 1 };
    format!("{:.digits$} ± {:.digits$}", estimate.value, estimate.error)
}
