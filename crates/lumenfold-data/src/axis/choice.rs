//! Axes as a user chooses them: by the names of arrays, or with grids written out.

use std::str::FromStr;

use super::{Axis, MOST_AXES, MOST_VALUES, shape_in_words, unit, values};
use crate::DataError;
use crate::suggest::{excerpt, nearest};

/// One axis, as it is chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum ChosenAxis {
    /// The grid that the file has under this name (`energy_meV`); in a file that has no grids, a name for bins that are
    /// counted.
    Named(String),
    /// With its grid.
    Given(Axis),
}

/// All axes of a sample, the last one fastest; none of them for plain features. As text: `energy_meV,q`,
/// `energy[meV]=0.5:100:200` (first bin, last bin, number of bins) or `none`.
///
/// ```
/// use lumenfold_data::axis::ChosenAxes;
/// let chosen: ChosenAxes = "q[1/angstrom]=0.5:2:4,energy[meV]=0:10:11".parse()?;
/// assert_eq!(chosen.0.len(), 2);
/// assert!("q=1:2".parse::<ChosenAxes>().is_err());
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChosenAxes(pub Vec<ChosenAxis>);

/// The sizes of axes: `28x28`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape(pub Vec<usize>);

/// What a user says about the axes of samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AxesChoice {
    /// Which axes there are, if the file should not decide.
    pub axes: Option<ChosenAxes>,
    /// Their sizes, if the file does not tell them.
    pub shape: Option<Shape>,
}

impl FromStr for ChosenAxes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "none" {
            return Ok(Self::default());
        }
        let axes = text.split(',').map(str::parse).collect::<Result<Vec<ChosenAxis>, _>>()?;
        if axes.len() > MOST_AXES {
            return Err(format!("{} axes; at most {MOST_AXES} are possible", axes.len()));
        }
        Ok(Self(axes))
    }
}

impl FromStr for ChosenAxis {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let Some((name, grid)) = text.split_once('=') else {
            return match text {
                "" => Err("an axis without a name; write axes as in energy_meV,q".to_owned()),
                name => Ok(Self::Named(name.to_owned())),
            };
        };
        let wrong = || {
            let text = excerpt(text);
            format!("\"{text}\": write the first bin, the last bin and their number, as in energy[meV]=0.5:100:200")
        };
        let parts: Vec<&str> = grid.split(':').map(str::trim).collect();
        let [first, last, bins] = parts[..] else { return Err(wrong()) };
        let (first, last): (f64, f64) = (first.parse().map_err(|_| wrong())?, last.parse().map_err(|_| wrong())?);
        let bins: usize = bins.parse().map_err(|_| wrong())?;
        if bins == 0 || bins > MOST_VALUES {
            return Err(format!("\"{}\": an axis has 1 to {MOST_VALUES} bins", excerpt(text)));
        }
        let steps = (bins - 1).max(1) as f64;
        let centre =
            |bin: usize| if bin + 1 == bins && bin > 0 { last } else { first + (last - first) * (bin as f64 / steps) };
        let axis = Axis::of_array(name.trim(), (0..bins).map(centre).collect());
        axis.map(Self::Given).map_err(|error| error.to_string())
    }
}

impl FromStr for Shape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{}\" is no shape; write sizes as in 28x28 or 48x48x48", excerpt(text));
        let size = |size: &str| size.trim().parse::<usize>().ok().filter(|size| *size > 0);
        let sizes = text.split(['x', '×']).map(size).collect::<Option<Vec<usize>>>().ok_or_else(wrong)?;
        let values = sizes.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
        if sizes.len() > MOST_AXES || values.is_none_or(|values| values > MOST_VALUES) {
            let text = excerpt(text);
            return Err(format!("{text}: a sample has at most {MOST_AXES} axes and {MOST_VALUES} values"));
        }
        Ok(Self(sizes))
    }
}

/// What a file says about the samples whose axes are chosen.
pub(crate) struct Found<'a> {
    /// The name of the input.
    pub(crate) path: &'a str,
    /// Features of a sample.
    pub(crate) features: usize,
    /// Their axes, if they are known.
    pub(crate) axes: &'a [Axis],
    /// Grids that the file has.
    pub(crate) grids: &'a [Axis],
}

impl AxesChoice {
    /// Whether nothing is chosen: the file decides.
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        *self == Self::default()
    }

    /// The axes that are meant; none for plain features.
    pub(crate) fn resolve(&self, found: &Found<'_>) -> Result<Vec<Axis>, DataError> {
        let wrong = |reason: String| DataError::AxesChoice { path: found.path.to_owned(), reason };
        let sizes = self.sizes(found).map_err(wrong)?;
        let axes: Vec<Axis> = match &self.axes {
            None => sizes.iter().enumerate().map(|(at, &size)| known(found, sizes.len(), at, size)).collect(),
            Some(ChosenAxes(axes)) if axes.is_empty() => return Ok(Vec::new()),
            Some(ChosenAxes(axes)) => {
                let axis = |(at, chosen): (usize, &ChosenAxis)| chosen.resolve(sizes.get(at).copied(), found);
                axes.iter().enumerate().map(axis).collect::<Result<_, _>>().map_err(wrong)?
            }
        };
        if values(&axes) == Some(found.features) {
            return super::check_axes(found.path, &axes, found.features).map(|()| axes);
        }
        let (shape, features) = (shape_in_words(&axes), found.features);
        Err(wrong(format!(
            "axes of {shape} bins do not go with {features} features; their sizes must multiply to that (--columns chooses features)"
        )))
    }

    /// The sizes of the axes, as far as they are known: all of them or none.
    fn sizes(&self, found: &Found<'_>) -> Result<Vec<usize>, String> {
        let chosen = self.axes.as_ref().map(|axes| axes.0.len());
        let sizes = match (&self.shape, chosen) {
            (Some(_), Some(0)) => return Err("--axes none and --shape contradict each other".to_owned()),
            (Some(Shape(sizes)), _) => {
                let product: usize = sizes.iter().product();
                if product != found.features {
                    let (shape, features) =
                        (sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("x"), found.features);
                    return Err(format!(
                        "--shape {shape} makes {product} values, but there are {features} features; --columns chooses them"
                    ));
                }
                sizes.clone()
            }
            (None, _) if !found.axes.is_empty() => super::shape(found.axes),
            (None, Some(1)) => vec![found.features],
            (None, _) => Vec::new(),
        };
        match chosen {
            Some(chosen) if chosen > 0 && !sizes.is_empty() && chosen != sizes.len() => {
                let (has, shape) = (sizes.len(), sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(" × "));
                Err(format!("--axes names {chosen}, but a sample has {has} ({shape})"))
            }
            _ => Ok(sizes),
        }
    }
}

/// The axis that the file knows at this place, or one that counts.
fn known(found: &Found<'_>, axes: usize, at: usize, size: usize) -> Axis {
    let known = found.axes.get(at).filter(|axis| found.axes.len() == axes && axis.size() == size);
    known.cloned().unwrap_or_else(|| Axis::counted(at + 1, size))
}

impl ChosenAxis {
    /// The axis, which is to have this size if it is known.
    pub(crate) fn resolve(&self, size: Option<usize>, found: &Found<'_>) -> Result<Axis, String> {
        let axis = match self {
            Self::Given(axis) => axis.clone(),
            Self::Named(text) => {
                let (name, unit) = unit::split(text);
                let is_meant = |axis: &&Axis| axis.name == name && (unit.is_none() || axis.unit.as_deref() == unit);
                match (found.grids.iter().find(is_meant), size) {
                    (Some(axis), _) => axis.clone(),
                    (None, Some(size)) if found.grids.is_empty() => {
                        let grid = Axis::counted(1, size).grid;
                        Axis::new(name, unit.map(str::to_owned), grid).map_err(|error| error.to_string())?
                    }
                    (None, None) if found.grids.is_empty() => {
                        let text = excerpt(text);
                        return Err(format!(
                            "the size of axis {text} is not known; give --shape, or {text}=FIRST:LAST:BINS"
                        ));
                    }
                    (None, _) => return Err(self.unknown(text, found.grids)),
                }
            }
        };
        match size {
            Some(size) if size != axis.size() => Err(format!("axis {axis}: a sample has {size} bins there")),
            _ => Ok(axis),
        }
    }

    fn unknown(&self, text: &str, grids: &[Axis]) -> String {
        let names: Vec<String> = grids.iter().map(Axis::array_name).collect();
        let suggestion = nearest(text, &names).map(|name| format!("; did you mean {name}?")).unwrap_or_default();
        let (text, names) = (excerpt(text), names.join(", "));
        format!("there is no grid {text}{suggestion} (grids: {names}); {text}=FIRST:LAST:BINS gives one")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(axes: Option<&str>, shape: Option<&str>, found: &Found<'_>) -> Result<Vec<Axis>, String> {
        let axes = axes.map(str::parse).transpose()?;
        let shape = shape.map(str::parse).transpose()?;
        AxesChoice { axes, shape }.resolve(found).map_err(|error| error.to_string())
    }

    fn plain(features: usize) -> Found<'static> {
        Found { path: "data", features, axes: &[], grids: &[] }
    }

    #[test]
    fn grids_run_from_the_first_to_the_last_bin() {
        let axes = choose(Some("q[1/angstrom]=0.1:0.7:3,energy_meV=5:-5:2"), None, &plain(6)).expect("sound");
        assert_eq!((axes[0].name.as_str(), axes[0].unit.as_deref()), ("q", Some("1/angstrom")));
        assert_eq!((axes[0].grid[0], axes[0].grid[2]), (0.1, 0.7));
        assert_eq!((axes[1].unit.as_deref(), &axes[1].grid[..]), (Some("meV"), &[5.0, -5.0][..]));
        assert_eq!(choose(Some("x=3:3:1"), None, &plain(1)).expect("sound")[0].grid, [3.0]);
        for text in [
            "x=",
            "x=1",
            "x=1:2",
            "x=1:2:0",
            "x=a:2:3",
            "x=1:1:3",
            "x=0:inf:3",
            "=1:2:3",
            "x=1:2:99999999999",
            "",
            "a,,b",
            "x=1:2:-3",
        ] {
            assert!(text.parse::<ChosenAxes>().is_err(), "{text}");
        }
    }

    #[test]
    fn shapes_are_bounded_before_they_are_used() {
        assert_eq!("28x28".parse(), Ok(Shape(vec![28, 28])));
        for text in ["", "x", "28x", "28x0", "-1x2", "28,28", "1048577", "4294967296x4294967296", "1x1x1x1x1x1x1x1x1"] {
            assert!(text.parse::<Shape>().is_err(), "{text}");
        }
    }

    #[test]
    fn plain_columns_get_a_shape_and_names() {
        let axes = choose(None, Some("2x3"), &plain(6)).expect("sound");
        assert_eq!(axes, [Axis::counted(1, 2), Axis::counted(2, 3)]);
        let axes = choose(Some("y,x_um"), Some("2x3"), &plain(6)).expect("sound");
        assert_eq!((axes[0].name.as_str(), axes[1].name.as_str(), axes[1].unit.as_deref()), ("y", "x", Some("um")));
        assert_eq!(choose(Some("none"), None, &plain(6)).expect("sound"), []);
        assert_eq!(choose(Some("energy"), None, &plain(6)).expect("sound")[0].size(), 6);
        for (axes, shape, words) in [
            (None, Some("2x4"), "8 values, but there are 6 features"),
            (Some("x,y,z"), Some("2x3"), "--axes names 3, but a sample has 2 (2 × 3)"),
            (Some("none"), Some("2x3"), "contradict"),
            (Some("x,y"), None, "give --shape"),
            (Some("x=0:1:4"), None, "a sample has 6 bins there"),
            (Some("x=0:1:4,y=0:1:2"), None, "4 × 2"),
            (Some("x,x"), Some("2x3"), "two axes"),
        ] {
            let error = choose(axes, shape, &plain(6)).expect_err("refused");
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn arrays_of_the_file_are_named() {
        let grids = [
            Axis::of_array("energy_cm1", vec![8.0, 16.0, 24.0]).expect("sound"),
            Axis::of_array("energy_mev", vec![1.0, 2.0, 3.0]).expect("sound"),
        ];
        let found = Found { path: "data", features: 3, axes: &grids[..1], grids: &grids };
        assert_eq!(choose(Some("energy_mev"), None, &found).expect("sound"), grids[1..]);
        assert_eq!(choose(Some("energy_meV"), None, &found).expect("sound"), grids[1..]);
        assert_eq!(choose(Some("energy"), None, &found).expect("sound"), grids[..1]);
        let error = choose(Some("energy_mv"), None, &found).expect_err("refused");
        assert!(error.contains("did you mean energy_meV?"), "{error}");
    }
}
