//! `--listen` under load: 200 connections at a time, and what becomes of those who only hold a place.
//!
//! The clients hang for as long as the test holds them. Times are only ever waited for, by limits that are
//! made short or out of reach.

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use cutaway::pki::trust_store::TrustStore;
use cutaway::story::tls_handshake::{
    Failure, FailureKind, HANDSHAKE_BYTES, Identity, Limits, Listener, Overload, PAGE, Settings, Told,
    connect,
};
use cutaway::symmetric::chacha20::Generator;
use cutaway::tls::{Client, ClientConfig, Connection, Stream};
use cutaway_tests::peer::PATIENCE;
use libtest_mimic::{Arguments, Completion, Trial};

/// Longer than any test.
const FOR_EVER: Duration = Duration::from_secs(600);

/// Both ends of 200 connections, and what a process has open besides.
const FILES: usize = 450;

fn main() {
    let mut arguments = Arguments::from_args();
    // They count the threads and the memory of the whole process.
    arguments.test_threads = Some(1);
    let trials = vec![
        trial("two_hundred_hang_and_an_honest_client_is_served", two_hundred_hang),
        trial("a_silent_client_is_dropped_in_time", silent_clients),
        trial("a_client_that_sends_a_byte_now_and_then_is_dropped_in_time", dripping_clients),
        trial("a_handshake_without_end_is_dropped_and_memory_has_a_bound", endless_handshakes),
        trial("nobody_waits_for_a_slow_reader", slow_reader),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

/// A test that may open many files.
fn trial(name: &str, test: fn()) -> Trial {
    Trial::ignorable_test(name, move || {
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
        let most: Option<usize> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        match most {
            Some(most) if most < FILES => {
                let why = format!("a process may have {most} files open, and this needs {FILES}");
                if std::env::var_os("CI").is_some() {
                    return Err(why.into());
                }
                Ok(Completion::ignored_with(why))
            }
            _ => {
                test();
                Ok(Completion::Completed)
            }
        }
    })
}

fn settings() -> Settings {
    Settings::seeded(6)
}

static IDENTITY: LazyLock<Identity> =
    LazyLock::new(|| Identity::make(&settings(), &["127.0.0.1".parse().expect("an address")]));

/// What the server's program hears of it.
#[derive(Debug)]
enum Event {
    Told(Box<Result<Told, Failure>>),
    Overload(Overload),
}

impl Event {
    fn told(self) -> Result<Told, Failure> {
        match self {
            Self::Told(told) => *told,
            Self::Overload(overload) => panic!("{overload}"),
        }
    }

    /// How a connection ended that was no success.
    fn failure(self) -> Failure {
        self.told().map_or_else(|failure| failure, |told| told.failure.expect("a failure"))
    }

    fn success(self) {
        let told = self.told().unwrap_or_else(|failure| panic!("{failure}"));
        assert_eq!(told.failure, None);
    }
}

/// Our server in this process.
struct Ours {
    address: String,
    events: mpsc::Receiver<Event>,
    enough: Arc<AtomicBool>,
    thread: JoinHandle<io::Result<()>>,
}

impl Ours {
    /// One whose program takes so many events before it waits for the test to look at one.
    fn start(limits: Limits, ahead: usize) -> Self {
        let listener = Listener::bind(settings(), "127.0.0.1:0", IDENTITY.clone()).expect("a free port");
        let listener = listener.limited(limits);
        let address = listener.address().expect("it has one").to_string();
        let (sender, events) = mpsc::sync_channel(ahead);
        let enough = Arc::new(AtomicBool::new(false));
        let (stop, overloads) = (Arc::clone(&enough), sender.clone());
        let thread = thread::spawn(move || {
            listener.serve_and_count(
                |told| sender.send(Event::Told(Box::new(told))).is_ok() && !stop.load(Ordering::SeqCst),
                |overload| overloads.send(Event::Overload(overload)).expect("the test listens"),
            )
        });
        Self { address, events, enough, thread }
    }

    fn open(&self) -> TcpStream {
        let socket = TcpStream::connect(&self.address).expect("it listens");
        socket.set_read_timeout(Some(PATIENCE)).expect("a time");
        socket.set_nodelay(true).expect("it is open");
        socket
    }

    /// A client of ours, before its handshake.
    fn client(&self) -> Stream<Client, TcpStream> {
        Stream::new(client(), self.open())
    }

    fn fetch(&self) {
        let mut stream = self.client();
        stream.handshake().expect("a handshake");
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("it listens");
        let mut page = String::new();
        stream.read_to_string(&mut page).expect("it answers");
        assert!(page.ends_with(&format!("{PAGE}\n")), "{page}");
        stream.send_close_notify().expect("it waits for that");
    }

    fn event(&self) -> Event {
        self.events.recv_timeout(PATIENCE).expect("something to tell")
    }

    /// Ends it. Its port is free again, and none of its threads is left.
    fn stop(self) {
        self.enough.store(true, Ordering::SeqCst);
        // One more to tell, if it still listens; whoever says nothing may be counted and not told.
        let _ = TcpStream::connect(&self.address).and_then(|mut socket| socket.write_all(b"?"));
        while self.events.recv_timeout(PATIENCE).is_ok() {}
        self.thread.join().expect("no panic").expect("an end");
        wait_for("the door to close", || TcpStream::connect(&self.address).is_err());
        for name in ["connection", "door"] {
            wait_for("threads to end", || threads(name).is_none_or(|count| count == 0));
        }
    }
}

fn client() -> Client {
    let mut trust_store = TrustStore::new();
    trust_store.add(IDENTITY.authority().expect("it was made here").clone());
    let name = "127.0.0.1".parse().expect("a name");
    Client::new(Arc::new(ClientConfig::new(trust_store)), name, settings().now, Generator::new(7, 0))
}

fn wait_for(what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// How many threads of this process bear this name; `None` where nobody says.
fn threads(name: &str) -> Option<usize> {
    let tasks = fs::read_dir("/proc/self/task").ok()?;
    let names = tasks.flatten().filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
    Some(names.filter(|of| of.trim_end() == name).count())
}

fn wait_for_connections(count: usize) {
    wait_for("connections", || threads("connection").is_none_or(|there| there == count));
}

/// What `/proc` says of this process's memory, in kibibytes.
fn memory(which: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(which))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Whether the other end has not hung up. What it said is read and dropped.
fn is_open(mut socket: &TcpStream) -> bool {
    socket.set_nonblocking(true).expect("a socket");
    let open = loop {
        match socket.read(&mut [0; 4096]) {
            Ok(0) => break false,
            Ok(_) => {}
            Err(error) => break error.kind() == ErrorKind::WouldBlock,
        }
    };
    socket.set_nonblocking(false).expect("a socket");
    open
}

/// Waits for the other end to hang up. Whatever it was, it said nothing.
fn hears_the_end(mut socket: &TcpStream) {
    match socket.read(&mut [0; 1]) {
        Ok(length) => assert_eq!(length, 0),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
    }
}

/// The beginning of a ClientHello that claims 65,536 bytes, in records of the greatest length.
fn endless_hello() -> Vec<u8> {
    let message = [[1, 1, 0, 0].as_slice(), &[0; 1 << 16]].concat();
    let records = message.chunks(1 << 14).map(|fragment| {
        let length = u16::try_from(fragment.len()).expect("a record's length").to_be_bytes();
        [&[22, 3, 1], length.as_slice(), fragment].concat()
    });
    records.collect::<Vec<_>>().concat()
}

/// Somebody who holds a place.
enum Hanging {
    Raw(TcpStream),
    Tls(Box<Stream<Client, TcpStream>>),
}

impl Hanging {
    fn socket(&self) -> &TcpStream {
        match self {
            Self::Raw(socket) => socket,
            Self::Tls(stream) => stream.get_ref(),
        }
    }
}

fn two_hundred_hang() {
    assert_eq!(Limits::default().connections, 200);
    let ours = Ours::start(Limits { silence: FOR_EVER, whole: FOR_EVER, ..Limits::default() }, 1000);
    let hello = client().take_outgoing();
    let mut hanging: Vec<_> = (0..199)
        .map(|n| {
            let mut socket = ours.open();
            match n % 20 {
                // In the tunnel, and no word from them.
                0 => {
                    let mut stream = Stream::new(client(), socket);
                    stream.handshake().expect("a handshake");
                    return Hanging::Tls(Box::new(stream));
                }
                // They have our Certificate, and answer nothing.
                1..5 => socket.write_all(&hello).expect("it listens"),
                // A byte now, and another later.
                5..12 => socket.write_all(&hello[..1]).expect("it listens"),
                // Nothing.
                _ => {}
            }
            Hanging::Raw(socket)
        })
        .collect();
    let drip = |hanging: &[Hanging], n: usize| {
        for one in hanging.iter().skip(5).step_by(20) {
            one.socket().write_all(&hello[n..=n]).expect("it listens");
        }
    };
    wait_for_connections(199);
    drip(&hanging, 1);

    // The last place.
    let authority = IDENTITY.authority().expect("it was made here").clone();
    let told = connect(&settings(), &ours.address, None, vec![authority]).expect("it is served");
    assert_eq!(told.failure, None);
    ours.event().success();
    assert!(ours.events.try_recv().is_err(), "nobody else has come to an end");
    drip(&hanging, 2);
    assert!(hanging.iter().all(|one| is_open(one.socket())), "all others are there still");

    wait_for_connections(199);
    hanging.push(Hanging::Raw(ours.open()));
    wait_for_connections(200);
    // One too many, whatever it says, is refused at once, and only that one.
    hears_the_end(&ours.open());
    assert!(matches!(ours.event(), Event::Overload(Overload { refused: 1, untold: 0, silent: 0 })));
    assert!(hanging.iter().all(|one| is_open(one.socket())));

    // One goes, and there is a place.
    drop(hanging.swap_remove(17));
    wait_for_connections(199);
    ours.fetch();

    drop(hanging);
    let (mut over, mut silent) = (0, 0);
    while over + silent < 201 {
        match ours.event() {
            Event::Overload(overload) => silent += overload.silent,
            // One of them has its page, and what became of the others is no matter.
            Event::Told(_) => over += 1,
        }
    }
    assert!(silent > 50, "of those who said nothing one was told: {silent}");
    wait_for_connections(0);
    ours.fetch();
    ours.event().success();
    ours.stop();
}

fn silent_clients() {
    let limits = Limits { silence: Duration::from_secs(1), whole: FOR_EVER, ..Limits::default() };
    let ours = Ours::start(limits, 1000);
    let hello = client().take_outgoing();
    let (silent, mut amid): (Vec<_>, Vec<_>) = (0..50).map(|_| (ours.open(), ours.open())).unzip();
    amid.iter_mut().for_each(|socket| socket.write_all(&hello[..9]).expect("it listens"));
    silent.iter().chain(&amid).for_each(hears_the_end);
    let (mut told, mut counted) = (0, 0);
    while told + counted < 100 {
        match ours.event() {
            Event::Overload(overload) => counted += overload.silent,
            event => {
                let failure = event.failure();
                assert!(failure.message.contains("client was silent for 1 second"), "{failure}");
                assert_eq!(failure.kind, FailureKind::Absent);
                told += 1;
            }
        }
    }
    // All of those who had begun, and one of the others.
    assert_eq!((told, counted), (51, 49));
    ours.stop();
}

fn dripping_clients() {
    let limits = Limits { silence: FOR_EVER, whole: Duration::from_secs(2), ..Limits::default() };
    let ours = Ours::start(limits, 1000);
    // One of them speaks in the tunnel, a letter a record.
    let mut tunnel = ours.client();
    let mut dripping: Vec<_> = (0..50).map(|_| ours.open()).collect();
    let _ = tunnel.handshake();
    for byte in endless_hello() {
        let _ = tunnel.write(b"G");
        dripping.retain_mut(|socket| is_open(socket) && socket.write_all(&[byte]).is_ok());
        if dripping.is_empty() && !is_open(tunnel.get_ref()) {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    assert!(dripping.is_empty());
    for _ in 0..51 {
        let failure = ours.event().failure();
        assert!(failure.message.contains("t took more than 2 seconds"), "{failure}");
        assert_eq!(failure.kind, FailureKind::Absent);
    }
    ours.stop();
}

fn endless_handshakes() {
    let ours = Ours::start(Limits { silence: FOR_EVER, whole: FOR_EVER, ..Limits::default() }, 1000);
    let hello = endless_hello();
    let (before, after) = hello.split_at(HANDSHAKE_BYTES - 100);
    assert!(after.len() > 100);
    let held = memory("VmRSS:");
    let mut rounds = Vec::new();
    for _ in 0..2 {
        let mut sockets: Vec<_> = (0..200).map(|_| ours.open()).collect();
        sockets.iter_mut().for_each(|socket| socket.write_all(before).expect("it listens"));
        wait_for_connections(200);
        assert!(sockets.iter().all(is_open), "that much is allowed");
        for socket in &mut sockets {
            // It may be gone before it has taken all of it.
            let _ = socket.write_all(after);
        }
        sockets.iter().for_each(hears_the_end);
        for _ in 0..200 {
            let failure = ours.event().failure();
            assert!(failure.message.contains("ore than 65536 bytes came before the handshake"), "{failure}");
            assert_eq!(failure.kind, FailureKind::Refused);
        }
        wait_for_connections(0);
        rounds.extend(memory("VmRSS:"));
    }
    if let (Some(held), Some(peak), [first, last]) = (held, memory("VmHWM:"), &rounds[..]) {
        eprintln!("{held} KiB before, {peak} at the most, after each round {rounds:?}");
        assert!(
            peak < held + 200 * 512,
            "half a mebibyte a connection: {held} KiB before, {peak} at the most"
        );
        assert!(*last < first + 16 * 1024, "it grows: {rounds:?} KiB");
    }
    ours.stop();
}

fn slow_reader() {
    let ours = Ours::start(Limits { untold: 2, ..Limits::default() }, 0);
    // Nobody takes what is told, and all the same each of them has its page.
    (0..10).for_each(|_| ours.fetch());
    wait_for_connections(0);
    let (mut told, mut untold) = (0, 0);
    while told + untold < 10 {
        match ours.event() {
            Event::Overload(overload) => {
                assert_eq!(overload.refused, 0);
                untold += overload.untold;
            }
            event => {
                event.success();
                told += 1;
            }
        }
    }
    // The one that was being told, and the two that waited.
    assert!((2..=3).contains(&told), "{told} told, {untold} not");
    ours.stop();
}
