//! Model files: safetensors out, and back in with every size checked first.

use std::collections::HashMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use lumenfold_data::write_whole;
use lumenfold_engine::Network;
use safetensors::tensor::{Dtype, Metadata, TensorView, serialize};
use serde::Deserialize;

use super::Model;
use super::document::{Document, VERSION};
use crate::Error;

/// The metadata key.
const KEY: &str = "lumenfold";

/// The longest header that is read: far more than any record of a fit.
const LONGEST_HEADER: u64 = 64 << 20;

pub(super) fn save(model: &Model, path: &Path) -> Result<(), Error> {
    let network = &model.autoencoder.network;
    let document = serde_json::to_string(&Document::from(model)).map_err(|error| not_a_model(path, error))?;
    // JSON has no infinities: an error that is none would come back as nothing, so the file would not open again.
    if serde_json::from_str::<Document>(&document).is_err() {
        let reason = "the model is not written: an error on these data is no finite number; try another --scale";
        return Err(not_a_model(path, reason));
    }
    let bytes: Vec<Vec<u8>> = network
        .tensors()
        .iter()
        .map(|tensor| {
            let values = &model.autoencoder.parameters[tensor.range.clone()];
            values.iter().flat_map(|value| value.to_le_bytes()).collect()
        })
        .collect();
    let mut views = Vec::with_capacity(bytes.len());
    for (tensor, bytes) in network.tensors().iter().zip(&bytes) {
        let view =
            TensorView::new(Dtype::F32, tensor.shape.clone(), bytes).map_err(|error| not_a_model(path, error))?;
        views.push((tensor.name.clone(), view));
    }
    let metadata = HashMap::from([(KEY.to_owned(), document)]);
    let file = serialize(views, Some(metadata)).map_err(|error| not_a_model(path, error))?;
    Ok(write_whole(path, |target| target.write_all(&file))?)
}

pub(super) fn load(path: &Path) -> Result<Model, Error> {
    let unreadable = |source| Error::ReadModel { path: path.display().to_string(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if about.is_dir() {
        return Err(not_a_model(path, "is a directory; name a model file"));
    }
    let (metadata, header_length) = read_header(path, &mut file, about.len())?;
    let document = read_document(path, &metadata)?;
    let data_length = metadata.data_len() as u64;
    let expected = header_length.saturating_add(data_length);
    if about.len() != expected {
        return Err(damaged(path, &format!("it is {} bytes long where {expected} are expected", about.len())));
    }
    let network = document.network(data_length as usize / 4).map_err(|reason| damaged(path, &reason))?;
    check_tensors(path, &network, &metadata)?;

    let mut data = vec![0; data_length as usize];
    file.read_exact(&mut data).map_err(unreadable)?;
    let mut parameters = vec![0.0_f32; network.parameter_length()];
    for tensor in network.tensors() {
        let Some(info) = metadata.info(&tensor.name) else { continue };
        let bytes = data.get(info.data_offsets.0..info.data_offsets.1).unwrap_or_default();
        for (value, bytes) in parameters[tensor.range.clone()].iter_mut().zip(bytes.as_chunks::<4>().0) {
            *value = f32::from_le_bytes(*bytes);
            if !value.is_finite() {
                return Err(damaged(path, &format!("tensor {} holds {value}", tensor.name)));
            }
        }
    }
    document.model(network, parameters).map_err(|reason| damaged(path, &reason))
}

/// What the header says, and where the data begin.
fn read_header(path: &Path, file: &mut File, length: u64) -> Result<(Metadata, u64), Error> {
    let foreign =
        || not_a_model(path, "is not a lumenfold model (expected a safetensors file made by `lumenfold fit`)");
    let mut size = [0; 8];
    file.read_exact(&mut size).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => foreign(),
        _ => Error::ReadModel { path: path.display().to_string(), source: error },
    })?;
    let header_length = u64::from_le_bytes(size);
    if header_length > LONGEST_HEADER {
        return Err(foreign());
    }
    if header_length + 8 > length {
        return Err(damaged(path, "ends inside its header; it was cut short or is no model"));
    }
    let mut header = Vec::new();
    file.take(header_length)
        .read_to_end(&mut header)
        .map_err(|source| Error::ReadModel { path: path.display().to_string(), source })?;
    // This checks that the tensors follow one another without gaps and have the sizes of their shapes.
    let metadata = serde_json::from_slice(&header).map_err(|_| foreign())?;
    Ok((metadata, header_length + 8))
}

/// The JSON document. Its version is looked at first, so that a later layout is named as such.
fn read_document(path: &Path, metadata: &Metadata) -> Result<Document, Error> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u64,
    }
    let Some(text) = metadata.metadata().as_ref().and_then(|metadata| metadata.get(KEY)) else {
        return Err(not_a_model(path, "is a safetensors file of another program: it has no \"lumenfold\" metadata"));
    };
    let versioned: Versioned = serde_json::from_str(text).map_err(|error| damaged(path, &error.to_string()))?;
    if versioned.version > VERSION {
        let path = path.display().to_string();
        return Err(Error::ModelTooNew { path, found: versioned.version, known: VERSION });
    }
    serde_json::from_str(text).map_err(|error| damaged(path, &format!("its document cannot be read: {error}")))
}

/// The file has the tensors of the network, in `f32`, and no others.
fn check_tensors(path: &Path, network: &Network, metadata: &Metadata) -> Result<(), Error> {
    let expected = network.tensors();
    for tensor in expected {
        match metadata.info(&tensor.name) {
            Some(info) if info.dtype == Dtype::F32 && info.shape == tensor.shape => {}
            Some(info) => {
                let (dtype, shape) = (info.dtype, &info.shape);
                let reason = format!("tensor {} is {dtype:?} {shape:?}, not F32 {:?}", tensor.name, tensor.shape);
                return Err(damaged(path, &reason));
            }
            None => return Err(damaged(path, &format!("tensor {} is missing", tensor.name))),
        }
    }
    let found = metadata.tensors().len();
    if found != expected.len() {
        return Err(damaged(path, &format!("has {found} tensors where the network has {}", expected.len())));
    }
    Ok(())
}

fn not_a_model(path: &Path, reason: impl ToString) -> Error {
    Error::NotAModel { path: path.display().to_string(), reason: reason.to_string() }
}

fn damaged(path: &Path, reason: &str) -> Error {
    not_a_model(path, format!("the model is damaged: {reason}; copy it again or fit anew"))
}
