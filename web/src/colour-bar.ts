/** A vertical colour bar with ticks, a title, and arrowheads where values lie beyond its ends. */

import { colourAt, css, type ColourMap } from "./colours.ts";
import { drawing } from "./element.ts";
import { shortened } from "./format.ts";
import type { Interval } from "./statistics.ts";
import { axisTitle, linearTicks, logTicks } from "./ticks.ts";

/** What a colour bar shows. */
export interface ColourBarOptions {
  title: string;
  unit: string | null;
  map: ColourMap;
  range: Interval;
  logarithmic: boolean;
  /** Values lie below or above the range. */
  below: boolean;
  above: boolean;
  height: number;
}

const WIDTH = 18;
const ARROW = 12;
const TOP = 38;

/** Draws the bar. */
export function drawColourBar(options: ColourBarOptions): SVGSVGElement {
  const { range, map, logarithmic, height } = options;
  const top = TOP + (options.above ? ARROW : 0);
  const length = height - TOP - 2 * ARROW;
  const svg = drawing("svg", { class: "colour-bar", width: 230, height: height + 8, role: "img", "data-picture": "drawing" });
  const { ticks, exponent } = (logarithmic ? logTicks : linearTicks)(range, 5);
  const title = axisTitle(options.title, options.unit, exponent);
  svg.setAttribute("aria-label", `Colour scale: ${title}`);
  const caption = drawing("text", { class: "title", x: 0, y: 16, "font-size": 14 }, shortened(title, 32));
  caption.append(drawing("title", {}, title));
  svg.append(caption);
  const steps = 128;
  for (let step = 0; step < steps; step++) {
    const from = top + (length * step) / steps;
    // Each strip reaches under the next, so that no hairline shows between them.
    const reach = step === steps - 1 ? length / steps : length / steps + 0.7;
    svg.append(drawing("rect", { x: 0, y: from, width: WIDTH, height: reach, fill: css(colourAt(map, 1 - step / (steps - 1))) }));
  }
  const bottom = top + length;
  if (options.above) {
    svg.append(drawing("path", { d: `M0 ${top + 0.3}L${WIDTH / 2} ${top - ARROW}L${WIDTH} ${top + 0.3}Z`, fill: css(colourAt(map, 1)) }));
  }
  if (options.below) {
    svg.append(drawing("path", { d: `M0 ${bottom - 0.3}L${WIDTH / 2} ${bottom + ARROW}L${WIDTH} ${bottom - 0.3}Z`, fill: css(colourAt(map, 0)) }));
  }
  const transform = logarithmic ? Math.log : (value: number): number => value;
  const width = transform(range.high) - transform(range.low);
  for (const { value, label } of ticks) {
    const at = bottom - (length * (transform(value) - transform(range.low))) / width;
    svg.append(drawing("line", { class: "tick", x1: WIDTH, x2: WIDTH + (label === "" ? 3 : 5), y1: at, y2: at }));
    if (label !== "") svg.append(drawing("text", { class: "label", x: WIDTH + 9, y: at, dy: "0.34em", "font-size": 13 }, label));
  }
  return svg;
}
