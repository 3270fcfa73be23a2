//! Several files as one table.

use super::part::Part;
use crate::DataError;
use crate::formats::text::Evidence;
use crate::suggest::excerpt;
use crate::table::ColumnHead;

/// The columns that all parts together have, and notes on them. Errors: the first difference.
pub(super) fn agree(parts: &mut [Part]) -> Result<(Vec<ColumnHead>, Vec<String>), DataError> {
    let Some((first, others)) = parts.split_first() else { return Ok((Vec::new(), Vec::new())) };
    for other in others {
        if let (Some(own), Some(found)) = (&first.gridded, &other.gridded)
            && own.axes != found.axes
            && !own.axes.is_empty()
            && !found.axes.is_empty()
        {
            // Said before the columns are compared, whose names and number follow from the axes.
            return Err(other.differs(format!(
                "its samples have {}, those of {} have {}; fit those of one grid and bring others onto it with --resample",
                axes_in_words(other),
                first.path,
                axes_in_words(first)
            )));
        }
        compare(first, other)?;
        if other.gridded != first.gridded {
            let found = axes_in_words(other);
            return Err(other.differs(format!(
                "its samples have {found}, those of {} have {}",
                first.path,
                axes_in_words(first)
            )));
        }
    }
    let (mut columns, mut notes) = (first.columns.clone(), Vec::new());
    for (at, column) in columns.iter_mut().enumerate() {
        // Cells of text say more than the types that they give each file by itself.
        let mut joined: Option<Evidence> = None;
        for evidence in parts.iter().filter_map(|part| part.evidence[at]) {
            joined.get_or_insert_default().join(evidence);
        }
        if let Some(evidence) = joined {
            for part in parts.iter_mut().filter(|part| part.evidence[at].is_some()) {
                part.columns[at].value_type = evidence.value_type();
            }
            notes.extend(parts.iter().find_map(|part| part.note(at, evidence)));
        }
        column.value_type = parts[0].columns[at].value_type;
        for part in parts.iter() {
            let found = part.columns[at].value_type;
            column.value_type = column.value_type.wider(found).ok_or_else(|| {
                let (path, name) = (&parts[0].path, excerpt(&column.name));
                let (found, expected) = (found.name(), parts[0].columns[at].value_type.name());
                part.differs(format!("column \"{name}\" holds {found}, that of {path} holds {expected}"))
            })?;
            column.unit = column.unit.take().or(part.columns[at].unit.clone());
        }
    }
    Ok((columns, notes))
}

/// The axes of the samples of a part, as they differ from those of another.
fn axes_in_words(part: &Part) -> String {
    match &part.gridded {
        None => "no axes".to_owned(),
        Some(gridded) => gridded.axes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    }
}

/// Errors: the first difference of names or units.
fn compare(first: &Part, other: &Part) -> Result<(), DataError> {
    let path = &first.path;
    for (at, (expected, found)) in first.columns.iter().zip(&other.columns).enumerate() {
        let (number, name) = (at + 1, excerpt(&found.name));
        if expected.name != found.name {
            let expected = excerpt(&expected.name);
            return Err(other.differs(format!("its column {number} is \"{name}\", that of {path} is \"{expected}\"")));
        }
        if let (Some(expected), Some(found)) = (&expected.unit, &found.unit)
            && expected != found
        {
            let (expected, found) = (excerpt(expected), excerpt(found));
            return Err(other.differs(format!("its column \"{name}\" is in {found}, that of {path} in {expected}")));
        }
    }
    let (expected, found) = (first.columns.len(), other.columns.len());
    if expected != found {
        let (longer, at) = if found > expected { (other, expected) } else { (first, found) };
        let name = excerpt(&longer.columns[at].name);
        let which = if found > expected { "it alone" } else { "that file alone" };
        return Err(other.differs(format!("has {found} columns, {path} has {expected} ({which} has \"{name}\")")));
    }
    Ok(())
}
