//! Any processor: four lanes in plain Rust. Where the compiler's target has vectors of four with fused multiply-add
//! (64-bit ARM), it finds them.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{Simd, Vector};

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

impl Simd for Portable {
    type Vector = F32x4;
    const SAMPLE_VECTORS: usize = 4;

    #[inline(always)]
    fn splat(self, value: f32) -> F32x4 {
        F32x4([value; 4])
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
        Self(std::array::from_fn(|lane| self.0[lane].mul_add(factor.0[lane], term.0[lane])))
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
    fn two_to_the(self) -> Self {
        // `as` saturates, so a NaN or a large value makes some number and no undefined behaviour.
        Self(self.0.map(|power| f32::from_bits(((power as i32).wrapping_add(127) as u32) << 23)))
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
