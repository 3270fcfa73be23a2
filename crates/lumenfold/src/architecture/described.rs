//! The layers that a description stands for.

use lumenfold_engine::{Activation, Convolution, Extent, Interpolation, Layer, Pooling, Window};

use super::description::{Chain, Description, Item, Mode, Padding, Sizes};
use super::flow::{Flow, Form};
use super::mirror;
use crate::Settings;

/// The most layers of a description.
const MOST_LAYERS: usize = 4096;

/// The layers of encoder and decoder for samples of a shape.
pub(super) fn layers(
    description: &Description,
    settings: &Settings,
    shape: &[usize],
) -> Result<(Vec<Layer>, Vec<Layer>), String> {
    let features: usize = shape.iter().product();
    // A shape of more dimensions than a field has is for dense layers.
    let sample = Extent::new(shape).map_or(Form::Flat(features), |extent| Form::Field { channels: 1, extent });
    let mut encoder = Flow::new(sample);
    Building { flow: &mut encoder, name: "encoder", end: settings.latent }.all(&description.encoder)?;
    let latent = encoder.form().width();
    if latent != settings.latent {
        return Err(format!("the encoder ends with {latent} values, and --latent is {}", settings.latent));
    }
    let decoder = match &description.decoder {
        Chain::Mirror if holds_outer_product(&description.encoder) => {
            return Err("an encoder with an outer product has no mirror; describe the decoder".to_owned());
        }
        Chain::Mirror => mirror::decoder(&encoder),
        Chain::Layers(items) => {
            let mut decoder = Flow::new(encoder.form());
            Building { flow: &mut decoder, name: "decoder", end: features }.all(items)?;
            let width = decoder.form().width();
            if width != features {
                let values = shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("×");
                return Err(format!(
                    "the decoder ends with {} values, and a sample has {values}",
                    decoder.form().in_words()
                ));
            }
            decoder.layers()
        }
    };
    Ok((encoder.layers(), decoder))
}

fn holds_outer_product(items: &[Item]) -> bool {
    items.iter().any(|item| matches!(item, Item::OuterProduct { .. }))
}

struct Building<'a> {
    flow: &'a mut Flow,
    name: &'static str,
    // Features of a dense layer that does not say it, at the end.
    end: usize,
}

impl Building<'_> {
    fn all(&mut self, items: &[Item]) -> Result<(), String> {
        if items.is_empty() || items.len() > MOST_LAYERS {
            return Err(format!("the {} has {} layers; from 1 to {MOST_LAYERS} are possible", self.name, items.len()));
        }
        for (index, item) in items.iter().enumerate() {
            let next = items.get(index + 1);
            self.add(item, next)
                .map_err(|reason| format!("layer {} of the {} ({}): {reason}", index + 1, self.name, name_of(item)))?;
        }
        Ok(())
    }

    fn add(&mut self, item: &Item, next: Option<&Item>) -> Result<(), String> {
        let form = self.flow.form();
        match item {
            Item::Dense { outputs } => {
                let outputs = match (outputs, next) {
                    (Some(outputs), _) => *outputs,
                    (None, None) => self.end,
                    (None, Some(Item::OuterProduct { channels, rank, size })) => {
                        factors(*channels, *rank, &extent(size)?)?
                    }
                    (None, Some(_)) => return Err("only the last layer can do without outputs".to_owned()),
                };
                self.flow.dense(outputs);
            }
            Item::Activation { function } => {
                let activation: Activation = function.parse()?;
                if activation == Activation::Exp {
                    return Err("exp makes rates, not hidden values".to_owned());
                }
                self.flow.activate(activation);
            }
            Item::LayerNorm {} => self.flow.then(Layer::LayerNorm { width: form.width() }),
            Item::ChannelNorm {} => {
                let (channels, extent) = self.flow.field()?;
                self.flow.then(Layer::ChannelNorm { channels, positions: extent.positions() });
            }
            Item::GroupNorm { groups } => {
                let (channels, extent) = self.flow.field()?;
                self.flow.then(Layer::GroupNorm { channels, positions: extent.positions(), groups: *groups });
            }
            Item::Convolution { channels, kernel, stride, padding, dilation, groups } => {
                let (inputs, field) = self.flow.field()?;
                let window = window(field, kernel, stride, padding, dilation)?;
                self.flow.convolution(window, inputs, channels.unwrap_or(inputs), *groups);
            }
            Item::TransposedConvolution { channels, size, kernel, stride, padding, dilation, groups } => {
                let (inputs, coarse) = self.flow.field()?;
                let fine = match size {
                    Some(size) => extent(size)?,
                    None => {
                        let strides = each(stride, coarse.dimensions())?;
                        let sizes =
                            coarse.sizes().iter().zip(strides).map(|(size, stride)| size.saturating_mul(stride));
                        Extent::new(&sizes.collect::<Vec<_>>())?
                    }
                };
                let window = window(fine, kernel, stride, padding, dilation)?;
                if window.coarse() != coarse {
                    return Err(format!(
                        "a field of {fine} comes from one of {}, and this is one of {coarse}; choose another size",
                        window.coarse()
                    ));
                }
                let outputs = channels.unwrap_or(inputs);
                let convolution = Convolution { window, inputs, outputs, groups: *groups };
                let form = Form::Field { channels: outputs, extent: fine };
                self.flow.push(Layer::TransposedConvolution(convolution), form);
            }
            Item::Pool { mode, kernel, stride, padding } => {
                let (channels, field) = self.flow.field()?;
                let pooling = match mode {
                    Mode::Max => Pooling::Max,
                    Mode::Average => Pooling::Average,
                    Mode::Nearest | Mode::Linear => return Err("its mode is average or max".to_owned()),
                };
                let window = window(field, kernel, stride.as_ref().unwrap_or(kernel), padding, &Sizes::All(1))?;
                let form = Form::Field { channels, extent: window.coarse() };
                self.flow.push(Layer::Pool { window, channels, pooling }, form);
            }
            Item::Upsample { mode, size } => {
                let (channels, from) = self.flow.field()?;
                let interpolation = match mode {
                    Mode::Nearest => Interpolation::Nearest,
                    Mode::Linear => Interpolation::Linear,
                    Mode::Max | Mode::Average => return Err("its mode is nearest or linear".to_owned()),
                };
                let to = extent(size)?;
                let form = Form::Field { channels, extent: to };
                self.flow.push(Layer::Upsample { channels, from, to, interpolation }, form);
            }
            Item::Dropout { share } => self.flow.then(Layer::Dropout { width: form.width(), share: *share }),
            Item::Residual { layers } => {
                if self.flow.parts().len() == 1 {
                    return Err("a residual block cannot come first".to_owned());
                }
                self.flow.then(Layer::Fork { width: form.width() });
                let mut block = Flow::new(form);
                Building { flow: &mut block, name: "residual block", end: form.width() }.all(layers)?;
                if block.form().width() != form.width() {
                    let (out, into) = (block.form().in_words(), form.in_words());
                    return Err(format!("it ends with {out} values, and begins with {into}"));
                }
                block.layers().into_iter().for_each(|layer| self.flow.then(layer));
                self.flow.then(Layer::Join { width: form.width() });
            }
            Item::Reshape { channels, size } => {
                self.flow.reshape(Form::Field { channels: *channels, extent: extent(size)? })?;
            }
            Item::OuterProduct { channels, rank, size } => {
                let extent = extent(size)?;
                let needed = factors(*channels, *rank, &extent)?;
                if form.width() != needed {
                    return Err(format!("its factors have {needed} values, and {} come in", form.width()));
                }
                let layer = Layer::OuterProduct { channels: *channels, rank: *rank, extent };
                self.flow.push(layer, Form::Field { channels: *channels, extent });
            }
        }
        Ok(())
    }
}

fn name_of(item: &Item) -> &'static str {
    match item {
        Item::Dense { .. } => "dense",
        Item::Activation { .. } => "activation",
        Item::LayerNorm {} => "layer-norm",
        Item::ChannelNorm {} => "channel-norm",
        Item::GroupNorm { .. } => "group-norm",
        Item::Convolution { .. } => "convolution",
        Item::TransposedConvolution { .. } => "transposed-convolution",
        Item::Pool { .. } => "pool",
        Item::Upsample { .. } => "upsample",
        Item::Dropout { .. } => "dropout",
        Item::Residual { .. } => "residual",
        Item::Reshape { .. } => "reshape",
        Item::OuterProduct { .. } => "outer-product",
    }
}

fn extent(sizes: &[usize]) -> Result<Extent, String> {
    Extent::new(sizes)
}

fn factors(channels: usize, rank: usize, extent: &Extent) -> Result<usize, String> {
    let along: usize = extent.sizes().iter().sum();
    let factors = channels.checked_mul(rank).and_then(|terms| terms.checked_mul(along));
    factors.ok_or_else(|| "its factors are more values than can be counted".to_owned())
}

fn each(sizes: &Sizes, dimensions: usize) -> Result<Vec<usize>, String> {
    match sizes {
        Sizes::All(size) => Ok(vec![*size; dimensions]),
        Sizes::Each(sizes) if sizes.len() == dimensions => Ok(sizes.clone()),
        Sizes::Each(sizes) => Err(format!("{} sizes for a field of {dimensions} dimensions", sizes.len())),
    }
}

fn window(
    field: Extent,
    kernel: &Sizes,
    stride: &Sizes,
    padding: &Padding,
    dilation: &Sizes,
) -> Result<Window, String> {
    let dimensions = field.dimensions();
    let (kernel, dilation) = (each(kernel, dimensions)?, each(dilation, dimensions)?);
    let padding = match padding {
        Padding::Sizes(sizes) => each(sizes, dimensions)?,
        Padding::Same => {
            let both = kernel.iter().zip(&dilation);
            let spread = both.map(|(kernel, dilation)| kernel.saturating_sub(1).saturating_mul(*dilation));
            spread.map(|spread| spread.div_ceil(2)).collect()
        }
    };
    Window::new(field, &kernel, &each(stride, dimensions)?, &padding, &dilation)
}
