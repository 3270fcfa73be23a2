/** Samples with their reconstructions and residuals: the best, some near the median, the worst. */

import { numberColours, residualColours } from "./colours.ts";
import type { ReportDocument, SamplePlots, SampleView, Triplet } from "./document.ts";
import { element } from "./element.ts";
import { formatCount, formatNumber, withUnit } from "./format.ts";
import { decodePacked, minus } from "./packed.ts";
import { colourRange, planeRow, symmetricRange } from "./plane.ts";
import { averagedText, cutText, errorText, placeText, tripletTitle } from "./sample-words.ts";
import { saveButton } from "./save-picture.ts";
import { lineKey, linePanel } from "./spectrum.ts";
import { onThemeChange } from "./theme.ts";

interface Panel {
  node: HTMLElement;
  draw: () => void;
}

/** Where the residual of a view is largest, in words. */
function largestResidual(plots: SamplePlots, view: SampleView, residual: Float64Array, unit: string | null): string {
  let at = 0;
  residual.forEach((value, index) => {
    if (Math.abs(value) > Math.abs(residual[at] ?? 0) || Number.isNaN(residual[at])) at = index;
  });
  const wide = view.across.grid.length;
  const places = [placeText(plots.axes[view.across.axis], view.across.grid[at % wide])];
  if (view.up !== null) places.push(placeText(plots.axes[view.up.axis], view.up.grid[Math.floor(at / wide)]));
  return `largest residual ${formatNumber(residual[at])}${unit === null ? "" : ` ${unit}`} at ${places.join(", ")}`;
}

/** One view of one sample. */
function panel(report: ReportDocument, plots: SamplePlots, triplet: Triplet, index: number): Panel | null {
  const view = plots.views[index];
  const part = triplet.parts[index];
  if (view === undefined || part === undefined) return null;
  const { unit } = report.errors;
  const original = decodePacked(part.original);
  const residual = decodePacked(part.residual);
  const reconstruction = minus(original, residual);
  const label = `${tripletTitle(triplet, false)}, ${errorText(triplet, unit)}: original, reconstruction and residual; ${largestResidual(plots, view, residual, unit)}.`;
  if (view.up === null) {
    return linePanel(
      plots.axes[view.across.axis],
      view.across,
      [
        { title: "value", unit, height: 170, zero: false, lines: [{ className: "original", values: original }, { className: "reconstructed", values: reconstruction }] },
        { title: "residual", unit, height: 78, zero: true, lines: [{ className: "residual", values: residual }] },
      ],
      label,
    );
  }
  const range = colourRange(original, reconstruction);
  return planeRow(
    plots,
    view,
    [
      { title: withUnit("Original", unit), values: original, range, map: numberColours, bar: false },
      { title: withUnit("Reconstruction", unit), values: reconstruction, range, map: numberColours, bar: true },
      { title: withUnit("Residual", unit), values: residual, range: symmetricRange(residual), map: residualColours, bar: true },
    ],
    label,
  );
}

/** Builds the figure; null when there are no samples. */
export function tripletsFigure(report: ReportDocument, plots: SamplePlots): { figure: HTMLElement; save: HTMLButtonElement } | null {
  if (plots.triplets.length === 0) return null;
  const several = new Set(plots.triplets.map((triplet) => triplet.source)).size > 1;
  const lines = plots.axes.length === 1;
  const samples = element("div", { class: lines ? "samples lines" : "samples planes" });
  const figure = element("figure", { class: "triplets" }, samples);
  if (lines) figure.prepend(lineKey([{ className: "original", text: "original" }, { className: "reconstructed", text: "reconstruction" }, { className: "residual", text: "residual: original − reconstruction" }]));
  const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => panels.get(target)?.draw()));
  const panels = new Map<Element, Panel>();

  function block(triplet: Triplet): HTMLElement {
    const title = element("h3", { "data-picture": "text" }, tripletTitle(triplet, several));
    const error = element("p", { class: "quiet", "data-picture": "text" }, `${errorText(triplet, report.errors.unit)}, rank ${formatCount(triplet.rank + 1)} of ${formatCount(plots.judged)}`);
    const node = element("div", { class: "sample" }, element("div", { class: "sample-head" }, title, error));
    plots.views.forEach((view, index) => {
      const made = panel(report, plots, triplet, index);
      if (made === null) return;
      const cut = cutText(plots, view, triplet.cut);
      if (cut !== "") node.append(element("p", { class: "cut", "data-picture": "text" }, cut));
      node.append(made.node);
      panels.set(made.node, made);
      sizes.observe(made.node);
    });
    return node;
  }

  // Of images one for each place until the reader asks for more: the best, a middle one and the worst.
  const { triplets } = plots;
  const few = lines ? triplets : triplets.filter((triplet, index) => (triplet.place === "worst" ? index === triplets.length - 1 : triplets[index - 1]?.place !== triplet.place));
  function show(chosen: Triplet[]): void {
    sizes.disconnect();
    panels.clear();
    samples.replaceChildren(...chosen.map(block));
  }
  show(few);
  if (few.length < triplets.length) {
    const text = `Show all ${formatCount(triplets.length)} samples`;
    const more = element("button", { type: "button", class: "more", "aria-expanded": "false" }, text);
    more.addEventListener("click", () => {
      const open = more.getAttribute("aria-expanded") === "true";
      show(open ? few : triplets);
      more.setAttribute("aria-expanded", String(!open));
      more.textContent = open ? text : `Show ${formatCount(few.length)} samples`;
    });
    figure.append(more);
  }
  onThemeChange(() => panels.forEach(({ draw }) => draw()));
  return { figure, save: saveButton("samples", () => figure) };
}

/** What is said under the heading. */
export function tripletsText(report: ReportDocument, plots: SamplePlots): string {
  const parts = [`Of ${report.errors.rows_label}, those with the least, a middle and the largest rms residual. Residual: original − reconstruction.`];
  if (plots.axes.length > 1) parts.push("Original and reconstruction share a colour scale, which leaves out the outermost 0.2 % of the values at each end (arrowheads).");
  if (plots.axes.length > 2) parts.push("Volumes are cut at the largest value of the original.");
  const averaged = [...new Set(plots.views.map((view) => averagedText(plots, view)).filter((text) => text !== ""))];
  if (averaged.length > 0) parts.push(`Drawn with fewer bins: means of ${averaged.join("; ")}.`);
  return parts.join(" ");
}
