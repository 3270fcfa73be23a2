//! How much memory a fit takes, and how much there is.

use lumenfold_data::OrderSizes;
use lumenfold_engine::{Network, Optimiser, Trainer, apply_memory};

use super::objective;
use crate::Error;
use crate::settings::Settings;

/// Copies of the parameters beside those of the trainer: the state to go back to has three, the best epoch one, and one
/// is measured.
const COPIES: u64 = 5;

/// Bytes for each feature beside its values: names, scaling, errors and directions of PCA.
const BESIDE_A_FEATURE: u64 = 500;

/// Bytes that training a network takes, the rows excepted.
#[must_use]
pub fn of_network(network: &Network, settings: &Settings, batch: usize) -> u64 {
    let copies = 4 * COPIES * network.parameter_length() as u64;
    let optimiser = Optimiser { batch, clip_norm: settings.clip_norm, ..Optimiser::default() };
    let rules = objective::rules(settings, network.features());
    // Held-out rows are measured while the training waits.
    let beside = apply_memory(network) + BESIDE_A_FEATURE * network.features() as u64;
    Trainer::memory(network, &rules, &optimiser, settings.threads).saturating_add(copies + beside)
}

/// Bytes of that which are parameters, their moments, and copies of them.
#[must_use]
pub fn of_parameters(network: &Network) -> u64 {
    4 * (3 + COPIES) * network.parameter_length() as u64
}

/// Bytes that training takes while so many windows of rows are in memory beside the network.
pub(super) fn of_training(network: &Network, settings: &Settings, batch: usize, windows: u64) -> u64 {
    let width = network.features().max(1) as u64;
    let values = OrderSizes::default().window_values as u64 + batch as u64 * width;
    // Scaled values, and for each row its place and its turn.
    let window = 4 * values + 8 * values.div_ceil(width);
    // Stretched rows are made of plain ones, and say of each value whether it came from inside its grids.
    let window = if settings.stretch.is_empty() { window } else { 3 * window };
    of_network(network, settings, batch).saturating_add(windows * window)
}

/// Rows of this shape that may stay in memory when a fit may take `limit` bytes; the others are to go to scratch
/// files.
///
/// # Errors
/// [`Error::MemoryTooSmall`] if the limit is too small for a fit from scratch files; settings that make no network.
pub fn rows_within(limit: u64, shape: &[usize], settings: &Settings) -> Result<usize, Error> {
    let network = settings.network(shape)?;
    let features = network.features();
    settings.check_size(&network)?;
    let batch = settings.batch.unwrap_or_else(|| settings.largest_default_batch(features));
    let least = of_training(&network, settings, batch, 1);
    if limit < least {
        return Err(Error::MemoryTooSmall { limit, least });
    }
    let windows = if settings.varies_rows() { 2 } else { 0 };
    let left = limit.saturating_sub(of_training(&network, settings, batch, windows));
    Ok((left as f64 / (of_value(settings) * features as f64 + BESIDE_A_ROW)) as usize)
}

/// Bytes that so many rows take in a fit that holds them in memory.
#[must_use]
pub fn of_rows(rows: usize, features: usize, settings: &Settings) -> u64 {
    (rows as f64 * (of_value(settings) * features as f64 + BESIDE_A_ROW)) as u64
}

/// Bytes for each value of the rows: the originals, a copy of those held out, the others scaled.
fn of_value(settings: &Settings) -> f64 {
    8.0 + 8.0 * settings.validation + 4.0 * (1.0 - settings.validation)
}

/// Bytes for each row beside its values: number, place and turn.
const BESIDE_A_ROW: f64 = 16.0;

/// Bytes that can still be had without swapping, as far as the system tells; within a container, at most what is left
/// of its share.
#[must_use]
pub fn available() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let number = |path: &str| read(path)?.trim().parse::<u64>().ok();
    let machine = kilobytes(&read("/proc/meminfo")?, "MemAvailable:").map(|kilobytes| kilobytes * 1024);
    let share = number("/sys/fs/cgroup/memory.max").zip(number("/sys/fs/cgroup/memory.current")).map(|(most, used)| {
        // What is cached of files is given back when memory is needed.
        let cached = read("/sys/fs/cgroup/memory.stat").and_then(|text| kilobytes(&text, "inactive_file"));
        most.saturating_sub(used.saturating_sub(cached.unwrap_or(0)))
    });
    [machine, share].into_iter().flatten().min()
}

/// The number in the line that begins with `name`.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
}

/// Refuses a network for which there is not enough memory, rather than being ended by the system later.
pub(super) fn check_network(network: &Network, settings: &Settings, batch: usize) -> Result<(), Error> {
    let needed = of_network(network, settings, batch);
    match available() {
        Some(available) if needed > available => {
            Err(Error::NetworkTooLarge { parameters: network.parameter_count(), needed, available })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_by_their_names() {
        let text = "MemTotal:       24684016 kB\nMemAvailable:   23500000 kB\n";
        assert_eq!(kilobytes(text, "MemAvailable:"), Some(23_500_000));
        assert_eq!(kilobytes(text, "SwapFree:"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_system_tells_what_there_is() {
        assert!(available().is_some_and(|bytes| bytes > 1 << 20));
    }
}
