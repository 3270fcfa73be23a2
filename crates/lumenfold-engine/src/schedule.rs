//! How the learning rate changes from step to step.

/// The learning rate as a function of the step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Schedule {
    /// The same rate throughout.
    Constant,
    /// A linear rise over `warm_up` steps, then half a cosine down to `floor` times the peak at `steps`; Loshchilov
    /// and Hutter (2017), arXiv:1608.03983, eq. 5, without restarts.
    Cosine {
        /// Steps of the rise.
        warm_up: u64,
        /// Steps in all; the rate stays at the floor afterwards.
        steps: u64,
        /// The last rate as a share of the peak, 0 to 1.
        floor: f64,
    },
    /// Multiplied by `factor` after every `every` steps.
    Step {
        /// Steps between changes; at least 1.
        every: u64,
        /// What the rate is multiplied by.
        factor: f64,
    },
}

impl Schedule {
    /// The learning rate of a step, counted from 0, for a peak rate.
    ///
    /// ```
    /// use lumenfold_engine::Schedule;
    /// let schedule = Schedule::Cosine { warm_up: 10, steps: 110, floor: 0.0 };
    /// assert_eq!(schedule.rate(4, 2.0), 1.0);
    /// assert_eq!(schedule.rate(10, 2.0), 2.0);
    /// assert!((schedule.rate(60, 2.0) - 1.0).abs() < 1e-12);
    /// assert_eq!(schedule.rate(1000, 2.0), 0.0);
    /// ```
    #[must_use]
    pub fn rate(&self, step: u64, peak: f64) -> f64 {
        match *self {
            Self::Constant => peak,
            Self::Cosine { warm_up, .. } if step < warm_up => peak * (step + 1) as f64 / warm_up as f64,
            Self::Cosine { warm_up, steps, floor } => {
                let length = steps.saturating_sub(warm_up).max(1);
                let done = ((step - warm_up) as f64 / length as f64).min(1.0);
                // libm's cosine has the same bits on every platform.
                let fall = 0.5 * (1.0 + libm::cos(std::f64::consts::PI * done));
                peak * (floor + (1.0 - floor) * fall)
            }
            Self::Step { every, factor } => {
                let mut rate = peak;
                for _ in 0..(step / every.max(1)).min(10_000) {
                    rate *= factor;
                }
                rate
            }
        }
    }
}
