//! A model with a detector, from rows that may contain anomalies.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use lumenfold_data::{DataError, Dataset, RowSource, Rows, Scaling, ScalingKind, permutation, split};
use lumenfold_engine::{Network, Part, applies_by_layers};

use super::baseline::Baselines;
use super::codes::codes_of;
use super::component::{COMPONENTS, Component, Measures, USUAL, measurable};
use super::covariance::Covariance;
use super::detector::Detector;
use super::member::{Task, chosen, dataset};
use super::panel::Panel;
use super::usual::Usual;
use super::view::View;
use super::width::{factor_of, hidden, widened};
use crate::apart::squared_errors;
use crate::architecture::Net;
use crate::bounded::{apply, scaled};
use crate::fit::{Progress, pca_of, shape_of};
use crate::parallel::in_order;
use crate::settings::{Kind, LossUnits, Settings};
use crate::{Autoencoder, Error, Fitted, Model};

/// Residuals that the covariance is made of.
const MOST_RESIDUALS: usize = 1 << 24;

/// The share of the training rows that a member does not see.
const LEFT_OUT: f64 = 0.2;

/// The share of residuals that are left out as the worst, which may be those of anomalies.
const WORST: f64 = 0.2;

/// Training rows that stand for all of them, and values of them at most.
const MOST_REFERENCES: usize = 2048;
const MOST_REFERENCE_VALUES: usize = 1 << 20;

/// The stream of random numbers that they are drawn from.
const REFERENCE_STREAM: u64 = 1 << 33;

/// Held-out rows that baselines are calibrated on.
const MOST_OF_BASELINES: usize = 4096;

/// Training rows without which there is nothing to learn from.
pub(super) const FEWEST_ROWS: usize = 8;

/// How a detector is made, besides the settings of its autoencoders.
#[derive(Clone, Debug, PartialEq)]
pub struct DetectorOptions {
    /// Autoencoders of the ensemble, each with other initial weights, from other four fifths of the training rows.
    pub members: u16,
    /// The share of its rows that a member is trained without in the end, those that it reconstructed worst before; 0 for
    /// one training with all of them.
    pub trim: f64,
    /// How many times as wide the hidden layers of members are that take turns with those of the settings; of dense networks.
    pub widths: Vec<f64>,
    /// What the score is made of; none for what suits: χ² where values have errors, else the Mahalanobis distance and the density.
    pub components: Option<Vec<Component>>,
    /// Scalings besides that of the settings, with which members take turns; of plain features, not of samples with axes,
    /// whose features are not scaled each by itself.
    pub further_scalings: Vec<ScalingKind>,
}

impl Default for DetectorOptions {
    fn default() -> Self {
        Self {
            members: 10,
            trim: 0.2,
            widths: Vec::new(),
            components: None,
            further_scalings: vec![ScalingKind::RobustAsinh],
        }
    }
}

/// Settings that suit anomalies: two hidden layers, some hundred steps, and a code of two numbers (of half as many as there are
/// features, if they are fewer), since wide codes let anomalies through; of spectra and images, whose samples are told by few
/// numbers only roughly, of half as many as there are features, 32 at most.
#[must_use]
pub fn suited(settings: Settings, features: usize, axes: bool) -> Settings {
    let latent = features.div_ceil(2).min(if axes { 32 } else { 2 });
    Settings { latent, hidden: vec![64, 32], learning_rate: 0.003, ..settings }
}

/// The network of each member, for these rows, after the checks that need no training.
///
/// # Errors
/// As [`train`], as far as settings and rows tell; a network that does not go with the shape of the samples.
pub fn network(rows: &Rows<'_>, settings: &Settings, options: &DetectorOptions) -> Result<Network, Error> {
    options.check()?;
    settings.check()?;
    refuse(rows, settings)?;
    if !rows.has_errors()
        && let Some(component) = options.components.iter().flatten().find(|component| component.needs_errors())
    {
        let allowed = "left out, or given with --errors: the standard errors of the values".to_owned();
        return Err(Error::Setting { name: "--by", value: component.to_string(), allowed });
    }
    let network = settings.network(&shape_of(rows))?;
    let is_dense =
        settings.net == Net::Dense && options.widths.iter().all(|factor| widened(&network, *factor).is_some());
    if !options.widths.is_empty() && !is_dense {
        let allowed = "left out with --net: the widths are those of --hidden".to_owned();
        return Err(Error::Setting { name: "--widths", value: "given".to_owned(), allowed });
    }
    Ok(network)
}

impl DetectorOptions {
    /// What the score is made of, for values with errors or without.
    fn components(&self, errors: bool) -> Vec<Component> {
        match (&self.components, errors) {
            (Some(components), _) => components.clone(),
            (None, true) => vec![Component::Chi2],
            (None, false) => USUAL.to_vec(),
        }
    }

    fn check(&self) -> Result<(), Error> {
        let check = |name, value: String, allowed: &str, good: bool| {
            if good { Ok(()) } else { Err(Error::Setting { name, value, allowed: allowed.to_owned() }) }
        };
        check("--members", self.members.to_string(), "from 1 to 1000", (1..=1000).contains(&self.members))?;
        check("--trim", self.trim.to_string(), "from 0 to below 1", (0.0..1.0).contains(&self.trim))?;
        for width in &self.widths {
            check(
                "--widths",
                width.to_string(),
                "from 0.1 to 10, times the hidden layers",
                (0.1..=10.0).contains(width),
            )?;
        }
        let few = self.widths.len() < usize::from(self.members);
        check("--widths", format!("{} of them", self.widths.len()), "fewer than the members", few)
    }
}

/// Trains a model with a detector. The held-out rows calibrate its p-values; no epoch is chosen by them. `observe` is told the
/// member (from 0) and its progress.
///
/// The file that the model gives is the same whatever the threads. When `stop` becomes true, nothing is given.
///
/// # Errors
/// Settings out of range or that have no meaning here; rows that are not in memory or lack values; too few of
/// them; a training that breaks down again and again; [`Error::Stopped`].
pub fn train(
    rows: Rows<'_>,
    settings: &Settings,
    options: &DetectorOptions,
    stop: &AtomicBool,
    observe: impl FnMut(usize, &Progress) + Send,
) -> Result<Model, Error> {
    let network = network(&rows, settings, options)?;
    let width = rows.features().len();
    let (mut values, mut errors) = (Vec::new(), rows.has_errors().then(Vec::new));
    let stored = rows.stored();
    stored.pass(|block| {
        for row in block.chunks_exact(stored.width()) {
            let (own, of_errors) = row.split_at(width);
            values.extend_from_slice(own);
            errors.iter_mut().for_each(|errors| errors.extend_from_slice(of_errors));
        }
        Ok::<_, DataError>(())
    })?;
    go_on(stop)?;
    let parts = split(rows.rows(), settings.validation, settings.seed_of_split())?;
    if parts.train.len() < FEWEST_ROWS {
        let (path, rows) = (rows.source(), parts.train.len());
        return Err(Error::TooFewToDetect { path, rows, needed: FEWEST_ROWS });
    }
    let part = |part: &[u32]| {
        let errors = errors.as_ref().map(|errors| chosen(errors, part, width).collect());
        dataset(&rows, chosen(&values, part, width).collect(), errors)
    };
    let [original, held_out] = [part(&parts.train), part(&parts.validation)];
    drop((values, errors));
    let all: Vec<u32> = (0..original.rows as u32).collect();
    let further: &[ScalingKind] = if rows.axes().is_empty() { &options.further_scalings } else { &[] };
    let kinds = std::iter::once(&settings.scaling).chain(further);
    let views = kinds.take(usize::from(options.members)).map(|kind| {
        go_on(stop)?;
        let scaling = Scaling::fit(*kind, &original, &all)?;
        let scaled = scaled(&scaling, &original.values);
        let squared = original.errors.as_ref().map(|errors| squared_errors(&scaling, &original.values, errors));
        let errors = squared.map(|squared| squared.into_iter().map(f64::sqrt).collect());
        let within = dataset(&rows, scaled.iter().map(|value| f64::from(*value)).collect(), errors);
        Ok((scaling, scaled, within))
    });
    let views = views.collect::<Result<Vec<_>, Error>>()?;

    // Members of small networks are trained side by side, each on one thread, which costs no barriers.
    let (inner, outer) = match applies_by_layers(&network) {
        true => (settings.threads, NonZeroUsize::MIN),
        false => (NonZeroUsize::MIN, settings.threads),
    };
    let own = Settings { threads: inner, ..settings.clone() };
    let observe = Mutex::new(observe);
    let trained = in_order(usize::from(options.members), outer, |member| {
        let seed = seed_of(settings.seed, member);
        let (scaling, scaled, within) = &views[member % views.len()];
        let bag = split(within.rows, LEFT_OUT, seed)?.train;
        let factor = factor_of(member, views.len(), &options.widths);
        let own = Settings { hidden: own.hidden.iter().map(|width| hidden(*width, factor)).collect(), ..own.clone() };
        let task = Task { within, settings: &own, trim: options.trim, seed, stop };
        let tell = |progress: &Progress| {
            let mut observe = observe.lock().unwrap_or_else(PoisonError::into_inner);
            observe(member, progress);
        };
        let (Fitted { mut autoencoder, record }, kept) = task.train(&bag, tell)?;
        autoencoder.scaling = scaling.clone();
        let prototypes = task.prototypes(&autoencoder, scaled, &kept)?;
        let mut sees = vec![false; within.rows];
        bag.iter().for_each(|row| sees[*row as usize] = true);
        Ok::<_, Error>((autoencoder, record, prototypes, sees))
    });
    let (mut members, mut seen, mut prototypes, mut record) = (Vec::new(), Vec::new(), Vec::new(), None);
    for member in trained {
        let (autoencoder, own, these, sees) = member?;
        record.get_or_insert(own);
        members.push(autoencoder);
        prototypes.push(these);
        seen.push(sees);
    }
    let covariances = (0..views.len()).map(|view| {
        go_on(stop)?;
        let of = (view..members.len()).step_by(views.len()).map(|member| (&members[member], &seen[member][..]));
        let (_, scaled, within) = &views[view];
        residuals_unseen(&of.collect::<Vec<_>>(), (scaled, within.errors.as_deref()), width, settings)
    });
    let covariances = covariances.collect::<Result<Vec<_>, _>>()?;
    let reference = reference_rows(&views[0].1, width, settings.seed);
    let codes = codes_of(&members, &reference, settings.threads)?;
    let panel =
        Panel { members: &members, prototypes: &prototypes, covariances: covariances.iter().collect(), codes: &codes };
    let usual = usual(&panel, &seen, &original, settings)?;
    let calibration = panel.measure(both(&held_out), measurable(rows.has_errors()), settings.threads)?;
    let baselines = Baselines::of(&members[0], &reference, settings.seed, settings.threads)?;
    let first = &held_out.values[..held_out.values.len().min(MOST_OF_BASELINES * width)];
    let baselines = baselines.scores(first);
    let scalings = views.iter().skip(1).map(|(scaling, _, _)| scaling.clone());
    let mut covariances = covariances.into_iter();
    let Some(covariance) = covariances.next() else { return Err(Error::Stopped) };
    let detector = Detector {
        others: members[1..].iter().map(|member| member.parameters.clone()).collect(),
        widths: options.widths.clone(),
        prototypes,
        covariance,
        further: scalings.zip(covariances).map(|(scaling, covariance)| View { scaling, covariance }).collect(),
        usual,
        calibration,
        chosen: options.components(rows.has_errors()),
        reference,
        baselines,
    };

    let (Some(mut record), Some(autoencoder)) = (record, members.into_iter().next()) else {
        return Err(Error::Stopped);
    };
    let every = |rows: usize| (0..rows as u32).collect::<Vec<_>>();
    record.fingerprint = rows.fingerprint()?;
    (record.rows, record.skipped_rows) = (rows.rows(), rows.skipped());
    (record.train_rows, record.validation_rows) = (original.rows, held_out.rows);
    (record.seed, record.split_seed) = (settings.seed, settings.split_seed.filter(|seed| *seed != settings.seed));
    record.settings = settings.into();
    record.train = autoencoder.errors(&original, &all, settings.threads)?;
    record.validation = Some(autoencoder.errors(&held_out, &every(held_out.rows), settings.threads)?);
    record.pca = pca_of(&autoencoder, &views[0].1, &held_out.values, settings)?;
    Ok(Model { detector: Some(detector), ..Model::from(Fitted { autoencoder, record }) })
}

/// Whether the training is still wanted.
pub(super) fn go_on(stop: &AtomicBool) -> Result<(), Error> {
    if stop.load(Ordering::Relaxed) { Err(Error::Stopped) } else { Ok(()) }
}

/// Refuses what a detector cannot be made of.
fn refuse(rows: &Rows<'_>, settings: &Settings) -> Result<(), Error> {
    let wrong = |name, value: String, allowed: &str| Err(Error::Setting { name, value, allowed: allowed.to_owned() });
    let anomalies = "left out with --for anomalies";
    if rows.crops().is_some() {
        return wrong("--patch", "asked for".to_owned(), anomalies);
    }
    if rows.masks() {
        return wrong("--missing", "mask".to_owned(), "refuse or skip with --for anomalies");
    }
    if !matches!(settings.kind, Kind::Undercomplete | Kind::Denoising)
        || settings.noise.iter().any(|noise| noise.counts())
    {
        let kind = match settings.kind {
            Kind::Denoising => "denoising with noise of counts".to_owned(),
            kind => kind.to_string(),
        };
        return wrong("--kind", kind, "undercomplete, or denoising with other noise, with --for anomalies");
    }
    if settings.validation <= 0.0 {
        return wrong("--validation", settings.validation.to_string(), "above 0: held-out rows calibrate p-values");
    }
    if settings.loss_units != LossUnits::Scaled {
        return wrong("--loss-units", settings.loss_units.to_string(), "scaled with --for anomalies");
    }
    if settings.starts > 1 {
        return wrong("--starts", settings.starts.to_string(), "left out: --members are starts, all of which are kept");
    }
    if settings.patience.is_some() {
        return wrong("--patience", "given".to_owned(), "left out: no epoch is chosen by held-out rows");
    }
    if settings.components.is_some() || !settings.stretch.is_empty() {
        return wrong("--components or --stretch", "given".to_owned(), anomalies);
    }
    Ok(())
}

/// The seed of a member: far from those of other members and other seeds (Weyl's sequence of the golden ratio).
fn seed_of(seed: u64, member: usize) -> u64 {
    seed.wrapping_mul(0xD134_2543_DE82_EF95).wrapping_add((member as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

/// Values and their errors.
fn both(rows: &Dataset) -> (&[f64], Option<&[f64]>) {
    (&rows.values, rows.errors.as_deref())
}

/// The covariance, in one view, of residuals of rows that members did not see, those left out that are worst of all.
fn residuals_unseen(
    members: &[(&Autoencoder, &[bool])],
    (scaled, errors): (&[f32], Option<&[f64]>),
    width: usize,
    settings: &Settings,
) -> Result<Covariance, Error> {
    let most = (MOST_RESIDUALS / width / members.len()).max(1);
    // Residuals and, where values have errors, their squares, by rows.
    let mut residuals: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
    for (member, seen) in members {
        let unseen: Vec<u32> = (0..).zip(*seen).filter(|(_, seen)| !**seen).map(|(row, _)| row).take(most).collect();
        let inputs: Vec<f32> =
            unseen.iter().flat_map(|row| &scaled[*row as usize * width..][..width]).copied().collect();
        let mut outputs = vec![0.0; inputs.len()];
        apply(member, Part::Whole, &inputs, &mut outputs, settings.threads)?;
        let pairs = inputs.chunks_exact(width).zip(outputs.chunks_exact(width));
        for (row, (input, output)) in unseen.iter().zip(pairs) {
            let residual = input.iter().zip(output).map(|(a, b)| f64::from(a - b)).collect();
            let errors = errors.map_or(&[][..], |errors| &errors[*row as usize * width..][..width]);
            residuals.push((residual, errors.iter().map(|error| error * error).collect()));
        }
    }
    let square = |(residual, squared): &(Vec<f64>, Vec<f64>)| -> f64 {
        let squared = squared.iter().copied().chain(std::iter::repeat(1.0));
        residual.iter().zip(squared).map(|(value, squared)| value * value / squared).sum()
    };
    residuals.sort_by(|left, right| square(left).total_cmp(&square(right)));
    residuals.truncate((residuals.len() as f64 * (1.0 - WORST)).ceil() as usize);
    let (residuals, squared): (Vec<_>, Vec<_>) = residuals.into_iter().unzip();
    let residuals = residuals.concat();
    let covariance = Covariance::of(&residuals, width);
    Ok(if errors.is_some() { covariance.with_misfit(&residuals, &squared.concat()) } else { covariance })
}

/// Training rows that stand for all of them, drawn at random.
fn reference_rows(scaled: &[f32], width: usize, seed: u64) -> Vec<f32> {
    let most = MOST_REFERENCES.min((MOST_REFERENCE_VALUES / width).max(FEWEST_ROWS));
    let drawn = permutation(scaled.len() / width, seed, REFERENCE_STREAM).into_iter().take(most);
    drawn.flat_map(|row| &scaled[row as usize * width..][..width]).copied().collect()
}

/// What each component usually is: of rows that a member did not see.
fn usual(panel: &Panel<'_>, seen: &[Vec<bool>], original: &Dataset, settings: &Settings) -> Result<Vec<Usual>, Error> {
    let wanted = measurable(original.errors.is_some());
    let width = original.features.len();
    let mut sums = vec![[0.0_f64; Component::COUNT]; original.rows];
    let mut counts = vec![0_u32; original.rows];
    for (member, seen) in seen.iter().enumerate() {
        let unseen: Vec<u32> = (0..).zip(seen).filter(|(_, seen)| !**seen).map(|(row, _)| row).collect();
        let of = |values: &[f64]| -> Vec<f64> { chosen(values, &unseen, width).collect() };
        let errors = original.errors.as_deref().map(of);
        let values = (&of(&original.values)[..], errors.as_deref());
        let measures: Vec<Measures> = panel.only(member).measure(values, wanted, settings.threads)?;
        for (row, measures) in unseen.into_iter().zip(measures) {
            let row = row as usize;
            counts[row] += 1;
            sums[row].iter_mut().zip(measures).for_each(|(sum, measure)| *sum += libm::log(measure));
        }
    }
    let of = |place: usize| {
        let known = sums.iter().zip(&counts).filter(|(_, count)| **count > 0);
        Usual::of(known.map(|(sums, count)| libm::exp(sums[place] / f64::from(*count))).collect())
    };
    let others = std::iter::repeat_with(|| Usual::of(vec![1.0])).take(COMPONENTS.len() - wanted.len());
    Ok((0..wanted.len()).map(of).chain(others).collect())
}
