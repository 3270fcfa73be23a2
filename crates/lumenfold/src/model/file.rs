//! Model files: safetensors out, and back in with every size checked first.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use lumenfold_data::write_whole;
use lumenfold_engine::Network;
use safetensors::tensor::{Dtype, Metadata, TensorView, serialize};
use serde::Deserialize;
use serde_json::Value;

use super::Model;
use super::document::{Document, VERSION};
use super::lists;
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
    let document = Document::from(model);
    let mut lists = lists::Tensors::new();
    let (document, is_whole) =
        if network.features() <= lists::LONG && model.detector.is_none() && model.denoiser.is_none() {
            let text = serde_json::to_string(&document).map_err(|error| not_ours(path, error))?;
            let is_whole = serde_json::from_str::<Document>(&text).is_ok();
            (text, is_whole)
        } else {
            let mut value = serde_json::to_value(&document).map_err(|error| not_ours(path, error))?;
            let is_whole = Document::deserialize(&value).is_ok();
            lists = lists::compact(&mut value, network.features() > lists::LONG);
            (value.to_string(), is_whole)
        };
    // JSON has no infinities: an error that is none would come back as nothing, so the file would not open again.
    if !is_whole {
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
    let bytes_of_lists: Vec<Vec<u8>> =
        lists.iter().map(|(_, list)| list.iter().flat_map(|value| value.to_le_bytes()).collect()).collect();
    let mut views = Vec::with_capacity(bytes.len() + lists.len());
    for ((name, list), bytes) in lists.iter().zip(&bytes_of_lists) {
        let view = TensorView::new(Dtype::F64, vec![list.len()], bytes).map_err(|error| not_ours(path, error))?;
        views.push((name.clone(), view));
    }
    for (tensor, bytes) in network.tensors().iter().zip(&bytes) {
        let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes).map_err(|error| not_ours(path, error))?;
        views.push((tensor.name.clone(), view));
    }
    let metadata = HashMap::from([(KEY.to_owned(), document)]);
    let file = serialize(views, Some(metadata)).map_err(|error| not_ours(path, error))?;
    Ok(write_whole(path, |target| target.write_all(&file))?)
}

pub(super) fn load(path: &Path) -> Result<Model, Error> {
    let Opened { mut file, metadata, document: mut value } = MODEL.open::<Value>(path)?;
    // The file is as long as its header says: this has been checked.
    let data_length = metadata.data_len();
    let mut data = vec![0; data_length];
    file.read_exact(&mut data).map_err(|source| Error::ReadModel { path: path.display().to_string(), source })?;
    let damaged = |reason: String| MODEL.damaged(path, &reason);
    let mut lists = read_lists(&metadata, &data).map_err(damaged)?;
    let count = lists.len();
    lists::expand(&mut value, &mut lists, data_length / 4).map_err(damaged)?;
    let document: Document =
        serde_json::from_value(value).map_err(|error| damaged(format!("its document cannot be read: {error}")))?;
    let network = document.network(data_length / 4).map_err(damaged)?;
    // Lists that nothing in the document names are none of ours.
    check_tensors(path, &network, &metadata, count - lists.len())?;
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

/// The tensors that are lists of the document: those of one dimension, in `f64`.
fn read_lists(metadata: &Metadata, data: &[u8]) -> Result<HashMap<String, Vec<f64>>, String> {
    let mut lists = HashMap::new();
    for (name, info) in metadata.tensors() {
        if info.dtype != Dtype::F64 || info.shape.len() != 1 {
            continue;
        }
        let bytes = data.get(info.data_offsets.0..info.data_offsets.1).unwrap_or_default();
        let list: Vec<f64> = bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
        if list.iter().any(|value| !value.is_finite()) {
            return Err(format!("tensor {name} holds what is no number"));
        }
        lists.insert(name, list);
    }
    Ok(lists)
}

/// The file has the tensors of the network, in `f32`, and no others but so many lists.
fn check_tensors(path: &Path, network: &Network, metadata: &Metadata, lists: usize) -> Result<(), Error> {
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
    if found != expected.len() + lists {
        let expected = expected.len() + lists;
        return Err(MODEL.damaged(path, &format!("has {found} tensors where the network has {expected}")));
    }
    Ok(())
}
