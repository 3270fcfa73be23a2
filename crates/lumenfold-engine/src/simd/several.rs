//! Several vectors side by side, as one: operations of independent chains follow one another in the program, so that a
//! processor whose scheduler is short finds something to do while each waits for its results.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{Simd, Vector, Words};

/// An instruction set whose vectors are `N` of another's.
#[derive(Clone, Copy)]
pub(crate) struct Several<S, const N: usize>(pub(crate) S);

/// `N` vectors.
#[derive(Clone, Copy)]
pub(crate) struct Vectors<V, const N: usize>([V; N]);

macro_rules! each {
    ($first:expr $(, $other:ident)*; $index:ident => $value:expr) => {{
        let mut result = $first;
        let mut $index = 0;
        while $index < N {
            result.0[$index] = $value;
            $index += 1;
        }
        result
    }};
}

impl<S: Simd, const N: usize> Simd for Several<S, N> {
    type Vector = Vectors<S::Vector, N>;
    type Words = ManyWords<S::Words, N>;
    const SAMPLE_VECTORS: usize = S::SAMPLE_VECTORS;

    #[inline(always)]
    fn splat(self, value: f32) -> Self::Vector {
        Vectors([self.0.splat(value); N])
    }

    #[inline(always)]
    fn words(self, value: u32) -> Self::Words {
        ManyWords([self.0.words(value); N])
    }

    #[inline(always)]
    fn counted_words(self) -> Self::Words {
        let lanes = S::Vector::LANES as u32;
        let first = ManyWords([self.0.counted_words(); N]);
        each!(first; index => self.0.counted_words().plus(self.0.words(index as u32 * lanes)))
    }

    #[inline(always)]
    unsafe fn load(self, source: *const f32) -> Self::Vector {
        let mut vectors = [self.0.splat(0.0); N];
        for (index, vector) in vectors.iter_mut().enumerate() {
            // SAFETY: the caller's promise is on all lanes.
            *vector = unsafe { self.0.load(source.add(index * S::Vector::LANES)) };
        }
        Vectors(vectors)
    }

    #[inline(always)]
    unsafe fn load_partial(self, _: *const f32, _: usize) -> Self::Vector {
        unreachable!("partial vectors are taken one by one")
    }

    #[inline(always)]
    unsafe fn transpose_block(self, _: *const f32, _: usize, _: *mut f32, _: usize) {
        unreachable!("blocks are transposed one by one")
    }
}

impl<V, const N: usize> Vectors<V, N> {
    /// The single vectors.
    #[inline(always)]
    pub(crate) fn parts(self) -> [V; N] {
        self.0
    }
}

impl<V: Vector, const N: usize> Vector for Vectors<V, N> {
    const LANES: usize = N * V::LANES;
    type Mask = [V::Mask; N];

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        each!(self; index => self.0[index].mul_add(factor.0[index], term.0[index]))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        each!(self; index => self.0[index].sqrt())
    }

    #[inline(always)]
    fn abs(self) -> Self {
        each!(self; index => self.0[index].abs())
    }

    #[inline(always)]
    fn copy_sign(self, sign: Self) -> Self {
        each!(self; index => self.0[index].copy_sign(sign.0[index]))
    }

    #[inline(always)]
    fn greater_of(self, other: Self) -> Self {
        each!(self; index => self.0[index].greater_of(other.0[index]))
    }

    #[inline(always)]
    fn smaller_of(self, other: Self) -> Self {
        each!(self; index => self.0[index].smaller_of(other.0[index]))
    }

    #[inline(always)]
    fn less_than(self, other: Self) -> Self::Mask {
        let mut mask = [self.0[0].less_than(other.0[0]); N];
        for (index, mask) in mask.iter_mut().enumerate() {
            *mask = self.0[index].less_than(other.0[index]);
        }
        mask
    }

    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        each!(yes; index => V::select(mask[index], yes.0[index], no.0[index]))
    }

    #[inline(always)]
    fn raised(self, table: &[u32; 8]) -> Self {
        each!(self; index => self.0[index].raised(table))
    }

    #[inline(always)]
    fn lower_upper(self, _: Self) -> Self {
        unreachable!("halves are those of single vectors")
    }

    #[inline(always)]
    fn lower_lower(self, _: Self) -> Self {
        unreachable!("halves are those of single vectors")
    }

    #[inline(always)]
    fn upper_lower(self, _: Self) -> Self {
        unreachable!("halves are those of single vectors")
    }

    #[inline(always)]
    fn sum_by_halves(self) -> f32 {
        unreachable!("sums across lanes are arranged for single vectors")
    }

    #[inline(always)]
    unsafe fn store(self, target: *mut f32) {
        for (index, vector) in self.0.into_iter().enumerate() {
            // SAFETY: the caller's promise is on all lanes.
            unsafe { vector.store(target.add(index * V::LANES)) };
        }
    }

    #[inline(always)]
    unsafe fn store_partial(self, _: *mut f32, _: usize) {
        unreachable!("partial vectors are taken one by one")
    }
}

macro_rules! operator {
    ($name:ident, $method:ident) => {
        impl<V: Vector, const N: usize> $name for Vectors<V, N> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                each!(self; index => self.0[index].$method(other.0[index]))
            }
        }
    };
}
operator!(Add, add);
operator!(Sub, sub);
operator!(Mul, mul);
operator!(Div, div);

impl<V: Vector, const N: usize> Neg for Vectors<V, N> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        each!(self; index => -self.0[index])
    }
}

/// The words of `N` vectors.
#[derive(Clone, Copy)]
pub(crate) struct ManyWords<W, const N: usize>([W; N]);

impl<W: Words, const N: usize> Words for ManyWords<W, N> {
    type Vector = Vectors<W::Vector, N>;

    #[inline(always)]
    fn of(vector: Self::Vector) -> Self {
        each!(Self([W::of(vector.0[0]); N]); index => W::of(vector.0[index]))
    }

    #[inline(always)]
    fn as_float(self) -> Self::Vector {
        each!(Vectors([self.0[0].as_float(); N]); index => self.0[index].as_float())
    }

    #[inline(always)]
    fn to_float(self) -> Self::Vector {
        each!(Vectors([self.0[0].to_float(); N]); index => self.0[index].to_float())
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        each!(self; index => self.0[index].plus(other.0[index]))
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        each!(self; index => self.0[index].minus(other.0[index]))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        each!(self; index => self.0[index].and(other.0[index]))
    }

    #[inline(always)]
    fn exclusive_or(self, other: Self) -> Self {
        each!(self; index => self.0[index].exclusive_or(other.0[index]))
    }

    #[inline(always)]
    fn shifted_left<const M: i32>(self) -> Self {
        each!(self; index => self.0[index].shifted_left::<M>())
    }

    #[inline(always)]
    fn shifted_right<const M: i32>(self) -> Self {
        each!(self; index => self.0[index].shifted_right::<M>())
    }

    #[inline(always)]
    fn shifted_right_signed<const M: i32>(self) -> Self {
        each!(self; index => self.0[index].shifted_right_signed::<M>())
    }
}
