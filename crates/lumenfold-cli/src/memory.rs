//! `--memory`: how much a verb may use.

use clap::Args;

/// Bytes of decoded columns in a block: enough for all threads, little enough to stay near the processor.
const BLOCK_BYTES: u64 = 2 << 20;

/// The least that a block is cut to.
const LEAST_BLOCK_BYTES: u64 = 32 << 10;

/// Blocks that are alive at once: read ahead, under way, waiting to be written.
const BLOCKS: u64 = 16;

/// Memory of a verb.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct Memory {
    /// Memory to use at most, about, such as 500MB or 2GiB [default: enough for speed, at most 8GiB for what can be read
    /// only whole]. The result does not depend on it.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) memory: Option<u64>,
}

impl Memory {
    /// Bytes of a block of `rows` rows of that many bytes, if there is room for as many.
    pub(crate) fn block_bytes(self, rows: u64, row_bytes: u64) -> usize {
        let wanted = BLOCK_BYTES.max(rows.saturating_mul(row_bytes));
        let most = self.memory.map_or(u64::MAX, |memory| memory / BLOCKS).max(LEAST_BLOCK_BYTES);
        usize::try_from(wanted.min(most)).unwrap_or(usize::MAX)
    }

    /// Bytes for what can be read only whole.
    pub(crate) fn limit(self) -> u64 {
        self.memory.unwrap_or(lumenfold::data::DEFAULT_MEMORY_LIMIT)
    }
}

/// A number of bytes with its unit.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "t" | "tb" => 1e12,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        "tib" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => 0.0,
    };
    match number.parse::<f64>().map(|number| number * unit) {
        Ok(bytes) if (1e6..1e18).contains(&bytes) => Ok(bytes as u64),
        Ok(bytes) if bytes > 0.0 && bytes < 1e6 => Err("is too little; 1MB is the least".to_owned()),
        _ => Err("is not a size; write it as 500MB or 2GiB".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [("500MB", 500_000_000), ("2GiB", 2 << 30), ("1.5 g", 1_500_000_000), ("4000000", 4_000_000)] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "MB", "5 parsecs", "-1GB", "1e9", "10kB", "0", "nan"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn blocks_keep_within_the_memory() {
        let memory = |bytes| Memory { memory: Some(bytes) };
        assert_eq!(Memory::default().block_bytes(1, 20), BLOCK_BYTES as usize);
        assert_eq!(Memory::default().block_bytes(1024, 80_000), 1024 * 80_000);
        assert_eq!(memory(16_000_000).block_bytes(1024, 80_000), 1_000_000);
        assert_eq!(memory(1).block_bytes(1, 1), LEAST_BLOCK_BYTES as usize);
    }
}
