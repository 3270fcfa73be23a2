//! Chains of layers written down shortly: each knows what comes out of those before.

use lumenfold_engine::{Activation, Convolution, Extent, Interpolation, Layer, Network, Pooling, Window};

/// A window's kernel and how it moves, each with one number for each dimension.
#[derive(Clone, Copy)]
pub(crate) struct Moves<'a> {
    pub(crate) kernel: &'a [usize],
    pub(crate) stride: &'a [usize],
    pub(crate) padding: &'a [usize],
    pub(crate) dilation: &'a [usize],
}

impl<'a> Moves<'a> {
    pub(crate) fn new(kernel: &'a [usize], stride: &'a [usize], padding: &'a [usize]) -> Self {
        Self { kernel, stride, padding, dilation: &[1; 3][..kernel.len()] }
    }

    pub(crate) fn over(self, fine: Extent) -> Window {
        Window::new(fine, self.kernel, self.stride, self.padding, self.dilation).unwrap()
    }
}

/// Layers, and the channels and the field that they give.
pub(crate) struct Chain {
    pub(crate) layers: Vec<Layer>,
    channels: usize,
    extent: Extent,
}

impl Chain {
    /// A chain that takes fields.
    pub(crate) fn of_field(channels: usize, sizes: &[usize]) -> Self {
        Self { layers: Vec::new(), channels, extent: Extent::new(sizes).unwrap() }
    }

    /// A chain that takes features.
    pub(crate) fn of_features(width: usize) -> Self {
        Self::of_field(width, &[1])
    }

    /// The values that come out, as fields of other sizes.
    pub(crate) fn reshaped(self, channels: usize, sizes: &[usize]) -> Self {
        let extent = Extent::new(sizes).unwrap();
        assert_eq!(channels * extent.positions(), self.width());
        Self { channels, extent, ..self }
    }

    pub(crate) fn width(&self) -> usize {
        self.channels * self.extent.positions()
    }

    fn with(mut self, layer: Layer) -> Self {
        self.layers.push(layer);
        self
    }

    pub(crate) fn dense(self, outputs: usize) -> Self {
        let dense = Layer::Dense { inputs: self.width(), outputs };
        Self { channels: outputs, extent: Extent::new(&[1]).unwrap(), ..self.with(dense) }
    }

    pub(crate) fn then(self, activation: Activation) -> Self {
        self.with(Layer::Activation(activation))
    }

    pub(crate) fn convolution(self, outputs: usize, groups: usize, moves: Moves<'_>) -> Self {
        let window = moves.over(self.extent);
        let layer = Layer::Convolution(Convolution { window, inputs: self.channels, outputs, groups });
        Self { channels: outputs, extent: window.coarse(), ..self.with(layer) }
    }

    /// To the field of the sizes `to`.
    pub(crate) fn transposed(self, outputs: usize, groups: usize, to: &[usize], moves: Moves<'_>) -> Self {
        let window = moves.over(Extent::new(to).unwrap());
        assert_eq!(window.coarse(), self.extent);
        let layer = Layer::TransposedConvolution(Convolution { window, inputs: self.channels, outputs, groups });
        Self { channels: outputs, extent: window.fine(), ..self.with(layer) }
    }

    pub(crate) fn pool(self, pooling: Pooling, moves: Moves<'_>) -> Self {
        let window = moves.over(self.extent);
        let layer = Layer::Pool { window, channels: self.channels, pooling };
        Self { extent: window.coarse(), ..self.with(layer) }
    }

    pub(crate) fn upsample(self, interpolation: Interpolation, sizes: &[usize]) -> Self {
        let to = Extent::new(sizes).unwrap();
        let layer = Layer::Upsample { channels: self.channels, from: self.extent, to, interpolation };
        Self { extent: to, ..self.with(layer) }
    }

    pub(crate) fn group_norm(self, groups: usize) -> Self {
        let layer = Layer::GroupNorm { channels: self.channels, positions: self.extent.positions(), groups };
        self.with(layer)
    }

    pub(crate) fn channel_norm(self) -> Self {
        let layer = Layer::ChannelNorm { channels: self.channels, positions: self.extent.positions() };
        self.with(layer)
    }

    pub(crate) fn layer_norm(self) -> Self {
        let width = self.width();
        self.with(Layer::LayerNorm { width })
    }

    pub(crate) fn dropout(self, share: f32) -> Self {
        let width = self.width();
        self.with(Layer::Dropout { width, share })
    }

    /// A residual block of the layers that `block` adds, which have to lead back to the same width.
    pub(crate) fn residual(self, block: impl FnOnce(Self) -> Self) -> Self {
        let width = self.width();
        let joined = block(self.with(Layer::Fork { width }));
        assert_eq!(joined.width(), width);
        joined.with(Layer::Join { width })
    }

    /// What comes out are the factors of a field.
    pub(crate) fn outer_product(self, channels: usize, rank: usize, sizes: &[usize]) -> Self {
        let extent = Extent::new(sizes).unwrap();
        Self { channels, extent, ..self.with(Layer::OuterProduct { channels, rank, extent }) }
    }

    /// The layer that ends a part, if it has one, which gives so many features.
    pub(crate) fn ending(self, layer: Option<Layer>, width: usize) -> Self {
        let layers = self.layers.into_iter().chain(layer).collect();
        Self { layers, ..Self::of_features(width) }
    }

    /// The network with this encoder, and the decoder that `decoder` makes of a chain that takes its code.
    pub(crate) fn network(self, decoder: impl FnOnce(Self) -> Self) -> Network {
        let code = Self { layers: Vec::new(), ..self };
        Network::new(self.layers, decoder(code).layers).unwrap()
    }
}
