//! Figures: small SVG drawings, the same text for the same numbers, without scripts or anything from elsewhere.
//!
//! * `drawing` writes the elements; `scale` places numbers on axes; `labels` keeps names at the ends of lines apart;
//!   `png` is a picture of grey values.
//! * `colours` are those of a light and a dark background. Elements name a class, so that one drawing serves both: a page
//!   ([`html`]) follows what the reader's system prefers, a file of its own ([`svg`]) is light.

mod colours;
mod drawing;
mod labels;
mod png;
mod scale;

pub(crate) use drawing::{Anchor, Drawing, escaped, series, text_width};
pub(crate) use labels::apart;
pub(crate) use png::grey_png;
pub(crate) use scale::{Axis, decimals, ticks};

use colours::{Scheme, style, style_of_words};

/// The drawing as a file of its own, on a light background.
pub(crate) fn svg(drawing: &Drawing) -> String {
    let background = "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n";
    drawing.document(&format!("<style>\n{}</style>\n{background}", rules(drawing, Scheme::Light)))
}

/// The drawing in a page of its own, light or dark as the reader prefers, with words below it: elements of HTML, or nothing.
pub(crate) fn html(drawing: &Drawing, title: &str, words: &str) -> String {
    let rules = |scheme| {
        let of_words = if words.is_empty() { String::new() } else { style_of_words(scheme) };
        rules(drawing, scheme) + &of_words
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
        <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n\
        body {{ margin: 0 auto; padding: 24px 16px; max-width: {}px; }}\nsvg {{ width: 100%; height: auto; }}\n{}\
        @media (prefers-color-scheme: dark) {{\n{}}}\n</style>\n</head>\n<body>\n{}{words}</body>\n</html>\n",
        escaped(title),
        drawing.width.ceil() + 160.0,
        rules(Scheme::Light),
        rules(Scheme::Dark),
        drawing.document("")
    )
}

fn rules(drawing: &Drawing, scheme: Scheme) -> String {
    style(scheme, drawing.steps(), drawing.marks())
}
