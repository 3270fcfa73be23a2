//! Rows judged in groups that are always the same, so that what is drawn for a row depends on its place alone.

use lumenfold_data::RowSource;

use crate::Error;

/// The step whose draws the first group that is judged gets; training never comes so far.
pub(super) const JUDGED_STEP: u64 = 1 << 39;

/// Rows in a group.
const TOGETHER: usize = 4096;

/// Calls `judge` with groups of rows, `[rows][width]`, in order, and the number of each.
pub(super) fn grouped(
    rows: &impl RowSource<f64>,
    mut judge: impl FnMut(u64, &[f64]) -> Result<(), Error>,
) -> Result<(), Error> {
    let length = TOGETHER * rows.width();
    let mut pending: Vec<f64> = Vec::new();
    let mut group = 0;
    let mut pass = |values: &[f64]| {
        group += 1;
        judge(group - 1, values)
    };
    rows.pass(|mut block| {
        while !block.is_empty() {
            let (taken, rest) = block.split_at((length - pending.len()).min(block.len()));
            block = rest;
            if pending.is_empty() && taken.len() == length {
                pass(taken)?;
                continue;
            }
            pending.extend_from_slice(taken);
            if pending.len() == length {
                pass(&pending)?;
                pending.clear();
            }
        }
        Ok::<_, Error>(())
    })?;
    if pending.is_empty() { Ok(()) } else { pass(&pending) }
}
