//! The JSON document in a model file, version 1.

mod layers;

use lumenfold_data::axis::{check_axes, value_names};
use lumenfold_data::{Axis, Feature, Scaling, ScalingKind};
use lumenfold_engine::{Layer, Network, Part};
use serde::{Deserialize, Serialize};

use crate::anomaly::DetectorDocument;
use crate::blind_spots::BlindSpots;
use crate::denoising::DenoiserDocument;
use crate::model::Model;
use crate::record::TrainingRecord;
use crate::settings::{Kind, Settings};
use crate::{Autoencoder, Cost};

pub use layers::{LayerDocument, WindowDocument};

/// The version that is written. Earlier ones are read for ever.
pub const VERSION: u64 = 1;

/// The name of the loss that is the mean of squares.
const SQUARED: &str = "mean squared error";

/// Values of the widest layer of a network, for each of a sample and each weight.
const WIDEST: usize = 1024;

/// The document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Version of this layout.
    pub version: u64,
    /// The program that wrote it.
    pub written_by: String,
    /// The kind of autoencoder: `undercomplete`, `sparse`, `denoising` or `variational`.
    pub kind: String,
    /// The layers of the encoder, in order; layer `i` has the tensors `encoder.i.*`.
    pub encoder: Vec<LayerDocument>,
    /// The layers of the decoder.
    pub decoder: Vec<LayerDocument>,
    /// The axes of a sample, of which the features are the values, the last axis fastest; none for plain features.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub axes: Vec<Axis>,
    /// Names and units of the features, in the order of the first layer's inputs. None where the axes name them: the value
    /// of a spectrum is called by its place on the grid, those of more axes are `x1`, `x2`, ….
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<FeatureDocument>,
    /// Names of the latent coordinates.
    pub latent: Vec<String>,
    /// `(transform(x) - center) / scale` for each feature.
    pub scaling: Scaling,
    /// What was minimised.
    pub loss: LossDocument,
    /// How it was trained and how well it went.
    pub training: TrainingRecord,
    /// What anomalies are judged by, if it was fitted for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detector: Option<DetectorDocument>,
    /// What it denoises with beside its layers, if it was fitted for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denoiser: Option<DenoiserDocument>,
}

/// A feature's name and unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureDocument {
    /// Its name.
    pub name: String,
    /// Its unit, if known.
    pub unit: Option<String>,
}

/// The reconstruction loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LossDocument {
    /// `mean squared error`: the mean over samples and features of weight times the squared residual in scaled units; or
    /// `huber:DISTANCE`, with the cost of Huber in its place. By it autoencoder and PCA are compared; what codes cost, and
    /// the likelihood of a variational autoencoder, are with the settings.
    pub name: String,
    /// One weight for each feature.
    pub weights: Vec<f32>,
    /// Where values had standard errors: one over the squared scaled error of a value that weighed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_unit: Option<f64>,
    /// The mean of each scaled feature over the training rows.
    pub scaled_mean: Vec<f64>,
}

impl From<&Model> for Document {
    fn from(model: &Model) -> Self {
        let autoencoder = &model.autoencoder;
        let layers = |part| autoencoder.network.part(part).iter().map(LayerDocument::from).collect();
        let feature = |feature: &Feature| FeatureDocument { name: feature.name.clone(), unit: feature.unit.clone() };
        Self {
            version: VERSION,
            written_by: model.written_by.clone(),
            kind: model.record.settings.kind.to_string(),
            encoder: layers(Part::Encoder),
            decoder: layers(Part::Decoder),
            axes: autoencoder.axes.clone(),
            features: match named_by_axes(autoencoder) {
                true => Vec::new(),
                false => autoencoder.features.iter().map(feature).collect(),
            },
            latent: autoencoder.latent_names(),
            scaling: autoencoder.scaling.clone(),
            loss: LossDocument {
                name: match autoencoder.cost {
                    Cost::Squared => SQUARED.to_owned(),
                    cost @ Cost::Huber(_) => cost.to_string(),
                },
                weights: autoencoder.loss_weights.clone(),
                weight_unit: autoencoder.weight_unit,
                scaled_mean: autoencoder.scaled_mean.clone(),
            },
            training: model.record.clone(),
            detector: model.detector.as_ref().map(DetectorDocument::from),
            denoiser: model.denoiser.as_ref().map(DenoiserDocument::from),
        }
    }
}

/// Whether features have the names that their axes give them.
fn named_by_axes(autoencoder: &Autoencoder) -> bool {
    let own = autoencoder.features.iter();
    !autoencoder.axes.is_empty()
        && own.zip(value_names(&autoencoder.axes)).all(|(own, name)| own.name == name && own.unit.is_none())
}

impl Document {
    /// The network that the document describes, in a file with room for so many weights.
    pub(crate) fn network(&self, most_weights: usize) -> Result<Network, String> {
        let weights = self.encoder.iter().chain(&self.decoder).map(LayerDocument::weights);
        let weights = weights.fold(0_usize, usize::saturating_add);
        if weights > most_weights {
            return Err(format!("its layers need {weights} weights, it holds at most {most_weights}"));
        }
        let chain = |layers: &[LayerDocument]| layers.iter().map(LayerDocument::layer).collect::<Result<Vec<_>, _>>();
        let (encoder, decoder) = (chain(&self.encoder)?, chain(&self.decoder)?);
        // Layers without weights could ask for any amount of memory.
        let features = encoder.first().and_then(|layer| layer.inputs()).unwrap_or(0);
        let most = features.saturating_add(most_weights).saturating_mul(WIDEST);
        let widest = encoder.iter().chain(&decoder).filter_map(|layer| layer.outputs()).max().unwrap_or(0);
        if widest > most {
            return Err(format!(
                "one of its layers has {widest} values, which its samples and weights do not call for"
            ));
        }
        Network::new(encoder, decoder).map_err(|error| error.to_string())
    }

    /// Checks that its network and its settings are those of one kind of autoencoder.
    fn check_kind(&self, network: &Network) -> Result<(), String> {
        let settings = &self.training.settings;
        if self.kind != settings.kind.name() {
            return Err(format!("it is of kind \"{}\", but was trained as {}", self.kind, settings.kind));
        }
        let is_variational = settings.kind == Kind::Variational;
        if settings.likelihood.is_some() != is_variational {
            return Err("only a variational autoencoder has a likelihood, and it must be told".to_owned());
        }
        let chosen = Settings {
            kind: settings.kind,
            noise: settings.noise.clone(),
            blind_spots: settings.blind_spots,
            sparsity: settings.sparsity,
            revival: settings.revival,
            likelihood: settings.likelihood,
            binarize: settings.binarize,
            beta: settings.beta.filter(|_| is_variational),
            beta_warm_up: settings.beta_warm_up,
            free_nats: settings.free_nats,
            cost: settings.cost,
            scaling: settings.scaling.parse::<ScalingKind>().map_err(|error| error.to_string())?,
            latent: network.latent_dimension(),
            hidden: Vec::new(),
            ..Settings::default()
        };
        chosen.check_kind().map_err(|error| format!("no fit has its settings: {error}"))?;
        // What a kind puts at the ends of encoder and decoder.
        let expected = chosen.network(&[network.features()]).map_err(|error| error.to_string())?;
        let ends = |network: &Network| {
            [Part::Encoder, Part::Decoder].map(|part| network.part(part).last().copied().filter(is_special))
        };
        if ends(&expected) != ends(network) {
            return Err(format!("its layers are not those of a model of kind \"{}\"", self.kind));
        }
        Ok(())
    }

    /// The model, given its network and parameters, after checking that all parts fit together.
    pub(crate) fn model(mut self, network: Network, parameters: Vec<f32>) -> Result<Model, String> {
        let features = network.features();
        check_axes("it", &self.axes, features).map_err(|error| error.to_string())?;
        if self.features.is_empty() {
            let named = value_names(&self.axes).into_iter().map(|name| FeatureDocument { name, unit: None });
            self.features = named.collect();
        }
        for (what, found) in [
            ("feature names", self.features.len()),
            ("scaled features", self.scaling.features.len()),
            ("loss weights", self.loss.weights.len()),
            ("feature means", self.loss.scaled_mean.len()),
        ] {
            if found != features {
                return Err(format!("it has {found} {what} for a network of {features} features"));
            }
        }
        let errors = [Some(&self.training.train), self.training.validation.as_ref()].into_iter().flatten();
        let denoising = self.training.denoising.iter().flat_map(|denoising| {
            [Some(&denoising.corrupted), Some(&denoising.reconstructed), denoising.pca.as_ref()].into_iter().flatten()
        });
        for errors in
            errors.chain(denoising).chain(&self.training.ordered).chain(self.training.pca.iter().map(|pca| &pca.errors))
        {
            if errors.rmse.len() != features || errors.bias.len() != features {
                return Err(format!("its record has no error for each of the {features} features"));
            }
            if errors.mse < 0.0 || errors.loss < 0.0 {
                return Err("its record has an error below zero".to_owned());
            }
        }
        self.check_kind(&network)?;
        for scaling in &self.scaling.features {
            if !(scaling.center.is_finite() && scaling.scale.is_finite() && scaling.scale != 0.0) {
                return Err("its scaling has a centre or scale that is no usable number".to_owned());
            }
        }
        let latent = network.latent_dimension();
        let usage = self.training.usage.iter().flat_map(|usage| [usage.shares.len(), usage.activity.len()]);
        let evidence = self.training.evidence.iter();
        let evidence = evidence.flat_map(|evidence| [evidence.divergences.len(), evidence.spread.len()]);
        if usage.chain(evidence).any(|found| found != latent) {
            return Err(format!("its record does not tell of each of the {latent} latents"));
        }
        let parameter_length = network.parameter_length();
        let detector = self.detector.map(|detector| detector.detector(features, &network)).transpose()?;
        let denoiser = self.denoiser.map(|denoiser| denoiser.denoiser(features, parameter_length)).transpose()?;
        let blind_spots = self.training.settings.blind_spots.map(|share| BlindSpots::of_share(share, features));
        let autoencoder = Autoencoder {
            blind_spots,
            cost: self.training.settings.cost,
            weight_unit: self.loss.weight_unit,
            network,
            parameters,
            scaling: self.scaling,
            axes: self.axes,
            features: self.features.into_iter().map(|f| Feature { name: f.name, unit: f.unit }).collect(),
            loss_weights: self.loss.weights,
            scaled_mean: self.loss.scaled_mean,
        };
        Ok(Model { autoencoder, record: self.training, detector, denoiser, written_by: self.written_by })
    }
}

/// Whether a layer tells the kind of an autoencoder.
fn is_special(layer: &Layer) -> bool {
    matches!(
        layer,
        Layer::Activation(_)
            | Layer::TopK { .. }
            | Layer::JumpRelu { .. }
            | Layer::Gaussian { .. }
            | Layer::Variance { .. }
    )
}
