//! What a probe must find, and what must not change it.

use super::*;

const THREADS: NonZeroUsize = NonZeroUsize::new(2).expect("not zero");
const ROWS: usize = 240;

/// A code of two numbers and four features that hold it among noise.
struct Made {
    code: Vec<f32>,
    features: Vec<f32>,
}

fn made() -> Made {
    let mut draws = draws::Draws::new(11, draws::Purpose::Rows, 0);
    let mut next = || (draws.bits() >> 40) as f32 / 8_388_608.0 - 1.0;
    let (mut code, mut features) = (Vec::new(), Vec::new());
    for _ in 0..ROWS {
        let (a, b) = (next(), next());
        code.extend([a, b]);
        features.extend([a + 0.3 * next(), b + 0.3 * next(), 2.0 * next(), a - b + 0.3 * next()]);
    }
    Made { code, features }
}

fn asked(made: &Made, target: &Target, options: &ProbeOptions) -> Probed {
    let Made { code, features } = made;
    let subject = Subject { code, latents: 2, features, weights: &[1.0; 4], target };
    probe(&subject, options, &|_, _| {}).expect("in range")
}

fn options() -> ProbeOptions {
    ProbeOptions { resamples: 400, ..ProbeOptions::new(THREADS) }
}

fn sides(made: &Made) -> Vec<u32> {
    made.code.chunks_exact(2).map(|code| u32::from(code[0] > 0.2)).collect()
}

fn classes(codes: Vec<u32>) -> Target {
    Target::Classes { names: ["no", "yes"].map(str::to_owned).to_vec(), codes }
}

#[test]
fn the_code_wins_where_it_holds_more_and_the_sentences_say_so() {
    let made = made();
    let quantity = Target::Quantity(made.code.chunks_exact(2).map(|code| f64::from(3.0 * code[0] - code[1])).collect());
    let probed = asked(&made, &quantity, &options());
    let linear = &probed.asked[1];
    assert_eq!((linear.input, linear.method), (Input::Code, Method::Linear));
    assert!(linear.figures[0].value > 1.0 - 1e-9 && linear.figures[1].value < 1e-4, "{linear:?}");
    assert!(probed.baseline[0].value.abs() < 0.1);
    assert_eq!(probed.best[0], Method::Linear);
    let sentences = probed.conclusion("depth").join("\n");
    assert_eq!(sentences.matches("The code tells more about depth than").count(), 2, "{sentences}");
}

#[test]
fn a_perfect_class_gives_one_everywhere() {
    let made = made();
    let made =
        Made { features: made.code.chunks_exact(2).flat_map(|code| [code[0], 0.0, 0.0, code[0]]).collect(), ..made };
    let mut far = made;
    // The two sides are far apart.
    far.code.chunks_exact_mut(2).for_each(|code| code.fill(code[0].signum() * 3.0));
    far.features = far.code.chunks_exact(2).flat_map(|code| [code[0], 0.0, 0.0, code[0]]).collect();
    let target = classes(far.code.chunks_exact(2).map(|code| u32::from(code[0] > 0.0)).collect());
    let probed = asked(&far, &target, &options());
    assert_eq!(probed.asked.len(), 9);
    for asked in &probed.asked {
        assert_eq!(
            asked.figures.map(|figure| (figure.value, figure.low, figure.high)),
            [(1.0, 1.0, 1.0); 2],
            "{asked:?}"
        );
        assert_eq!(asked.macro_f1, Some(1.0));
    }
    let sentences = probed.conclusion("side").join("\n");
    assert_eq!(sentences.matches("keeps as much of side as").count(), 2, "{sentences}");
}

#[test]
fn shuffled_labels_are_told_no_better_than_by_chance() {
    let made = made();
    let order: Vec<u32> = (0..ROWS as u32).map(|row| row * 77 % ROWS as u32).collect();
    let mut codes: Vec<u32> = order.iter().map(|row| row % 2).collect();
    draws::Draws::new(5, draws::Purpose::Rows, 1).shuffle(&mut codes);
    let probed = asked(&made, &classes(codes), &ProbeOptions { repeats: 4, ..options() });
    for asked in &probed.asked {
        assert!(asked.figures[1].low < 0.5 && asked.figures[1].high > 0.4, "{asked:?}");
    }
    assert!(probed.conclusion("noise")[0].starts_with("The code is not seen to tell anything about noise"));
}

#[test]
fn threads_and_moved_features_change_nothing() {
    let made = made();
    let target = classes(sides(&made));
    let one = asked(&made, &target, &ProbeOptions { threads: NonZeroUsize::MIN, repeats: 2, ..options() });
    assert_eq!(
        one,
        asked(&made, &target, &ProbeOptions { repeats: 2, threads: NonZeroUsize::new(5).expect("5"), ..options() })
    );
    // A power of two: nothing is rounded away that matters to a split of a tree.
    let moved = Made { code: made.code.iter().map(|value| value + 4.0).collect(), features: made.features.clone() };
    let there = asked(&moved, &target, &ProbeOptions { repeats: 2, ..options() });
    for (here, there) in one.asked.iter().zip(&there.asked) {
        assert!((here.figures[0].value - there.figures[0].value).abs() < 0.02, "{here:?} {there:?}");
    }
}

#[test]
fn names_of_classes_change_nothing() {
    let made = made();
    let codes = sides(&made);
    let turned = classes(codes.iter().map(|code| 1 - code).collect());
    let (one, other) = (asked(&made, &classes(codes), &options()), asked(&made, &turned, &options()));
    // Ties of votes go to the first class.
    for (one, other) in one.asked.iter().zip(&other.asked) {
        assert!((one.figures[0].value - other.figures[0].value).abs() < 0.02, "{one:?} {other:?}");
    }
}

#[test]
fn several_splits_begin_with_the_first_and_narrow_the_intervals() {
    let made = made();
    let target = classes(sides(&made));
    let once = asked(&made, &target, &options());
    let often = asked(&made, &target, &ProbeOptions { repeats: 12, ..options() });
    assert_eq!((once.held_out_rows, often.held_out_rows), (60, 60));
    assert_eq!(often.asked[0].settings.len(), 12);
    assert_eq!(often.asked[0].settings[0], once.asked[0].settings[0]);
    let width = |probed: &Probed| probed.asked[5].figures[0].high - probed.asked[5].figures[0].low;
    assert!(width(&often) < width(&once));
}

#[test]
fn options_out_of_range_are_refused() {
    let made = made();
    let target = classes(sides(&made));
    let subject =
        Subject { code: &made.code, latents: 2, features: &made.features, weights: &[1.0; 4], target: &target };
    for (options, name) in [
        (ProbeOptions { held_out: 0.0, ..options() }, "--held-out"),
        (ProbeOptions { held_out: f64::NAN, ..options() }, "--held-out"),
        (ProbeOptions { repeats: 0, ..options() }, "--repeats"),
    ] {
        let error = probe(&subject, &options, &|_, _| {}).expect_err("out of range");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn the_macro_f1_is_the_mean_over_the_classes() {
    // Truth 0 0 0 1, said 0 0 1 1: 2·2/(2+3) and 2·1/(2+1).
    let target = classes(vec![0, 0, 0, 1]);
    let expected = (0.8 + 2.0 / 3.0) / 2.0;
    assert!((macro_f1(&target, &[0.0, 0.0, 1.0, 1.0]) - expected).abs() < 1e-15);
}
