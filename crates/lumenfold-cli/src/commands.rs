//! The verbs, one file each.

pub(crate) mod completions;
pub(crate) mod convert;
pub(crate) mod data;
pub(crate) mod decode;
pub(crate) mod demo;
pub(crate) mod denoise;
pub(crate) mod encode;
pub(crate) mod explain;
pub(crate) mod fit;
pub(crate) mod inspect;
pub(crate) mod man;
pub(crate) mod probe;
pub(crate) mod reconstruct;
pub(crate) mod report;
pub(crate) mod sample;
pub(crate) mod score;
pub(crate) mod sweep;
pub(crate) mod traverse;
