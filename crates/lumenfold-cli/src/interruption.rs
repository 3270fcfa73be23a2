//! Ctrl-C, and the polite request to end that clusters and shutdowns send.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What a shell says of a program that was ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// A flag that the first Ctrl-C (or SIGTERM) sets. A second one ends the program at once.
pub(crate) fn flag() -> Result<Arc<AtomicBool>, std::io::Error> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag::{register, register_conditional_shutdown};

    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the flag unset, the second one set.
        register_conditional_shutdown(signal, INTERRUPTED, Arc::clone(&flag))?;
        register(signal, Arc::clone(&flag))?;
    }
    Ok(flag)
}
