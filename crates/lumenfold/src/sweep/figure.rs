//! Figures: a small writer of SVG, and axes.
//!
//! What is drawn depends on the numbers alone, digit for digit, so that the same results give the same file. Text is
//! escaped; nothing in a figure can be executed.

mod axis;
mod svg;

pub(crate) use axis::Axis;
pub(crate) use svg::{Anchor, Stroke, Svg, Text, escaped};
