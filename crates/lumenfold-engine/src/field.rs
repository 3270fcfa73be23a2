//! Fields: values on the positions of a regular grid of one, two or three dimensions, and the windows that move over them.
//!
//! A layer of fields has channels: its values are `[channel][position]`, positions in row-major order with the last
//! dimension fastest. So a field flattens to features, and features become a field, without moving a value. All dimensions
//! are treated alike: sizes are held for three of them, and those that a field does not have come first and are one.

mod connections;

use std::fmt;

pub(crate) use connections::{Class, Connections, Piece, Place, Tap};

/// The most positions of a field, so that every offset fits into 32 bits.
const MOST_POSITIONS: usize = 1 << 30;

/// The sizes of a field along its one, two or three dimensions.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Extent {
    dimensions: usize,
    // Those that the field has come last; the others are one.
    sizes: [usize; 3],
}

impl Extent {
    /// From one to three sizes, the slowest dimension first.
    ///
    /// # Errors
    /// What is wrong with them.
    ///
    /// ```
    /// use lumenfold_engine::Extent;
    /// let map = Extent::new(&[300, 200])?;
    /// assert_eq!((map.positions(), map.sizes()), (60_000, &[300, 200][..]));
    /// # Ok::<(), String>(())
    /// ```
    pub fn new(sizes: &[usize]) -> Result<Self, String> {
        if sizes.is_empty() || sizes.len() > 3 {
            return Err(format!("a field has one, two or three dimensions, not {}", sizes.len()));
        }
        let positions = sizes.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
        if !positions.is_some_and(|positions| (1..=MOST_POSITIONS).contains(&positions)) {
            return Err(format!("a field of {} has no positions, or more than {MOST_POSITIONS}", by(sizes)));
        }
        let mut extent = Self { dimensions: sizes.len(), sizes: [1; 3] };
        extent.sizes[3 - sizes.len()..].copy_from_slice(sizes);
        Ok(extent)
    }

    /// How many dimensions it has.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Its sizes, the slowest dimension first.
    #[must_use]
    pub fn sizes(&self) -> &[usize] {
        &self.sizes[3 - self.dimensions..]
    }

    /// How many positions it has.
    #[must_use]
    pub fn positions(&self) -> usize {
        self.sizes.iter().product()
    }

    /// The sizes of all three dimensions.
    pub(crate) fn all(&self) -> [usize; 3] {
        self.sizes
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&by(self.sizes()))
    }
}

impl fmt::Debug for Extent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

fn by(sizes: &[usize]) -> String {
    sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join("×")
}

/// A window that moves over a field in steps: the connection of convolutions and pooling. It leads from the *fine* field to
/// a *coarse* one, which has a position for each place of the window; a transposed convolution leads back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    fine: Extent,
    coarse: Extent,
    kernel: [usize; 3],
    stride: [usize; 3],
    padding: [usize; 3],
    dilation: [usize; 3],
}

impl Window {
    /// A window of `kernel` positions over a field, moved by `stride`, which begins `padding` positions outside and looks at
    /// every `dilation`-th position. Each slice has a number for each dimension of the field.
    ///
    /// The coarse field has `(size + 2 padding - dilation (kernel - 1) - 1) / stride + 1` positions along each dimension,
    /// rounded down, as in PyTorch.
    ///
    /// # Errors
    /// What is wrong.
    ///
    /// ```
    /// use lumenfold_engine::{Extent, Window};
    /// let window = Window::new(Extent::new(&[7])?, &[3], &[2], &[1], &[1])?;
    /// assert_eq!(window.coarse().sizes(), [4]);
    /// # Ok::<(), String>(())
    /// ```
    pub fn new(
        fine: Extent,
        kernel: &[usize],
        stride: &[usize],
        padding: &[usize],
        dilation: &[usize],
    ) -> Result<Self, String> {
        let dimensions = fine.dimensions();
        for (what, sizes, least) in
            [("kernel", kernel, 1), ("stride", stride, 1), ("padding", padding, 0), ("dilation", dilation, 1)]
        {
            if sizes.len() != dimensions {
                return Err(format!("its {what} has {} sizes for a field of {fine}", sizes.len()));
            }
            if sizes.iter().any(|size| *size < least || *size > MOST_POSITIONS) {
                return Err(format!("its {what} of {} is not from {least} to {MOST_POSITIONS}", by(sizes)));
            }
        }
        let mut coarse = Vec::with_capacity(dimensions);
        for (dimension, size) in fine.sizes().iter().enumerate() {
            let spread = dilation[dimension] * (kernel[dimension] - 1) + 1;
            let room = size + 2 * padding[dimension];
            if spread > room {
                return Err(format!("its window of {} does not fit into a field of {fine} with padding", by(kernel)));
            }
            if padding[dimension] >= spread {
                return Err(format!("its padding of {} is as wide as its window", by(padding)));
            }
            coarse.push((room - spread) / stride[dimension] + 1);
        }
        let filled = |sizes: &[usize], with: usize| {
            let mut all = [with; 3];
            all[3 - dimensions..].copy_from_slice(sizes);
            all
        };
        Ok(Self {
            fine,
            coarse: Extent::new(&coarse)?,
            kernel: filled(kernel, 1),
            stride: filled(stride, 1),
            padding: filled(padding, 0),
            dilation: filled(dilation, 1),
        })
    }

    /// The field that it moves over.
    #[must_use]
    pub fn fine(&self) -> Extent {
        self.fine
    }

    /// The field of its places.
    #[must_use]
    pub fn coarse(&self) -> Extent {
        self.coarse
    }

    /// Positions of the window along each dimension.
    #[must_use]
    pub fn kernel(&self) -> &[usize] {
        self.of_field(&self.kernel)
    }

    /// The step from place to place along each dimension.
    #[must_use]
    pub fn stride(&self) -> &[usize] {
        self.of_field(&self.stride)
    }

    /// Positions outside the field on either side, which count as zero.
    #[must_use]
    pub fn padding(&self) -> &[usize] {
        self.of_field(&self.padding)
    }

    /// The distance between neighbouring positions of the window.
    #[must_use]
    pub fn dilation(&self) -> &[usize] {
        self.of_field(&self.dilation)
    }

    /// Positions of the window: weights that connect one channel with another.
    #[must_use]
    pub fn taps(&self) -> usize {
        self.kernel.iter().product()
    }

    /// Pairs of a place and a tap that is inside the field.
    pub(crate) fn connections(&self) -> u64 {
        let along = |dimension: usize| {
            let places = 0..self.coarse.sizes[dimension];
            let inside = |place| {
                (0..self.kernel[dimension]).filter(|tap| self.fine_index(dimension, place, *tap).is_some()).count()
            };
            places.map(inside).sum::<usize>() as u64
        };
        along(0) * along(1) * along(2)
    }

    /// Whether a place has no tap inside the field.
    pub(crate) fn has_empty_places(&self) -> bool {
        let is_empty = |dimension: usize, place| {
            (0..self.kernel[dimension]).all(|tap| self.fine_index(dimension, place, tap).is_none())
        };
        (0..3).any(|dimension| (0..self.coarse.sizes[dimension]).any(|place| is_empty(dimension, place)))
    }

    fn of_field<'a>(&self, sizes: &'a [usize; 3]) -> &'a [usize] {
        &sizes[3 - self.fine.dimensions()..]
    }

    /// Where along a dimension of the fine field a tap of a place lies, if it is inside.
    pub(crate) fn fine_index(&self, dimension: usize, place: usize, tap: usize) -> Option<usize> {
        let index = place * self.stride[dimension] + tap * self.dilation[dimension];
        index.checked_sub(self.padding[dimension]).filter(|index| *index < self.fine.sizes[dimension])
    }

    /// The sizes of its kernel along all three dimensions.
    pub(crate) fn kernel_of_all(&self) -> [usize; 3] {
        self.kernel
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_the_places_that_pytorch_gives_it() {
        // Size, kernel, stride, padding, dilation, places.
        for (size, kernel, stride, padding, dilation, places) in
            [(28, 3, 2, 1, 1, 14), (7, 3, 2, 1, 1, 4), (10, 3, 1, 0, 2, 6), (5, 5, 1, 2, 1, 5), (9, 4, 3, 0, 1, 2)]
        {
            let field = Extent::new(&[size, 6]).expect("a field");
            let window =
                Window::new(field, &[kernel, 1], &[stride, 1], &[padding, 0], &[dilation, 1]).expect("a window");
            assert_eq!(window.coarse().sizes(), [places, 6]);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let field = Extent::new(&[5]).expect("a field");
        assert!(Window::new(field, &[7], &[1], &[0], &[1]).is_err());
        assert!(Window::new(field, &[3], &[0], &[0], &[1]).is_err());
        assert!(Window::new(field, &[3, 3], &[1], &[0], &[1]).is_err());
        assert!(Window::new(field, &[1], &[1], &[1], &[1]).is_err());
        assert!(Window::new(field, &[1 << 20], &[1], &[1 << 21], &[1 << 30]).is_err());
        assert!(Extent::new(&[]).is_err() && Extent::new(&[1, 2, 3, 4]).is_err() && Extent::new(&[4, 0]).is_err());
        assert!(Extent::new(&[usize::MAX, 2]).is_err() && Extent::new(&[1 << 16, 1 << 16]).is_err());
    }
}
