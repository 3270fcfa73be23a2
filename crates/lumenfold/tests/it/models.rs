//! Models saved and loaded.

use lumenfold::{Model, Settings};

use crate::made::{bits, dataset, fitted, rows, small, threads};

#[test]
fn a_model_that_was_saved_encodes_the_same_bits() {
    let directory = tempfile::tempdir().unwrap();
    let data = dataset(&rows(300));
    for (index, settings) in [
        small(),
        Settings { hidden: vec![], ..small() },
        Settings { hidden: vec![17, 5], norm: lumenfold::Norm::None, latent: 3, ..small() },
        Settings { scaling: lumenfold::data::ScalingKind::Asinh, validation: 0.0, ..small() },
    ]
    .into_iter()
    .enumerate()
    {
        let model = Model::from(fitted(&data, &settings));
        let path = directory.path().join(format!("{index}.model"));
        model.save(&path).unwrap();
        let loaded = Model::load(&path).unwrap();
        assert_eq!(loaded, model);
        let encode = |model: &Model| bits(&model.autoencoder.encode(&data, threads(2)).unwrap());
        assert_eq!(encode(&loaded), encode(&model));
        // Writing again gives the same bytes.
        let again = directory.path().join("again.model");
        loaded.save(&again).unwrap();
        assert!(std::fs::read(&path).unwrap() == std::fs::read(&again).unwrap());
    }
}

#[test]
fn the_file_is_safetensors_that_any_reader_reads() {
    let directory = tempfile::tempdir().unwrap();
    let model = Model::from(fitted(&dataset(&rows(100)), &small()));
    let path = directory.path().join("a.model");
    model.save(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    for tensor in model.autoencoder.network().tensors() {
        let view = file.tensor(&tensor.name).unwrap();
        assert_eq!(view.shape(), tensor.shape);
        let values: Vec<f32> = view.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        assert_eq!(bits(&values), bits(&model.autoencoder.parameters()[tensor.range.clone()]));
    }
    assert_eq!(file.len(), model.autoencoder.network().tensors().len());
}

#[test]
fn a_row_is_encoded_alike_in_any_company() {
    let rows = rows(200);
    let data = dataset(&rows);
    let model = Model::from(fitted(&data, &small()));
    let all = model.autoencoder.encode(&data, threads(3)).unwrap();
    let backwards: Vec<_> = rows.iter().rev().copied().collect();
    let turned = model.autoencoder.encode(&dataset(&backwards), threads(1)).unwrap();
    for row in 0..200 {
        assert_eq!(bits(&all[2 * row..2 * row + 2]), bits(&turned[2 * (199 - row)..2 * (199 - row) + 2]));
    }
}
