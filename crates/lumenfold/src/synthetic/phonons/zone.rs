//! Points of the Brillouin zone, each symmetry-equivalent set once.
//!
//! A cubic crystal vibrates alike at wave vectors that differ by the order of their components, by their signs or by a
//! reciprocal lattice vector. Of a uniform grid (Monkhorst and Pack, Phys. Rev. B 13, 1976, 5188) one point of each set is
//! kept, with as much weight as the set has points: 1/48 of the zone.

use super::crystal::Lattice;

/// A wave vector and its share of the zone.
#[derive(Clone, Copy, Debug)]
pub(super) struct ZonePoint {
    /// In units of 2π/a.
    pub(super) wave_vector: [f64; 3],
    /// All weights sum to 1.
    pub(super) weight: f64,
}

/// The edge of the cube of positive components that holds every wave vector but for symmetry, in units of 2π/a.
pub(super) fn edge(lattice: Lattice) -> f64 {
    match lattice {
        Lattice::Simple => 0.5,
        Lattice::BodyCentred | Lattice::FaceCentred => 1.0,
    }
}

/// The grid q = (i + ½) edge / n in three dimensions, with one point for each set of equivalent ones. Γ is none of them.
pub(super) fn wedge(lattice: Lattice, divisions: usize) -> Vec<ZonePoint> {
    let step = edge(lattice) / divisions as f64;
    let share = 1.0 / (divisions as f64).powi(3);
    let mut points = Vec::with_capacity(divisions.pow(3) / 6);
    for i in 0..divisions {
        for j in 0..=i {
            for k in 0..=j {
                if let Some(count) = count(lattice, divisions, [i, j, k]) {
                    let wave_vector = [i, j, k].map(|index| (index as f64 + 0.5) * step);
                    points.push(ZonePoint { wave_vector, weight: count as f64 * share });
                }
            }
        }
    }
    points
}

/// The grid q = i edge / n with its ends, components descending, without Γ: the zone's corners, and centres of faces and
/// edges are among its points if n is even.
pub(super) fn closed_wedge(lattice: Lattice, divisions: usize) -> Vec<[f64; 3]> {
    let step = edge(lattice) / divisions as f64;
    let mut points = Vec::new();
    for i in 0..=divisions {
        for j in 0..=i {
            for k in 0..=j {
                if !is_gamma(lattice, divisions, [i, j, k]) {
                    points.push([i, j, k].map(|index| index as f64 * step));
                }
            }
        }
    }
    points
}

/// Whether a point of the closed grid (indices descending) is Γ or differs from it by a reciprocal lattice vector.
fn is_gamma(lattice: Lattice, divisions: usize, point: [usize; 3]) -> bool {
    let n = divisions;
    match lattice {
        Lattice::Simple => point == [0, 0, 0],
        Lattice::BodyCentred => point == [0, 0, 0] || point == [n, n, 0],
        Lattice::FaceCentred => point == [0, 0, 0] || point == [n, n, n],
    }
}

/// How many points of the cube are equivalent to this one (indices descending), if it stands for them: it is the last of
/// them in the order of indices.
fn count(lattice: Lattice, divisions: usize, point: [usize; 3]) -> Option<usize> {
    let [i, j, k] = point;
    let flip = |index: usize| divisions - 1 - index;
    // A reciprocal lattice vector and changes of sign together turn q into edge - q: of every component for fcc, whose
    // vectors are (1, 1, 1), …; of any two for bcc, whose vectors are (1, 1, 0), …
    let images: &[[usize; 3]] = match lattice {
        Lattice::Simple => &[],
        Lattice::FaceCentred => &[[flip(i), flip(j), flip(k)]],
        Lattice::BodyCentred => &[[flip(i), flip(j), k], [flip(i), j, flip(k)], [i, flip(j), flip(k)]],
    };
    let mut set = [point; 4];
    let mut members = 1;
    for image in images {
        let mut sorted = *image;
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        if sorted > point {
            return None;
        }
        if !set[..members].contains(&sorted) {
            set[members] = sorted;
            members += 1;
        }
    }
    Some(set[..members].iter().map(orders).sum())
}

/// In how many orders the indices can stand.
fn orders([i, j, k]: &[usize; 3]) -> usize {
    match (i == j, j == k) {
        (true, true) => 1,
        (true, false) | (false, true) => 3,
        (false, false) => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_shares_of_the_zone() {
        for lattice in Lattice::ALL {
            for divisions in [1, 2, 3, 8, 13] {
                let points = wedge(lattice, divisions);
                let sum: f64 = points.iter().map(|point| point.weight).sum();
                assert!((sum - 1.0).abs() < 1e-12, "{lattice} {divisions}: {sum}");
            }
        }
    }

    #[test]
    fn a_wedge_is_about_a_48th_of_the_zone() {
        // The cube of positive components is 1/8 of the zone for sc, 2/8 for fcc, 4/8 for bcc.
        for (lattice, zones) in [(Lattice::Simple, 1), (Lattice::FaceCentred, 2), (Lattice::BodyCentred, 4)] {
            let divisions = 40_usize;
            let grid = 8 * divisions.pow(3) / zones;
            let share = wedge(lattice, divisions).len() as f64 * 48.0 / grid as f64;
            assert!((1.0..1.2).contains(&share), "{lattice}: {share}");
        }
    }
}
