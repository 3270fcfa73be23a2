/** One feature: reconstruction against input as a density, and the distribution of the residual beneath it. */

import { axisPosition, drawAxes, SMALL_AXES, type AxisOptions, type PlotBox } from "./axis.ts";
import { paintCanvas } from "./canvas-layer.ts";
import { countColours, parseColour } from "./colours.ts";
import { decodeUint32 } from "./decode.ts";
import { countGrid, fillImage, paintDensity, type CountGrid } from "./density.ts";
import type { FeatureReconstruction } from "./document.ts";
import { drawing, element } from "./element.ts";
import { formatBeside, formatPlural, formatQuantity, shortened, withUnit } from "./format.ts";
import { padded } from "./statistics.ts";
import { currentTheme } from "./theme.ts";

const LEFT = 50;
const RIGHT = 8;
const TOP = 6;
const AXIS_ROOM = 40;
const RESIDUAL_HEIGHT = 84;
const BETWEEN = 12;

/** A panel that is painted when it comes into sight. */
export interface Panel {
  node: HTMLElement;
  draw(): void;
}

/** A Gaussian with the robust width of the residuals, in rows per bin. */
export function gaussianCounts(residual: FeatureReconstruction["residual"], at: number): number {
  const { mad_sigma: sigma, median, low, high, counts } = residual;
  if (sigma === null || median === null || !(sigma > 0)) return 0;
  const rows = counts.reduce((sum, count) => sum + count, 0) + residual.below + residual.above;
  const bin = (high - low) / counts.length;
  return (rows * bin * Math.exp(-0.5 * ((at - median) / sigma) ** 2)) / (sigma * Math.sqrt(2 * Math.PI));
}

function residualDrawing(entry: FeatureReconstruction, box: PlotBox): SVGGElement {
  const { residual, unit } = entry;
  const axis: AxisOptions = { interval: padded(residual, 0), title: "residual", unit, count: box.width < 200 ? 2.5 : 4 };
  const bins = residual.counts.length;
  const rows = residual.counts.reduce((sum, count) => sum + count, 0);
  const curveTop = rows > 0 ? gaussianCounts(residual, residual.median ?? 0) : 0;
  const highest = Math.max(1, ...residual.counts);
  // The comparison curve may rise above the bars, but must not flatten them.
  const top = 1.12 * Math.max(highest, Math.min(curveTop, 1.6 * highest));
  const x = (value: number): number => box.left + axisPosition(axis, value) * box.width;
  const y = (count: number): number => box.top + box.height * Math.max(0, 1 - count / top);
  const bottom = box.top + box.height;
  const group = drawing("g", {});
  if (rows > 0) {
    const steps = residual.counts.map((count, index) => `V${y(count).toFixed(2)}H${x(residual.low + ((index + 1) / bins) * (residual.high - residual.low)).toFixed(2)}`);
    group.append(drawing("path", { class: "histogram", d: `M${x(residual.low).toFixed(2)} ${bottom}${steps.join("")}V${bottom}Z` }));
  }
  if (axis.interval.low < 0 && axis.interval.high > 0) group.append(drawing("line", { class: "zero", x1: x(0), x2: x(0), y1: box.top, y2: bottom }));
  if (curveTop > 0 && bins > 1) {
    const points: string[] = [];
    const fine = 4 * bins;
    for (let index = 0; index <= fine; index++) {
      const value = residual.low + (index / fine) * (residual.high - residual.low);
      points.push(`${x(value).toFixed(2)} ${y(gaussianCounts(residual, value)).toFixed(2)}`);
    }
    group.append(drawing("path", { class: "gaussian", d: `M${points.join("L")}` }));
  }
  group.append(drawAxes(box, axis, { interval: { low: 0, high: top }, title: "rows", unit: null, hideTicks: true }, { ...SMALL_AXES, titleOffset: 9 }));
  return group;
}

/** Builds the panel of one feature. `maximum` is the count at the strong end of the colours. */
export function reconstructionPanel(entry: FeatureReconstruction, grid: CountGrid, maximum: () => number): Panel {
  const canvas = element("canvas", { class: "layer", width: 0, height: 0, "data-picture": "canvas" });
  const svg = drawing("svg", { class: "layer", role: "img", width: 0, height: 0, "data-picture": "drawing" });
  svg.setAttribute("aria-label", `Reconstruction against input, and residuals, of ${entry.feature}`);
  const frame = element("div", { class: "frame panel-frame" }, canvas, svg);
  const { residual, unit } = entry;
  const statistics = element("dl", { class: "statistics" });
  const add = (name: string, value: string): void => {
    statistics.append(element("dt", { "data-picture": "text" }, name), element("dd", { "data-picture": "text" }, value));
  };
  add("RMSE", formatQuantity(residual.rmse, unit));
  add("bias", formatBeside(residual.bias, residual.rmse, unit));
  add("robust σ", formatBeside(residual.mad_sigma, residual.rmse, unit));
  const beyond = residual.below + residual.above;
  statistics.title = beyond > 0 ? `${formatPlural(beyond, "row")} beyond the ends of the histogram` : "";
  const title = element("h3", { "data-picture": "text", title: withUnit(entry.feature, unit) }, shortened(entry.feature, 26));
  const node = element("div", { class: "panel" }, title, frame, statistics);

  function draw(): void {
    const width = frame.clientWidth;
    if (width === 0) return;
    const side = width - LEFT - RIGHT;
    const square: PlotBox = { left: LEFT, top: TOP, width: side, height: side };
    const below: PlotBox = { left: LEFT, top: TOP + side + AXIS_ROOM + BETWEEN, width: side, height: RESIDUAL_HEIGHT };
    const height = below.top + below.height + AXIS_ROOM;
    frame.style.height = `${height}px`;
    svg.setAttribute("width", String(width));
    svg.setAttribute("height", String(height));
    canvas.style.left = `${square.left}px`;
    canvas.style.top = `${square.top}px`;
    paintCanvas(canvas, square.width, square.height, (context, across, down) => {
      const { dark, surface } = currentTheme();
      const image = context.createImageData(across, down);
      fillImage(image, parseColour(surface));
      if (grid.maximum > 0) paintDensity(image, grid, countColours(dark), maximum());
      context.putImageData(image, 0, 0);
    });
    const interval = padded(entry, 0);
    const count = width < 200 ? 2.5 : 4;
    const x: AxisOptions = { interval, title: "input", unit, count };
    const y: AxisOptions = { interval, title: "reconstruction", unit, count };
    const identity = drawing("line", {
      class: "identity",
      x1: square.left,
      y1: square.top + side,
      x2: square.left + side,
      y2: square.top,
    });
    svg.replaceChildren(identity, drawAxes(square, x, y, SMALL_AXES), residualDrawing(entry, below));
  }
  return { node, draw };
}

/** The counts of one feature; empty when they do not fit the number of bins. */
export function panelCounts(entry: FeatureReconstruction): CountGrid {
  const counts = decodeUint32(entry.counts);
  if (counts.length !== entry.bins * entry.bins) return countGrid(1, 1, [0]);
  return countGrid(entry.bins, entry.bins, counts);
}
