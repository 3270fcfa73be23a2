//! Model files: safetensors out, and back in with every size checked first.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use lumenfold_data::write_whole;
use lumenfold_engine::Network;
use safetensors::tensor::{Dtype, Metadata, TensorView, serialize};

use super::Model;
use super::document::{Document, VERSION};
use crate::Error;
use crate::container::{Container, KEY, Opened, not_ours};

/// Model files, in the words of error messages.
const MODEL: Container = Container {
    noun: "model",
    foreign: "is not a lumenfold model (expected a safetensors file made by `lumenfold fit`)",
    advice: "copy it again or fit anew",
    version: VERSION,
};

pub(super) fn save(model: &Model, path: &Path) -> Result<(), Error> {
    let network = &model.autoencoder.network;
    let document = serde_json::to_string(&Document::from(model)).map_err(|error| not_ours(path, error))?;
    // JSON has no infinities: an error that is none would come back as nothing, so the file would not open again.
    if serde_json::from_str::<Document>(&document).is_err() {
        let reason = "the model is not written: an error on these data is no finite number; try another --scale";
        return Err(not_ours(path, reason));
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
        let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes).map_err(|error| not_ours(path, error))?;
        views.push((tensor.name.clone(), view));
    }
    let metadata = HashMap::from([(KEY.to_owned(), document)]);
    let file = serialize(views, Some(metadata)).map_err(|error| not_ours(path, error))?;
    Ok(write_whole(path, |target| target.write_all(&file))?)
}

pub(super) fn load(path: &Path) -> Result<Model, Error> {
    let Opened { mut file, metadata, document } = MODEL.open::<Document>(path)?;
    let data_length = metadata.data_len();
    let network = document.network(data_length / 4).map_err(|reason| MODEL.damaged(path, &reason))?;
    check_tensors(path, &network, &metadata)?;

    let mut data = vec![0; data_length];
    file.read_exact(&mut data).map_err(|source| Error::ReadModel { path: path.display().to_string(), source })?;
    let mut parameters = vec![0.0_f32; network.parameter_length()];
    for tensor in network.tensors() {
        let Some(info) = metadata.info(&tensor.name) else { continue };
        let bytes = data.get(info.data_offsets.0..info.data_offsets.1).unwrap_or_default();
        for (value, bytes) in parameters[tensor.range.clone()].iter_mut().zip(bytes.as_chunks::<4>().0) {
            *value = f32::from_le_bytes(*bytes);
            if !value.is_finite() {
                return Err(MODEL.damaged(path, &format!("tensor {} holds {value}", tensor.name)));
            }
        }
    }
    document.model(network, parameters).map_err(|reason| MODEL.damaged(path, &reason))
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
                return Err(MODEL.damaged(path, &reason));
            }
            None => return Err(MODEL.damaged(path, &format!("tensor {} is missing", tensor.name))),
        }
    }
    let found = metadata.tensors().len();
    if found != expected.len() {
        return Err(MODEL.damaged(path, &format!("has {found} tensors where the network has {}", expected.len())));
    }
    Ok(())
}
