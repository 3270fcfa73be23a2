//! Bytes read as whatever they look like.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lumenfold_fuzz::table::check;

fuzz_target!(|bytes: &[u8]| check(bytes, None));
