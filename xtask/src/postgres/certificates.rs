//! A certificate authority of two days, and what it signs: the server's certificate for `localhost`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::owner::{Owner, finish};
use crate::Outcome;

pub(super) const CA: &str = "ca.crt";
pub(super) const SERVER: &str = "server.crt";
/// For the eyes of its owner only, or PostgreSQL does not take it.
pub(super) const SERVER_KEY: &str = "server.key";

/// All settings, since those of the machine may have what contradicts ours.
const SETTINGS: &str = "\
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost
";

/// Writes the three files into `folder`.
///
/// # Errors
/// Says what `openssl` says.
pub(super) fn make(folder: &Path, owner: Owner) -> Outcome {
    let settings = folder.join("openssl.cnf");
    fs::write(&settings, SETTINGS).map_err(|error| format!("{}: {error}", settings.display()))?;
    let openssl = |arguments: &str| {
        let mut command = owner.command("openssl");
        finish(command.current_dir(folder).args(arguments.split(' ')))
    };
    let new_key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -config openssl.cnf";
    openssl(&format!(
        "req -x509 {new_key} -extensions ca -subj /CN=fourfold-tests -days 2 -keyout ca.key -out {CA}"
    ))?;
    openssl(&format!("req {new_key} -subj /CN=localhost -keyout {SERVER_KEY} -out server.csr"))?;
    openssl(&format!(
        "x509 -req -in server.csr -CA {CA} -CAkey ca.key -set_serial 2 -days 2 -extfile openssl.cnf \
         -extensions server -out {SERVER}"
    ))?;
    for (file, mode) in [("ca.key", 0o600), (SERVER_KEY, 0o600), (CA, 0o644), (SERVER, 0o644)] {
        let path = folder.join(file);
        let outcome = fs::set_permissions(&path, Permissions::from_mode(mode));
        outcome.map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}
