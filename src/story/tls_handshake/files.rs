//! The files that a run reads, and those that it writes.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::pki::certificate::Certificate;
use crate::pki::key::{KeyFileError, PrivateKey};
use crate::secret::SecretVec;
use crate::story::tls_handshake::{Failure, FailureKind};
use crate::wire::reader::escape;

/// How much of a file is read. The certificates of all CAs that a system trusts are a sixtieth of that.
const LONGEST: u64 = 16 << 20;

/// The certificates in a PEM file; `-` is standard input.
///
/// # Errors
/// If there is no such file, or it has none.
pub fn certificates(file: &Path) -> Result<Vec<Certificate>, Failure> {
    let contents = read(file)?;
    Certificate::from_pem(&contents).map_err(|error| malformed(file, &contents, &error, "x509"))
}

/// The private key in a PEM file; `-` is standard input.
///
/// # Errors
/// If there is no such file, or it has none that can be used.
pub fn private_key(file: &Path) -> Result<PrivateKey, Failure> {
    let contents = SecretVec::new(read(file)?);
    PrivateKey::from_pem(contents.reveal()).map_err(|error| {
        let mut failure = malformed(file, contents.reveal(), &error, "pkey");
        if matches!(error, KeyFileError::Algorithm(_)) {
            failure.message +=
                ": RSA key transport takes an RSA key, as `openssl genpkey -algorithm RSA -out FILE` makes it";
        }
        failure
    })
}

/// Writes a certificate to a new file in the folder for temporary ones. The serial number in its name
/// sets it apart from that of every other run.
///
/// # Errors
/// If it cannot be written.
pub fn keep(certificate: &Certificate) -> Result<PathBuf, Failure> {
    let serial = hex::encode(certificate.serial_number().as_bytes());
    let file = std::env::temp_dir().join(format!("cutaway-ca-{}.pem", serial.get(..8).unwrap_or(&serial)));
    // Only a new one: another user of this machine may have laid something under that name.
    let created = OpenOptions::new().write(true).create_new(true).open(&file);
    let written = created.and_then(|mut to| to.write_all(certificate.to_pem().as_bytes()));
    written.map(|()| file.clone()).map_err(|error| Failure::io(&file.to_string_lossy(), &error))
}

/// A file that goes when this does.
#[derive(Debug)]
pub struct Passing(pub PathBuf);

impl Drop for Passing {
    fn drop(&mut self) {
        // If somebody else took it away, so much the better.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A file for what only its owner shall read: empty, new or not. What is no file, or only leads to one,
/// is left alone.
///
/// # Errors
/// If it cannot be written, or is something else than a file.
pub fn create(file: &Path) -> Result<File, Failure> {
    let failed = |error| Failure::io(&file.to_string_lossy(), &error);
    let there = std::fs::symlink_metadata(file);
    if there.is_ok_and(|there| !there.is_file()) {
        let message = format!("{}: there is something that is no file", escape(&file.to_string_lossy()));
        return Err(Failure::new(FailureKind::Absent, message));
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let created = options.open(file).map_err(failed)?;
    // One that was there may have been readable by others: first that ends, then what it held.
    #[cfg(unix)]
    created.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(failed)?;
    created.set_len(0).map_err(failed)?;
    Ok(created)
}

/// Writes a page that its owner alone can read.
///
/// # Errors
/// If it cannot be written, or something else than a file is there.
pub fn page(file: &Path, page: &str) -> Result<(), Failure> {
    let mut to = create(file)?;
    to.write_all(page.as_bytes()).map_err(|error| Failure::io(&file.to_string_lossy(), &error))
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut contents = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin().lock().take(LONGEST).read_to_end(&mut contents)
    } else {
        File::open(file).and_then(|file| file.take(LONGEST).read_to_end(&mut contents))
    };
    read.map(|_| contents).map_err(|error| Failure::io(&file.to_string_lossy(), &error))
}

fn malformed(file: &Path, contents: &[u8], error: &dyn std::error::Error, command: &str) -> Failure {
    let file = escape(&file.to_string_lossy());
    // A SEQUENCE of more than 255 bytes: what a certificate or a key is in DER.
    let fix = if contents.starts_with(&[0x30, 0x82]) {
        format!(": it looks like DER, of which `openssl {command} -in {file} -out FILE` makes PEM")
    } else {
        String::new()
    };
    Failure::new(FailureKind::Malformed, format!("{file}: {error}{fix}"))
}
