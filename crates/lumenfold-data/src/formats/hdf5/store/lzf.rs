//! LZF, the compression that h5py brings with it (format of liblzf by Marc Lehmann).

use super::fault::Fault;

/// Decompresses up to `most` bytes.
pub(super) fn undo(bytes: &[u8], most: u64) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(bytes.len());
    decompress(bytes, most, &mut out).map_or_else(|| Fault::damaged("its LZF data are damaged"), |()| Ok(out))
}

/// `None` where the bytes make no sense.
fn decompress(mut rest: &[u8], most: u64, out: &mut Vec<u8>) -> Option<()> {
    while let Some((control, after)) = rest.split_first() {
        let control = usize::from(*control);
        rest = after;
        if control < 32 {
            // As many bytes as they are, and one more.
            let (run, after) = rest.split_at_checked(control + 1)?;
            out.extend_from_slice(run);
            rest = after;
        } else {
            let mut next = || {
                let (byte, after) = rest.split_first()?;
                rest = after;
                Some(usize::from(*byte))
            };
            let length = if control >> 5 == 7 { 7 + next()? } else { control >> 5 };
            let back = (control & 31) << 8 | next()?;
            let start = out.len().checked_sub(back + 1)?;
            // What is copied may begin with what has just been copied.
            for at in start..start + length + 2 {
                out.push(out[at]);
            }
        }
        if out.len() as u64 > most {
            return None;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::undo;

    #[test]
    fn runs_and_repetitions() {
        // Three letters as they are, then six from three back.
        assert_eq!(undo(&[2, b'a', b'b', b'c', 4 << 5, 2], 9).expect("sound"), b"abcabcabc");
        for damaged in [&[5, 1][..], &[4 << 5, 2], &[7 << 5], &[2, 1, 2, 3, 4 << 5, 2]] {
            assert!(undo(damaged, 8).is_err(), "{damaged:?}");
        }
    }
}
