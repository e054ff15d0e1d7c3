//! What a program of ours asks of valgrind while it runs in it: to follow secrets, to count instructions.
//!
//! A test program that has work for valgrind starts itself once more, under it ([`itself`]), with
//! arguments that say which work. In there it makes *client requests*: a sequence of instructions that does
//! nothing on a processor, and that valgrind knows (valgrind.h). It is written here for x86-64 alone;
//! elsewhere [`trial`]s are ignored, and say why.

#![allow(unsafe_code)]

use std::path::Path;
use std::process::Command;

use libtest_mimic::{Completion, Trial};

use crate::peer::{self, Answer};

/// A test that needs valgrind, and gets its path.
pub fn trial(name: impl Into<String>, test: impl FnOnce(&Path) + Send + 'static) -> Trial {
    if cfg!(target_arch = "x86_64") {
        return peer::trial("valgrind", name, test);
    }
    Trial::ignorable_test(name, || {
        Ok(Completion::ignored_with("the requests to valgrind are written for x86-64 alone"))
    })
}

/// Runs this very program under valgrind, with what the tool and the program shall do, to its end: there
/// is no other limit, for it may take minutes on a machine that is busy.
///
/// # Panics
/// If it cannot be started.
#[must_use]
pub fn itself(valgrind: &Path, tool: &[&str], program: &[&str]) -> Answer {
    let this = std::env::current_exe().expect("the path of a program that runs");
    let mut command: Command = peer::command(valgrind);
    command.env_remove("VALGRIND_OPTS").arg("-q").args(tool).arg(this).args(program);
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    Answer { status: output.status, output: output.stdout, errors: output.stderr }
}

/// A client request: 0 where nobody hears it.
#[cfg(target_arch = "x86_64")]
fn request(code: usize, arguments: [usize; 3]) -> usize {
    let [a, b, c] = arguments;
    let block = [code, a, b, c, 0, 0];
    let answer;
    // SAFETY: the four rotations make 128 bits, so rdi is as it was, and the exchange is with itself;
    // valgrind reads the block, which lives until the end, and writes to rdx alone.
    unsafe {
        std::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            inout("rdx") 0_usize => answer,
            in("rax") block.as_ptr(),
            options(nostack),
        );
    }
    answer
}

#[cfg(not(target_arch = "x86_64"))]
fn request(_: usize, _: [usize; 3]) -> usize {
    0
}

/// Memcheck knows of every bit whether it has a value yet, and reports when one that has none decides a
/// branch or an address. Taken as *secret or not*, this is the whole test (Langley's ctgrind, 2010).
pub mod memcheck {
    use super::request;

    const BASE: usize = (b'M' as usize) << 24 | (b'C' as usize) << 16;

    /// Whether anybody follows.
    #[must_use]
    pub fn follows() -> bool {
        // RUNNING_ON_VALGRIND.
        request(0x1001, [0; 3]) > 0
    }

    /// How often a secret has decided something so far.
    #[must_use]
    pub fn errors() -> usize {
        // VALGRIND_COUNT_ERRORS.
        request(0x1201, [0; 3])
    }

    /// From now on these bytes are secret, and so is all that is computed from them. The compiler cannot
    /// know any more what they are.
    pub fn hide<T: Copy>(data: &mut [T]) {
        request(BASE | 1, [data.as_mut_ptr().addr(), size_of_val(data), 0]);
    }

    /// These bytes are not, or no longer, secret.
    pub fn publish<T: Copy>(data: &mut [T]) {
        request(BASE | 2, [data.as_mut_ptr().addr(), size_of_val(data), 0]);
    }

    /// How many of these bytes have a secret bit.
    #[must_use]
    pub fn hidden(data: &[u8]) -> usize {
        let mut bits = vec![0_u8; data.len()];
        request(BASE | 8, [data.as_ptr().addr(), bits.as_mut_ptr().addr(), data.len()]);
        bits.iter().filter(|&&bits| bits != 0).count()
    }
}

/// Callgrind counts instructions.
pub mod callgrind {
    use std::collections::BTreeMap;
    use std::ffi::CStr;
    use std::path::Path;

    use super::request;

    const BASE: usize = (b'C' as usize) << 24 | (b'T' as usize) << 16;

    /// Does `work`, and has its instructions counted under this name. For a program that is run with
    /// [`options`].
    pub fn counted<T>(name: &CStr, work: impl FnOnce() -> T) -> T {
        request(BASE | 4, [0; 3]); // start
        request(BASE | 1, [0; 3]); // from zero
        let done = work();
        request(BASE | 3, [name.as_ptr().addr(), 0, 0]); // write down
        request(BASE | 5, [0; 3]); // stop
        done
    }

    /// What valgrind needs to be told, for counts that are written to this directory.
    #[must_use]
    pub fn options(directory: &Path) -> [String; 3] {
        let file = directory.join("count");
        [
            "--tool=callgrind".to_owned(),
            "--instr-atstart=no".to_owned(),
            format!("--callgrind-out-file={}", file.display()),
        ]
    }

    /// The counts that a program left in this directory, by name.
    ///
    /// # Panics
    /// If a file there cannot be read.
    #[must_use]
    pub fn counts(directory: &Path) -> BTreeMap<String, u64> {
        let files = std::fs::read_dir(directory).expect("a directory of ours");
        let texts = files.map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("text"));
        texts.filter_map(|text| name_and_count(&text)).collect()
    }

    fn name_and_count(text: &str) -> Option<(String, u64)> {
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
        let name = value("desc: Trigger: Client Request: ")?.to_owned();
        Some((name, value("summary: ")?.trim().parse().ok()?))
    }
}
