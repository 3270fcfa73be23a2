//! Bytes read as HDF5.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lumenfold_data::Format;
use lumenfold_fuzz::hdf5::repaired;
use lumenfold_fuzz::table::check;

fuzz_target!(|bytes: &[u8]| check(&repaired(bytes), Some(Format::Hdf5)));
