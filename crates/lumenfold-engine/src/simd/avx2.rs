//! AVX2 with fused multiply-add: eight lanes.

use std::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{Kernel, Simd, Vector, Words};

/// # Safety
/// The processor has avx2 and fma.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    kernel.run(Avx2(()))
}

#[derive(Clone, Copy)]
pub(super) struct Avx2(());

#[derive(Clone, Copy)]
pub(super) struct F32x8(__m256);

// Every block of this file rests on one fact, said once, in here.
macro_rules! instruction {
    ($call:expr) => {
        // SAFETY: an `Avx2`, and so an `F32x8`, exists only inside `run`, whose caller has detected the instructions;
        // what pointers must fulfil, the callers of the traits' unsafe functions promise.
        unsafe { $call }
    };
}

/// Halves added to halves.
///
/// # Safety
/// The processor has avx.
#[inline(always)]
pub(super) unsafe fn sum_of_eight(eight: __m256) -> f32 {
    instruction!({
        let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
    })
}

/// All bits set in the first `count` lanes.
#[inline(always)]
fn first_lanes(count: usize) -> __m256i {
    const BITS: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
    debug_assert!(count <= 8);
    instruction!(_mm256_loadu_si256(BITS.as_ptr().add(8 - count).cast()))
}

impl Simd for Avx2 {
    type Vector = F32x8;
    type Words = U32x8;
    const SAMPLE_VECTORS: usize = 2;

    #[inline(always)]
    fn splat(self, value: f32) -> F32x8 {
        F32x8(instruction!(_mm256_set1_ps(value)))
    }

    #[inline(always)]
    fn words(self, value: u32) -> U32x8 {
        U32x8(instruction!(_mm256_set1_epi32(value.cast_signed())))
    }

    #[inline(always)]
    fn counted_words(self) -> U32x8 {
        U32x8(instruction!(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)))
    }

    #[inline(always)]
    unsafe fn load(self, source: *const f32) -> F32x8 {
        F32x8(instruction!(_mm256_loadu_ps(source)))
    }

    #[inline(always)]
    unsafe fn load_partial(self, source: *const f32, count: usize) -> F32x8 {
        F32x8(instruction!(_mm256_maskload_ps(source, first_lanes(count))))
    }

    #[inline(always)]
    unsafe fn transpose_block(self, source: *const f32, source_stride: usize, target: *mut f32, target_stride: usize) {
        instruction!({
            let mut rows = [_mm256_setzero_ps(); 8];
            for (index, row) in rows.iter_mut().enumerate() {
                *row = _mm256_loadu_ps(source.add(index * source_stride));
            }
            let mut quads = [_mm256_setzero_ps(); 8];
            for group in 0..2 {
                let [a, b, c, d] = [0, 1, 2, 3].map(|index| rows[4 * group + index]);
                let (low_ab, high_ab) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
                let (low_cd, high_cd) = (_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
                quads[4 * group] = _mm256_shuffle_ps::<0b01_00_01_00>(low_ab, low_cd);
                quads[4 * group + 1] = _mm256_shuffle_ps::<0b11_10_11_10>(low_ab, low_cd);
                quads[4 * group + 2] = _mm256_shuffle_ps::<0b01_00_01_00>(high_ab, high_cd);
                quads[4 * group + 3] = _mm256_shuffle_ps::<0b11_10_11_10>(high_ab, high_cd);
            }
            // Lane `l` of quads[4g + k] is column 4l + k of rows 4g to 4g + 3.
            for k in 0..4 {
                let (first, second) = (quads[k], quads[4 + k]);
                _mm256_storeu_ps(target.add(k * target_stride), _mm256_permute2f128_ps::<0x20>(first, second));
                _mm256_storeu_ps(target.add((4 + k) * target_stride), _mm256_permute2f128_ps::<0x31>(first, second));
            }
        });
    }
}

impl Vector for F32x8 {
    const LANES: usize = 8;
    type Mask = __m256;

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        Self(instruction!(_mm256_fmadd_ps(self.0, factor.0, term.0)))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(instruction!(_mm256_sqrt_ps(self.0)))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self(instruction!(_mm256_andnot_ps(_mm256_set1_ps(-0.0), self.0)))
    }

    #[inline(always)]
    fn copy_sign(self, sign: Self) -> Self {
        Self(instruction!({
            let bit = _mm256_set1_ps(-0.0);
            _mm256_or_ps(_mm256_and_ps(bit, sign.0), _mm256_andnot_ps(bit, self.0))
        }))
    }

    #[inline(always)]
    fn greater_of(self, other: Self) -> Self {
        Self(instruction!(_mm256_max_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn smaller_of(self, other: Self) -> Self {
        Self(instruction!(_mm256_min_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn less_than(self, other: Self) -> __m256 {
        instruction!(_mm256_cmp_ps::<_CMP_LT_OQ>(self.0, other.0))
    }

    #[inline(always)]
    fn select(mask: __m256, yes: Self, no: Self) -> Self {
        Self(instruction!(_mm256_blendv_ps(no.0, yes.0, mask)))
    }

    #[inline(always)]
    fn raised(self, table: &[u32; 8]) -> Self {
        // SAFETY: eight values; AVX2 is there wherever a vector is.
        let table = unsafe { _mm256_loadu_si256(table.as_ptr().cast()) };
        Self(instruction!({
            let bits = _mm256_castps_si256(self.0);
            let chosen = _mm256_permutevar8x32_epi32(table, bits);
            _mm256_castsi256_ps(_mm256_add_epi32(_mm256_slli_epi32::<20>(bits), chosen))
        }))
    }

    #[inline(always)]
    fn lower_upper(self, other: Self) -> Self {
        Self(instruction!(_mm256_blend_ps::<0b1111_0000>(self.0, other.0)))
    }

    #[inline(always)]
    fn lower_lower(self, other: Self) -> Self {
        Self(instruction!(_mm256_permute2f128_ps::<0x20>(self.0, other.0)))
    }

    #[inline(always)]
    fn upper_lower(self, other: Self) -> Self {
        Self(instruction!(_mm256_permute2f128_ps::<0x21>(self.0, other.0)))
    }

    #[inline(always)]
    fn sum_by_halves(self) -> f32 {
        instruction!(sum_of_eight(self.0))
    }

    #[inline(always)]
    unsafe fn store(self, target: *mut f32) {
        instruction!(_mm256_storeu_ps(target, self.0));
    }

    #[inline(always)]
    unsafe fn store_partial(self, target: *mut f32, count: usize) {
        instruction!(_mm256_maskstore_ps(target, first_lanes(count), self.0));
    }
}

impl Add for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(instruction!(_mm256_add_ps(self.0, other.0)))
    }
}

impl Sub for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(instruction!(_mm256_sub_ps(self.0, other.0)))
    }
}

impl Mul for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(instruction!(_mm256_mul_ps(self.0, other.0)))
    }
}

impl Div for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(instruction!(_mm256_div_ps(self.0, other.0)))
    }
}

impl Neg for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(instruction!(_mm256_xor_ps(self.0, _mm256_set1_ps(-0.0))))
    }
}

#[derive(Clone, Copy)]
pub(super) struct U32x8(__m256i);

impl Words for U32x8 {
    type Vector = F32x8;

    #[inline(always)]
    fn of(vector: F32x8) -> Self {
        Self(instruction!(_mm256_castps_si256(vector.0)))
    }

    #[inline(always)]
    fn as_float(self) -> F32x8 {
        F32x8(instruction!(_mm256_castsi256_ps(self.0)))
    }

    #[inline(always)]
    fn to_float(self) -> F32x8 {
        F32x8(instruction!(_mm256_cvtepi32_ps(self.0)))
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self(instruction!(_mm256_add_epi32(self.0, other.0)))
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Self(instruction!(_mm256_sub_epi32(self.0, other.0)))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(instruction!(_mm256_and_si256(self.0, other.0)))
    }

    #[inline(always)]
    fn exclusive_or(self, other: Self) -> Self {
        Self(instruction!(_mm256_xor_si256(self.0, other.0)))
    }

    #[inline(always)]
    fn shifted_left<const N: i32>(self) -> Self {
        Self(instruction!(_mm256_sll_epi32(self.0, _mm_cvtsi32_si128(N))))
    }

    #[inline(always)]
    fn shifted_right<const N: i32>(self) -> Self {
        Self(instruction!(_mm256_srl_epi32(self.0, _mm_cvtsi32_si128(N))))
    }

    #[inline(always)]
    fn shifted_right_signed<const N: i32>(self) -> Self {
        Self(instruction!(_mm256_sra_epi32(self.0, _mm_cvtsi32_si128(N))))
    }
}
