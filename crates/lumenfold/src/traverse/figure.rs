//! A traversal as a figure: lines of few features, fans of spectra, strips of pictures.

mod fan;
mod lines;
mod strip;

use super::Traversal;
use crate::Error;
use crate::figure::{Anchor, Axis, Drawing, html, svg, text_width};

/// Features that are drawn as lines of their own, as changes in their spreads; more are a spectrum.
pub const MOST_LINES: usize = 12;

/// The most steps that a figure shows.
const MOST_STEPS: usize = 100;

/// The width of a figure and the margin on its left.
const WIDTH: f64 = 720.0;
const MARGIN: f64 = 14.0;

/// The height of a line of text.
const LINE: f64 = 15.0;

/// What a figure shows besides the walks.
#[derive(Clone, Debug, Default)]
pub struct FigureOptions {
    /// The heading.
    pub title: String,
    /// What the base is and how far the axes go, in words, below the figure.
    pub caption: String,
    /// What is along the x axis, where that is not a latent coordinate.
    pub way: Option<String>,
    /// The usual deviation of each feature, in its unit: few features are drawn as changes in these.
    pub spreads: Vec<f64>,
    /// What the spreads are, in words, such as "standard deviations of the rows".
    pub spread_name: String,
    /// For each walk the steps that are far from all data ([`CodedRows::far`](crate::coded::CodedRows::far)), which are drawn pale;
    /// nothing where that is not known.
    pub far: Vec<Vec<bool>>,
    /// Height and width of the pictures that samples are.
    pub image: Option<(usize, usize)>,
}

impl Traversal {
    /// The figure as SVG on a light background.
    ///
    /// # Errors
    /// Too many steps to be told apart, or pictures of another size than samples have.
    pub fn svg(&self, options: &FigureOptions) -> Result<String, Error> {
        Ok(svg(&self.draw(options)?))
    }

    /// The figure as a page, light or dark as the reader prefers.
    ///
    /// # Errors
    /// As [`Traversal::svg`].
    pub fn html(&self, options: &FigureOptions) -> Result<String, Error> {
        Ok(html(&self.draw(options)?, &options.title, ""))
    }

    fn draw(&self, options: &FigureOptions) -> Result<Drawing, Error> {
        let steps = self.walks.first().map_or(0, |walk| walk.places.len());
        if steps > MOST_STEPS {
            let allowed = format!("at most {MOST_STEPS} in a figure; write a table for more");
            return Err(Error::Setting { name: "--steps", value: steps.to_string(), allowed });
        }
        let mut drawing = Drawing::new(&options.title, WIDTH, steps);
        drawing.text((MARGIN, 24.0), Anchor::Start, "title", &options.title);
        let top = 40.0;
        let (bottom, note) = match options.image {
            Some((height, width)) if height.checked_mul(width) != Some(self.features.len()) => {
                let (value, features) = (format!("{height}x{width}"), self.features.len());
                let allowed = format!("height and width of {features} pixels, the features of the model");
                return Err(Error::Setting { name: "--image", value, allowed });
            }
            Some((_, width)) => strip::draw(&mut drawing, self, options, (width, top)),
            None if self.features.len() <= MOST_LINES => lines::draw(&mut drawing, self, options, top),
            None => fan::draw(&mut drawing, self, options, top),
        };
        let pale = match options.far.iter().flatten().filter(|far| **far).count() {
            0 => "",
            _ => " Pale: further from any row than 99\u{a0}% of the rows from their nearest neighbour.",
        };
        let caption = format!("{} {note}{pale}", options.caption);
        drawing.height = write_lines(&mut drawing, caption.trim(), bottom + 22.0) + 4.0;
        Ok(drawing)
    }

    /// What the places of the steps are called.
    fn way_of<'a>(&self, walk: usize, options: &'a FigureOptions) -> std::borrow::Cow<'a, str> {
        options.way.as_deref().map_or_else(|| self.walks[walk].name.clone().into(), Into::into)
    }
}

impl FigureOptions {
    fn is_far(&self, walk: usize, step: usize) -> bool {
        self.far.get(walk).and_then(|far| far.get(step)) == Some(&true)
    }
}

/// Words in as many lines as they need; where the next line would be.
fn write_lines(drawing: &mut Drawing, text: &str, mut y: f64) -> f64 {
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && text_width(&line, 11.0) + text_width(word, 11.0) > WIDTH - 2.0 * MARGIN - 10.0 {
            drawing.text((MARGIN, y), Anchor::Start, "muted", &line);
            (line, y) = (String::new(), y + LINE);
        }
        line += if line.is_empty() { "" } else { " " };
        line += word;
    }
    drawing.text((MARGIN, y), Anchor::Start, "muted", &line);
    y + LINE
}

/// Grid, ticks and their numbers below a plot.
fn draw_x(drawing: &mut Drawing, x: &Axis, (top, bottom): (f64, f64), about: usize) {
    for (value, text) in x.ticks(about) {
        let place = x.place(value);
        drawing.line((place, top), (place, bottom), "grid");
        drawing.line((place, bottom), (place, bottom + 4.0), "rule");
        drawing.text((place, bottom + 15.0), Anchor::Middle, "muted", &text);
    }
    drawing.line((x.start, bottom), (x.end, bottom), "rule");
}

/// The same beside it.
fn draw_y(drawing: &mut Drawing, y: &Axis, (left, right): (f64, f64), about: usize) {
    for (value, text) in y.ticks(about) {
        let place = y.place(value);
        drawing.line((left, place), (right, place), "grid");
        drawing.text((left - 6.0, place + 4.0), Anchor::End, "muted", &text);
    }
}

/// Least and largest of numbers.
fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

/// A name that fits beside a line.
fn short_name(name: &str) -> String {
    const LONGEST: usize = 14;
    if name.chars().count() <= LONGEST {
        name.to_owned()
    } else {
        name.chars().take(LONGEST - 1).chain(['…']).collect()
    }
}
