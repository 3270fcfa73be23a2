//! AVX-512: sixteen lanes.

use std::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{Kernel, Simd, Vector, Words};

/// # Safety
/// The processor has avx512f and avx512dq.
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
pub(super) unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    kernel.run(Avx512(()))
}

#[derive(Clone, Copy)]
pub(super) struct Avx512(());

#[derive(Clone, Copy)]
pub(super) struct F32x16(__m512);

// Every block of this file rests on one fact, said once, in here.
macro_rules! instruction {
    ($call:expr) => {
        // SAFETY: an `Avx512`, and so an `F32x16`, exists only inside `run`, whose caller has detected the instructions;
        // what pointers must fulfil, the callers of the traits' unsafe functions promise.
        unsafe { $call }
    };
}

#[inline(always)]
fn first_lanes(count: usize) -> __mmask16 {
    ((1_u32 << count) - 1) as __mmask16
}

impl Simd for Avx512 {
    type Vector = F32x16;
    type Words = U32x16;
    const SAMPLE_VECTORS: usize = 4;

    #[inline(always)]
    fn splat(self, value: f32) -> F32x16 {
        F32x16(instruction!(_mm512_set1_ps(value)))
    }

    #[inline(always)]
    fn words(self, value: u32) -> U32x16 {
        U32x16(instruction!(_mm512_set1_epi32(value.cast_signed())))
    }

    #[inline(always)]
    fn counted_words(self) -> U32x16 {
        U32x16(instruction!(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)))
    }

    #[inline(always)]
    unsafe fn load(self, source: *const f32) -> F32x16 {
        F32x16(instruction!(_mm512_loadu_ps(source)))
    }

    #[inline(always)]
    unsafe fn load_partial(self, source: *const f32, count: usize) -> F32x16 {
        F32x16(instruction!(_mm512_maskz_loadu_ps(first_lanes(count), source)))
    }

    #[inline(always)]
    unsafe fn transpose_block(self, source: *const f32, source_stride: usize, target: *mut f32, target_stride: usize) {
        instruction!({
            let mut rows = [_mm512_setzero_ps(); 16];
            for (index, row) in rows.iter_mut().enumerate() {
                *row = _mm512_loadu_ps(source.add(index * source_stride));
            }
            // Pairs of rows, then pairs of pairs: each 128-bit lane then holds a column of four rows.
            let mut quads = [_mm512_setzero_ps(); 16];
            for group in 0..4 {
                let [a, b, c, d] = [0, 1, 2, 3].map(|index| rows[4 * group + index]);
                let (low_ab, high_ab) = (_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
                let (low_cd, high_cd) = (_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
                quads[4 * group] = _mm512_shuffle_ps::<0b01_00_01_00>(low_ab, low_cd);
                quads[4 * group + 1] = _mm512_shuffle_ps::<0b11_10_11_10>(low_ab, low_cd);
                quads[4 * group + 2] = _mm512_shuffle_ps::<0b01_00_01_00>(high_ab, high_cd);
                quads[4 * group + 3] = _mm512_shuffle_ps::<0b11_10_11_10>(high_ab, high_cd);
            }
            // Lanes of the four groups are gathered: lane `l` of quads[4g + k] is column 4l + k of rows 4g to 4g + 3.
            for k in 0..4 {
                let [a, b, c, d] = [0, 1, 2, 3].map(|group| quads[4 * group + k]);
                let (ab_even, ab_odd) =
                    (_mm512_shuffle_f32x4::<0b10_00_10_00>(a, b), _mm512_shuffle_f32x4::<0b11_01_11_01>(a, b));
                let (cd_even, cd_odd) =
                    (_mm512_shuffle_f32x4::<0b10_00_10_00>(c, d), _mm512_shuffle_f32x4::<0b11_01_11_01>(c, d));
                let columns = [
                    _mm512_shuffle_f32x4::<0b10_00_10_00>(ab_even, cd_even),
                    _mm512_shuffle_f32x4::<0b10_00_10_00>(ab_odd, cd_odd),
                    _mm512_shuffle_f32x4::<0b11_01_11_01>(ab_even, cd_even),
                    _mm512_shuffle_f32x4::<0b11_01_11_01>(ab_odd, cd_odd),
                ];
                for (lane, column) in columns.into_iter().enumerate() {
                    _mm512_storeu_ps(target.add((4 * lane + k) * target_stride), column);
                }
            }
        });
    }
}

impl Vector for F32x16 {
    const LANES: usize = 16;
    type Mask = __mmask16;

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        Self(instruction!(_mm512_fmadd_ps(self.0, factor.0, term.0)))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(instruction!(_mm512_sqrt_ps(self.0)))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self(instruction!(_mm512_abs_ps(self.0)))
    }

    #[inline(always)]
    fn copy_sign(self, sign: Self) -> Self {
        Self(instruction!({
            let bit = _mm512_set1_ps(-0.0);
            _mm512_or_ps(_mm512_and_ps(bit, sign.0), _mm512_andnot_ps(bit, self.0))
        }))
    }

    #[inline(always)]
    fn greater_of(self, other: Self) -> Self {
        Self(instruction!(_mm512_max_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn smaller_of(self, other: Self) -> Self {
        Self(instruction!(_mm512_min_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn less_than(self, other: Self) -> __mmask16 {
        instruction!(_mm512_cmp_ps_mask::<_CMP_LT_OQ>(self.0, other.0))
    }

    #[inline(always)]
    fn select(mask: __mmask16, yes: Self, no: Self) -> Self {
        Self(instruction!(_mm512_mask_blend_ps(mask, no.0, yes.0)))
    }

    #[inline(always)]
    fn raised(self, table: &[u32; 8]) -> Self {
        // SAFETY: eight values; AVX-512F is there wherever a vector is.
        let table = unsafe { _mm512_broadcast_i64x4(_mm256_loadu_si256(table.as_ptr().cast())) };
        Self(instruction!({
            let bits = _mm512_castps_si512(self.0);
            let chosen = _mm512_permutexvar_epi32(bits, table);
            _mm512_castsi512_ps(_mm512_add_epi32(_mm512_slli_epi32::<20>(bits), chosen))
        }))
    }

    #[inline(always)]
    fn lower_upper(self, other: Self) -> Self {
        Self(instruction!(_mm512_mask_blend_ps(0xff00, self.0, other.0)))
    }

    #[inline(always)]
    fn lower_lower(self, other: Self) -> Self {
        Self(instruction!(_mm512_shuffle_f32x4::<0b01_00_01_00>(self.0, other.0)))
    }

    #[inline(always)]
    fn upper_lower(self, other: Self) -> Self {
        Self(instruction!(_mm512_shuffle_f32x4::<0b01_00_11_10>(self.0, other.0)))
    }

    #[inline(always)]
    fn sum_by_halves(self) -> f32 {
        instruction!({
            let eight = _mm256_add_ps(_mm512_castps512_ps256(self.0), _mm512_extractf32x8_ps::<1>(self.0));
            super::avx2::sum_of_eight(eight)
        })
    }

    #[inline(always)]
    unsafe fn store(self, target: *mut f32) {
        instruction!(_mm512_storeu_ps(target, self.0));
    }

    #[inline(always)]
    unsafe fn store_partial(self, target: *mut f32, count: usize) {
        instruction!(_mm512_mask_storeu_ps(target, first_lanes(count), self.0));
    }
}

impl Add for F32x16 {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(instruction!(_mm512_add_ps(self.0, other.0)))
    }
}

impl Sub for F32x16 {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(instruction!(_mm512_sub_ps(self.0, other.0)))
    }
}

impl Mul for F32x16 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(instruction!(_mm512_mul_ps(self.0, other.0)))
    }
}

impl Div for F32x16 {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(instruction!(_mm512_div_ps(self.0, other.0)))
    }
}

impl Neg for F32x16 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(instruction!(_mm512_xor_ps(self.0, _mm512_set1_ps(-0.0))))
    }
}

#[derive(Clone, Copy)]
pub(super) struct U32x16(__m512i);

impl Words for U32x16 {
    type Vector = F32x16;

    #[inline(always)]
    fn of(vector: F32x16) -> Self {
        Self(instruction!(_mm512_castps_si512(vector.0)))
    }

    #[inline(always)]
    fn as_float(self) -> F32x16 {
        F32x16(instruction!(_mm512_castsi512_ps(self.0)))
    }

    #[inline(always)]
    fn to_float(self) -> F32x16 {
        F32x16(instruction!(_mm512_cvtepi32_ps(self.0)))
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self(instruction!(_mm512_add_epi32(self.0, other.0)))
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Self(instruction!(_mm512_sub_epi32(self.0, other.0)))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(instruction!(_mm512_and_si512(self.0, other.0)))
    }

    #[inline(always)]
    fn exclusive_or(self, other: Self) -> Self {
        Self(instruction!(_mm512_xor_si512(self.0, other.0)))
    }

    #[inline(always)]
    fn shifted_left<const N: i32>(self) -> Self {
        Self(instruction!(_mm512_sll_epi32(self.0, _mm_cvtsi32_si128(N))))
    }

    #[inline(always)]
    fn shifted_right<const N: i32>(self) -> Self {
        Self(instruction!(_mm512_srl_epi32(self.0, _mm_cvtsi32_si128(N))))
    }

    #[inline(always)]
    fn shifted_right_signed<const N: i32>(self) -> Self {
        Self(instruction!(_mm512_sra_epi32(self.0, _mm_cvtsi32_si128(N))))
    }
}
