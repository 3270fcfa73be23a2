//! A model file, byte for byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lumenfold_fuzz::model::check_file;

fuzz_target!(|bytes: &[u8]| check_file(bytes));
