//! Many features: a panel for each walk, with a line over all features for each step, coloured from low to high.

use super::{FigureOptions, MARGIN, WIDTH, draw_x, draw_y, range};
use crate::figure::{Anchor, Axis, Drawing, decimals, ticks};
use crate::traverse::Traversal;
use crate::words::shared_unit;

/// Height of a plot, and of what belongs to it below.
const HEIGHT: f64 = 200.0;
const BELOW: f64 = 46.0;

/// Room for the numbers of the y axis, and for the colours on the right.
const LEFT: f64 = 58.0;
const RIGHT: f64 = 74.0;

/// Points of a line at most: more than pixels, since of each stretch the lowest and the highest are drawn.
const MOST_POINTS: usize = 900;

/// Draws the panels and gives where they end, and what they say in words.
pub(super) fn draw(drawing: &mut Drawing, traversal: &Traversal, options: &FigureOptions, top: f64) -> (f64, String) {
    let features = traversal.features.len();
    let (positions, name) = positions(traversal);
    let (left, right) = (MARGIN + LEFT, WIDTH - MARGIN - RIGHT);
    let x = Axis::new(range(positions.iter().copied()), (left, right));
    let values = || traversal.walks.iter().flat_map(|walk| walk.values.iter().copied());
    let (low, high) = range(values());
    let mut bottom = top;
    for (at, walk) in traversal.walks.iter().enumerate() {
        let plot_top = top + 12.0 + at as f64 * (HEIGHT + BELOW + 12.0);
        bottom = plot_top + HEIGHT;
        let y = Axis::new((low, high), (bottom, plot_top)).widened(0.03);
        draw_y(drawing, &y, (left, right), 5);
        draw_x(drawing, &x, (plot_top, bottom), 8);
        drawing.text(((left + right) / 2.0, bottom + 32.0), Anchor::Middle, "", &name);
        let label =
            shared_unit(&traversal.features).map_or_else(|| "value".to_owned(), |unit| format!("value ({unit})"));
        drawing.upward_text((MARGIN + 8.0, (plot_top + bottom) / 2.0), "", &label);
        for (step, row) in walk.values.chunks_exact(features).enumerate() {
            let points = thinned(&positions, row).into_iter().map(|(place, value)| (x.place(place), y.place(value)));
            let pale = if options.is_far(at, step) { " pale" } else { "" };
            drawing.polyline(points, &format!("line thin s{step}{pale}"));
        }
        draw_colours(drawing, traversal, options, (at, plot_top));
    }
    (bottom + BELOW - 8.0, String::new())
}

/// Where the features are: at the numbers that are their names, or one after the other; and what that is called.
fn positions(traversal: &Traversal) -> (Vec<f64>, String) {
    let number = |name: &str| name.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let named: Option<Vec<f64>> = traversal.features.iter().map(|feature| number(&feature.name)).collect();
    match named.filter(|named| named.is_sorted_by(|one, two| one < two) || named.is_sorted_by(|one, two| one > two)) {
        Some(named) => (named, "feature, by its name".to_owned()),
        None => ((1..=traversal.features.len()).map(|index| index as f64).collect(), "feature, in order".to_owned()),
    }
}

/// The points of a line; of very many, the lowest and the highest of each stretch.
fn thinned(positions: &[f64], values: &[f64]) -> Vec<(f64, f64)> {
    let all = positions.iter().copied().zip(values.iter().copied());
    if values.len() <= MOST_POINTS {
        return all.collect();
    }
    let all: Vec<(f64, f64)> = all.collect();
    let stretch = all.len().div_ceil(MOST_POINTS / 2);
    let ends = |points: &[(f64, f64)]| {
        let mut low = 0;
        let mut high = 0;
        for (at, point) in points.iter().enumerate() {
            low = if point.1 < points[low].1 { at } else { low };
            high = if point.1 > points[high].1 { at } else { high };
        }
        [points[low.min(high)], points[low.max(high)]]
    };
    all.chunks(stretch).flat_map(ends).collect()
}

/// The colours of the steps, with their places.
fn draw_colours(drawing: &mut Drawing, traversal: &Traversal, options: &FigureOptions, (at, top): (usize, f64)) {
    let places = &traversal.walks[at].places;
    let (left, width) = (WIDTH - MARGIN - RIGHT + 20.0, 11.0);
    let (first, height) = (top + 22.0, HEIGHT - 30.0);
    let along = traversal.way_of(at, options);
    drawing.text((left + width / 2.0, top + 8.0), Anchor::Middle, "name", &super::short_name(&along));
    let each = height / places.len() as f64;
    for step in 0..places.len() {
        let y = first + height - (step + 1) as f64 * each;
        drawing.rectangle((left, y), (width, each + 0.3), &format!("s{step}"));
    }
    let (low, high) = (places[0], places[places.len() - 1]);
    // From the middle of the first colour to that of the last.
    let y = Axis::new((low, high), (first + height - each / 2.0, first + each / 2.0));
    let shown = if high > low { ticks(low, high, 4) } else { Vec::new() };
    if shown.len() >= 2 {
        for (value, text) in shown {
            drawing.line((left + width, y.place(value)), (left + width + 3.0, y.place(value)), "rule");
            drawing.text((left + width + 6.0, y.place(value) + 4.0), Anchor::Start, "muted", &text);
        }
    } else {
        let digits = decimals((high - low).abs().max(1e-4)).max(2);
        for value in [low, high] {
            let text = format!("{value:.digits$}");
            drawing.text((left + width + 6.0, y.place(value) + 4.0), Anchor::Start, "muted", &text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_keep_their_peaks() {
        let positions: Vec<f64> = (0..20_000).map(f64::from).collect();
        let mut values = vec![0.0; 20_000];
        (values[777], values[15_001]) = (9.0, -4.0);
        let points = thinned(&positions, &values);
        assert!(points.len() <= MOST_POINTS + 2, "{}", points.len());
        assert!(points.contains(&(777.0, 9.0)) && points.contains(&(15_001.0, -4.0)));
        assert!(points.is_sorted_by(|one, two| one.0 <= two.0));
    }
}
