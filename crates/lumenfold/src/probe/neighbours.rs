//! k nearest neighbours: the simplest question to a code, whether near means alike.

use super::matrix::{Matrix, dot};
use super::target::Target;

/// Queries that meet a training row while it is near the processor.
const TOGETHER: usize = 32;

/// From so many features on, squared distances are taken apart into products, which are faster to sum.
const WIDE: usize = 24;

/// Predictions for the rows of `queries` from the `neighbours` nearest rows of `train`, in Euclidean distance and all with
/// one weight, for each number of neighbours: the class that most of them have (the first of several), or their mean.
/// Numbers beyond the training rows count as all of these. Of rows at the same distance, the first is nearer.
///
/// # Panics
/// The matrices differ in width, the target in rows, or there is no training row.
#[must_use]
pub fn predict(train: &Matrix, target: &Target, queries: &Matrix, neighbours: &[usize]) -> Vec<Vec<f64>> {
    assert!(train.width() == queries.width() && train.rows() == target.rows() && train.rows() > 0, "rows that match");
    let most = neighbours.iter().copied().max().unwrap_or(1).clamp(1, train.rows());
    let mut predictions = vec![Vec::with_capacity(queries.rows()); neighbours.len()];
    let mut votes = vec![0_u32; target.classes()];
    each_nearest(train, queries, most, |nearest| {
        for (count, predictions) in neighbours.iter().zip(&mut predictions) {
            let nearest = &nearest[..(*count).clamp(1, nearest.len())];
            predictions.push(answer(target, nearest, &mut votes));
        }
    });
    predictions
}

/// A training row and its squared distance.
type Near = (f64, u32);

/// Calls `visit` with the `most` nearest rows of each query, the nearest first.
fn each_nearest(train: &Matrix, queries: &Matrix, most: usize, mut visit: impl FnMut(&[Near])) {
    let wide = train.width() >= WIDE;
    let squares = |row: &[f64]| if wide { dot(row, row) } else { 0.0 };
    let train_squares: Vec<f64> = train.each().map(squares).collect();
    let mut nearest: Vec<Vec<Near>> = vec![Vec::new(); TOGETHER];
    for queries in queries.values().chunks(TOGETHER * queries.width()) {
        nearest.iter_mut().for_each(Vec::clear);
        let query_squares: Vec<f64> = queries.chunks_exact(train.width()).map(squares).collect();
        for (index, (row, row_square)) in train.each().zip(&train_squares).enumerate() {
            let queries = queries.chunks_exact(train.width()).zip(&query_squares);
            for ((query, query_square), nearest) in queries.zip(&mut nearest) {
                let distance =
                    if wide { query_square + row_square - 2.0 * dot(query, row) } else { squared_distance(query, row) };
                if nearest.len() < most || nearest.last().is_none_or(|(last, _)| distance < *last) {
                    let place = nearest.partition_point(|(other, _)| *other <= distance);
                    nearest.insert(place, (distance, index as u32));
                    nearest.truncate(most);
                }
            }
        }
        nearest.iter().take(query_squares.len()).for_each(|nearest| visit(nearest));
    }
}

fn squared_distance(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| (left - right) * (left - right)).sum()
}

fn answer(target: &Target, nearest: &[Near], votes: &mut [u32]) -> f64 {
    match target {
        Target::Quantity(values) => {
            nearest.iter().map(|(_, row)| values[*row as usize]).sum::<f64>() / nearest.len() as f64
        }
        Target::Classes { codes, .. } => {
            let voters = || nearest.iter().map(|(_, row)| codes[*row as usize]);
            voters().for_each(|code| votes[code as usize] += 1);
            let winner = voters().max_by_key(|code| (votes[*code as usize], std::cmp::Reverse(*code)));
            voters().for_each(|code| votes[code as usize] = 0);
            f64::from(winner.unwrap_or(0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(places: &[f64]) -> Matrix {
        Matrix::new(places.to_vec(), 1)
    }

    #[test]
    fn votes_and_means_of_the_nearest() {
        let train = line(&[0.0, 1.0, 2.0, 10.0, 11.0]);
        let names = ["a", "b"].map(str::to_owned).to_vec();
        let classes = Target::Classes { names, codes: vec![1, 1, 0, 0, 0] };
        let queries = line(&[0.4, 9.0]);
        assert_eq!(
            predict(&train, &classes, &queries, &[1, 2, 3, 99]),
            [[1.0, 0.0]; 3].into_iter().chain([[0.0; 2]]).collect::<Vec<_>>()
        );
        let quantity = Target::Quantity(vec![0.0, 1.0, 2.0, 10.0, 11.0]);
        assert_eq!(predict(&train, &quantity, &queries, &[1, 2]), [[0.0, 10.0], [0.5, 10.5]]);
        // A tie of votes goes to the first class.
        assert_eq!(predict(&line(&[0.0, 1.0]), &classes.chosen(&[0, 2]), &line(&[0.1]), &[2]), [[0.0]]);
    }

    #[test]
    fn wide_rows_have_the_same_neighbours() {
        let value = |index: usize| ((index * 7919) % 1009) as f64 / 100.0;
        let narrow = Matrix::new((0..200 * 5).map(value).collect(), 5);
        let pad = |rows: &Matrix| {
            let mut values = Vec::new();
            rows.each().for_each(|row| values.extend(row.iter().copied().chain([0.0; WIDE])));
            Matrix::new(values, 5 + WIDE)
        };
        let target = Target::Quantity((0..200).map(f64::from).collect());
        let queries = Matrix::new((5000..5000 + 70 * 5).map(value).collect(), 5);
        let expected = predict(&narrow, &target, &queries, &[1, 7]);
        assert_eq!(predict(&pad(&narrow), &target, &pad(&queries), &[1, 7]), expected);
    }
}
