//! How much memory a fit takes, and how much there is.

use lumenfold_engine::{Network, Trainer};

use crate::Error;
use crate::settings::Settings;

/// Copies of the parameters beside those of the trainer: the state to go back to has three, the best epoch one, and one
/// is measured.
const COPIES: u64 = 5;

/// Bytes that training a network takes, the rows excepted.
#[must_use]
pub fn of_network(network: &Network, settings: &Settings, batch: usize) -> u64 {
    let copies = 4 * COPIES * network.parameter_length() as u64;
    Trainer::memory(network, batch, settings.threads).saturating_add(copies)
}

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
