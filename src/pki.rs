//! Who is who: DER, PEM, keys, certificates and their validation.
