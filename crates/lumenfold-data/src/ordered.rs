//! Work shared among threads, with results in the order of the work.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A queue of items that threads turn into results. Results come out in the order in which the items went in,
/// whatever the number of threads; with one thread the caller does the work itself.
pub(crate) struct Ordered<Item, Output> {
    work: Arc<dyn Fn(Item) -> Output + Send + Sync>,
    threads: usize,
    crew: Option<Crew<Item, Output>>,
    waiting: VecDeque<Item>,
    /// Items that went in and results that came out.
    given: u64,
    taken: u64,
}

struct Crew<Item, Output> {
    items: Sender<(u64, Item)>,
    results: Receiver<(u64, thread::Result<Output>)>,
    early: BTreeMap<u64, thread::Result<Output>>,
}

impl<Item: Send + 'static, Output: Send + 'static> Ordered<Item, Output> {
    pub(crate) fn new(threads: NonZeroUsize, work: impl Fn(Item) -> Output + Send + Sync + 'static) -> Self {
        let work: Arc<dyn Fn(Item) -> Output + Send + Sync> = Arc::new(work);
        let crew = (threads.get() > 1).then(|| Crew::start(threads.get(), &work)).flatten();
        let threads = if crew.is_some() { threads.get() } else { 0 };
        Self { work, threads, crew, waiting: VecDeque::new(), given: 0, taken: 0 }
    }

    /// True while another item keeps the threads busy rather than the memory full.
    pub(crate) fn wants_more(&self) -> bool {
        self.given - self.taken <= self.threads as u64
    }

    pub(crate) fn push(&mut self, item: Item) {
        match &self.crew {
            // The threads listen as long as this queue lives.
            Some(crew) => drop(crew.items.send((self.given, item))),
            None => self.waiting.push_back(item),
        }
        self.given += 1;
    }

    /// The next result; `None` if no item is left. A panic of the work is one of the caller.
    pub(crate) fn pop(&mut self) -> Option<Output> {
        if self.taken == self.given {
            return None;
        }
        let number = self.taken;
        self.taken += 1;
        let Some(crew) = &mut self.crew else { return self.waiting.pop_front().map(|item| (self.work)(item)) };
        loop {
            if let Some(result) = crew.early.remove(&number) {
                return Some(result.unwrap_or_else(|panic| resume_unwind(panic)));
            }
            let (found, result) = crew.results.recv().ok()?;
            crew.early.insert(found, result);
        }
    }
}

impl<Item: Send + 'static, Output: Send + 'static> Crew<Item, Output> {
    /// Starts as many threads as the system allows; `None` if that is none.
    fn start(threads: usize, work: &Arc<dyn Fn(Item) -> Output + Send + Sync>) -> Option<Self> {
        let (items, to_do) = channel::<(u64, Item)>();
        let (done, results) = channel();
        let to_do = Arc::new(Mutex::new(to_do));
        let mut started = 0;
        for _ in 0..threads {
            let (to_do, done, work) = (Arc::clone(&to_do), done.clone(), Arc::clone(work));
            let run = move || {
                loop {
                    let next = to_do.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((number, item)) = next else { return };
                    let result = catch_unwind(AssertUnwindSafe(|| work(item)));
                    if done.send((number, result)).is_err() {
                        return;
                    }
                }
            };
            started += usize::from(thread::Builder::new().name("lumenfold-read".to_owned()).spawn(run).is_ok());
        }
        (started > 0).then(|| Self { items, results, early: BTreeMap::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        for threads in [1, 2, 7] {
            let threads = NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN);
            let mut queue = Ordered::new(threads, |item: u64| {
                thread::sleep(std::time::Duration::from_micros(item * 37 % 11 * 100));
                item * item
            });
            let (mut next, mut found) = (0, Vec::new());
            loop {
                while next < 40 && queue.wants_more() {
                    queue.push(next);
                    next += 1;
                }
                let Some(result) = queue.pop() else { break };
                found.push(result);
            }
            assert_eq!(found, (0..40).map(|item| item * item).collect::<Vec<_>>());
        }
    }
}
