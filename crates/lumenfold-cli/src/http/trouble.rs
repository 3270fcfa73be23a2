//! Why an answer did not come, and how often to ask again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::words;

/// How often Ctrl-C is looked for while nothing happens.
pub(super) const GLANCE: Duration = Duration::from_millis(50);

/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// The longest wait that a server may ask for.
const LONGEST_ASKED_WAIT: Duration = Duration::from_secs(15 * 60);

/// Why an answer did not come.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It may come if it is asked for again: a broken line, a busy server.
    Passing {
        words: String,
        /// How long the server asks to be left alone.
        wait: Option<Duration>,
        /// Part of the answer came and was kept, so the next try asks for less.
        advanced: bool,
    },
    /// The same question would have the same end.
    Lasting(Failure),
    /// There is nothing behind the part that was to be gone on with: it belongs to another file.
    Elsewhere,
    /// Somebody pressed Ctrl-C.
    Interrupted,
}

impl Trouble {
    /// The failure that it becomes when nobody asks again; `more` says what is left.
    pub(crate) fn into_failure(self, more: &str) -> Failure {
        match self {
            Self::Passing { words, .. } => Failure::failed(words + more),
            Self::Lasting(failure) => failure.with(more),
            Self::Elsewhere => Failure::failed(format!("the file has changed{more}")),
            Self::Interrupted => Failure::failed(format!("interrupted{more}")),
        }
    }

    pub(crate) fn passing(words: impl Into<String>) -> Self {
        Self::Passing { words: words.into(), wait: None, advanced: false }
    }

    pub(crate) fn lasting(words: impl Into<String>) -> Self {
        Self::Lasting(Failure::failed(words))
    }
}

/// How often a question is asked, and how long it is waited in between.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tries {
    /// Times that it is asked again.
    pub(crate) again: u32,
    /// The wait before the second time; it doubles from then on.
    pub(crate) first_wait: Duration,
}

impl Tries {
    /// Asks until an answer comes, or trouble that lasts, or too much of the passing kind in a row.
    pub(crate) fn persist<T>(
        self,
        stop: &AtomicBool,
        say: &dyn Fn(&str),
        mut ask: impl FnMut() -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let mut failed = 0;
        loop {
            if stop.load(Ordering::Relaxed) {
                return Err(Trouble::Interrupted);
            }
            let (words, asked) = match ask() {
                Err(Trouble::Passing { words, wait, advanced }) => {
                    failed = if advanced { 1 } else { failed + 1 };
                    (words, wait.unwrap_or_default())
                }
                outcome => return outcome,
            };
            if failed > self.again {
                let tries = if failed == 1 { "1 try".to_owned() } else { format!("{failed} tries") };
                return Err(Trouble::lasting(format!("{words}; given up after {tries}")));
            }
            if asked > LONGEST_ASKED_WAIT {
                let asked = words::clock(asked);
                return Err(Trouble::lasting(format!("{words}; it asks to be left alone for {asked}: try again then")));
            }
            let wait = self.wait(failed).max(asked);
            say(&format!("{words}; asking again in {}", words::seconds(wait.as_secs_f64())));
            pause(wait, stop)?;
        }
    }

    /// The wait after so many failures.
    fn wait(self, failed: u32) -> Duration {
        let factor = 1_u32.checked_shl(failed.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first_wait.saturating_mul(factor).min(LONGEST_WAIT)
    }
}

/// Waits, with an ear for Ctrl-C.
fn pause(wait: Duration, stop: &AtomicBool) -> Result<(), Trouble> {
    let begin = Instant::now();
    while let Some(left) = wait.checked_sub(begin.elapsed()).filter(|left| !left.is_zero()) {
        if stop.load(Ordering::Relaxed) {
            return Err(Trouble::Interrupted);
        }
        std::thread::sleep(left.min(GLANCE));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIES: Tries = Tries { again: 3, first_wait: Duration::from_micros(10) };

    fn persist(mut troubles: Vec<Trouble>) -> (Result<(), Trouble>, usize) {
        troubles.reverse();
        let mut asked = 0;
        let outcome = TRIES.persist(&AtomicBool::new(false), &|_| {}, || {
            asked += 1;
            troubles.pop().map_or(Ok(()), Err)
        });
        (outcome, asked)
    }

    fn passing(advanced: bool) -> Trouble {
        Trouble::Passing { words: "busy".to_owned(), wait: None, advanced }
    }

    #[test]
    fn passing_trouble_is_asked_again_and_lasting_trouble_is_not() {
        assert!(matches!(persist(vec![]), (Ok(()), 1)));
        assert!(matches!(persist((0..3).map(|_| passing(false)).collect()), (Ok(()), 4)));
        let (outcome, asked) = persist((0..4).map(|_| passing(false)).collect());
        assert_eq!(asked, 4);
        assert!(
            matches!(outcome, Err(Trouble::Lasting(failure)) if failure.to_string() == "busy; given up after 4 tries")
        );
        assert!(matches!(persist(vec![Trouble::lasting("no")]), (Err(Trouble::Lasting(_)), 1)));
        assert!(matches!(persist(vec![Trouble::Interrupted]), (Err(Trouble::Interrupted), 1)));
        // What comes nearer to its end may take any number of tries.
        assert!(matches!(persist((0..50).map(|_| passing(true)).collect()), (Ok(()), 51)));
    }

    #[test]
    fn a_server_that_asks_for_hours_is_not_waited_for() {
        let wait = Some(Duration::from_secs(7200));
        let trouble = Trouble::Passing { words: "busy".to_owned(), wait, advanced: false };
        let (outcome, asked) = persist(vec![trouble]);
        assert!(
            asked == 1 && matches!(outcome, Err(Trouble::Lasting(failure)) if failure.to_string().contains("2:00:00"))
        );
    }

    #[test]
    fn waits_double_up_to_a_limit() {
        let tries = Tries { again: 99, first_wait: Duration::from_secs(1) };
        let seconds: Vec<u64> = [1, 2, 3, 7, 8, 40, 99].map(|failed| tries.wait(failed).as_secs()).to_vec();
        assert_eq!(seconds, [1, 2, 4, 64, 120, 120, 120]);
    }

    #[test]
    fn an_interruption_ends_a_wait() {
        let stop = AtomicBool::new(true);
        assert!(matches!(pause(Duration::from_secs(60), &stop), Err(Trouble::Interrupted)));
    }
}
