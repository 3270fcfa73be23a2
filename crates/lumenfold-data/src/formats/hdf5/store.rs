//! What is in an HDF5 file: groups, datasets and attributes, by the HDF Group's File Format Specification 3.0.
//!
//! `superblock` opens a file, `header` reads what is said about an object, `links` what a group holds, `dataset` where values are.
//! `disk` is the only way to the bytes: nothing is read beyond the end of a file, and walks without end stop. Numbers from the file
//! are compared with it before they decide how much memory is asked for.

mod attributes;
mod bitshuffle;
mod btree2;
mod checksum;
mod chunks;
mod dataset;
mod datatype;
mod disk;
mod extensible_array;
mod fault;
mod filters;
mod fractal_heap;
mod header;
mod heap;
mod layout;
mod links;
mod lzf;
mod scale_offset;
mod space;
mod superblock;
mod text;
mod tree;

pub(super) use checksum::checksum;
pub(super) use dataset::{Dataset, RawRows};
pub(super) use datatype::{Class, Datatype};
pub(super) use disk::Disk;
pub(super) use fault::Fault;
pub(super) use superblock::{SIGNATURE, open, recognises};
pub(super) use text::Texts;
pub(super) use tree::Tree;
