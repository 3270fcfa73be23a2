//! All groups and datasets of a file, by their paths.

use std::collections::HashMap;

use super::attributes::Attributes;
use super::dataset::Dataset;
use super::disk::Disk;
use super::fault::Fault;
use super::header::Header;
use super::links::{Link, is_group, members};
use crate::DataError;
use crate::budget::Budget;
use crate::suggest::excerpt;

/// Groups within groups, no deeper: links may go round in circles.
const DEEPEST: usize = 24;
/// Most groups and datasets; an object counts for every path that leads to it.
const MOST_OBJECTS: usize = 1 << 16;
/// Links that lead to links, no further.
const MOST_STEPS: usize = 16;

/// How netCDF marks a dimension without values.
const BARE_DIMENSION: &str = "This is a netCDF dimension but not a netCDF variable";

/// A group.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Group {
    pub(in super::super) attributes: Attributes,
    /// The names of its groups and datasets.
    pub(in super::super) members: Vec<String>,
}

/// The groups and datasets of a file. Paths begin with `/`; that of the root group is empty.
#[derive(Debug, Default)]
pub(in super::super) struct Tree {
    pub(in super::super) groups: HashMap<String, Group>,
    pub(in super::super) datasets: HashMap<String, Dataset>,
    /// The paths of datasets by the addresses of their headers; of several paths the first.
    pub(in super::super) places: HashMap<u64, String>,
    /// The paths of groups in the order in which they were found.
    pub(in super::super) order: Vec<String>,
    /// What could not be read, by its path.
    pub(in super::super) unread: Vec<(String, Fault)>,
    objects: usize,
}

impl Tree {
    /// Walks through a file whose root group has its header at an address.
    pub(in super::super) fn read(disk: &Disk, root: u64, budget: &Budget) -> Result<Self, DataError> {
        let mut tree = Self::default();
        // Each group with its path and depth; a stack, so that no file can exhaust that of the program.
        let mut waiting = vec![(String::new(), root, 0)];
        let mut links = Vec::new();
        while let Some((path, address, depth)) = waiting.pop() {
            match tree.object(disk, &path, address) {
                // Without its root group a file is nothing.
                Err(fault) if path.is_empty() => return Err(fault.into_error(budget, "")),
                Err(fault @ Fault::Disk(_)) => return Err(fault.into_error(budget, &path)),
                Err(fault) => tree.unread.push((path, fault)),
                Ok(members) => {
                    let mut own = Vec::new();
                    for (name, link) in members {
                        let path = format!("{path}/{name}");
                        match link {
                            _ if name.is_empty() || name.contains('/') => {}
                            Link::Object(address) if depth < DEEPEST => own.push((path, address, depth + 1)),
                            Link::Path(target) => links.push((path, target)),
                            Link::Object(_) | Link::External => {}
                        }
                    }
                    waiting.extend(own.into_iter().rev());
                }
            }
            if tree.objects > MOST_OBJECTS {
                let reason = format!("has more than {MOST_OBJECTS} groups and datasets; this is no table");
                return Err(budget.unusable(reason));
            }
        }
        tree.follow(&links);
        Ok(tree)
    }

    /// Takes an object up; what a group holds comes back.
    fn object(&mut self, disk: &Disk, path: &str, address: u64) -> Result<Vec<(String, Link)>, Fault> {
        self.objects += 1;
        let header = Header::read(disk, address)?;
        if let Some(dataset) = Dataset::parse(disk, &header)? {
            self.places.entry(address).or_insert_with(|| path.to_owned());
            self.datasets.insert(path.to_owned(), dataset);
            return Ok(Vec::new());
        }
        if !is_group(&header) {
            return Ok(Vec::new());
        }
        let found = members(disk, &header)?;
        let attributes = Attributes::read(disk, &header)?;
        let names = found.iter().map(|(name, _)| name.clone()).collect();
        self.groups.insert(path.to_owned(), Group { attributes, members: names });
        self.order.push(path.to_owned());
        Ok(found)
    }

    /// Adds the datasets that links lead to; links to nowhere, in circles or to groups are passed over.
    fn follow(&mut self, links: &[(String, String)]) {
        let targets: HashMap<&str, String> =
            links.iter().map(|(path, target)| (path.as_str(), absolute(path, target))).collect();
        let mut found = Vec::new();
        for (path, _) in links {
            let mut place = path.as_str();
            for _ in 0..MOST_STEPS {
                match targets.get(place) {
                    Some(target) => place = target,
                    None => break,
                }
            }
            if let Some(dataset) = self.datasets.get(place) {
                found.push((path.clone(), dataset.clone()));
            }
        }
        self.datasets.extend(found);
    }

    /// The datasets of a group, in its order, without those that netCDF has for dimensions that have no values.
    pub(in super::super) fn datasets_of(&self, group: &str) -> Vec<(String, &Dataset)> {
        let members = self.groups.get(group).map_or(&[][..], |group| &group.members);
        let dataset = |name: &String| Some((name.clone(), self.datasets.get(&format!("{group}/{name}"))?));
        let is_bare =
            |dataset: &Dataset| dataset.attributes.text("NAME").is_some_and(|name| name.starts_with(BARE_DIMENSION));
        members.iter().filter_map(dataset).filter(|(_, dataset)| !is_bare(dataset)).collect()
    }

    /// Notes on what could not be read in a group.
    pub(in super::super) fn notes(&self, group: &str) -> Vec<String> {
        let own =
            self.unread.iter().filter(|(path, _)| path.rsplit_once('/').is_some_and(|(parent, _)| parent == group));
        let note = |(path, fault): &(String, Fault)| match fault {
            Fault::Damaged(what) | Fault::Unsupported(what) => format!("{} is left out: {what}", excerpt(path)),
            _ => format!("{} is left out", excerpt(path)),
        };
        own.map(note).collect()
    }
}

/// The path that a link at `path` means.
fn absolute(path: &str, target: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    if !target.starts_with('/') {
        parts.extend(path.split('/').filter(|part| !part.is_empty()));
        parts.pop();
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.iter().map(|part| format!("/{part}")).collect()
}
