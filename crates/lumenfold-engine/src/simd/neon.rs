//! NEON of 64-bit ARM: four lanes, thirty-two registers. Every such processor has it.

use std::arch::aarch64::*;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{Kernel, Simd, Vector, Words};

/// Runs a kernel; the instructions are part of the platform.
pub(super) fn run<K: Kernel>(kernel: K) -> K::Output {
    kernel.run(Neon(()))
}

#[derive(Clone, Copy)]
pub(super) struct Neon(());

#[derive(Clone, Copy)]
pub(super) struct F32x4(float32x4_t);

// Every block of this file rests on one fact, said once, in here.
macro_rules! instruction {
    ($call:expr) => {
        // SAFETY: NEON is part of the platform; what pointers must fulfil, the callers of the traits' unsafe functions
        // promise.
        #[allow(unused_unsafe, reason = "only what goes through pointers is unsafe")]
        unsafe {
            $call
        }
    };
}

impl Simd for Neon {
    type Vector = F32x4;
    type Words = U32x4;
    const SAMPLE_VECTORS: usize = 4;

    #[inline(always)]
    fn splat(self, value: f32) -> F32x4 {
        F32x4(instruction!(vdupq_n_f32(value)))
    }

    #[inline(always)]
    fn words(self, value: u32) -> U32x4 {
        U32x4(instruction!(vdupq_n_u32(value)))
    }

    #[inline(always)]
    fn counted_words(self) -> U32x4 {
        U32x4(instruction!(vld1q_u32([0, 1, 2, 3].as_ptr())))
    }

    #[inline(always)]
    unsafe fn load(self, source: *const f32) -> F32x4 {
        F32x4(instruction!(vld1q_f32(source)))
    }

    #[inline(always)]
    unsafe fn load_partial(self, source: *const f32, count: usize) -> F32x4 {
        let mut lanes = [0.0; 4];
        for (lane, value) in lanes.iter_mut().enumerate().take(count) {
            // SAFETY: the caller promises `count` readable values.
            *value = unsafe { *source.add(lane) };
        }
        F32x4(instruction!(vld1q_f32(lanes.as_ptr())))
    }

    #[inline(always)]
    unsafe fn transpose_block(self, source: *const f32, source_stride: usize, target: *mut f32, target_stride: usize) {
        instruction!({
            let [a, b, c, d] = [0, 1, 2, 3].map(|row| vld1q_f32(source.add(row * source_stride)));
            // Pairs of values of two rows, then of four.
            let (ab_even, ab_odd) = (vtrn1q_f32(a, b), vtrn2q_f32(a, b));
            let (cd_even, cd_odd) = (vtrn1q_f32(c, d), vtrn2q_f32(c, d));
            let [ab_even, ab_odd, cd_even, cd_odd] =
                [ab_even, ab_odd, cd_even, cd_odd].map(|x| vreinterpretq_f64_f32(x));
            let columns = [
                vtrn1q_f64(ab_even, cd_even),
                vtrn1q_f64(ab_odd, cd_odd),
                vtrn2q_f64(ab_even, cd_even),
                vtrn2q_f64(ab_odd, cd_odd),
            ];
            for (index, column) in columns.into_iter().enumerate() {
                vst1q_f32(target.add(index * target_stride), vreinterpretq_f32_f64(column));
            }
        });
    }
}

impl Vector for F32x4 {
    const LANES: usize = 4;
    type Mask = uint32x4_t;

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        Self(instruction!(vfmaq_f32(term.0, self.0, factor.0)))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(instruction!(vsqrtq_f32(self.0)))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self(instruction!(vabsq_f32(self.0)))
    }

    #[inline(always)]
    fn copy_sign(self, sign: Self) -> Self {
        Self(instruction!(vbslq_f32(vdupq_n_u32(1 << 31), sign.0, self.0)))
    }

    // The platform's maximum is NaN where either is; the comparison is not.
    #[inline(always)]
    fn greater_of(self, other: Self) -> Self {
        Self(instruction!(vbslq_f32(vcgtq_f32(self.0, other.0), self.0, other.0)))
    }

    #[inline(always)]
    fn smaller_of(self, other: Self) -> Self {
        Self(instruction!(vbslq_f32(vcltq_f32(self.0, other.0), self.0, other.0)))
    }

    #[inline(always)]
    fn less_than(self, other: Self) -> uint32x4_t {
        instruction!(vcltq_f32(self.0, other.0))
    }

    #[inline(always)]
    fn select(mask: uint32x4_t, yes: Self, no: Self) -> Self {
        Self(instruction!(vbslq_f32(mask, yes.0, no.0)))
    }

    #[inline(always)]
    fn raised(self, table: &[u32; 8]) -> Self {
        // SAFETY: eight values; NEON is there wherever a vector is.
        let table = unsafe { vld1q_u8_x2(table.as_ptr().cast()) };
        Self(instruction!({
            let bits = vreinterpretq_u32_f32(self.0);
            // The four bytes of the element that the three bits tell.
            let bytes = vmlaq_n_u32(vdupq_n_u32(0x0302_0100), vandq_u32(bits, vdupq_n_u32(7)), 0x0404_0404);
            let chosen = vreinterpretq_u32_u8(vqtbl2q_u8(table, vreinterpretq_u8_u32(bytes)));
            vreinterpretq_f32_u32(vaddq_u32(vshlq_n_u32::<20>(bits), chosen))
        }))
    }

    #[inline(always)]
    fn lower_upper(self, other: Self) -> Self {
        Self(instruction!(vcombine_f32(vget_low_f32(self.0), vget_high_f32(other.0))))
    }

    #[inline(always)]
    fn lower_lower(self, other: Self) -> Self {
        Self(instruction!(vcombine_f32(vget_low_f32(self.0), vget_low_f32(other.0))))
    }

    #[inline(always)]
    fn upper_lower(self, other: Self) -> Self {
        Self(instruction!(vextq_f32::<2>(self.0, other.0)))
    }

    #[inline(always)]
    fn sum_by_halves(self) -> f32 {
        instruction!({
            let pair = vadd_f32(vget_low_f32(self.0), vget_high_f32(self.0));
            vget_lane_f32::<0>(pair) + vget_lane_f32::<1>(pair)
        })
    }

    #[inline(always)]
    unsafe fn store(self, target: *mut f32) {
        instruction!(vst1q_f32(target, self.0));
    }

    #[inline(always)]
    unsafe fn store_partial(self, target: *mut f32, count: usize) {
        let mut lanes = [0.0; 4];
        instruction!(vst1q_f32(lanes.as_mut_ptr(), self.0));
        for (lane, value) in lanes.into_iter().enumerate().take(count) {
            // SAFETY: the caller promises `count` writable values.
            unsafe { *target.add(lane) = value };
        }
    }
}

impl Add for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(instruction!(vaddq_f32(self.0, other.0)))
    }
}

impl Sub for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(instruction!(vsubq_f32(self.0, other.0)))
    }
}

impl Mul for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(instruction!(vmulq_f32(self.0, other.0)))
    }
}

impl Div for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(instruction!(vdivq_f32(self.0, other.0)))
    }
}

impl Neg for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(instruction!(vnegq_f32(self.0)))
    }
}

#[derive(Clone, Copy)]
pub(super) struct U32x4(uint32x4_t);

impl Words for U32x4 {
    type Vector = F32x4;

    #[inline(always)]
    fn of(vector: F32x4) -> Self {
        Self(instruction!(vreinterpretq_u32_f32(vector.0)))
    }

    #[inline(always)]
    fn as_float(self) -> F32x4 {
        F32x4(instruction!(vreinterpretq_f32_u32(self.0)))
    }

    #[inline(always)]
    fn to_float(self) -> F32x4 {
        F32x4(instruction!(vcvtq_f32_s32(vreinterpretq_s32_u32(self.0))))
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self(instruction!(vaddq_u32(self.0, other.0)))
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Self(instruction!(vsubq_u32(self.0, other.0)))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(instruction!(vandq_u32(self.0, other.0)))
    }

    #[inline(always)]
    fn exclusive_or(self, other: Self) -> Self {
        Self(instruction!(veorq_u32(self.0, other.0)))
    }

    #[inline(always)]
    fn shifted_left<const N: i32>(self) -> Self {
        Self(instruction!(vshlq_u32(self.0, vdupq_n_s32(N))))
    }

    #[inline(always)]
    fn shifted_right<const N: i32>(self) -> Self {
        Self(instruction!(vshlq_u32(self.0, vdupq_n_s32(-N))))
    }

    #[inline(always)]
    fn shifted_right_signed<const N: i32>(self) -> Self {
        Self(instruction!(vreinterpretq_u32_s32(vshlq_s32(vreinterpretq_s32_u32(self.0), vdupq_n_s32(-N)))))
    }
}
