//! The elements of a drawing.

use std::fmt::Write;

use super::colours::SERIES;

/// Which part of a text is at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// Longer texts are cut: what a file calls its columns must not fill a page.
const LONGEST: usize = 160;

/// A drawing in the making. Lengths are in pixels, y goes down.
#[derive(Debug)]
pub(crate) struct Drawing {
    pub(crate) width: f64,
    pub(crate) height: f64,
    title: String,
    body: String,
    steps: usize,
    marks: bool,
    clips: usize,
}

impl Drawing {
    /// An empty one. `title` is for those who hear it read, `steps` the colours of its ramp.
    pub(crate) fn new(title: &str, width: f64, steps: usize) -> Self {
        Self { width, height: 0.0, title: title.to_owned(), body: String::new(), steps, marks: false, clips: 0 }
    }

    pub(super) fn steps(&self) -> usize {
        self.steps
    }

    /// Whether it has areas or marks.
    pub(super) fn marks(&self) -> bool {
        self.marks
    }

    pub(crate) fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, class: &str, text: &str) {
        self.place_text(&format!("x=\"{}\" y=\"{}\"", short(x), short(y)), anchor, class, text);
    }

    /// A text that is read from bottom to top.
    pub(crate) fn upward_text(&mut self, (x, y): (f64, f64), class: &str, text: &str) {
        let place = format!("transform=\"translate({} {}) rotate(-90)\"", short(x), short(y));
        self.place_text(&place, Anchor::Middle, class, text);
    }

    fn place_text(&mut self, place: &str, anchor: Anchor, class: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        self.add(format_args!("<text {place}{anchor}{class}>{}</text>", escaped(&cut(text))));
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), class: &str) {
        let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(short);
        self.add(format_args!("<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" class=\"{class}\"/>"));
    }

    pub(crate) fn polyline(&mut self, points: impl IntoIterator<Item = (f64, f64)>, class: &str) {
        self.add(format_args!("<polyline points=\"{}\" class=\"{class}\"/>", listed(points)));
    }

    /// An area.
    pub(crate) fn polygon(&mut self, points: impl IntoIterator<Item = (f64, f64)>, class: &str) {
        self.marks = true;
        self.add(format_args!("<polygon points=\"{}\" class=\"{class}\"/>", listed(points)));
    }

    /// A mark.
    pub(crate) fn circle(&mut self, (x, y): (f64, f64), radius: f64, class: &str) {
        self.marks = true;
        let [x, y, radius] = [x, y, radius].map(short);
        self.add(format_args!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" class=\"{class}\"/>"));
    }

    /// What is drawn within a rectangle, given by two corners, and cut off at its edges.
    pub(crate) fn within(
        &mut self,
        (left, top): (f64, f64),
        (right, bottom): (f64, f64),
        draw: impl FnOnce(&mut Self),
    ) {
        self.clips += 1;
        let (clip, [x, y, width, height]) = (self.clips, [left, top, right - left, bottom - top].map(short));
        let rectangle = format!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>");
        self.add(format_args!("<clipPath id=\"clip{clip}\">{rectangle}</clipPath>"));
        self.add(format_args!("<g clip-path=\"url(#clip{clip})\">"));
        draw(self);
        self.add(format_args!("</g>"));
    }

    pub(crate) fn rectangle(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), class: &str) {
        let [x, y, width, height] = [x, y, width, height].map(short);
        self.add(format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" class=\"{class}\"/>"));
    }

    /// A picture in PNG.
    pub(crate) fn picture(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), class: &str, png: &[u8]) {
        use base64::Engine;
        let data = base64::engine::general_purpose::STANDARD.encode(png);
        let [x, y, width, height] = [x, y, width, height].map(short);
        self.add(format_args!(
            "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" class=\"{class}\" \
            preserveAspectRatio=\"none\" href=\"data:image/png;base64,{data}\"/>"
        ));
    }

    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.body, "{element}");
    }

    /// The whole, with something before the first element.
    pub(super) fn document(&self, before: &str) -> String {
        let [width, height] = [self.width, self.height].map(short);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
            height=\"{height}\" role=\"img\">\n<title>{}</title>\n{before}{}</svg>\n",
            escaped(&cut(&self.title)),
            self.body
        )
    }
}

/// The class of the line of a feature.
pub(crate) fn series(at: usize) -> String {
    format!("f{}", at % SERIES.len())
}

/// About how wide a text is in the font of the drawing.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    let width = |c: char| match c {
        'i' | 'j' | 'l' | 't' | 'f' | 'I' | '.' | ',' | ':' | '|' | ' ' | '\'' => 0.3,
        'm' | 'w' | 'M' | 'W' | '%' => 0.88,
        c if c.is_ascii_uppercase() => 0.7,
        _ => 0.56,
    };
    text.chars().map(width).sum::<f64>() * size
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// Text as XML wants it, without what XML cannot hold.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

fn listed(points: impl IntoIterator<Item = (f64, f64)>) -> String {
    points.into_iter().map(|(x, y)| format!("{},{}", short(x), short(y))).collect::<Vec<_>>().join(" ")
}

/// A length with two decimals at most. What is no number is nowhere.
fn short(value: f64) -> String {
    let value = if value.is_finite() { value.clamp(-1e6, 1e6) } else { -1e6 };
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_become_elements() {
        let mut drawing = Drawing::new("<script>", 10.0, 0);
        drawing.text((1.0, 2.5), Anchor::Middle, "", "a<b>&\"'\u{0}\u{1b}");
        let text = drawing.document("");
        assert!(text.contains("&lt;script&gt;") && !text.contains("<script"));
        assert!(text.contains(">a&lt;b&gt;&amp;&quot;&#39;\u{fffd}\u{fffd}<"), "{text}");
        assert!(cut(&"x".repeat(1_000_000)).chars().count() == LONGEST);
    }

    #[test]
    fn lengths_are_short() {
        assert_eq!([0.0, -0.001, 1.5, 10.0, 2.333].map(short), ["0", "0", "1.5", "10", "2.33"]);
        assert_eq!([f64::NAN, f64::INFINITY, 1e9].map(short), ["-1000000", "-1000000", "1000000"]);
    }
}
