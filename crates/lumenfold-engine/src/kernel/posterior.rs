//! The code of a variational autoencoder: a number of its normal distribution, and the divergence of that distribution from
//! the standard normal one.

use super::gather::clear_beyond;
use super::random::{Key, normal};
use crate::math::exp;
use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// How codes are drawn in a step, and what their distributions cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Posterior {
    pub(crate) set: InstructionSet,
    pub(crate) key: Key,
    /// The weight of the divergence.
    pub(crate) weight: f32,
    /// What the divergence of each latent costs at least.
    pub(crate) free_nats: f32,
}

impl Posterior {
    /// Draws the codes of a tile, `z = μ + σ ε`, and returns their weighted divergence, summed over its first `samples`.
    /// `first` is the position of the tile's first sample in its batch.
    ///
    /// distribution: `[2 width][TILE]`, means and then logarithms of variances; code, slope: `[width][TILE]`. The slope is
    /// `½ σ ε`, that of the code by the logarithm of the variance.
    pub(crate) fn draw<const TILE: usize>(
        self,
        (first, samples): (usize, usize),
        width: usize,
        distribution: &[f32],
        code: &mut [f32],
        slope: &mut [f32],
    ) -> f64 {
        assert!(distribution.len() >= 2 * width * TILE && code.len() >= width * TILE && slope.len() >= width * TILE);
        normal::<TILE>(self.set, self.key, first, 0..width, slope);
        let mut sums = [0.0; TILE];
        self.set.dispatch(Draw::<TILE> {
            width,
            free_nats: self.free_nats,
            distribution,
            code,
            slope,
            sums: &mut sums,
        });
        f64::from(self.weight) * sums[..samples].iter().map(|sum| f64::from(*sum)).sum::<f64>()
    }

    /// From the gradient of the code to that of the distribution, with that of the divergence times `factor`. Zero beyond
    /// the first `samples`.
    ///
    /// slope, code_gradient: `[width][TILE]`; distribution, gradient: `[2 width][TILE]`.
    pub(crate) fn backward<const TILE: usize>(
        self,
        samples: usize,
        width: usize,
        (distribution, slope): (&[f32], &[f32]),
        code_gradient: &[f32],
        gradient: &mut [f32],
        factor: f32,
    ) {
        assert!(distribution.len() >= 2 * width * TILE && gradient.len() >= 2 * width * TILE);
        assert!(slope.len() >= width * TILE && code_gradient.len() >= width * TILE);
        let (weight, free_nats) = (self.weight * factor, self.free_nats);
        self.set.dispatch(Backward::<TILE> { width, weight, free_nats, distribution, slope, code_gradient, gradient });
        clear_beyond::<TILE>(samples, 2 * width, gradient);
    }
}

/// `½ (μ² + σ² - 1 - ln σ²)`.
#[inline(always)]
fn divergence<S: Simd>(simd: S, mean: S::Vector, log_variance: S::Vector, variance: S::Vector) -> S::Vector {
    let excess = variance - simd.splat(1.0) - log_variance;
    mean.mul_add(mean, excess) * simd.splat(0.5)
}

struct Draw<'a, const TILE: usize> {
    width: usize,
    free_nats: f32,
    distribution: &'a [f32],
    code: &'a mut [f32],
    // Comes with ε.
    slope: &'a mut [f32],
    sums: &'a mut [f32; TILE],
}

impl<const TILE: usize> Kernel for Draw<'_, TILE> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let half = simd.splat(0.5);
        for sample in (0..TILE).step_by(S::Vector::LANES) {
            let mut sum = simd.splat(0.0);
            for latent in 0..self.width {
                let at = latent * TILE + sample;
                // SAFETY: sample + LANES <= TILE; lengths were checked at the entry.
                unsafe {
                    let mean = simd.load(self.distribution.as_ptr().add(at));
                    let log_variance = simd.load(self.distribution.as_ptr().add(self.width * TILE + at));
                    let deviation = exp(simd, log_variance * half);
                    let step = deviation * simd.load(self.slope.as_ptr().add(at));
                    (mean + step).store(self.code.as_mut_ptr().add(at));
                    (step * half).store(self.slope.as_mut_ptr().add(at));
                    let divergence = divergence(simd, mean, log_variance, exp(simd, log_variance));
                    sum = sum + divergence.greater_of(simd.splat(self.free_nats));
                }
            }
            // SAFETY: as above.
            unsafe { sum.store(self.sums.as_mut_ptr().add(sample)) };
        }
    }
}

struct Backward<'a, const TILE: usize> {
    width: usize,
    weight: f32,
    free_nats: f32,
    distribution: &'a [f32],
    slope: &'a [f32],
    code_gradient: &'a [f32],
    gradient: &'a mut [f32],
}

impl<const TILE: usize> Kernel for Backward<'_, TILE> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (weight, zero) = (simd.splat(self.weight), simd.splat(0.0));
        let offset = self.width * TILE;
        for at in (0..offset).step_by(S::Vector::LANES) {
            // SAFETY: lengths were checked at the entry, and vectors divide a tile.
            unsafe {
                let mean = simd.load(self.distribution.as_ptr().add(at));
                let log_variance = simd.load(self.distribution.as_ptr().add(offset + at));
                let variance = exp(simd, log_variance);
                let costs = simd.splat(self.free_nats).less_than(divergence(simd, mean, log_variance, variance));
                let weight = S::Vector::select(costs, weight, zero);
                let of_code = simd.load(self.code_gradient.as_ptr().add(at));
                weight.mul_add(mean, of_code).store(self.gradient.as_mut_ptr().add(at));
                let half = weight * (variance - simd.splat(1.0)) * simd.splat(0.5);
                let of_variance = of_code.mul_add(simd.load(self.slope.as_ptr().add(at)), half);
                of_variance.store(self.gradient.as_mut_ptr().add(offset + at));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::TILE;
    use crate::kernel::random::Purpose;

    #[test]
    fn codes_have_the_mean_and_variance_of_their_distribution() {
        let (mean, log_variance) = ([0.3_f32, -2.0], [0.5_f32, -3.0]);
        let distribution: Vec<f32> = mean.into_iter().chain(log_variance).flat_map(|value| [value; TILE]).collect();
        let key = Key::new(1, 0, Purpose::Posterior, 5);
        let posterior = Posterior { set: InstructionSet::best(), key, weight: 2.0, free_nats: 0.0 };
        let (mut code, mut slope) = ([0.0; 2 * TILE], [0.0; 2 * TILE]);
        let mut all = [const { Vec::new() }; 2];
        for tile in 0..300 {
            let cost = posterior.draw::<TILE>((tile * TILE, 10), 2, &distribution, &mut code, &mut slope);
            let exact: f64 = mean
                .iter()
                .zip(log_variance)
                .map(|(m, s)| 0.5 * (f64::from(*m).powi(2) + f64::from(s).exp() - 1.0 - f64::from(s)))
                .sum();
            assert!((cost - 20.0 * exact).abs() < 1e-4, "{cost}, not {}", 20.0 * exact);
            for (all, code) in all.iter_mut().zip(code.chunks_exact(TILE)) {
                all.extend(code.iter().map(|value| f64::from(*value)));
            }
        }
        for ((values, mean), log_variance) in all.iter().zip(mean).zip(log_variance) {
            let (count, variance) = (values.len() as f64, f64::from(log_variance).exp());
            let found = values.iter().sum::<f64>() / count;
            assert!((found - f64::from(mean)).abs() < 5.0 * (variance / count).sqrt(), "mean {found}");
            let found = values.iter().map(|value| (value - f64::from(mean)).powi(2)).sum::<f64>() / count;
            assert!((found - variance).abs() < 5.0 * variance * (2.0 / count).sqrt(), "variance {found}");
        }
    }
}
