//! What was found, in words.

use lumenfold::association::Association;

use super::Explained;
use super::clusters::Clusters;
use crate::printer::Printer;
use crate::words::{counted, number, thousands};

/// Columns that are told of each coordinate, features and others.
const MOST_TOLD: usize = 4;

/// Columns that are told of each cluster.
const MOST_DIFFERENCES: usize = 4;

/// Features of a typical sample that are told, if there are no more.
const MOST_FEATURES: usize = 12;

/// Coordinates and clusters that are told one by one.
const MOST_LINES: usize = 40;

/// Of more features than these, those that are told are apart by as many parts of them.
const MOST_APART: usize = 20;

/// Rows that are told of a latent.
const MOST_ROWS: usize = 3;

/// Differences smaller than this share of the spread of a column are not worth a word.
const SMALL: f64 = 0.2;

pub(super) fn say(explained: &Explained<'_>, printer: &Printer) {
    say_uses(explained, printer);
    let columns = explained.columns.len() - explained.first;
    if columns > 0 {
        say_associations(explained, columns, printer);
    }
    if let Some(clusters) = explained.clusters {
        say_clusters(explained, clusters, printer);
    }
}

fn say_associations(explained: &Explained<'_>, columns: usize, printer: &Printer) {
    let (rows, all) = (explained.rows, explained.coded.rows as usize);
    let of = if rows < all { format!("{} of {}", thousands(rows), counted(all, "row")) } else { counted(rows, "row") };
    printer.head(format!("What the latent coordinates have to do with {} ({of})", counted(columns, "column")));
    let latent = explained.coded.latent;
    for coordinate in 0..latent.min(MOST_LINES) {
        let own = || explained.associations.iter().filter(|association| association.latent == coordinate);
        let features = strongest(explained, own().filter(|own| own.column < explained.features));
        let others = strongest(explained, own().filter(|own| own.column >= explained.features));
        let found = match (features.is_empty(), others.is_empty()) {
            (true, true) => "nothing more than chance gives".to_owned(),
            (false, true) => features,
            (true, false) => others,
            (false, false) => format!("{features}\n    beside the features: {others}"),
        };
        printer.say(format!("z{}: {found}", coordinate + 1));
    }
    if latent > MOST_LINES {
        printer.say(format!("… and {} more coordinates", latent - MOST_LINES));
    }
}

/// What the latents of a sparse code are used for, those first that most rows use.
fn say_uses(explained: &Explained<'_>, printer: &Printer) {
    let (uses, latent) = (explained.uses, explained.coded.latent);
    if uses.is_empty() {
        return;
    }
    printer.head(format!("What {} of {latent} latents add, where they are used", uses.len()));
    let features = explained.model.autoencoder.features();
    for own in uses.iter().take(MOST_LINES) {
        let mut order: Vec<usize> = (0..features.len()).collect();
        order.sort_by(|one, two| own.adds_scaled[*two].abs().total_cmp(&own.adds_scaled[*one].abs()));
        let added: Vec<String> = apart(explained, order, |feature| *feature)
            .take(MOST_TOLD)
            .map(|feature| format!("{} {:+}", features[feature].name, Short(own.adds[feature])))
            .collect();
        let rows =
            explained.coded.ends[own.latent].highest.iter().take(MOST_ROWS).map(|(row, _)| (row + 1).to_string());
        printer.say(format!(
            "z{}: in {} of the rows; {}; most in rows {}",
            own.latent + 1,
            percent(own.share),
            added.join(", "),
            rows.collect::<Vec<_>>().join(", ")
        ));
    }
    if uses.len() > MOST_LINES {
        printer.say(format!("… and {} more latents, in --json", uses.len() - MOST_LINES));
    }
}

/// A number in few digits, with a sign where one is asked for.
struct Short(f64);

impl std::fmt::Display for Short {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if formatter.sign_plus() && self.0 >= 0.0 { "+" } else { "" };
        write!(formatter, "{sign}{}", number(self.0))
    }
}

/// The columns that tell most, in words.
fn strongest<'a>(explained: &Explained<'_>, own: impl Iterator<Item = &'a Association>) -> String {
    let mut told: Vec<&Association> = own.filter(|own| own.significant()).collect();
    told.sort_by(|one, two| two.information.unwrap_or(0.0).total_cmp(&one.information.unwrap_or(0.0)));
    let mut words = String::new();
    let mut last = "";
    for (at, own) in apart(explained, told, |own| own.column).take(MOST_TOLD).enumerate() {
        let way = way(own);
        words += if at > 0 { ", " } else { "" };
        if way != last {
            words = words + way + " ";
        }
        // What the numbers are is said once.
        words += &one(explained, own, at == 0);
        last = way;
    }
    words
}

/// Without those that have a stronger one close by: neighbours in a spectrum say much the same.
fn apart<T>(explained: &Explained<'_>, found: Vec<T>, column: impl Fn(&T) -> usize) -> impl Iterator<Item = T> {
    let features = explained.features;
    let apart = if features > MOST_APART { features / MOST_APART } else { 0 };
    let mut told: Vec<usize> = Vec::new();
    found.into_iter().filter(move |own| {
        let own = column(own);
        let close = own < features && told.iter().any(|other| *other < features && own.abs_diff(*other) <= apart);
        told.extend((!close).then_some(own));
        !close
    })
}

/// How a coordinate goes with a column.
fn way(own: &Association) -> &'static str {
    match own.rank_correlation {
        None => "differs by",
        Some(correlation) if own.monotonic() => {
            if correlation < 0.0 {
                "falls with"
            } else {
                "rises with"
            }
        }
        Some(_) => "bends with",
    }
}

fn one(explained: &Explained<'_>, own: &Association, first: bool) -> String {
    let name = &explained.columns[own.column].name;
    let information = own.information.unwrap_or(0.0);
    let nats = match own.entropy {
        Some(entropy) => format!("{information:.2} of {entropy:.2} nats"),
        None => format!("{information:.2} nats"),
    };
    match own.rank_correlation {
        None => format!("{name} ({nats})"),
        Some(correlation) => {
            let label = if first { "rank correlation " } else { "" };
            // No negative zero.
            format!("{name} ({label}{:.2}, {nats})", (100.0 * correlation).round() / 100.0 + 0.0)
        }
    }
}

fn say_clusters(explained: &Explained<'_>, clusters: &Clusters, printer: &Printer) {
    let clustering = &clusters.clustering;
    let rows = clustering.memberships().len();
    let noise = clustering.memberships().iter().filter(|own| own.cluster.is_none()).count();
    let all = if (rows as u64) < explained.coded.rows {
        format!("{} of {}", thousands(rows), counted(explained.coded.rows as usize, "row"))
    } else {
        counted(rows, "row")
    };
    let least = clustering.min_cluster_size();
    printer.head(format!(
        "{} of at least {} ({all}; {} belong to none)",
        counted(clustering.sizes().len(), "cluster"),
        counted(least, "row"),
        percent(noise as f64 / rows.max(1) as f64)
    ));
    if clustering.sizes().is_empty() {
        printer.say(
            "the codes are one cloud, or a cloud that thins out; a smaller --min-cluster-size looks for finer grains",
        );
    }
    let features = explained.model.autoencoder.features();
    for (at, (summary, typical)) in clusters.summaries.iter().zip(&clusters.typical).take(MOST_LINES).enumerate() {
        let name = |column: usize| &explained.coded.columns[column].name;
        let mut words: Vec<String> = Vec::new();
        // Of each column of labels the most frequent one.
        let mut told = Vec::new();
        for lift in &summary.lifts {
            if !told.contains(&lift.column) && told.len() < MOST_DIFFERENCES {
                told.push(lift.column);
                let (label, share) = (&lift.label, percent(lift.share));
                words.push(format!(
                    "{} {label} {share} ({:.1} times as often as in all rows)",
                    name(lift.column),
                    lift.lift
                ));
            }
        }
        let differences = summary.differences.iter().filter(|difference| difference.standardised.abs() >= SMALL);
        for difference in apart(explained, differences.collect(), |own| own.column).take(MOST_DIFFERENCES) {
            let way = if difference.standardised < 0.0 { "lower" } else { "higher" };
            let (own, elsewhere) = (number(difference.median), number(difference.elsewhere));
            let size = format!("{:.1}", difference.standardised.abs());
            words.push(format!("{} {way} by {size} spreads ({own}, elsewhere {elsewhere})", name(difference.column)));
        }
        let words = if words.is_empty() { "nothing sets it apart".to_owned() } else { words.join(", ") };
        printer.say(format!(
            "cluster {}: {} ({}): {words}",
            at + 1,
            counted(summary.rows, "row"),
            percent(summary.share)
        ));
        let row = thousands(explained.coded.numbers[summary.medoid] as usize + 1);
        let sample = features.iter().zip(typical);
        let sample: Vec<String> =
            sample.map(|(feature, value)| format!("{} {}", feature.name, number(*value))).collect();
        printer.say(match sample.len() {
            ..=MOST_FEATURES => format!("    typical sample, row {row} decoded: {}", sample.join(", ")),
            _ => format!("    typical sample: row {row}"),
        });
    }
    if clustering.sizes().len() > MOST_LINES {
        printer.say(format!("… and {} more clusters", clustering.sizes().len() - MOST_LINES));
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}
