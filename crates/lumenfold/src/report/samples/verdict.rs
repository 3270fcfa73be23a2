//! Whether an autoencoder was worth it, in sentences.

use crate::Model;
use crate::metrics::Errors;
use crate::words::{counted, number, percent, thousands};

/// What there is to say where PCA with as many components reconstructs the judged samples better; none where it does not,
/// or where it is not known. `same`: these are the rows of the training.
pub(super) fn verdict(model: &Model, errors: &Errors, same: bool) -> Option<String> {
    let rival = model.rival().filter(|_| same)?;
    let ratio = errors.loss / rival.errors.loss;
    if ratio.is_nan() || ratio <= 1.0 {
        return None;
    }
    let record = &model.record;
    let (samples, parameters) = (record.train_rows, model.autoencoder.network().parameter_count());
    let judged = if record.validation_rows > 0 { "held-out samples" } else { "training samples" };
    let features = model.autoencoder.features().len();
    let mut sentences = vec![
        format!(
            "PCA with {} reconstructs {} better than this autoencoder, whose loss is {} times as large (explained variance \
             {} with PCA, {} with the autoencoder).",
            counted(rival.components, "component"),
            format_args!("the {} {judged}", thousands(errors.rows)),
            number(ratio),
            percent(rival.errors.explained_variance),
            percent(errors.explained_variance),
        ),
        format!(
            "The network has {} and learnt from {} of {}; PCA has {} numbers.",
            counted(parameters, "parameter"),
            counted(samples, "sample"),
            counted(features, "value"),
            thousands(features * (rival.components + 1)),
        ),
    ];
    sentences.push(if parameters > samples {
        "With fewer samples than parameters there may be too few samples for an autoencoder to win: use PCA, try a network \
         with fewer parameters (fewer or narrower hidden layers), or add data."
            .to_owned()
    } else {
        "There are more samples than parameters: train longer, try a wider network or a lower learning rate, or use PCA."
            .to_owned()
    });
    Some(sentences.join(" "))
}
