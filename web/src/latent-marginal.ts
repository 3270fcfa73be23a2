/** The histogram of a single latent, above its map. */

import { drawAxes, SMALL_AXES, type PlotBox } from "./axis.ts";
import { drawing } from "./element.ts";
import type { Interval } from "./statistics.ts";

/** Height of the histogram, CSS pixels. */
export const MARGINAL_HEIGHT = 130;
const BINS = 100;

/** Draws counts of the chosen rows over the same interval as the map below. */
export function drawMarginal(values: Float32Array, chosen: Uint32Array, interval: Interval, box: PlotBox): SVGGElement {
  const counts = new Array<number>(BINS).fill(0);
  for (const row of chosen) {
    const bin = Math.floor(((values[row]! - interval.low) / (interval.high - interval.low)) * BINS);
    if (bin >= 0 && bin < BINS) counts[bin]! += 1;
  }
  const top = Math.max(1, ...counts) * 1.08;
  const steps = counts.map((count, bin) => {
    const y = box.top + box.height * (1 - count / top);
    return `V${y.toFixed(2)}H${(box.left + (box.width * (bin + 1)) / BINS).toFixed(2)}`;
  });
  const bottom = box.top + box.height;
  const outline = `M${box.left} ${bottom}${steps.join("")}V${bottom}Z`;
  return drawing(
    "g",
    {},
    drawing("path", { class: "histogram", d: outline }),
    drawAxes(
      box,
      { interval, title: "", unit: null, hideLabels: true },
      { interval: { low: 0, high: top }, title: "rows per bin", unit: null, count: 3 },
      { ...SMALL_AXES, label: 12, title: 13, titleOffset: 50 },
    ),
  );
}
