//! The way back through the layers of a whole batch: gradients from the last stage to the first, and what becomes of them.

use std::ops::Range;

use super::Whole;
use crate::barrier::Broken;
use crate::codes::Codes;
use crate::kernel::adam::{self, Parts};
use crate::layers::{CodesOfBatch, GradientScratch, Member, WeightTasks};
use crate::stage::Stage;
use crate::train::step::{CHUNK, Update};

/// What becomes of the gradient of a parameter.
#[derive(Clone, Copy)]
pub(super) enum Fate {
    /// The parameter is updated at once.
    Used(Update),
    /// It is kept.
    Kept,
    /// It is added to what is kept.
    Added,
}

/// What a way back through some stages needs to know.
#[derive(Clone, Copy)]
pub(super) struct WayBack {
    pub(super) samples: usize,
    pub(super) codes: Codes,
    pub(super) fate: Fate,
    // Which of the two gradients holds that of the last stage's output.
    pub(super) from: usize,
}

impl<const TILE: usize> Whole<'_, TILE> {
    /// The gradient of variances that are learnt.
    pub(super) fn variances_backward(&self, member: Member<'_>, way: WayBack) {
        let (Some(range), 0) = (&self.variances, member.thread) else { return };
        let tiles = way.samples.div_ceil(TILE);
        // SAFETY: behind the barrier the slopes are only read.
        let values = unsafe { self.variance_slopes.read(0..tiles * range.len()) };
        self.take_parts(way.fate, range.clone(), values, range.len(), tiles);
    }

    /// Back through the rules of sparse codes.
    pub(super) fn codes_backward(
        &self,
        member: Member<'_>,
        codes: CodesOfBatch,
        way: WayBack,
        again: bool,
    ) -> Result<(), Broken> {
        let range = self.log_thresholds();
        // SAFETY: nobody writes these parameters before the next barrier.
        let thresholds = range.clone().map_or(&[][..], |range| unsafe { self.step.parameters.read(range) });
        let how = (thresholds, self.step.factor(codes.samples), again);
        self.sparse.backward(member, &self.layers, codes, way.from, how)?;
        if let (Some(range), Some(parts), 0) = (range, self.sparse.threshold_parts(codes.samples), member.thread) {
            let stride = range.len();
            self.take_parts(way.fate, range, parts, stride, codes.samples.div_ceil(TILE));
        }
        Ok(())
    }

    /// Back through some stages. Parameters are updated on the way, or their gradients are kept. `pulls` is what is added
    /// to the gradient of the first of these stages' weights, for each unit of a column. Returns which of the two gradients
    /// holds that of the first stage's input.
    pub(super) fn backward(
        &self,
        member: Member<'_>,
        way: WayBack,
        range: Range<usize>,
        pulls: Option<&[f32]>,
        scratch: &mut GradientScratch,
    ) -> Result<usize, Broken> {
        let step = self.step;
        let WayBack { samples, codes, fate, mut from } = way;
        let tiles = samples.div_ceil(TILE);
        scratch.forget();
        let mut current = self.layers.values_before(range.end);
        for (index, stage) in self.layers.stages.iter().enumerate().take(range.end).skip(range.start).rev() {
            match stage {
                Stage::Dense { inputs, outputs, weight, bias } => {
                    current -= 1;
                    if current > 0 {
                        // SAFETY: nobody writes these parameters before the next barrier.
                        let weights = unsafe { step.parameters.read(weight.clone()) };
                        self.layers.input_gradient(member, (*outputs, *inputs), weights, from, samples, scratch);
                        member.meet()?;
                    }
                    let pulls = pulls.filter(|_| index == range.start);
                    if let Some(tasks) = WeightTasks::new(&self.layers, stage, current, from, samples) {
                        for task in member.share(tasks.count()) {
                            tasks.run(
                                task,
                                scratch,
                                |offset, values| {
                                    let start = weight.start + offset;
                                    if let Some(pulls) = pulls {
                                        // SAFETY: these weights belong to this task.
                                        let weights = unsafe { step.parameters.read(start..start + values.len()) };
                                        let pulls = &pulls[offset % inputs..];
                                        for ((value, weight), pull) in values.iter_mut().zip(weights).zip(pulls) {
                                            *value += weight * pull;
                                        }
                                    }
                                    self.take(fate, start, values);
                                },
                                |offset, values| self.take(fate, bias.start + offset, values),
                            );
                        }
                    }
                    from = 1 - from;
                }
                Stage::Code { width } => {
                    if let Some(ordered) = codes.ordered {
                        self.layers.code_backward(member, ordered, *width, from, samples);
                    }
                }
                // The rules of sparse codes have their own way back.
                Stage::TopK { .. } | Stage::JumpRelu { .. } => {}
                Stage::Gaussian { width } => {
                    current -= 1;
                    if let Some(posterior) = codes.posterior {
                        let how = (posterior, step.factor(samples) as f32);
                        self.layers.posterior_backward(member, (index, current), how, (*width, from), samples);
                    }
                    from = 1 - from;
                }
                Stage::Activation { width, .. } | Stage::Dropout { width, .. } => {
                    self.layers.activation_backward(member, index, *width, from, samples);
                }
                Stage::Convolution { plan, weight, bias } => {
                    current -= 1;
                    if plan.activation.is_some() {
                        self.layers.convolution_slopes(member, plan.width_out(), index, from, tiles);
                        member.meet()?;
                    }
                    if current > 0 {
                        // SAFETY: nobody writes these parameters before the next barrier.
                        let weights = unsafe { step.parameters.read(weight.clone()) };
                        self.layers.convolve_backward(member, plan, weights, from, tiles);
                    }
                    self.layers.convolution_gradients(member, plan, (current, from), tiles, &mut scratch.running);
                    member.meet()?;
                    // SAFETY: behind the barrier the parts are only read.
                    let (weights, parts, biases) = unsafe { self.layers.convolution_parts(plan, tiles) };
                    let chunks = weight.len().div_ceil(CHUNK);
                    for chunk in member.share(chunks) {
                        let range = chunk * CHUNK..weight.len().min((chunk + 1) * CHUNK);
                        let of_weights = weight.start + range.start..weight.start + range.end;
                        self.take_parts(fate, of_weights, &weights[range.start..], weight.len(), parts);
                    }
                    if member.thread == 0 {
                        self.take(fate, bias.start, biases);
                    }
                    from = 1 - from;
                }
                Stage::Positions { channels, map } => {
                    current -= 1;
                    self.layers.map_backward(member, &map.backward, *channels, from, tiles);
                    from = 1 - from;
                }
                Stage::MaxPool { channels, window } => {
                    current -= 1;
                    self.layers.pool_backward(member, &window[1], *channels, (index, from), tiles);
                    from = 1 - from;
                }
                Stage::OuterProduct { channels, rank, extent } => {
                    current -= 1;
                    self.layers.outer_backward(member, (*channels, *rank, *extent), (current, from), tiles);
                    from = 1 - from;
                }
                Stage::FieldNorm { norm, scale, shift } => {
                    self.layers.field_norm_affine(member, *norm, (index, from), tiles);
                    member.meet()?;
                    // SAFETY: nobody writes these parameters before the next barrier.
                    let values = unsafe { step.parameters.read(scale.clone()) };
                    self.layers.field_norm_backward(member, *norm, values, (index, from), tiles);
                    member.meet()?;
                    self.take_affine(member, fate, (scale, shift), samples);
                }
                Stage::Fork { width, depth } => {
                    self.layers.fork_backward(member, from, (*width, *depth), tiles);
                }
                Stage::Join { width, depth } => {
                    self.layers.join_backward(member, from, (*width, *depth), tiles);
                }
                Stage::Normalised { scale, shift, .. } => {
                    // SAFETY: nobody writes these parameters before the next barrier.
                    let values = unsafe { step.parameters.read(scale.clone()) };
                    self.layers.normalised_backward(member, index, values, from, samples);
                    member.meet()?;
                    self.take_affine(member, fate, (scale, shift), samples);
                }
            }
            member.meet()?;
        }
        Ok(from)
    }

    /// The gradients of scale and shift of a normalisation, of which each tile left a part.
    fn take_affine(
        &self,
        member: Member<'_>,
        fate: Fate,
        (scale, shift): (&Range<usize>, &Range<usize>),
        samples: usize,
    ) {
        if member.thread > 0 {
            return;
        }
        for (range, is_shift) in [(scale, false), (shift, true)] {
            // SAFETY: behind the barrier the parts are only read.
            let (values, stride) = unsafe { self.layers.affine_parts(range.len(), is_shift, samples) };
            self.take_parts(fate, range.clone(), values, stride, samples.div_ceil(TILE));
        }
    }

    /// A part of the gradient: used at once, or kept.
    fn take(&self, fate: Fate, start: usize, values: &[f32]) {
        self.take_parts(fate, start..start + values.len(), values, 0, 1);
    }

    /// The same for a part that is a sum.
    fn take_parts(&self, fate: Fate, range: Range<usize>, values: &[f32], stride: usize, parts: usize) {
        let gradient = Parts { values, stride, parts };
        // SAFETY: every parameter belongs to one task.
        unsafe {
            match fate {
                Fate::Used(update) => self.step.update_tensor(update, range, gradient),
                Fate::Kept => adam::add(self.step.set, gradient, self.gradient.write(range)),
                Fate::Added => {
                    let mut sum = vec![0.0; range.len()];
                    adam::add(self.step.set, gradient, &mut sum);
                    self.gradient.write(range).iter_mut().zip(sum).for_each(|(gradient, sum)| *gradient += sum);
                }
            }
        }
    }
}
