//! TLS to the server, as strict as `sslmode` says and no stricter (manual, 34.19.1).

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::url::{Roots, TlsMode, TlsSettings};

/// Why TLS cannot be prepared: the roots that certificates are to be verified against.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("cannot read the root certificates in {}: {source}; name a PEM file with sslrootcert", path.display())]
    RootFile { path: PathBuf, source: io::Error },
    #[error("there is no certificate in {}; name a PEM file with sslrootcert", .0.display())]
    NoRoot(PathBuf),
    #[error(
        "this system has no root certificates: {0}; install them (`ca-certificates`), or name a PEM file with sslrootcert"
    )]
    NoSystemRoots(String),
    #[error("TLS cannot be used: {0}")]
    Setup(#[from] Error),
}

/// What the driver makes TLS with. Reads the roots, so it is made once and cloned.
///
/// # Errors
/// When the roots that the settings ask for cannot be read.
pub(super) fn connector(settings: &TlsSettings) -> Result<MakeRustlsConnect, TlsError> {
    // Named, since a provider for the whole process is for the binary to choose.
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match settings.mode {
        TlsMode::Disable | TlsMode::Prefer | TlsMode::Require => {
            Arc::new(AnyCertificate { provider: Arc::clone(&provider) })
        }
        TlsMode::VerifyCa => Arc::new(SignedByRoot::new(&provider, &settings.roots, NameCheck::None)?),
        TlsMode::VerifyFull => Arc::new(SignedByRoot::new(&provider, &settings.roots, NameCheck::Host)?),
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    if settings.is_direct {
        // Without it the server could not tell PostgreSQL from whatever else speaks TLS on its port.
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(MakeRustlsConnect::new(config))
}

/// Takes every certificate. Whoever can change packets can read everything, as `sslmode=require`
/// has it; it keeps out those who only listen.
#[derive(Debug)]
struct AnyCertificate {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    // A signature by an unknown key proves nothing, and old certificates could not be read for it.
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NameCheck {
    None,
    Host,
}

/// Takes certificates that a root has signed, or that are in the root file themselves.
#[derive(Debug)]
struct SignedByRoot {
    provider: Arc<CryptoProvider>,
    anchors: RootCertStore,
    roots: Vec<CertificateDer<'static>>,
    name_check: NameCheck,
}

impl SignedByRoot {
    fn new(provider: &Arc<CryptoProvider>, roots: &Roots, name_check: NameCheck) -> Result<Self, TlsError> {
        let roots = read_roots(roots)?;
        let mut anchors = RootCertStore::empty();
        // Those that cannot be an authority may still be a server's own certificate.
        anchors.add_parsable_certificates(roots.iter().cloned());
        Ok(Self { provider: Arc::clone(provider), anchors, roots, name_check })
    }

    /// A server's own certificate in the root file is trusted as it stands. Self-signed ones are
    /// authorities by their form, which `webpki` takes for no server's and OpenSSL does.
    fn is_root_itself(&self, certificate: &CertificateDer<'_>, error: &Error) -> bool {
        let is_out_of_date = matches!(
            error,
            Error::InvalidCertificate(
                CertificateError::Expired
                    | CertificateError::ExpiredContext { .. }
                    | CertificateError::NotValidYet
                    | CertificateError::NotValidYetContext { .. }
            )
        );
        !is_out_of_date && self.roots.iter().any(|root| root.as_ref() == certificate.as_ref())
    }
}

impl ServerCertVerifier for SignedByRoot {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        let algorithms = self.provider.signature_verification_algorithms.all;
        let chain =
            verify_server_cert_signed_by_trust_anchor(&parsed, &self.anchors, intermediates, now, algorithms);
        if let Err(error) = chain
            && !self.is_root_itself(certificate, &error)
        {
            return Err(error);
        }
        if self.name_check == NameCheck::Host {
            verify_server_name(&parsed, name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn read_roots(roots: &Roots) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    match roots {
        Roots::System => {
            let found = rustls_native_certs::load_native_certs();
            if found.certs.is_empty() {
                let reasons: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
                let reason = if reasons.is_empty() { "none were found".into() } else { reasons.join(", ") };
                return Err(TlsError::NoSystemRoots(reason));
            }
            Ok(found.certs)
        }
        Roots::File(path) => {
            let unreadable = |error| match error {
                pem::Error::Io(source) => TlsError::RootFile { path: path.clone(), source },
                pem::Error::NoItemsFound => TlsError::NoRoot(path.clone()),
                other => {
                    TlsError::RootFile { path: path.clone(), source: io::Error::other(other.to_string()) }
                }
            };
            let certificates = CertificateDer::pem_file_iter(path).map_err(unreadable)?;
            let certificates = certificates.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
            if certificates.is_empty() { Err(TlsError::NoRoot(path.clone())) } else { Ok(certificates) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(mode: TlsMode, roots: Roots) -> TlsSettings {
        TlsSettings { mode, roots, is_direct: false }
    }

    #[test]
    fn roots_are_read_only_where_they_count() {
        let missing = || Roots::File("/nowhere/root.crt".into());
        for mode in [TlsMode::Disable, TlsMode::Prefer, TlsMode::Require] {
            assert!(connector(&settings(mode, missing())).is_ok(), "{mode:?}");
        }
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            Roots::File(path)
        };
        let broken = "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n";
        for (roots, problem) in [
            (missing(), "cannot read the root certificates in /nowhere/root.crt"),
            (write("empty.crt", ""), "there is no certificate in"),
            (write("text.crt", "not a certificate"), "there is no certificate in"),
            (write("broken.crt", broken), "cannot read the root certificates in"),
        ] {
            for mode in [TlsMode::VerifyCa, TlsMode::VerifyFull] {
                let error = connector(&settings(mode, roots.clone())).err().unwrap().to_string();
                assert!(error.contains(problem) && error.contains("sslrootcert"), "{error}");
            }
        }
    }
}
