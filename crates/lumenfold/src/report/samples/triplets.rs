//! Samples with their reconstructions: the best, some near the median, the worst.

use std::cmp::Ordering;
use std::num::NonZeroUsize;

use lumenfold_data::axis::bins_of;
use lumenfold_data::{Axis, DataError, RowSource, Rows, Store, values_of_ranks};

use super::{View, packed};
use crate::report::document::{Place, Triplet, TripletPart};
use crate::report::judgement::{Judgement, Through, sample_error};
use crate::report::summary::words::file_name;
use crate::{Error, Model};

/// Samples of each place; of volumes, each of which is drawn on three planes.
const EACH: usize = 3;
const EACH_VOLUME: usize = 2;

/// The triplets in the order of their errors, the best first. A pass over the rows.
pub(super) fn triplets(
    model: &Model,
    rows: Rows<'_>,
    judgement: &Judgement,
    views: &[View],
    threads: NonZeroUsize,
) -> Result<Vec<Triplet>, Error> {
    let axes = model.axes();
    let Some(errors) = &judgement.sample_errors else { return Ok(Vec::new()) };
    let chosen = ranks(errors.rows(), if axes.len() > 2 { EACH_VOLUME } else { EACH });
    let positions = positions(errors, &chosen.iter().map(|(_, rank)| *rank as u64).collect::<Vec<_>>())?;
    let mut through = Through::new(&model.autoencoder, rows, threads);
    let mut triplets = Vec::new();
    let mut position = 0;
    judgement.judged.each(rows, |row, original| {
        if let Some(at) = positions.iter().position(|wanted| *wanted == position) {
            through.pass(row, original)?;
            let (place, rank) = chosen[at];
            let (source, source_row) = rows.origin(row);
            triplets.push(triplet(axes, views, (original, &through.values), (place, rank), (source, source_row)));
        }
        position += 1;
        Ok::<_, Error>(())
    })?;
    triplets.sort_by_key(|triplet| triplet.rank);
    Ok(triplets)
}

fn triplet(
    axes: &[Axis],
    views: &[View],
    (original, reconstruction): (&[f64], &[f64]),
    (place, rank): (Place, usize),
    (source, row): (String, u64),
) -> Triplet {
    let residual: Vec<f64> = original.iter().zip(reconstruction).map(|(value, other)| value - other).collect();
    let cut = bins_of(axes, brightest(original));
    let part = |view: &View| TripletPart {
        original: packed(&view.through(original, &cut)),
        residual: packed(&view.through(&residual, &cut)),
    };
    Triplet {
        place,
        rank,
        source: file_name(&source),
        row,
        rmse: sample_error(original, reconstruction),
        cut: if axes.len() > 2 { centres(axes, &cut) } else { Vec::new() },
        parts: views.iter().map(part).collect(),
    }
}

/// Where a volume is cut: at its largest value.
pub(super) fn brightest(values: &[f64]) -> usize {
    let present = values.iter().enumerate().filter(|(_, value)| !value.is_nan());
    // Of equal values the first.
    let larger = |best: (usize, f64), (at, value): (usize, &f64)| if *value > best.1 { (at, *value) } else { best };
    present.fold((0, f64::NEG_INFINITY), larger).0
}

/// The centres of some bins.
pub(super) fn centres(axes: &[Axis], bins: &[usize]) -> Vec<f64> {
    axes.iter().zip(bins).map(|(axis, bin)| axis.grid[*bin]).collect()
}

/// Ranks of the errors that are drawn, ascending, up to `each` for each place. Of few samples there are fewer, each once.
fn ranks(count: usize, each: usize) -> Vec<(Place, usize)> {
    let each = each.min(count / 3).max(1);
    let middle = count.saturating_sub(each) / 2;
    let places = [(Place::Best, 0), (Place::Worst, count.saturating_sub(each)), (Place::Median, middle)];
    let mut ranks: Vec<(Place, usize)> = Vec::new();
    for (place, first) in places {
        for rank in (first..first + each).filter(|rank| *rank < count) {
            if ranks.iter().all(|(_, other)| *other != rank) {
                ranks.push((place, rank));
            }
        }
    }
    ranks.sort_by_key(|(_, rank)| *rank);
    ranks
}

/// The places of the errors of these ranks; of equal errors, those that come first have the lower ranks.
fn positions(errors: &Store<f64>, ranks: &[u64]) -> Result<Vec<usize>, DataError> {
    let values = values_of_ranks(errors, ranks, |error| error)?.into_iter().next().unwrap_or_default();
    let mut smaller = vec![0_u64; values.len()];
    each(errors, |_, error| {
        for (count, value) in smaller.iter_mut().zip(&values) {
            *count += u64::from(error.total_cmp(value) == Ordering::Less);
        }
    })?;
    let mut positions = vec![usize::MAX; values.len()];
    let mut equal = vec![0_u64; values.len()];
    each(errors, |position, error| {
        for (at, value) in values.iter().enumerate() {
            if error.total_cmp(value) == Ordering::Equal {
                if smaller[at] + equal[at] == ranks[at] {
                    positions[at] = position;
                }
                equal[at] += 1;
            }
        }
    })?;
    Ok(positions)
}

/// Calls `visit` with each error and its place.
fn each(errors: &Store<f64>, mut visit: impl FnMut(usize, f64)) -> Result<(), DataError> {
    let mut position = 0;
    errors.pass(|block| {
        for error in block {
            visit(position, *error);
            position += 1;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_rise_and_none_comes_twice() {
        for count in 0..40 {
            let ranks = ranks(count, EACH);
            assert!(ranks.windows(2).all(|pair| pair[0].1 < pair[1].1), "{ranks:?}");
            assert!(ranks.iter().all(|(_, rank)| *rank < count), "{ranks:?}");
            let places = |place| ranks.iter().filter(|(other, _)| *other == place).count();
            if count >= 3 * EACH {
                assert_eq!([Place::Best, Place::Median, Place::Worst].map(places), [EACH; 3]);
            }
            if count > 1 {
                assert!(places(Place::Best) > 0 && places(Place::Worst) > 0);
            }
        }
    }

    #[test]
    fn places_are_those_of_a_stable_sort() {
        let errors: Vec<f64> = (0..97).map(|row| f64::from(row * 31 % 7)).collect();
        let mut store = Store::new(1, errors.len(), None).expect("in memory");
        store.append(&errors).expect("in memory");
        let mut sorted: Vec<usize> = (0..errors.len()).collect();
        sorted.sort_by(|a, b| errors[*a].total_cmp(&errors[*b]));
        let ranks: Vec<u64> = (0..97).collect();
        assert_eq!(positions(&store, &ranks).expect("in memory"), sorted);
    }

    #[test]
    fn the_brightest_place_is_the_first_largest_value() {
        assert_eq!(brightest(&[f64::NAN, -3.0, -1.0, -1.0]), 2);
        assert_eq!(brightest(&[f64::NAN]), 0);
    }
}
