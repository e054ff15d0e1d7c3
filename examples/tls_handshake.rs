//! One TLS 1.2 handshake, both ends from scratch, told as six steps.
//!
//! `cargo run --example tls_handshake` needs no arguments; `-- --help` lists them.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use cutaway::pki::time::Time;
use cutaway::report::terminal::{self, Options};
use cutaway::report::{Bytes, Form, Output, Report, html};
use cutaway::story::tls_handshake::{
    Failure, Identity, Kept, Listener, PAGE, Randomness, Settings, Told, connect, files, local,
};
use cutaway::tls::CipherSuite;
use cutaway::wire::reader::escape;

/// One TLS 1.2 handshake, both ends from scratch, told as six steps.
#[derive(Parser)]
struct Arguments {
    /// What our server's page says
    #[arg(long, value_name = "TEXT", default_value = PAGE, hide_default_value = true)]
    #[arg(conflicts_with = "connect")]
    say: String,
    /// The suite to speak, by its standard name
    #[arg(long, value_name = "NAME", value_parser = suite)]
    suite: Option<CipherSuite>,
    /// Speak with somebody else's server
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "listen")]
    connect: Option<String>,
    /// The name that the server must prove, if not HOST
    #[arg(long, value_name = "NAME", requires = "connect")]
    server_name: Option<String>,
    /// Whom to trust to vouch for the server (PEM)
    #[arg(long, value_name = "FILE", requires = "connect")]
    ca: Option<PathBuf>,
    /// Be a server for somebody else's client
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// The server's certificates, its own first (PEM)
    #[arg(long, value_name = "FILE", requires_all = ["listen", "key"])]
    cert: Option<PathBuf>,
    /// The private key of the first of them (PEM)
    #[arg(long, value_name = "FILE", requires_all = ["listen", "cert"])]
    key: Option<PathBuf>,
    /// Serve one connection and end
    #[arg(long, requires = "listen")]
    once: bool,
    /// Wait for Enter between steps, on a terminal
    #[arg(long)]
    step: bool,
    /// The same output every time: nothing is secret
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
    #[arg(value_parser = ["auto", "always", "never"], hide_possible_values = true)]
    color: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(failure)) | Err(failure) => {
            remark(&format!("tls_handshake: {failure}"));
            ExitCode::from(failure.exit_code())
        }
    }
}

/// A line on standard error. If nobody takes it, that is no reason to end.
fn remark(line: &str) {
    let options = Options { unicode: unicode(), ..Options::default() };
    let _ = writeln!(io::stderr(), "{}", terminal::line(line, options));
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn unicode() -> bool {
    cfg!(windows) || terminal::speaks_utf8(variable)
}

fn run(arguments: &Arguments) -> Result<Option<Failure>, Failure> {
    let randomness = arguments.seed.map_or(Randomness::System, Randomness::Seed);
    // A seed fixes the time too: the first second of 2026.
    let now = arguments.seed.map_or_else(Time::now, |_| Time::from_unix(1_767_225_600));
    let settings = Settings { say: arguments.say.clone(), suite: arguments.suite, randomness, now };
    let mut kept = Kept::new(arguments.keylog.as_deref(), arguments.pcapng.as_deref())?;
    if let Some(address) = &arguments.listen {
        return listen(arguments, settings, address, kept);
    }
    let told = match &arguments.connect {
        Some(address) => {
            let trusted = arguments.ca.as_deref().map(files::certificates).transpose()?.unwrap_or_default();
            connect(&settings, address, arguments.server_name.as_deref(), trusted)?
        }
        None => local(&settings)?,
    };
    finish(arguments, told, &mut kept)
}

/// Shows a run, keeps what shall be kept of it, and says how it ended.
fn finish(arguments: &Arguments, told: Told, kept: &mut Kept) -> Result<Option<Failure>, Failure> {
    show(arguments, &told.report)?;
    kept.keep(&told.recording)?.iter().for_each(|line| remark(line));
    Ok(told.failure)
}

fn listen(
    arguments: &Arguments,
    settings: Settings,
    address: &str,
    mut kept: Kept,
) -> Result<Option<Failure>, Failure> {
    let identity = match (&arguments.cert, &arguments.key) {
        (Some(certificates), Some(key)) => {
            Identity::new(files::certificates(certificates)?, files::private_key(key)?)?
        }
        _ => Identity::for_listener(&settings, address),
    };
    let authority = identity.authority().cloned();
    let listener = Listener::bind(settings, address, identity)?;
    let here = listener.address().map_err(|error| Failure::io(address, &error))?;
    remark(&format!("listening on {here}"));
    if let Some(authority) = authority {
        let file = files::keep(&authority)?;
        let file = file.display();
        let own = here.ip().is_loopback() || here.ip().is_unspecified();
        let place = if own { format!("localhost:{}", here.port()) } else { here.to_string() };
        remark(&format!("the CA's certificate is in {file}; try: curl --cacert {file} https://{place}/"));
    }
    let mut last = Ok(None);
    let served = listener.serve(|told| {
        last = told.and_then(|told| finish(arguments, told, &mut kept));
        if let (Ok(Some(failure)) | Err(failure), false) = (&last, arguments.once) {
            remark(&format!("tls_handshake: {failure}"));
        }
        !arguments.once
    });
    served.map_err(|error| Failure::io(address, &error))?;
    last
}

/// Draws the report. A reader who has gone away is no error.
fn show(arguments: &Arguments, report: &Report) -> Result<(), Failure> {
    if let Some(file) = &arguments.html {
        files::page(file, &html::draw(report, html::Options { reveal: arguments.reveal }))?;
        remark(&format!("the page is in {}", escape(&file.to_string_lossy())));
    }
    let color = match arguments.color.as_str() {
        "always" => true,
        "never" => false,
        _ => terminal::wants_color(io::stdout().is_terminal(), variable),
    };
    let unicode = unicode();
    let waits = arguments.step && io::stdin().is_terminal() && io::stdout().is_terminal();
    let output = Output {
        form: arguments.output,
        reveal: arguments.reveal,
        text: Options { color, unicode, bytes: arguments.bytes },
    };
    let pause = || {
        if waits {
            let _ = write!(io::stderr(), "\n    {} ", if unicode { "Enter ↵" } else { "Enter" });
            let _ = io::stdin().lock().read_line(&mut String::new());
        }
    };
    let written = output.write(report, &mut io::stdout().lock(), pause);
    written.map_err(|error| Failure::io("standard output", &error))
}

fn suite(name: &str) -> Result<CipherSuite, String> {
    CipherSuite::from_name(name).ok_or_else(|| {
        let known = CipherSuite::IMPLEMENTED.map(|suite| suite.to_string()).join(" and ");
        format!("these are spoken here: {known}")
    })
}
