//! The signature on the server's certificate, undone as the client undoes it.

use crate::asymmetric::rsa::RsaPublicKey;
use crate::hash::HashAlgorithm;
use crate::pki::certificate::Certificate;
use crate::pki::public_key::SignatureAlgorithm;
use crate::tls::dissect::CLIENT;
use crate::wire::{LayerId, Layers, Reader, Span};

/// The signature on a certificate, undone with its issuer's public key.
#[derive(Clone, Debug)]
pub struct Signature {
    /// The bytes that were signed.
    pub signed: Span,
    /// Their hash, computed.
    pub digest: Span,
    /// The signature raised to the power e modulo n: padding, then a hash.
    pub recovered: Span,
    /// Whether the two hashes are the same.
    pub matches: bool,
}

/// Undoes the signature on the first certificate of the message with the key of its issuer, who stands
/// behind it in the message or is trusted.
pub(super) fn signature(
    layers: &mut Layers,
    layer: LayerId,
    field: usize,
    trusted: &[Certificate],
) -> Option<Signature> {
    let certificate = layers.find_below(layer, field, "certificate")?;
    let place = |label| certificate.descendants().find(|node| node.field().label == label);
    let signed = layer.span(place("tbsCertificate")?.field().range());
    let signature = layer.span(place("signatureValue")?.find("contents")?.field().range());
    let algorithm = layer.span(place("signatureAlgorithm")?.field().range());
    let leaf = Certificate::from_der(layers.bytes(&layer.span(certificate.field().range()))).ok()?;
    let SignatureAlgorithm::RsaPkcs1(hash) = *leaf.signature_algorithm() else { return None };
    let (modulus, exponent) = match issuer_in_message(layers, layer, field, &leaf) {
        Some(key) => key,
        None => held_issuer(layers, trusted, &leaf)?,
    };
    let recovered =
        layers.compute("s^e mod n", "s^e mod n", [&signature, &modulus, &exponent], |[s, n, e]| {
            RsaPublicKey::new(n, e).ok().and_then(|key| key.power(s)).unwrap_or_default()
        });
    // Which hash it is, the certificate says.
    let how = match hash {
        HashAlgorithm::Sha256 => "SHA-256",
        HashAlgorithm::Sha384 => "SHA-384",
        HashAlgorithm::Sha512 => "SHA-512",
    };
    let digest =
        layers.compute("hash of the signed bytes", how, [&signed, &algorithm], |[signed, algorithm]| {
            hash_of(algorithm).map_or_else(Vec::new, |hash| hash.digest(signed))
        });
    let length = recovered.range.len();
    let end = recovered.layer.span(length.saturating_sub(hash.output_len())..length);
    let matches = layers.matches(&digest, &end);
    Some(Signature { signed, digest, recovered, matches })
}

/// The hash that a signature algorithm names.
fn hash_of(algorithm: &[u8]) -> Option<HashAlgorithm> {
    let read = |r: &mut Reader| SignatureAlgorithm::read(r, "signatureAlgorithm");
    match Reader::new(algorithm).whole(read).ok()? {
        SignatureAlgorithm::RsaPkcs1(hash) => Some(hash),
        SignatureAlgorithm::Other(_) => None,
    }
}

/// The public key of the certificate's issuer, where that stands behind it in the message.
fn issuer_in_message(
    layers: &Layers,
    layer: LayerId,
    field: usize,
    leaf: &Certificate,
) -> Option<(Span, Span)> {
    let message = layers.get(layer).fields.node(field);
    let others = message.descendants().filter(|node| node.field().label == "certificate").skip(1);
    let mut issuers = others.filter(|node| {
        let der = layers.bytes(&layer.span(node.field().range()));
        Certificate::from_der(der).is_ok_and(|other| other.subject() == leaf.issuer())
    });
    key_below(layers, layer, issuers.next()?.id())
}

/// The public key of the certificate's issuer, where the client trusted it beforehand.
fn held_issuer(layers: &mut Layers, trusted: &[Certificate], leaf: &Certificate) -> Option<(Span, Span)> {
    let issuer = trusted.iter().find(|candidate| candidate.subject() == leaf.issuer())?;
    let now = std::mem::take(&mut layers.now);
    let held = layers.published(CLIENT, "trusted CA certificate", issuer.der().to_vec());
    layers.now = now;
    layers.read(held, |r| Certificate::read(r).map(drop)).ok()?;
    key_below(layers, held, 0)
}

/// The modulus and the exponent below a field.
fn key_below(layers: &Layers, layer: LayerId, field: usize) -> Option<(Span, Span)> {
    let part = |label| Some(layer.span(layers.find_below(layer, field, label)?.field().contents()));
    Some((part("modulus")?, part("publicExponent")?))
}
