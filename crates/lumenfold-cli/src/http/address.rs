//! Addresses that may be asked.

use std::fmt;
use std::str::FromStr;

use ureq::http::Uri;

/// The longest address that is sent. Servers refuse longer ones, most of them in words that help nobody.
const MOST_BYTES: usize = 16 << 10;

/// An http or https address without credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(String);

impl Address {
    /// The address with parameters behind it.
    pub(crate) fn with(&self, parameters: &[(&str, &str)]) -> Result<Self, String> {
        let mut text = self.0.clone();
        for (name, value) in parameters {
            text.push(if text.contains('?') { '&' } else { '?' });
            text.push_str(name);
            text.push('=');
            encode(value, &mut text);
        }
        if text.len() > MOST_BYTES {
            let (found, most) = (text.len(), MOST_BYTES);
            return Err(format!("makes an address of {found} bytes, and at most {most} are sent; shorten the query"));
        }
        Ok(Self(text))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nobody on the way can read or change the answer.
    pub(crate) fn is_secure(&self) -> bool {
        self.0.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shown: String = text.chars().take(100).collect();
        let wrong = |why: &str| Err(format!("\"{shown}\" {why}"));
        if text.len() > MOST_BYTES {
            return wrong("is too long for an address");
        }
        // What follows a # is for the reader of a page, not for its server.
        let text = text.split('#').next().unwrap_or_default();
        match text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase()).as_deref() {
            Some("http" | "https") => {}
            Some(_) => return wrong("is of a kind that is not fetched; only http and https are"),
            None => return wrong("is no address; write it with its beginning, https://"),
        }
        let Ok(uri) = text.parse::<Uri>() else {
            return wrong("is no address; write one as https://host/path, with blanks as %20");
        };
        match uri.authority() {
            Some(authority) if authority.as_str().contains('@') => Err(
                "the address has a name or a password before its host; such addresses are not used, since they end up \
                     in lists of processes and in histories"
                    .to_owned(),
            ),
            Some(authority) if !authority.host().is_empty() => Ok(Self(text.to_owned())),
            _ => wrong("names no host"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// RFC 3986, section 2.3: all but unreserved characters as % and two digits.
fn encode(value: &str, text: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_http_and_without_credentials() {
        for text in ["https://a.org", "http://127.0.0.1:80/x?y=1", "HTTPS://a.org/b#part", "http://[::1]:8080/"] {
            assert!(text.parse::<Address>().is_ok(), "{text}");
        }
        for text in
            ["", "a.org/b", "ftp://a.org/b", "file:///etc/passwd", "https://me:word@a.org/", "https://", "https://a b/"]
        {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
        let secure = |text: &str| text.parse::<Address>().map(|address| address.is_secure());
        assert_eq!((secure("HTTPS://a.org"), secure("http://a.org")), (Ok(true), Ok(false)));
    }

    #[test]
    fn parameters_are_encoded() {
        let address: Address = "https://a.org/Sql#part".parse().expect("an address");
        let with = address.with(&[("cmd", "SELECT 'é' > 1+2"), ("format", "csv")]);
        assert_eq!(
            with.map(|address| address.0),
            Ok("https://a.org/Sql?cmd=SELECT%20%27%C3%A9%27%20%3E%201%2B2&format=csv".to_owned())
        );
        assert!(address.with(&[("cmd", &"x".repeat(MOST_BYTES))]).is_err());
    }
}
