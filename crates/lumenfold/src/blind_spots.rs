//! Reconstruction by a network that was trained with blind spots: every value is told from the others.
//!
//! The features form groups, as many as make a group about the share that was hidden in training. In one pass for each
//! group its features are hidden, and their reconstruction is taken from that pass: what training taught; Batson and
//! Royer (2019), arXiv:1901.11365, section 3.

/// Groups of features that are hidden together: feature `f` belongs to the group `f` modulo their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlindSpots {
    groups: usize,
}

impl BlindSpots {
    /// The shares that can be hidden in training: enough to learn from, and two groups at least.
    pub(crate) const SHARES: std::ops::RangeInclusive<f64> = 0.01..=0.5;

    /// For a share that was hidden in training.
    pub(crate) fn of_share(share: f64, features: usize) -> Self {
        let share = share.clamp(*Self::SHARES.start(), *Self::SHARES.end());
        Self { groups: ((1.0 / share).round() as usize).min(features.max(2)) }
    }

    /// For each pass the features that are hidden in it, and whose results are taken from it.
    pub(crate) fn passes(self, features: usize) -> impl Iterator<Item = std::iter::StepBy<std::ops::Range<usize>>> {
        (0..self.groups.min(features)).map(move |group| (group..features).step_by(self.groups))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_is_hidden_once() {
        for (share, features) in [(0.1, 784), (0.3, 5), (0.5, 3), (0.5, 1), (0.01, 4)] {
            let groups: Vec<Vec<usize>> =
                BlindSpots::of_share(share, features).passes(features).map(Iterator::collect).collect();
            let mut all: Vec<usize> = groups.concat();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..features) && groups.iter().all(|group| !group.is_empty()));
        }
        assert_eq!(BlindSpots::of_share(0.1, 784).passes(784).count(), 10);
    }
}
