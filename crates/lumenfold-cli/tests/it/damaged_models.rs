//! Models cut short, with flipped bytes, and with documents that lie: an error message, never a panic, a hang or memory
//! without limit.

use serde_json::{Value, json};

use crate::model_file::{ModelFile, READERS, changed_model_refused, header_length, model_refused, space_with_tables};
use crate::support::{Space, small_model};

/// Steps between the lengths at which a model is cut and the bytes that are flipped: primes, so that they meet all parts.
const CUT_STEP: usize = 97;
const FLIP_STEP: usize = 61;

#[test]
fn models_cut_short_at_any_length() {
    let model = small_model();
    let space = space_with_tables();
    let lengths = (0..64).chain((64..model.len()).step_by(CUT_STEP)).chain([model.len() - 1]);
    for length in lengths {
        space.write("bad.model", &model[..length]);
        for arguments in READERS {
            // The first bytes of a header's length can be the text of a table.
            if arguments[0] == "inspect" && length < 9 && space.run(arguments).status == Some(0) {
                continue;
            }
            space.refuses(arguments, &["bad.model"]);
        }
    }
}

#[test]
fn a_model_with_something_after_its_end() {
    let mut bytes = small_model().to_vec();
    bytes.push(0);
    model_refused(&space_with_tables(), &bytes, &["bytes long", "copy it again"]);
}

#[test]
fn flipped_bytes_in_the_header_are_an_error_or_harmless() {
    let model = small_model();
    let space = space_with_tables();
    let length = header_length(model);
    let mut refused = 0;
    for position in (0..8).chain((8..8 + length).step_by(FLIP_STEP)) {
        for mask in [0x01, 0x10, 0x80] {
            let mut bytes = model.to_vec();
            bytes[position] ^= mask;
            space.write("bad.model", &bytes);
            // A digit of a number or a letter of a name may well be another one; nothing else may happen.
            let arguments = READERS[position % READERS.len()];
            let run = space.run(arguments);
            match run.status {
                Some(0) => {}
                _ => {
                    run.refused(&[]);
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 50, "only {refused} of the flipped bytes were noticed");
}

/// The small model with its parts changed is refused with these words.
#[track_caller]
fn changed_is_refused(space: &Space, change: impl FnOnce(&mut ModelFile), words: &[&str]) {
    changed_model_refused(space, small_model(), change, words);
}

#[test]
fn taking_a_model_apart_and_putting_it_together_changes_nothing() {
    let space = space_with_tables();
    space.write("good.model", small_model());
    space.write("again.model", ModelFile::of(small_model()).bytes());
    space.done(&["encode", "good.model", "stars.csv", "-o", "good.csv"]);
    space.done(&["encode", "again.model", "stars.csv", "-o", "again.csv"]);
    assert_eq!(space.text("good.csv"), space.text("again.csv"));
}

#[test]
fn a_version_to_come() {
    let words = ["version 99", "reads up to 1", "newer lumenfold"];
    changed_is_refused(&space_with_tables(), |file| file.document["version"] = json!(99), &words);
    let replace = |file: &mut ModelFile| file.document = json!({"version": 99, "of": "another layout"});
    changed_is_refused(&space_with_tables(), replace, &words);
}

#[test]
fn documents_without_or_with_odd_parts() {
    let space = space_with_tables();
    changed_is_refused(&space, |file| file.document = json!({}), &["damaged"]);
    changed_is_refused(&space, |file| file.document = json!({"version": 1}), &["damaged"]);
    changed_is_refused(&space, |file| file.document["version"] = json!(-1), &["damaged"]);
    changed_is_refused(&space, |file| file.document["encoder"] = json!([]), &["damaged"]);
    changed_is_refused(&space, |file| file.document["encoder"][1]["function"] = json!("magic"), &["magic"]);
    changed_is_refused(&space, |file| file.document["encoder"][2]["epsilon"] = json!(0.1), &["epsilon"]);
    changed_is_refused(&space, |file| file.document["encoder"][0]["type"] = json!("python"), &["python"]);
    changed_is_refused(&space, |file| file.document["scaling"]["features"][0]["scale"] = json!(0.0), &["scaling"]);
}

#[test]
fn tensors_of_a_wrong_shape_or_type() {
    let space = space_with_tables();
    let name = "encoder.0.weight";
    let transpose = |file: &mut ModelFile| file.header[name]["shape"] = json!([5, 8]);
    changed_is_refused(&space, transpose, &[name, "[5, 8]", "[8, 5]"]);
    changed_is_refused(&space, |file| file.header[name]["dtype"] = json!("I32"), &[name, "I32"]);
    let rename = |file: &mut ModelFile| {
        let tensor = file.header.remove(name).unwrap();
        file.header.insert("encoder.9.weight".to_owned(), tensor);
    };
    changed_is_refused(&space, rename, &[name, "missing"]);
    let more = |file: &mut ModelFile| {
        let end = file.data.len();
        file.data.extend([0; 4]);
        let tensor = json!({"dtype": "F32", "shape": [1], "data_offsets": [end, end + 4]});
        file.header.insert("extra".to_owned(), tensor);
    };
    changed_is_refused(&space, more, &["tensors"]);
}

#[test]
fn weights_that_are_no_numbers() {
    let space = space_with_tables();
    for value in [f32::NAN, f32::INFINITY] {
        let spoil = |file: &mut ModelFile| file.data[..4].copy_from_slice(&value.to_le_bytes());
        changed_is_refused(&space, spoil, &["tensor", &value.to_string()]);
    }
}

#[test]
fn a_wrong_number_of_features() {
    let space = space_with_tables();
    let drop_last = |list: &mut Value| drop(list.as_array_mut().unwrap().pop());
    changed_is_refused(&space, |file| drop_last(&mut file.document["features"]), &["4 feature names", "5 features"]);
    changed_is_refused(&space, |file| drop_last(&mut file.document["scaling"]["features"]), &["4 scaled features"]);
    changed_is_refused(&space, |file| drop_last(&mut file.document["loss"]["weights"]), &["4 loss weights"]);
    changed_is_refused(&space, |file| drop_last(&mut file.document["loss"]["scaled_mean"]), &["4 feature means"]);
    for errors in ["/training/train", "/training/validation", "/training/pca/0/errors"] {
        for list in ["rmse", "bias"] {
            let change = |file: &mut ModelFile| drop_last(&mut file.document.pointer_mut(errors).unwrap()[list]);
            changed_is_refused(&space, change, &["5 features"]);
        }
    }
}

#[test]
fn axes_that_are_none_or_do_not_go_with_the_network() {
    let space = space_with_tables();
    let axis = |grid: Value| json!({ "name": "energy", "unit": "meV", "grid": grid });
    let wide = || json!((0..5000).collect::<Vec<_>>());
    for (axes, words) in [
        (json!([axis(json!([1, 2, 3, 4]))]), "axes of 4 bins"),
        (json!([axis(json!([1, 2])), { "name": "q", "grid": [1, 2, 3] }]), "axes of 2 × 3 bins"),
        (json!([axis(json!([1, 2, 2, 3, 4]))]), "must rise, or fall"),
        (json!([axis(json!([]))]), "0 bins"),
        (json!([axis(json!([1, 2, 3, 4, "far"]))]), "damaged"),
        (json!([axis(json!([1, null, 3, 4, 5]))]), "damaged"),
        (json!([axis(json!([1])), axis(json!([1, 2, 3, 4, 5]))]), "two axes of this name"),
        (
            json!([{ "name": "a", "grid": wide() }, { "name": "b", "grid": wide() }, { "name": "c", "grid": wide() }]),
            "axes of",
        ),
        (json!(vec![axis(json!([1])); 9]), "damaged"),
        (json!("energy"), "damaged"),
    ] {
        changed_is_refused(&space, |file| file.document["axes"] = axes, &["damaged", words]);
    }
    // Names may be left out where there are axes, and only there.
    changed_is_refused(&space, |file| file.document["features"] = json!([]), &["0 feature names"]);
    let mut file = ModelFile::of(small_model());
    file.document["axes"] = json!([axis(json!([5, 4, 3, 2, 1]))]);
    file.document["features"] = json!([]);
    space.write("turned.model", file.bytes());
    assert!(space.done(&["inspect", "turned.model"]).text().contains("energy: 5 bins, 5 to 1 meV"));
}

#[test]
fn layers_wider_than_any_memory() {
    let space = space_with_tables();
    let wide = 1_000_000_000_000_000_000_u64;
    let widen = |file: &mut ModelFile| {
        file.document["encoder"][0]["outputs"] = json!(wide);
        file.document["encoder"][2]["width"] = json!(wide);
        file.document["encoder"][3]["inputs"] = json!(wide);
    };
    changed_is_refused(&space, widen, &["damaged"]);
    let many = |file: &mut ModelFile| {
        let layer = json!({"type": "dense", "inputs": 1_u64 << 28, "outputs": 1_u64 << 28});
        file.document["encoder"] = Value::Array(vec![layer; 300]);
    };
    changed_is_refused(&space, many, &["damaged"]);
    let narrow = |file: &mut ModelFile| file.document["encoder"][0]["outputs"] = json!(0);
    changed_is_refused(&space, narrow, &["damaged"]);
    let loose = |file: &mut ModelFile| file.document["encoder"][3]["inputs"] = json!(9);
    changed_is_refused(&space, loose, &["damaged"]);
}

#[test]
fn a_record_that_lies_is_told_and_breaks_nothing() {
    // What was done in a fit cannot be checked, but no number in it may cause a panic.
    let space = space_with_tables();
    for change in [
        (&"/training/settings/validation", json!(0.0)),
        (&"/training/validation_rows", json!(u64::MAX)),
        (&"/training/rows", json!(u64::MAX)),
        (&"/training/epochs", json!(u64::MAX)),
        (&"/training/losses", json!([])),
        (&"/training/pca", json!([])),
        (&"/training/fingerprint", json!("\u{1b}[2J</script>")),
        (&"/features/0/name", json!("\u{1b}[2Ju")),
        (&"/latent", json!([])),
    ] {
        let mut file = ModelFile::of(small_model());
        *file.document.pointer_mut(change.0).unwrap() = change.1.clone();
        space.write("bad.model", file.bytes());
        for arguments in READERS {
            let run = space.run(arguments);
            assert!(matches!(run.status, Some(0 | 2)), "{change:?} {run}");
            assert!(!run.stdout.contains(&0x1b) && !run.stderr.contains('\x1b'), "{change:?} {run}");
        }
    }
}
