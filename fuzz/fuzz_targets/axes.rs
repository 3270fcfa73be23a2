//! Axes and shapes as a user types them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lumenfold_fuzz::axes::check;

fuzz_target!(|bytes: &[u8]| check(bytes));
