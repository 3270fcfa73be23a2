/** A small horizontal colour bar for counts, shared by small multiples. */

import { colourAt, css, type ColourMap } from "./colours.ts";
import { drawing } from "./element.ts";
import { logTicks } from "./ticks.ts";

const LENGTH = 180;
const THICKNESS = 10;

/** Draws the bar from 1 to the largest count, logarithmic. */
export function drawColourStrip(title: string, map: ColourMap, maximum: number): SVGSVGElement {
  const svg = drawing("svg", { class: "colour-strip", width: LENGTH + 110, height: 34, role: "img", "data-picture": "drawing" });
  svg.setAttribute("aria-label", `Colour scale: ${title}`);
  const left = 84;
  svg.append(drawing("text", { class: "title", x: 0, y: THICKNESS, "font-size": 12.5 }, title));
  const steps = 90;
  for (let step = 0; step < steps; step++) {
    const width = LENGTH / steps + (step === steps - 1 ? 0 : 0.7);
    svg.append(drawing("rect", { x: left + (LENGTH * step) / steps, y: 1, width, height: THICKNESS, fill: css(colourAt(map, step / (steps - 1))) }));
  }
  if (maximum <= 1) return svg;
  for (const { value, label } of logTicks({ low: 1, high: maximum }, 4).ticks) {
    const at = left + (LENGTH * Math.log(value)) / Math.log(maximum);
    svg.append(drawing("line", { class: "tick", x1: at, x2: at, y1: THICKNESS + 1, y2: THICKNESS + (label === "" ? 3 : 5) }));
    if (label !== "") svg.append(drawing("text", { class: "label", x: at, y: THICKNESS + 17, "text-anchor": "middle", "font-size": 11 }, label));
  }
  return svg;
}
