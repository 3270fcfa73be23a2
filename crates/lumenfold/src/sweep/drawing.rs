//! A sweep as a figure: the held-out error against the latent dimension, beside PCA.

use super::{Dimension, Spread, Sweep};
use crate::figure::{Anchor, Axis, Drawing, apart, escaped, html, series, svg};
use crate::metrics::Errors;
use crate::words::thousands;

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 390.0;
const TOP: f64 = 92.0;
const BOTTOM: f64 = 340.0;

/// Left and right edges of the two panels.
const PANELS: [(f64, f64); 2] = [(68.0, 340.0), (492.0, 764.0)];

/// Ticks with numbers on the axis of errors, at most.
const MOST_TICKS: usize = 8;

/// Places of the colours of the autoencoder and of PCA.
const NETWORK: usize = 0;
const LINEAR: usize = 1;

/// PCA may leave so little that the errors of the network would all lie at the top: the axis goes so far below the least
/// of these; of their squares, in variance.
const FAR_BELOW: f64 = 0.05;

/// Dimensions that far apart (as a factor) are drawn on a logarithmic axis.
const FAR_APART: f64 = 12.0;

/// Errors in one of the two panels.
struct Panel<'s> {
    sweep: &'s Sweep,
    x: Axis,
    y: Axis,
    of: fn(&Errors) -> f64,
}

impl Sweep {
    /// The figure, in SVG: rms residuals in original units, and explained variance, against the latent dimension. The same
    /// sweep gives the same file.
    #[must_use]
    pub fn svg(&self) -> String {
        svg(&self.draw())
    }

    /// The figure on a page of its own, light or dark as the reader prefers, with the findings in words and numbers.
    #[must_use]
    pub fn html(&self) -> String {
        let sentences: String = self.in_words().iter().map(|line| format!("<p>{}</p>\n", escaped(line))).collect();
        let rows: String = self.text_table().iter().map(|row| html_row(row)).collect();
        let words = format!("{sentences}<table>\n{rows}</table>\n");
        html(&self.draw(), &format!("{}: latent dimension", self.name()), &words)
    }

    fn draw(&self) -> Drawing {
        let title = format!("Held-out error against the latent dimension: {}", self.name());
        let mut drawing = Drawing::new(&title, WIDTH, 0);
        drawing.height = HEIGHT;
        let rows = format!(
            "{} held-out rows, {} features; {} per dimension",
            thousands(self.held_out),
            thousands(self.features),
            if self.seeds == 1 { "one seed".to_owned() } else { format!("{} seeds", self.seeds) }
        );
        drawing.text((20.0, 26.0), Anchor::Start, "title", &shortened(self.name()));
        drawing.text((20.0, 45.0), Anchor::Start, "muted", &rows);
        let unit = self.unit.as_ref().map(|unit| format!(" ({})", shortened(unit))).unwrap_or_default();
        self.key_of_band(&mut drawing);
        let rms = self.panel(PANELS[0], |errors| errors.mse.sqrt(), FAR_BELOW);
        rms.draw(&mut drawing, &format!("held-out rms residual{unit}"), |_, text| text);
        let unexplained = self.panel(PANELS[1], |errors| 1.0 - errors.explained_variance, FAR_BELOW * FAR_BELOW);
        unexplained.draw(&mut drawing, "explained variance", |left, _| percent(1.0 - left));
        drawing
    }

    /// What the band in both panels is.
    fn key_of_band(&self, drawing: &mut Drawing) {
        let Some((low, high)) = self.intrinsic.map(|intrinsic| intrinsic.range()) else { return };
        let last = self.dimensions.last().map_or(0.0, |dimension| dimension.latent as f64);
        let beyond = if low > last + 0.5 { ", beyond the axis" } else { "" };
        let words = format!("intrinsic dimension {} to {}{beyond}", short(low), short(high));
        let (x, y) = (PANELS[1].0, 45.0);
        drawing.rectangle((x, y - 10.0), (22.0, 11.5), "band");
        drawing.text((x + 29.0, y), Anchor::Start, "muted", &words);
    }

    /// The name of the data without the directories, which a figure need not tell.
    fn name(&self) -> &str {
        self.source.rsplit(['/', '\\']).next().unwrap_or(&self.source)
    }

    fn panel(&self, (left, right): (f64, f64), of: fn(&Errors) -> f64, far_below: f64) -> Panel<'_> {
        let latents: Vec<f64> = self.dimensions.iter().map(|dimension| dimension.latent as f64).collect();
        let (first, last) = (latents.first().copied().unwrap_or(1.0), latents.last().copied().unwrap_or(1.0));
        let x = if last / first > FAR_APART {
            let pad = (last / first).powf(0.06);
            Axis::logarithmic((first / pad, last * pad), (left, right))
        } else {
            let pad = 0.06 * (last - first) + 0.15;
            Axis::new((first - pad, last + pad), (left, right))
        };
        let positive = |value: &f64| value.is_finite() && *value > 0.0;
        let own = self.dimensions.iter().flat_map(|dimension| dimension.runs.iter().map(|run| of(&run.errors)));
        let own: Vec<f64> = own.filter(positive).collect();
        let pca = self.dimensions.iter().map(|dimension| of(&dimension.pca)).filter(positive);
        let lowest = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
        let floor = far_below * lowest(&own);
        let all: Vec<f64> =
            own.iter().copied().chain(pca.filter(|value| *value > floor || !floor.is_finite())).collect();
        let (low, high) = (lowest(&all), all.iter().copied().fold(0.0, f64::max));
        let (low, high) = if low.is_finite() { (low, high) } else { (0.1, 1.0) };
        let pad = (high / low).powf(0.07).max(1.08);
        Panel { sweep: self, x, y: Axis::logarithmic((low / pad, high * pad), (BOTTOM, TOP)), of }
    }
}

impl Panel<'_> {
    /// `words` are those at a tick, given its value and the usual text.
    fn draw(&self, drawing: &mut Drawing, title: &str, words: impl Fn(f64, String) -> String) {
        let (left, right) = (self.x.start, self.x.end);
        self.intrinsic_band(drawing);
        self.grid(drawing, words);
        self.suggestion(drawing);
        drawing.within((left, TOP), (right, BOTTOM), |drawing| self.curves(drawing));
        self.direct_labels(drawing);
        drawing.text((left, TOP - 24.0), Anchor::Start, "name", title);
        drawing.text((0.5 * (left + right), BOTTOM + 35.0), Anchor::Middle, "", "latents, or components");
    }

    fn grid(&self, drawing: &mut Drawing, words: impl Fn(f64, String) -> String) {
        let (left, right) = (self.x.start, self.x.end);
        for (tick, text) in self.y.ticks(MOST_TICKS) {
            let y = self.y.place(tick);
            drawing.line((left, y), (right, y), "grid");
            drawing.text((left - 8.0, y + 4.0), Anchor::End, "muted", &words(tick, text));
        }
        for tick in self.y.small_ticks() {
            let y = self.y.place(tick);
            drawing.line((left, y), (left + 3.5, y), "rule");
        }
        drawing.line((left, TOP), (left, BOTTOM), "rule");
        drawing.line((left, BOTTOM), (right, BOTTOM), "rule");
        let mut free = f64::NEG_INFINITY;
        for dimension in &self.sweep.dimensions {
            let x = self.x.place(dimension.latent as f64);
            drawing.line((x, BOTTOM), (x, BOTTOM + 4.0), "rule");
            let text = dimension.latent.to_string();
            let half = 3.6 * text.len() as f64;
            if x - half > free {
                drawing.text((x, BOTTOM + 17.0), Anchor::Middle, "muted", &text);
                free = x + half + 3.0;
            }
        }
    }

    /// Where the intrinsic dimension is.
    fn intrinsic_band(&self, drawing: &mut Drawing) {
        let Some((low, high)) = self.sweep.intrinsic.map(|intrinsic| intrinsic.range()) else { return };
        let place = |dimension: f64| self.x.place(dimension).clamp(self.x.start, self.x.end);
        drawing.rectangle((place(low), TOP), (place(high) - place(low), BOTTOM - TOP), "band");
    }

    fn place(&self, dimension: &Dimension, value: f64) -> (f64, f64) {
        (self.x.place(dimension.latent as f64), self.y.place(value))
    }

    fn spread(&self, dimension: &Dimension) -> Spread {
        Spread::of(&dimension.runs.iter().map(|run| (self.of)(&run.errors)).collect::<Vec<_>>())
    }

    fn curves(&self, drawing: &mut Drawing) {
        let (network, pca) = (series(NETWORK), series(LINEAR));
        let dimensions = &self.sweep.dimensions;
        let linear: Vec<_> = dimensions.iter().map(|one| self.place(one, (self.of)(&one.pca))).collect();
        drawing.polyline(linear.iter().copied(), &format!("line dashed {pca}"));
        linear.iter().for_each(|point| drawing.circle(*point, 3.0, &format!("hollow {pca}")));
        let spreads: Vec<Spread> = dimensions.iter().map(|one| self.spread(one)).collect();
        let edge = |value: fn(&Spread) -> f64| {
            dimensions.iter().zip(&spreads).map(move |(one, spread)| self.place(one, value(spread))).collect::<Vec<_>>()
        };
        let (mut outline, upper) = (edge(|spread| spread.least), edge(|spread| spread.most));
        outline.extend(upper.into_iter().rev());
        drawing.polygon(outline, &format!("area {network}"));
        drawing.polyline(edge(|spread| spread.median), &format!("line {network}"));
        for dimension in dimensions {
            for run in &dimension.runs {
                drawing.circle(self.place(dimension, (self.of)(&run.errors)), 2.6, &format!("mark {network}"));
            }
        }
    }

    /// The names of the curves at their ends, apart from each other.
    fn direct_labels(&self, drawing: &mut Drawing) {
        let Some(last) = self.sweep.dimensions.last() else { return };
        let ends = [self.spread(last).median, (self.of)(&last.pca)];
        let ends = ends.map(|value| self.y.place(value).clamp(TOP + 4.0, BOTTOM - 4.0));
        let places = apart(&ends, (TOP, BOTTOM), 15.0);
        for ((name, place), at) in ["autoencoder", "PCA"].into_iter().zip(places).zip([NETWORK, LINEAR]) {
            drawing.text((self.x.end + 7.0, place + 4.0), Anchor::Start, &format!("name {}", series(at)), name);
        }
    }

    fn suggestion(&self, drawing: &mut Drawing) {
        let Some(suggestion) = self.sweep.suggestion else { return };
        let (left, right) = (self.x.start, self.x.end);
        let x = self.x.place(suggestion.latent as f64);
        drawing.line((x, TOP - 4.0), (x, BOTTOM), "base");
        let text = format!("{} suggested", suggestion.latent);
        let half = 3.0 * text.len() as f64;
        let middle = x.max(left + half).min(right - half);
        drawing.text((middle, TOP - 8.0), Anchor::Middle, "", &text);
    }
}

/// A share at a tick, with as many digits as tell it from one.
fn percent(share: f64) -> String {
    let left = 1.0 - share;
    let digits = if left < 1.0 { (-libm::log10(left) - 2.0 - 1e-9).ceil().clamp(0.0, 9.0) as usize } else { 0 };
    format!("{:.digits$} %", 100.0 * share + 0.0)
}

/// A dimension with a digit behind the point where it is small.
fn short(value: f64) -> String {
    if value < 20.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}

/// A name that does not fill the figure.
fn shortened(name: &str) -> String {
    const MOST: usize = 90;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    let tail: Vec<char> = name.chars().rev().take(MOST).collect();
    std::iter::once('…').chain(tail.into_iter().rev()).collect()
}

fn html_row(cells: &[String]) -> String {
    let cells: String = cells.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
    format!("<tr>{cells}</tr>\n")
}
