//! Model files: as bytes, and as the two texts of JSON that they are made of.

use std::num::NonZeroUsize;

use lumenfold::Model;
use serde_json::{Map, Value};

use crate::scratch;

/// What parts the header of tensors from the document: neither text can hold it.
const BETWEEN: u8 = 0;
/// Most bytes of tensors that are made for a header.
const MOST_DATA: u64 = 1 << 20;
/// Most parameters and features of a model that is applied.
const MOST_APPLIED: usize = 1 << 16;

/// Loads the bytes as a model.
///
/// # Panics
///
/// A demand on the loader is not met.
pub fn check_file(bytes: &[u8]) {
    let path = scratch::file("t.model", bytes);
    let model = match Model::load(&path) {
        Ok(model) => model,
        Err(error) => {
            let message = error.to_string();
            assert!(!message.contains('\n'), "{message:?}");
            return;
        }
    };
    let again = scratch::path("again.model");
    model.save(&again).expect("what was loaded can be saved");
    assert_eq!(Model::load(&again).expect("what was saved can be loaded"), model);
    let network = model.autoencoder.network();
    if network.parameter_length().max(network.features()) <= MOST_APPLIED {
        let code = vec![0.0; network.latent_dimension()];
        // Weights may be so large that the sample overflows, which is an error.
        if let Ok(sample) = model.autoencoder.decode(&code, NonZeroUsize::MIN) {
            assert_eq!(sample.len(), network.features());
        }
    }
}

/// Loads a model whose header of tensors and whose document are the two halves of the bytes, and whose tensors are zero.
///
/// # Panics
///
/// As [`check_file`].
pub fn check_document(bytes: &[u8]) {
    if let Some(file) = assembled(bytes) {
        check_file(&file);
    }
}

/// The bytes that `check_document` takes apart: from the header of a model file.
#[must_use]
pub fn disassembled(file: &[u8]) -> Option<Vec<u8>> {
    let (length, rest) = file.split_first_chunk::<8>()?;
    let header = rest.get(..usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let mut header: Map<String, Value> = serde_json::from_slice(header).ok()?;
    let metadata = header.remove("__metadata__")?;
    let tensors = serde_json::to_string(&header).ok()?;
    Some([tensors.as_bytes(), &[BETWEEN], metadata.get("lumenfold")?.as_str()?.as_bytes()].concat())
}

fn assembled(bytes: &[u8]) -> Option<Vec<u8>> {
    let at = bytes.iter().position(|byte| *byte == BETWEEN)?;
    let mut header: Map<String, Value> = serde_json::from_slice(&bytes[..at]).ok()?;
    let document = std::str::from_utf8(&bytes[at + 1..]).ok()?;
    let end = |tensor: &Value| tensor.get("data_offsets")?.get(1)?.as_u64();
    let length = header.values().filter_map(end).max().unwrap_or(0).min(MOST_DATA);
    header.insert("__metadata__".to_owned(), serde_json::json!({ "lumenfold": document }));
    let header = serde_json::to_vec(&header).ok()?;
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.resize(file.len() + usize::try_from(length).ok()?, 0);
    Some(file)
}
