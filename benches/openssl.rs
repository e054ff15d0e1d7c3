//! OpenSSL's AES-256, in GCM and in CBC, opened at run time: no build of ours needs its headers, and where it is absent the
//! bench goes on without.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{null, null_mut};

use libloading::{Library, Symbol};

type Cipher = *mut c_void;
type Context = *mut c_void;
type Init = unsafe extern "C" fn(Context, Cipher, *mut c_void, *const u8, *const u8) -> c_int;
type Update = unsafe extern "C" fn(Context, *mut u8, *mut c_int, *const u8, c_int) -> c_int;
type Final = unsafe extern "C" fn(Context, *mut u8, *mut c_int) -> c_int;
type Control = unsafe extern "C" fn(Context, c_int, c_int, *mut c_void) -> c_int;

/// From `openssl/evp.h`.
const EVP_CTRL_AEAD_GET_TAG: c_int = 0x10;
const EVP_CTRL_AEAD_SET_TAG: c_int = 0x11;

/// The functions of libcrypto that a cipher needs.
pub struct OpenSsl {
    library: Library,
    name: String,
}

impl OpenSsl {
    /// The library, or on stderr why there is none.
    pub fn open() -> Option<Self> {
        // SAFETY: libcrypto's initialisers have no preconditions.
        match unsafe { Library::new("libcrypto.so.3") } {
            Ok(library) => {
                let version: unsafe extern "C" fn(c_int) -> *const c_char =
                    symbol(&library, "OpenSSL_version");
                // SAFETY: OpenSSL_version gives a static string that ends with a zero.
                let text = unsafe { CStr::from_ptr(version(0)) }.to_string_lossy().into_owned();
                let name = text.split(' ').take(2).collect::<Vec<_>>().join(" ");
                Some(Self { library, name })
            }
            Err(error) => {
                eprintln!("OpenSSL is absent, so there is no peer to compare with: {error}");
                None
            }
        }
    }

    /// Such as `OpenSSL 3.0.22`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A context with this key, for one direction.
    fn aes_256(&self, mode: &CStr, key: &[u8; 32], init: &str) -> Context {
        let fetch: unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char) -> Cipher =
            symbol(&self.library, "EVP_CIPHER_fetch");
        let new: unsafe extern "C" fn() -> Context = symbol(&self.library, "EVP_CIPHER_CTX_new");
        let init: Init = symbol(&self.library, init);
        // SAFETY: the types are those of openssl/evp.h; the key has the length of the cipher.
        unsafe {
            let cipher = fetch(null_mut(), mode.as_ptr(), null());
            assert!(!cipher.is_null(), "OpenSSL has {mode:?}");
            let context = new();
            assert_eq!(init(context, cipher, null_mut(), key.as_ptr(), null()), 1);
            context
        }
    }

    /// A sealing key, expanded once, as a TLS connection has it.
    pub fn sealer(&self, key: &[u8; 32]) -> Sealer {
        Sealer {
            context: self.aes_256(c"AES-256-GCM", key, "EVP_EncryptInit_ex"),
            init: symbol(&self.library, "EVP_EncryptInit_ex"),
            update: symbol(&self.library, "EVP_EncryptUpdate"),
            finish: symbol(&self.library, "EVP_EncryptFinal_ex"),
            control: symbol(&self.library, "EVP_CIPHER_CTX_ctrl"),
        }
    }

    /// An opening key, expanded once.
    pub fn opener(&self, key: &[u8; 32]) -> Opener {
        Opener {
            context: self.aes_256(c"AES-256-GCM", key, "EVP_DecryptInit_ex"),
            init: symbol(&self.library, "EVP_DecryptInit_ex"),
            update: symbol(&self.library, "EVP_DecryptUpdate"),
            finish: symbol(&self.library, "EVP_DecryptFinal_ex"),
            control: symbol(&self.library, "EVP_CIPHER_CTX_ctrl"),
        }
    }
}

impl OpenSsl {
    /// CBC under this key, to encrypt or to decrypt.
    pub fn chain(&self, key: &[u8; 32], encrypts: bool) -> Chain {
        let [init, update] = match encrypts {
            true => ["EVP_EncryptInit_ex", "EVP_EncryptUpdate"],
            false => ["EVP_DecryptInit_ex", "EVP_DecryptUpdate"],
        };
        let context = self.aes_256(c"AES-256-CBC", key, init);
        let padding: unsafe extern "C" fn(Context, c_int) -> c_int =
            symbol(&self.library, "EVP_CIPHER_CTX_set_padding");
        // SAFETY: the context was made a line ago.
        assert_eq!(unsafe { padding(context, 0) }, 1);
        Chain { context, init: symbol(&self.library, init), update: symbol(&self.library, update) }
    }
}

/// Encrypts or decrypts whole blocks in place. Its context lives as long as the process, like the library.
pub struct Chain {
    context: Context,
    init: Init,
    update: Update,
}

impl Chain {
    /// One message of whole blocks.
    pub fn run(&mut self, iv: &[u8; 16], buffer: &mut [u8]) {
        let mut n = 0;
        let length = buffer.len() as c_int;
        // SAFETY: pointers and lengths belong together; in place is allowed, and the IV has one block.
        let done = unsafe {
            (self.init)(self.context, null_mut(), null_mut(), null(), iv.as_ptr())
                & (self.update)(self.context, buffer.as_mut_ptr(), &mut n, buffer.as_ptr(), length)
        };
        assert_eq!((done, n), (1, length));
    }
}

fn symbol<T: Copy>(library: &Library, name: &str) -> T {
    // SAFETY: every caller names the type that openssl/evp.h or crypto.h gives to this name.
    let symbol: Symbol<T> = unsafe { library.get(name) }.expect("libcrypto.so.3 has the function");
    *symbol
}

/// Seals in place. Its context lives as long as the process, like the library.
pub struct Sealer {
    context: Context,
    init: Init,
    update: Update,
    finish: Final,
    control: Control,
}

impl Sealer {
    /// Encrypts `buffer` where it lies, and gives the tag.
    pub fn seal(&mut self, nonce: &[u8; 12], aad: &[u8], buffer: &mut [u8]) -> [u8; 16] {
        let mut tag = [0; 16];
        let mut n = 0;
        let (aad_length, length) = (aad.len() as c_int, buffer.len() as c_int);
        // SAFETY: pointers and lengths belong together; in place is allowed; twelve bytes is the default nonce.
        let done = unsafe {
            (self.init)(self.context, null_mut(), null_mut(), null(), nonce.as_ptr())
                & (self.update)(self.context, null_mut(), &mut n, aad.as_ptr(), aad_length)
                & (self.update)(self.context, buffer.as_mut_ptr(), &mut n, buffer.as_ptr(), length)
                & (self.finish)(self.context, null_mut(), &mut n)
                & (self.control)(self.context, EVP_CTRL_AEAD_GET_TAG, 16, tag.as_mut_ptr().cast())
        };
        assert_eq!(done, 1);
        tag
    }
}

/// Opens in place. Its context lives as long as the process, like the library.
pub struct Opener {
    context: Context,
    init: Init,
    update: Update,
    finish: Final,
    control: Control,
}

impl Opener {
    /// Decrypts `buffer` where it lies, and says whether the tag belongs to it.
    pub fn open(&mut self, nonce: &[u8; 12], aad: &[u8], buffer: &mut [u8], tag: &[u8; 16]) -> bool {
        let mut tag = *tag;
        let mut n = 0;
        let (aad_length, length) = (aad.len() as c_int, buffer.len() as c_int);
        // SAFETY: as in Sealer::seal.
        unsafe {
            let _ = (self.init)(self.context, null_mut(), null_mut(), null(), nonce.as_ptr())
                & (self.update)(self.context, null_mut(), &mut n, aad.as_ptr(), aad_length)
                & (self.update)(self.context, buffer.as_mut_ptr(), &mut n, buffer.as_ptr(), length)
                & (self.control)(self.context, EVP_CTRL_AEAD_SET_TAG, 16, tag.as_mut_ptr().cast());
            (self.finish)(self.context, null_mut(), &mut n) == 1
        }
    }
}
