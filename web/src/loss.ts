/** Loss against epoch, on training and on held-out rows. */

import { axisPosition, drawAxes, LARGE_AXES, type AxisOptions, type PlotBox } from "./axis.ts";
import type { LossHistory, MaybeNumber, ReportDocument } from "./document.ts";
import { drawing, element } from "./element.ts";
import { formatCount, formatNumber } from "./format.ts";
import { saveButton } from "./save-picture.ts";
import { padded } from "./statistics.ts";
import { onThemeChange } from "./theme.ts";

/** Epochs beyond which a curve is thinned to the extremes of each stretch. */
const MOST_POINTS = 3000;

interface Curve {
  name: string;
  className: string;
  values: MaybeNumber[];
}

/** Indices to draw: all, or the lowest and highest value of each stretch, so that spikes survive. */
export function thinned(values: MaybeNumber[], most = MOST_POINTS): number[] {
  const indices = values.map((_, index) => index);
  if (values.length <= most) return indices;
  const stretch = Math.ceil((2 * values.length) / most);
  const kept: number[] = [];
  for (let start = 0; start < values.length; start += stretch) {
    let lowest = -1;
    let highest = -1;
    for (let index = start; index < Math.min(start + stretch, values.length); index++) {
      const value = values[index];
      if (value === null || value === undefined) continue;
      if (lowest < 0 || value < values[lowest]!) lowest = index;
      if (highest < 0 || value > values[highest]!) highest = index;
    }
    if (lowest < 0) continue;
    kept.push(Math.min(lowest, highest));
    if (lowest !== highest) kept.push(Math.max(lowest, highest));
  }
  if (kept[kept.length - 1] !== values.length - 1) kept.push(values.length - 1);
  return kept;
}

function lossPath(loss: LossHistory, values: MaybeNumber[], x: (epoch: number) => number, y: (value: number) => number): string {
  let path = "";
  let pen = "M";
  for (const index of thinned(values)) {
    const value = values[index];
    const epoch = loss.epoch[index];
    if (value === null || value === undefined || epoch === undefined || !Number.isFinite(y(value))) {
      pen = "M";
      continue;
    }
    path += `${pen}${x(epoch).toFixed(2)} ${y(value).toFixed(2)}`;
    pen = "L";
  }
  return path;
}

/** Range of the vertical axis: every finite value, with a little room. */
function lossInterval(curves: Curve[], logarithmic: boolean): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const { values } of curves) {
    for (const value of values) {
      if (value === null || !Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (!logarithmic) return padded({ low, high }, 0.05);
  const room = padded({ low: Math.log10(low), high: Math.log10(high) }, 0.05);
  return { low: 10 ** room.low, high: 10 ** room.high };
}

/** Builds the figure. */
export function lossFigure(report: ReportDocument): { figure: HTMLElement; save: HTMLButtonElement | null } {
  const { loss, best_epoch: best } = report.training;
  const curves: Curve[] = [{ name: "training", className: "train", values: loss.train }];
  if (loss.validation?.some((value) => value !== null)) curves.push({ name: "held-out", className: "held-out", values: loss.validation });
  const finite = curves.flatMap(({ values }) => values.filter((value): value is number => value !== null && Number.isFinite(value)));
  if (finite.length === 0) return { figure: element("p", { class: "quiet" }, "No loss was recorded."), save: null };

  const logarithmic = finite.every((value) => value > 0);
  const svg = drawing("svg", { class: "layer", role: "img", "data-picture": "drawing" });
  svg.setAttribute("aria-label", `Loss against epoch: ${loss.label}`);
  const frame = element("div", { class: "frame loss-frame" }, svg);
  const reading = element("p", { class: "caption", "aria-live": "off" });
  const firstEpoch = loss.epoch[0] ?? 0;
  const lastEpoch = loss.epoch[loss.epoch.length - 1] ?? 1;
  const xAxis: AxisOptions = {
    interval: lastEpoch > firstEpoch ? { low: Math.min(firstEpoch, lastEpoch), high: Math.max(firstEpoch, lastEpoch) } : padded({ low: firstEpoch, high: firstEpoch + 1 }, 0),
    title: "epoch",
    unit: null,
  };
  const yAxis: AxisOptions = { interval: lossInterval(curves, logarithmic), title: loss.label, unit: null, logarithmic, grid: true };
  const box: PlotBox = { left: 72, top: 10, width: 100, height: 100 };
  const x = (epoch: number): number => box.left + axisPosition(xAxis, epoch) * box.width;
  const y = (value: number): number => box.top + box.height * (1 - axisPosition(yAxis, value));
  const cursor = drawing("g", { class: "cursor" });

  function bestMark(): SVGGElement | null {
    const index = best === null ? -1 : loss.epoch.indexOf(best);
    const values = curves[curves.length - 1]!.values;
    const value = values[index];
    if (best === null || value === null || value === undefined) return null;
    const at = x(best);
    const left = axisPosition(xAxis, best) > 0.5;
    const label = drawing("text", { class: "best-label", x: at + (left ? -8 : 8), y: box.top + 18, "text-anchor": left ? "end" : "start", "font-size": 13 });
    label.textContent = `best: epoch ${formatCount(best)}, ${formatNumber(value)}`;
    return drawing(
      "g",
      {},
      drawing("line", { class: "best-line", x1: at, x2: at, y1: box.top, y2: box.top + box.height }),
      drawing("circle", { class: "best-dot", cx: at, cy: y(value), r: 4.5 }),
      label,
    );
  }

  function rest(): void {
    const last = loss.epoch.length - 1;
    reading.textContent = `${formatCount(loss.epoch.length)} ${loss.epoch.length === 1 ? "epoch" : "epochs"}; at the end ${curves.map((curve) => `${curve.name} ${formatNumber(curve.values[last])}`).join(", ")}.`;
    cursor.replaceChildren();
  }

  function draw(): void {
    const width = frame.clientWidth;
    const height = frame.clientHeight;
    if (width === 0) return;
    const narrow = width < 480;
    box.left = narrow ? 58 : 72;
    box.width = Math.max(40, width - box.left - 12);
    box.height = height - box.top - 52;
    svg.setAttribute("width", String(width));
    svg.setAttribute("height", String(height));
    const style = narrow ? { ...LARGE_AXES, label: 11, title: 12.5, titleOffset: 44 } : { ...LARGE_AXES, title: 14, titleOffset: 54 };
    svg.replaceChildren(drawAxes(box, xAxis, yAxis, style));
    for (const curve of curves) svg.append(drawing("path", { class: `curve ${curve.className}`, d: lossPath(loss, curve.values, x, y) }));
    const mark = bestMark();
    if (mark !== null) svg.append(mark);
    // The key stands in the lower left corner, which falling curves leave free.
    curves.forEach((curve, index) => {
      const at = box.top + box.height - 14 - 18 * (curves.length - 1 - index);
      svg.append(
        drawing("line", { class: `curve ${curve.className}`, x1: box.left + 14, x2: box.left + 38, y1: at - 4, y2: at - 4 }),
        drawing("text", { class: "curve-name", x: box.left + 45, y: at, "font-size": 13 }, curve.name),
      );
    });
    svg.append(cursor);
  }

  frame.addEventListener("pointermove", (event) => {
    const share = (event.clientX - frame.getBoundingClientRect().left - box.left) / box.width;
    if (share < 0 || share > 1) return rest();
    const target = xAxis.interval.low + share * (xAxis.interval.high - xAxis.interval.low);
    let index = 0;
    for (let other = 1; other < loss.epoch.length; other++) {
      if (Math.abs(loss.epoch[other]! - target) < Math.abs(loss.epoch[index]! - target)) index = other;
    }
    const epoch = loss.epoch[index] ?? 0;
    reading.textContent = `Epoch ${formatCount(epoch)}: ${curves.map((curve) => `${curve.name} ${formatNumber(curve.values[index], 4)}`).join(", ")}.`;
    cursor.replaceChildren(drawing("line", { class: "cursor-line", x1: x(epoch), x2: x(epoch), y1: box.top, y2: box.top + box.height }));
    for (const curve of curves) {
      const value = curve.values[index];
      if (value === null || value === undefined) continue;
      cursor.append(drawing("circle", { class: `cursor-dot ${curve.className}`, cx: x(epoch), cy: y(value), r: 3.5 }));
    }
  });
  frame.addEventListener("pointerleave", rest);
  rest();
  new ResizeObserver(draw).observe(frame);
  onThemeChange(draw);
  const figure = element("figure", { class: "loss" }, frame, reading);
  return { figure, save: saveButton("loss", () => figure) };
}
