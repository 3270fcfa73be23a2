//! Where a traversal begins, and how far it goes.

use lumenfold::Model;
use lumenfold::coded::{CodedOptions, CodedRows};
use lumenfold::traverse::{AxisRange, MOST_LINES};

use super::Traverse;
use super::parse::{At, Range};
use crate::coded::Beside;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::words::{counted, listed, thousands};

/// Rows whose codes say where quantiles lie, at most; a seeded choice of more.
const MOST_ROWS: usize = 100_000;

/// The seed of the choice.
const SEED: u64 = 0;

/// Axes that are walked along by default, at most.
const MOST_AXES: usize = 16;

/// Quantiles that the axes go from and to by default.
const SHARES: (f64, f64) = (0.01, 0.99);

/// Where to go, and what to say about it.
pub(super) struct Start {
    pub(super) base: Vec<f32>,
    pub(super) ranges: Vec<AxisRange>,
    /// The other end of a line.
    pub(super) to: Option<Vec<f32>>,
    pub(super) title: String,
    pub(super) caption: String,
    pub(super) way: Option<String>,
    /// The usual deviation of each feature, where there are few.
    pub(super) spreads: Vec<f64>,
    pub(super) spread_name: &'static str,
    /// The rows that the axes were taken from.
    pub(super) coded: Option<CodedRows>,
}

impl Start {
    pub(super) fn of(model: &Model, verb: &Traverse, printer: &Printer) -> Result<Self, Failure> {
        if verb.data.is_empty() {
            return Self::without_data(model, verb);
        }
        let names = model.autoencoder.latent_names();
        let axes = verb.axis.as_deref().map(|chosen| axes(chosen, &names)).transpose()?;
        let shift = at(verb.at.as_ref(), &names)?;
        let mut open = verb.rows.open(model, verb.data.clone(), Beside::Nothing, printer)?;
        let wanted = [("--row", verb.row), ("--from", verb.from), ("--to", verb.to)];
        if let Some((option, _)) = wanted.iter().find(|(_, row)| *row == Some(0)) {
            return Err(Failure::usage(format!("{option} 0: rows are counted from 1")));
        }
        // Spreads are needed for few features only.
        let few = model.autoencoder.features().len() <= MOST_LINES;
        let options = CodedOptions {
            most: MOST_ROWS,
            seed: SEED,
            columns: if few { open.features.clone() } else { Vec::new() },
            wanted: wanted.iter().filter_map(|(_, row)| Some((*row)? - 1)).collect(),
        };
        let coded = open.gather(&options, printer)?;
        let code = |option: &str, row: u64| match coded.wanted.get(&(row - 1)) {
            Some(code) => Ok(code.clone()),
            None if row > coded.rows => {
                let rows = counted(coded.rows as usize, "row");
                Err(Failure::usage(format!("{option} {row}: {} has {rows}", open.name)))
            }
            None => Err(Failure::usage(format!("{option} {row}: this row of {} lacks a value", open.name))),
        };
        let (spreads, spread_name) =
            if few { (coded.deviations(), "standard deviations of the rows") } else { (Vec::new(), "") };
        if let (Some(from), Some(to)) = (verb.from, verb.to) {
            let (base, end) = (code("--from", from)?, code("--to", to)?);
            return Ok(Self {
                base,
                ranges: Vec::new(),
                to: Some(end),
                title: format!(
                    "Decoded on the way from row {} to row {}",
                    thousands(from as usize),
                    thousands(to as usize)
                ),
                caption: format!(
                    "The straight line between the codes of two rows of {}; the base is the first.",
                    open.name
                ),
                way: Some("share of the way".to_owned()),
                spreads,
                spread_name,
                coded: Some(coded),
            });
        }
        let medians = || (0..names.len()).map(|axis| coded.quantiles(axis, &[0.5])[0] as f32).collect::<Vec<_>>();
        let (mut base, what) = match verb.row {
            Some(row) => (code("--row", row)?, format!("the code of row {}", thousands(row as usize))),
            None => (medians(), format!("the median code of {}", counted(coded.rows as usize, "row"))),
        };
        for (axis, value) in &shift {
            base[*axis] = *value as f32;
        }
        let what = if shift.is_empty() { what } else { place(&base, &names) };
        let (ranges, extent) = extents(verb, &coded, axes, &names, printer)?;
        Ok(Self {
            base,
            ranges,
            to: None,
            caption: format!("Base: {what}. {extent}"),
            way: None,
            spreads,
            spread_name,
            coded: Some(coded),
            title: String::new(),
        }
        .titled(&names))
    }

    /// From the origin, as far as one is told.
    fn without_data(model: &Model, verb: &Traverse) -> Result<Self, Failure> {
        let needs = |option: &str| Failure::usage(format!("{option} needs rows; name a table after the model"));
        for (option, row) in [("--row", verb.row), ("--from", verb.from), ("--to", verb.to)] {
            if row.is_some() {
                return Err(needs(option));
            }
        }
        let (low, high) = match verb.range {
            Some(Range::Values(low, high)) => (low, high),
            Some(Range::Shares(..)) => return Err(needs("--range with %")),
            None => {
                let hint = "name a table after the model, or say how far to go, as in --range=-2,2";
                return Err(Failure::usage(format!("without DATA there are no ranges; {hint}")));
            }
        };
        let names = model.autoencoder.latent_names();
        let all = || (0..names.len().min(MOST_AXES)).collect();
        let axes = verb.axis.as_deref().map_or_else(|| Ok(all()), |chosen| axes(chosen, &names))?;
        let mut base = vec![0.0; names.len()];
        for (axis, value) in at(verb.at.as_ref(), &names)? {
            base[axis] = value as f32;
        }
        // How far one step of the scaling goes, up and down.
        let spread =
            |scaling: &lumenfold::data::FeatureScaling| (scaling.inverse(1.0) - scaling.inverse(-1.0)).abs() / 2.0;
        Ok(Self {
            caption: format!("Base: {}.", place(&base, &names)),
            base,
            ranges: axes.into_iter().map(|axis| AxisRange { axis, low, high }).collect(),
            to: None,
            way: None,
            spreads: model.autoencoder.scaling().features.iter().map(spread).collect(),
            spread_name: "units of the model's scaling",
            coded: None,
            title: String::new(),
        }
        .titled(&names))
    }

    fn titled(self, names: &[String]) -> Self {
        let axes: Vec<&str> = self.ranges.iter().map(|range| names[range.axis].as_str()).collect();
        Self { title: format!("Decoded along {}", listed(&axes)), ..self }
    }
}

/// How far to go along the axes, and that in words.
fn extents(
    verb: &Traverse,
    coded: &CodedRows,
    chosen: Option<Vec<usize>>,
    names: &[String],
    printer: &Printer,
) -> Result<(Vec<AxisRange>, String), Failure> {
    let (low, high) = match verb.range {
        Some(Range::Shares(low, high)) => (low, high),
        _ => SHARES,
    };
    let quantiles: Vec<Vec<f64>> = (0..coded.latent).map(|axis| coded.quantiles(axis, &[low, high])).collect();
    let extent = |axis: usize| quantiles[axis][1] - quantiles[axis][0];
    let axes = match chosen {
        Some(axes) => axes,
        None => {
            // Where the values are told, an axis need not vary.
            let told = matches!(verb.range, Some(Range::Values(..)));
            let mut axes: Vec<usize> = (0..coded.latent).filter(|axis| told || extent(*axis) > 0.0).collect();
            if axes.is_empty() {
                return Err(Failure::usage(
                    "no latent coordinate varies over these rows; say how far to go, as in --range=-2,2",
                ));
            }
            if axes.len() < coded.latent {
                let still: Vec<&str> =
                    (0..coded.latent).filter(|axis| !axes.contains(axis)).map(|axis| &*names[axis]).collect();
                printer.warn(format!("{} left out, since these rows do not vary there", listed(&still)));
            }
            if axes.len() > MOST_AXES {
                axes.sort_by(|one, two| extent(*two).total_cmp(&extent(*one)));
                axes.truncate(MOST_AXES);
                printer.say(format!("the {MOST_AXES} axes with the largest spread of {}; --axis chooses", names.len()));
            }
            axes
        }
    };
    let (ranges, words) = match verb.range {
        Some(Range::Values(low, high)) => {
            let ranges = axes.into_iter().map(|axis| AxisRange { axis, low, high }).collect();
            (ranges, format!("Axes go from {low} to {high}."))
        }
        _ => {
            let range = |axis: usize| AxisRange { axis, low: quantiles[axis][0], high: quantiles[axis][1] };
            let words = format!(
                "Axes go from the {}\u{a0}% to the {}\u{a0}% quantile of these rows.",
                100.0 * low,
                100.0 * high
            );
            (axes.into_iter().map(range).collect(), words)
        }
    };
    Ok((ranges, words))
}

/// The axes of these names.
fn axes(chosen: &[String], names: &[String]) -> Result<Vec<usize>, Failure> {
    let mut axes = Vec::new();
    for name in chosen {
        let axis = axis(name, names)?;
        if axes.contains(&axis) {
            return Err(Failure::usage(format!("--axis names {name} twice")));
        }
        axes.push(axis);
    }
    Ok(axes)
}

fn axis(name: &str, names: &[String]) -> Result<usize, Failure> {
    names.iter().position(|known| known == name).ok_or_else(|| {
        let known = listed(names);
        Failure::usage(format!("{name} is no latent coordinate of this model, which has {known}"))
    })
}

/// Coordinates that are told.
fn at(at: Option<&At>, names: &[String]) -> Result<Vec<(usize, f64)>, Failure> {
    let mut found: Vec<(usize, f64)> = Vec::new();
    for (name, value) in at.iter().flat_map(|at| &at.0) {
        let axis = axis(name, names)?;
        if found.iter().any(|(known, _)| *known == axis) {
            return Err(Failure::usage(format!("--at names {name} twice")));
        }
        found.push((axis, *value));
    }
    Ok(found)
}

/// A code in words.
fn place(code: &[f32], names: &[String]) -> String {
    let coordinates: Vec<String> = names.iter().zip(code).map(|(name, value)| format!("{name} = {value}")).collect();
    listed(&coordinates)
}
