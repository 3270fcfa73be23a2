//! Lists of column names, as the command line takes them.

/// Names of columns. As an option it is one value that holds them all, hence not a `Vec` in the eyes of clap.
pub(crate) type Names = Vec<String>;

/// The names in a list with commas between them. One that holds a comma stands in double quotes, a double quote in it is
/// doubled, as in a line of CSV. Blanks around names do not count.
pub(crate) fn names(text: &str) -> Result<Names, String> {
    let mut names = Vec::new();
    let mut rest = text;
    loop {
        let (name, left) = next(rest.trim_start())?;
        names.push(name);
        match left {
            Some(left) => rest = left,
            None => return Ok(names),
        }
    }
}

/// The first name, and what follows the comma behind it.
fn next(text: &str) -> Result<(String, Option<&str>), String> {
    if let Some(quoted) = text.strip_prefix('"') {
        return next_quoted(quoted);
    }
    let (name, left) = text.split_once(',').map_or((text, None), |(name, left)| (name, Some(left)));
    match name.trim_end() {
        "" => Err("a name is missing beside a comma; write names as in u,g,r".to_owned()),
        name => Ok((name.to_owned(), left)),
    }
}

/// The same behind the opening quote.
fn next_quoted(text: &str) -> Result<(String, Option<&str>), String> {
    let mut name = String::new();
    let mut rest = text;
    while let Some((piece, left)) = rest.split_once('"') {
        name.push_str(piece);
        if let Some(left) = left.strip_prefix('"') {
            name.push('"');
            rest = left;
            continue;
        }
        let left = left.trim_start();
        return match (left.is_empty(), left.strip_prefix(',')) {
            (true, _) => Ok((name, None)),
            (_, Some(left)) => Ok((name, Some(left))),
            _ => Err(format!("after \"{name}\" a comma is missing; a double quote in a name is doubled")),
        };
    }
    Err("a double quote is not closed; write names with commas as in '\"c,d\",e'".to_owned())
}

/// A list that [`names`] reads back.
pub(crate) fn listed<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let quote = |name: &str| name.is_empty() || name.contains([',', '"']) || name.trim() != name;
    let written = names.into_iter().map(|name| match name.as_ref() {
        name if quote(name) => format!("\"{}\"", name.replace('"', "\"\"")),
        name => name.to_owned(),
    });
    written.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_lines_of_csv() {
        for (text, expected) in [
            ("u", vec!["u"]),
            ("u, g ,r", vec!["u", "g", "r"]),
            ("\"c,d\",e", vec!["c,d", "e"]),
            (" \"a \"\"b\"\"\" , c\"d", vec!["a \"b\"", "c\"d"]),
            ("\" x \"", vec![" x "]),
        ] {
            assert_eq!(
                names(text).as_deref(),
                Ok(&expected.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()[..])
            );
        }
        for text in ["", "u,", ",u", "u,,g", "\"u", "\"u\"g"] {
            assert!(names(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_listed_is_read_back() {
        let odd = ["u", "c,d", "a \"b\"", " x", ""].map(str::to_owned).to_vec();
        assert_eq!(names(&listed(&odd)), Ok(odd));
    }
}
