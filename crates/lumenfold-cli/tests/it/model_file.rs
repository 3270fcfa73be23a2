//! Model files taken apart and put together again.

use serde_json::{Map, Value};

use crate::support::Space;

/// A safetensors file in its parts.
pub(crate) struct ModelFile {
    /// The JSON header without the document.
    pub(crate) header: Map<String, Value>,
    /// The document of the metadata.
    pub(crate) document: Value,
    /// The tensors' bytes.
    pub(crate) data: Vec<u8>,
}

impl ModelFile {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let length = header_length(bytes);
        let mut header: Map<String, Value> = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
        let metadata = header.remove("__metadata__").unwrap();
        let document = serde_json::from_str(metadata["lumenfold"].as_str().unwrap()).unwrap();
        Self { header, document, data: bytes[8 + length..].to_vec() }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut header = self.header.clone();
        header.insert("__metadata__".to_owned(), serde_json::json!({ "lumenfold": self.document.to_string() }));
        with_header(&Value::Object(header).to_string(), &self.data)
    }
}

/// The length of the JSON header.
pub(crate) fn header_length(bytes: &[u8]) -> usize {
    u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize
}

/// A safetensors file of this header and these data.
pub(crate) fn with_header(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(data);
    bytes
}

/// Every verb that reads a model, on `bad.model`.
pub(crate) const READERS: [&[&str]; 5] = [
    &["encode", "bad.model", "stars.csv", "-o", "out.csv"],
    &["decode", "bad.model", "latent.csv", "-o", "out.csv"],
    &["reconstruct", "bad.model", "stars.csv", "-o", "out.csv"],
    &["inspect", "bad.model"],
    &["report", "bad.model", "stars.csv", "-o", "out.html"],
];

/// A directory with the tables that the readers read.
pub(crate) fn space_with_tables() -> Space {
    let space = Space::with_stars();
    space.write("latent.csv", "z1,z2\n0,0\n0.5,-0.5\n");
    space
}

/// These bytes as a model are refused by every reader, with its name and all of `words`.
#[track_caller]
pub(crate) fn model_refused(space: &Space, bytes: &[u8], words: &[&str]) {
    space.write("bad.model", bytes);
    let words: Vec<&str> = ["bad.model"].iter().chain(words).copied().collect();
    for arguments in READERS {
        space.refuses(arguments, &words);
    }
}

/// These bytes of a model with its parts changed are refused by every reader, with all of `words`.
#[track_caller]
pub(crate) fn changed_model_refused(space: &Space, model: &[u8], change: impl FnOnce(&mut ModelFile), words: &[&str]) {
    let mut file = ModelFile::of(model);
    change(&mut file);
    model_refused(space, &file.bytes(), words);
}

/// A change of the document: another value at that place.
pub(crate) fn setting(pointer: &str, value: Value) -> impl FnOnce(&mut ModelFile) {
    move |file| *file.document.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value
}

/// A change of the document: a list with its last entry twice.
pub(crate) fn lengthening(pointer: &str) -> impl FnOnce(&mut ModelFile) {
    move |file| {
        let list = file.document.pointer_mut(pointer).unwrap().as_array_mut().unwrap();
        list.extend(list.last().cloned());
    }
}

/// A change of the document: a list without its last entry.
pub(crate) fn shortening(pointer: &str) -> impl FnOnce(&mut ModelFile) {
    move |file| drop(file.document.pointer_mut(pointer).unwrap().as_array_mut().unwrap().pop())
}
