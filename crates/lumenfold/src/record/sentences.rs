//! What a training came to, in sentences.

use super::TrainingRecord;
use crate::metrics::Errors;
use crate::words::{number, percent};
use crate::{Likelihood, Noise};

/// A share of dead latents that is worth a word.
const MANY_DEAD: f64 = 0.2;

impl TrainingRecord {
    /// What was done to the inputs of a denoising autoencoder, in words.
    #[must_use]
    pub fn corruption(&self) -> Option<String> {
        let settings = &self.settings;
        let noise = settings.noise.iter().map(|noise| match noise {
            Noise::Split(share) => format!("{} of the counts, told from the others", percent(1.0 - share)),
            other => other.to_string(),
        });
        let blind = settings.blind_spots.map(|share| format!("blind spots in {} of the values", percent(share)));
        let all: Vec<String> = noise.chain(blind).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// What there is to say of this kind of autoencoder, in a sentence for each finding.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let of_kind = [self.denoising_in_words(), self.usage_in_words(), self.evidence_in_words()];
        let own = of_kind.into_iter().flatten().chain(self.chi_square_in_words());
        self.patches_in_words().into_iter().chain(own).collect()
    }

    /// What the rows of a patch model are, and how they were divided.
    fn patches_in_words(&self) -> Option<String> {
        let patches = self.patches.as_ref()?;
        let sizes = patches.sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ");
        let images = if patches.images == 1 { "one image".to_owned() } else { format!("{} images", patches.images) };
        let held_out = match patches.held_out_blocks {
            0 => "nothing was held out".to_owned(),
            _ => format!("held out: {}, which no patch that trained touches", patches.held_out),
        };
        Some(format!("Rows are patches of {images} of {sizes}, drawn anew in every epoch; {held_out}."))
    }

    /// Whether the rows that judge are held out, in a word.
    fn judging(&self) -> &'static str {
        if self.validation.is_some() { "held-out" } else { "training" }
    }

    /// How far reconstructions are from values, in units of their standard errors.
    fn chi_square_in_words(&self) -> Option<String> {
        let chi_square = self.judged().chi_square?;
        let (rows, per_value) = (self.judging(), number(chi_square.per_value));
        let Some(reduced) = chi_square.reduced else {
            return Some(format!(
                "Residuals of {rows} rows have a chi-square of {per_value} for each value; with as many latents as values, \
                 no degree of freedom is left to compare it with."
            ));
        };
        let meaning = match reduced {
            reduced if reduced > 1.5 => "above 1: the code loses more than the errors, or the errors are too small",
            reduced if reduced < 0.67 => "below 1: the errors are too large, or noise is reconstructed too",
            _ => "near 1: the rows are reconstructed to within their errors",
        };
        Some(format!(
            "The reduced chi-square of {rows} rows is {} ({per_value} for each value), {meaning}.",
            number(reduced)
        ))
    }

    /// How a sparse autoencoder uses its latents.
    fn usage_in_words(&self) -> Vec<String> {
        let Some(usage) = &self.usage else { return Vec::new() };
        let (latents, rows) = (usage.shares.len(), self.judging());
        let dead = usage.dead as f64 / latents.max(1) as f64;
        let mut sentences = vec![format!(
            "A {rows} row uses {} of {latents} latents on average; {} ({}) are used by no row at all (dead).",
            number(usage.active),
            usage.dead,
            percent(dead)
        )];
        if dead > MANY_DEAD {
            let advice = "Many latents are dead: fewer latents, a lower learning rate, more epochs or more rows help.";
            sentences.push(advice.to_owned());
        }
        sentences
    }

    /// How well a variational autoencoder explains rows.
    fn evidence_in_words(&self) -> Vec<String> {
        let Some(evidence) = &self.evidence else { return Vec::new() };
        let latents = evidence.divergences.len();
        let scaled = match self.settings.likelihood {
            Some(Likelihood::Gaussian { .. }) => " (of scaled values)",
            _ => "",
        };
        let mut sentences = vec![format!(
            "The evidence lower bound (ELBO) is {} nats for a {} row{scaled}: {} for its reconstruction, less {} for its \
             code.",
            number(evidence.elbo),
            self.judging(),
            number(evidence.reconstruction),
            number(evidence.divergence)
        )];
        if let Some(importance) = &evidence.importance {
            sentences.push(format!(
                "The log-likelihood is {} nats by importance sampling ({} draws for each of {} rows).",
                number(importance.log_likelihood),
                importance.draws,
                importance.rows
            ));
        }
        sentences.push(match evidence.active {
            active if active == latents => format!("All {latents} latents are active."),
            active => format!(
                "{active} of {latents} latents are active; the others tell nothing: fewer latents would do, or a smaller \
                 --beta or some --free-nats bring them back."
            ),
        });
        sentences
    }

    /// How well a denoising autoencoder does, in a sentence for each finding.
    #[must_use]
    pub fn denoising_in_words(&self) -> Vec<String> {
        let (Some(errors), Some(corruption)) = (&self.denoising, self.corruption()) else { return Vec::new() };
        let rms = |errors: &Errors| number(errors.mse.sqrt());
        let rows = if self.validation.is_some() { "held-out" } else { "training" };
        let (before, after) = (rms(&errors.corrupted), rms(&errors.reconstructed));
        let splits = self.settings.noise.iter().any(|noise| matches!(noise, Noise::Split(_)));
        let mut sentences = vec![match self.settings.blind_spots {
            None if splits => format!(
                "Of {rows} rows, {corruption}: an rms difference of {before} between the rates of both parts becomes \
                 {after}, of which the noise of the part that is told cannot be taken away"
            ),
            None => format!("Of {rows} rows corrupted by {corruption}, an rms error of {before} becomes {after}"),
            Some(_) => format!(
                "Values hidden in {rows} rows ({corruption}) are told from the others with an rms error of {after}; a \
                 constant in their place is off by {before}"
            ),
        }];
        if let Some(pca) = &errors.pca {
            sentences[0] += &format!("; with PCA of as many components it is {}", rms(pca));
        }
        let losses =
            [Some(&errors.corrupted), errors.pca.as_ref()].map(|rival| rival.map_or(f64::INFINITY, |rival| rival.loss));
        let own = errors.reconstructed.loss;
        match (losses[0] < own, losses[1] < own) {
            (true, _) if self.settings.blind_spots.is_some() => {
                sentences.push("The network tells hidden values worse than their means do".to_owned());
            }
            (true, false) => sentences.push(
                "The network loses more than the noise: it needs more latents, or rows need no such denoiser"
                    .to_owned(),
            ),
            (true, true) if losses[0] <= losses[1] => sentences.push(
                "Network and PCA lose more than the noise: more latents are needed, or rows need no such denoiser"
                    .to_owned(),
            ),
            (_, true) => sentences.push("PCA is the better denoiser here".to_owned()),
            _ => {}
        }
        if self.settings.blind_spots.is_some() {
            let why =
                "In the table of errors, each value is hidden while the autoencoder tells it; PCA sees all of them";
            sentences.push(why.to_owned());
        }
        sentences.into_iter().map(|sentence| sentence + ".").collect()
    }
}
