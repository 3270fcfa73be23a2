//! Vectors of `f32` and the choice of instruction set at run time.
//!
//! One binary holds every kernel several times: once for each instruction set of its platform. A kernel is written once,
//! as a [`Kernel`] that is generic over [`Simd`]; [`InstructionSet::dispatch`] enters the copy that was compiled for the
//! wanted instructions.
//!
//! **The bits do not depend on the choice.** A sample owns a lane, so its arithmetic is the same in a vector of 4, 8 or
//! 16; every operation here is one that IEEE 754 rounds in one way only (fused multiply-add, division, square root),
//! and no approximate reciprocal is used. Sums across lanes go through [`Simd::sum_of_rows`], which fixes their order
//! for sixteen lanes whatever the width.
//!
//! A value of type [`Simd`] is a proof that the processor has the instructions; it is made by [`InstructionSet`] alone,
//! which is why arithmetic on [`Vector`] is safe to call.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
mod several;

pub(crate) use several::Several;

use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::error::EngineError;

/// The environment variable that forces an instruction set: `avx512`, `avx2`, `neon` or `portable`.
pub const INSTRUCTION_SET_VARIABLE: &str = "LUMENFOLD_SIMD";

/// Lanes over which sums across samples are arranged, whatever the width of the vectors.
pub(crate) const SUM_LANES: usize = 16;

/// The instructions that kernels run with. Results are the same bits with every choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstructionSet(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "aarch64")]
    Neon,
    Portable,
}

impl InstructionSet {
    /// The widest instruction set of this processor.
    #[must_use]
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// Every instruction set that this processor has, widest first. The last is always [`InstructionSet::portable`].
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut sets = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
                sets.push(Self(Kind::Avx512));
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                sets.push(Self(Kind::Avx2));
            }
        }
        #[cfg(target_arch = "aarch64")]
        sets.push(Self(Kind::Neon));
        sets.push(Self::portable());
        sets
    }

    /// Code for any processor. Without hardware fused multiply-add it is slow, and exact all the same.
    #[must_use]
    pub fn portable() -> Self {
        Self(Kind::Portable)
    }

    /// The set named by `LUMENFOLD_SIMD`, or the best one where the variable is not set.
    ///
    /// # Errors
    /// [`EngineError::InstructionSet`] if the name is unknown or this processor lacks the instructions.
    pub fn from_environment() -> Result<Self, EngineError> {
        match std::env::var(INSTRUCTION_SET_VARIABLE) {
            Ok(name) if !name.is_empty() => Self::named(&name),
            _ => Ok(Self::best()),
        }
    }

    /// The set of that name (`avx512`, `avx2`, `neon`, `portable`), if this processor has it.
    ///
    /// # Errors
    /// [`EngineError::InstructionSet`] if the name is unknown or this processor lacks the instructions.
    pub fn named(name: &str) -> Result<Self, EngineError> {
        let available = Self::available();
        available.iter().copied().find(|set| set.name() == name).ok_or_else(|| EngineError::InstructionSet {
            name: name.to_owned(),
            available: available.iter().map(|set| set.name()).collect::<Vec<_>>().join(", "),
        })
    }

    /// The name that [`InstructionSet::named`] takes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => "neon",
            Kind::Portable => "portable",
        }
    }

    /// Values in one vector.
    pub(crate) fn lanes(self) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => 16,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => 8,
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => 4,
            Kind::Portable => 4,
        }
    }

    /// Runs a kernel with these instructions.
    pub(crate) fn dispatch<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a value of this kind exists only after its features were detected.
            Kind::Avx512 => unsafe { avx512::run(kernel) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Kind::Avx2 => unsafe { avx2::run(kernel) },
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => neon::run(kernel),
            Kind::Portable => kernel.run(portable::Portable),
        }
    }
}

impl fmt::Display for InstructionSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Work that is written once for every instruction set. `run` must be `#[inline(always)]`, and so must all that it calls
/// with a [`Simd`] or a [`Vector`]: only then is it compiled with the instructions of the set.
pub(crate) trait Kernel {
    type Output;
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// Proof that the instructions exist; makes vectors.
pub(crate) trait Simd: Copy {
    type Vector: Vector;
    type Words: Words<Vector = Self::Vector>;

    /// Vectors across the samples in a register block of the dense product.
    const SAMPLE_VECTORS: usize;

    fn splat(self, value: f32) -> Self::Vector;

    /// The same word in every lane.
    fn words(self, value: u32) -> Self::Words;

    /// 0, 1, 2, … from lane to lane.
    fn counted_words(self) -> Self::Words;

    /// # Safety
    /// `LANES` values can be read at `source`.
    unsafe fn load(self, source: *const f32) -> Self::Vector;

    /// The first `count` lanes from memory, the others zero; nothing beyond them is read.
    ///
    /// # Safety
    /// `count <= LANES`, and `count` values can be read at `source`.
    unsafe fn load_partial(self, source: *const f32, count: usize) -> Self::Vector;

    /// Writes the transpose of a block of `LANES` by `LANES`: `target[c][r] = source[r][c]`.
    ///
    /// # Safety
    /// `LANES` rows of `LANES` values can be read at `source` and written at `target` with those strides (in values),
    /// and the two do not overlap.
    unsafe fn transpose_block(self, source: *const f32, source_stride: usize, target: *mut f32, target_stride: usize);

    /// The sum of `count` values, `count` a multiple of sixteen: sixteen running sums, one for each residue of the index
    /// modulo sixteen, then halves added to halves. The order is the same for every width.
    ///
    /// # Safety
    /// `count` values can be read at `source`.
    #[inline(always)]
    unsafe fn sum_of_rows(self, source: *const f32, count: usize) -> f32 {
        debug_assert!(count.is_multiple_of(SUM_LANES));
        let lanes = Self::Vector::LANES;
        let vectors = SUM_LANES / lanes;
        let mut sums = [self.splat(0.0); SUM_LANES / 4];
        let mut start = 0;
        while start < count {
            for (index, sum) in sums.iter_mut().enumerate().take(vectors) {
                // SAFETY: start + SUM_LANES <= count by the caller's promise.
                *sum = *sum + unsafe { self.load(source.add(start + index * lanes)) };
            }
            start += SUM_LANES;
        }
        self.fold(sums)
    }

    /// Halves added to halves, from sixteen lanes down to one.
    #[inline(always)]
    fn fold(self, mut sums: [Self::Vector; SUM_LANES / 4]) -> f32 {
        let mut vectors = SUM_LANES / Self::Vector::LANES;
        while vectors > 1 {
            vectors /= 2;
            for index in 0..vectors {
                sums[index] = sums[index] + sums[index + vectors];
            }
        }
        sums[0].sum_by_halves()
    }
}

/// As many words of 32 bits as a vector has lanes. Sums wrap around.
pub(crate) trait Words: Copy {
    type Vector: Vector;

    /// The bits of floating-point numbers.
    fn of(vector: Self::Vector) -> Self;
    /// The numbers that have these bits.
    fn as_float(self) -> Self::Vector;
    /// The words, taken as integers of two's complement, as floating-point numbers.
    fn to_float(self) -> Self::Vector;
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn and(self, other: Self) -> Self;
    fn exclusive_or(self, other: Self) -> Self;
    /// Zeros come in.
    fn shifted_left<const N: i32>(self) -> Self;
    /// Zeros come in.
    fn shifted_right<const N: i32>(self) -> Self;
    /// The sign comes in.
    fn shifted_right_signed<const N: i32>(self) -> Self;

    /// Rotated to the left by `LEFT`; `RIGHT` is what is missing to 32.
    #[inline(always)]
    fn rotated<const LEFT: i32, const RIGHT: i32>(self) -> Self {
        self.shifted_left::<LEFT>().exclusive_or(self.shifted_right::<RIGHT>())
    }
}

/// `LANES` values of `f32`, one for each of as many samples.
pub(crate) trait Vector:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    const LANES: usize;
    type Mask: Copy;

    /// `self * factor + term`, rounded once.
    fn mul_add(self, factor: Self, term: Self) -> Self;
    fn sqrt(self) -> Self;
    fn abs(self) -> Self;
    /// The magnitude of `self` with the sign of `sign`.
    fn copy_sign(self, sign: Self) -> Self;
    /// `self > other ? self : other`; where either is NaN, `other`.
    fn greater_of(self, other: Self) -> Self;
    /// `self < other ? self : other`; where either is NaN, `other`.
    fn smaller_of(self, other: Self) -> Self;
    fn less_than(self, other: Self) -> Self::Mask;
    /// Lanes of `yes` where the mask is set, of `no` elsewhere.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
    /// The bits of `self` shifted to the left by twenty places, and the element of `table` that the lowest three of them
    /// tell added, as integers.
    fn raised(self, table: &[u32; 8]) -> Self;
    /// The lower half of `self`, then the upper half of `other`, both where they were.
    fn lower_upper(self, other: Self) -> Self;
    /// The lower half of `self`, then the lower half of `other`.
    fn lower_lower(self, other: Self) -> Self;
    /// The upper half of `self`, then the lower half of `other`: what lies between two vectors.
    fn upper_lower(self, other: Self) -> Self;
    /// Lower half plus upper half, down to one lane.
    fn sum_by_halves(self) -> f32;

    /// # Safety
    /// `LANES` values can be written at `target`.
    unsafe fn store(self, target: *mut f32);
    /// # Safety
    /// `count <= LANES`, and `count` values can be written at `target`; no more are.
    unsafe fn store_partial(self, target: *mut f32, count: usize);
}
