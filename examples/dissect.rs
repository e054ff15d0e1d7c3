//! A recording from elsewhere, told like a run of our own: a capture, or a dump of one side.
//!
//! `cargo run --example dissect -- FILE`; `-- --help` lists what may open it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use cutaway::report::terminal::{Color, Options};
use cutaway::report::{Bytes, Console, Form, Output};
use cutaway::story::dissect::{Question, Told, dissect, files};
use cutaway::story::tls_handshake::{Audience, Failure, Kept};
use cutaway::tls::dissect::{CLIENT, SERVER};

/// A recording of TLS 1.2 from elsewhere, opened as far as it can be, and told
#[derive(Parser)]
#[command(after_help = AFTER)]
struct Arguments {
    /// A capture (pcap, pcapng), or what one side said
    file: PathBuf,
    /// Secrets that either side logged (SSLKEYLOGFILE)
    #[arg(long, value_name = "FILE")]
    keylog: Option<PathBuf>,
    /// The server's private key (PEM)
    #[arg(long, value_name = "FILE")]
    server_key: Option<PathBuf>,
    /// Which connection, as Wireshark counts them
    #[arg(long, value_name = "N")]
    stream: Option<u32>,
    /// Who said it, client or server; else guessed
    #[arg(long, value_name = "SIDE", hide_possible_values = true)]
    #[arg(value_parser = ["client", "server"])]
    from: Option<String>,
    /// Write all that is told as a page, in one file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
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

const AFTER: &str = "\
What one side said is read as bytes or in hexadecimal: plain, or as xxd,
hexdump -C, od -tx1 and Wireshark print it. A FILE named - is standard input.

Exit codes: 0 it was told; 1 what was given does not open it; 2 wrong usage;
3 a malformed file, or no TLS in it; 4 no such file";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let text = Options::here(arguments.color, arguments.bytes);
    let output = Output { form: arguments.output, reveal: arguments.reveal, text };
    let console = Console { command: "dissect", output, step: false };
    match run(&arguments, console) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console.complain(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(arguments: &Arguments, console: Console) -> Result<(), Failure> {
    let question = Question {
        file: arguments.file.display().to_string(),
        stream: arguments.stream,
        from: arguments.from.as_ref().map(|from| if from == "client" { CLIENT } else { SERVER }),
        key_log: arguments.keylog.as_deref().map(files::key_log).transpose()?,
        server_key: arguments.server_key.as_deref().map(files::private_key).transpose()?,
    };
    let Told { report, failure } = dissect(&files::recording(&arguments.file)?, question)?;
    Audience { console, page: arguments.html.clone(), kept: Kept::new(None, None)? }.show(&report)?;
    failure.map_or(Ok(()), Err)
}
