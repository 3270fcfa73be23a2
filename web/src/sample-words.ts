/** Axes and places of samples, in words. */

import type { SampleAxis, SamplePlots, SampleView, Triplet, ViewSide } from "./document.ts";
import { formatCount, formatNumber, formatPlural, formatSetting, shortened } from "./format.ts";

const UNITS: Record<string, string> = { "1/angstrom": "Å⁻¹", angstrom: "Å", "1/cm": "cm⁻¹", "1/nm": "nm⁻¹", um: "µm", us: "µs", degC: "°C" };

/** A unit as a paper prints it. */
export function unitText(unit: string | null): string | null {
  return unit === null ? null : (UNITS[unit] ?? unit);
}

/** The name of an axis as a paper prints it: momentum_transfer → momentum transfer. */
export function axisName(axis: SampleAxis | undefined): string {
  return shortened((axis?.name ?? "").replaceAll("_", " ").trim(), 40);
}

/** `samples of 60 × 50 values`, `spectra of 700 values`. */
export function shapeText(axes: SampleAxis[]): string {
  const sizes = axes.map((axis) => formatCount(axis.bins)).join(" × ");
  return `${axes.length === 1 ? "spectra" : "samples"} of ${sizes} values`;
}

/** `energy 3.5 meV` */
export function placeText(axis: SampleAxis | undefined, value: number | undefined): string {
  const unit = unitText(axis?.unit ?? null);
  return `${axisName(axis)} ${formatSetting(value)}${unit === null ? "" : ` ${unit}`}`;
}

/** `energy: 50 bins, −5 to 34.2 meV` */
export function rangeText(axis: SampleAxis): string {
  const unit = unitText(axis.unit);
  return `${axisName(axis)}: ${formatPlural(axis.bins, "bin")}, ${formatSetting(axis.first)} to ${formatSetting(axis.last)}${unit === null ? "" : ` ${unit}`}`;
}

/** Where a view cuts the axes that it does not show; empty where there are none. */
export function cutText(plots: SamplePlots, view: SampleView, cut: number[]): string {
  const shown = [view.across.axis, view.up?.axis];
  const others = plots.axes.map((axis, index) => ({ axis, index })).filter(({ index }) => !shown.includes(index) && cut[index] !== undefined);
  return others.length === 0 ? "" : `at ${others.map(({ axis, index }) => placeText(axis, cut[index])).join(", ")}`;
}

/** What was averaged to draw a view; empty where nothing was. */
export function averagedText(plots: SamplePlots, view: SampleView): string {
  const sides = [view.across, view.up].filter((side): side is ViewSide => side !== null && side.averaged > 1);
  return sides.map((side) => `up to ${side.averaged} of the ${formatCount(plots.axes[side.axis]?.bins)} bins of ${axisName(plots.axes[side.axis])}`).join(" and ");
}

/** `Best: row 17` */
export function tripletTitle(triplet: Triplet, several: boolean): string {
  const place = triplet.place[0]!.toUpperCase() + triplet.place.slice(1);
  return `${place}: row ${formatCount(triplet.row)}${several ? ` of ${shortened(triplet.source, 30)}` : ""}`;
}

/** `rms residual 0.012 mag` */
export function errorText(triplet: Triplet, unit: string | null): string {
  const text = formatNumber(triplet.rmse);
  return `rms residual ${unit === null ? text : `${text} ${unit}`}`;
}
