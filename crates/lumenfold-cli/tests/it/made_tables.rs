//! Tables that the tests make themselves.

use crate::support::Cells;

/// Numbers from -1 to 1 that look random and are the same everywhere (Knuth's MMIX generator).
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(3_037_000_493))
    }

    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// Stars on a bent sheet of two dimensions, with some noise, and the columns that people keep beside magnitudes: an
/// identifier with leading zeros, a class, and an integer of nineteen digits.
pub(crate) fn stars(rows: usize) -> Cells {
    let mut noise = Noise::new(7);
    let names = ["id", "u", "g", "r", "i", "z", "class", "objid"].map(str::to_owned).to_vec();
    let row = |index: usize| {
        let (colour, size) = (noise.next(), noise.next());
        let bands = [
            20.0 + 2.0 * size + 1.5 * colour + 1.4 * colour * colour,
            19.0 + 2.0 * size + 0.8 * colour,
            18.5 + 2.0 * size + 1.8 * colour * colour,
            18.2 + 2.0 * size - 0.6 * colour,
            18.0 + 2.0 * size - 1.4 * colour - 1.2 * colour * colour,
        ];
        let mut cells = vec![format!("{index:03}")];
        cells.extend(bands.map(|band| ((band + 0.01 * noise.next()) * 1e5).round() / 1e5).map(|band| band.to_string()));
        cells.push(["STAR", "GALAXY", "QSO"][index % 3].to_owned());
        cells.push((1_237_648_720_693_755_918 + index as u64).to_string());
        cells
    };
    Cells { names, rows: (0..rows).map(row).collect() }
}

/// Rows of rank two in five features, with a little noise.
pub(crate) fn plane(rows: usize) -> Cells {
    let mut noise = Noise::new(11);
    let directions = [[1.0, 0.3], [0.5, -0.8], [-0.7, 0.4], [0.2, 0.9], [0.6, 0.6]];
    let names = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
    let row = |_| {
        let (s, t) = (3.0 * noise.next(), 2.0 * noise.next());
        directions.map(|[x, y]| format!("{:.6}", 10.0 + x * s + y * t + 0.1 * noise.next())).to_vec()
    };
    Cells { names, rows: (0..rows).map(row).collect() }
}

/// Rows that are sums of two of eight parts, in twelve features that are not negative, with a little noise.
pub(crate) fn parts(rows: usize) -> Cells {
    let mut noise = Noise::new(5);
    let names = (1..=12).map(|index| format!("x{index}")).collect();
    let strength = |part: usize, feature: usize| f64::from(u32::from((feature * 7 + part * 5) % 12 < 4));
    let row = |_| {
        let mut draw = || ((noise.next().abs() * 8.0) as usize % 8, 1.0 + noise.next().abs());
        let chosen = [draw(), draw()];
        let value = |feature| chosen.iter().map(|(part, size)| size * strength(*part, feature)).sum::<f64>();
        let values: Vec<f64> = (0..12).map(value).collect();
        values.into_iter().map(|value| format!("{:.5}", value + 0.05 * noise.next().abs())).collect()
    };
    Cells { names, rows: (0..rows).map(row).collect() }
}

/// Four features with a normal distribution: of two common causes and noise of their own.
pub(crate) fn blob(rows: usize) -> Cells {
    let mut noise = Noise::new(3);
    let directions = [[1.0, 0.2, 0.5], [-0.8, 0.5, 0.3], [0.3, 0.9, 0.4], [0.1, -0.7, 0.6]];
    let names = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    let row = |_| {
        // A sum of twelve has nearly a normal distribution, here of deviation one.
        let mut normal = || (0..12).map(|_| noise.next()).sum::<f64>() / 2.0;
        let causes = [normal(), normal()];
        let value = |[x, y, own]: [f64; 3]| 5.0 + 2.0 * (x * causes[0] + y * causes[1] + own * normal());
        directions.map(value).map(|value| format!("{value:.5}")).to_vec()
    };
    Cells { names, rows: (0..rows).map(row).collect() }
}

/// Counts in six features whose rates follow one common cause.
pub(crate) fn counts(rows: usize) -> Cells {
    let mut noise = Noise::new(13);
    let names = (1..=6).map(|index| format!("n{index}")).collect();
    let row = |_| {
        let cause = noise.next();
        let count = |feature: usize| {
            let rate = (1.5 + cause * (feature as f64 - 2.5) / 2.5).exp();
            // Arrivals until time one has come (Knuth).
            let (mut count, mut left) = (0, (-rate).exp());
            loop {
                left /= (0.5 + 0.5 * noise.next()).max(1e-12);
                if left >= 1.0 {
                    return count;
                }
                count += 1;
            }
        };
        (0..6).map(count).map(|count: u32| count.to_string()).collect()
    };
    Cells { names, rows: (0..rows).map(row).collect() }
}

/// Numbers from 0 to 1 in eight features: high ones in the first or in the second half.
pub(crate) fn chances(rows: usize) -> Cells {
    let mut noise = Noise::new(17);
    let names = (1..=8).map(|index| format!("p{index}")).collect();
    let row = |_| {
        let first = noise.next() > 0.0;
        let value = |feature: usize| if (feature < 4) == first { 0.85 } else { 0.1 } + 0.1 * noise.next();
        (0..8).map(value).map(|value| format!("{value:.4}")).collect()
    };
    Cells { names, rows: (0..rows).map(row).collect() }
}
