//! One TLS 1.2 handshake, both ends from scratch, told as six steps.
//!
//! `cargo run --example tls_handshake` needs no arguments; `-- --help` lists them.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use cutaway::report::terminal::{Color, Options};
use cutaway::report::{Bytes, Console, Form, Output};
use cutaway::story::tls_handshake::{
    Audience, Failure, Identity, Kept, Limits, PAGE, Randomness, Settings, Wish, broken, connect, files,
    list, listen, local,
};
use cutaway::tls::CipherSuite;

/// One TLS 1.2 handshake, both ends from scratch, told as six steps.
// To clap a flag that is required counts as there when something that excludes it is: so whatever excludes
// what a flag requires stands among the conflicts of that flag too.
#[derive(Parser)]
#[command(after_help = Limits::default().to_string())]
struct Arguments {
    /// What our server's page says
    #[arg(long, value_name = "TEXT", default_value = PAGE, hide_default_value = true)]
    #[arg(conflicts_with = "connect")]
    say: String,
    /// The suite to speak, by its standard name
    #[arg(long, value_name = "NAME")]
    suite: Option<CipherSuite>,
    /// Spoil one thing, and see who notices; list
    #[arg(long, value_name = "NAME", conflicts_with_all = ["connect", "listen"])]
    r#break: Option<Wish>,
    /// Speak with somebody else's server
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "listen")]
    connect: Option<String>,
    /// The name that the server must prove, if not HOST
    #[arg(long, value_name = "NAME", requires = "connect")]
    #[arg(conflicts_with_all = ["listen", "break", "seed", "say"])]
    server_name: Option<String>,
    /// Whom to trust to vouch for the server (PEM)
    #[arg(long, value_name = "FILE", requires = "connect")]
    #[arg(conflicts_with_all = ["listen", "break", "seed", "say"])]
    ca: Option<PathBuf>,
    /// Be a server for somebody else's client
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// The server's certificates, its own first (PEM)
    #[arg(long, value_name = "FILE", requires_all = ["listen", "key"])]
    #[arg(conflicts_with_all = ["connect", "break", "seed"])]
    cert: Option<PathBuf>,
    /// The private key of the first of them (PEM)
    #[arg(long, value_name = "FILE", requires_all = ["listen", "cert"])]
    #[arg(conflicts_with_all = ["connect", "break", "seed"])]
    key: Option<PathBuf>,
    /// Serve one connection and end
    #[arg(long, requires = "listen", conflicts_with_all = ["connect", "break", "seed"])]
    once: bool,
    /// Wait for Enter between steps, on a terminal
    #[arg(long)]
    step: bool,
    /// The same every time: no secret, all revealed
    #[arg(long, value_name = "N", conflicts_with_all = ["connect", "listen"])]
    seed: Option<u64>,
    /// Write the whole run as a page, in one file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// A capture for Wireshark, with its secrets
    #[arg(long, value_name = "FILE")]
    pcapng: Option<PathBuf>,
    /// The secrets alone, as a key log
    #[arg(long, value_name = "FILE")]
    keylog: Option<PathBuf>,
    /// How much of the bytes: full, brief or none
    #[arg(long, value_name = "HOW", default_value = "brief", hide_default_value = true)]
    bytes: Bytes,
    /// In what form: text, or json, which has all of it
    #[arg(short, long, value_name = "FORM", default_value = "text", hide_default_value = true)]
    output: Form,
    /// Show values that an onlooker could never know
    #[arg(long)]
    reveal: bool,
    /// Colour: auto, always or never
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_default_value = true)]
    color: Color,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let text = Options::here(arguments.color, arguments.bytes);
    // What everybody can compute again from the seed is kept back from nobody.
    let reveal = arguments.reveal || arguments.seed.is_some();
    let output = Output { form: arguments.output, reveal, text };
    let console = Console { command: "tls_handshake", output, step: arguments.step };
    match run(arguments, console) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console.complain(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(arguments: Arguments, console: Console) -> Result<(), Failure> {
    let randomness = arguments.seed.map_or(Randomness::System, Randomness::Seed);
    if let Some(Wish::List) = arguments.r#break {
        return console.print(&list()).map_err(|error| Failure::io("standard output", &error));
    }
    let settings = Settings { say: arguments.say, suite: arguments.suite, ..Settings::new(randomness) };
    let kept = Kept::new(arguments.keylog.as_deref(), arguments.pcapng.as_deref())?;
    let mut audience = Audience { console, page: arguments.html, kept };
    if let Some(address) = arguments.listen {
        let identity = match arguments.cert.zip(arguments.key) {
            Some((certificates, key)) => Identity::from_files(&certificates, &key)?,
            None => Identity::for_listener(&settings, &address),
        };
        return listen(settings, &address, identity, arguments.once, &mut audience);
    }
    let told = match (arguments.connect, arguments.r#break) {
        (_, Some(Wish::Break(fault))) => broken(&settings, fault)?,
        (Some(address), _) => {
            let trusted = arguments.ca.as_deref().map(files::certificates).transpose()?.unwrap_or_default();
            connect(&settings, &address, arguments.server_name.as_deref(), trusted)?
        }
        _ => local(&settings)?,
    };
    audience.tell(told)
}
