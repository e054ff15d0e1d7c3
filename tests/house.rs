//! The house test: the rules by which the crate is built, and which no compiler checks.
//!
//! It reads every path in `src/`, not only the `use` lines, and fails with file and line where a floor
//! reaches up, modules know each other in a circle, a protocol knows another, `report` knows more than
//! `wire`, `num-bigint` stands outside a textbook, `super` leaves its floor, `unsafe` stands outside a
//! hardware file, or a function is compiled for more than its `cpu` token detected.

mod house {
    pub(crate) mod lexer;
    pub(crate) mod paths;
    pub(crate) mod rules;
}

use std::fs;
use std::path::{Path, PathBuf};

use house::rules::faults;

/// Every Rust file below `folder`.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("and can be read").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn the_house_stands() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the package");
    let files: Vec<(String, String)> = files_below(&package.join("src"))
        .iter()
        .map(|path| {
            let name = path.strip_prefix(package).expect("it lies below").to_str().expect("UTF-8");
            (name.replace('\\', "/"), fs::read_to_string(path).expect("UTF-8"))
        })
        .collect();
    assert!(files.iter().any(|(path, _)| path == "src/lib.rs"), "where are the sources?");
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let faults: Vec<_> = faults(&files).iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "the house has faults:\n{}", faults.join("\n"));
}

// A planted fault of each kind.

/// The faults of a house that consists of `files`, as they are printed.
fn told(files: &[(&str, &str)]) -> Vec<String> {
    faults(files).iter().map(ToString::to_string).collect()
}

const WIRE: (&str, &str) = ("src/wire.rs", "pub mod reader;\npub use reader::Reader;\n");
const READER: (&str, &str) = ("src/wire/reader.rs", "pub struct Reader;\n");

#[test]
fn a_house_that_keeps_the_rules_has_no_faults() {
    let files = [
        WIRE,
        READER,
        ("src/lib.rs", "pub mod wire;\npub mod hash;\npub use hash::Sha256;\n"),
        ("src/hash.rs", "pub mod sha256;\npub use sha256::Sha256;\nuse crate::secret::Secret;\n"),
        ("src/hash/sha256.rs", "mod portable;\nuse super::Hash;\nuse crate::rung::Rung;\n"),
        ("src/hash/sha256/portable.rs", "use super::textbook::K;\n"),
        ("src/hash/sha256/textbook.rs", "use num_bigint::BigUint;\n"),
        ("src/secret.rs", "#[cfg(test)]\nmod tests {\n    use super::*;\n}\n"),
        ("src/rung.rs", "//! See `crate::tls`.\n/* crate::pki */ const NAME: &str = \"crate::tls::X\";\n"),
        ("src/report.rs", "use crate::wire::Reader;\n"),
        ("src/tls.rs", "use crate::hash::Sha256;\n"),
        ("src/story.rs", "use crate::{report::Report, tls, wire::{self, Reader}};\nuse num_traits::Zero;\n"),
    ];
    assert_eq!(told(&files), [""; 0]);
}

#[test]
fn finds_a_floor_that_reaches_up() {
    let (pki, secret) = (("src/pki.rs", ""), ("src/secret.rs", ""));
    let in_code = ("src/hash.rs", "fn f() {\n    crate::pki::read();\n}\n");
    assert_eq!(told(&[pki, in_code]), ["src/hash.rs:2: `hash` reaches up to `pki`"]);

    let in_a_group =
        ("src/hash.rs", "use crate::{\n    secret::Secret,\n    pki::{\n        Name,\n    },\n};\n");
    assert_eq!(told(&[pki, secret, in_a_group]), ["src/hash.rs:4: `hash` reaches up to `pki`"]);

    let in_a_test = ("src/hash.rs", "mod tests {\n    use crate::pki;\n}\n");
    assert_eq!(told(&[pki, in_a_test]), ["src/hash.rs:2: `hash` reaches up to `pki`"]);

    let through_the_root =
        [pki, ("src/lib.rs", "pub use pki::Name;\n"), ("src/hash.rs", "use crate::Name;\n")];
    assert_eq!(told(&through_the_root), ["src/hash.rs:1: `hash` reaches up to `pki`"]);

    let to_the_story = [("src/story.rs", ""), ("src/tls.rs", "\nuse crate::story::Step as S;\n")];
    assert_eq!(told(&to_the_story), ["src/tls.rs:2: `tls` reaches up to `story`"]);
}

#[test]
fn finds_a_circle_among_floors() {
    let symmetric = ("src/symmetric.rs", "use crate::hash::Hash;\n");
    let hash = ("src/hash.rs", "\nuse crate::symmetric::Key;\n");
    assert_eq!(
        told(&[symmetric, hash]),
        ["src/hash.rs:2: a circle: hash → symmetric → hash (with src/symmetric.rs:1)"]
    );
}

#[test]
fn finds_a_circle_within_a_floor() {
    let folder = ("src/pki.rs", "pub mod der;\npub mod pem;\npub mod name;\n");
    let der = ("src/pki/der.rs", "use super::name::Name;\n");
    let name = ("src/pki/name.rs", "\nuse crate::pki::pem;\n");
    let pem = ("src/pki/pem/header.rs", "\n\nfn f(_: crate::pki::der::Tag) {}\n");
    let pem_folder = ("src/pki/pem.rs", "mod header;\n");
    assert_eq!(
        told(&[folder, der, name, pem, pem_folder]),
        ["src/pki/der.rs:1: a circle: pki::der → pki::name → pki::pem → pki::der \
          (with src/pki/name.rs:2, src/pki/pem/header.rs:3)"]
    );
}

#[test]
fn finds_a_circle_that_goes_through_a_re_export() {
    let folder = ("src/pki.rs", "mod der;\nmod name;\npub use der::Tag;\npub use name::Name;\n");
    let der = ("src/pki/der.rs", "use super::Name;\n");
    let name = ("src/pki/name.rs", "use crate::pki::Tag;\n");
    assert_eq!(
        told(&[folder, der, name]),
        ["src/pki/der.rs:1: a circle: pki::der → pki::name → pki::der (with src/pki/name.rs:1)"]
    );
}

#[test]
fn finds_a_protocol_that_knows_another() {
    let files = [("src/tls.rs", ""), ("src/ssh.rs", "\nuse crate::tls::Alert;\n")];
    let told = told(&files);
    assert_eq!(told, ["src/ssh.rs:2: the protocol `ssh` may not know the protocol `tls`"]);
}

#[test]
fn finds_a_report_that_knows_more_than_wire_and_a_protocol_that_knows_the_report() {
    let secret = [("src/secret.rs", ""), ("src/report/line.rs", "use crate::secret::Secret;\n")];
    let report = ("src/report.rs", "");
    assert_eq!(
        told(&[secret[0], secret[1], report]),
        ["src/report/line.rs:1: `report` knows `wire` alone, not `secret`"]
    );
    let tls = ("src/tls.rs", "use crate::report;\n");
    assert_eq!(told(&[report, tls]), ["src/tls.rs:1: `tls` may not know `report`"]);
}

#[test]
fn finds_a_big_integer_outside_a_textbook() {
    let rsa = ("src/asymmetric/rsa.rs", "\n\nfn f() -> num_bigint::BigUint {}\n");
    assert_eq!(told(&[rsa]), ["src/asymmetric/rsa.rs:3: `num_bigint` outside a textbook"]);
    let rsa = ("src/asymmetric/rsa.rs", "use num_traits::Zero;\n");
    assert_eq!(told(&[rsa]), ["src/asymmetric/rsa.rs:1: `num_traits` outside a textbook"]);
}

#[test]
fn finds_a_super_that_leaves_its_floor() {
    let what = "`super` leaves the floor: write `crate::…`";
    let floor = ("src/hash.rs", "use super::secret::Secret;\n");
    assert_eq!(told(&[floor]), [format!("src/hash.rs:1: {what}")]);
    let below = ("src/hash/sha256.rs", "\nuse super::super::secret::Secret;\n");
    assert_eq!(told(&[below]), [format!("src/hash/sha256.rs:2: {what}")]);
    let tests = ("src/hash.rs", "mod tests {\n    use super::*;\n    use super::super::rung;\n}\n");
    assert_eq!(told(&[tests]), [format!("src/hash.rs:3: {what}")]);
    let visibility = ("src/hash.rs", "pub(in super::super) fn f() {}\n");
    assert_eq!(told(&[visibility]), [format!("src/hash.rs:1: {what}")]);
}

#[test]
fn finds_a_file_that_is_brought_in_by_another_way() {
    let path = ("src/hash.rs", "\n#[path = \"tls.rs\"]\nmod t;\n");
    assert_eq!(told(&[path]), ["src/hash.rs:2: `#[path]` gives a file another place"]);
    let include = ("src/hash.rs", "include!(\"tls.rs\");\n");
    assert_eq!(told(&[include]), ["src/hash.rs:1: `include!` gives a file another place"]);
    let text = ("src/hash.rs", "const TEXT: &str = include_str!(\"tls.rs\");\n");
    assert_eq!(told(&[text]), [""; 0]);
}

#[test]
fn finds_unsafe_outside_a_hardware_file() {
    let text = "// unsafe\nfn f() {\n    unsafe { g() }\n}\n";
    let portable = ("src/symmetric/aes/portable.rs", text);
    let told_of_portable = told(&[portable]);
    assert_eq!(told_of_portable, ["src/symmetric/aes/portable.rs:3: `unsafe` outside a hardware file"]);
    for path in ["src/symmetric/aes/hardware.rs", "src/symmetric/aes/hardware/vaes.rs"] {
        assert_eq!(told(&[(path, text)]), [""; 0]);
    }
}

const CPU: (&str, &str) = (
    "src/cpu.rs",
    r#"
        impl AesNi {
            fn detect() -> Option<Self> {
                (is_x86_feature_detected!("aes") && std::arch::is_x86_feature_detected!("sse2"))
                    .then_some(Self(()))
            }
        }
        impl Vaes {
            fn detect() -> Option<Self> {
                AesNi::detect()?;
                is_x86_feature_detected!("vaes").then_some(Self(()))
            }
        }
    "#,
);

#[test]
fn finds_a_function_that_enables_more_than_its_token_detected() {
    let path = "src/symmetric/aes/hardware.rs";
    let good = r#"
        #[target_feature(enable = "aes,sse2")]
        fn one<F: Fn(u8) -> u8>(f: F, _: cpu::AesNi, block: [u8; 16]) {}
        #[target_feature(enable = "aes", enable = "vaes")]
        #[inline]
        fn two(block: (u8, u8), _: Vaes) {}
        #[cfg(target_feature = "avx512f")]
        fn three() {}
    "#;
    assert_eq!(told(&[CPU, (path, good)]), [""; 0]);

    let more = "#[target_feature(enable = \"aes,avx2\")]\nfn seal(_: cpu::AesNi) {}\n";
    assert_eq!(
        told(&[CPU, (path, more)]),
        [format!("{path}:2: `seal` enables avx2, which AesNi does not detect")]
    );
    let none = "\n#[target_feature(enable = \"aes\")]\npub fn seal(block: [u8; 16]) -> AesNi {}\n";
    assert_eq!(
        told(&[CPU, (path, none)]),
        [format!("{path}:3: `seal` enables processor features and takes no token of `cpu`")]
    );
}

#[test]
fn finds_a_floor_that_is_not_on_the_map() {
    let attic = ("src/attic/chest.rs", "");
    assert_eq!(told(&[attic]), ["src/attic/chest.rs:1: `attic` is on no floor of the map"]);
    let nowhere = ("src/hash.rs", "\nuse crate::attic::Chest;\n");
    assert_eq!(told(&[nowhere]), ["src/hash.rs:2: `crate::attic::Chest` leads to no floor"]);
}
