//! Settings that model files hold in the words of the program's options.

/// Text in files, for a type that is spelled by `Display` and read by `FromStr<Err = String>`; with
/// `#[serde(into = "String", try_from = "String")]`.
macro_rules! spelled {
    ($kind:ty) => {
        impl From<$kind> for String {
            fn from(value: $kind) -> Self {
                value.to_string()
            }
        }

        impl TryFrom<String> for $kind {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }
    };
}

pub(crate) use spelled;
