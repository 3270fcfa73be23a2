//! Layers one after the other, with the shape that values have between them.

use lumenfold_engine::{Activation, Convolution, Extent, Layer, Window};

use super::Norm;

/// Channels in a group of a normalisation, if there are as many.
const CHANNELS_OF_GROUP: usize = 8;

/// What values are between two layers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    /// So many features.
    Flat(usize),
    /// A field.
    Field { channels: usize, extent: Extent },
}

impl Form {
    pub(super) fn width(self) -> usize {
        match self {
            Self::Flat(width) => width,
            // Channels come from a description: more values than can be counted are refused when the network is made.
            Self::Field { channels, extent } => channels.saturating_mul(extent.positions()),
        }
    }

    /// In words: `16 × 14×14` for sixteen channels.
    pub(super) fn in_words(self) -> String {
        match self {
            Self::Flat(width) => width.to_string(),
            Self::Field { channels, extent } => format!("{channels} × {extent}"),
        }
    }
}

/// A layer that makes new values, and those after it that change them in place.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// None at the very beginning.
    pub(super) layer: Option<Layer>,
    pub(super) then: Vec<Layer>,
    pub(super) form: Form,
}

/// Layers that have been put together so far.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    parts: Vec<Part>,
}

impl Flow {
    /// Begins with values of this form.
    pub(super) fn new(form: Form) -> Self {
        Self { parts: vec![Part { layer: None, then: Vec::new(), form }] }
    }

    pub(super) fn of_features(features: usize) -> Self {
        Self::new(Form::Flat(features))
    }

    /// The parts, the first of which has no layer.
    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// All layers.
    pub(super) fn layers(&self) -> Vec<Layer> {
        self.parts.iter().flat_map(|part| part.layer.into_iter().chain(part.then.iter().copied())).collect()
    }

    /// What values are now.
    pub(super) fn form(&self) -> Form {
        self.parts[self.parts.len() - 1].form
    }

    /// The field that values are now.
    pub(super) fn field(&self) -> Result<(usize, Extent), String> {
        match self.form() {
            Form::Field { channels, extent } => Ok((channels, extent)),
            Form::Flat(width) => Err(format!("it needs a field, and gets {width} features; put a reshape before it")),
        }
    }

    /// Takes values as something else of the same width.
    pub(super) fn reshape(&mut self, form: Form) -> Result<(), String> {
        let width = self.form().width();
        if form.width() != width {
            return Err(format!("{} values cannot become {}", width, form.in_words()));
        }
        let last = self.parts.len() - 1;
        self.parts[last].form = form;
        Ok(())
    }

    /// A layer that makes new values.
    pub(super) fn push(&mut self, layer: Layer, form: Form) {
        self.parts.push(Part { layer: Some(layer), then: Vec::new(), form });
    }

    /// A layer that changes values in place.
    pub(super) fn then(&mut self, layer: Layer) {
        let last = self.parts.len() - 1;
        self.parts[last].then.push(layer);
    }

    pub(super) fn dense(&mut self, outputs: usize) {
        let inputs = self.form().width();
        self.push(Layer::Dense { inputs, outputs }, Form::Flat(outputs));
    }

    /// A convolution of the present field by a window that moves over it.
    pub(super) fn convolution(&mut self, window: Window, inputs: usize, outputs: usize, groups: usize) {
        let layer = Layer::Convolution(Convolution { window, inputs, outputs, groups });
        self.push(layer, Form::Field { channels: outputs, extent: window.coarse() });
    }

    /// What comes after a hidden layer.
    pub(super) fn after(&mut self, activation: Activation, norm: Norm) {
        match (norm, self.form()) {
            (Norm::Group, Form::Field { .. }) => {
                // As is usual, before the activation.
                self.normalise(norm);
                self.activate(activation);
            }
            _ => {
                self.activate(activation);
                self.normalise(norm);
            }
        }
    }

    pub(super) fn activate(&mut self, activation: Activation) {
        if activation != Activation::Identity {
            self.then(Layer::Activation(activation));
        }
    }

    fn normalise(&mut self, norm: Norm) {
        match (norm, self.form()) {
            (Norm::None, _) => {}
            (Norm::Layer | Norm::Group, Form::Flat(width)) => self.then(Layer::LayerNorm { width }),
            (Norm::Layer, Form::Field { channels, extent }) => {
                self.then(Layer::ChannelNorm { channels, positions: extent.positions() });
            }
            (Norm::Group, Form::Field { channels, extent }) => {
                self.then(Layer::GroupNorm { channels, positions: extent.positions(), groups: groups_of(channels) });
            }
        }
    }
}

/// Groups for so many channels: of eight, or as many as divide them.
fn groups_of(channels: usize) -> usize {
    (1..=CHANNELS_OF_GROUP).rev().find(|size| channels.is_multiple_of(*size)).map_or(1, |size| channels / size)
}
