//! A server that is led by hand, out of the library's public parts: it says what no [`Server`] would say.

#[cfg(doc)]
use crate::tls::Server;

use std::io::{self, ErrorKind, Read, Write};

use rand::CryptoRng;

use crate::asymmetric::rsa::RsaPrivateKey;
use crate::pki::certificate::Certificate;
use crate::story::tls_handshake::broken::mallory::read_record;
use crate::story::tls_handshake::faults::Lie;
use crate::tls::CipherSuite;
use crate::tls::certificate::CertificateMessage;
use crate::tls::extension::Extension;
use crate::tls::finished::Finished;
use crate::tls::hello::{CompressionMethod, ServerHello};
use crate::tls::message::Message;
use crate::tls::record::{self, ContentType, Header, ProtocolVersion};
use crate::tls::v12::key_schedule::{self, Keys, Side};

/// Who plays the server.
pub(super) struct Impostor<'a> {
    pub(super) lie: Lie,
    pub(super) certificates: &'a [Certificate],
    /// The key that it has.
    pub(super) key: &'a RsaPrivateKey,
    pub(super) suites: &'a [CipherSuite],
}

impl Impostor<'_> {
    /// Runs a handshake as a server does, up to the lie, and waits for what the client says to it.
    pub(super) fn run(
        &self,
        stream: &mut (impl Read + Write),
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> io::Result<()> {
        // All handshake messages, as both sides hash them.
        let mut messages = hear(stream)?;
        let Ok(Message::ClientHello(mut hello)) = Message::from_bytes(&messages) else { return unexpected() };
        let length = messages.len();
        let suite = self.suites.iter().copied().find(|suite| hello.cipher_suites.contains(suite));
        let Some((suite, parameters)) = suite.and_then(|suite| Some((suite, suite.parameters()?))) else {
            return unexpected();
        };
        let mut random = [0; 32];
        rng.fill_bytes(&mut random);
        let certificate_list = self.certificates.iter().map(|it| it.der().to_vec()).collect();
        let mut extensions = vec![Extension::RenegotiationInfo(Vec::new()), Extension::ExtendedMasterSecret];
        extensions.extend(suite.needs_encrypt_then_mac().then_some(Extension::EncryptThenMac));
        for message in [
            Message::ServerHello(ServerHello {
                version: ProtocolVersion::TLS_1_2,
                random,
                session_id: Vec::new(),
                cipher_suite: suite,
                compression_method: CompressionMethod::NULL,
                extensions,
            }),
            Message::Certificate(CertificateMessage { certificate_list }),
            Message::ServerHelloDone,
        ] {
            let message = message.to_bytes();
            say(stream, ContentType::HANDSHAKE, &message)?;
            messages.extend(message);
        }

        let exchange = hear(stream)?;
        messages.extend(&exchange);
        let Ok(Message::ClientKeyExchange(exchange)) = Message::from_bytes(&exchange) else {
            return unexpected();
        };
        // With another key than the certificate's this gives 48 bytes that nobody chose.
        let version = hello.version.0.to_be_bytes();
        let premaster = self.key.decrypt_premaster(rng, &exchange.encrypted_premaster_secret, version);
        let hash = parameters.hash;
        let session_hash = hash.digest(&messages);
        let master = key_schedule::extended_master_secret(hash, premaster.reveal(), &session_hash);
        let block = key_schedule::key_block(parameters, master.reveal(), &random, &hello.random);
        let keys = Keys::of(&block, parameters);
        let [mut opens, mut seals] = [Side::Client, Side::Server].map(|side| keys.protection(side));

        hear(stream)?; // ChangeCipherSpec
        let mut finished = hear(stream)?;
        if let Ok(finished) = opens.open(ContentType::HANDSHAKE, &mut finished) {
            messages.extend_from_slice(finished);
        }
        if self.lie == Lie::WrongFinished {
            hello.cipher_suites.remove(0);
            messages.splice(..length, Message::ClientHello(hello).to_bytes());
        }
        let verify_data =
            key_schedule::verify_data(hash, master.reveal(), Side::Server, &hash.digest(&messages));
        say(stream, ContentType::CHANGE_CIPHER_SPEC, &[1])?;
        let mut sealed = Vec::new();
        let finished = Message::Finished(Finished { verify_data }).to_bytes();
        seals.seal(rng, ContentType::HANDSHAKE, &finished, &mut sealed).map_err(io::Error::other)?;
        stream.write_all(&sealed)?;
        while read_record(stream).is_ok() {}
        Ok(())
    }
}

/// What the next record holds.
fn hear(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    read_record(stream).map(|mut record| record.split_off(record::HEADER))
}

/// A record that is not sealed.
fn say(stream: &mut impl Write, content_type: ContentType, fragment: &[u8]) -> io::Result<()> {
    let header = Header { content_type, version: ProtocolVersion::TLS_1_2, length: fragment.len() as u16 };
    stream.write_all(&[&header.to_bytes(), fragment].concat())
}

fn unexpected() -> io::Result<()> {
    Err(io::Error::new(ErrorKind::InvalidData, "the client said something else than it does"))
}
