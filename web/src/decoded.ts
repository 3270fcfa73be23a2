/** Samples decoded at the points of a grid over the latent map, and the chosen one of them with its axes. */

import { drawAxes, SMALL_AXES, type AxisOptions, type PlotBox } from "./axis.ts";
import { paintCanvas } from "./canvas-layer.ts";
import { numberColours, parseColour } from "./colours.ts";
import { fillImage } from "./density.ts";
import type { DecodedPlane, ReportDocument, SamplePlots } from "./document.ts";
import { drawing, element } from "./element.ts";
import { formatNumber, formatPlural, latentName, withUnit } from "./format.ts";
import { isCoordinates } from "./latent-plane.ts";
import { decodePacked } from "./packed.ts";
import { beyondRange, colourRange, drawBar, edges, paintValues, planeRow } from "./plane.ts";
import { cutText } from "./sample-words.ts";
import { saveButton } from "./save-picture.ts";
import { lineAxis, linePanel, linePath, linesInterval } from "./spectrum.ts";
import type { Interval } from "./statistics.ts";
import { currentTheme, onThemeChange } from "./theme.ts";

const LEFT = 58;
const TOP = 22;
const BELOW = 48;
const BAR_ROOM = 70;
/** Room between cells, CSS pixels. */
const GAP = 3;
/** How much of a cell without rows is seen. */
const PALE = 0.35;

function pointsInterval(points: number[]): Interval {
  const ends = edges(points);
  return { low: ends[0]!, high: ends[ends.length - 1]! };
}

/** Whether lines on one common scale would be too flat to be told apart: most of them take less than a third of it. */
function isFlat(range: Interval, cells: number, ownRange: (cell: number) => Interval): boolean {
  const heights = Array.from({ length: cells }, (_, cell) => ownRange(cell)).map(({ low, high }) => (high - low) / (range.high - range.low));
  return heights.filter((height) => height < 1 / 3).length > cells / 2;
}

/** Chooses the vertical scale of the small plots. */
function scaleSwitch(own: boolean, onChange: (own: boolean) => void): HTMLElement {
  const node = element("div", { class: "switch", role: "radiogroup", "aria-label": "Vertical scale of the small plots" });
  for (const { value, text } of [{ value: false, text: "One scale for all" }, { value: true, text: "Each its own scale" }]) {
    const input = element("input", { type: "radio", name: "decoded-scale", value: value ? "own" : "common" });
    input.checked = value === own;
    input.addEventListener("change", () => onChange(value));
    node.append(element("label", {}, input, element("span", {}, text)));
  }
  return node;
}

/** Builds the figure. */
export function decodedFigure(report: ReportDocument, plots: SamplePlots, plane: DecodedPlane): { figure: HTMLElement; save: HTMLButtonElement } {
  const { unit } = report.errors;
  const { view } = plane;
  const columns = plane.across.length;
  const lines = Math.max(1, plane.up.length);
  const size = view.across.grid.length * (view.up?.grid.length ?? 1);
  const values = decodePacked(plane.values);
  const sample = (cell: number): Float64Array => values.subarray(cell * size, (cell + 1) * size);
  const isLine = view.up === null;
  const range = isLine ? linesInterval([{ className: "", values }], 0.04) : colourRange(values);
  const ownRange = (cell: number): Interval => linesInterval([{ className: "", values: sample(cell) }], 0.04);
  const state = { chosen: plane.rows.indexOf(Math.max(...plane.rows)), own: isLine && isFlat(range, columns * lines, ownRange) };

  const canvas = element("canvas", { class: "layer", "data-picture": "canvas" });
  const svg = drawing("svg", { class: "layer", "data-picture": "drawing", "aria-hidden": true });
  const area = element("div", { class: "cells", tabindex: 0, role: "img" });
  const frame = element("div", { class: "frame decoded-frame" }, canvas, svg, area);
  const side = element("div", { class: "decoded-side" });
  const figure = element("figure", { class: "decoded" }, frame, side);
  if (isLine) figure.prepend(scaleSwitch(state.own, (own) => {
    state.own = own;
    choose(state.chosen);
    draw();
  }));
  const box: PlotBox = { left: LEFT, top: TOP, width: 100, height: 100 };
  let enlarged: { node: HTMLElement; draw: () => void } | null = null;

  const cellBox = (cell: number): PlotBox => {
    const column = cell % columns;
    const line = Math.floor(cell / columns);
    const at = (index: number, count: number, length: number): number => Math.round((index * length) / count);
    const left = at(column, columns, box.width);
    const top = at(lines - 1 - line, lines, box.height);
    return { left, top, width: at(column + 1, columns, box.width) - left - GAP, height: at(lines - line, lines, box.height) - top - GAP };
  };

  function describe(cell: number): string {
    const at = [plane.across[cell % columns], plane.up[Math.floor(cell / columns)]];
    const places = plane.names.map((name, index) => (at[index] === undefined ? "" : `${latentName(name)} = ${formatNumber(at[index])}`)).filter((text) => text !== "");
    return `${places.join(", ")}; ${formatPlural(plane.rows[cell] ?? 0, "row")} near it`;
  }

  function choose(cell: number): void {
    state.chosen = cell;
    const text = describe(cell);
    const title = element("h3", { "data-picture": "text" }, "Decoded there");
    const cut = cutText(plots, view, plane.cut);
    enlarged = isLine
      ? linePanel(plots.axes[view.across.axis], view.across, [{ title: "value", unit, lines: [{ className: "reconstructed", values: sample(cell) }], height: 200, zero: false, interval: state.own ? ownRange(cell) : range }], `Decoded sample at ${text}`)
      : planeRow(plots, view, [{ title: withUnit("Decoded", unit), values: sample(cell), range, map: numberColours, bar: true }], `Decoded sample at ${text}`, 280);
    side.replaceChildren(title, element("p", { class: "quiet", "data-picture": "text", "aria-live": "polite" }, text), ...(cut === "" ? [] : [element("p", { class: "cut", "data-picture": "text" }, cut)]), enlarged.node);
    enlarged.draw();
    area.setAttribute("aria-label", `Samples decoded at ${columns} × ${lines} points of latent space. Arrow keys choose one; chosen: ${text}.`);
  }

  function cellLines(): SVGGElement {
    const group = drawing("g", {});
    const x: AxisOptions = lineAxis(plots.axes[view.across.axis], view.across);
    for (let cell = 0; cell < columns * lines; cell++) {
      const place = cellBox(cell);
      const inner = { left: box.left + place.left + 2, top: box.top + place.top + 2, width: Math.max(1, place.width - 4), height: Math.max(1, place.height - 4) };
      const y: AxisOptions = { interval: state.own ? ownRange(cell) : range, title: "", unit: null };
      const opacity = (plane.rows[cell] ?? 0) > 0 ? 1 : PALE;
      group.append(drawing("path", { class: "sample-line reconstructed thin", opacity, d: linePath(inner, x, y, view.across.grid, sample(cell)) }));
    }
    return group;
  }

  function draw(): void {
    const width = frame.clientWidth;
    if (width === 0) return;
    const { dark } = currentTheme();
    box.width = Math.max(80, width - LEFT - (isLine ? 12 : BAR_ROOM));
    box.height = lines === 1 ? Math.round(box.width / columns) : Math.round(box.width * (isLine ? 0.72 : 0.86));
    const height = box.top + box.height + BELOW;
    frame.style.height = `${height}px`;
    for (const layer of [canvas, area]) {
      layer.style.left = `${box.left}px`;
      layer.style.top = `${box.top}px`;
    }
    area.style.width = `${box.width}px`;
    area.style.height = `${box.height}px`;
    paintCanvas(canvas, box.width, box.height, (context, across, down, scale) => {
      const { dark: now, surface } = currentTheme();
      const image = context.createImageData(across, down);
      fillImage(image, parseColour(surface));
      const ground = parseColour(surface);
      for (let cell = 0; cell < columns * lines && !isLine; cell++) {
        const place = cellBox(cell);
        const scaled = { left: Math.round(place.left * scale), top: Math.round(place.top * scale), width: Math.round(place.width * scale), height: Math.round(place.height * scale) };
        paintValues(image, scaled, view, values, cell * size, range, numberColours(now), now);
        if ((plane.rows[cell] ?? 0) > 0) continue;
        for (let y = scaled.top; y < scaled.top + scaled.height; y++) {
          for (let x = scaled.left; x < scaled.left + scaled.width; x++) {
            const pixel = 4 * (y * across + x);
            for (let channel = 0; channel < 3; channel++) image.data[pixel + channel] = ground[channel]! + PALE * (image.data[pixel + channel]! - ground[channel]!);
          }
        }
      }
      context.putImageData(image, 0, 0);
    });
    svg.setAttribute("width", String(width));
    svg.setAttribute("height", String(height));
    const x: AxisOptions = { interval: pointsInterval(plane.across), title: latentName(plane.names[0] ?? ""), unit: null };
    const second = plane.names[1];
    const y: AxisOptions = { interval: pointsInterval(plane.up.length > 0 ? plane.up : [0]), title: second === undefined ? "" : latentName(second), unit: null, hideTicks: plane.up.length === 0 };
    svg.replaceChildren(drawAxes({ ...box, width: box.width - GAP, height: box.height - GAP }, x, y, { ...SMALL_AXES, label: 12, title: 13.5, titleOffset: 42 }));
    if (isLine) svg.append(cellLines());
    else svg.append(drawBar({ ...box, height: Math.min(box.height, 320) }, range, numberColours(dark), beyondRange(range, values)));
    const place = cellBox(state.chosen);
    svg.append(drawing("rect", { class: "chosen", x: box.left + place.left - 1, y: box.top + place.top - 1, width: place.width + 2, height: place.height + 2 }));
    enlarged?.draw();
  }

  function pick(cell: number): void {
    if (cell === state.chosen) return;
    choose(cell);
    draw();
  }
  const cellAt = (event: PointerEvent): number => {
    const bounds = area.getBoundingClientRect();
    const index = (share: number, count: number): number => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    const column = index((event.clientX - bounds.left) / bounds.width, columns);
    return (lines - 1 - index((event.clientY - bounds.top) / bounds.height, lines)) * columns + column;
  };
  area.addEventListener("pointermove", (event) => pick(cellAt(event)));
  area.addEventListener("pointerdown", (event) => pick(cellAt(event)));
  area.addEventListener("keydown", (event) => {
    const [column, line] = [state.chosen % columns, Math.floor(state.chosen / columns)];
    const steps: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const [to, up] = [column + step[0], line + step[1]];
    if (to >= 0 && to < columns && up >= 0 && up < lines) pick(up * columns + to);
  });

  choose(state.chosen);
  new ResizeObserver(draw).observe(frame);
  new ResizeObserver(() => enlarged?.draw()).observe(side);
  onThemeChange(draw);
  return { figure, save: saveButton("decoded", () => figure) };
}

/** What is said under the heading. */
export function decodedText(plots: SamplePlots, plane: DecodedPlane): string {
  const where = plane.directions.length === 1 ? "along the latent" : isCoordinates(plane) ? "over the latent map" : "in the plane of the first two principal directions of the code, all others at their mean";
  const bins = isAveraged(plane) ? " Small pictures have fewer bins: means of their neighbours." : "";
  return `What the decoder makes of codes ${where}, from the 1st to the 99th percentile of the rows. ${plots.axes.length === 1 ? "W" : "All share one scale of colours; w"}here no row is near, samples are pale.${bins}`;
}

function isAveraged(plane: DecodedPlane): boolean {
  return plane.view.across.averaged > 1 || (plane.view.up?.averaged ?? 1) > 1;
}
