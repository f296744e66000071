//! Encryption of connections, by rustls: which authorities are trusted, and when plain text is refused.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{
        CertificateDer,
        pem::{self, PemObject},
    },
};

use crate::{
    domain::{Error, Result},
    system::open::Target,
};

/// A client that verifies the server's certificate and its name.
///
/// # Errors
/// Configuration (exit 6): no authority to trust.
pub fn client(target: &Target<'_>) -> Result<ClientConfig> {
    let roots = roots(target)?;
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| {
        Error::config(format!("system `{}`: no protocol for encryption", target.system)).because(error)
    })?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn roots(target: &Target<'_>) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let certificates = match &target.ca_file {
        Some(path) => from_file(target.system, path)?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    roots.add_parsable_certificates(certificates);
    if roots.is_empty() {
        return Err(Error::config(format!(
            "system `{}`: no authority is trusted to vouch for the server",
            target.system
        ))
        .hint("name the certificates of your authority with `ca_file:` in dsr.yaml"));
    }
    Ok(roots)
}

fn from_file(system: &str, path: &std::path::Path) -> Result<Vec<CertificateDer<'static>>> {
    let wrong = |error: pem::Error| {
        Error::config(format!("system `{system}`: `{}` cannot be read as certificates", path.display()))
            .because(error)
    };
    CertificateDer::pem_file_iter(path).map_err(wrong)?.collect::<Result<_, _>>().map_err(wrong)
}

/// A name or an address that no network is needed for.
pub fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Personal data would travel readable.
pub fn in_clear(system: &str) -> Error {
    Error::config(format!(
        "system `{system}`: its URL switches encryption off, and the server is on another machine"
    ))
    .hint(
        "take sslmode=disable out of the URL; where a tunnel encrypts already, write `tls: off` in dsr.yaml",
    )
}

/// Whether a certificate was the reason, somewhere down the chain.
pub fn is_fault(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if error.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>()) {
            return true;
        }
        next = error.source();
    }
    false
}
