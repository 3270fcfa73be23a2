//! Labels at the ends of lines.

/// Places of labels near the ends of their lines, between `top` and `bottom`, each as far as `distance` from the next.
pub(crate) fn apart(ends: &[f64], (top, bottom): (f64, f64), distance: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ends.len()).collect();
    order.sort_by(|one, two| ends[*one].total_cmp(&ends[*two]));
    // Labels that touch are a block about the mean of their ends; blocks that touch become one.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for at in &order {
        let mut block = (ends[*at], 1);
        while let Some((mean, count)) = blocks.last().copied() {
            let between = (block.0 - mean).abs();
            let enough = (count + block.1) as f64 / 2.0 * distance;
            if between >= enough && mean < block.0 {
                break;
            }
            blocks.pop();
            let all = (count + block.1) as f64;
            block = ((mean * count as f64 + block.0 * block.1 as f64) / all, count + block.1);
        }
        let half = block.1 as f64 / 2.0 * distance;
        block.0 = block.0.min(bottom - half).max(top + half);
        blocks.push(block);
    }
    let mut places = vec![0.0; ends.len()];
    let mut order = order.into_iter();
    for (mean, count) in blocks {
        for (at, label) in order.by_ref().take(count).enumerate() {
            places[label] = mean + (at as f64 - (count as f64 - 1.0) / 2.0) * distance;
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_apart_and_in_order() {
        let ends = [50.0, 51.0, 50.5, 190.0, 10.0];
        let places = apart(&ends, (0.0, 200.0), 12.5);
        let mut order: Vec<usize> = (0..5).collect();
        order.sort_by(|one, two| ends[*one].total_cmp(&ends[*two]));
        assert!(order.windows(2).all(|pair| places[pair[1]] - places[pair[0]] > 12.5 - 1e-9), "{places:?}");
        assert!((places[3] - 190.0).abs() < 12.5 && places[4] == 10.0, "{places:?}");
    }
}
