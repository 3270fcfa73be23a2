//! Which parts of images train and which are held out.
//!
//! Crops at random places overlap, so that rows drawn at random would have neighbours on both sides of the split, and what
//! was learnt by heart would pass for what is understood. So places are held out: whole images where there are many
//! (ten), else blocks of them. An image is divided into blocks of at least two patches along each axis (one patch,
//! where that leaves too few), and a seeded share of all blocks is held out. A crop that judges lies within one of them, a
//! crop that trains touches none.

use std::ops::Range;

use crate::random::{SPLIT_STREAM, numbers, shuffle};

/// Images from which on whole ones are held out.
const MANY: usize = 10;

/// Blocks along an axis are as many patches long, if there are enough of them.
const PATCHES_ALONG: usize = 2;

/// Fewer held-out blocks than this are too few, where smaller ones would be more.
const FEW: f64 = 2.0;

/// Images divided into blocks, some of which are held out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regions {
    sizes: Vec<usize>,
    // Blocks along each axis of an image.
    blocks: Vec<usize>,
    // For each block, `[images][blocks]`, whether it is held out.
    held_out: Vec<bool>,
}

impl Regions {
    /// Divides `images` images of these sizes. At least one block is held out if the share is above zero; none if there is
    /// only one, so that nothing would be left to train on.
    #[must_use]
    pub fn new(images: usize, sizes: &[usize], patch: &[usize], share: f64, seed: u64) -> Self {
        let along = |patches: usize| -> Vec<usize> {
            sizes.iter().zip(patch).map(|(size, patch)| (size / (patches * patch)).max(1)).collect()
        };
        let total = |blocks: &[usize]| images * blocks.iter().product::<usize>();
        let blocks = match images {
            MANY.. => vec![1; sizes.len()],
            _ if total(&along(PATCHES_ALONG)) as f64 * share >= FEW => along(PATCHES_ALONG),
            _ => along(1),
        };
        let all = total(&blocks);
        let mut held_out = vec![false; all];
        if share > 0.0 && all > 1 {
            let count = ((all as f64 * share).round() as usize).clamp(1, all - 1);
            let mut order = numbers(all);
            shuffle(&mut order, seed, SPLIT_STREAM, 0);
            order[..count].iter().for_each(|block| held_out[*block as usize] = true);
        }
        Self { sizes: sizes.to_vec(), blocks, held_out }
    }

    /// The numbers of the blocks that are held out, or of the others.
    #[must_use]
    pub fn of(&self, held_out: bool) -> Vec<u32> {
        (0..).zip(&self.held_out).filter(|(_, own)| **own == held_out).map(|(block, _)| block).collect()
    }

    /// The image of a block, and its bins along each axis.
    #[must_use]
    pub fn block(&self, number: u32) -> (usize, Vec<Range<usize>>) {
        let mut left = number as usize;
        let mut bins = Vec::with_capacity(self.blocks.len());
        for (blocks, size) in self.blocks.iter().zip(&self.sizes).rev() {
            let at = left % blocks;
            left /= blocks;
            bins.push(at * size / blocks..(at + 1) * size / blocks);
        }
        bins.reverse();
        (left, bins)
    }

    /// Whether a piece of an image touches a block that is held out.
    #[must_use]
    pub fn touches_held_out(&self, image: usize, start: &[usize], shape: &[usize]) -> bool {
        let of_bin = |at: usize, bin: usize| {
            // The block whose bins this is among, from above or exactly.
            let guess = bin * self.blocks[at] / self.sizes[at];
            guess + usize::from((guess + 1) * self.sizes[at] / self.blocks[at] <= bin)
        };
        let ranges: Vec<(usize, usize)> =
            (0..self.sizes.len()).map(|at| (of_bin(at, start[at]), of_bin(at, start[at] + shape[at] - 1))).collect();
        let count: usize = ranges.iter().map(|(first, last)| last - first + 1).product();
        (0..count).any(|combination| {
            let (mut left, mut block, mut apart) = (combination, 0, 1);
            for (at, (first, last)) in ranges.iter().enumerate().rev() {
                block += (first + left % (last - first + 1)) * apart;
                left /= last - first + 1;
                apart *= self.blocks[at];
            }
            self.held_out[image * apart + block]
        })
    }

    /// How many blocks are held out, and of how many.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.held_out.iter().filter(|held_out| **held_out).count(), self.held_out.len())
    }

    /// What is held out, in words: `2 of 10 blocks of about 74 × 150`, `5 of 25 images`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let (held_out, all) = self.counts();
        if self.blocks.iter().all(|blocks| *blocks == 1) {
            return format!("{held_out} of {all} images");
        }
        let sizes: Vec<String> =
            self.sizes.iter().zip(&self.blocks).map(|(size, blocks)| (size / blocks).to_string()).collect();
        format!("{held_out} of {all} blocks of about {}", sizes.join(" × "))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_a_patch_and_cover_the_images() {
        for (images, sizes, patch) in [
            (1, vec![148, 750], vec![32, 64]),
            (3, vec![20, 21], vec![7, 5]),
            (2, vec![17], vec![4]),
            (40, vec![30], vec![30]),
            (1, vec![13, 14, 15], vec![6, 7, 5]),
        ] {
            let regions = Regions::new(images, &sizes, &patch, 0.2, 3);
            let all = sizes.iter().product::<usize>();
            let mut seen = vec![0; images * all];
            for block in 0..regions.counts().1 as u32 {
                let (image, bins) = regions.block(block);
                assert!(bins.iter().zip(&patch).all(|(bins, patch)| bins.len() >= *patch), "{bins:?}");
                let (start, shape): (Vec<_>, Vec<_>) = bins.iter().map(|bins| (bins.start, bins.len())).unzip();
                let last = *shape.last().unwrap();
                for line in super::super::windows::lines(&sizes, &start, &shape) {
                    seen[image * all + line as usize..][..last].iter_mut().for_each(|count| *count += 1);
                }
                let held_out = regions.of(true).contains(&block);
                assert_eq!(regions.touches_held_out(image, &start, &shape), held_out);
                // And so does every single value of it.
                let single = vec![1; sizes.len()];
                let end: Vec<usize> = bins.iter().map(|bins| bins.end - 1).collect();
                assert_eq!(regions.touches_held_out(image, &start, &single), held_out);
                assert_eq!(regions.touches_held_out(image, &end, &single), held_out);
            }
            assert!(seen.iter().all(|count| *count == 1));
        }
    }

    #[test]
    fn whole_images_are_held_out_of_many_and_blocks_of_few() {
        assert_eq!(Regions::new(25, &[64, 64], &[8, 8], 0.2, 0).in_words(), "5 of 25 images");
        assert_eq!(Regions::new(1, &[148, 750], &[32, 64], 0.2, 0).in_words(), "2 of 10 blocks of about 74 × 150");
        // Two patches along each axis would leave one block.
        assert_eq!(Regions::new(1, &[10, 10], &[4, 4], 0.2, 0).counts(), (1, 4));
        assert_eq!(Regions::new(1, &[10, 10], &[4, 4], 0.0, 0).counts().0, 0);
        assert_eq!(Regions::new(1, &[7, 7], &[4, 4], 0.5, 0).counts(), (0, 1));
        assert_ne!(Regions::new(30, &[9], &[3], 0.3, 0), Regions::new(30, &[9], &[3], 0.3, 1));
    }
}
