/** How large errors are along each axis, beside PCA; and, for planes, where they are. */

import { countColours } from "./colours.ts";
import { decodeFloat32 } from "./decode.ts";
import type { ErrorAlong, ReportDocument, SamplePlots } from "./document.ts";
import { element } from "./element.ts";
import { formatPlural, formatQuantity, withUnit } from "./format.ts";
import { decodePacked } from "./packed.ts";
import { colourRange, planeRow } from "./plane.ts";
import { axisName, placeText } from "./sample-words.ts";
import { saveButton } from "./save-picture.ts";
import { lineKey, linePanel, linesInterval } from "./spectrum.ts";
import { onThemeChange } from "./theme.ts";

function largest(values: ArrayLike<number>): number {
  let at = 0;
  for (let index = 1; index < values.length; index++) if (!(values[index]! <= values[at]!)) at = index;
  return at;
}

function alongPanel(report: ReportDocument, plots: SamplePlots, along: ErrorAlong): { node: HTMLElement; draw: () => void } {
  const { unit } = report.errors;
  const axis = plots.axes[along.side.axis];
  const own = decodeFloat32(along.autoencoder);
  const rival = along.pca === null ? null : decodeFloat32(along.pca);
  const lines = [...(rival === null ? [] : [{ className: "pca", values: rival }]), { className: "reconstructed", values: own }];
  const at = largest(own);
  const label = `Root-mean-square residual along ${axisName(axis)}${rival === null ? "" : ", beside PCA"}: largest ${formatQuantity(own[at], unit)} at ${placeText(axis, along.side.grid[at])}.`;
  const interval = { low: 0, high: linesInterval(lines).high };
  if (!(interval.high > 0)) interval.high = 1;
  return linePanel(axis, along.side, [{ title: "rms residual", unit, lines, height: 210, zero: false, interval }], label);
}

/** Builds the figure. */
export function errorAlongFigure(report: ReportDocument, plots: SamplePlots): { figure: HTMLElement; save: HTMLButtonElement } {
  const { unit } = report.errors;
  const panels = plots.error_along.map((along) => alongPanel(report, plots, along));
  const planes = plots.views.filter((view) => view.up !== null);
  plots.error_planes.forEach((packed, index) => {
    const view = planes[index];
    if (view === undefined) return;
    const values = decodePacked(packed);
    const range = { low: 0, high: colourRange(values).high };
    if (!(range.high > 0)) range.high = 1;
    const across = [view.across, view.up ?? view.across].map((side) => axisName(plots.axes[side.axis])).join(" and ");
    panels.push(planeRow(plots, view, [{ title: withUnit("rms residual", unit), values, range, map: countColours, bar: true }], `Root-mean-square residual over ${across}, largest ${formatQuantity(packed.high, unit)}.`, 420));
  });
  const components = plots.error_along[0]?.components ?? null;
  const entries = [{ className: "reconstructed", text: "autoencoder" }];
  if (components !== null) entries.push({ className: "pca", text: `PCA, ${formatPlural(components, "component")}` });
  const grid = element("div", { class: "along" }, ...panels.map(({ node }) => node));
  const figure = element("figure", {}, lineKey(entries), grid);
  const sizes = new ResizeObserver(() => panels.forEach(({ draw }) => draw()));
  sizes.observe(grid);
  onThemeChange(() => panels.forEach(({ draw }) => draw()));
  return { figure, save: saveButton("errors-along-axes", () => figure) };
}
