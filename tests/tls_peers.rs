//! TLS 1.2 with the programs that the world speaks it with: OpenSSL and GnuTLS on either
//! side, curl and Python as clients.

#[path = "tls_peers/client.rs"]
mod client;
#[path = "tls_peers/gnutls.rs"]
mod gnutls;
#[path = "tls_peers/identity.rs"]
mod identity;
#[path = "tls_peers/server.rs"]
mod server;
#[path = "tls_peers/window.rs"]
mod window;

use libtest_mimic::Arguments;

fn main() {
    let trials = [client::trials(), server::trials(), gnutls::trials(), window::trials()];
    libtest_mimic::run(&Arguments::from_args(), trials.into_iter().flatten().collect()).exit();
}
