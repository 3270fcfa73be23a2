//! A sweep as a figure: the held-out error against the latent dimension, beside PCA.

use super::figure::{Anchor, Axis, Stroke, Svg, Text};
use super::{Dimension, Spread, Sweep};
use crate::metrics::Errors;
use crate::report::thousands;

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 390.0;
const TOP: f64 = 92.0;
const BOTTOM: f64 = 340.0;

/// Left and right edges of the two panels.
const PANELS: [(f64, f64); 2] = [(68.0, 340.0), (492.0, 764.0)];

const INK: &str = "#1a1a1a";
const GREY: &str = "#6b6b6b";
const PALE: &str = "#d9d9d9";
const NETWORK: &str = "#1b5e9e";
const LINEAR: &str = "#c05a13";
const BAND: &str = "#efe9dc";

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
        let mut svg = Svg::new(WIDTH, HEIGHT);
        let rows = format!(
            "{} held-out rows, {} features; {} per dimension",
            thousands(self.held_out),
            thousands(self.features),
            if self.seeds == 1 { "one seed".to_owned() } else { format!("{} seeds", self.seeds) }
        );
        svg.text((20.0, 26.0), &shortened(self.name()), Text { bold: true, ..Text::new(15.0, INK, Anchor::Start) });
        svg.text((20.0, 45.0), &rows, Text::new(12.0, GREY, Anchor::Start));
        let unit = self.unit.as_ref().map(|unit| format!(" [{}]", shortened(unit))).unwrap_or_default();
        self.key_of_band(&mut svg);
        let rms = self.panel(PANELS[0], |errors| errors.mse.sqrt(), FAR_BELOW);
        rms.draw(&mut svg, &format!("held-out rms residual{unit}"), label);
        let unexplained = self.panel(PANELS[1], |errors| 1.0 - errors.explained_variance, FAR_BELOW * FAR_BELOW);
        unexplained.draw(&mut svg, "explained variance", |left| percent(1.0 - left));
        svg.finish(&format!("Held-out error against the latent dimension: {}", self.name()))
    }

    /// The figure on a page of its own, with the findings in words and numbers.
    #[must_use]
    pub fn html(&self) -> String {
        let title = super::figure::escaped(&format!("{}: latent dimension", self.name()));
        let words = self.in_words();
        let sentences: String = words.iter().map(|line| format!("<p>{}</p>\n", super::figure::escaped(line))).collect();
        let rows: String = self.text_table().iter().map(|row| html_row(row)).collect();
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
             content=\"width=device-width\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<figure>\n{}\
             </figure>\n{sentences}<table>\n{rows}</table>\n</body>\n</html>\n",
            self.svg()
        )
    }

    /// What the band in both panels is.
    fn key_of_band(&self, svg: &mut Svg) {
        let Some((low, high)) = self.intrinsic.map(|intrinsic| intrinsic.range()) else { return };
        let last = self.dimensions.last().map_or(0.0, |dimension| dimension.latent as f64);
        let beyond = if low > last + 0.5 { ", beyond the axis" } else { "" };
        let words = format!("intrinsic dimension {} to {}{beyond}", short(low), short(high));
        let (x, y) = (PANELS[1].0, 45.0);
        svg.polygon(&[(x, y - 10.0), (x + 22.0, y - 10.0), (x + 22.0, y + 1.5), (x, y + 1.5)], BAND, 1.0);
        svg.text((x + 29.0, y), &words, Text::new(12.0, GREY, Anchor::Start));
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
            Axis::linear((first - pad, last + pad), (left, right))
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
    fn draw(&self, svg: &mut Svg, title: &str, words: impl Fn(f64) -> String) {
        let (left, right) = self.x.ends();
        svg.within((left, TOP), (right, BOTTOM), |svg| self.intrinsic_band(svg));
        self.grid(svg, words);
        self.suggestion(svg);
        svg.within((left, TOP), (right, BOTTOM), |svg| self.curves(svg));
        self.direct_labels(svg);
        svg.text((left, TOP - 24.0), title, Text { bold: true, ..Text::new(12.5, INK, Anchor::Start) });
        svg.text((0.5 * (left + right), BOTTOM + 37.0), "latents, or components", Text::new(12.0, INK, Anchor::Middle));
    }

    fn grid(&self, svg: &mut Svg, words: impl Fn(f64) -> String) {
        let (left, right) = self.x.ends();
        let hair = Stroke::new(PALE, 0.8);
        for tick in self.y.ticks() {
            let y = self.y.place(tick);
            svg.line((left, y), (right, y), hair);
            svg.text((left - 8.0, y + 4.0), &words(tick), Text::new(11.5, INK, Anchor::End));
        }
        for tick in self.y.small_ticks() {
            let y = self.y.place(tick);
            svg.line((left, y), (left + 3.5, y), Stroke::new(GREY, 0.8));
        }
        let axis = Stroke::new(INK, 1.0);
        svg.line((left, TOP), (left, BOTTOM), axis);
        svg.line((left, BOTTOM), (right, BOTTOM), axis);
        let mut free = f64::NEG_INFINITY;
        for dimension in &self.sweep.dimensions {
            let x = self.x.place(dimension.latent as f64);
            svg.line((x, BOTTOM), (x, BOTTOM + 4.0), axis);
            let text = dimension.latent.to_string();
            let half = 3.6 * text.len() as f64;
            if x - half > free {
                svg.text((x, BOTTOM + 18.0), &text, Text::new(11.5, INK, Anchor::Middle));
                free = x + half + 3.0;
            }
        }
    }

    /// Where the intrinsic dimension is.
    fn intrinsic_band(&self, svg: &mut Svg) {
        let Some((low, high)) = self.sweep.intrinsic.map(|intrinsic| intrinsic.range()) else { return };
        let (left, right) = self.x.ends();
        let (from, to) = (self.x.place(low).clamp(left, right), self.x.place(high).clamp(left, right));
        let corners = [(from, TOP), (to, TOP), (to, BOTTOM), (from, BOTTOM)];
        svg.polygon(&corners, BAND, 1.0);
    }

    fn place(&self, dimension: &Dimension, value: f64) -> (f64, f64) {
        (self.x.place(dimension.latent as f64), self.y.place(value))
    }

    fn spread(&self, dimension: &Dimension) -> Spread {
        Spread::of(&dimension.runs.iter().map(|run| (self.of)(&run.errors)).collect::<Vec<_>>())
    }

    fn curves(&self, svg: &mut Svg) {
        let dimensions = &self.sweep.dimensions;
        let white = |colour| Stroke { colour, ..Stroke::new("#ffffff", 0.9) };
        let linear: Vec<_> = dimensions.iter().map(|one| self.place(one, (self.of)(&one.pca))).collect();
        svg.polyline(&linear, Stroke { dashes: Some("5 3.5"), ..Stroke::new(LINEAR, 1.6) });
        linear.iter().for_each(|point| svg.circle(*point, 3.0, "#ffffff", Stroke::new(LINEAR, 1.5)));
        let spreads: Vec<Spread> = dimensions.iter().map(|one| self.spread(one)).collect();
        let edge = |value: fn(&Spread) -> f64| {
            dimensions.iter().zip(&spreads).map(move |(one, spread)| self.place(one, value(spread))).collect::<Vec<_>>()
        };
        let (mut outline, upper) = (edge(|spread| spread.least), edge(|spread| spread.most));
        outline.extend(upper.into_iter().rev());
        svg.polygon(&outline, NETWORK, 0.16);
        svg.polyline(&edge(|spread| spread.median), Stroke::new(NETWORK, 2.0));
        for dimension in dimensions {
            for run in &dimension.runs {
                svg.circle(self.place(dimension, (self.of)(&run.errors)), 2.6, NETWORK, white("#ffffff"));
            }
        }
    }

    /// The names of the curves at their ends, apart from each other.
    fn direct_labels(&self, svg: &mut Svg) {
        let Some(last) = self.sweep.dimensions.last() else { return };
        let place = |value: f64| self.y.place(value).clamp(TOP + 4.0, BOTTOM - 4.0);
        let (mut network, mut linear) = (place(self.spread(last).median), place((self.of)(&last.pca)));
        let apart = 15.0 - (network - linear).abs();
        if apart > 0.0 {
            let (above, below) =
                if network <= linear { (&mut network, &mut linear) } else { (&mut linear, &mut network) };
            *above -= 0.5 * apart;
            *below += 0.5 * apart;
            let beyond = (*below - BOTTOM).max(0.0);
            *above -= beyond;
            *below -= beyond;
        }
        let x = self.x.ends().1 + 7.0;
        let style = |colour| Text { bold: true, ..Text::new(12.0, colour, Anchor::Start) };
        svg.text((x, network + 4.0), "autoencoder", style(NETWORK));
        svg.text((x, linear + 4.0), "PCA", style(LINEAR));
    }

    fn suggestion(&self, svg: &mut Svg) {
        let Some(suggestion) = self.sweep.suggestion else { return };
        let (left, right) = self.x.ends();
        let x = self.x.place(suggestion.latent as f64);
        svg.line((x, TOP - 4.0), (x, BOTTOM), Stroke { dashes: Some("2 3"), ..Stroke::new(INK, 1.0) });
        let text = format!("{} suggested", suggestion.latent);
        let half = 3.0 * text.len() as f64;
        let middle = x.max(left + half).min(right - half);
        svg.text((middle, TOP - 8.0), &text, Text::new(11.5, INK, Anchor::Middle));
    }
}

/// A value at a tick.
fn label(value: f64) -> String {
    if (1e-3..1e5).contains(&value) {
        return crate::words::number(value).trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let raised: String = exponent
        .chars()
        .map(|digit| match digit.to_digit(10) {
            Some(digit) => ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][digit as usize],
            None => '⁻',
        })
        .collect();
    if digits == "1" { format!("10{raised}") } else { format!("{digits}·10{raised}") }
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

const STYLE: &str = "body { font: 15px/1.5 Helvetica Neue, Helvetica, Arial, sans-serif; color: #1a1a1a; max-width: 54rem; \
    margin: 2rem auto; padding: 0 1rem; }\nfigure { margin: 0 0 1rem; }\nsvg { max-width: 100%; height: auto; }\np { margin: \
    0.3rem 0; }\ntable { border-collapse: collapse; margin-top: 1rem; font-variant-numeric: tabular-nums; }\ntd, th { \
    padding: 0.2rem 0.8rem; text-align: right; border-bottom: 1px solid #d9d9d9; }\n";

fn html_row(cells: &[String]) -> String {
    let cells: String = cells.iter().map(|cell| format!("<td>{}</td>", super::figure::escaped(cell))).collect();
    format!("<tr>{cells}</tr>\n")
}
