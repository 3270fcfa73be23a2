//! NXdata: signal, axes, errors (NeXus manual, "Associating plottable data using attributes", and the two older ways).

use super::Content;
use super::describe::Described;
use super::store::Dataset;
use crate::DataError;
use crate::budget::Budget;

/// Attributes that lead from group to group, no further.
const MOST_STEPS: usize = 8;

impl Content {
    /// The group of data that the file means by default.
    pub(super) fn default_group(&self) -> Option<String> {
        let below = self.default_below("");
        if self.signal_of(&below).is_some() {
            return Some(below);
        }
        let values = |group: &String| self.signal_of(group).map_or(0, |(_, dataset)| dataset.elements());
        let groups = || self.tree.order.iter().filter(|group| self.is_class(group, "NXdata") && values(group) > 0);
        // The first of those that have the most values.
        groups().rev().max_by_key(|group| values(group)).cloned()
    }

    /// The group that the attributes `default` lead to.
    pub(super) fn default_below(&self, group: &str) -> String {
        let mut place = group.to_owned();
        for _ in 0..MOST_STEPS {
            let name = self.tree.groups.get(&place).and_then(|group| group.attributes.text("default"));
            match name.map(|name| format!("{place}/{name}")).filter(|next| self.tree.groups.contains_key(next)) {
                Some(next) => place = next,
                None => break,
            }
        }
        place
    }

    fn is_class(&self, group: &str, class: &str) -> bool {
        self.tree.groups.get(group).and_then(|group| group.attributes.text("NX_class")) == Some(class)
    }

    /// The signal of a group of data.
    fn signal_of(&self, group: &str) -> Option<(String, &Dataset)> {
        let own = &self.tree.groups.get(group)?.attributes;
        let datasets = self.tree.datasets_of(group);
        let named = |name: &str| datasets.iter().find(|(own, _)| own == name).cloned();
        let marked = || datasets.iter().find(|(_, dataset)| dataset.attributes.integer("signal") == Some(1)).cloned();
        let usual = || named("data").filter(|_| self.is_class(group, "NXdata"));
        own.text("signal").and_then(named).or_else(marked).or_else(usual)
    }

    /// The samples of a group of data; none if it is no such group.
    pub(super) fn nexus(&self, group: &str, budget: &mut Budget) -> Result<Option<Described>, DataError> {
        let Some((name, signal)) = self.signal_of(group) else { return Ok(None) };
        let mut axes = vec![None; signal.shape.len()];
        let (mut notes, mut used) = (Vec::new(), Vec::new());
        for (at, axis) in self.axes_of(group, signal) {
            let path = format!("{group}/{axis}");
            let Some(bins) = signal.shape.get(at) else { continue };
            match self.axis(&axis, &path, *bins, budget)? {
                Ok(found) => {
                    used.push(path);
                    axes[at] = Some(found);
                }
                Err(reason) => notes.push(format!("{path} is no grid of {group}/{name}: {reason}")),
            }
        }
        let mut described = Described::new(self, group, &format!("{group}/{name}"), axes);
        // The grid of samples that are counted is a column.
        let counted = described.rows.then(|| described.axes.first().and_then(Option::as_ref)).flatten();
        let counted = counted.map(|axis| format!("{group}/{}", axis.name));
        used.retain(|path| Some(path) != counted.as_ref());
        described.used.extend(used);
        described.notes.extend(notes);
        let others = self.tree.order.iter().filter(|other| {
            other.as_str() != group && self.is_class(other, "NXdata") && self.signal_of(other).is_some()
        });
        let others: Vec<&str> = others.map(String::as_str).collect();
        if let [other, ..] = others[..] {
            described
                .notes
                .push(format!("takes {group} of {} groups of data; FILE:{other} names another", others.len() + 1));
        }
        Ok(Some(described))
    }

    /// The names of the axes, each with the dimension that it belongs to.
    fn axes_of(&self, group: &str, signal: &Dataset) -> Vec<(usize, String)> {
        let Some(own) = self.tree.groups.get(group).map(|group| &group.attributes) else { return Vec::new() };
        let listed = own.texts("axes").or_else(|| signal.attributes.texts("axes"));
        if let Some(listed) = listed {
            let names: Vec<&str> = match listed {
                // One text with all names.
                [all] => all.trim_matches(['[', ']']).split([':', ',']).map(str::trim).collect(),
                names => names.iter().map(|name| name.trim()).collect(),
            };
            let place = |(at, name): (usize, &str)| {
                let index = own.integer(&format!("{name}_indices")).and_then(|index| usize::try_from(index).ok());
                (index.unwrap_or(at), name.to_owned())
            };
            return names
                .into_iter()
                .enumerate()
                .map(place)
                .filter(|(_, name)| name != "." && !name.is_empty())
                .collect();
        }
        let datasets = self.tree.datasets_of(group);
        let numbered = datasets.iter().filter_map(|(name, dataset)| {
            let number = usize::try_from(dataset.attributes.integer("axis")?).ok()?;
            // Of several for one dimension, that which is marked as the first.
            let second = dataset.attributes.integer("primary") != Some(1);
            Some((number.checked_sub(1)?, second, name.clone()))
        });
        let mut numbered: Vec<_> = numbered.collect();
        numbered.sort();
        numbered.dedup_by_key(|(at, ..)| *at);
        if numbered.is_empty() && self.is_class(group, "NXdata") && datasets.iter().any(|(name, _)| name == "energy") {
            // NXSPE says by its definition what it has: detectors and energies.
            return vec![(signal.shape.len().saturating_sub(1), "energy".to_owned())];
        }
        numbered.into_iter().map(|(at, _, name)| (at, name)).collect()
    }
}
