//! TLS 1.2 with the programs that the world speaks it with: OpenSSL and Python, on either side.

#[path = "tls_peers/client.rs"]
mod client;
#[path = "tls_peers/identity.rs"]
mod identity;
#[path = "tls_peers/server.rs"]
mod server;
#[path = "tls_peers/window.rs"]
mod window;

use libtest_mimic::Arguments;

fn main() {
    let trials = client::trials().into_iter().chain(server::trials()).chain(window::trials());
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}
