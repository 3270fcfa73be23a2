//! Samples that are pictures: a strip of them for each walk.

use super::{FigureOptions, MARGIN, WIDTH};
use crate::figure::{Anchor, Drawing, grey_png, text_width};
use crate::order_statistics::{quantile, sorted};
use crate::traverse::Traversal;
use crate::words::number;

/// Pictures are no larger than this, and no more than so many stand in a row.
const LARGEST: f64 = 96.0;
const MOST_IN_A_ROW: usize = 15;

/// Between two pictures, and the height of a line of numbers below.
const GAP: f64 = 3.0;
const BELOW: f64 = 24.0;

/// Values beyond this share on each side are black or white like those before them.
const TAIL: f64 = 0.01;

/// Draws the strips and gives where they end, and what they say in words.
pub(super) fn draw(
    drawing: &mut Drawing,
    traversal: &Traversal,
    options: &FigureOptions,
    (pixels, top): (usize, f64),
) -> (f64, String) {
    let features = traversal.features.len();
    let all = sorted(traversal.walks.iter().flat_map(|walk| walk.values.iter().copied()));
    let (low, high) = (quantile(&all, TAIL), quantile(&all, 1.0 - TAIL));
    let grey = |value: &f64| match high > low {
        true => ((value - low) / (high - low) * 255.0).round().clamp(0.0, 255.0) as u8,
        false => 0,
    };
    let along: Vec<_> = (0..traversal.walks.len()).map(|walk| traversal.way_of(walk, options)).collect();
    let own_line = along.iter().any(|along| text_width(along, 12.0) > 60.0);
    let left = if own_line {
        MARGIN
    } else {
        MARGIN + along.iter().map(|along| text_width(along, 12.0)).fold(0.0, f64::max) + 14.0
    };
    let steps = traversal.walks.first().map_or(1, |walk| walk.places.len());
    let in_a_row = steps.min(MOST_IN_A_ROW);
    let height_to_width = (features / pixels) as f64 / pixels as f64;
    let room = (WIDTH - left - MARGIN + GAP) / in_a_row as f64 - GAP;
    let width = room.min(LARGEST).min(3.0 * LARGEST / height_to_width);
    let height = width * height_to_width;
    let mut bottom = top;
    for (at, (walk, along)) in traversal.walks.iter().zip(along).enumerate() {
        if own_line {
            drawing.text((left, bottom + 14.0), Anchor::Start, "name", &along);
            bottom += 20.0;
        }
        let first = bottom;
        for (step, row) in walk.values.chunks_exact(features).enumerate() {
            let x = left + (step % in_a_row) as f64 * (width + GAP);
            let y = first + (step / in_a_row) as f64 * (height + BELOW);
            let picture: Vec<u8> = row.iter().map(grey).collect();
            let class = if options.is_far(at, step) { "picture pale" } else { "picture" };
            drawing.picture((x, y), (width, height), class, &grey_png(&picture, pixels));
            let place = format!("{:.2}", walk.places[step] + 0.0).replace('-', "\u{2212}");
            drawing.text((x + width / 2.0, y + height + 13.0), Anchor::Middle, "muted", &place);
            bottom = y + height + BELOW;
        }
        if !own_line {
            drawing.text((MARGIN, first + height / 2.0 + 4.0), Anchor::Start, "name", &along);
        }
    }
    (bottom - 8.0, format!("Grey from {} (black) to {} (white).", number(low), number(high)).replace('-', "\u{2212}"))
}
