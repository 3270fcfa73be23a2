//! Datasets of a group as the arrays of one table.

use super::Content;
use super::describe::Errors;
use super::numbers::{is_list, unit};
use super::plan::{Part, Plan};
use super::store::{Class, Dataset};
use crate::DataError;
use crate::axis::MOST_VALUES;
use crate::budget::Budget;
use crate::formats::arrays::{Arrangement, ArrayHead, Grids};
use crate::formats::npy::Kind;
use crate::formats::reader::{Request, error_of};
use crate::suggest::excerpt;

impl Content {
    /// The group whose datasets have the most values.
    pub(super) fn largest_group(&self) -> String {
        let groups = self.tree.order.iter().rev().filter(|group| self.values(group) > 0);
        groups.max_by_key(|group| self.values(group)).cloned().unwrap_or_default()
    }

    fn values(&self, group: &str) -> u64 {
        let datasets = self.tree.datasets_of(group);
        let usable = datasets.iter().filter(|(_, dataset)| {
            !dataset.shape.is_empty()
                && !matches!(dataset.datatype.class, Class::Other(_) | Class::Reference | Class::References)
        });
        usable.fold(0, |sum, (_, dataset)| sum.saturating_add(dataset.elements()))
    }

    /// The table that the datasets of a group are.
    pub(super) fn plain(
        &self,
        group: Option<&str>,
        request: &Request<'_>,
        budget: &mut Budget,
    ) -> Result<Plan, DataError> {
        let own = group.map_or_else(|| self.largest_group(), str::to_owned);
        let mut plan = self.arranged(&self.members(&own), &[], request, budget)?;
        if group.is_none() {
            let others = self.tree.order.iter().filter(|other| **other != own && self.values(other) > 1);
            let others: Vec<&String> = others.collect();
            if let [other, ..] = others[..] {
                let other = if other.is_empty() { "/" } else { other };
                let shown = if own.is_empty() { "the root group" } else { &own };
                let note = format!("takes {shown}, which has the most values; FILE:{other} names another group");
                plan.notes.insert(0, note);
            }
        }
        plan.notes.extend(self.tree.notes(&own));
        Ok(plan)
    }

    /// The standard errors of the samples that the datasets of a group are, as a table.
    pub(super) fn plain_errors(
        &self,
        group: Option<&str>,
        request: &Request<'_>,
        budget: &mut Budget,
    ) -> Result<Option<Plan>, DataError> {
        let own = group.map_or_else(|| self.largest_group(), str::to_owned);
        let request = Request { columns: None, errors: true, ..*request };
        let mut plan = self.arranged(&self.members(&own), &[], &request, budget)?;
        let Some(mut part) = plan.errors.and_then(|at| plan.parts.get(at).cloned()) else { return Ok(None) };
        for (at, column) in part.columns.iter_mut().enumerate() {
            column.name = format!("{}{}", part.name, at + 1);
        }
        let axes = plan.samples.map(|(_, axes)| (0, axes));
        plan = Plan { rows: part.rows(), parts: vec![part], samples: axes, grids: plan.grids, ..Plan::default() };
        Ok(Some(plan))
    }

    /// The table that one dataset is; its grids may be among its neighbours.
    pub(super) fn dataset(&self, path: &str, request: &Request<'_>, budget: &mut Budget) -> Result<Plan, DataError> {
        let group = path.rsplit_once('/').map_or("", |(group, _)| group);
        let Some(dataset) = self.tree.datasets.get(path) else { return Ok(Plan::default()) };
        let others: Vec<_> = self.members(group).into_iter().filter(|(other, _)| other != path).collect();
        self.arranged(&[(path.to_owned(), dataset)], &others, request, budget)
    }

    /// The datasets of a group with their paths.
    fn members(&self, group: &str) -> Vec<(String, &Dataset)> {
        let members = self.tree.datasets_of(group).into_iter();
        members.map(|(name, dataset)| (format!("{group}/{name}"), dataset)).collect()
    }

    /// Makes columns of `members`; `others` may hold grids and nothing else.
    fn arranged(
        &self,
        members: &[(String, &Dataset)],
        others: &[(String, &Dataset)],
        request: &Request<'_>,
        budget: &mut Budget,
    ) -> Result<Plan, DataError> {
        let (mut parts, mut notes): (Vec<Part>, _) = (Vec::new(), Vec::new());
        let (mut count, mut refused) = (0, None);
        for (path, dataset) in members {
            // Datasets without rows may be of any width.
            let width = if dataset.shape.is_empty() { 1 } else { dataset.width().min(MOST_VALUES as u64) };
            budget.check_columns(width.saturating_add(count))?;
            let single = dataset.shape.is_empty() && members.len() > 1;
            match Part::new(path, dataset, dataset.shape.is_empty()) {
                _ if single => {}
                Ok(part) => {
                    count += part.columns.len() as u64;
                    parts.push(part);
                }
                Err(reason) => {
                    refused.get_or_insert_with(|| format!("{} is left out: {reason}", excerpt(path)));
                    notes.push(format!("{path} is left out: {reason}"));
                }
            }
        }
        if parts.is_empty() {
            let unread = self.tree.unread.first();
            let unread = unread.map(|(path, fault)| excerpt(&format!("{path}: {}", fault.words())));
            let why = unread.or(refused).map(|why| format!(" ({why})")).unwrap_or_default();
            return Err(budget.unusable(format!("has no datasets of numbers or text that make a table{why}")));
        }
        let heads: Vec<ArrayHead> =
            parts.iter().enumerate().map(|(at, part)| head(at, &part.path, &part.dataset)).collect();
        let other_heads: Vec<ArrayHead> =
            others.iter().enumerate().map(|(at, (path, dataset))| head(parts.len() + at, path, dataset)).collect();
        let arrangement = Arrangement::of(&heads, &other_heads);
        let mut grids = match arrangement.data {
            Some(data) => Grids::find(&heads[data], heads.iter().chain(&other_heads), |head| {
                let own = parts.get(head.index).map(|part| (part.path.as_str(), &part.dataset));
                let other = || others.get(head.index - parts.len()).map(|(path, dataset)| (path.as_str(), *dataset));
                let Some((path, dataset)) = own.or_else(other) else { return Ok(Vec::new()) };
                Ok(self.numbers(path, dataset, budget)?.unwrap_or_default())
            })?,
            None => Grids::default(),
        };
        // A unit that the name of a grid does not say may be an attribute.
        for axis in grids.axes.iter_mut().chain(&mut grids.found).filter(|axis| axis.unit.is_none()) {
            let is_own = |path: &str| path.rsplit('/').next() == Some(&axis.name);
            let found = members.iter().chain(others).find(|(path, _)| is_own(path));
            axis.unit = found.and_then(|(_, dataset)| unit(dataset));
        }
        notes.extend(grids.notes.iter().cloned());
        let (columns, left_out) = arrangement.columns(&heads, &grids, request.columns.is_some());
        notes.extend(left_out);
        let errors = arrangement.data.and_then(|data| self.errors_of(&parts[data].path));
        let is_error = |path: &str| errors.as_ref().is_some_and(|errors| errors.path == path);
        if let Some(errors) = errors.as_ref().filter(|_| request.errors) {
            // They come along.
            let said = format!("array {} has the shape of", errors.path.rsplit('/').next().unwrap_or_default());
            notes.retain(|note| !note.contains(&said));
        }
        let mut plan = Plan { grids: grids.found, notes, ..Plan::default() };
        for at in columns {
            let is_data = Some(at) == arrangement.data;
            if is_data && (errors.is_some() || !grids.axes.is_empty()) {
                plan.samples = Some((plan.parts.len(), grids.axes.clone()));
            }
            let mut part = parts[at].clone();
            if let Some(errors) = errors.as_ref().filter(|errors| is_data && errors.inverse) {
                part.absent = self.absent(&errors.path, true, budget)?;
            }
            // Errors are a column only where they are asked for by name.
            if !is_error(&part.path) || request.columns.is_some() {
                plan.push(part);
            }
        }
        plan.rows = plan.parts.first().map_or(0, Part::rows);
        let samples = plan.samples.as_ref().map(|(at, _)| *at);
        if let (Some(errors), Some(at), true) = (&errors, samples, request.errors) {
            self.push_errors(&mut plan, at, errors, budget)?;
        }
        Ok(plan)
    }

    /// Adds the standard errors of a part behind all others.
    fn push_errors(&self, plan: &mut Plan, of: usize, errors: &Errors, budget: &Budget) -> Result<(), DataError> {
        let (Some(signal), Some(dataset)) = (plan.parts.get(of), self.tree.datasets.get(&errors.path)) else {
            return Ok(());
        };
        let before: usize = plan.parts.iter().map(|part| part.columns.len()).sum();
        budget.check_columns(before as u64 + dataset.width().min(MOST_VALUES as u64))?;
        let mut part = Part::new(&errors.path, dataset, false).map_err(|reason| budget.unusable(reason))?;
        for (error, value) in part.columns.iter_mut().zip(&signal.columns) {
            error.name = error_of(&value.name);
        }
        part.inverse = errors.inverse;
        part.absent.clone_from(&signal.absent);
        plan.errors = Some(plan.parts.len());
        plan.push(part);
        Ok(())
    }
}

fn head(index: usize, path: &str, dataset: &Dataset) -> ArrayHead {
    let (kind, array) = match &dataset.datatype.class {
        Class::Number { kind, .. } => (Some(*kind), false),
        _ => (None, matches!(dataset.datatype.class, Class::Array(..))),
    };
    let list = is_list(dataset) && !array && !matches!(dataset.datatype.class, Class::Record(_));
    // A single column is a list, however its shape is written.
    let sizes = if is_list(dataset) { &[][..] } else { dataset.shape.get(1..).unwrap_or_default() };
    ArrayHead {
        index,
        name: path.rsplit('/').next().unwrap_or_default().to_owned(),
        rows: dataset.rows(),
        shape: sizes.iter().map(|size| usize::try_from(*size).unwrap_or(usize::MAX)).collect(),
        numeric: kind.is_some_and(|kind| kind != Kind::Boolean),
        list,
    }
}
