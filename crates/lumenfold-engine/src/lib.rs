//! The numbers of lumenfold: slices in, slices out.
//!
//! An autoencoder is a chain of layers, so there is no tape: every layer is a pair of `forward` and `backward` written
//! by hand. Parameters, gradients and moments are one allocation each; [`Network`] says where each tensor lies in them;
//! the optimiser is one flat loop.
//!
//! - [`layer`], [`field`] and [`network`]: what a network is made of;
//! - `kernel`: the arithmetic on one tile of samples, for every instruction set ([`InstructionSet`]);
//! - `pass`: a tile through the layers and back; `inference`: a tile forward only;
//! - [`train`]: epochs of steps on several threads; [`apply`](apply()): inference;
//! - [`reference`](mod@reference): the same mathematics in plain `f64`, for tests.
//!
//! Results are a pure function of data, settings and seed: the same bits on any number of threads and with any
//! instruction set. This is the only crate of the workspace with `unsafe` code.
//!
//! ```
//! use std::num::NonZeroUsize;
//! use std::sync::atomic::AtomicBool;
//! use lumenfold_engine::{Activation, InstructionSet, Network, Objective, Optimiser, Trainer};
//!
//! let network = Network::dense(3, &[8], 1, Activation::Silu, true)?;
//! let rows: Vec<f32> = (0..300).map(|index| ((index * 37) % 100) as f32 / 100.0).collect();
//! let order: Vec<u32> = (0..100).collect();
//! let start = network.initial_parameters(0);
//! let optimiser = Optimiser { batch: 50, ..Optimiser::default() };
//! let objective = Objective::squared_error(&[1.0; 3]);
//! let threads = NonZeroUsize::MIN;
//! let mut trainer = Trainer::new(&network, &start, objective, optimiser, InstructionSet::best(), threads)?;
//! let never = AtomicBool::new(false);
//! let before = trainer.epoch(&rows, &order, &never)?.loss;
//! for _ in 0..50 {
//!     trainer.epoch(&rows, &order, &never)?;
//! }
//! assert!(trainer.epoch(&rows, &order, &never)?.loss < before);
//! # Ok::<(), lumenfold_engine::EngineError>(())
//! ```

pub mod apply;
mod barrier;
#[doc(hidden)]
pub mod benchmark;
mod codes;
mod corruption;
mod entrance;
mod error;
pub mod field;
mod inference;
mod kernel;
pub mod layer;
mod layers;
mod math;
mod memory;
pub mod moments;
pub mod network;
mod objective;
mod pass;
pub mod reference;
pub mod schedule;
mod simd;
mod stage;
pub mod train;

pub use apply::{TilePass, applies_by_layers, apply, apply_memory};
pub use corruption::Corruption;
pub use entrance::{Corrupted, corrupted, dropout_factors, kept_coordinates, posterior_noise};
pub use error::EngineError;
pub use field::{Extent, Window};
pub use layer::{Activation, Convolution, Interpolation, Layer, Pooling};
pub use network::{Network, Part, Tensor};
pub use objective::{Divergence, Loss, Objective, Revival, Sparsity};
pub use schedule::Schedule;
pub use simd::{INSTRUCTION_SET_VARIABLE, InstructionSet};
pub use train::{Division, Epoch, Optimiser, Running, Trainer, TrainerState};
