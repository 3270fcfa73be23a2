//! Old model files are read for ever: one fixture for each version of the document, with the numbers that it must give.
//!
//! A new version gets a new pair of files from [`write_the_fixture`]; the old ones stay as they are.

use std::path::PathBuf;

use lumenfold::Model;
use lumenfold::model::document::VERSION;
use serde_json::{Value, json};

use crate::made::{bits, dataset, fitted, rows, small, threads};

/// How far numbers may be from those of the day when a fixture was written, absolute plus relative: kernels get better,
/// and round differently then.
const ROUNDING: f64 = 2e-6;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

#[test]
fn version_1_loads_and_encodes_as_it_did() {
    let model = Model::load(&fixture("model_v1.safetensors")).unwrap();
    let expected: Value = serde_json::from_slice(&std::fs::read(fixture("model_v1.json")).unwrap()).unwrap();
    let numbers = |name: &str| -> Vec<Value> { expected[name].as_array().unwrap().clone() };
    let inputs: Vec<[f64; 4]> =
        numbers("inputs").iter().map(|row| [0, 1, 2, 3].map(|index| row[index].as_f64().unwrap())).collect();
    let data = dataset(&inputs);
    let wanted = |name: &str| -> Vec<u64> { numbers(name).iter().map(|value| value.as_u64().unwrap()).collect() };
    let check = |found: f64, wanted: f64| assert!((found - wanted).abs() <= ROUNDING * (1.0 + wanted.abs()), "{found}");

    let latent = model.autoencoder.encode(&data, threads(1)).unwrap();
    let bits: Vec<u64> = wanted("latent_bits");
    assert_eq!(latent.len(), bits.len());
    latent.iter().zip(bits).for_each(|(found, bits)| check((*found).into(), f32::from_bits(bits as u32).into()));
    let decoded = model.autoencoder.decode(&latent, threads(1)).unwrap();
    let bits = wanted("decoded_bits");
    assert_eq!(decoded.len(), bits.len());
    decoded.iter().zip(bits).for_each(|(found, bits)| check(*found, f64::from_bits(bits)));

    let features = model.autoencoder.features();
    assert_eq!(features.iter().map(|feature| feature.name.as_str()).collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    assert_eq!(features[0].unit.as_deref(), Some("mag"));
    assert_eq!(model.record.epochs, 10);
    assert_eq!(model.record.losses.len(), 10);
    assert!(model.record.validation.is_some() && model.record.pca_with(2).is_some());
}

#[test]
fn there_is_a_fixture_for_every_version() {
    for version in 1..=VERSION {
        assert!(fixture(&format!("model_v{version}.safetensors")).is_file(), "no model of version {version}");
    }
}

#[test]
#[ignore = "writes the fixture of the present version; run once for a new version, never for an old one"]
fn write_the_fixture() {
    let rows = rows(100);
    let model = Model::from(fitted(&dataset(&rows), &small()));
    let path = fixture(&format!("model_v{VERSION}.safetensors"));
    assert!(!path.exists(), "{} is there already; fixtures are never changed", path.display());
    model.save(&path).unwrap();
    let inputs = &rows[..8];
    let latent = model.autoencoder.encode(&dataset(inputs), threads(1)).unwrap();
    let decoded = model.autoencoder.decode(&latent, threads(1)).unwrap();
    let expected = json!({
        "about": "inputs, and the bits of their latent codes (32-bit floats) and reconstructions (64-bit floats)",
        "inputs": inputs,
        "latent_bits": bits(&latent),
        "decoded_bits": decoded.iter().map(|value| value.to_bits()).collect::<Vec<_>>(),
    });
    let text = serde_json::to_string_pretty(&expected).unwrap() + "\n";
    std::fs::write(fixture(&format!("model_v{VERSION}.json")), text).unwrap();
}
