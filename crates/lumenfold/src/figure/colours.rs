//! The colours of the classes, on light and on dark.

use std::fmt::Write;

/// A background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Light,
    Dark,
}

/// Viridis (van der Walt and Smith, 2015) at equal steps.
const VIRIDIS: [[u8; 3]; 9] = [
    [0x44, 0x01, 0x54],
    [0x47, 0x2c, 0x7a],
    [0x3b, 0x51, 0x8b],
    [0x2c, 0x71, 0x8e],
    [0x21, 0x90, 0x8d],
    [0x27, 0xad, 0x81],
    [0x5c, 0xc8, 0x63],
    [0xaa, 0xdc, 0x32],
    [0xfd, 0xe7, 0x25],
];

/// Colours to tell lines apart by, the first eight after Okabe and Ito.
pub(super) const SERIES: [[u8; 3]; 12] = [
    [0x00, 0x72, 0xb2],
    [0xd5, 0x5e, 0x00],
    [0x00, 0x8a, 0x66],
    [0xb8, 0x50, 0x8a],
    [0x8f, 0x6b, 0x00],
    [0x2a, 0x93, 0xd0],
    [0x6a, 0x3d, 0x9a],
    [0x8c, 0x51, 0x0a],
    [0x55, 0x5f, 0x69],
    [0xc2, 0x1e, 0x56],
    [0x3f, 0x7f, 0x1f],
    [0x4d, 0x4d, 0xb3],
];

const FONT: &str = "\"Helvetica Neue\", Arial, \"Liberation Sans\", \"DejaVu Sans\", sans-serif";

/// Paper, ink, ink of what is less important, rules, grid, and a band behind what is drawn.
fn basic(scheme: Scheme) -> [&'static str; 6] {
    match scheme {
        Scheme::Light => ["#ffffff", "#16191d", "#5b636d", "#9aa1a9", "#eceef0", "#f1ead9"],
        Scheme::Dark => ["#111418", "#e9ebee", "#9aa4af", "#5a636e", "#22272e", "#2d2a20"],
    }
}

/// The rules of words and tables in a page, below the drawing.
pub(super) fn style_of_words(scheme: Scheme) -> String {
    let [_, ink, _, _, grid, _] = basic(scheme);
    format!(
        "body {{ color: {ink}; font: 15px/1.5 {FONT}; }}\np {{ margin: 5px 0; }}\n\
        table {{ border-collapse: collapse; margin-top: 16px; font-variant-numeric: tabular-nums; }}\n\
        td {{ padding: 3px 12px; text-align: right; border-bottom: 1px solid {grid}; }}\n"
    )
}

/// The rules of all classes; `steps` are the colours of a ramp from low to high. Those of areas and marks are told only
/// where there are `marks`.
pub(super) fn style(scheme: Scheme, steps: usize, marks: bool) -> String {
    let [paper, ink, muted, rule, grid, band] = basic(scheme);
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "svg, body {{ background: {paper}; }}\n.paper {{ fill: {paper}; }}\n\
        text {{ font: 11px {FONT}; fill: {ink}; }}\n.title {{ font-size: 14px; font-weight: 600; }}\n\
        .name {{ font-size: 12px; font-weight: 600; }}\n.muted {{ fill: {muted}; }}\n\
        .rule {{ stroke: {rule}; fill: none; }}\n.grid {{ stroke: {grid}; fill: none; }}\n\
        .base {{ stroke: {muted}; fill: none; stroke-dasharray: 3 3; }}\n\
        .line {{ fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; }}\n\
        .thin {{ stroke-width: 1.2; }}\n.leader {{ fill: none; stroke-width: 0.7; }}\n.picture {{ image-rendering: pixelated; }}\n.pale {{ opacity: 0.35; }}\n"
    );
    for (at, colour) in SERIES.iter().enumerate() {
        let colour = hexadecimal(on(scheme, *colour));
        let _ = writeln!(text, ".f{at} {{ stroke: {colour}; }} text.f{at} {{ stroke: none; fill: {colour}; }}");
    }
    if marks {
        let _ = writeln!(
            text,
            ".band {{ fill: {band}; }}\n.area {{ fill-opacity: 0.16; }}\n.dashed {{ stroke-dasharray: 5 3.5; }}"
        );
        for (at, colour) in SERIES.iter().enumerate() {
            let colour = hexadecimal(on(scheme, *colour));
            let _ = writeln!(text, "polygon.f{at}, circle.f{at} {{ fill: {colour}; }}");
        }
        let _ = writeln!(
            text,
            "polygon.area {{ stroke: none; }}\ncircle.mark {{ stroke: {paper}; stroke-width: 0.9; }}\n\
            circle.hollow {{ fill: {paper}; stroke-width: 1.5; }}"
        );
    }
    for step in 0..steps {
        let colour = hexadecimal(ramp(scheme, step as f64 / (steps.max(2) - 1) as f64));
        let _ = writeln!(text, ".s{step} {{ stroke: {colour}; }} rect.s{step} {{ stroke: none; fill: {colour}; }}");
    }
    text
}

/// A colour for lines; on dark, half way to white.
fn on(scheme: Scheme, colour: [u8; 3]) -> [u8; 3] {
    match scheme {
        Scheme::Light => colour,
        Scheme::Dark => colour.map(|part| part + ((255 - part) as f64 * 0.45) as u8),
    }
}

/// The ramp at a share from 0 to 1, less the end that does not show on the background.
fn ramp(scheme: Scheme, share: f64) -> [u8; 3] {
    let share = match scheme {
        Scheme::Light => 0.9 * share,
        Scheme::Dark => 0.25 + 0.75 * share,
    };
    let place = share.clamp(0.0, 1.0) * (VIRIDIS.len() - 1) as f64;
    let below = (place.floor() as usize).min(VIRIDIS.len() - 2);
    let part = place - below as f64;
    let mix = |at: usize| {
        let (low, high) = (f64::from(VIRIDIS[below][at]), f64::from(VIRIDIS[below + 1][at]));
        (low + (high - low) * part).round() as u8
    };
    [mix(0), mix(1), mix(2)]
}

fn hexadecimal([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}
