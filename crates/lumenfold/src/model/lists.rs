//! Long lists of the document: of spectra and images there is a number for each value in many places, and as text they
//! would outweigh the weights.
//!
//! In a document of many features a list of more than [`LONG`] entries is written in one of three forms:
//!
//! * `{"repeat": value, "count": n}` where all entries are the same number or text;
//! * `{"tensor": name}` for numbers: the list is a tensor of that name in the file, in `f64`, called by its place in the
//!   document (`training.train.rmse`);
//! * `{"columns": {key: list, …}}` for objects with the same keys: each key has the list of its values, in one of these
//!   forms.
//!
//! They are read wherever they stand. Lists of all these forms together may have a bounded number of entries for each
//! weight in the file, so that a small file cannot ask for much memory.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

/// Entries up to which a list stands in the document as it is.
pub(super) const LONG: usize = 1024;

/// Lists that may have an entry for each weight in the file.
const LISTS_OF_WEIGHTS: usize = 64;

/// Bytes of text that count as one entry more.
const TEXT_OF_AN_ENTRY: usize = 32;

/// The parts of a document whose lists are long whatever the number of features.
const LONG_PARTS: [&str; 2] = ["detector", "denoiser"];

/// The lists that became tensors, with their names.
pub(super) type Tensors = Vec<(String, Vec<f64>)>;

/// Takes the long lists out of a document, or out of its detector and denoiser alone.
pub(super) fn compact(document: &mut Value, everywhere: bool) -> Tensors {
    let mut tensors = Vec::new();
    if everywhere {
        walk(document, "", &mut tensors);
    } else {
        for part in LONG_PARTS {
            if let Some(value) = document.get_mut(part) {
                walk(value, part, &mut tensors);
            }
        }
    }
    tensors
}

fn walk(value: &mut Value, place: &str, tensors: &mut Tensors) {
    match value {
        Value::Array(list) if list.len() > LONG => {
            if let Some(short) = shorter(list, place, tensors) {
                *value = short;
            }
        }
        Value::Array(list) => {
            for (at, entry) in list.iter_mut().enumerate() {
                walk(entry, &joined(place, &at.to_string()), tensors);
            }
        }
        Value::Object(entries) => {
            for (key, entry) in entries {
                walk(entry, &joined(place, key), tensors);
            }
        }
        _ => {}
    }
}

fn joined(place: &str, key: &str) -> String {
    if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") }
}

/// Another form of a list, if it has one.
fn shorter(list: &[Value], place: &str, tensors: &mut Tensors) -> Option<Value> {
    let first = list.first()?;
    if (first.is_number() || first.is_string()) && list.iter().all(|entry| entry == first) {
        return Some(json!({ "repeat": first, "count": list.len() }));
    }
    // Integers that a float would round are no numbers of ours.
    let exact =
        |entry: &Value| entry.as_f64().filter(|number| !entry.is_u64() || entry.as_u64() == Some(*number as u64));
    if let Some(numbers) = list.iter().map(exact).collect::<Option<Vec<f64>>>() {
        tensors.push((place.to_owned(), numbers));
        return Some(json!({ "tensor": place }));
    }
    let keys: Vec<&String> = first.as_object()?.keys().collect();
    let objects: Vec<&Map<String, Value>> = list.iter().map(Value::as_object).collect::<Option<_>>()?;
    if objects.iter().any(|object| !object.keys().eq(keys.iter().copied())) {
        return None;
    }
    let before = tensors.len();
    let mut columns = Map::new();
    for key in keys {
        let column: Vec<Value> = objects.iter().filter_map(|object| object.get(key)).cloned().collect();
        let Some(short) = shorter(&column, &joined(place, key), tensors) else {
            tensors.truncate(before);
            return None;
        };
        columns.insert(key.clone(), short);
    }
    Some(json!({ "columns": columns }))
}

/// Puts the long lists back. `tensors` are taken as they are needed; `weights` is how many numbers the file has.
pub(super) fn expand(
    document: &mut Value,
    tensors: &mut HashMap<String, Vec<f64>>,
    weights: usize,
) -> Result<(), String> {
    let mut left = weights.saturating_mul(LISTS_OF_WEIGHTS);
    restore(document, tensors, &mut left)
}

fn restore(value: &mut Value, tensors: &mut HashMap<String, Vec<f64>>, left: &mut usize) -> Result<(), String> {
    match value {
        Value::Array(list) => list.iter_mut().try_for_each(|entry| restore(entry, tensors, left)),
        Value::Object(entries) => {
            if let Some(list) = list_of(entries, tensors, left)? {
                *value = Value::Array(list);
                return Ok(());
            }
            entries.values_mut().try_for_each(|entry| restore(entry, tensors, left))
        }
        _ => Ok(()),
    }
}

/// The list that an object stands for, if it does.
fn list_of(
    entries: &mut Map<String, Value>,
    tensors: &mut HashMap<String, Vec<f64>>,
    left: &mut usize,
) -> Result<Option<Vec<Value>>, String> {
    match (entries.len(), entries.get("tensor"), entries.get("repeat"), entries.get("count")) {
        (1, Some(Value::String(name)), ..) => {
            // Each is used once, or a small file could ask for much memory.
            let numbers = tensors.remove(name).ok_or_else(|| format!("there is no list {name} for its document"))?;
            take(left, numbers.len())?;
            return Ok(Some(values(&numbers)));
        }
        (2, _, Some(value), Some(count)) if value.is_number() || value.is_string() => {
            let count = count.as_u64().and_then(|count| usize::try_from(count).ok());
            let count = count.ok_or_else(|| "a list has no usable length".to_owned())?;
            // Every entry has the text for itself.
            take(left, count.saturating_mul(1 + value.as_str().map_or(0, str::len) / TEXT_OF_AN_ENTRY))?;
            return Ok(Some(vec![value.clone(); count]));
        }
        _ => {}
    }
    let Some(Value::Object(columns)) = only(entries, "columns") else { return Ok(None) };
    let mut lists = Vec::with_capacity(columns.len());
    for (key, column) in columns {
        restore(column, tensors, left)?;
        let Value::Array(list) = column.take() else { return Err(format!("{key} is no list")) };
        // So has every object its keys.
        take(left, list.len().saturating_mul(key.len() / TEXT_OF_AN_ENTRY))?;
        lists.push((key.clone(), list));
    }
    let rows = lists.first().map_or(0, |(_, list)| list.len());
    if lists.iter().any(|(_, list)| list.len() != rows) {
        return Err("lists that belong together differ in length".to_owned());
    }
    let mut objects = vec![Map::new(); rows];
    for (key, list) in lists {
        objects.iter_mut().zip(list).for_each(|(object, value)| drop(object.insert(key.clone(), value)));
    }
    Ok(Some(objects.into_iter().map(Value::Object).collect()))
}

/// Takes entries from those that are left.
fn take(left: &mut usize, count: usize) -> Result<(), String> {
    *left = left.checked_sub(count).ok_or_else(|| "its lists are longer than its weights allow".to_owned())?;
    Ok(())
}

/// Numbers as JSON: integers where all of them count something, which a list of places must be.
fn values(numbers: &[f64]) -> Vec<Value> {
    const EXACT: f64 = (1_u64 << 53) as f64;
    let counts = |number: &f64| number.is_sign_positive() && *number <= EXACT && number.fract() == 0.0;
    match numbers.iter().all(counts) {
        true => numbers.iter().map(|number| Value::from(*number as u64)).collect(),
        false => numbers.iter().copied().map(Value::from).collect(),
    }
}

/// The value of a key that stands alone.
fn only<'a>(entries: &'a mut Map<String, Value>, key: &str) -> Option<&'a mut Value> {
    if entries.len() == 1 { entries.get_mut(key) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(document: &Value, weights: usize) -> Result<Value, String> {
        let mut compacted = document.clone();
        let mut tensors = compact(&mut compacted, true).into_iter().collect();
        expand(&mut compacted, &mut tensors, weights)?;
        assert!(tensors.is_empty());
        Ok(compacted)
    }

    fn document() -> Value {
        let numbers: Vec<f64> = (0..2000).map(|index| f64::from(index) * 0.1).collect();
        let scaling = |number: &f64| json!({ "transform": { "asinh": { "softening": 1.0 + number } }, "center": number, "scale": 2.0 });
        json!({
            "loss": { "weights": vec![1.0; 2000], "short": [1, 2, 3] },
            "training": { "pca": [{ "rmse": numbers }, { "rmse": numbers }], "seed": u64::MAX },
            "scaling": { "features": numbers.iter().map(scaling).collect::<Vec<_>>(), "constant": (0..2000).collect::<Vec<_>>() },
            "names": (0..2000).map(|index| format!("x{index}")).collect::<Vec<_>>(),
        })
    }

    #[test]
    fn lists_come_back_bit_for_bit() {
        let document = document();
        assert_eq!(back(&document, 1000).expect("sound").to_string(), document.to_string());
        let mut compacted = document;
        let names: Vec<String> = compact(&mut compacted, true).into_iter().map(|(name, _)| name).collect();
        let expected = [
            "scaling.constant",
            "scaling.features.center",
            "scaling.features.transform.asinh.softening",
            "training.pca.0.rmse",
            "training.pca.1.rmse",
        ];
        assert_eq!(names, expected);
        assert_eq!(compacted["loss"]["weights"], json!({ "repeat": 1.0, "count": 2000 }));
    }

    #[test]
    fn small_files_do_not_become_large() {
        for text in [
            r#"{"a": {"repeat": 1, "count": 18446744073709551615}}"#,
            r#"{"a": {"repeat": 1, "count": 1e300}}"#,
            r#"{"a": {"repeat": 1, "count": -1}}"#,
            r#"{"a": {"repeat": "x", "count": 65}, "b": 1}"#,
            r#"{"a": {"columns": {"b": {"repeat": 1, "count": 40}, "c": {"repeat": 1, "count": 40}}}}"#,
            r#"{"a": {"columns": {"b": {"repeat": 1, "count": 4}, "c": {"repeat": 1, "count": 5}}}}"#,
            r#"{"a": {"columns": {"b": 7}}}"#,
            r#"{"a": {"tensor": "there is none"}}"#,
            r#"{"a": [{"tensor": "one"}, {"tensor": "one"}]}"#,
        ] {
            let mut tensors = HashMap::from([("one".to_owned(), vec![1.0, 2.0])]);
            let mut document: Value = serde_json::from_str(text).expect("sound");
            assert!(expand(&mut document, &mut tensors, 1).is_err(), "{text}");
        }
    }

    #[test]
    fn long_texts_repeated_and_long_keys_of_many_objects_do_not_become_large() {
        let expanded = |mut document: Value| expand(&mut document, &mut HashMap::new(), 1);
        for length in [1, 31] {
            let text = "x".repeat(length);
            assert_eq!(expanded(json!({ "a": { "repeat": text, "count": 60 } })), Ok(()));
            assert_eq!(expanded(json!({ "columns": { text: { "repeat": 1, "count": 60 } } })), Ok(()));
        }
        let text = "x".repeat(1000);
        assert!(expanded(json!({ "a": { "repeat": text, "count": 60 } })).is_err());
        assert!(expanded(json!({ "columns": { text: { "repeat": 1, "count": 60 } } })).is_err());
    }
}
