//! Cutaway beside its peers: the measuring that every bench shares.
//!
//! Criterion draws a chart of each contender alone. What counts here is the *ratio* to a peer on the same
//! machine in the same minute: so a [`Ladder`] lets the contenders run in turn, many short times, takes the
//! median of each, prints the table on stderr, and writes it to `target/ladder/TOPIC.json`.

use std::fmt::{self, Write as _};
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{env, fs, io};

/// Someone who can do a piece of work: `cutaway` on one of its rungs, or a peer.
pub struct Contender<'a> {
    name: String,
    rung: Option<String>,
    run: Box<dyn FnMut() + 'a>,
}

impl<'a> Contender<'a> {
    /// Cutaway, on this rung (or `textbook`).
    pub fn cutaway(rung: impl ToString, run: impl FnMut() + 'a) -> Self {
        Self { name: "cutaway".into(), rung: Some(rung.to_string()), run: Box::new(run) }
    }

    /// A peer, by its name and version.
    pub fn peer(name: impl ToString, run: impl FnMut() + 'a) -> Self {
        Self { name: name.to_string(), rung: None, run: Box::new(run) }
    }

    /// Does the work once.
    pub fn run(&mut self) {
        (self.run)();
    }

    fn is_peer(&self) -> bool {
        self.rung.is_none()
    }

    /// Nanoseconds for one of `iterations` runs.
    fn time(&mut self, iterations: u64) -> f64 {
        let start = Instant::now();
        for _ in 0..iterations {
            black_box(&mut self.run)();
        }
        start.elapsed().as_secs_f64() * 1e9 / iterations as f64
    }

    /// How many runs fill `sample`, so that reading the clock does not count.
    fn calibrated(&mut self, sample: Duration) -> u64 {
        let mut iterations = 1;
        loop {
            let total = self.time(iterations) * iterations as f64;
            let sample = sample.as_secs_f64() * 1e9;
            if total >= sample || iterations >= 1 << 40 {
                return iterations;
            }
            let wanted = iterations as f64 * sample / total.max(1.0) * 1.1;
            iterations = (wanted as u64).clamp(iterations + 1, iterations * 100);
        }
    }
}

/// The peer's name, or cutaway's with its rung.
impl fmt::Display for Contender<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.rung.iter().try_for_each(|rung| write!(f, " {rung}"))
    }
}

/// One line of the table: one contender at one work.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was done, such as `AES-256-GCM seal`.
    pub work: String,
    /// On how many bytes, where the work is on bytes.
    pub bytes: Option<u64>,
    /// `cutaway`, or the peer's name and version.
    pub contender: String,
    /// The rung of cutaway, or `textbook`; nothing for a peer.
    pub rung: Option<String>,
    /// The median of all samples, for one run.
    pub ns: f64,
    /// The best peer's time, divided by this one's: above 1 is faster than every peer.
    pub ratio_to_best_peer: Option<f64>,
    /// This one's speed as a part of what the machine could do at best, where that is known.
    pub share_of_limit: Option<f64>,
}

impl Row {
    /// 10⁹ bytes in a second, where the work is on bytes.
    #[must_use]
    pub fn gb_per_s(&self) -> Option<f64> {
        self.bytes.map(|bytes| bytes as f64 / self.ns)
    }
}

/// The table of one topic.
pub struct Ladder {
    topic: &'static str,
    quick: bool,
    rows: Vec<Row>,
}

impl Ladder {
    /// An empty table. A name of a bench on the command line, or `--test` or `--list`, asks for something else
    /// than the whole table: then `None`.
    #[must_use]
    pub fn wanted(topic: &'static str) -> Option<Self> {
        let elsewhere =
            |a: String| !a.starts_with('-') || a == "--test" || a == "--list" || a.starts_with("--list=");
        if env::args().skip(1).any(elsewhere) {
            return None;
        }
        Some(Self { topic, quick: quick(), rows: Vec::new() })
    }

    /// Lets the contenders do the same work in turn, and puts a row for each into the table. `limit` is the
    /// shortest time in nanoseconds that the machine could take, where that is known.
    pub fn measure(
        &mut self,
        work: &str,
        bytes: Option<u64>,
        limit: Option<f64>,
        contenders: &mut [Contender],
    ) {
        let (sample, rounds) = if self.quick { (1, 15) } else { (4, 75) };
        let iterations: Vec<u64> =
            contenders.iter_mut().map(|c| c.calibrated(Duration::from_millis(sample))).collect();
        let mut times = vec![Vec::with_capacity(rounds); contenders.len()];
        for _ in 0..rounds {
            for ((contender, iterations), times) in contenders.iter_mut().zip(&iterations).zip(&mut times) {
                times.push(contender.time(*iterations));
            }
        }
        let medians: Vec<f64> = times.into_iter().map(median).collect();
        let best_peer = contenders
            .iter()
            .zip(&medians)
            .filter(|(contender, _)| contender.is_peer())
            .map(|(_, ns)| *ns)
            .min_by(f64::total_cmp);
        for (contender, ns) in contenders.iter().zip(medians) {
            let row = Row {
                work: work.into(),
                bytes,
                contender: contender.name.clone(),
                rung: contender.rung.clone(),
                ns,
                ratio_to_best_peer: best_peer.map(|best| best / ns),
                share_of_limit: limit.map(|limit| limit / ns),
            };
            eprintln!("{}", line(&row));
            self.rows.push(row);
        }
    }

    /// Writes `target/ladder/TOPIC.json`, and says on stderr where that is.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self) -> io::Result<()> {
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target")), PathBuf::from);
        let folder = target.join("ladder");
        fs::create_dir_all(&folder)?;
        let file = folder.canonicalize()?.join(format!("{}.json", self.topic));
        fs::write(&file, self.json())?;
        eprintln!("the figures are in {}", file.display());
        Ok(())
    }

    fn json(&self) -> String {
        let rows: Vec<String> = self.rows.iter().map(|row| format!("    {}", json_row(row))).collect();
        format!(
            "{{\n  \"schema_version\": 1,\n  \"machine\": {},\n  \"rows\": [\n{}\n  ]\n}}\n",
            json_text(&machine()),
            rows.join(",\n")
        )
    }
}

/// Whether `cargo bench -- --quick` asks for short measurements.
#[must_use]
pub fn quick() -> bool {
    env::args().any(|argument| argument == "--quick")
}

/// The processor's name, where the system tells it, and what the program was built for.
#[must_use]
pub fn machine() -> String {
    let built_for = format!("{}-{}", env::consts::ARCH, env::consts::OS);
    let model = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    match model {
        Some(model) => format!("{model}, {built_for}"),
        None => built_for,
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn line(row: &Row) -> String {
    let bytes = row.bytes.map_or(String::new(), |bytes| format!("{bytes} B"));
    let contender = match &row.rung {
        Some(rung) => format!("{} {rung}", row.contender),
        None => row.contender.clone(),
    };
    let mut line = format!("{:20} {bytes:>9}  {contender:24} {:>12.1} ns", row.work, row.ns);
    if let Some(speed) = row.gb_per_s() {
        let _ = write!(line, " {speed:>8.3} GB/s");
    }
    if let Some(ratio) = row.ratio_to_best_peer {
        let _ = write!(line, "  {ratio:.2} × best peer");
    }
    if let Some(share) = row.share_of_limit {
        let _ = write!(line, "  {:.0} % of the limit", 100.0 * share);
    }
    line
}

fn json_row(row: &Row) -> String {
    let number = |value: Option<f64>| value.map_or("null".into(), |value| format!("{value:.4}"));
    let text = |value: Option<&String>| value.map_or("null".into(), |value| json_text(value));
    format!(
        "{{\"work\": {}, \"bytes\": {}, \"contender\": {}, \"rung\": {}, \"ns\": {:.2}, \"gb_per_s\": {}, \
         \"ratio_to_best_peer\": {}, \"share_of_limit\": {}}}",
        json_text(&row.work),
        row.bytes.map_or("null".into(), |bytes| bytes.to_string()),
        json_text(&row.contender),
        text(row.rung.as_ref()),
        row.ns,
        number(row.gb_per_s()),
        number(row.ratio_to_best_peer),
        number(row.share_of_limit),
    )
}

/// A JSON string, RFC 8259 §7.
fn json_text(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\0'..='\x1f' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
