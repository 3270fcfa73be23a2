//! How far a function is from the truth, in units in the last place of the true value, on every instruction set.

use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// A function under test and what it should be.
pub(crate) trait Function {
    const NAME: &'static str;
    /// The bound in ULP.
    const BOUND: f64;
    /// ULP of 1 instead of ULP of the value.
    const ABSOLUTE: bool = false;
    /// Arguments of larger magnitude are left out.
    const LARGEST: f32;
    fn fast<S: Simd>(simd: S, x: S::Vector) -> S::Vector;
    fn exact(x: f64) -> f64;
}

struct Apply<'a, F> {
    arguments: &'a [f32; 16],
    results: &'a mut [f32; 16],
    function: std::marker::PhantomData<F>,
}

impl<F: Function> Kernel for Apply<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for start in (0..16).step_by(S::Vector::LANES) {
            // SAFETY: sixteen is a multiple of every width.
            unsafe {
                let x = simd.load(self.arguments.as_ptr().add(start));
                F::fast(simd, x).store(self.results.as_mut_ptr().add(start));
            }
        }
    }
}

fn ulp_of(value: f64) -> f64 {
    let value = (value.abs() as f32).max(f32::MIN_POSITIVE);
    f64::from(f32::from_bits(value.to_bits() + 1)) - f64::from(value)
}

fn check<F: Function>(bits: impl Iterator<Item = u32>) {
    let sets = InstructionSet::available();
    let mut worst = (0.0, 0.0_f32);
    let mut arguments = [0.0; 16];
    let mut filled = 0;
    let mut flush = |arguments: &[f32; 16]| {
        let mut first: Option<[f32; 16]> = None;
        for set in &sets {
            let mut results = [0.0; 16];
            set.dispatch(Apply::<F> { arguments, results: &mut results, function: std::marker::PhantomData });
            let reference = first.get_or_insert(results);
            for (index, (result, expected)) in results.iter().zip(reference.iter()).enumerate() {
                assert!(
                    result.to_bits() == expected.to_bits() || (result.is_nan() && expected.is_nan()),
                    "{}({:e}) is {result:e} with {set} and {expected:e} with {}",
                    F::NAME,
                    arguments[index],
                    sets[0]
                );
            }
        }
        for (x, result) in arguments.iter().zip(first.expect("one set at least")) {
            if x.is_nan() {
                assert!(result.is_nan(), "{}(NaN) is {result}", F::NAME);
                continue;
            }
            let exact = F::exact(f64::from(*x));
            let ulp = if F::ABSOLUTE { f64::from(f32::EPSILON) } else { ulp_of(exact) };
            let error = (f64::from(result) - exact).abs() / ulp;
            if error > worst.0 {
                worst = (error, *x);
            }
        }
    };
    for pattern in bits {
        let x = f32::from_bits(pattern);
        if x.abs() > F::LARGEST || x.is_infinite() {
            continue;
        }
        arguments[filled] = x;
        filled += 1;
        if filled == 16 {
            flush(&arguments);
            filled = 0;
        }
    }
    flush(&arguments);
    println!("{}: worst error {:.3} ULP at {:e}", F::NAME, worst.0, worst.1);
    assert!(worst.0 <= F::BOUND, "{}({:e}) is off by {:.3} ULP, bound {}", F::NAME, worst.1, worst.0, F::BOUND);
}

/// About a million arguments: every 4,099th bit pattern, so all magnitudes and both signs.
pub(crate) fn check_sample<F: Function>() {
    check::<F>((0..u32::MAX / 4099).map(|index| index * 4099));
}

/// Every argument.
pub(crate) fn check_all<F: Function>() {
    check::<F>(0..=u32::MAX);
}
