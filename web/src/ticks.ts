/** Where an axis has its ticks and what they say. */

import { ticks as niceTicks, tickStep } from "d3-array";
import { formatFixed, superscript } from "./format.ts";
import type { Interval } from "./statistics.ts";

/** One tick of an axis; the label is empty for a minor tick. */
export interface Tick {
  value: number;
  label: string;
}

/** Ticks and the power of ten that their labels leave out (0 when none). */
export interface TickSet {
  ticks: Tick[];
  exponent: number;
}

/** Evenly spaced ticks, about as many as asked for; more when fewer than three would say too little. */
export function linearTicks(interval: Interval, count: number): TickSet {
  // Below this width differences of neighbouring numbers can no longer be told.
  if (!(interval.high - interval.low > 1e-290)) return { ticks: [], exponent: 0 };
  let wanted = count;
  let values = niceTicks(interval.low, interval.high, wanted);
  while (values.length < 3 && wanted < 2 * count + 2) {
    wanted += 1;
    values = niceTicks(interval.low, interval.high, wanted);
  }
  const step = tickStep(interval.low, interval.high, wanted);
  const largest = Math.max(...values.map(Math.abs), 0);
  if (values.length === 0 || !(step > 0) || largest === 0) return { ticks: [], exponent: 0 };
  const magnitude = Math.floor(Math.log10(largest) + 1e-9);
  const exponent = magnitude >= 6 || magnitude <= -4 ? magnitude : 0;
  const unit = 10 ** exponent;
  const decimals = Math.min(8, Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9)));
  return { ticks: values.map((value) => ({ value, label: formatFixed(value / unit, decimals) })), exponent };
}

/** Ticks of a logarithmic axis: a label for each power of ten (or 1, 2, 5 when there are few), minor ticks between. */
export function logTicks(interval: Interval, count: number): TickSet {
  const low = Math.log10(interval.low);
  const high = Math.log10(interval.high);
  const ticks: Tick[] = [];
  const decades = high - low;
  const every = Math.max(1, Math.ceil(decades / count));
  const labelled = decades < 1.2 ? [1, 2, 3, 5, 7] : decades < 2.2 ? [1, 2, 5] : [1];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
    for (let digit = 1; digit <= 9; digit++) {
      const value = digit * 10 ** power;
      if (value < interval.low * (1 - 1e-9) || value > interval.high * (1 + 1e-9)) continue;
      if (digit !== 1 && every > 1) continue;
      const hasLabel = labelled.includes(digit) && (digit !== 1 || power % every === 0);
      ticks.push({ value, label: hasLabel ? powerLabel(digit, power) : "" });
    }
  }
  return { ticks, exponent: 0 };
}

/** 1, 20, 0.05, 10⁻⁴, 5×10⁶: plain where that is short. */
function powerLabel(digit: number, power: number): string {
  if (power >= -2 && power <= 3) return formatFixed(digit * 10 ** power, Math.max(0, -power));
  return digit === 1 ? `10${superscript(power)}` : `${digit}×10${superscript(power)}`;
}

/** An axis title with the power of ten that its tick labels leave out. */
export function axisTitle(name: string, unit: string | null, exponent: number): string {
  const parts = [exponent === 0 ? "" : `×10${superscript(exponent)}`, unit ?? ""].filter((part) => part !== "");
  return parts.length === 0 ? name : `${name} (${parts.join(" ")})`;
}
