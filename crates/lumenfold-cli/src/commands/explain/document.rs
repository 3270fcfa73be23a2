//! What was found, as JSON. Rows are counted from 1, clusters too.

use lumenfold::association::{Association, SIGNIFICANT};
use lumenfold::clusters::ClusterSummary;
use lumenfold::latent_use::LatentUse;
use serde_json::{Map, Value, json};

use super::Explained;
use super::clusters::Clusters;

/// Associations of each coordinate, the strongest first; the table has all.
const MOST_ASSOCIATIONS: usize = 50;

/// Differences and labels of each cluster.
const MOST_DIFFERENCES: usize = 50;

pub(super) fn document(explained: &Explained<'_>) -> Value {
    let coded = explained.coded;
    let latent: Vec<Value> = (0..coded.latent).map(|coordinate| of_coordinate(explained, coordinate)).collect();
    json!({
        "data": explained.source,
        "rows": coded.rows,
        "skipped": coded.skipped,
        "rows_looked_at": explained.rows,
        "seed": explained.seed,
        "significant_deviations": SIGNIFICANT,
        "latent": latent,
        "clusters": explained.clusters.map(|clusters| of_clusters(explained, clusters)),
    })
}

fn of_coordinate(explained: &Explained<'_>, coordinate: usize) -> Value {
    let coded = explained.coded;
    let mut own: Vec<&Association> = explained.associations.iter().filter(|own| own.latent == coordinate).collect();
    let strength = |own: &Association| own.information.unwrap_or(f64::NEG_INFINITY);
    own.sort_by(|one, two| two.significant().cmp(&one.significant()).then(strength(two).total_cmp(&strength(one))));
    let association = |own: &Association| {
        json!({
            "column": explained.columns[own.column].name,
            "kind": explained.kind(own),
            "rows": own.rows,
            "rank_correlation": own.rank_correlation,
            "information": own.information,
            "null": own.null.map(|chance| json!({ "mean": chance.mean, "deviation": chance.deviation })),
            "entropy": own.entropy,
            "significant": own.significant(),
        })
    };
    let quantiles = coded.quantiles(coordinate, &[0.01, 0.5, 0.99]);
    let end = |rows: &[(u64, f32)]| -> Vec<Value> {
        rows.iter().map(|(row, value)| json!({ "row": row + 1, "value": value })).collect()
    };
    let ends = &coded.ends[coordinate];
    json!({
        "name": format!("z{}", coordinate + 1),
        "quantiles": { "1%": quantiles[0], "50%": quantiles[1], "99%": quantiles[2] },
        "lowest": end(&ends.lowest),
        "highest": end(&ends.highest),
        "use": explained.uses.iter().find(|own| own.latent == coordinate).map(|own| of_use(explained, own)),
        "associations": own.into_iter().take(MOST_ASSOCIATIONS).map(association).collect::<Vec<_>>(),
    })
}

/// What a latent of a sparse code adds to each feature, in original units.
fn of_use(explained: &Explained<'_>, own: &LatentUse) -> Value {
    let features = explained.model.autoencoder.features();
    let adds: Map<String, Value> =
        features.iter().zip(&own.adds).map(|(feature, adds)| (feature.name.clone(), json!(adds))).collect();
    json!({ "share": own.share, "typical": own.typical, "adds": adds })
}

fn of_clusters(explained: &Explained<'_>, clusters: &Clusters) -> Value {
    let memberships = clusters.clustering.memberships();
    let noise = memberships.iter().filter(|own| own.cluster.is_none()).count();
    let of =
        |(at, (summary, typical)): (usize, (&ClusterSummary, &Vec<f64>))| of_cluster(explained, at, summary, typical);
    let found: Vec<Value> = clusters.summaries.iter().zip(&clusters.typical).enumerate().map(of).collect();
    json!({
        "rows": memberships.len(),
        "noise": noise,
        "min_cluster_size": clusters.clustering.min_cluster_size(),
        "found": found,
    })
}

fn of_cluster(explained: &Explained<'_>, at: usize, summary: &ClusterSummary, typical: &[f64]) -> Value {
    let coded = explained.coded;
    let name = |column: usize| &coded.columns[column].name;
    let features = explained.model.autoencoder.features();
    let sample: Map<String, Value> =
        features.iter().zip(typical).map(|(feature, value)| (feature.name.clone(), (*value).into())).collect();
    let differences = summary.differences.iter().take(MOST_DIFFERENCES).map(|difference| {
        json!({
            "column": name(difference.column),
            "median": difference.median,
            "elsewhere": difference.elsewhere,
            "standardised": difference.standardised,
        })
    });
    let labels = summary.lifts.iter().take(MOST_DIFFERENCES).map(
        |lift| json!({ "column": name(lift.column), "label": lift.label, "share": lift.share, "lift": lift.lift }),
    );
    json!({
        "cluster": at + 1,
        "rows": summary.rows,
        "share": summary.share,
        "typical_row": coded.numbers[summary.medoid] + 1,
        "typical_sample": sample,
        "differences": differences.collect::<Vec<_>>(),
        "labels": labels.collect::<Vec<_>>(),
    })
}
