//! A network described in TOML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lumenfold_fuzz::description::check;

fuzz_target!(|bytes: &[u8]| check(bytes));
