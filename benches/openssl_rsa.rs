//! OpenSSL's RSA, opened at run time like its AES in `openssl.rs`.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr::null_mut;

use cutaway::asymmetric::rsa::RsaComponents;
use libloading::{Library, Symbol};

type Number = *mut c_void;
type Key = *mut c_void;

/// From `openssl/obj_mac.h` and `openssl/rsa.h`.
const NID_SHA256: c_int = 672;
const RSA_PKCS1_PADDING: c_int = 1;

/// The library with one RSA key. The key lives as long as the process.
pub struct OpenSslRsa {
    library: Library,
    key: Key,
    size: usize,
}

impl OpenSslRsa {
    /// The library with this key; `None`, and on stderr why, where there is no library.
    pub fn open(key: RsaComponents) -> Option<Self> {
        // SAFETY: libcrypto's initialisers have no preconditions.
        let library = match unsafe { Library::new("libcrypto.so.3") } {
            Ok(library) => library,
            Err(error) => {
                eprintln!("OpenSSL is absent, so there is no peer to compare with: {error}");
                return None;
            }
        };
        let new: unsafe extern "C" fn() -> Key = symbol(&library, "RSA_new");
        let import: unsafe extern "C" fn(*const u8, c_int, Number) -> Number = symbol(&library, "BN_bin2bn");
        let three: unsafe extern "C" fn(Key, Number, Number, Number) -> c_int =
            symbol(&library, "RSA_set0_key");
        let two: unsafe extern "C" fn(Key, Number, Number) -> c_int = symbol(&library, "RSA_set0_factors");
        let crt: unsafe extern "C" fn(Key, Number, Number, Number) -> c_int =
            symbol(&library, "RSA_set0_crt_params");
        // SAFETY: the types are those of openssl/rsa.h and bn.h; each number is given to the key once.
        let rsa = unsafe {
            let number = |bytes: &[u8]| import(bytes.as_ptr(), bytes.len() as c_int, null_mut());
            let rsa = new();
            assert_eq!(three(rsa, number(key.n), number(key.e), number(key.d)), 1);
            assert_eq!(two(rsa, number(key.p), number(key.q)), 1);
            assert_eq!(crt(rsa, number(key.dp), number(key.dq), number(key.qinv)), 1);
            rsa
        };
        Some(Self { library, key: rsa, size: key.n.len() })
    }

    /// Such as `OpenSSL 3.0.22`.
    pub fn name(&self) -> String {
        let version: unsafe extern "C" fn(c_int) -> *const c_char = symbol(&self.library, "OpenSSL_version");
        // SAFETY: OpenSSL_version gives a static string that ends with a zero.
        let text = unsafe { CStr::from_ptr(version(0)) }.to_string_lossy().into_owned();
        text.split(' ').take(2).collect::<Vec<_>>().join(" ")
    }

    /// Signs a SHA-256 digest.
    pub fn sign(&self, digest: &[u8]) -> Vec<u8> {
        type Sign = unsafe extern "C" fn(c_int, *const u8, c_uint, *mut u8, *mut c_uint, Key) -> c_int;
        let sign: Sign = symbol(&self.library, "RSA_sign");
        let (mut signature, mut length) = (vec![0; self.size], 0);
        let digest_length = digest.len() as c_uint;
        // SAFETY: the signature has RSA_size bytes, as RSA_sign asks.
        let done = unsafe {
            sign(NID_SHA256, digest.as_ptr(), digest_length, signature.as_mut_ptr(), &mut length, self.key)
        };
        assert_eq!(done, 1);
        signature
    }

    /// Whether this is the signature of a SHA-256 digest.
    pub fn verify(&self, digest: &[u8], signature: &[u8]) -> bool {
        type Verify = unsafe extern "C" fn(c_int, *const u8, c_uint, *const u8, c_uint, Key) -> c_int;
        let verify: Verify = symbol(&self.library, "RSA_verify");
        let [digest_length, length] = [digest, signature].map(|bytes| bytes.len() as c_uint);
        // SAFETY: pointers and lengths belong together.
        unsafe {
            verify(NID_SHA256, digest.as_ptr(), digest_length, signature.as_ptr(), length, self.key) == 1
        }
    }

    /// Decrypts with PKCS #1 v1.5 padding.
    pub fn decrypt(&self, ciphertext: &[u8]) -> Vec<u8> {
        type Decrypt = unsafe extern "C" fn(c_int, *const u8, *mut u8, Key, c_int) -> c_int;
        let decrypt: Decrypt = symbol(&self.library, "RSA_private_decrypt");
        let mut message = vec![0; self.size];
        let length = ciphertext.len() as c_int;
        // SAFETY: the message has room for RSA_size bytes.
        let n = unsafe {
            decrypt(length, ciphertext.as_ptr(), message.as_mut_ptr(), self.key, RSA_PKCS1_PADDING)
        };
        message.truncate(usize::try_from(n).expect("the padding is right"));
        message
    }
}

fn symbol<T: Copy>(library: &Library, name: &str) -> T {
    // SAFETY: every caller names the type that openssl/rsa.h, bn.h or crypto.h gives to this name.
    let symbol: Symbol<T> = unsafe { library.get(name) }.expect("libcrypto.so.3 has the function");
    *symbol
}
