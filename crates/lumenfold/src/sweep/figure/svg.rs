//! SVG, element by element.

use std::fmt::Write;

/// The fonts of a figure, the first of which a viewer has.
const FONTS: &str = "Helvetica Neue, Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif";

/// A picture under way. Lengths are pixels, y grows downwards.
pub(crate) struct Svg {
    width: f64,
    height: f64,
    body: String,
    clips: usize,
}

/// How a line is drawn.
#[derive(Clone, Copy)]
pub(crate) struct Stroke {
    pub(crate) colour: &'static str,
    pub(crate) width: f64,
    /// Lengths of dashes and gaps, such as `4 3`.
    pub(crate) dashes: Option<&'static str>,
}

/// Which part of a text stands at its place.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text is set.
#[derive(Clone, Copy)]
pub(crate) struct Text {
    pub(crate) size: f64,
    pub(crate) colour: &'static str,
    pub(crate) anchor: Anchor,
    pub(crate) bold: bool,
}

impl Stroke {
    pub(crate) fn new(colour: &'static str, width: f64) -> Self {
        Self { colour, width, dashes: None }
    }

    fn attributes(self) -> String {
        let dashes = self.dashes.map(|dashes| format!(" stroke-dasharray=\"{dashes}\"")).unwrap_or_default();
        format!("stroke=\"{}\" stroke-width=\"{}\"{dashes}", self.colour, length(self.width))
    }
}

impl Text {
    pub(crate) fn new(size: f64, colour: &'static str, anchor: Anchor) -> Self {
        Self { size, colour, anchor, bold: false }
    }
}

impl Svg {
    pub(crate) fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new(), clips: 0 }
    }

    fn add(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: Stroke) {
        self.polyline(&[from, to], stroke);
    }

    pub(crate) fn polyline(&mut self, points: &[(f64, f64)], stroke: Stroke) {
        let joined = "stroke-linejoin=\"round\" stroke-linecap=\"round\"";
        self.add(&format!("<polyline points=\"{}\" fill=\"none\" {} {joined}/>", list(points), stroke.attributes()));
    }

    pub(crate) fn polygon(&mut self, points: &[(f64, f64)], fill: &str, opacity: f64) {
        let opacity = length(opacity);
        self.add(&format!("<polygon points=\"{}\" fill=\"{fill}\" fill-opacity=\"{opacity}\"/>", list(points)));
    }

    pub(crate) fn circle(&mut self, (x, y): (f64, f64), radius: f64, fill: &str, stroke: Stroke) {
        let (x, y, radius) = (length(x), length(y), length(radius));
        let stroke = stroke.attributes();
        self.add(&format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{fill}\" {stroke}/>"));
    }

    pub(crate) fn text(&mut self, (x, y): (f64, f64), text: &str, style: Text) {
        let anchor = match style.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y, size) = (length(x), length(y), length(style.size));
        let weight = if style.bold { " font-weight=\"600\"" } else { "" };
        let set = format!("font-size=\"{size}\" fill=\"{}\" text-anchor=\"{anchor}\"{weight}", style.colour);
        self.add(&format!("<text x=\"{x}\" y=\"{y}\" {set}>{}</text>", escaped(text)));
    }

    /// What is drawn within a rectangle, given by two corners, and cut off at its edges.
    pub(crate) fn within(
        &mut self,
        (left, top): (f64, f64),
        (right, bottom): (f64, f64),
        draw: impl FnOnce(&mut Self),
    ) {
        self.clips += 1;
        let (width, height) = (length(right - left), length(bottom - top));
        let (left, top, clip) = (length(left), length(top), self.clips);
        let rectangle = format!("<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"/>");
        self.add(&format!("<clipPath id=\"clip{clip}\">{rectangle}</clipPath>"));
        self.add(&format!("<g clip-path=\"url(#clip{clip})\">"));
        draw(self);
        self.add("</g>");
    }

    /// The whole file. `title` is what a reader for the blind says.
    pub(crate) fn finish(self, title: &str) -> String {
        let (width, height) = (length(self.width), length(self.height));
        let mut text = String::new();
        let _ = writeln!(
            text,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} \
             {height}\" font-family=\"{FONTS}\" role=\"img\">"
        );
        let _ = writeln!(text, "<title>{}</title>", escaped(title));
        let _ = writeln!(text, "<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>");
        text + &self.body + "</svg>\n"
    }
}

/// Text that means nothing to a reader of XML. Control characters have no place in it.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A length with two decimals at most. What is no number is nowhere.
fn length(value: f64) -> String {
    let value = if value.is_finite() { value.clamp(-1e6, 1e6) } else { -1e6 };
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn list(points: &[(f64, f64)]) -> String {
    points.iter().map(|(x, y)| format!("{},{}", length(*x), length(*y))).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_short_and_never_words() {
        let cases = [(1.0, "1"), (0.126, "0.13"), (-0.001, "0"), (f64::NAN, "-1000000"), (f64::INFINITY, "-1000000")];
        for (value, expected) in cases {
            assert_eq!(length(value), expected);
        }
    }

    #[test]
    fn text_cannot_become_an_element() {
        let mut svg = Svg::new(10.0, 10.0);
        svg.text((1.0, 2.0), "<script>\"&\u{1b}", Text::new(9.0, "#000000", Anchor::Start));
        let text = svg.finish("a < b");
        assert!(text.contains(">&lt;script&gt;&quot;&amp;\u{fffd}</text>") && text.contains("<title>a &lt; b</title>"));
    }
}
