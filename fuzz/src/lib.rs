//! What is demanded of every parser, whatever it is given.
//!
//! Each target hands its bytes to one function of this crate, which says by a panic that a demand is not met:
//!
//! - `table`: no bytes make a reader panic; a table read whole is the same as read in small blocks, and what is refused
//!   one way is refused the other way; errors have one line;
//! - `hdf5`: makes check sums right, so that more than these is met;
//! - `model`: what is loaded as a model can be saved, loaded again and applied;
//! - `description`: what is taken for a network has a plan;
//! - `axes`: what is taken for axes is written out and sound.
//!
//! Time and memory are watched by libFuzzer itself: see README.md.

pub mod axes;
pub mod description;
pub mod hdf5;
pub mod model;
mod scratch;
pub mod table;
