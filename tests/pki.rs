//! DER, PEM, keys, certificates and their validation, with certificates that OpenSSL made.

mod pki {
    mod fields;
    pub(crate) mod fixtures;
    mod hostile;
    mod keys;
    mod validation;
}
