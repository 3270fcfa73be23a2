//! Which rows the probe's models learn from and which are held out; the folds of the cross-validation.

use super::draws::{Draws, Purpose};
use super::target::Target;

/// Rows of the two parts (from 0), ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeSplit {
    /// Rows to learn from.
    pub train: Vec<u32>,
    /// Rows to judge by.
    pub held_out: Vec<u32>,
}

/// Folds of a cross-validation.
pub(super) const FOLDS: usize = 5;

impl ProbeSplit {
    /// Draws the `number`-th split with `share` of the rows held out. Of every class with two rows at least, that share
    /// is held out, rounded, and each part has one row of it at least.
    ///
    /// # Panics
    /// There are fewer than two rows.
    #[must_use]
    pub fn new(target: &Target, share: f64, seed: u64, number: usize) -> Self {
        let mut draws = Draws::new(seed, Purpose::Split, number);
        let mut held_out = vec![false; target.rows()];
        for mut members in strata(target) {
            draws.shuffle(&mut members);
            let most = members.len().saturating_sub(1);
            let count = ((members.len() as f64 * share).round() as usize).clamp(most.min(1), most);
            members[..count].iter().for_each(|row| held_out[*row as usize] = true);
        }
        let part = |flag: bool| (0..target.rows() as u32).filter(|row| held_out[*row as usize] == flag).collect();
        let split = Self { train: part(false), held_out: part(true) };
        assert!(!split.train.is_empty() && !split.held_out.is_empty(), "rows for both parts");
        split
    }
}

/// The rows of each class; all of them for a quantity.
fn strata(target: &Target) -> Vec<Vec<u32>> {
    match target {
        Target::Quantity(values) => vec![(0..values.len() as u32).collect()],
        Target::Classes { names, codes } => {
            let mut strata = vec![Vec::new(); names.len()];
            (0..).zip(codes).for_each(|(row, code)| strata[*code as usize].push(row));
            // In the order of their first rows: what classes are called must not matter.
            strata.sort_by_key(|members: &Vec<u32>| members.first().copied());
            strata
        }
    }
}

/// Rows (from 0) in folds, at most `most` of them all: each fold with its share of every class.
pub(super) fn folds(target: &Target, most: usize, seed: u64, number: usize) -> Vec<Vec<u32>> {
    let mut draws = Draws::new(seed, Purpose::Folds, number);
    let strata = strata(target).into_iter().map(|mut members| {
        draws.shuffle(&mut members);
        members
    });
    let all = target.rows();
    let mut folds = vec![Vec::new(); FOLDS.min(all)];
    // Goes on from class to class, so that folds have equal lengths.
    let (mut place, mut before) = (0, 0);
    for members in strata {
        // The share of the class in `most`, rounded so that it never adds up.
        let wanted = |rows: usize| if all > most { rows * most / all } else { rows };
        let count = wanted(before + members.len()) - wanted(before);
        before += members.len();
        for row in &members[..count] {
            folds[place].push(*row);
            place = (place + 1) % folds.len();
        }
    }
    folds.retain(|fold| !fold.is_empty());
    folds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(counts: &[usize]) -> Target {
        let codes = (0..).zip(counts).flat_map(|(code, count)| vec![code; *count]).collect();
        Target::Classes { names: counts.iter().map(ToString::to_string).collect(), codes }
    }

    #[test]
    fn every_class_is_in_both_parts_with_its_share() {
        let counts = [2, 3, 40, 1000];
        let target = classes(&counts);
        let split = ProbeSplit::new(&target, 0.25, 3, 0);
        let Target::Classes { codes, .. } = target.chosen(&split.held_out) else { unreachable!() };
        let held: Vec<usize> = (0..4).map(|code| codes.iter().filter(|other| **other == code).count()).collect();
        assert_eq!(held, [1, 1, 10, 250]);
        let mut all = [split.train.clone(), split.held_out.clone()].concat();
        all.sort_unstable();
        assert_eq!(all, (0..1045).collect::<Vec<u32>>());
        assert_eq!(split, ProbeSplit::new(&target, 0.25, 3, 0));
        assert_ne!(split, ProbeSplit::new(&target, 0.25, 3, 1));
        assert_ne!(split, ProbeSplit::new(&target, 0.25, 4, 0));
    }

    #[test]
    fn folds_part_the_rows_and_keep_the_shares_of_the_classes() {
        let target = classes(&[50, 150]);
        let all = folds(&target, usize::MAX, 0, 0);
        assert!(all.iter().all(|fold| fold.len() == 40 && fold.iter().filter(|row| **row < 50).count() == 10));
        let mut rows = all.concat();
        rows.sort_unstable();
        assert_eq!(rows, (0..200).collect::<Vec<u32>>());
        let some = folds(&target, 100, 0, 0);
        assert_eq!(some.concat().len(), 100);
        assert_eq!(some.concat().iter().filter(|row| **row < 50).count(), 25);
        assert_eq!(folds(&Target::Quantity(vec![0.0; 3]), 100, 0, 0).len(), 3);
    }
}
