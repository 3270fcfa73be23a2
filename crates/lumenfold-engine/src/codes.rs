//! What training does to the codes of one step.

use crate::kernel::code::Code;
use crate::kernel::posterior::Posterior;
use crate::kernel::random::{Key, Purpose, uniform};
use crate::objective::Objective;
use crate::simd::InstructionSet;

/// What is drawn for the codes of a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codes {
    /// Which coordinates are kept, where these are ordered.
    pub(crate) ordered: Option<Code>,
    /// How they are drawn, in a variational autoencoder.
    pub(crate) posterior: Option<Posterior>,
    /// Which values are dropped, on the way to them and from them.
    pub(crate) drops: Drops,
}

/// What dropouts draw in a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drops {
    seed: u64,
    stream: u16,
    step: u64,
}

impl Drops {
    /// What the values of a tile are multiplied with: zero with the chance `share`, else one over the share that stays.
    /// `first` is the position of the tile's first sample in its batch.
    ///
    /// factors: `[width][TILE]`.
    pub(crate) fn factors<const TILE: usize>(
        self,
        set: InstructionSet,
        (number, share): (u8, f32),
        first: usize,
        width: usize,
        factors: &mut [f32],
    ) {
        let key = Key::new(self.seed, self.stream, Purpose::Dropout(number), self.step);
        uniform::<TILE>(set, key, first, 0..width, factors);
        let stays = 1.0 / (1.0 - share);
        factors[..width * TILE].iter_mut().for_each(|factor| *factor = if *factor < share { 0.0 } else { stays });
    }
}

impl Codes {
    pub(crate) fn of_step(objective: &Objective, set: InstructionSet, step: u64) -> Self {
        let key = |purpose| Key::new(objective.seed, objective.stream, purpose, step);
        let ordered = objective.ordered.then(|| Code { set, key: key(Purpose::Code) });
        let posterior = objective.divergence.map(|divergence| Posterior {
            set,
            key: key(Purpose::Posterior),
            weight: divergence.weight(step),
            free_nats: divergence.free_nats,
        });
        let drops = Drops { seed: objective.seed, stream: objective.stream, step };
        Self { ordered, posterior, drops }
    }
}
