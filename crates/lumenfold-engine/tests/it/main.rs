//! Tests of the engine's public interface, in one binary.
#![allow(clippy::unwrap_used)]

mod architecture;
mod gradients;
mod layer_properties;
mod pytorch;
mod pytorch_fields;
mod same_bits;
mod support;
