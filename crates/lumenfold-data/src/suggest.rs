//! Words for error messages: the nearest name, lists that stay short, singular and plural.

/// Most names a message lists.
const LISTED_NAMES: usize = 12;
/// Longest cell text a message repeats, in characters.
const LISTED_CHARACTERS: usize = 60;
/// Least similarity (Jaro-Winkler, 0 to 1) at which a name is suggested.
const LEAST_SIMILARITY: f64 = 0.7;

/// The available name nearest to `name`, if any is near enough.
pub(crate) fn nearest(name: &str, available: &[String]) -> Option<String> {
    let lowered = name.to_lowercase();
    let mut best: Option<(f64, &String)> = None;
    for candidate in available {
        let other = candidate.to_lowercase();
        let mut similarity = strsim::jaro_winkler(&lowered, &other);
        // Names of one or two letters ("g", "gg") are too short for that measure: one edit is near.
        if strsim::damerau_levenshtein(&lowered, &other) <= 1 {
            similarity = similarity.max(0.9);
        }
        if similarity >= LEAST_SIMILARITY && best.is_none_or(|(value, _)| similarity > value) {
            best = Some((similarity, candidate));
        }
    }
    best.map(|(_, candidate)| candidate.clone())
}

/// `; did you mean "g"? (columns: ra, dec, u, g, …)`
pub(crate) fn one_of(suggestion: Option<&str>, available: &[String]) -> String {
    let list = shortened(available);
    match suggestion {
        Some(name) => format!("; did you mean \"{}\"? (columns: {list})", excerpt(name)),
        None if available.is_empty() => "; it has no columns".to_owned(),
        None => format!("; its columns: {list}"),
    }
}

/// Names separated by commas, cut after a dozen.
pub(crate) fn shortened(names: &[String]) -> String {
    let mut list = names.iter().take(LISTED_NAMES).map(|name| excerpt(name)).collect::<Vec<_>>().join(", ");
    if names.len() > LISTED_NAMES {
        list.push_str(&format!(", … ({} in all)", names.len()));
    }
    list
}

/// Text fit for one line of a message: control characters escaped, cut when long.
pub(crate) fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().take(LISTED_CHARACTERS).flat_map(visible).collect();
    if text.chars().nth(LISTED_CHARACTERS).is_some() {
        short.push('…');
    }
    short
}

fn visible(character: char) -> Vec<char> {
    if character.is_control() { character.escape_default().collect() } else { vec![character] }
}

/// One word for one thing, another for several.
pub(crate) fn plural<'a>(count: usize, one: &'a str, several: &'a str) -> &'a str {
    if count == 1 { one } else { several }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn the_nearest_name_is_found_and_far_ones_are_not() {
        let available = names(&["ra", "dec", "u", "g", "r", "redshift"]);
        assert_eq!(nearest("gg", &available).as_deref(), Some("g"));
        assert_eq!(nearest("Redshfit", &available).as_deref(), Some("redshift"));
        assert_eq!(nearest("temperature", &available), None);
    }

    #[test]
    fn long_lists_and_long_cells_are_cut() {
        let many: Vec<String> = (0..40).map(|index| format!("x{index}")).collect();
        assert!(shortened(&many).ends_with("x11, … (40 in all)"));
        assert_eq!(excerpt("a\nb"), "a\\nb");
        assert!(excerpt(&"z".repeat(500)).ends_with("z…"));
    }
}
