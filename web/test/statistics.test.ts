import assert from "node:assert/strict";
import { test } from "node:test";
import { padded, percentile, spread, viewInterval } from "../src/statistics.ts";
import { linearTicks, logTicks } from "../src/ticks.ts";

test("percentiles interpolate as NumPy's do by default", () => {
  assert.equal(percentile([1, 2, 3, 4], 50), 2.5);
  assert.equal(percentile([1, 2, 3, 4], 0), 1);
  assert.equal(percentile([1, 2, 3, 4], 100), 4);
  assert.equal(percentile([10], 73), 10);
  assert.ok(Number.isNaN(percentile([], 50)));
});

test("a spread ignores missing values and one outlier", () => {
  const values = Float32Array.from({ length: 1001 }, (_, index) => index);
  values[3] = Number.NaN;
  values[1000] = 1e30;
  const { finite, box, constant } = spread(values, 1);
  assert.equal(finite, 1000);
  assert.equal(constant, false);
  assert.ok(box.low > 5 && box.high < 1000);
});

test("one outlier among few rows does not decide the view", () => {
  const values = Float32Array.from({ length: 50 }, (_, index) => (index === 7 ? 1e30 : index));
  assert.deepEqual(viewInterval(values, 0).high, 49);
  assert.deepEqual(viewInterval(Float32Array.from([2, 2, 2, 5]), 0), { low: 2, high: 5 });
});

test("constant and empty columns have a usable interval", () => {
  for (const values of [[], [Number.NaN], [0, 0], [4, 4], [1e30, 1e30], [-1e-30, -1e-30]]) {
    const interval = padded(spread(Float32Array.from(values), 1).box, 0.03);
    assert.ok(Number.isFinite(interval.low) && interval.high > interval.low);
  }
});

test("linear ticks share decimals and leave out large powers of ten", () => {
  assert.deepEqual(linearTicks({ low: -1, high: 1 }, 4).ticks.map((tick) => tick.label), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
  const large = linearTicks({ low: 0, high: 4e8 }, 4);
  assert.equal(large.exponent, 8);
  assert.deepEqual(large.ticks.map((tick) => tick.label), ["0", "1", "2", "3", "4"]);
});

test("logarithmic ticks label powers of ten", () => {
  const labels = logTicks({ low: 1e-6, high: 1 }, 8).ticks.map((tick) => tick.label).filter((label) => label !== "");
  assert.deepEqual(labels, ["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "0.01", "0.1", "1"]);
  assert.ok(logTicks({ low: 2, high: 9 }, 5).ticks.some((tick) => tick.label === "5"));
});
