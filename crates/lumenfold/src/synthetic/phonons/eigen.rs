//! Eigenvalues and eigenvectors of symmetric 3 × 3 matrices.

/// A symmetric matrix: its diagonal, and beside it the elements yz, xz, xy (the element at i belongs to the other two).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Symmetric {
    pub(super) diagonal: [f64; 3],
    pub(super) beside: [f64; 3],
}

/// Eigenvalues, ascending, and the unit eigenvector of each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Eigen {
    pub(super) values: [f64; 3],
    /// `vectors[j]` belongs to `values[j]`.
    pub(super) vectors: [[f64; 3]; 3],
}

/// Sweeps after which every matrix is diagonal; three or four are usual.
const MOST_SWEEPS: usize = 16;
/// Square of what may be left beside the diagonal, relative to the matrix: what eigenvectors are exact to. Eigenvalues are
/// exact to rounding, since each sweep squares what is left.
const SQUARED_TOLERANCE: f64 = 1e-26;

impl Symmetric {
    #[cfg(test)]
    pub(super) fn times(&self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        let ([xx, yy, zz], [yz, xz, xy]) = (self.diagonal, self.beside);
        [xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z]
    }

    /// Jacobi's method, cyclic (Golub and Van Loan, Matrix Computations, section 8.5): rotations in the planes xy, xz, yz
    /// until nothing is left beside the diagonal. Degenerate eigenvalues need no care, small ones are as exact as large
    /// ones, and only operations that round alike everywhere are used.
    pub(super) fn eigen(&self) -> Eigen {
        let Self { diagonal: mut values, beside: mut rest } = *self;
        let mut vectors = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let square = |a: &[f64; 3]| a[0] * a[0] + a[1] * a[1] + a[2] * a[2];
        let tolerance = SQUARED_TOLERANCE * (square(&values) + 2.0 * square(&rest));
        for _ in 0..MOST_SWEEPS {
            if square(&rest) <= tolerance {
                break;
            }
            rotate::<0, 1, 2>(&mut values, &mut rest, &mut vectors);
            rotate::<0, 2, 1>(&mut values, &mut rest, &mut vectors);
            rotate::<1, 2, 0>(&mut values, &mut rest, &mut vectors);
        }
        for (a, b) in [(0, 1), (1, 2), (0, 1)] {
            if values[a] > values[b] {
                values.swap(a, b);
                vectors.swap(a, b);
            }
        }
        Eigen { values, vectors }
    }
}

/// Makes the element of `P` and `Q` zero; `R` is the third index, whose place in `rest` it has.
#[inline(always)]
fn rotate<const P: usize, const Q: usize, const R: usize>(
    values: &mut [f64; 3],
    rest: &mut [f64; 3],
    vectors: &mut [[f64; 3]; 3],
) {
    let element = rest[R];
    let (difference, double) = (values[Q] - values[P], 2.0 * element);
    let root = (difference * difference + double * double).sqrt();
    if root == 0.0 {
        // Nothing is there, or next to nothing between two equal values.
        return;
    }
    let tangent = double.copysign(double * difference) / (difference.abs() + root);
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let sine = tangent * cosine;
    values[P] -= tangent * element;
    values[Q] += tangent * element;
    // The element of R and P stands at Q, that of R and Q at P.
    let (with_p, with_q) = (rest[Q], rest[P]);
    rest[Q] = cosine * with_p - sine * with_q;
    rest[P] = sine * with_p + cosine * with_q;
    rest[R] = 0.0;
    let (p, q) = (vectors[P], vectors[Q]);
    vectors[P] = [0, 1, 2].map(|axis| cosine * p[axis] - sine * q[axis]);
    vectors[Q] = [0, 1, 2].map(|axis| sine * p[axis] + cosine * q[axis]);
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLERANCE: f64 = 1e-12;

    fn check(matrix: Symmetric) {
        let Eigen { values, vectors } = matrix.eigen();
        let size = matrix.diagonal.iter().chain(&matrix.beside).fold(0.0_f64, |most, value| most.max(value.abs()));
        assert!(values[0] <= values[1] && values[1] <= values[2]);
        for (j, vector) in vectors.iter().enumerate() {
            let image = matrix.times(*vector);
            for axis in 0..3 {
                assert!((image[axis] - values[j] * vector[axis]).abs() <= TOLERANCE * size, "{matrix:?}");
            }
            for (k, other) in vectors.iter().enumerate() {
                let product: f64 = vector.iter().zip(other).map(|(a, b)| a * b).sum();
                assert!((product - f64::from(u8::from(j == k))).abs() < TOLERANCE, "{matrix:?}");
            }
        }
    }

    #[test]
    fn eigenvectors_are_orthonormal_and_belong_to_their_values() {
        let mut streams = crate::synthetic::random::RowStreams::new(5, b"test of eigenvectors....").row(0);
        for scale in [1e-12, 1.0, 1e9] {
            for _ in 0..500 {
                let mut draw = || [0; 3].map(|_| scale * streams.between(-1.0, 1.0));
                check(Symmetric { diagonal: draw(), beside: draw() });
            }
        }
    }

    #[test]
    fn degenerate_and_diagonal_matrices() {
        check(Symmetric::default());
        check(Symmetric { diagonal: [3.0, 1.0, 2.0], beside: [0.0; 3] });
        check(Symmetric { diagonal: [1.0; 3], beside: [1.0; 3] });
        check(Symmetric { diagonal: [1.0, 1.0, 1.0 + 1e-15], beside: [1e-16, 0.5, 0.0] });
        let Eigen { values, .. } = Symmetric { diagonal: [2.0; 3], beside: [1.0; 3] }.eigen();
        for (value, expected) in values.iter().zip([1.0, 1.0, 4.0]) {
            assert!((value - expected).abs() < TOLERANCE);
        }
    }
}
