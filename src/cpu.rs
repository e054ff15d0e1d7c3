//! What this processor has: zero-sized tokens, each the proof that its features were detected.
//!
//! A function in a hardware file that is compiled for a feature takes the token that stands for it,
//! so it cannot be reached on a processor without. The compiler does not tie a token to the list in
//! `#[target_feature(enable = "…")]`; the house test does, and reads the features of each token from
//! the calls of `is_x86_feature_detected!` in its `detect`.

/// AES rounds (AES-NI) and carry-less multiplication (PCLMULQDQ) on x86-64, with AVX, which all such
/// processors have but the first of 2010 and some of the smallest: an instruction of AVX does not
/// overwrite its operand, which saves an eighth of the time that GCM takes.
#[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
#[derive(Clone, Copy, Debug)]
pub struct AesNi(());

#[cfg(all(target_arch = "x86_64", not(cutaway_portable)))]
impl AesNi {
    /// The token, if this processor has the features. The answer is cached by the standard library.
    #[must_use]
    pub fn detect() -> Option<Self> {
        let found = std::arch::is_x86_feature_detected!("aes")
            && std::arch::is_x86_feature_detected!("pclmulqdq")
            && std::arch::is_x86_feature_detected!("avx");
        found.then_some(Self(()))
    }
}
