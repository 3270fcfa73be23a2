//! A seeded choice of rows that pass one after the other: those with the least random numbers.
//!
//! Whoever goes through the rows draws a number for each and offers it. A choice made so does not depend on how the rows are
//! cut into blocks, and memory is bounded by the rows that are wanted.

/// The random numbers of the rows that are kept.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    most: usize,
    drawn: Vec<u64>,
    /// Rows with a larger number are not among those that stay.
    limit: u64,
}

impl Choice {
    /// Of so many rows; of one at least.
    pub(crate) fn of(most: usize) -> Self {
        Self::among(most, Vec::new())
    }

    /// Of so many of those rows that have drawn these numbers.
    pub(crate) fn among(most: usize, drawn: Vec<u64>) -> Self {
        Self { most: most.max(1), drawn, limit: u64::MAX }
    }

    /// Whether the row with this number is kept for now, behind the others that are.
    pub(crate) fn keeps(&mut self, drawn: u64) -> bool {
        let keeps = drawn <= self.limit;
        self.drawn.extend(keeps.then_some(drawn));
        keeps
    }

    /// Whether it is time to prune: twice as many rows are kept as are wanted.
    pub(crate) fn is_overfull(&self) -> bool {
        self.drawn.len() >= 2 * self.most
    }

    /// The places of the rows that stay, if some have to go.
    pub(crate) fn prune(&mut self) -> Option<Vec<u64>> {
        if self.drawn.len() <= self.most {
            return None;
        }
        let mut sorted = self.drawn.clone();
        self.limit = *sorted.select_nth_unstable(self.most - 1).1;
        // Two rows with the same number are as unlikely as can be; the first of them stays.
        let mut left = self.most;
        let stays = |place: &usize| {
            let stays = self.drawn[*place] <= self.limit && left > 0;
            left -= usize::from(stays);
            stays
        };
        let places: Vec<u64> = (0..self.drawn.len()).filter(stays).map(|place| place as u64).collect();
        self.drawn = places.iter().map(|place| self.drawn[*place as usize]).collect();
        Some(places)
    }

    /// The numbers of the rows that are kept.
    pub(crate) fn into_drawn(self) -> Vec<u64> {
        self.drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_numbers_stay_however_often_it_is_pruned() {
        let drawn: Vec<u64> = (0..500).map(|row| row * 7919 % 1009).collect();
        let chosen = |every: usize| {
            let (mut choice, mut rows) = (Choice::of(20), Vec::new());
            for (row, number) in drawn.iter().enumerate() {
                rows.extend(choice.keeps(*number).then_some(row));
                if (row + 1) % every == 0
                    && let Some(places) = choice.prune()
                {
                    rows = places.iter().map(|place| rows[*place as usize]).collect();
                }
            }
            (rows, choice.into_drawn())
        };
        let (rows, numbers) = chosen(500);
        let mut least = drawn.clone();
        least.sort_unstable();
        assert!(rows.is_sorted() && numbers.iter().all(|number| least[..20].contains(number)));
        assert_eq!((rows, numbers), chosen(25));
    }
}
