//! Which tables a file has: their fields, and where their data are.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::field::Field;

/// Most elements that stand within one another.
const DEEPEST: usize = 64;
/// Most tables of a file.
const MOST_TABLES: usize = 1 << 16;
/// Most fields that tables have from others, all together.
const MOST_INHERITED: usize = 1 << 16;
/// Most attributes of an element that are looked at.
const MOST_ATTRIBUTES: usize = 256;

/// A table.
#[derive(Debug, Default)]
pub(super) struct Outline<'a> {
    pub(super) name: Option<String>,
    pub(super) id: Option<String>,
    pub(super) fields: Vec<Field>,
    pub(super) content: Content,
    marker: std::marker::PhantomData<&'a str>,
}

/// The data of a table.
#[derive(Debug, Default)]
pub(super) enum Content {
    #[default]
    None,
    /// Elements that begin at this byte, and how many rows they are.
    Rows { start: usize, rows: u64 },
    /// A stream in base64 in these bytes, with flags of missing values before each row or without.
    Binary { range: Range<usize>, flags: bool },
    /// Data that are not read, and why.
    Refused(String),
}

impl Outline<'_> {
    pub(super) fn has_rows(&self) -> bool {
        match &self.content {
            Content::None => false,
            Content::Rows { rows, .. } => *rows > 0,
            Content::Binary { range, .. } => !range.is_empty(),
            Content::Refused(_) => true,
        }
    }
}

/// All tables of a file, in their order.
pub(super) fn outlines(text: &str) -> Result<Vec<Outline<'_>>, String> {
    let mut reader = reader_of(text);
    let mut tables: Vec<Outline<'_>> = Vec::new();
    let mut inherited = 0;
    // Whether a table is open, the depth, and where a stream began.
    let (mut open, mut depth, mut stream, mut flags) = (false, 0_usize, None, None);
    loop {
        let before = position(&reader);
        let event = reader.read_event().map_err(|error| damaged(&error))?;
        let (element, is_empty) = match event {
            Event::Eof if depth > 0 => return Err("ends within an element: it was cut short; get it again".to_owned()),
            Event::Eof => return Ok(tables),
            Event::Start(element) => (element, false),
            Event::Empty(element) => (element, true),
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                match element.local_name().as_ref() {
                    "TABLE" => open = false,
                    "STREAM" => {
                        if let (Some(start), Some(flags), Some(table)) = (stream.take(), flags, tables.last_mut()) {
                            table.content = Content::Binary { range: start..before, flags };
                        }
                    }
                    "BINARY" | "BINARY2" => flags = None,
                    _ => {}
                }
                continue;
            }
            _ => continue,
        };
        if !is_empty {
            depth += 1;
        }
        if depth > DEEPEST {
            return Err(format!("has more than {DEEPEST} elements within one another; this is no table"));
        }
        let name = element.local_name();
        if name.as_ref() == "TABLE" {
            if tables.len() == MOST_TABLES {
                return Err(format!("has more than {MOST_TABLES} tables"));
            }
            let (name, id) = (attribute(&element, "name"), attribute(&element, "ID"));
            // A table may have the fields of one before it.
            let like = attribute(&element, "ref");
            let like = like.and_then(|like| tables.iter().find(|table| table.id.as_ref() == Some(&like)));
            let fields = like.map_or(Vec::new(), |like| like.fields.clone());
            inherited += fields.len();
            if inherited > MOST_INHERITED {
                return Err(format!("has tables with more than {MOST_INHERITED} fields of others"));
            }
            tables.push(Outline { name, id, fields, ..Outline::default() });
            open = !is_empty;
            continue;
        }
        let Some(table) = tables.last_mut().filter(|_| open) else { continue };
        match name.as_ref() {
            "FIELD" => {
                let number = table.fields.len() + 1;
                table.fields.push(Field::new(|name| attribute(&element, name), number));
            }
            "VALUES" => {
                if let (Some(field), Some(null)) = (table.fields.last_mut(), attribute(&element, "null")) {
                    field.null = super::cells::integer(&null);
                    field.null_text = Some(null.trim().to_owned());
                }
            }
            "TABLEDATA" if is_empty => {}
            "TABLEDATA" => table.content = Content::Rows { start: position(&reader), rows: 0 },
            "TR" => {
                if let Content::Rows { rows, .. } = &mut table.content {
                    *rows += 1;
                }
            }
            "BINARY" => flags = Some(false),
            "BINARY2" => flags = Some(true),
            "STREAM" => match (attribute(&element, "href"), attribute(&element, "encoding"), flags) {
                (Some(_), _, _) => {
                    let reason =
                        "keeps its data in another file (href), which is not opened; save it with its data inside";
                    table.content = Content::Refused(reason.to_owned());
                }
                (None, Some(encoding), Some(_)) if encoding == "base64" => {
                    stream = (!is_empty).then(|| position(&reader));
                }
                _ => {
                    let reason = "holds a stream that is not in base64; save it as TABLEDATA or BINARY2";
                    table.content = Content::Refused(reason.to_owned());
                }
            },
            "FITS" | "PARQUET" => {
                let reason = "keeps its data in another format (FITS, Parquet) or file; read that file instead";
                table.content = Content::Refused(reason.to_owned());
            }
            _ => {}
        }
    }
}

/// A reader of XML that checks the names of ends.
pub(super) fn reader_of(text: &str) -> Reader<&[u8]> {
    Reader::from_str(text)
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// The attribute of this name, with entities resolved that XML defines; none if it cannot be understood.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found =
        element.attributes().take(MOST_ATTRIBUTES).flatten().find(|own| own.key.local_name().as_ref() == name)?;
    quick_xml::escape::unescape(&found.value).ok().map(std::borrow::Cow::into_owned)
}

/// The reason for XML that cannot be read.
pub(super) fn damaged(error: &quick_xml::Error) -> String {
    format!("its XML is damaged ({}); get it again", crate::suggest::excerpt(&error.to_string()))
}
