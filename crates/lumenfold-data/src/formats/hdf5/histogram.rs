//! Histograms that are no NeXus: those of the DANSE software, and counts beside the edges of their bins.

use super::Content;
use super::describe::Described;
use super::numbers::is_list;
use super::store::{Class, Dataset};
use crate::DataError;
use crate::axis::{Axis, spelled};
use crate::budget::Budget;
use crate::formats::arrays::is_companion;
use crate::formats::npy::Kind;

impl Content {
    /// Whether a group is a histogram of the DANSE software: `data`, and `grid/NAME/bin centers` or `bin boundaries`.
    pub(super) fn is_histogram(&self, group: &str) -> bool {
        let grids = self.tree.groups.get(&format!("{group}/grid"));
        let is_grid = |name: &String| {
            let path = format!("{group}/grid/{name}/bin ");
            ["centers", "boundaries"].iter().any(|end| self.tree.datasets.contains_key(&format!("{path}{end}")))
        };
        self.tree.datasets.contains_key(&format!("{group}/data"))
            && grids.is_some_and(|grids| grids.members.iter().any(is_grid))
    }

    /// The samples of such a group.
    pub(super) fn histogram(&self, group: &str, budget: &mut Budget) -> Result<Option<Described>, DataError> {
        let signal = format!("{group}/data");
        let shape = self.tree.datasets.get(&signal).map_or(&[][..], |dataset| &dataset.shape);
        let (mut axes, mut notes) = (vec![None; shape.len()], Vec::new());
        let grids = self.tree.groups.get(&format!("{group}/grid")).map_or(&[][..], |grids| &grids.members);
        for (order, name) in grids.iter().enumerate() {
            let path = format!("{group}/grid/{name}");
            let Some(attributes) = self.tree.groups.get(&path).map(|grid| &grid.attributes) else { continue };
            let at = attributes.integer("index").and_then(|at| usize::try_from(at).ok()).unwrap_or(order);
            let Some(bins) = shape.get(at) else { continue };
            for end in ["centers", "boundaries"] {
                match self.axis(name, &format!("{path}/bin {end}"), *bins, budget)? {
                    Ok(axis) => {
                        axes[at] = Some(Axis { unit: attributes.text("unit").and_then(spelled), ..axis });
                        break;
                    }
                    Err(reason) => notes.push(format!("{path}/bin {end} is not taken: {reason}")),
                }
            }
        }
        let mut described = Described::new(self, group, &signal, axes);
        described.notes = notes;
        Ok(Some(described))
    }

    /// Counts beside the edges of their bins: a list or a matrix, and a list that is one longer and called like edges.
    pub(super) fn edges(&self, group: &str, budget: &mut Budget) -> Result<Option<Described>, DataError> {
        let datasets = self.tree.datasets_of(group);
        let is_number =
            |dataset: &Dataset| matches!(dataset.datatype.class, Class::Number { kind, .. } if kind != Kind::Boolean);
        for (name, edges) in &datasets {
            let lowered = name.to_ascii_lowercase();
            if !(lowered.contains("edge") || lowered.contains("boundar")) || !is_list(edges) {
                continue;
            }
            let data = datasets.iter().find(|(name, data)| {
                let bins = data.shape.last().and_then(|bins| bins.checked_add(1));
                is_number(data) && bins == Some(edges.rows()) && !is_companion(name)
            });
            let Some((signal, data)) = data else { continue };
            let bins = edges.rows() - 1;
            let Ok(axis) = self.axis(name, &format!("{group}/{name}"), bins, budget)? else { continue };
            let mut axes = vec![None; data.shape.len()];
            let bare = named_by_edges(name);
            if let (Some(last), Ok(named)) = (axes.last_mut(), Axis::of_array(&bare, axis.grid.clone())) {
                *last = Some(Axis { unit: axis.unit.or(named.unit), ..named });
            }
            let mut described = Described::new(self, group, &format!("{group}/{signal}"), axes);
            let is_edges = |other: &Dataset| is_list(other) && other.rows() == edges.rows();
            described.used.extend(
                datasets.iter().filter(|(_, other)| is_edges(other)).map(|(name, _)| format!("{group}/{name}")),
            );
            described
                .notes
                .push(format!("takes {group}/{signal} over the centres of the bins whose edges {group}/{name} are"));
            return Ok(Some(described));
        }
        Ok(None)
    }
}

/// The name of an axis whose edges are called so: `energy_kev` for `bin_edges_kev`.
fn named_by_edges(name: &str) -> String {
    let words = name.split('_').filter(|word| {
        !["bin", "bins", "edge", "edges", "boundary", "boundaries"].contains(&word.to_ascii_lowercase().as_str())
    });
    let rest = words.collect::<Vec<_>>().join("_");
    match rest.to_ascii_lowercase().as_str() {
        "ev" | "kev" | "mev" => format!("energy_{rest}"),
        "" => "bin".to_owned(),
        _ => rest,
    }
}
