//! The kernels: all the arithmetic of training, on one tile of samples at a time.
//!
//! A tile holds [`TILE`] samples, and the sample is the innermost dimension: `x[feature][sample]`. So every kernel
//! vectorises over samples, whatever the layer, and a lane never meets its neighbours. The two places where samples do
//! meet are the weight gradient, which transposes its small operand once and is then an outer product, and the sums of
//! bias and normalisation gradients, whose order is fixed for sixteen lanes.
//!
//! The functions here are safe: they check the lengths of their slices once and then read and write without checks.

pub(crate) mod activation;
pub(crate) mod adam;
pub(crate) mod code;
pub(crate) mod corrupt;
pub(crate) mod dense;
pub(crate) mod field;
pub(crate) mod function;
pub(crate) mod gather;
pub(crate) mod loss;
pub(crate) mod normalised;
pub(crate) mod posterior;
pub(crate) mod random;
pub(crate) mod selection;
pub(crate) mod sums;
pub(crate) mod transpose;
pub(crate) mod weight_gradient;

/// Samples in a tile.
pub(crate) const TILE: usize = 64;

/// Samples in a tile of a network of fields, whose samples are large and whose batches are small. There a register block
/// holds several positions instead of several vectors of samples.
pub(crate) const FIELD_TILE: usize = 16;
