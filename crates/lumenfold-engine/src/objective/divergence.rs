//! What keeps the distribution of a code near the standard normal one.

/// The second term of the evidence lower bound: the Kullback-Leibler divergence `½ Σ_j (μ_j² + σ_j² - 1 - ln σ_j²)` of
/// a sample's posterior from the standard normal distribution, for networks whose encoder ends with
/// [`Layer::Gaussian`](crate::Layer::Gaussian); Kingma and Welling (2014), arXiv:1312.6114, appendix B. It is added to
/// the costs of the sample's features, before the division by their number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Divergence {
    /// Its weight; Higgins et al. (2017), "β-VAE".
    pub beta: f32,
    /// Steps in which the weight rises from zero; Bowman et al. (2016), arXiv:1511.06349.
    pub warm_up: u64,
    /// What each latent's divergence costs at least, in nats: below, it has no gradient; Kingma et al. (2016),
    /// arXiv:1606.04934, appendix C.8, but for each sample instead of the mean over a batch.
    pub free_nats: f32,
}

impl Divergence {
    /// The weight in a step, counted from 0.
    #[must_use]
    pub fn weight(&self, step: u64) -> f32 {
        if step >= self.warm_up { self.beta } else { self.beta * (step as f32 / self.warm_up as f32) }
    }
}
