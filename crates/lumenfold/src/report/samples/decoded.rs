//! Samples decoded at the points of a grid: what the places of the latent map mean.
//!
//! The grid lies in the plane of the map: that of both latents, or, for longer codes, the one through the mean code that is
//! spanned by the first two principal directions of the codes that the map shows. All other directions keep their mean.

use std::num::NonZeroUsize;

use lumenfold_data::axis::bins_of;
use lumenfold_data::{Axis, Slice};

use super::triplets::{brightest, centres};
use super::{View, packed};
use crate::order_statistics::{quantile, sorted};
use crate::pca::Pca;
use crate::report::columns::encode_f32;
use crate::report::document::DecodedPlane;
use crate::{Autoencoder, Error};

/// Points along each side of the grid.
const POINTS: usize = 7;

/// Share of the rows that lies beyond the grid at each end of a side.
const TAIL: f64 = 0.01;

/// Bins of a small line, and along the sides of a small picture.
const SMALL_LINE: usize = 160;
const SMALL_SIDE: usize = 48;

/// Products that are formed for the principal directions, about, and codes that they are taken from at least.
const PRODUCTS: usize = 1 << 32;
const FEWEST_CODES: usize = 2000;

/// None where codes do not vary, or where the decoder overflows.
pub(super) fn decoded(
    autoencoder: &Autoencoder,
    latent: &[f32],
    threads: NonZeroUsize,
) -> Result<Option<DecodedPlane>, Error> {
    let axes = autoencoder.axes();
    let Some(plane) = Plane::of(latent, autoencoder.network().latent_dimension(), threads)? else { return Ok(None) };
    let (view, mut cut) = (small_view(axes), vec![0; axes.len()]);
    if axes.len() > 2 {
        // All samples are cut where the one in the middle is brightest.
        match decode(autoencoder, &plane.code(POINTS / 2, plane.up.len() / 2), threads)? {
            Some(values) => cut = bins_of(axes, brightest(&values)),
            None => return Ok(None),
        }
    }
    let mut values = Vec::new();
    for up in 0..plane.up.len().max(1) {
        let codes: Vec<f32> = (0..POINTS).flat_map(|across| plane.code(across, up)).collect();
        let Some(samples) = decode(autoencoder, &codes, threads)? else { return Ok(None) };
        for sample in samples.chunks_exact(autoencoder.features().len()) {
            values.extend(view.through(sample, &cut));
        }
    }
    Ok(Some(DecodedPlane {
        rows: plane.rows_near(latent),
        coordinates: plane.coordinates(latent),
        names: plane.names,
        centre: plane.centre,
        directions: plane.directions,
        across: plane.across,
        up: plane.up,
        view: view.document(),
        cut: if axes.len() > 2 { centres(axes, &cut) } else { Vec::new() },
        values: packed(&values),
    }))
}

/// Samples from codes; none where the decoder overflows, which codes between those of rows seldom do.
fn decode(autoencoder: &Autoencoder, codes: &[f32], threads: NonZeroUsize) -> Result<Option<Vec<f64>>, Error> {
    match autoencoder.decode(codes, threads) {
        Ok(values) => Ok(Some(values)),
        Err(Error::Overflow { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn small_view(axes: &[Axis]) -> View {
    match axes.len() {
        1 => View::line(axes, 0, SMALL_LINE),
        count => View::plane(axes, (count - 2, count - 1), SMALL_SIDE),
    }
}

/// A grid of points in a plane of latent space, or on a line of it.
struct Plane {
    names: Vec<String>,
    centre: Vec<f64>,
    // One or two unit vectors.
    directions: Vec<Vec<f64>>,
    // Coordinates of the points along the directions, from the centre; `up` is empty on a line.
    across: Vec<f64>,
    up: Vec<f64>,
}

impl Plane {
    fn of(latent: &[f32], width: usize, threads: NonZeroUsize) -> Result<Option<Self>, Error> {
        let (names, centre, directions) = if width <= 2 {
            let unit = |index: usize| (0..width).map(|other| f64::from(u8::from(other == index))).collect();
            ((1..=width).map(|z| format!("z{z}")).collect(), vec![0.0; width], (0..width).map(unit).collect())
        } else {
            let thinned = thinned(latent, width);
            let pca = Pca::fit(&Slice { values: &thinned, width }, &vec![1.0; width], 2, threads)?;
            let directions: Vec<Vec<f64>> = pca.directions().map(<[f64]>::to_vec).collect();
            let names = (1..=2).map(|number| format!("principal direction {number}")).collect();
            (names, pca.mean().to_vec(), directions)
        };
        let mut plane = Self { names, centre, directions, across: Vec::new(), up: Vec::new() };
        let mut sides = Vec::new();
        for direction in &plane.directions {
            let along = sorted(latent.chunks_exact(width).map(|code| plane.coordinate(direction, code)));
            let (low, high) = (quantile(&along, TAIL), quantile(&along, 1.0 - TAIL));
            // A direction in which codes do not vary has one point.
            let count = if high > low { POINTS } else { 1 };
            let step = (high - low) / count as f64;
            sides.push((0..count).map(|point| low + (point as f64 + 0.5) * step).collect::<Vec<f64>>());
        }
        let mut sides = sides.into_iter();
        plane.across = sides.next().unwrap_or_default();
        plane.up = sides.next().unwrap_or_default();
        let varies = plane.across.len() == POINTS && plane.across.iter().chain(&plane.up).all(|at| at.is_finite());
        Ok(varies.then_some(plane))
    }

    /// Where a code lies along a direction.
    fn coordinate(&self, direction: &[f64], code: &[f32]) -> f64 {
        let products = code.iter().zip(&self.centre).zip(direction);
        products.map(|((value, centre), part)| (f64::from(*value) - centre) * part).sum()
    }

    /// The coordinates of all codes, a column for each direction; none where these are the latents themselves.
    fn coordinates(&self, latent: &[f32]) -> Vec<String> {
        let width = self.centre.len();
        let directions = if width > 2 { &self.directions[..] } else { &[] };
        let along = |direction: &Vec<f64>| {
            encode_f32(latent.chunks_exact(width).map(|code| self.coordinate(direction, code) as f32))
        };
        directions.iter().map(along).collect()
    }

    /// The code of a point.
    fn code(&self, across: usize, up: usize) -> Vec<f32> {
        let at = [Some(self.across[across]), self.up.get(up).copied()];
        let shift = |latent: usize| -> f64 {
            self.directions.iter().zip(at).map(|(direction, at)| direction[latent] * at.unwrap_or(0.0)).sum()
        };
        (0..self.centre.len()).map(|latent| (self.centre[latent] + shift(latent)) as f32).collect()
    }

    /// How many codes lie nearest to each point, within half a step of it: `[up][across]`.
    fn rows_near(&self, latent: &[f32]) -> Vec<usize> {
        let mut counts = vec![0; self.across.len() * self.up.len().max(1)];
        let nearest = |points: &[f64], at: f64| match points {
            [first, second, ..] => {
                let place = ((at - first) / (second - first)).round();
                (place >= 0.0 && place < points.len() as f64).then_some(place as usize)
            }
            _ => Some(0),
        };
        for code in latent.chunks_exact(self.centre.len()) {
            let across = nearest(&self.across, self.coordinate(&self.directions[0], code));
            let up = self.directions.get(1).map_or(Some(0), |up| nearest(&self.up, self.coordinate(up, code)));
            if let (Some(across), Some(up)) = (across, up) {
                counts[up * self.across.len() + across] += 1;
            }
        }
        counts
    }
}

/// Codes at equal distances among all, few enough for their principal directions to take no more than seconds.
fn thinned(latent: &[f32], width: usize) -> Vec<f32> {
    let most = (PRODUCTS / (width * width)).max(FEWEST_CODES);
    let step = (latent.len() / width).div_ceil(most).max(1);
    latent.chunks_exact(width).step_by(step).flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREADS: NonZeroUsize = NonZeroUsize::MIN;

    #[test]
    fn two_latents_are_the_plane_and_points_are_codes() {
        let latent: Vec<f32> = (0..200).flat_map(|row| [row as f32, (row * 7 % 50) as f32]).collect();
        let plane = Plane::of(&latent, 2, THREADS).expect("in memory").expect("codes vary");
        assert_eq!((plane.across.len(), plane.up.len()), (POINTS, POINTS));
        assert_eq!(plane.code(2, 5), [plane.across[2] as f32, plane.up[5] as f32]);
        let near = plane.rows_near(&latent);
        assert!(near.iter().sum::<usize>() > 180 && near.iter().all(|count| *count > 0));
    }

    #[test]
    fn longer_codes_are_met_in_the_plane_of_their_largest_variance() {
        // Along (1, 1, 0) far, along (0, 0, 1) less, along (1, -1, 0) not at all; the mean is (3, 3, 1).
        let code = |row: usize| [(row % 21) as f32 - 10.0, ((row * 5) % 11) as f32 * 0.5 - 2.5];
        let latent: Vec<f32> = (0..231)
            .flat_map(|row| {
                let [far, near] = code(row);
                [3.0 + far, 3.0 + far, 1.0 + near]
            })
            .collect();
        let plane = Plane::of(&latent, 3, THREADS).expect("in memory").expect("codes vary");
        let middle = plane.code(POINTS / 2, POINTS / 2);
        for (value, mean) in middle.iter().zip([3.0, 3.0, 1.0]) {
            assert!((value - mean).abs() < 0.2, "{middle:?}");
        }
        let [first, second] = [&plane.directions[0], &plane.directions[1]];
        assert!((first[0].abs() - 0.5_f64.sqrt()).abs() < 1e-6 && first[2].abs() < 1e-6, "{first:?}");
        assert!((second[2].abs() - 1.0).abs() < 1e-6, "{second:?}");
    }

    #[test]
    fn codes_that_do_not_vary_have_no_plane() {
        assert!(Plane::of(&[1.0; 20], 2, THREADS).expect("in memory").is_none());
        let line: Vec<f32> = (0..20).flat_map(|row| [row as f32, 4.0]).collect();
        let plane = Plane::of(&line, 2, THREADS).expect("in memory").expect("codes vary");
        assert_eq!((plane.across.len(), plane.up.len()), (POINTS, 1));
        assert_eq!(plane.code(3, 0)[1], 4.0);
    }
}
