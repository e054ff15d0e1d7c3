//! The flagship as its user meets it: what it prints, how it ends, and what it says when something is
//! wrong. Each test starts the program itself; the others at the wire are OpenSSL, curl, Python, or
//! somebody who does not speak TLS at all.

mod tls_handshake {
    pub(crate) mod alone;
    pub(crate) mod broken;
    pub(crate) mod connect;
    pub(crate) mod ends;
    pub(crate) mod files;
    pub(crate) mod listen;
    pub(crate) mod others;
    pub(crate) mod page;
    pub(crate) mod program;
    pub(crate) mod terminal;
}

use libtest_mimic::Arguments;
use tls_handshake::{alone, broken, connect, ends, listen, page, terminal};

fn main() {
    // Most of the time these wait for one another.
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(8);
    let trials = [
        connect::trials(),
        ends::trials(),
        broken::trials(),
        listen::trials(),
        terminal::trials(),
        alone::trials(),
        page::trials(),
    ];
    let mut trials: Vec<_> = trials.into_iter().flatten().collect();
    // Ten seconds of silence are spent beside all others, and not after them.
    trials.sort_by_key(|trial| !trial.name().contains("silen"));
    libtest_mimic::run(&arguments, trials).exit();
}
