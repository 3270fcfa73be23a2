//! Few features: a panel for each walk, with a line for each feature.

use super::{FigureOptions, MARGIN, WIDTH, draw_x, draw_y, range, short_name};
use crate::figure::{Anchor, Axis, Drawing, apart, series, text_width};
use crate::traverse::Traversal;
use crate::words::number;

/// Height of a plot, and of what belongs to it below.
const HEIGHT: f64 = 190.0;
const BELOW: f64 = 42.0;

/// Room for the numbers of the y axis.
const LEFT: f64 = 44.0;

/// The least distance of two labels.
const APART: f64 = 12.5;

/// Draws the panels and gives where they end, and what they say in words.
pub(super) fn draw(drawing: &mut Drawing, traversal: &Traversal, options: &FigureOptions, top: f64) -> (f64, String) {
    let names: Vec<String> = traversal.features.iter().map(|feature| short_name(&feature.name)).collect();
    let room = names.iter().map(|name| text_width(name, 11.0)).fold(0.0, f64::max) + 22.0;
    let columns = if traversal.walks.len() == 1 { 1 } else { 2 };
    let widest = (WIDTH - 2.0 * MARGIN - 14.0) / columns as f64;
    let width = if columns == 1 { widest.min(460.0) } else { widest };
    // Changes in the features' spreads, on the same axis in all panels.
    let features = traversal.features.len();
    let change = |values: &[f64], feature: usize| {
        let change = values[feature] - traversal.base_values[feature];
        let spread = options.spreads.get(feature).copied().unwrap_or(1.0);
        if spread > 0.0 { change / spread } else { 0.0 }
    };
    let rows = || traversal.walks.iter().flat_map(|walk| walk.values.chunks_exact(features));
    let (low, high) = range(rows().flat_map(|row| (0..features).map(move |feature| change(row, feature))));
    let mut bottom = top;
    for (at, walk) in traversal.walks.iter().enumerate() {
        let left = MARGIN + 14.0 + (at % columns) as f64 * width + LEFT;
        let right = left - LEFT + width - room;
        let plot_top = top + (at / columns) as f64 * (HEIGHT + BELOW + 14.0);
        bottom = plot_top + HEIGHT;
        let x = Axis::new(range(walk.places.iter().copied()), (left, right));
        let y = Axis::new((low, high), (bottom, plot_top)).widened(0.04);
        draw_y(drawing, &y, (left, right), 5);
        draw_x(drawing, &x, (plot_top, bottom), 5);
        let along = traversal.way_of(at, options);
        drawing.text(((left + right) / 2.0, bottom + 31.0), Anchor::Middle, "", &along);
        if at % columns == 0 {
            drawing.upward_text((MARGIN + 6.0, (plot_top + bottom) / 2.0), "", "change from the base (σ)");
        }
        drawing.line((left, y.place(0.0)), (right, y.place(0.0)), "base");
        if let Some(base) = base_place(traversal, at).filter(|base| (x.low..=x.high).contains(base)) {
            drawing.line((x.place(base), plot_top), (x.place(base), bottom), "base");
        }
        let mut ends = Vec::new();
        for feature in 0..features {
            let changes = walk.values.chunks_exact(features).map(|row| y.place(change(row, feature)));
            let points: Vec<(f64, f64)> = walk.places.iter().map(|place| x.place(*place)).zip(changes).collect();
            ends.push(points.last().map_or(0.0, |point| point.1));
            for (far, part) in stretches(points, |step| options.is_far(at, step)) {
                let pale = if far { " pale" } else { "" };
                drawing.polyline(part, &format!("line {}{pale}", series(feature)));
            }
        }
        for (feature, place) in apart(&ends, (plot_top, bottom), APART).into_iter().enumerate() {
            let class = series(feature);
            drawing.polyline([(right + 2.0, ends[feature]), (right + 12.0, place)], &format!("leader {class}"));
            drawing.text((right + 15.0, place + 4.0), Anchor::Start, &class, &names[feature]);
        }
    }
    let spread = |(name, feature): (&String, usize)| {
        let unit = traversal.features[feature].unit.as_deref().map_or(String::new(), |unit| format!(" {unit}"));
        format!("{name} {}{unit}", number(options.spreads.get(feature).copied().unwrap_or(1.0)))
    };
    let spreads: Vec<String> = names.iter().zip(0..).map(spread).collect();
    (bottom + BELOW - 8.0, format!("σ: {}: {}.", options.spread_name, spreads.join(", ")))
}

/// The parts of a line between near points, and those that lead to far ones.
fn stretches(points: Vec<(f64, f64)>, far: impl Fn(usize) -> bool) -> Vec<(bool, Vec<(f64, f64)>)> {
    let mut parts: Vec<(bool, Vec<(f64, f64)>)> = Vec::new();
    for (step, pair) in points.windows(2).enumerate() {
        let pale = far(step) || far(step + 1);
        match parts.last_mut() {
            Some((last, part)) if *last == pale => part.push(pair[1]),
            _ => parts.push((pale, pair.to_vec())),
        }
    }
    parts
}

/// Where the base is along a walk.
fn base_place(traversal: &Traversal, walk: usize) -> Option<f64> {
    let axis = traversal.latent_names.iter().position(|name| *name == traversal.walks[walk].name)?;
    traversal.base.get(axis).copied().map(f64::from)
}
