//! Which positions of one field make a position of another, as the kernels of fields go over them.
//!
//! Positions that the same taps of the window reach form a class: of a convolution those inside and those at each border,
//! of its adjoint those of each phase of the stride as well. Within a class the positions that a tap reads lie at one
//! distance from the position that the first tap reads. So no field is padded, no tap outside is multiplied by zero, and a
//! kernel needs no case for any dimension, stride or border.

use super::Window;

/// From source positions to target positions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Connections {
    /// Positions of the target, each in one class.
    pub(crate) targets: usize,
    pub(crate) sources: usize,
    pub(crate) taps: usize,
    pub(crate) classes: Vec<Class>,
}

/// Target positions that the same taps make.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Class {
    /// In ascending order; none if no source reaches these positions.
    pub(crate) taps: Vec<Tap>,
    /// Ascending.
    pub(crate) places: Vec<Place>,
}

/// A tap and where it reads, seen from where the first one of its class does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tap {
    pub(crate) index: u32,
    pub(crate) offset: i32,
}

/// A target position and the source position that the first tap of its class reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) target: u32,
    pub(crate) source: u32,
}

/// What happens along one dimension: for each target index the taps that reach it, and the source index of each.
type Reach = Vec<Vec<(usize, usize)>>;

impl Connections {
    /// From the fine field of a window to the coarse one: those of a convolution.
    pub(crate) fn down(window: &Window) -> Self {
        let (fine, coarse, kernel) = (window.fine().all(), window.coarse().all(), window.kernel_of_all());
        let reach = [0, 1, 2].map(|dimension| {
            let taps_of = |place| {
                let inside = |tap| window.fine_index(dimension, place, tap).map(|index| (tap, index));
                (0..kernel[dimension]).filter_map(inside).collect()
            };
            (0..coarse[dimension]).map(taps_of).collect()
        });
        Self::new(coarse, fine, kernel, &reach)
    }

    /// From the coarse field of a window to the fine one: those of its adjoint.
    pub(crate) fn up(window: &Window) -> Self {
        let (fine, coarse, kernel) = (window.fine().all(), window.coarse().all(), window.kernel_of_all());
        let reach = [0, 1, 2].map(|dimension| {
            let mut reach: Reach = vec![Vec::new(); fine[dimension]];
            for tap in 0..kernel[dimension] {
                for place in 0..coarse[dimension] {
                    if let Some(index) = window.fine_index(dimension, place, tap) {
                        reach[index].push((tap, place));
                    }
                }
            }
            reach
        });
        Self::new(fine, coarse, kernel, &reach)
    }

    fn new(targets: [usize; 3], sources: [usize; 3], kernel: [usize; 3], reach: &[Reach; 3]) -> Self {
        // Indices of a dimension with the same taps, in the order in which they first appear.
        let kinds: Vec<Vec<Vec<usize>>> = reach
            .iter()
            .map(|reach| {
                let mut kinds: Vec<Vec<usize>> = Vec::new();
                for (index, taps) in reach.iter().enumerate() {
                    let same = |kind: &&mut Vec<usize>| {
                        reach[kind[0]].iter().map(|(tap, _)| tap).eq(taps.iter().map(|(tap, _)| tap))
                    };
                    match kinds.iter_mut().find(same) {
                        Some(kind) => kind.push(index),
                        None => kinds.push(vec![index]),
                    }
                }
                kinds
            })
            .collect();
        let row = |[a, b, c]: [usize; 3], sizes: [usize; 3]| (a * sizes[1] + b) * sizes[2] + c;
        let mut classes = Vec::new();
        for first in &kinds[0] {
            for second in &kinds[1] {
                for third in &kinds[2] {
                    let of = [&reach[0][first[0]], &reach[1][second[0]], &reach[2][third[0]]];
                    let mut taps: Vec<(usize, usize)> = Vec::new();
                    for (a, from_a) in of[0] {
                        for (b, from_b) in of[1] {
                            for (c, from_c) in of[2] {
                                taps.push((row([*a, *b, *c], kernel), row([*from_a, *from_b, *from_c], sources)));
                            }
                        }
                    }
                    let origin = taps.first().map_or(0, |(_, source)| *source);
                    let mut places = Vec::with_capacity(first.len() * second.len() * third.len());
                    for a in first {
                        for b in second {
                            for c in third {
                                let from = [&reach[0][*a], &reach[1][*b], &reach[2][*c]];
                                let begin = from.map(|taps| taps.first().map_or(0, |(_, source)| *source));
                                let target = row([*a, *b, *c], targets) as u32;
                                places.push(Place { target, source: row(begin, sources) as u32 });
                            }
                        }
                    }
                    let taps = taps
                        .into_iter()
                        .map(|(index, source)| Tap {
                            index: index as u32,
                            offset: (source as i64 - origin as i64) as i32,
                        })
                        .collect();
                    classes.push(Class { taps, places });
                }
            }
        }
        let count = |sizes: [usize; 3]| sizes.iter().product();
        Self { targets: count(targets), sources: count(sources), taps: count(kernel), classes }
    }

    /// Pieces of at most `most` places, for tasks: which class, and which of its places.
    pub(crate) fn pieces(&self, most: usize) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (class, places) in self.classes.iter().map(|class| class.places.len()).enumerate() {
            let count = places.div_ceil(most);
            pieces.extend(
                (0..count).map(|index| Piece { class, places: places * index / count..places * (index + 1) / count }),
            );
        }
        pieces
    }
}

/// Some places of a class.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Piece {
    pub(crate) class: usize,
    pub(crate) places: std::ops::Range<usize>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{Extent, Window};
    use super::*;

    /// All connections as (target, tap, source).
    fn all(connections: &Connections) -> BTreeSet<(u32, u32, u32)> {
        let mut all = BTreeSet::new();
        for class in &connections.classes {
            for place in &class.places {
                for tap in &class.taps {
                    let source = (i64::from(place.source) + i64::from(tap.offset)) as u32;
                    assert!(all.insert((place.target, tap.index, source)));
                }
            }
        }
        all
    }

    #[test]
    fn the_way_up_is_that_down_the_other_way_and_both_are_what_the_window_says() {
        for (sizes, kernel, stride, padding, dilation) in [
            (&[7][..], &[3][..], &[2][..], &[1][..], &[1][..]),
            (&[11], &[4], &[3], &[2], &[2]),
            (&[5, 6], &[3, 2], &[2, 1], &[1, 0], &[1, 2]),
            (&[4, 3, 5], &[3, 3, 3], &[2, 2, 2], &[1, 1, 1], &[1, 1, 1]),
            (&[9], &[2], &[4], &[0], &[1]),
        ] {
            let window = Window::new(Extent::new(sizes).expect("a window"), kernel, stride, padding, dilation)
                .expect("a window");
            let (down, up) = (Connections::down(&window), Connections::up(&window));
            let swapped: BTreeSet<_> = all(&up).into_iter().map(|(fine, tap, coarse)| (coarse, tap, fine)).collect();
            assert_eq!(all(&down), swapped);
            for connections in [&down, &up] {
                let mut targets: Vec<u32> = connections
                    .classes
                    .iter()
                    .flat_map(|class| class.places.iter().map(|place| place.target))
                    .collect();
                targets.sort_unstable();
                assert!(targets.into_iter().eq(0..connections.targets as u32));
                let pieces = connections.pieces(2);
                assert!(pieces.iter().all(|piece| (1..=2).contains(&piece.places.len())));
                assert_eq!(pieces.iter().map(|piece| piece.places.len()).sum::<usize>(), connections.targets);
            }
            let (fine, coarse) = (window.fine(), window.coarse());
            let mut expected = BTreeSet::new();
            let index = |position: usize, extent: Extent| {
                let [_, b, c] = extent.all();
                [position / (b * c), position / c % b, position % c]
            };
            let kernel = window.kernel_of_all();
            for place in 0..coarse.positions() {
                for tap in 0..window.taps() {
                    let at = index(place, coarse);
                    let of_tap = [tap / (kernel[1] * kernel[2]), tap / kernel[2] % kernel[1], tap % kernel[2]];
                    let source = [0, 1, 2].map(|d| window.fine_index(d, at[d], of_tap[d]));
                    if let [Some(a), Some(b), Some(c)] = source {
                        let row = (a * fine.all()[1] + b) * fine.all()[2] + c;
                        expected.insert((place as u32, tap as u32, row as u32));
                    }
                }
            }
            assert_eq!(all(&down), expected);
            assert_eq!(window.connections(), expected.len() as u64);
        }
    }
}
