/**
 * The latent map: every row at its place in the latent space, as density, as coloured points, or as both.
 *
 * With one latent the vertical axis is a column of the data, and a histogram of the latent stands above the map.
 */

import { drawAxes, LARGE_AXES, type PlotBox } from "./axis.ts";
import { paintCanvas } from "./canvas-layer.ts";
import { categoryColouring, numberColouring, plainColouring, type Colouring } from "./colouring.ts";
import { countColours, parseColour } from "./colours.ts";
import { columnNumbers, firstColumn } from "./column.ts";
import { strokeContours } from "./contours.ts";
import { decodeFloat32 } from "./decode.ts";
import { countRows, fillImage, paintDensity, type CountGrid } from "./density.ts";
import type { ReportDocument } from "./document.ts";
import { choice, drawing, element } from "./element.ts";
import { formatCount, formatPlural, latentName, shortened } from "./format.ts";
import { columnLegend, densityLegend } from "./latent-legend.ts";
import { coordinates } from "./latent-plane.ts";
import { drawMarginal, MARGINAL_HEIGHT } from "./latent-marginal.ts";
import { readout } from "./latent-readout.ts";
import { paintPoints, pointRadius, shuffledRows } from "./points.ts";
import { saveButton } from "./save-picture.ts";
import { padded, viewInterval } from "./statistics.ts";
import { currentTheme, onThemeChange } from "./theme.ts";
import { controlView, type View } from "./view-control.ts";

/** Percentile left outside the first view at each end of an axis. */
const TAIL = 0.1;
/** Distance from the pointer within which a row is read out, CSS pixels. */
const REACH = 24;

type Mode = "density" | "both" | "points";
const MODES: { mode: Mode; text: string }[] = [
  { mode: "density", text: "Density" },
  { mode: "both", text: "Density + points" },
  { mode: "points", text: "Points" },
];

/** One thing that can be an axis. */
interface AxisChoice {
  name: string;
  unit: string | null;
  values: Float32Array;
}

/** Cells along each side of the density for a number of rows: finer when there are more rows to fill them. */
function densityCells(rows: number): number {
  return Math.round(Math.min(240, Math.max(40, 0.75 * Math.sqrt(rows))));
}

/** Builds the figure. */
export function latentMap(report: ReportDocument): HTMLElement {
  const { latent, columns } = report;
  const codes: AxisChoice[] = latent.values.map((text, index) => ({
    name: latentName(latent.names[index] ?? `z${index + 1}`),
    unit: null,
    values: decodeFloat32(text),
  }));
  // Of longer codes, the plane in which samples were decoded is shown first.
  const plane = report.samples?.decoded ?? null;
  const principal = plane === null ? [] : coordinates(plane);
  const latents = [...principal.map((axis) => ({ ...axis, unit: null })), ...codes];
  const single = latents.length === 1;
  const verticals: AxisChoice[] = single
    ? columns.flatMap((column) => (column.kind === "number" ? [{ name: column.name, unit: column.unit, values: columnNumbers(column) }] : []))
    : latents;
  const rowCount = latents[0]?.values.length ?? 0;
  const shuffled = shuffledRows(rowCount);
  const flat = new Float32Array(rowCount);

  const firstY = single ? verticals.findIndex((axis) => axis.name === columns[firstColumn(columns.filter((column) => column.kind === "number"), new Set(report.features.map((feature) => feature.name)))]?.name) : 1;
  const state = {
    x: 0,
    y: Math.max(0, firstY),
    column: firstColumn(columns, new Set(report.features.map((feature) => feature.name))),
    mode: "both" as Mode,
    selected: new Set<number>(),
    view: { x: { low: 0, high: 1 }, y: { low: 0, high: 1 } } as View,
    home: { x: { low: 0, high: 1 }, y: { low: 0, high: 1 } } as View,
    rows: shuffled,
  };
  const xAxis = (): AxisChoice => latents[state.x] ?? { name: "", unit: null, values: flat };
  const yAxis = (): AxisChoice => verticals[state.y] ?? { name: "", unit: null, values: flat };

  const canvas = element("canvas", { class: "layer", "data-picture": "canvas" });
  const axes = drawing("svg", { class: "layer", "data-picture": "drawing", "aria-hidden": true });
  const marker = drawing("svg", { class: "layer marker", "aria-hidden": true });
  const area = element("div", {
    class: "plot-area",
    tabindex: 0,
    role: "img",
    "aria-label": "Latent map. Arrow keys move, plus and minus zoom, zero goes back to the whole.",
  });
  const frame = element("div", { class: single ? "frame map-frame with-marginal" : "frame map-frame" }, canvas, axes, marker, area);
  const legend = element("div", { class: "legend" });
  const values = element("div", { class: "readout", "aria-live": "polite" });
  const caption = element("p", { class: "caption" });
  const box: PlotBox = { left: 66, top: 8, width: 100, height: 100 };
  let colouring: Colouring = plainColouring(shuffled, rowCount, [0, 0, 0]);
  let hovered: number | null = null;

  function chooseRows(): void {
    const x = xAxis().values;
    const y = yAxis().values;
    state.rows = shuffled.filter((row) => Number.isFinite(x[row]!) && Number.isFinite(y[row]!));
    const home = { x: padded(viewInterval(x, TAIL), 0.03), y: padded(viewInterval(y, TAIL), 0.03) };
    state.home = home;
    state.view = home;
  }

  function colourRows(): void {
    const column = columns[state.column];
    const { dark, accent } = currentTheme();
    if (column === undefined) colouring = plainColouring(state.rows, rowCount, parseColour(accent));
    else if (column.kind === "number") colouring = numberColouring(column, state.rows, dark);
    else colouring = categoryColouring(column, state.rows, dark, state.selected);
  }

  function paint(grid: CountGrid): void {
    const { dark, surface, ink } = currentTheme();
    const x = xAxis().values;
    const y = yAxis().values;
    paintCanvas(canvas, box.width, box.height, (context, width, height, scale) => {
      const image = context.createImageData(width, height);
      fillImage(image, parseColour(surface));
      if (state.mode === "density") paintDensity(image, grid, countColours(dark));
      else {
        const cloud = { horizontal: x, vertical: y, order: colouring.order, colours: colouring.colours };
        paintPoints(image, cloud, state.view.x, state.view.y, pointRadius(state.rows.length, box.width) * scale, state.rows.length > 3000 ? 0.75 : 0.85);
      }
      context.putImageData(image, 0, 0);
      if (state.mode === "both") strokeContours(context, grid, width, height, scale, ink, surface);
    });
  }

  function drawLegend(grid: CountGrid): void {
    const { dark } = currentTheme();
    const column = columns[state.column];
    const parts = state.mode === "density" ? densityLegend(grid.maximum, dark) : [];
    if (state.mode !== "density" || column?.kind === "category") parts.push(...columnLegend(column, colouring, dark, state.selected, toggleCategory));
    if (state.mode === "both" && grid.maximum >= 4) {
      parts.push(element("p", { class: "quiet contour-key" }, "Lines: equal density, each 3 times the next outer one."));
    }
    const focused = document.activeElement instanceof HTMLElement && legend.contains(document.activeElement) ? document.activeElement.dataset.code : undefined;
    legend.replaceChildren(...parts);
    if (focused !== undefined) legend.querySelector<HTMLElement>(`[data-code="${CSS.escape(focused)}"]`)?.focus();
  }

  function describe(): void {
    const x = xAxis().values;
    const y = yAxis().values;
    const { view } = state;
    let inside = 0;
    for (const row of state.rows) {
      if (x[row]! >= view.x.low && x[row]! <= view.x.high && y[row]! >= view.y.low && y[row]! <= view.y.high) inside++;
    }
    const parts = [
      latent.rows_shown < latent.rows_total
        ? `${formatCount(latent.rows_shown)} of ${formatPlural(latent.rows_total, "row")}, chosen at random.`
        : `${formatPlural(latent.rows_total, "row")}.`,
    ];
    const outside = state.rows.length - inside;
    if (outside > 0) parts.push(`${formatPlural(outside, "point")} outside the view.`);
    const missing = rowCount - state.rows.length;
    if (missing > 0) parts.push(`${formatPlural(missing, "row")} without a place on these axes.`);
    caption.textContent = parts.join(" ");
  }

  function draw(legendToo = true): void {
    const width = frame.clientWidth;
    const height = frame.clientHeight;
    if (width === 0 || height === 0) return;
    const narrow = width < 480;
    box.left = narrow ? 50 : 66;
    box.top = single ? MARGINAL_HEIGHT + 14 : 8;
    box.width = Math.max(40, Math.round(width - box.left - 10));
    box.height = Math.max(40, Math.round(height - box.top - 54));
    for (const layer of [canvas, area]) {
      layer.style.left = `${box.left}px`;
      layer.style.top = `${box.top}px`;
    }
    area.style.width = `${box.width}px`;
    area.style.height = `${box.height}px`;
    const cells = densityCells(state.rows.length);
    const grid = countRows(xAxis().values, yAxis().values, colouring.chosen, state.view.x, state.view.y, cells, Math.max(8, Math.round((cells * box.height) / box.width)));
    paint(grid);
    axes.setAttribute("width", String(width));
    axes.setAttribute("height", String(height));
    const style = narrow ? { ...LARGE_AXES, label: 11, title: 13, titleOffset: 38 } : LARGE_AXES;
    const y = yAxis();
    axes.replaceChildren(
      drawAxes(
        box,
        { interval: state.view.x, title: shortened(xAxis().name, 40), unit: xAxis().unit },
        { interval: state.view.y, title: shortened(y.name, 40), unit: y.unit, hideTicks: verticals.length === 0 },
        style,
      ),
    );
    if (single) axes.append(drawMarginal(xAxis().values, colouring.chosen, state.view.x, { ...box, top: 8, height: MARGINAL_HEIGHT }));
    describe();
    if (legendToo || state.mode === "density") drawLegend(grid);
    mark();
  }

  let waiting = false;
  function drawSoon(): void {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw(false);
    });
  }

  function mark(): void {
    const width = frame.clientWidth;
    marker.setAttribute("width", String(width));
    marker.setAttribute("height", String(frame.clientHeight));
    marker.replaceChildren();
    if (hovered === null) return;
    const { view } = state;
    const x = box.left + ((xAxis().values[hovered]! - view.x.low) / (view.x.high - view.x.low)) * box.width;
    const y = box.top + box.height - ((yAxis().values[hovered]! - view.y.low) / (view.y.high - view.y.low)) * box.height;
    marker.append(drawing("circle", { class: "halo", cx: x, cy: y, r: 6 }), drawing("circle", { class: "ring", cx: x, cy: y, r: 6 }));
  }

  function nearest(place: { x: number; y: number }): number | null {
    const { view } = state;
    const x = xAxis().values;
    const y = yAxis().values;
    const perX = box.width / (view.x.high - view.x.low);
    const perY = box.height / (view.y.high - view.y.low);
    const atX = view.x.low + place.x * (view.x.high - view.x.low);
    const atY = view.y.low + place.y * (view.y.high - view.y.low);
    let best: number | null = null;
    let distance = REACH * REACH;
    for (const row of colouring.chosen) {
      const squared = ((x[row]! - atX) * perX) ** 2 + ((y[row]! - atY) * perY) ** 2;
      if (squared < distance) {
        distance = squared;
        best = row;
      }
    }
    return best;
  }

  function hover(place: { x: number; y: number } | null): void {
    const row = place === null ? null : nearest(place);
    if (row === hovered) return;
    hovered = row;
    mark();
    values.replaceChildren(...readout(row, latents, columns, state.column));
  }

  function toggleCategory(code: number): void {
    if (!state.selected.delete(code)) state.selected.add(code);
    refresh();
  }

  function refresh(): void {
    colourRows();
    draw();
    values.replaceChildren(...readout(hovered, latents, columns, state.column));
  }

  function changeAxes(): void {
    hovered = null;
    chooseRows();
    refresh();
  }

  const control = controlView(area, {
    view: () => state.view,
    setView: (view) => {
      // Beyond a factor of 5,000 in, or 20 out, there is nothing to see and 32-bit floats run out of digits.
      const zoomX = (state.home.x.high - state.home.x.low) / (view.x.high - view.x.low);
      const zoomY = (state.home.y.high - state.home.y.low) / (view.y.high - view.y.low);
      if (Math.max(zoomX, zoomY) > 5000 || Math.min(zoomX, zoomY) < 0.05) return;
      state.view = view;
      drawSoon();
    },
    resetView: () => {
      state.view = state.home;
      drawSoon();
    },
    hover,
  });

  const tools = element("div", { class: "tools" });
  if (columns.length > 0) {
    const options = columns.map((column, index) => ({ value: String(index), text: shortened(column.name, 48) }));
    tools.append(
      choice("Colour", options, String(state.column), (value) => {
        state.column = Number(value);
        state.selected.clear();
        refresh();
      }),
    );
  }
  const modes = element("div", { class: "switch", role: "radiogroup", "aria-label": "What the map shows" });
  for (const { mode, text } of MODES) {
    const input = element("input", { type: "radio", name: "map-mode", value: mode });
    input.checked = mode === state.mode;
    input.addEventListener("change", () => {
      state.mode = mode;
      draw();
    });
    modes.append(element("label", {}, input, element("span", {}, text)));
  }
  tools.append(modes);
  const axisChoice = (label: string, choices: AxisChoice[], chosen: "x" | "y"): HTMLElement =>
    choice(label, choices.map((axis, index) => ({ value: String(index), text: shortened(axis.name, 32) })), String(state[chosen]), (value) => {
      state[chosen] = Number(value);
      changeAxes();
    });
  if (latents.length > 2) tools.append(axisChoice("Across", latents, "x"), axisChoice("Up", verticals, "y"));
  else if (single && verticals.length > 1) tools.append(axisChoice("Up", verticals, "y"));
  const zoom = element("div", { class: "zoom", role: "group", "aria-label": "Zoom" });
  const zoomButton = (text: string, title: string, action: () => void): void => {
    const button = element("button", { type: "button", title, "aria-label": title }, text);
    button.addEventListener("click", action);
    zoom.append(button);
  };
  zoomButton("+", "Zoom in", () => control.zoom(1 / 1.5));
  zoomButton("−", "Zoom out", () => control.zoom(1.5));
  zoomButton("Reset", "Show the whole map again", () => {
    state.view = state.home;
    draw();
  });
  tools.append(zoom);

  const figure = element("figure", { class: "map" }, element("div", { class: "map-main" }, frame, caption), element("div", { class: "map-side" }, legend, values));
  tools.append(saveButton("latent-map", () => figure));
  chooseRows();
  colourRows();
  values.replaceChildren(...readout(null, latents, columns, state.column));
  new ResizeObserver(() => draw()).observe(frame);
  onThemeChange(refresh);
  return element("div", { class: "map-block" }, tools, figure);
}
