//! Kinds of scaling, from fit to latent codes.

use lumenfold::data::{Dataset, ScalingKind};
use lumenfold::{Fitted, Settings};

use crate::made::{dataset, fitted, rows, small, threads};

/// Differences of latent codes and of standardised values that 32-bit floats explain.
const SINGLE: f64 = 2e-3;

fn latents(data: &Dataset, fitted: &Fitted) -> Vec<f32> {
    fitted.autoencoder.encode(data, threads(1)).unwrap()
}

#[test]
fn units_do_not_matter_where_features_are_standardised() {
    let rows = rows(200);
    let milli: Vec<_> = rows.iter().map(|[a, b, c, d]| [a * 1000.0, *b, *c, *d]).collect();
    for scaling in
        [ScalingKind::Standard, ScalingKind::Robust, ScalingKind::Asinh, ScalingKind::RobustAsinh, ScalingKind::Log]
    {
        let settings = Settings { scaling, epochs: Some(5), ..small() };
        let (plain, scaled) = (dataset(&rows), dataset(&milli));
        let (a, b) = (fitted(&plain, &settings), fitted(&scaled, &settings));
        for (x, y) in latents(&plain, &a).iter().zip(latents(&scaled, &b)) {
            assert!(f64::from((x - y).abs()) < SINGLE, "{scaling}: {x} and {y}");
        }
        let (a, b) = (a.record.judged(), b.record.judged());
        assert!((b.rmse[0] / a.rmse[0] / 1000.0 - 1.0).abs() < SINGLE, "{scaling}: the error is in the new unit");
        assert!((b.rmse[1] / a.rmse[1] - 1.0).abs() < SINGLE);
    }
    // Powers of two are exact: not a bit changes.
    let doubled: Vec<_> = rows.iter().map(|[a, b, c, d]| [a * 1024.0, *b, *c, *d]).collect();
    let (plain, scaled) = (dataset(&rows), dataset(&doubled));
    let (a, b) = (fitted(&plain, &small()), fitted(&scaled, &small()));
    assert_eq!(latents(&plain, &a), latents(&scaled, &b));
}

#[test]
fn without_scaling_units_matter() {
    let rows = rows(100);
    let milli: Vec<_> = rows.iter().map(|[a, b, c, d]| [a * 1000.0, *b, *c, *d]).collect();
    let settings = Settings { scaling: ScalingKind::Factor(1000.0), ..small() };
    let (plain, scaled) = (dataset(&rows), dataset(&milli));
    let (a, b) = (fitted(&plain, &settings), fitted(&scaled, &settings));
    assert_ne!(latents(&plain, &a), latents(&scaled, &b));
}

#[test]
fn every_kind_decodes_what_it_encodes() {
    let data = dataset(&rows(150));
    for scaling in [
        ScalingKind::Standard,
        ScalingKind::Robust,
        ScalingKind::Log,
        ScalingKind::Asinh,
        ScalingKind::RobustAsinh,
        ScalingKind::None,
        ScalingKind::Factor(50.0),
    ] {
        let fitted = fitted(&data, &Settings { scaling, ..small() });
        let latent = latents(&data, &fitted);
        let decoded = fitted.autoencoder.decode(&latent, threads(1)).unwrap();
        let reconstructed = fitted.autoencoder.reconstruct(&data, threads(1)).unwrap();
        assert_eq!(decoded, reconstructed, "{scaling}");
        assert!(decoded.iter().all(|value| value.is_finite()), "{scaling}");
        assert_eq!(fitted.record.settings.scaling, scaling.to_string());
        // PCA of the same scaled values comes back to the units of the data as well.
        assert!(fitted.record.pca_with(3).unwrap().rmse[1] < 3.0, "{scaling}");
    }
}
