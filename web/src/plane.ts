/** Planes of samples as coloured images beside each other, with axes, and with colour bars that say what colours mean. */

import { drawAxes, SMALL_AXES, type AxisOptions, type PlotBox } from "./axis.ts";
import { paintCanvas } from "./canvas-layer.ts";
import { colourAt, css, missingColour, type ColourMap } from "./colours.ts";
import type { SamplePlots, SampleView, ViewSide } from "./document.ts";
import { drawing, element } from "./element.ts";
import { superscript } from "./format.ts";
import { axisName, unitText } from "./sample-words.ts";
import { padded, percentile, type Interval } from "./statistics.ts";
import { currentTheme } from "./theme.ts";
import { linearTicks } from "./ticks.ts";

/** Percentile of the values that the ends of a colour bar leave out: of 128 × 128 values some dozens. */
const TAIL = 0.2;

/** Values with the colours of a range. */
export interface Coloured {
  title: string;
  /** [up][across] */
  values: Float64Array;
  range: Interval;
  map: (dark: boolean) => ColourMap;
  /** Whether a colour bar follows. */
  bar: boolean;
}

/** The range of some values but for the outermost; never empty. */
export function colourRange(...lists: Float64Array[]): Interval {
  const sorted = Float64Array.from(lists.flatMap((list) => [...list.filter((value) => Number.isFinite(value))])).sort();
  const range = { low: percentile(sorted, TAIL), high: percentile(sorted, 100 - TAIL) };
  return range.high > range.low ? range : padded({ low: percentile(sorted, 0), high: percentile(sorted, 100) }, 0);
}

/** A range with zero in its middle. */
export function symmetricRange(values: Float64Array): Interval {
  const { low, high } = colourRange(values);
  const reach = Math.max(Math.abs(low), Math.abs(high));
  return { low: -reach, high: reach };
}

/** Ends of the bins around centres: halfway between neighbours. */
export function edges(grid: number[]): number[] {
  const first = grid[0] ?? 0;
  if (grid.length < 2) return [first - 0.5, first + 0.5];
  const middle = grid.slice(1).map((centre, index) => (centre + grid[index]!) / 2);
  return [2 * first - middle[0]!, ...middle, 2 * grid[grid.length - 1]! - middle[middle.length - 1]!];
}

/** The range of a side, from the outer end of its first bin to that of its last. */
export function sideInterval(side: ViewSide): Interval {
  const ends = edges(side.grid);
  const [first, last] = [ends[0]!, ends[ends.length - 1]!];
  return { low: Math.min(first, last), high: Math.max(first, last) };
}

/** The bin at each of `count` pixels, from the low end of the axis to the high one. */
export function binsOfPixels(side: ViewSide, count: number): Int32Array {
  const ends = edges(side.grid);
  const rises = ends[0]! <= ends[ends.length - 1]!;
  const { low, high } = sideInterval(side);
  const bins = new Int32Array(count);
  let bin = rises ? 0 : side.grid.length - 1;
  for (let pixel = 0; pixel < count; pixel++) {
    const at = low + ((pixel + 0.5) / count) * (high - low);
    if (rises) while (bin < side.grid.length - 1 && at >= ends[bin + 1]!) bin++;
    else while (bin > 0 && at >= ends[bin]!) bin--;
    bins[pixel] = bin;
  }
  return bins;
}

/** Paints values into a rectangle of an image; `offset` is the place of the first value. */
export function paintValues(image: ImageData, box: PlotBox, view: SampleView, values: Float64Array, offset: number, range: Interval, map: ColourMap, dark: boolean): void {
  const columns = binsOfPixels(view.across, box.width);
  const lines = view.up === null ? new Int32Array(box.height) : binsOfPixels(view.up, box.height);
  const wide = view.across.grid.length;
  const missing = missingColour(dark);
  for (let y = 0; y < box.height; y++) {
    const start = offset + lines[view.down ? y : box.height - 1 - y]! * wide;
    for (let x = 0; x < box.width; x++) {
      const value = values[start + columns[x]!]!;
      const colour = Number.isFinite(value) ? colourAt(map, (value - range.low) / (range.high - range.low)) : missing;
      const pixel = 4 * ((box.top + y) * image.width + box.left + x);
      image.data[pixel] = colour[0];
      image.data[pixel + 1] = colour[1];
      image.data[pixel + 2] = colour[2];
      image.data[pixel + 3] = 255;
    }
  }
}

const BAR = 11;
const ARROW = 7;

/** A colour bar to the right of a plot, with arrowheads where values lie beyond its ends. */
export function drawBar(box: PlotBox, range: Interval, map: ColourMap, beyond: { below: boolean; above: boolean }): SVGGElement {
  const group = drawing("g", { class: "scale", "font-size": SMALL_AXES.label });
  const left = box.left + box.width + 10;
  const [top, bottom] = [box.top + ARROW, box.top + box.height - ARROW];
  const steps = 96;
  for (let step = 0; step < steps; step++) {
    const from = top + ((bottom - top) * step) / steps;
    const reach = (bottom - top) / steps + (step === steps - 1 ? 0 : 0.7);
    group.append(drawing("rect", { x: left, y: from, width: BAR, height: reach, fill: css(colourAt(map, 1 - step / (steps - 1))) }));
  }
  const end = (y: number, tip: number, position: number): SVGPathElement => drawing("path", { d: `M${left} ${y}L${left + BAR / 2} ${tip}L${left + BAR} ${y}Z`, fill: css(colourAt(map, position)) });
  if (beyond.above) group.append(end(top + 0.3, box.top, 1));
  if (beyond.below) group.append(end(bottom - 0.3, box.top + box.height, 0));
  const { ticks, exponent } = linearTicks(range, Math.max(2, Math.min(5, box.height / 45)));
  for (const { value, label } of ticks) {
    const at = bottom - ((bottom - top) * (value - range.low)) / (range.high - range.low);
    group.append(drawing("line", { class: "tick", x1: left + BAR, x2: left + BAR + 3, y1: at, y2: at }));
    group.append(drawing("text", { class: "label", x: left + BAR + 6, y: at, dy: "0.34em" }, label));
  }
  if (exponent !== 0) group.append(drawing("text", { class: "label", x: left, y: box.top - 5 }, `×10${superscript(exponent)}`));
  return group;
}

/** Whether values lie beyond a range. */
export function beyondRange(range: Interval, ...lists: Float64Array[]): { below: boolean; above: boolean } {
  const room = 1e-6 * (range.high - range.low);
  return {
    below: lists.some((list) => list.some((value) => value < range.low - room)),
    above: lists.some((list) => list.some((value) => value > range.high + room)),
  };
}

const LEFT = 52;
const TOP = 24;
const BELOW = 44;
const BAR_ROOM = 58;
const GAP = 22;

/** The axes of a plane's plot. */
export function planeAxes(plots: SamplePlots, view: SampleView): { x: AxisOptions; y: AxisOptions } {
  const up = view.up ?? view.across;
  const [across, upright] = [plots.axes[view.across.axis], plots.axes[up.axis]];
  return {
    x: { interval: sideInterval(view.across), title: axisName(across), unit: unitText(across?.unit ?? null) },
    y: { interval: sideInterval(up), title: axisName(upright), unit: unitText(upright?.unit ?? null), reversed: view.down },
  };
}

/** Images of one view beside each other, below each other where the window is narrow; `label` says in words what is seen. */
export function planeRow(plots: SamplePlots, view: SampleView, images: Coloured[], label: string, widest = 330): { node: HTMLElement; draw: () => void } {
  const svg = drawing("svg", { class: "layer", role: "img", "data-picture": "drawing" });
  svg.setAttribute("aria-label", label);
  const canvases = images.map(() => element("canvas", { class: "layer", "data-picture": "canvas" }));
  const node = element("div", { class: "frame plane-frame" }, ...canvases, svg);
  const { x, y } = planeAxes(plots, view);
  // Pixels are square; other axes have units of their own.
  const shape = view.down && view.up !== null ? (y.interval.high - y.interval.low) / (x.interval.high - x.interval.low) : 0.8;

  function draw(): void {
    const width = node.clientWidth;
    if (width === 0) return;
    const { dark } = currentTheme();
    const stacked = width < 520;
    const bars = images.filter((image) => image.bar).length;
    const room = stacked ? LEFT + BAR_ROOM : LEFT + bars * BAR_ROOM + (images.length - 1) * GAP;
    let side = Math.max(40, Math.min(widest, (width - room) / (stacked ? 1 : images.length)));
    if (shape > 1.3) side = (side * 1.3) / shape;
    const plot = { width: Math.round(side), height: Math.max(24, Math.round(side * shape)) };
    const boxes: PlotBox[] = [];
    let left = LEFT;
    images.forEach((image, index) => {
      boxes.push(stacked ? { left: LEFT, top: TOP + index * (plot.height + TOP + BELOW), ...plot } : { left, top: TOP, ...plot });
      left += plot.width + GAP + (image.bar ? BAR_ROOM : 0);
    });
    const last = boxes[boxes.length - 1]!;
    const height = last.top + last.height + BELOW;
    node.style.height = `${height}px`;
    svg.setAttribute("width", String(width));
    svg.setAttribute("height", String(height));
    svg.replaceChildren();
    images.forEach((image, index) => {
      const box = boxes[index]!;
      const canvas = canvases[index]!;
      canvas.style.left = `${box.left}px`;
      canvas.style.top = `${box.top}px`;
      paintCanvas(canvas, box.width, box.height, (context, across, down) => {
        const picture = context.createImageData(across, down);
        paintValues(picture, { left: 0, top: 0, width: across, height: down }, view, image.values, 0, image.range, image.map(currentTheme().dark), currentTheme().dark);
        context.putImageData(picture, 0, 0);
      });
      const first = stacked || index === 0;
      const count = Math.max(2, Math.min(5, box.width / 60));
      svg.append(drawing("text", { class: "title", x: box.left, y: box.top - 8, "font-size": 13 }, image.title));
      svg.append(drawAxes(box, { ...x, count }, first ? y : { ...y, title: "", hideLabels: true }, SMALL_AXES));
      if (image.bar) {
        const shared = images.filter((other) => other.range === image.range).map((other) => other.values);
        svg.append(drawBar(box, image.range, image.map(dark), beyondRange(image.range, ...shared)));
      }
    });
  }
  return { node, draw };
}
