//! `--memory`: how much a verb may use.

use clap::Args;

use crate::sizes;

/// Bytes of decoded columns in a block: enough for all threads, little enough to stay near the processor.
const BLOCK_BYTES: u64 = 1 << 22;

/// The most that a block of wide rows takes.
const MOST_BLOCK_BYTES: u64 = 1 << 26;

/// The least that a block is cut to.
const LEAST_BLOCK_BYTES: u64 = 32 << 10;

/// The least for what can be read only whole, such as one row.
const LEAST_LIMIT: u64 = 16 << 20;

/// Blocks that are alive at once: read ahead, under way, waiting to be written.
const BLOCKS: u64 = 16;

/// Memory of a verb.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct Memory {
    /// Memory to use at most, about, such as 500MB or 2GiB [default: enough for speed, at most 8GiB for what can be read
    /// only whole]. The result does not depend on it.
    #[arg(long, value_name = "SIZE", value_parser = sizes::bytes)]
    pub(crate) memory: Option<u64>,
}

impl Memory {
    /// Bytes of a block of `rows` rows of that many bytes, if there is room for as many.
    pub(crate) fn block_bytes(self, rows: u64, row_bytes: u64) -> usize {
        let wanted = BLOCK_BYTES.max(rows.saturating_mul(row_bytes)).min(MOST_BLOCK_BYTES);
        let most = self.memory.map_or(u64::MAX, |memory| memory / BLOCKS).max(LEAST_BLOCK_BYTES);
        usize::try_from(wanted.min(most)).unwrap_or(usize::MAX)
    }

    /// Bytes for what can be read only whole.
    pub(crate) fn limit(self) -> u64 {
        self.memory.map_or(lumenfold::data::DEFAULT_MEMORY_LIMIT, |memory| memory.max(LEAST_LIMIT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_keep_within_the_memory() {
        let memory = |bytes| Memory { memory: Some(bytes) };
        assert_eq!(Memory::default().block_bytes(1, 20), BLOCK_BYTES as usize);
        assert_eq!(Memory::default().block_bytes(1024, 8_000), 1024 * 8_000);
        assert_eq!(Memory::default().block_bytes(1024, 800_000), 1 << 26);
        assert_eq!(memory(16_000_000).block_bytes(1024, 80_000), 1_000_000);
        assert_eq!(memory(1).block_bytes(1, 1), LEAST_BLOCK_BYTES as usize);
    }
}
