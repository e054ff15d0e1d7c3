//! `--html`: the run as a page, in a file of its own.

use std::fs;
use std::path::Path;

use cutaway_tests::peer;
use libtest_mimic::Trial;

use super::files::Files;
use super::others::sound_server;
use super::program::{program, refuses_at_once, run, story, trials};

pub(crate) fn trials() -> Vec<Trial> {
    trials! {
        "page" {
            the_page_has_the_secrets_only_if_they_are_asked_for,
            only_its_owner_can_read_the_page,
            a_page_that_cannot_be_written_is_said_before_anything_else,
            both_ends_of_one_conversation_have_pages,
        }
        "openssl" {
            a_conversation_with_openssl_has_a_page,
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn the_page_has_the_secrets_only_if_they_are_asked_for() {
    let folder = peer::directory();
    let file = folder.path().join("run.html");
    for (arguments, there) in
        [(&["--html", text(&file)][..], false), (&["--reveal", "--html", text(&file)], true)]
    {
        let answer = run(["--say", "retreat at dusk"].iter().chain(arguments));
        assert_eq!(answer.error_text(), format!("the page is in {}\n", text(&file)));
        assert!(story(&answer, 0).contains("retreat at dusk"));
        let page = fs::read_to_string(&file).unwrap();
        assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
        for words in ["retreat at dusk", "GET /hello"] {
            assert_eq!(page.contains(words), there, "{words}");
        }
        for words in ["client_write_key", "Why hybrid", "ms", "INCOMPLETE"] {
            assert!(page.contains(words), "{words}");
        }
    }
}

#[cfg(unix)]
fn only_its_owner_can_read_the_page() {
    use std::os::unix::fs::PermissionsExt;
    let folder = peer::directory();
    let (new, old, link) = (folder.path().join("new"), folder.path().join("old"), folder.path().join("link"));
    fs::write(&old, "x".repeat(2_000_000)).unwrap();
    fs::set_permissions(&old, fs::Permissions::from_mode(0o644)).unwrap();
    for file in [&new, &old] {
        story(&run(["--seed", "1", "--html", text(file)]), 0);
        let found = fs::metadata(file).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o600);
        assert!(found.len() < 1_000_000, "what was there before is gone");
    }
    std::os::unix::fs::symlink(&old, &link).unwrap();
    refuses_at_once(&run(["--html", text(&link)]), 4, &["link", "no file"]);
}

#[cfg(not(unix))]
fn only_its_owner_can_read_the_page() {}

fn a_page_that_cannot_be_written_is_said_before_anything_else() {
    let folder = peer::directory();
    let nowhere = folder.path().join("no/such/folder.html");
    refuses_at_once(&run(["--html", text(&nowhere)]), 4, &["no/such/folder.html"]);
    refuses_at_once(&run(["--html", text(folder.path())]), 4, &["no file"]);
}

fn both_ends_of_one_conversation_have_pages() {
    let (folder, files) = (peer::directory(), Files::new());
    let (ours, theirs) = (folder.path().join("client.html"), folder.path().join("server.html"));
    let mut server = program(["--listen", "127.0.0.1:0", "--once", "--reveal", "--html", text(&theirs)]);
    server.args(["--cert", text(&files.server), "--key", text(&files.key)]);
    let server = peer::Process::start(&mut server);
    let line = server.wait_for_error_line("listening on 127.0.0.1:");
    let address = format!("localhost:{}", line.rsplit(':').next().unwrap());
    let ca = text(&files.authority);
    story(&run(["--connect", &address, "--ca", ca, "--reveal", "--html", text(&ours)]), 0);
    assert!(server.finish().success());
    for file in [&ours, &theirs] {
        let page = fs::read_to_string(file).unwrap();
        for words in ["attack at dawn", "master_secret", "Symmetric Tunnel"] {
            assert!(page.contains(words), "no {words} in {}", text(file));
        }
    }
}

fn a_conversation_with_openssl_has_a_page(openssl: &Path) {
    let (folder, files) = (peer::directory(), Files::new());
    let file = folder.path().join("openssl.html");
    let (_server, address) = sound_server(openssl, &files);
    let ca = text(&files.authority);
    story(&run(["--connect", &address, "--ca", ca, "--html", text(&file)]), 0);
    let page = fs::read_to_string(&file).unwrap();
    assert!(page.contains("m^e mod n") && !page.contains("HTTP/1.0 200"), "{}", page.len());
    assert!(page.len() < 1_000_000);
}
