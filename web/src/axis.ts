/** The frame, ticks and titles around a plot, in SVG. */

import { drawing } from "./element.ts";
import type { Interval } from "./statistics.ts";
import { axisTitle, linearTicks, logTicks } from "./ticks.ts";

/** Where a plot lies within its drawing, CSS pixels. */
export interface PlotBox {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** One axis. */
export interface AxisOptions {
  interval: Interval;
  title: string;
  unit: string | null;
  logarithmic?: boolean;
  /** The low end lies to the right, or at the top. */
  reversed?: boolean;
  /** Draws faint lines across the plot at labelled ticks. */
  grid?: boolean;
  /** Ticks without numbers. */
  hideLabels?: boolean;
  /** No ticks at all. */
  hideTicks?: boolean;
  /** About how many ticks; by default one for every 80 pixels. */
  count?: number;
}

/** Sizes of an axis, CSS pixels. */
export interface AxisStyle {
  tick: number;
  label: number;
  title: number;
  /** Distance of the vertical axis's title from the frame. */
  titleOffset: number;
}

/** For the large figures. */
export const LARGE_AXES: AxisStyle = { tick: 5, label: 13, title: 15, titleOffset: 50 };
/** For small multiples. */
export const SMALL_AXES: AxisStyle = { tick: 4, label: 11, title: 11.5, titleOffset: 36 };

/** Position 0–1 of a value on an axis. */
export function axisPosition(axis: AxisOptions, value: number): number {
  const { low, high } = axis.interval;
  const position = axis.logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return axis.reversed ? 1 - position : position;
}

/** Half a pixel off the grid, where a thin line is sharp. */
function crisp(position: number): number {
  return Math.round(position - 0.5) + 0.5;
}

/** Draws the frame, both axes and their titles. */
export function drawAxes(box: PlotBox, x: AxisOptions, y: AxisOptions, style: AxisStyle): SVGGElement {
  const group = drawing("g", { class: "axes", "font-size": style.label });
  const bottom = box.top + box.height;
  const xCount = x.count ?? Math.max(2, Math.min(9, box.width / 80));
  const yCount = y.count ?? Math.max(2, Math.min(9, box.height / 70));
  const xTicks = (x.logarithmic ? logTicks : linearTicks)(x.interval, xCount);
  const yTicks = (y.logarithmic ? logTicks : linearTicks)(y.interval, yCount);
  if (!x.hideTicks) {
    for (const { value, label } of xTicks.ticks) {
      const at = crisp(box.left + axisPosition(x, value) * box.width);
      if (x.grid && label !== "") group.append(drawing("line", { class: "grid", x1: at, x2: at, y1: box.top, y2: bottom }));
      const length = label === "" ? style.tick * 0.55 : style.tick;
      group.append(drawing("line", { class: "tick", x1: at, x2: at, y1: bottom, y2: bottom + length }));
      if (label === "" || x.hideLabels) continue;
      group.append(drawing("text", { class: "label", x: at, y: bottom + style.tick + style.label + 1, "text-anchor": "middle" }, label));
    }
  }
  if (!y.hideTicks) {
    for (const { value, label } of yTicks.ticks) {
      const at = crisp(bottom - axisPosition(y, value) * box.height);
      if (y.grid && label !== "") group.append(drawing("line", { class: "grid", x1: box.left, x2: box.left + box.width, y1: at, y2: at }));
      const length = label === "" ? style.tick * 0.55 : style.tick;
      group.append(drawing("line", { class: "tick", x1: box.left - length, x2: box.left, y1: at, y2: at }));
      if (label === "" || y.hideLabels) continue;
      group.append(drawing("text", { class: "label", x: box.left - style.tick - 3, y: at, dy: "0.34em", "text-anchor": "end" }, label));
    }
  }
  group.append(
    drawing("rect", {
      class: "border",
      x: crisp(box.left),
      y: crisp(box.top),
      width: Math.round(box.width),
      height: Math.round(box.height),
    }),
  );
  const xTitle = x.title === "" ? "" : axisTitle(x.title, x.unit, x.hideLabels ? 0 : xTicks.exponent);
  const yTitle = y.title === "" ? "" : axisTitle(y.title, y.unit, y.hideLabels ? 0 : yTicks.exponent);
  const below = bottom + style.tick + style.label + style.title + (style.title > 12 ? 12 : 6);
  group.append(
    drawing("text", { class: "title", "font-size": style.title, x: box.left + box.width / 2, y: below, "text-anchor": "middle" }, xTitle),
  );
  const middle = box.top + box.height / 2;
  const beside = box.left - style.titleOffset;
  group.append(
    drawing("text", { class: "title", "font-size": style.title, transform: `translate(${beside} ${middle}) rotate(-90)`, "text-anchor": "middle" }, yTitle),
  );
  return group;
}
