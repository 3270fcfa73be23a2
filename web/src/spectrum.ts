/** Spectra as lines. */

import { axisPosition, drawAxes, SMALL_AXES, type AxisOptions, type PlotBox } from "./axis.ts";
import type { SampleAxis, ViewSide } from "./document.ts";
import { drawing, element } from "./element.ts";
import { axisName, unitText } from "./sample-words.ts";
import { padded, type Interval } from "./statistics.ts";

/** One line of a plot. */
export interface Line {
  className: string;
  values: ArrayLike<number>;
}

/** The range of some lines with a little room; never empty. */
export function linesInterval(lines: Line[], room = 0.05): Interval {
  let low = Infinity;
  let high = -Infinity;
  for (const { values } of lines) {
    for (let index = 0; index < values.length; index++) {
      const value = values[index]!;
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return padded({ low, high }, room);
}

/** The path of a line; missing values interrupt it, and a value without neighbours is a dot. */
export function linePath(box: PlotBox, x: AxisOptions, y: AxisOptions, grid: number[], values: ArrayLike<number>): string {
  let path = "";
  let pen = "M";
  const isThere = (index: number): boolean => Number.isFinite(values[index]);
  grid.forEach((centre, index) => {
    const value = values[index];
    if (value === undefined || !Number.isFinite(value)) {
      pen = "M";
      return;
    }
    const alone = !isThere(index - 1) && !isThere(index + 1);
    const at = box.left + axisPosition(x, centre) * box.width;
    const up = box.top + box.height * (1 - axisPosition(y, value));
    path += `${pen}${at.toFixed(2)} ${up.toFixed(2)}${alone ? "h0.01" : ""}`;
    pen = "L";
  });
  return path;
}

/** A line's axis across. */
export function lineAxis(axis: SampleAxis | undefined, side: ViewSide): AxisOptions {
  const first = side.grid[0] ?? 0;
  const last = side.grid[side.grid.length - 1] ?? 1;
  const interval = first === last ? { low: first - 0.5, high: first + 0.5 } : { low: Math.min(first, last), high: Math.max(first, last) };
  return { interval, title: axisName(axis), unit: unitText(axis?.unit ?? null) };
}

/** One plot of a panel. */
export interface Plot {
  title: string;
  unit: string | null;
  lines: Line[];
  height: number;
  /** A line at zero. */
  zero: boolean;
  /** The vertical range; by default that of the lines. */
  interval?: Interval;
}

const LEFT = 56;
const TOP = 8;
const RIGHT = 12;
const BETWEEN = 12;
const BELOW = 44;

/** Plots below each other that share the axis across; `label` says in words what is seen. */
export function linePanel(axis: SampleAxis | undefined, side: ViewSide, plots: Plot[], label: string): { node: HTMLElement; draw: () => void } {
  const svg = drawing("svg", { class: "layer", role: "img", "data-picture": "drawing" });
  svg.setAttribute("aria-label", label);
  const height = TOP + plots.reduce((sum, plot) => sum + plot.height + BETWEEN, -BETWEEN) + BELOW;
  const node = element("div", { class: "frame line-frame" }, svg);
  node.style.height = `${height}px`;
  const x = lineAxis(axis, side);

  function draw(): void {
    const width = node.clientWidth;
    if (width === 0) return;
    svg.setAttribute("width", String(width));
    svg.setAttribute("height", String(height));
    svg.replaceChildren();
    let top = TOP;
    plots.forEach((plot, index) => {
      const box: PlotBox = { left: LEFT, top, width: Math.max(40, width - LEFT - RIGHT), height: plot.height };
      const last = index === plots.length - 1;
      const interval = plot.interval ?? linesInterval(plot.lines);
      const y: AxisOptions = { interval, title: plot.title, unit: plot.unit, count: Math.max(2, plot.height / 42) };
      if (plot.zero && interval.low < 0 && interval.high > 0) {
        const at = box.top + box.height * (1 - axisPosition(y, 0));
        svg.append(drawing("line", { class: "zero", x1: box.left, x2: box.left + box.width, y1: at, y2: at }));
      }
      const across = { ...x, count: Math.max(2, Math.min(7, box.width / 70)), hideLabels: !last, title: last ? x.title : "" };
      const shape = side.grid.length > 1 ? "" : " dot";
      for (const line of plot.lines) svg.append(drawing("path", { class: `sample-line${shape} ${line.className}`, d: linePath(box, x, y, side.grid, line.values) }));
      svg.append(drawAxes(box, across, y, { ...SMALL_AXES, titleOffset: 42 }));
      top += plot.height + BETWEEN;
    });
  }
  return { node, draw };
}

/** What the lines of a figure stand for. */
export function lineKey(entries: { className: string; text: string }[]): HTMLElement {
  const key = element("p", { class: "line-key" });
  for (const { className, text } of entries) {
    const sample = drawing("svg", { width: 26, height: 12, "aria-hidden": true, "data-picture": "drawing" });
    sample.append(drawing("line", { class: `sample-line ${className}`, x1: 1, x2: 25, y1: 6, y2: 6 }));
    key.append(element("span", {}, sample, element("span", { "data-picture": "text" }, text)));
  }
  return key;
}
