//! Panics of a library turned into errors.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}
static HOOK: Once = Once::new();

/// Runs `work`; `None` if it panicked, of which nothing is printed. Panics of other threads are printed as ever.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Option<T> {
    HOOK.call_once(|| {
        let former = panic::take_hook();
        panic::set_hook(Box::new(move |information| {
            if !QUIET.get() {
                former(information);
            }
        }));
    });
    let outer = QUIET.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.set(outer);
    result.ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_panic_becomes_none() {
        assert_eq!(super::catch(|| 5), Some(5));
        assert_eq!(super::catch(|| Vec::<i32>::new()[std::hint::black_box(3)]), None);
    }
}
