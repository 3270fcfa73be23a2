//! Bytes read as one NumPy array.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lumenfold_data::Format;
use lumenfold_fuzz::table::check;

fuzz_target!(|bytes: &[u8]| check(bytes, Some(Format::Npy)));
