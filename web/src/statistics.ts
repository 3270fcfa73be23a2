/** Order statistics that ignore missing values. */

/** The finite values, sorted. */
export function sortedFinite(values: Float32Array): Float32Array {
  return values.filter((value) => Number.isFinite(value)).sort();
}

/** Percentile (0–100) of sorted values, interpolated linearly between neighbours; NaN when there are none. */
export function percentile(sorted: ArrayLike<number>, percent: number): number {
  const count = sorted.length;
  if (count === 0) return Number.NaN;
  const position = (Math.min(Math.max(percent, 0), 100) / 100) * (count - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, count - 1);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[above] ?? Number.NaN;
  return low + (high - low) * (position - below);
}

/** A closed interval. */
export interface Interval {
  low: number;
  high: number;
}

/** What a colour bar or an axis needs to know about a column. */
export interface Spread {
  /** Number of finite values. */
  finite: number;
  minimum: number;
  maximum: number;
  /** The percentile box, or the whole range when the box has no width; NaN when no value is finite. */
  box: Interval;
  /** True when all finite values are equal. */
  constant: boolean;
}

/** Spread of a column, with a box from the percentile `tail` to the percentile 100 − `tail`. */
export function spread(values: Float32Array, tail: number): Spread {
  const sorted = sortedFinite(values);
  const minimum = percentile(sorted, 0);
  const maximum = percentile(sorted, 100);
  let box = { low: percentile(sorted, tail), high: percentile(sorted, 100 - tail) };
  if (!(box.high > box.low)) box = { low: minimum, high: maximum };
  return { finite: sorted.length, minimum, maximum, box, constant: minimum === maximum };
}

/** Interquartile ranges from the median beyond which a value has no say in what is shown at first. */
const FENCE = 15;

/**
 * The interval that an axis shows at first: from the percentile `tail` to 100 − `tail`. Among few rows a single
 * outlier lies within those percentiles, so values far beyond the quartiles are left out too.
 */
export function viewInterval(values: Float32Array, tail: number): Interval {
  const sorted = sortedFinite(values);
  const median = percentile(sorted, 50);
  const fence = FENCE * (percentile(sorted, 75) - percentile(sorted, 25));
  const kept = fence > 0 ? sorted.filter((value) => Math.abs(value - median) <= fence) : sorted;
  const low = percentile(sorted, tail);
  const high = percentile(sorted, 100 - tail);
  const interval = { low: Math.max(low, percentile(kept, 0)), high: Math.min(high, percentile(kept, 100)) };
  return interval.high > interval.low ? interval : { low: percentile(sorted, 0), high: percentile(sorted, 100) };
}

/** An interval with room on both sides; never empty, and finite whatever comes in. */
export function padded(interval: Interval, fraction: number): Interval {
  const { low, high } = interval;
  if (!Number.isFinite(low) || !Number.isFinite(high)) return { low: 0, high: 1 };
  const width = high - low;
  // A width below the spacing of 32-bit floats is no width: ticks could not tell its ends apart.
  const smallest = Math.max(Math.abs(low), Math.abs(high)) * 1e-6;
  if (width <= smallest) {
    const half = smallest > 0 ? Math.max(smallest * 1e5, width) : 1;
    return { low: low - half, high: high + half };
  }
  return { low: low - width * fraction, high: high + width * fraction };
}
