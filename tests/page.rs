//! The page as its readers meet it: driven in headless Chromium with pointer and keyboard, with script
//! and without, and on paper. Screenshots and the print are left in `target/page/`, for eyes.
//!
//! It needs Chromium, Node and the package playwright-core in `target/page/node_modules`, which
//! `npm install --prefix target/page playwright-core@1.65.1` puts there.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cutaway::report::html::{Options, draw};
use cutaway::story::tls_handshake::{Settings, local};
use cutaway_tests::peer;
use libtest_mimic::{Arguments, Completion, Trial};

const SCENARIOS: [&str; 13] = [
    "it makes one request and no complaint, and is there at once",
    "its policy stops what a planted name would run or load",
    "pointing at a byte lights its line and all of its bytes, and says what it is",
    "an opened byte lights the sealed one that it was",
    "a held secret lights all that is made from it, on and on, until Esc",
    "the keyboard reaches everything: one stop a block, arrows from field to field",
    "a link to a field unfolds the way to it",
    "roles and names are there for who hears the page",
    "without script every line opens and says the same",
    "it fits from 320 to 1920 pixels",
    "it can be looked at, light",
    "it can be looked at, dark",
    "on paper everything is unfolded",
];

/// The target directory, in which this test lies.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the package").join("target/page")
}

static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let told = local(&Settings::seeded(1)).expect("a loopback connection");
    fs::create_dir_all(folder()).expect("a folder in target/");
    let write = |name: &str, reveal| {
        let file = folder().join(name);
        fs::write(&file, draw(&told.report, Options { reveal })).expect("a file in target/");
        file
    };
    write("kept-back.html", false);
    write("page.html", true)
});

/// What the tests need, or what of it is missing.
fn needed() -> Result<[PathBuf; 3], String> {
    let chromium = ["chromium-headless-shell", "chromium"].into_iter().find_map(peer::find);
    let chromium = chromium.ok_or("chromium-headless-shell is not installed")?;
    let node = peer::find("node").ok_or("node is not installed")?;
    let playwright = folder().join("node_modules/playwright-core");
    if !playwright.is_dir() {
        return Err("playwright-core is not in target/page/node_modules".to_owned());
    }
    Ok([chromium, node, playwright])
}

fn drive(scenario: &str) -> Result<Completion, libtest_mimic::Failed> {
    let [chromium, node, playwright] = match needed() {
        Ok(needed) => needed,
        Err(missing) if std::env::var_os("CI").is_some() => return Err(missing.into()),
        Err(missing) => return Ok(Completion::ignored_with(missing)),
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("page/drive.mjs");
    let mut command = peer::command(node);
    command.arg(script).arg(chromium).arg(playwright).arg(scenario).arg(&*FILE).arg(folder());
    let answer = peer::run(&mut command, b"");
    if answer.success() { Ok(Completion::Completed) } else { Err(format!("{answer}").into()) }
}

fn main() {
    // Each has a browser of its own.
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(2);
    let trials = SCENARIOS.map(|scenario| {
        Trial::ignorable_test(scenario.replace([',', ':'], "").replace(' ', "_"), move || drive(scenario))
    });
    libtest_mimic::run(&arguments, trials.into()).exit();
}
