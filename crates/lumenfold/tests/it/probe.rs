//! The probe's models and figures beside scikit-learn's.

use lumenfold::probe::forest::{self, ForestOptions};
use lumenfold::probe::logistic::Logistic;
use lumenfold::probe::ridge::Ridge;
use lumenfold::probe::{Judged, Matrix, Target, macro_f1, neighbours};
use serde::Deserialize;

/// Largest differences: of a coefficient, of a probability, of a mean of neighbours, of a figure.
const COEFFICIENT: f64 = 1e-8;
const PROBABILITY: f64 = 1e-5;
const MEAN: f64 = 1e-12;
const FIGURE: f64 = 1e-12;

/// Standard errors by which two means over 30 forests may differ.
const ERRORS: f64 = 4.0;

#[derive(Deserialize)]
struct Reference {
    width: usize,
    train: Vec<f64>,
    queries: Vec<f64>,
    classes: Vec<u32>,
    quantity: Vec<f64>,
    query_classes: Vec<u32>,
    query_quantity: Vec<f64>,
    neighbours: Vec<usize>,
    nearest_classes: Vec<Vec<f64>>,
    nearest_means: Vec<Vec<f64>>,
    ridge: Vec<LinearFit>,
    wide_ridge: LinearFit,
    logistic: Vec<ProbabilityFit>,
    two_classes: Vec<ProbabilityFit>,
    figures: FiguresOfFive,
    forest_accuracy: Spread,
    forest_r2: Spread,
}

#[derive(Deserialize)]
struct LinearFit {
    penalty: f64,
    coefficients: Vec<f64>,
    intercept: f64,
}

#[derive(Deserialize)]
struct ProbabilityFit {
    penalty: f64,
    probabilities: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct FiguresOfFive {
    accuracy: f64,
    balanced_accuracy: f64,
    macro_f1: f64,
    r2: f64,
}

/// Over 30 seeds.
#[derive(Deserialize)]
struct Spread {
    mean: f64,
    deviation: f64,
}

impl Reference {
    fn read() -> Self {
        serde_json::from_str(include_str!("../fixtures/probe_reference.json")).unwrap()
    }

    fn train(&self) -> Matrix {
        Matrix::new(self.train.clone(), self.width)
    }

    fn queries(&self) -> Matrix {
        Matrix::new(self.queries.clone(), self.width)
    }

    fn nearest(&self, target: &Target) -> Vec<Vec<f64>> {
        neighbours::predict(&self.train(), target, &self.queries(), &self.neighbours)
    }
}

fn classes(codes: &[u32]) -> Target {
    Target::Classes { names: ["a", "b", "c"].map(str::to_owned).to_vec(), codes: codes.to_vec() }
}

fn near(ours: &[f64], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len());
    for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        assert!((ours - theirs).abs() <= tolerance, "{index}: {ours} and {theirs}");
    }
}

#[test]
fn neighbours_answer_as_those_of_scikit_learn() {
    let reference = Reference::read();
    assert_eq!(reference.nearest(&classes(&reference.classes)), reference.nearest_classes);
    let means = reference.nearest(&Target::Quantity(reference.quantity.clone()));
    means.iter().zip(&reference.nearest_means).for_each(|(ours, theirs)| near(ours, theirs, MEAN));
}

#[test]
fn ridge_coefficients_are_those_of_scikit_learn() {
    let reference = Reference::read();
    let penalties: Vec<f64> = reference.ridge.iter().map(|fit| fit.penalty).collect();
    let fits = Ridge::fit(&reference.train(), &reference.quantity, &penalties);
    let few = reference.train().chosen(&[0, 1, 2]);
    let wide = Ridge::fit(&few, &reference.quantity[..3], &[reference.wide_ridge.penalty]);
    for (ours, theirs) in fits.iter().chain(&wide).zip(reference.ridge.iter().chain([&reference.wide_ridge])) {
        near(&ours.coefficients, &theirs.coefficients, COEFFICIENT);
        near(&[ours.intercept], &[theirs.intercept], COEFFICIENT);
    }
}

#[test]
fn logistic_probabilities_are_those_of_scikit_learn() {
    let reference = Reference::read();
    let asked = reference.queries().chosen(&(0..40).collect::<Vec<u32>>());
    let two: Vec<u32> = reference.classes.iter().map(|code| u32::from(*code == 1)).collect();
    for (codes, count, theirs) in [(&reference.classes, 3, &reference.logistic), (&two, 2, &reference.two_classes)] {
        let penalties: Vec<f64> = theirs.iter().map(|fit| fit.penalty).collect();
        for (ours, theirs) in Logistic::fit(&reference.train(), codes, count, &penalties).iter().zip(theirs) {
            near(&ours.probabilities(&asked), &theirs.probabilities.concat(), PROBABILITY);
        }
    }
}

#[test]
fn figures_are_those_of_scikit_learn() {
    let reference = Reference::read();
    let Reference { figures, query_classes, query_quantity, .. } = &reference;
    let five = reference.neighbours.iter().position(|count| *count == 5).unwrap();
    let said = &reference.nearest(&classes(&reference.classes))[five];
    let truth = classes(query_classes);
    near(&Judged::of(truth.clone(), &[said]).figures()[0], &[figures.accuracy, figures.balanced_accuracy], FIGURE);
    near(&[macro_f1(&truth, said)], &[figures.macro_f1], FIGURE);
    let said = &reference.nearest(&Target::Quantity(reference.quantity.clone()))[five];
    let judged = Judged::of(Target::Quantity(query_quantity.clone()), &[said]);
    near(&judged.figures()[0][..1], &[figures.r2], FIGURE);
}

#[test]
fn forests_tell_as_much_as_those_of_scikit_learn() {
    let reference = Reference::read();
    let known = [classes(&reference.classes), Target::Quantity(reference.quantity.clone())];
    let truths = [classes(&reference.query_classes), Target::Quantity(reference.query_quantity.clone())];
    let theirs = [&reference.forest_accuracy, &reference.forest_r2];
    for ((known, truth), theirs) in known.iter().zip(truths).zip(theirs) {
        let ours = (0..30).map(|seed| {
            let options = ForestOptions { least_leaf: 1, ..ForestOptions::usual(known, reference.width, seed) };
            assert_eq!(options.features, 2);
            let said = forest::predict(&reference.train(), known, &reference.queries(), &options);
            Judged::of(truth.clone(), &[&said]).figures()[0][0]
        });
        let mean = ours.sum::<f64>() / 30.0;
        let error = theirs.deviation * (2.0_f64 / 30.0).sqrt();
        assert!((mean - theirs.mean).abs() < ERRORS * error, "{mean} and {} ± {error}", theirs.mean);
    }
}
