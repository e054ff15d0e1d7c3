//! Montgomery's arithmetic equals `num-bigint`'s at every width, and at the edges.

use cutaway::asymmetric::montgomery::Modulus;
use num_bigint::BigUint;
use num_traits::{One, Zero};
use proptest::prelude::*;

/// Bytes of numbers of `size` bytes, long runs of zeros and ones among them.
fn number(size: usize) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => prop::collection::vec(any::<u8>(), size),
        1 => prop::collection::vec(prop_oneof![Just(0u8), Just(0xff)], size),
    ]
}

/// An odd modulus of `size` bytes with two numbers below it, the edges among them.
fn case(size: usize) -> impl Strategy<Value = (BigUint, BigUint, BigUint)> {
    (number(size), number(size), number(size), 0..5u8, 0..5u8).prop_map(|(n, a, b, edge_a, edge_b)| {
        let mut n = n;
        n[0] |= 0x80;
        *n.last_mut().unwrap() |= 1;
        let n = BigUint::from_bytes_be(&n);
        let below = |bytes: &[u8], edge: u8| match edge {
            0 => BigUint::zero(),
            1 => BigUint::one(),
            2 => &n - 1u8,
            _ => BigUint::from_bytes_be(bytes) % &n,
        };
        (n.clone(), below(&a, edge_a), below(&b, edge_b))
    })
}

fn padded(number: &BigUint, size: usize) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    [vec![0; size - bytes.len()], bytes].concat()
}

fn agrees(n: &BigUint, a: &BigUint, b: &BigUint) {
    let (n_bytes, a_bytes, b_bytes) = (n.to_bytes_be(), a.to_bytes_be(), b.to_bytes_be());
    for rung in Modulus::rungs() {
        let modulus = Modulus::on(rung, &n_bytes).unwrap();
        let size = modulus.size();
        assert_eq!(modulus.multiply(&a_bytes, &b_bytes).unwrap(), padded(&(a * b % n), size));
        assert_eq!(modulus.invert(&a_bytes), a.modinv(n).map(|inverse| padded(&inverse, size)));
        assert_eq!(modulus.power(&a_bytes, &b_bytes).unwrap(), padded(&a.modpow(b, n), size));
        assert_eq!(modulus.multiply(&n_bytes, &b_bytes), None);
    }
}

macro_rules! widths {
    ($($name:ident: $bits:expr, $cases:expr;)*) => {$(
        proptest! {
            #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases($cases) })]
            #[test]
            fn $name((n, a, b) in case($bits / 8)) { agrees(&n, &a, &b); }
        }
    )*};
}

widths! {
    equals_num_bigint_at_8_bits: 8, 64;
    equals_num_bigint_at_64_bits: 64, 64;
    equals_num_bigint_at_520_bits: 520, 16;
    equals_num_bigint_at_1024_bits: 1024, 16;
    equals_num_bigint_at_1536_bits: 1536, 8;
    equals_num_bigint_at_2048_bits: 2048, 8;
    equals_num_bigint_at_3072_bits: 3072, 4;
    equals_num_bigint_at_4096_bits: 4096, 2;
    equals_num_bigint_at_6144_bits: 6144, 1;
    equals_num_bigint_at_8192_bits: 8192, 1;
}

#[test]
fn refuses_moduli_it_cannot_work_with() {
    assert!(Modulus::new(&[]).is_none(), "zero");
    assert!(Modulus::new(&[0, 1]).is_none(), "one");
    assert!(Modulus::new(&[4]).is_none(), "even");
    assert!(Modulus::new(&[0xff; 1024]).is_some(), "8192 bits");
    assert!(Modulus::new(&[0xff; 1025]).is_none(), "more than 8192 bits");
    assert!(Modulus::new(&[&[0; 900][..], &[3]].concat()).is_some(), "three, after leading zeros");
}
