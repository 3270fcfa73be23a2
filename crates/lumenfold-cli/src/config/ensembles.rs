//! What is chosen of ensembles: detectors of anomalies, and denoisers.

use lumenfold::anomaly::{self, Component, DetectorOptions};
use lumenfold::denoising::DenoiserOptions;
use lumenfold::{Net, Settings};

use super::Choices;
use crate::failure::Failure;

/// The purpose of models whose ensembles remove noise.
const DENOISING: &str = "denoising";

impl Choices {
    /// How a detector is made, if the model is for anomalies.
    pub(crate) fn detector(&self) -> Result<Option<DetectorOptions>, Failure> {
        let given = [
            ("--members", self.members.is_some()),
            ("--trim", self.trim.is_some()),
            ("--widths", self.widths.is_some()),
            ("--by", self.by.is_some()),
        ];
        match (self.purpose.as_deref(), given.iter().find(|(_, given)| *given)) {
            (None, None) => return Ok(None),
            (None, Some((name, _))) => {
                return Err(Failure::usage(format!(
                    "{name}: is for models of anomalies; give --for anomalies with it{}",
                    if *name == "--members" { ", or --for denoising" } else { "" }
                )));
            }
            (Some(DENOISING), _) if self.trim.is_some() || self.by.is_some() || self.widths.is_some() => {
                return Err(Failure::usage(
                    "--trim, --widths, --by: are for models of anomalies; leave them out with --for denoising",
                ));
            }
            (Some("anomalies"), _) => {}
            (Some(DENOISING), _) => return Ok(None),
            (Some(other), _) => {
                return Err(Failure::usage(format!(
                    "--for: \"{other}\" is not known; it takes anomalies or denoising"
                )));
            }
        }
        let standard = DetectorOptions::default();
        Ok(Some(DetectorOptions {
            members: self.members.unwrap_or(standard.members),
            trim: self.trim.unwrap_or(standard.trim),
            widths: self.widths.clone().unwrap_or_default(),
            components: self.by.as_deref().map(measures).transpose()?,
            further_scalings: if self.scale.is_some() { Vec::new() } else { standard.further_scalings },
        }))
    }

    /// How an ensemble is made, if the model is for denoising.
    pub(crate) fn denoiser(&self) -> Option<DenoiserOptions> {
        let standard = DenoiserOptions::default();
        let members = self.members.unwrap_or(standard.members);
        (self.purpose.as_deref() == Some(DENOISING)).then_some(DenoiserOptions { members })
    }

    /// The settings of a detector's autoencoders, for rows of so many features: what is left open is what suits them.
    pub(crate) fn for_anomalies(&self, settings: &Settings, features: usize, axes: bool) -> Settings {
        let suited = anomaly::suited(settings.clone(), features, axes);
        Settings {
            latent: if self.latent.is_some() { settings.latent } else { suited.latent },
            hidden: if self.hidden.is_some() || settings.net != Net::Dense {
                settings.hidden.clone()
            } else {
                suited.hidden
            },
            learning_rate: if self.learning_rate.is_some() { settings.learning_rate } else { suited.learning_rate },
            ..settings.clone()
        }
    }
}

/// What a score is made of, by names.
pub(crate) fn measures(names: &[String]) -> Result<Vec<Component>, Failure> {
    let mut measures = Vec::new();
    for name in names {
        let measure = name.trim().parse().map_err(|error| Failure::usage(format!("--by: {error}")))?;
        if measures.contains(&measure) {
            return Err(Failure::usage(format!("--by: {measure} is named twice")));
        }
        measures.push(measure);
    }
    Ok(measures)
}
