//! OpenSSL's TLS 1.2, opened at run time as in `openssl.rs`: two ends of a connection joined by
//! memory, so that no network and no system call is in the time.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_long, c_uchar, c_void};
use std::ptr::null_mut;

use libloading::{Library, Symbol};

type Pointer = *mut c_void;

/// From `openssl/ssl.h` and `tls1.h`.
const SSL_CTRL_SET_SESS_CACHE_MODE: c_int = 44;
const SSL_CTRL_SET_MIN_PROTO_VERSION: c_int = 123;
const SSL_CTRL_SET_MAX_PROTO_VERSION: c_int = 124;
const SSL_SESS_CACHE_OFF: c_long = 0;
const SSL_OP_NO_TICKET: u64 = 1 << 14;
const SSL_VERIFY_PEER: c_int = 1;
const TLS1_2_VERSION: c_long = 0x0303;

/// Declares the functions by name, each with its type from OpenSSL's headers, and looks them all up.
macro_rules! functions {
    ($($name:ident($($type:ty),*) $(-> $result:ty)?;)*) => {
        #[allow(non_snake_case)]
        struct Functions { $($name: unsafe extern "C" fn($($type),*) $(-> $result)?,)* }

        impl Functions {
            fn of(library: &Library) -> Self {
                Self { $($name: symbol(library, stringify!($name)),)* }
            }
        }
    };
}

functions! {
    OpenSSL_version(c_int) -> *const c_char;
    BIO_s_mem() -> Pointer;
    BIO_new(Pointer) -> Pointer;
    BIO_up_ref(Pointer) -> c_int;
    d2i_X509(*mut Pointer, *mut *const c_uchar, c_long) -> Pointer;
    X509_free(Pointer);
    X509_STORE_add_cert(Pointer, Pointer) -> c_int;
    TLS_method() -> Pointer;
    SSL_CTX_new(Pointer) -> Pointer;
    SSL_CTX_free(Pointer);
    SSL_CTX_ctrl(Pointer, c_int, c_long, Pointer) -> c_long;
    SSL_CTX_set_options(Pointer, u64) -> u64;
    SSL_CTX_set_cipher_list(Pointer, *const c_char) -> c_int;
    SSL_CTX_set_verify(Pointer, c_int, Pointer);
    SSL_CTX_get_cert_store(Pointer) -> Pointer;
    SSL_CTX_use_certificate_ASN1(Pointer, c_int, *const c_uchar) -> c_int;
    SSL_CTX_use_RSAPrivateKey_ASN1(Pointer, *const c_uchar, c_long) -> c_int;
    SSL_new(Pointer) -> Pointer;
    SSL_free(Pointer);
    SSL_set_bio(Pointer, Pointer, Pointer);
    SSL_set1_host(Pointer, *const c_char) -> c_int;
    SSL_set_connect_state(Pointer);
    SSL_set_accept_state(Pointer);
    SSL_do_handshake(Pointer) -> c_int;
    SSL_write(Pointer, *const c_void, c_int) -> c_int;
    SSL_read(Pointer, *mut c_void, c_int) -> c_int;
}

fn symbol<T: Copy>(library: &Library, name: &str) -> T {
    // SAFETY: every type above is the one that OpenSSL's headers give to the name.
    let symbol: Symbol<T> = unsafe { library.get(name) }.expect("OpenSSL 3 has the function");
    *symbol
}

/// libssl, which brings libcrypto with it, and what is called in them. It stays open until the process ends.
pub struct OpenSsl {
    functions: &'static Functions,
    name: String,
}

impl OpenSsl {
    /// The library, or on stderr why there is none.
    pub fn open() -> Option<Self> {
        // SAFETY: the initialisers of both have no preconditions.
        let library = unsafe { Library::new("libssl.so.3") }
            .inspect_err(|error| eprintln!("OpenSSL is absent, so there is no peer to compare with: {error}"))
            .ok()?;
        let functions = Functions::of(Box::leak(Box::new(library)));
        let functions: &'static Functions = Box::leak(Box::new(functions));
        // SAFETY: it gives a static string that ends with a zero.
        let text = unsafe { CStr::from_ptr((functions.OpenSSL_version)(0)) }.to_string_lossy().into_owned();
        let name = text.split(' ').take(2).collect::<Vec<_>>().join(" ");
        Some(Self { functions, name })
    }

    /// Such as `OpenSSL 3.0.22`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What all connections share: one suite of TLS 1.2, no session to resume; at the server its
    /// certificate and key, at the client the authority that it trusts. All in DER.
    pub fn pair(&self, certificate: &[u8], pkcs1: &[u8], authority: &[u8], suite: &CStr) -> Pair {
        let ssl = self.functions;
        let context = || {
            // SAFETY: a context of OpenSSL's own method; the numbers are those of its headers.
            unsafe {
                let context = (ssl.SSL_CTX_new)((ssl.TLS_method)());
                assert!(!context.is_null(), "OpenSSL makes a context");
                let control = |what, value| (ssl.SSL_CTX_ctrl)(context, what, value, null_mut());
                control(SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF);
                assert_eq!(control(SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION), 1);
                assert_eq!(control(SSL_CTRL_SET_MAX_PROTO_VERSION, TLS1_2_VERSION), 1);
                (ssl.SSL_CTX_set_options)(context, SSL_OP_NO_TICKET);
                assert_eq!(
                    (ssl.SSL_CTX_set_cipher_list)(context, suite.as_ptr()),
                    1,
                    "OpenSSL has the suite"
                );
                context
            }
        };
        let (client, server) = (context(), context());
        // SAFETY: pointers and lengths belong together; the store takes a reference of its own.
        unsafe {
            let length = certificate.len() as c_int;
            assert_eq!((ssl.SSL_CTX_use_certificate_ASN1)(server, length, certificate.as_ptr()), 1);
            let length = pkcs1.len() as c_long;
            assert_eq!((ssl.SSL_CTX_use_RSAPrivateKey_ASN1)(server, pkcs1.as_ptr(), length), 1);
            let mut der = authority.as_ptr();
            let authority = (ssl.d2i_X509)(null_mut(), &mut der, authority.len() as c_long);
            assert!(!authority.is_null(), "OpenSSL reads the authority's certificate");
            assert_eq!((ssl.X509_STORE_add_cert)((ssl.SSL_CTX_get_cert_store)(client), authority), 1);
            (ssl.X509_free)(authority);
            (ssl.SSL_CTX_set_verify)(client, SSL_VERIFY_PEER, null_mut());
        }
        Pair { ssl, client, server }
    }
}

/// A client's and a server's settings.
pub struct Pair {
    ssl: &'static Functions,
    client: Pointer,
    server: Pointer,
}

impl Pair {
    /// A connection between the two, after the handshake. The client has verified the server and its name.
    pub fn handshake(&self, server_name: &CStr) -> Joined {
        let ssl = self.ssl;
        // SAFETY: each pipe has two owners, the end that writes it and the end that reads it, hence the
        // second reference; SSL_set_bio takes one of each over.
        let joined = unsafe {
            let pipe = || (ssl.BIO_new)((ssl.BIO_s_mem)());
            let (to_server, to_client) = (pipe(), pipe());
            assert_eq!((ssl.BIO_up_ref)(to_server) & (ssl.BIO_up_ref)(to_client), 1);
            let (client, server) = ((ssl.SSL_new)(self.client), (ssl.SSL_new)(self.server));
            (ssl.SSL_set_bio)(client, to_client, to_server);
            (ssl.SSL_set_bio)(server, to_server, to_client);
            assert_eq!((ssl.SSL_set1_host)(client, server_name.as_ptr()), 1);
            (ssl.SSL_set_connect_state)(client);
            (ssl.SSL_set_accept_state)(server);
            Joined { ssl, client, server }
        };
        // Each call goes on until it waits for the other side: two rounds are the whole handshake.
        for _ in 0..3 {
            // SAFETY: both ends are alive.
            let done =
                unsafe { ((ssl.SSL_do_handshake)(joined.client), (ssl.SSL_do_handshake)(joined.server)) };
            if done == (1, 1) {
                return joined;
            }
        }
        panic!("OpenSSL does not finish a handshake with itself");
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        // SAFETY: nobody else frees them.
        unsafe {
            (self.ssl.SSL_CTX_free)(self.client);
            (self.ssl.SSL_CTX_free)(self.server);
        }
    }
}

/// Two ends of a connection.
pub struct Joined {
    ssl: &'static Functions,
    client: Pointer,
    server: Pointer,
}

impl Joined {
    /// Seals `plaintext` at the client and opens it at the server: one record.
    pub fn transfer(&mut self, plaintext: &[u8], buffer: &mut [u8]) {
        let length = plaintext.len() as c_int;
        // SAFETY: pointers and lengths belong together.
        let moved = unsafe {
            let written = (self.ssl.SSL_write)(self.client, plaintext.as_ptr().cast(), length);
            let read = (self.ssl.SSL_read)(self.server, buffer.as_mut_ptr().cast(), buffer.len() as c_int);
            (written, read)
        };
        assert_eq!(moved, (length, length));
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        // SAFETY: nobody else frees them; their pipes go with them.
        unsafe {
            (self.ssl.SSL_free)(self.client);
            (self.ssl.SSL_free)(self.server);
        }
    }
}
