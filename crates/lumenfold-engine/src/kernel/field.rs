//! Kernels of fields: values of `[channel][position][TILE]`, where a tile has few samples and a register block several
//! positions.
//!
//! They go over [`Connections`](crate::field::Connections), so they know of no dimension, stride or border.

pub(crate) mod map;
pub(crate) mod norm;
pub(crate) mod outer;
pub(crate) mod places;
pub(crate) mod pool;
pub(crate) mod product;
pub(crate) mod weights;

use crate::kernel::FIELD_TILE;

/// Samples in a tile of fields.
pub(crate) const TILE: usize = FIELD_TILE;
