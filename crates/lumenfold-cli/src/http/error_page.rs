//! What a server says in a page that is no answer.

use serde_json::Value;

/// The most of a server's words that are told.
const MOST_CHARACTERS: usize = 300;

/// Objects within objects in which a message is looked for.
const MOST_DEPTH: usize = 4;

/// The words of an HTML, XML, JSON or plain page on one line; none if it has none.
pub(crate) fn words_of(page: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(page);
    let text = text.trim_start_matches('\u{feff}').trim();
    let words = match serde_json::from_str::<Value>(text) {
        Ok(value) => message_of(&value, MOST_DEPTH).unwrap_or_else(|| value.to_string()),
        Err(_) if text.starts_with('<') => without_tags(text),
        Err(_) => text.to_owned(),
    };
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut characters = line.chars();
    let mut shown: String = characters.by_ref().take(MOST_CHARACTERS).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    (!shown.is_empty()).then_some(shown)
}

/// The text of the first key that is called a message, or else an error or a detail.
fn message_of(value: &Value, depth: usize) -> Option<String> {
    if depth == 0 {
        return None;
    }
    match value {
        Value::Object(fields) => {
            let called = |word: &str| {
                let is = |key: &str| key.to_ascii_lowercase().contains(word);
                fields.iter().find_map(|(key, value)| value.as_str().filter(|text| is(key) && !text.is_empty()))
            };
            let found = ["message", "error", "detail"].iter().find_map(|word| called(word)).map(str::to_owned);
            found.or_else(|| fields.values().find_map(|value| message_of(value, depth - 1)))
        }
        Value::Array(items) => items.iter().find_map(|value| message_of(value, depth - 1)),
        _ => None,
    }
}

/// The text between tags; scripts and styles are none.
fn without_tags(page: &str) -> String {
    let mut words = String::new();
    let mut rest = page;
    while let Some((before, tag)) = rest.split_once('<') {
        push_unescaped(before, &mut words);
        words.push(' ');
        let hidden = ["script", "style"]
            .into_iter()
            .find(|name| tag.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name)));
        let (end, skip) = match hidden {
            Some(name) => (find_ignoring_case(tag, &format!("</{name}")), 1),
            None if tag.starts_with("!--") => (tag.find("-->"), 2),
            None => (Some(0), 0),
        };
        let after = end.and_then(|end| tag.get(end + skip..)).and_then(|tag| tag.split_once('>'));
        rest = after.map_or("", |(_, rest)| rest);
    }
    push_unescaped(rest, &mut words);
    words
}

fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    text.as_bytes().windows(word.len()).position(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

/// With the five characters that pages cannot write as they are, and the blank.
fn push_unescaped(text: &str, words: &mut String) {
    const NAMED: [(&str, char); 6] =
        [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"'), ("&#39;", '\''), ("&nbsp;", ' ')];
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        words.push_str(before);
        let escaped = &rest[before.len()..];
        match NAMED.iter().find(|(name, _)| escaped.starts_with(name)) {
            Some((name, character)) => {
                words.push(*character);
                rest = &escaped[name.len()..];
            }
            None => {
                words.push('&');
                rest = after;
            }
        }
    }
    words.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(page: &str) -> Option<String> {
        words_of(page.as_bytes())
    }

    #[test]
    fn words_of_pages_of_every_kind() {
        let html = "<html><head><title>Skyserver Error</title><style>b { x }</style></head><body bgcolor=white><h2>An \
                    error occured</h2>\n<script>if (a < b) {}</script><font color=red><br>Invalid column name \
                    &#39;modelMag_q&#39; &amp;c.</font></BODY></HTML>";
        let told = "Skyserver Error An error occured Invalid column name 'modelMag_q' &c.";
        assert_eq!(words(html).as_deref(), Some(told));
        let json = r#"{"Error Code":400,"Error Type":"BadRequest","Error Message":"Incorrect syntax near 'FORM'.","LogMessageID":"7"}"#;
        assert_eq!(words(json).as_deref(), Some("Incorrect syntax near 'FORM'."));
        assert_eq!(words(r#"[{"a":{"detail":"gone"}}]"#).as_deref(), Some("gone"));
        assert_eq!(words("<?xml version=\"1.0\"?><error>no  such\ttable</error>").as_deref(), Some("no such table"));
        assert_eq!(words("\u{feff} Maximum of\r\n60 queries").as_deref(), Some("Maximum of 60 queries"));
        assert_eq!(words("<html><body></body></html>"), None);
        assert_eq!(words(""), None);
    }

    #[test]
    fn pages_that_do_not_end_and_bytes_that_are_no_text() {
        for page in ["<", "<script", "<script>x", "<!-- a", "<é", "&", "&am", "<scripté>", "a<b", "<style></style"] {
            let _ = words(page);
        }
        assert!(words_of(&[0xff, b'<', 0, 0xfe]).is_some());
        assert!(words(&"x".repeat(10_000)).is_some_and(|told| told.chars().count() == MOST_CHARACTERS + 1));
        let deep = "[".repeat(100_000);
        assert!(words(&deep).is_some());
    }
}
