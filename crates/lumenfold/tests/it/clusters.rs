//! Clusters, beside scikit-learn.

use std::collections::BTreeMap;

use lumenfold::clusters::{ClusterOptions, Clustering, Membership, summaries};
use lumenfold::data::{Column, Values};

use crate::made::threads;
use crate::understanding::{Normal, numbers, reference};

fn clustering(codes: &[f32], latent: usize, min_cluster_size: usize) -> Clustering {
    Clustering::of(codes, latent, &ClusterOptions { min_cluster_size, threads: threads(2) }).unwrap()
}

/// -1 for noise.
fn labels(memberships: &[Membership]) -> Vec<i64> {
    memberships.iter().map(|own| own.cluster.map_or(-1, |cluster| cluster as i64)).collect()
}

/// Hubert and Arabie's adjusted Rand index (1985): 1 for the same partition, 0 for what chance gives.
fn adjusted_rand_index(one: &[i64], two: &[i64]) -> f64 {
    let pairs =
        |counts: &mut dyn Iterator<Item = usize>| counts.map(|n| (n * n.saturating_sub(1)) as f64 / 2.0).sum::<f64>();
    let mut table: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    let (mut rows, mut columns) = (BTreeMap::new(), BTreeMap::new());
    for (one, two) in one.iter().zip(two) {
        *table.entry((*one, *two)).or_default() += 1;
        *rows.entry(*one).or_default() += 1;
        *columns.entry(*two).or_default() += 1;
    }
    let both = pairs(&mut table.into_values());
    let (rows, columns) = (pairs(&mut rows.into_values()), pairs(&mut columns.into_values()));
    let chance = rows * columns / pairs(&mut std::iter::once(one.len()));
    (both - chance) / ((rows + columns) / 2.0 - chance)
}

/// Normal clouds of 200 rows about these places, one after the other.
fn clouds(places: &[&[f64]]) -> Vec<f32> {
    let mut normal = Normal::new(1);
    let row = |place: &&[f64]| place.iter().map(|x| (x + 0.3 * normal.next()) as f32).collect::<Vec<_>>();
    places.iter().flat_map(|place| std::iter::repeat_n(place, 200)).flat_map(row).collect()
}

const PLACES: [&[f64]; 3] = [&[0.0, 0.0], &[5.0, 0.0], &[0.0, 6.0]];

#[test]
fn clusters_are_those_of_scikit_learn() {
    let reference = reference();
    for case in reference["clusterings"].as_array().unwrap() {
        let points = reference["points"][case["name"].as_str().unwrap()].as_array().unwrap();
        let points: Vec<Vec<f64>> = points.iter().map(numbers).collect();
        let codes: Vec<f32> = points.iter().flatten().map(|value| *value as f32).collect();
        let size = case["min_cluster_size"].as_u64().unwrap() as usize;
        let found = clustering(&codes, points[0].len(), size);
        let expected: Vec<i64> = numbers(&case["labels"]).into_iter().map(|label| label as i64).collect();
        let index = adjusted_rand_index(&labels(found.memberships()), &expected);
        assert!(index > 0.95, "{} at {size}: adjusted Rand index {index}", case["name"]);
        let probabilities = numbers(&case["probabilities"]);
        let near = |(own, expected): (&Membership, &f64)| (own.probability - expected).abs() < 1e-9;
        let equal = found.memberships().iter().zip(&probabilities).filter(|pair| near(*pair)).count();
        assert!(equal as f64 > 0.95 * points.len() as f64, "{} at {size}: {equal} equal memberships", case["name"]);
    }
}

#[test]
fn further_rows_are_assigned_as_by_hdbscan() {
    let reference = reference();
    let case = &reference["assigned"];
    let flat = |points: &serde_json::Value| -> Vec<f32> {
        points.as_array().unwrap().iter().flat_map(numbers).map(|value| value as f32).collect()
    };
    let codes = flat(&reference["points"][case["name"].as_str().unwrap()]);
    let found = clustering(&codes, 2, case["min_cluster_size"].as_u64().unwrap() as usize);
    let own = found.assign_all(&flat(&case["further"]), threads(3));
    let expected: Vec<i64> = numbers(&case["labels"]).into_iter().map(|label| label as i64).collect();
    let index = adjusted_rand_index(&labels(&own), &expected);
    assert!(index > 0.95, "adjusted Rand index {index}");
    let probabilities = numbers(&case["probabilities"]);
    let equal = own.iter().zip(&probabilities).filter(|(own, other)| (own.probability - **other).abs() < 1e-9).count();
    assert!(equal as f64 > 0.95 * own.len() as f64, "{equal} equal memberships of {}", own.len());
}

#[test]
fn clouds_apart_are_clusters_with_their_members() {
    let codes = clouds(&PLACES);
    let found = clustering(&codes, 2, 25);
    assert_eq!(found.sizes().len(), 3);
    let truth: Vec<i64> = (0..600).map(|row| row / 200).collect();
    let own = labels(found.memberships());
    assert!(adjusted_rand_index(&own, &truth) > 0.9);
    for cloud in 0..3 {
        let of_cloud = &own[200 * cloud..200 * (cloud + 1)];
        let clusters: Vec<i64> = of_cloud.iter().copied().filter(|label| *label >= 0).collect();
        assert!(clusters.len() > 180 && clusters.iter().all(|label| *label == clusters[0]), "{of_cloud:?}");
    }
    for (size, cluster) in found.sizes().iter().zip(0..) {
        assert_eq!(own.iter().filter(|label| **label == cluster).count(), *size);
    }
    assert!(found.sizes().is_sorted_by(|one, two| one >= two));
    for own in found.memberships() {
        assert!(own.cluster.is_some() == (own.probability > 0.0) && own.probability <= 1.0);
    }
}

#[test]
fn permuted_rows_have_permuted_labels() {
    let codes = clouds(&PLACES);
    let order: Vec<usize> = (0..600).map(|row| row * 7 % 600).map(|row| 599 - row).collect();
    let permuted: Vec<f32> = order.iter().flat_map(|row| codes[2 * row..2 * row + 2].iter().copied()).collect();
    let (one, two) = (clustering(&codes, 2, 25), clustering(&permuted, 2, 25));
    // Clusters are numbered by size, equally large ones by their first row.
    let one: Vec<(Option<usize>, f64)> = order
        .iter()
        .map(|row| one.memberships()[*row])
        .map(|own| (own.cluster.map(|at| one.sizes()[at]), own.probability))
        .collect();
    let two: Vec<(Option<usize>, f64)> =
        two.memberships().iter().map(|own| (own.cluster.map(|at| two.sizes()[at]), own.probability)).collect();
    assert_eq!(one, two);
}

#[test]
fn further_rows_belong_where_they_lie() {
    let codes = clouds(&PLACES);
    let found = clustering(&codes, 2, 25);
    for (cloud, place) in PLACES.iter().enumerate() {
        let code: Vec<f32> = place.iter().map(|x| *x as f32).collect();
        let own = found.assign(&code);
        assert_eq!(own.cluster, found.memberships()[200 * cloud].cluster.or(own.cluster));
        assert!(own.cluster.is_some() && own.probability > 0.5, "{own:?}");
    }
    assert_eq!(found.assign(&[40.0, -40.0]), Membership::default());
    // Between two clouds: at most the outermost of one.
    assert!(found.assign(&[2.5, 0.0]).probability < 0.1);
    // What was clustered is assigned to its own cluster.
    let agree = |row: &usize| found.assign(&codes[2 * row..2 * row + 2]).cluster == found.memberships()[*row].cluster;
    assert!((0..600).filter(agree).count() > 590);
}

#[test]
fn threads_change_no_bit() {
    let codes = clouds(&PLACES);
    let of =
        |count| Clustering::of(&codes, 2, &ClusterOptions { min_cluster_size: 10, threads: threads(count) }).unwrap();
    let one = of(1);
    assert_eq!(one.memberships(), of(5).memberships());
}

#[test]
fn what_cannot_be_clustered() {
    let options = |min_cluster_size| ClusterOptions { min_cluster_size, threads: threads(1) };
    for (rows, size) in [(0, 25), (1, 25), (1, 2), (49, 25), (100, 1), (100, 0), (100, 51)] {
        let error = Clustering::of(&vec![0.5; 2 * rows], 2, &options(size)).unwrap_err();
        assert!(error.is_usage() && error.to_string().contains("--min-cluster-size"), "{error}");
    }
    // A thousand times the same code: there is nothing to tell apart, but no division by zero either.
    let same = Clustering::of(&vec![0.5; 2000], 2, &options(25)).unwrap();
    assert!(same.memberships().iter().all(|own| own.probability.is_finite()));
    assert!(same.assign(&[0.5, 0.5]).probability.is_finite());
    // Two heaps of equal codes.
    let heaps: Vec<f32> = (0..200).map(|row| (row % 2) as f32).collect();
    let heaps = Clustering::of(&heaps, 1, &options(25)).unwrap();
    assert_eq!(heaps.sizes(), [100, 100]);
    assert!(heaps.memberships().iter().all(|own| own.probability == 1.0));
}

#[test]
fn summaries_say_what_sets_clusters_apart() {
    let codes = clouds(&PLACES);
    let found = clustering(&codes, 2, 25);
    let height = (0..600).map(|row| if row < 200 { 10.0 } else { 0.0 } + row as f64 % 7.0 * 0.1);
    let columns = [
        Column::new("noise", Values::Float64((0..600).map(|row| f64::from(row * 7919 % 601)).collect())),
        Column::new("height", Values::Float64(height.collect())),
        Column::new("constant", Values::Float64(vec![1.0; 600])),
        Column::new("class", Values::text((0..600).map(|row| ["A", "B", "B"][row / 200]))),
        Column::new("name", Values::text((0..600).map(|row| format!("{row}")))),
    ];
    let all = summaries(&found, &columns, threads(2));
    let first = found.memberships()[..200].iter().find_map(|own| own.cluster).unwrap();
    let summary = &all[first];
    assert_eq!((summary.rows, summary.differences[0].column), (found.sizes()[first], 1));
    assert!(summary.differences[0].standardised > 2.0 && summary.differences[0].median > 9.9, "{summary:?}");
    assert!(summary.differences.iter().all(|difference| difference.column != 2));
    assert!(summary.lifts.iter().all(|lift| lift.column != 4), "names are no labels");
    let class = summary.lifts.iter().find(|lift| lift.column == 3).unwrap();
    assert_eq!((&*class.label, class.share, class.lift), ("A", 1.0, 3.0));
    assert!((0..200).contains(&summary.medoid));
    let place = &codes[2 * summary.medoid..][..2];
    assert!(place.iter().all(|x| x.abs() < 0.1), "{place:?}");
}
