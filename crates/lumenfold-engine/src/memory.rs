//! Memory for kernels: aligned buffers, and buffers that the threads of one step share.

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut, Range};

/// Values in one cache line; every buffer starts on one and every tensor in it does.
pub(crate) const LINE: usize = 16;

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; LINE]);

/// Zero-initialised `f32` values that start on a cache line.
#[derive(Clone, Default)]
pub(crate) struct Buffer {
    lines: Vec<Line>,
    length: usize,
}

impl Buffer {
    pub(crate) fn zeroed(length: usize) -> Self {
        Self { lines: vec![Line([0.0; LINE]); length.div_ceil(LINE)], length }
    }

    pub(crate) fn copy_of(values: &[f32]) -> Self {
        let mut buffer = Self::zeroed(values.len());
        buffer.copy_from_slice(values);
        buffer
    }
}

impl Deref for Buffer {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        // SAFETY: a `Line` is sixteen `f32` and nothing else; `length` is at most sixteen times the number of lines.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.length) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as in `deref`, and the borrow of `self` is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.length) }
    }
}

/// Values that the threads of one training step share. Who may touch which range when is decided by the phases of the
/// step, which barriers keep apart; the borrow checker cannot see that, so each access is a promise.
pub(crate) struct Shared<'a, T>(&'a [UnsafeCell<T>]);

// SAFETY: all access goes through the unsafe methods, whose callers keep writers alone.
unsafe impl<T: Send> Sync for Shared<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for Shared<'_, T> {}

impl<'a, T> Shared<'a, T> {
    pub(crate) fn new(values: &'a mut [T]) -> Self {
        // SAFETY: `UnsafeCell<T>` has the layout of `T`, and the exclusive borrow lasts as long as the cells.
        Self(unsafe { &*(std::ptr::from_mut::<[T]>(values) as *const [UnsafeCell<T>]) })
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// # Safety
    /// No thread writes to the range while the result lives.
    pub(crate) unsafe fn read(&self, range: Range<usize>) -> &[T] {
        let cells = &self.0[range];
        // SAFETY: same layout; the caller keeps writers away.
        unsafe { &*(std::ptr::from_ref(cells) as *const [T]) }
    }

    /// # Safety
    /// No other thread reads or writes the range while the result lives.
    #[expect(clippy::mut_from_ref, reason = "the phases of a step hand out each range to one thread")]
    pub(crate) unsafe fn write(&self, range: Range<usize>) -> &mut [T] {
        let cells = &self.0[range];
        // SAFETY: same layout; the caller has the range alone. `UnsafeCell` allows writing behind a shared borrow.
        unsafe { std::slice::from_raw_parts_mut(cells.as_ptr().cast_mut().cast(), cells.len()) }
    }

    /// Where the range lies, for writers that share its rows between them.
    pub(crate) fn pointer(&self, range: Range<usize>) -> *mut T {
        self.0[range].as_ptr().cast_mut().cast()
    }

    /// # Safety
    /// No other thread reads or writes this value at the same time.
    pub(crate) unsafe fn set(&self, index: usize, value: T) {
        // SAFETY: the caller has the value alone.
        unsafe { *self.0[index].get() = value };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_starts_on_a_cache_line_and_holds_zeros() {
        let buffer = Buffer::zeroed(37);
        assert_eq!(buffer.len(), 37);
        assert_eq!(buffer.as_ptr() as usize % 64, 0);
        assert!(buffer.iter().all(|value| *value == 0.0));
    }
}
