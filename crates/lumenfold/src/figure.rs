//! Figures: small SVG drawings, the same text for the same numbers, without scripts or anything from elsewhere.
//!
//! * `drawing` writes the elements; `scale` places numbers on axes; `png` is a picture of grey values.
//! * `colours` are those of a light and a dark background. Elements name a class, so that one drawing serves both: a page
//!   ([`html`]) follows what the reader's system prefers, a file of its own ([`svg`]) is light.

mod colours;
mod drawing;
mod png;
mod scale;

pub(crate) use drawing::{Anchor, Drawing, series, text_width};
pub(crate) use png::grey_png;
pub(crate) use scale::{Axis, decimals, ticks};

use colours::{Scheme, style};

/// The drawing as a file of its own, on a light background.
pub(crate) fn svg(drawing: &Drawing) -> String {
    let background = "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n";
    drawing.document(&format!("<style>\n{}</style>\n{background}", style(Scheme::Light, drawing.steps())))
}

/// The drawing in a page of its own, light or dark as the reader prefers.
pub(crate) fn html(drawing: &Drawing, title: &str) -> String {
    let steps = drawing.steps();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
        <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n\
        body {{ margin: 0 auto; padding: 24px 16px; max-width: {}px; }}\nsvg {{ width: 100%; height: auto; }}\n{}\
        @media (prefers-color-scheme: dark) {{\n{}}}\n</style>\n</head>\n<body>\n{}</body>\n</html>\n",
        drawing::escaped(title),
        drawing.width.ceil() + 160.0,
        style(Scheme::Light, steps),
        style(Scheme::Dark, steps),
        drawing.document("")
    )
}
