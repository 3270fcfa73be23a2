//! The header and the document of a model file, as JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lumenfold_fuzz::model::check_document;

fuzz_target!(|bytes: &[u8]| check_document(bytes));
