//! k nearest neighbours: the simplest question to a code, whether near means alike.

use super::matrix::Matrix;
use super::target::Target;
use crate::neighbours::{Near, Search};

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
    Search::among(train.values(), train.width()).each_nearest(queries.values(), most, |nearest| {
        for (count, predictions) in neighbours.iter().zip(&mut predictions) {
            let nearest = &nearest[..(*count).clamp(1, nearest.len())];
            predictions.push(answer(target, nearest, &mut votes));
        }
    });
    predictions
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
}
