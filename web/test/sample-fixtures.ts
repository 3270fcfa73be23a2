/** Report documents of samples with axes made up for the tests: spectra, maps, volumes, and awkward ones. */

import type { DecodedPlane, Packed, ReportDocument, SampleAxis, SamplePlots, SampleView, Triplet, ViewSide } from "../src/document.ts";
import { fixture, float32Text, uint16Text, uniform } from "./fixtures.ts";

/** As the program packs numbers. */
export function pack(values: number[]): Packed {
  const finite = values.filter((value) => Number.isFinite(value));
  const low = finite.length > 0 ? Math.min(...finite) : 0;
  const high = finite.length > 0 ? Math.max(...finite) : 0;
  const code = (value: number): number => (!Number.isFinite(value) ? 65535 : high > low ? Math.round(((value - low) / (high - low)) * 65534) : 0);
  return { low, high, codes: uint16Text(values.map(code)) };
}

export interface SampleOptions {
  /** Bins of each axis. */
  sizes: number[];
  latents?: number;
  /** Axes that count pixels. */
  pixels?: boolean;
  descending?: boolean;
}

function peak(length: number, centre: number): number[] {
  return Array.from({ length }, (_, bin) => Math.exp(-(((bin - centre) / (0.12 * length + 0.5)) ** 2)));
}

/** A report of samples with as many axes as there are sizes. */
export function sampleFixture({ sizes, latents = 2, pixels = false, descending = false }: SampleOptions): ReportDocument {
  const random = uniform(11);
  const report = fixture({ latents, rows: 300, unit: null });
  const names = ["momentum_transfer", "energy_transfer", "temperature"];
  const units = ["1/angstrom", "meV", "K"];
  const grids = sizes.map((bins) => Array.from({ length: bins }, (_, bin) => (pixels ? bin : 0.5 + 0.25 * (descending ? bins - bin : bin))));
  const axes: SampleAxis[] = sizes.map((bins, index) => ({ name: pixels ? `axis${index + 1}` : names[index]!, unit: pixels ? null : units[index]!, bins, first: grids[index]![0]!, last: grids[index]![bins - 1]! }));
  const side = (axis: number): ViewSide => ({ axis, grid: grids[axis]!, averaged: 1 });
  const views: SampleView[] =
    sizes.length === 1
      ? [{ across: side(0), up: null, down: false }]
      : (sizes.length === 2 ? [[0, 1]] : [[0, 1], [0, 2], [1, 2]]).map((pair) => ({ across: side(pair[1]!), up: side(pair[0]!), down: pixels }));
  const picture = (view: SampleView, noise: number): number[] => {
    const across = peak(view.across.grid.length, random() * view.across.grid.length);
    const up = view.up === null ? [1] : peak(view.up.grid.length, random() * view.up.grid.length);
    return up.flatMap((height) => across.map((value) => value * height + noise * (random() - 0.5)));
  };
  const triplets: Triplet[] = (["best", "median", "worst"] as const).flatMap((place, index) =>
    [0, 1, 2].map((number) => ({
      place,
      rank: index * 30 + number,
      source: "samples.npz",
      row: 17 * index + number + 1,
      rmse: 0.01 * (1 + index * 3 + number),
      cut: sizes.length > 2 ? grids.map((grid) => grid[Math.floor(grid.length / 2)]!) : [],
      parts: views.map((view) => ({ original: pack(picture(view, 0.05)), residual: pack(picture(view, 0.1).map((value) => 0.1 * (value - 0.3))) })),
    })),
  );
  const points = 7;
  const view = views[views.length - 1]!;
  const coordinates = Array.from({ length: points }, (_, point) => (point - 3) * 0.5);
  const lines = latents === 1 ? 1 : points;
  const decoded: DecodedPlane = {
    names: latents > 2 ? ["principal direction 1", "principal direction 2"] : ["z1", "z2"].slice(0, latents),
    centre: new Array<number>(latents).fill(0),
    directions: Array.from({ length: Math.min(2, latents) }, (_, direction) => Array.from({ length: latents }, (_, latent) => (latent === direction ? 1 : 0))),
    coordinates: latents > 2 ? report.latent.values.slice(0, 2) : [],
    across: coordinates,
    up: latents === 1 ? [] : coordinates,
    rows: Array.from({ length: points * lines }, (_, cell) => (cell === 10 % (points * lines) ? 80 : cell % 4)),
    view,
    cut: sizes.length > 2 ? grids.map((grid) => grid[0]!) : [],
    values: pack(Array.from({ length: points * lines }, () => picture(view, 0)).flat()),
  };
  const samples: SamplePlots = {
    values: sizes.reduce((product, size) => product * size, 1),
    axes,
    verdict: null,
    judged: 90,
    views,
    triplets,
    error_along: axes.map((_, axis) => ({ side: side(axis), autoencoder: float32Text(grids[axis]!.map(() => 0.1 + random())), components: 2, pca: float32Text(grids[axis]!.map(() => 0.2 + random())) })),
    error_planes: views.filter(({ up }) => up !== null).map((plane) => pack(picture(plane, 0.1).map(Math.abs))),
    decoded,
  };
  return { ...report, features: [], reconstruction: [], errors: { ...report.errors, per_feature: [] }, samples };
}

/** Axes named in markup, single bins, missing and equal numbers, nothing decoded, no rival. */
export function hostileSamples(sizes: number[]): ReportDocument {
  const markup = '</script><img src="https://example.invalid/x"><b>';
  const report = sampleFixture({ sizes });
  const samples = report.samples!;
  samples.axes.forEach((axis) => {
    axis.name = `${markup}_${"long".repeat(40)}`;
    axis.unit = markup;
  });
  samples.verdict = markup;
  samples.decoded = null;
  const nothing = (packed: Packed): Packed => pack(new Array<number>(Buffer.from(packed.codes, "base64").length / 2).fill(Number.NaN));
  const flat = (packed: Packed): Packed => pack(new Array<number>(Buffer.from(packed.codes, "base64").length / 2).fill(7));
  samples.triplets.forEach((triplet, index) => {
    triplet.source = `${markup}${index}`;
    triplet.rmse = index === 0 ? null : triplet.rmse;
    triplet.parts = triplet.parts.map(({ original, residual }) => (index % 3 === 0 ? { original: nothing(original), residual: nothing(residual) } : { original: flat(original), residual: flat(residual) }));
  });
  samples.error_along.forEach((along) => {
    along.autoencoder = float32Text(along.side.grid.map((_, bin) => (bin === 0 ? Number.NaN : 0)));
    along.components = null;
    along.pca = null;
  });
  samples.error_planes = samples.error_planes.map(nothing);
  return report;
}
