//! Any processor: four lanes in plain Rust. Where the compiler's target has vectors of four with fused multiply-add, it
//! finds them; elsewhere the fused operation is made from `f64` arithmetic, which the compiler turns into vectors too,
//! where a call of the C library for each lane would take twice as long.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{Simd, Vector, Words};

#[derive(Clone, Copy)]
pub(super) struct Portable;

#[derive(Clone, Copy)]
pub(super) struct F32x4([f32; 4]);

impl F32x4 {
    #[inline(always)]
    fn zip(self, other: Self, operation: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|lane| operation(self.0[lane], other.0[lane])))
    }
}

/// `a * b + c`, rounded once.
#[inline(always)]
fn fused(a: f32, b: f32, c: f32) -> f32 {
    if cfg!(any(target_feature = "fma", target_arch = "aarch64")) { a.mul_add(b, c) } else { fused_in_double(a, b, c) }
}

/// The product of two `f32` is exact in `f64`. The sum is rounded to odd there, which a second rounding to `f32` turns
/// into the right result, since `f64` has more than two bits more than twice those of `f32`; Boldo and Melquiond (2008),
/// IEEE Transactions on Computers 57, 462, theorem 3.
#[inline(always)]
fn fused_in_double(a: f32, b: f32, c: f32) -> f32 {
    let (product, term) = (f64::from(a) * f64::from(b), f64::from(c));
    let sum = product + term;
    // What the sum lost, exactly (Knuth's two-sum).
    let part = sum - product;
    let lost = (product - (sum - part)) + (term - part);
    let bits = sum.to_bits();
    // Odd already, or nothing lost, or not a finite sum (then `lost` is NaN): leave it. Otherwise one unit towards what
    // was lost, which is an odd number.
    let moves = (lost.abs() > 0.0) & (bits & 1 == 0);
    let towards_zero = (lost < 0.0) != (sum < 0.0);
    let step = if towards_zero { u64::MAX } else { 1 };
    f64::from_bits(if moves { bits.wrapping_add(step) } else { bits }) as f32
}

impl Simd for Portable {
    type Vector = F32x4;
    type Words = U32x4;
    const SAMPLE_VECTORS: usize = 4;

    #[inline(always)]
    fn splat(self, value: f32) -> F32x4 {
        F32x4([value; 4])
    }

    #[inline(always)]
    fn words(self, value: u32) -> U32x4 {
        U32x4([value; 4])
    }

    #[inline(always)]
    fn counted_words(self) -> U32x4 {
        U32x4([0, 1, 2, 3])
    }

    #[inline(always)]
    unsafe fn load(self, source: *const f32) -> F32x4 {
        // SAFETY: the caller promises four readable values.
        F32x4(unsafe { source.cast::<[f32; 4]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn load_partial(self, source: *const f32, count: usize) -> F32x4 {
        let mut lanes = [0.0; 4];
        for (lane, value) in lanes.iter_mut().enumerate().take(count) {
            // SAFETY: the caller promises `count` readable values.
            *value = unsafe { *source.add(lane) };
        }
        F32x4(lanes)
    }

    #[inline(always)]
    unsafe fn transpose_block(self, source: *const f32, source_stride: usize, target: *mut f32, target_stride: usize) {
        for row in 0..4 {
            for column in 0..4 {
                // SAFETY: the caller promises four rows of four on both sides.
                unsafe { *target.add(column * target_stride + row) = *source.add(row * source_stride + column) };
            }
        }
    }
}

impl Vector for F32x4 {
    const LANES: usize = 4;
    type Mask = [bool; 4];

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        Self(std::array::from_fn(|lane| fused(self.0[lane], factor.0[lane], term.0[lane])))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(self.0.map(f32::sqrt))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self(self.0.map(f32::abs))
    }

    #[inline(always)]
    fn copy_sign(self, sign: Self) -> Self {
        self.zip(sign, f32::copysign)
    }

    #[inline(always)]
    fn greater_of(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn smaller_of(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn less_than(self, other: Self) -> [bool; 4] {
        std::array::from_fn(|lane| self.0[lane] < other.0[lane])
    }

    #[inline(always)]
    fn select(mask: [bool; 4], yes: Self, no: Self) -> Self {
        Self(std::array::from_fn(|lane| if mask[lane] { yes.0[lane] } else { no.0[lane] }))
    }

    #[inline(always)]
    fn raised(self, table: &[u32; 8]) -> Self {
        let raised = |bits: u32| (bits << 20).wrapping_add(table[bits as usize & 7]);
        Self(self.0.map(|value| f32::from_bits(raised(value.to_bits()))))
    }

    #[inline(always)]
    fn lower_upper(self, other: Self) -> Self {
        Self([self.0[0], self.0[1], other.0[2], other.0[3]])
    }

    #[inline(always)]
    fn lower_lower(self, other: Self) -> Self {
        Self([self.0[0], self.0[1], other.0[0], other.0[1]])
    }

    #[inline(always)]
    fn upper_lower(self, other: Self) -> Self {
        Self([self.0[2], self.0[3], other.0[0], other.0[1]])
    }

    #[inline(always)]
    fn sum_by_halves(self) -> f32 {
        (self.0[0] + self.0[2]) + (self.0[1] + self.0[3])
    }

    #[inline(always)]
    unsafe fn store(self, target: *mut f32) {
        // SAFETY: the caller promises four writable values.
        unsafe { target.cast::<[f32; 4]>().write_unaligned(self.0) };
    }

    #[inline(always)]
    unsafe fn store_partial(self, target: *mut f32, count: usize) {
        for (lane, value) in self.0.into_iter().enumerate().take(count) {
            // SAFETY: the caller promises `count` writable values.
            unsafe { *target.add(lane) = value };
        }
    }
}

impl Add for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
}

impl Sub for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
}

impl Mul for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
}

impl Div for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }
}

impl Neg for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(self.0.map(|value| -value))
    }
}

#[derive(Clone, Copy)]
pub(super) struct U32x4([u32; 4]);

impl U32x4 {
    #[inline(always)]
    fn zip(self, other: Self, operation: impl Fn(u32, u32) -> u32) -> Self {
        Self(std::array::from_fn(|lane| operation(self.0[lane], other.0[lane])))
    }
}

impl Words for U32x4 {
    type Vector = F32x4;

    #[inline(always)]
    fn of(vector: F32x4) -> Self {
        Self(vector.0.map(f32::to_bits))
    }

    #[inline(always)]
    fn as_float(self) -> F32x4 {
        F32x4(self.0.map(f32::from_bits))
    }

    #[inline(always)]
    fn to_float(self) -> F32x4 {
        F32x4(self.0.map(|word| word.cast_signed() as f32))
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.zip(other, u32::wrapping_add)
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self.zip(other, u32::wrapping_sub)
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    #[inline(always)]
    fn exclusive_or(self, other: Self) -> Self {
        self.zip(other, |a, b| a ^ b)
    }

    #[inline(always)]
    fn shifted_left<const N: i32>(self) -> Self {
        Self(self.0.map(|word| word << N))
    }

    #[inline(always)]
    fn shifted_right<const N: i32>(self) -> Self {
        Self(self.0.map(|word| word >> N))
    }

    #[inline(always)]
    fn shifted_right_signed<const N: i32>(self) -> Self {
        Self(self.0.map(|word| (word.cast_signed() >> N).cast_unsigned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of every size and sign, many of them close to where rounding decides.
    fn numbers(count: usize) -> impl Iterator<Item = f32> {
        let mut state = 5_u64;
        let special = [0.0, -0.0, 1.0, -1.0, f32::MIN_POSITIVE, 1e-45, f32::MAX, f32::INFINITY, f32::NAN, 0.1];
        special
            .into_iter()
            .chain(std::iter::repeat_with(move || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let value = f32::from_bits((state >> 32) as u32);
                // Half of them of similar sizes, and half of those with few digits, so that sums cancel and ties occur.
                match (state >> 29) & 3 {
                    0 | 1 => value,
                    2 => f32::from_bits((value.to_bits() & 0x807f_ffff) | ((120 + (state >> 24 & 15) as u32) << 23)),
                    _ => f32::from_bits((value.to_bits() & 0x8070_0000) | ((100 + (state >> 24 & 31) as u32) << 23)),
                }
            }))
            .take(count)
    }

    fn check(a: f32, b: f32, c: f32) {
        let (found, expected) = (fused_in_double(a, b, c), a.mul_add(b, c));
        assert!(
            found.to_bits() == expected.to_bits() || (found.is_nan() && expected.is_nan()),
            "{a:e} * {b:e} + {c:e} is {found:e}, not {expected:e}"
        );
    }

    #[test]
    fn the_fused_operation_made_from_double_precision_rounds_once() {
        let numbers: Vec<f32> = numbers(400_000).collect();
        for triple in numbers.windows(3) {
            check(triple[0], triple[1], triple[2]);
        }
        for a in &numbers[..60] {
            for b in &numbers[..60] {
                for c in &numbers[..60] {
                    check(*a, *b, *c);
                }
                // Almost complete cancellation, and sums just beside a tie.
                check(*a, *b, -(a * b));
                check(*a, 1.0 + f32::EPSILON, b * f32::EPSILON * 0.5);
            }
        }
    }
}
