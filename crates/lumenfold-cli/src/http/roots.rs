//! The certificates that servers are checked against.

use std::io::Read;
use std::path::Path;

use ureq::tls::{PemItem, RootCerts, parse_pem};

use crate::failure::Failure;

/// The variable by which programs are told of other certificates: those of an institute whose network has its own.
const VARIABLE: &str = "SSL_CERT_FILE";

/// The longest file of certificates that is read.
const MOST_BYTES: u64 = 16 << 20;

/// Those of the file that the environment names, in PEM, or else those of Mozilla, which are part of the program.
pub(super) fn roots() -> Result<RootCerts, Failure> {
    match std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        Some(path) => read(Path::new(&path)),
        None => Ok(RootCerts::WebPki),
    }
}

fn read(path: &Path) -> Result<RootCerts, Failure> {
    let wrong = |why: &str| Failure::usage(format!("{VARIABLE}: {}: {why}", path.display()));
    let mut text = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    file.take(MOST_BYTES).read_to_end(&mut text).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&text) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(_) => return Err(wrong("is no file of certificates in PEM")),
        }
    }
    if certificates.is_empty() {
        return Err(wrong("has no certificate in PEM"));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_without_certificates_are_refused() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for text in [
            "",
            "no certificate",
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\nAAAA\n",
        ] {
            std::fs::write(file.path(), text).expect("room on the disk");
            let told = read(file.path()).expect_err("a refusal").to_string();
            assert!(told.starts_with("SSL_CERT_FILE: ") && told.contains("PEM"), "{text}: {told}");
        }
        assert!(read(Path::new("/no/such/file")).is_err());
    }
}
