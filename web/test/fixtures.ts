/** Report documents made up for the tests: small, seeded, and awkward in many ways. */

import type { Column, FeatureReconstruction, ReportDocument } from "../src/document.ts";

/** A small generator of uniform numbers (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export function float32Text(values: number[]): string {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeFloatLE(value, 4 * index));
  return bytes.toString("base64");
}

export function uint16Text(values: number[]): string {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, index) => bytes.writeUInt16LE(value, 2 * index));
  return bytes.toString("base64");
}

export function uint32Text(values: number[]): string {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32LE(value, 4 * index));
  return bytes.toString("base64");
}

function reconstructionOf(feature: string, unit: string | null, input: number[], spread: number, random: () => number): FeatureReconstruction {
  const bins = 24;
  const low = Math.min(...input);
  const high = Math.max(...input, low + 1e-9);
  const counts = new Array<number>(bins * bins).fill(0);
  const limit = 3 * spread;
  const residuals = new Array<number>(31).fill(0);
  let below = 0;
  let above = 0;
  let squares = 0;
  for (const value of input) {
    const residual = spread * normal(random);
    squares += residual * residual;
    const column = Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins));
    const row = Math.min(bins - 1, Math.max(0, Math.floor(((value + residual - low) / (high - low)) * bins)));
    counts[row * bins + column]! += 1;
    if (residual < -limit) below++;
    else if (residual >= limit) above++;
    else residuals[Math.floor(((residual + limit) / (2 * limit)) * residuals.length)]! += 1;
  }
  const rmse = Math.sqrt(squares / input.length);
  return {
    feature,
    unit,
    bins,
    low,
    high,
    counts: uint32Text(counts),
    residual: { low: -limit, high: limit, counts: residuals, below, above, rmse, bias: 0, median: 0, mad_sigma: spread },
  };
}

/** What a variant differs in. */
export interface FixtureOptions {
  rows?: number;
  latents?: number;
  features?: number;
  unit?: string | null;
  carried?: boolean;
}

/** A complete document. */
export function fixture({ rows = 1500, latents = 2, features = 5, unit = "mag", carried = true }: FixtureOptions = {}): ReportDocument {
  const random = uniform(7);
  const labels = ["star", "galaxy", "quasar"];
  const codes = Array.from({ length: rows }, () => (random() < 0.7 ? 0 : random() < 0.8 ? 1 : 2));
  const codeShift = (row: number): number => 2 * (codes[row] ?? 0);
  const latentValues = Array.from({ length: latents }, (_, latent) => Array.from({ length: rows }, (_, row) => normal(random) + (latent === 0 ? codeShift(row) : 0)));
  const names = Array.from({ length: features }, (_, index) => "ugriz"[index] ?? `pixel ${index + 1}`);
  const inputs = names.map((_, index) => Array.from({ length: rows }, (_, row) => 18 + (latentValues[index % Math.max(1, latents)]?.[row] ?? 0)));
  const featureColumns: Column[] = names.map((name, index) => ({ kind: "number", name, unit, values: float32Text(inputs[index]!) }));
  const carriedColumns: Column[] = [
    { kind: "number", name: "redshift", unit: null, values: float32Text(codes.map((code, row) => (row % 50 === 0 ? Number.NaN : code + random()))) },
    { kind: "category", name: "class", labels, codes: uint16Text(codes.map((code, row) => (row % 97 === 0 ? 65535 : code))) },
  ];
  const error: Column = { kind: "number", name: "reconstruction error", unit, values: float32Text(inputs[0]!.map(() => Math.exp(3 * normal(random)))) };
  const epochs = Array.from({ length: 80 }, (_, index) => index + 1);
  return {
    schema: 1,
    program: "lumenfold 0.1.0",
    title: "made-up stars",
    synthetic: true,
    notes: ["These data are made up."],
    data: { source: "stars.csv", rows, train_rows: Math.round(rows * 0.8), validation_rows: rows - Math.round(rows * 0.8), skipped_rows: 3, fingerprint: "0123456789abcdef", same_as_trained: true },
    features: names.map((name) => ({ name, unit })),
    model: { kind: "undercomplete", latent_dimension: latents, encoder: [features, 40, 40, latents], decoder: [latents, 40, 40, features], activation: "silu", norm: "layer", parameters: 11127, scaling: "standard" },
    training: {
      seed: 0,
      epochs: 80,
      best_epoch: 70,
      batch: 512,
      optimizer: "AdamW",
      learning_rate: 0.004,
      weight_decay: 0,
      schedule: "warm-up + cosine",
      stopped: "all epochs done",
      loss: { label: "mean squared error, scaled units", epoch: epochs, train: epochs.map((epoch) => 0.02 + Math.exp(-epoch / 9)), validation: epochs.map((epoch) => 0.021 + 1.03 * Math.exp(-epoch / 9)) },
    },
    errors: {
      rows_label: "300 held-out rows",
      unit,
      autoencoder: { mse: 0.01, rmse: 0.1, loss: 0.01, explained_variance: 0.98 },
      pca: [1, 2, 3].map((components) => ({ components, loss: 0.09 / components, mse: 0.09 / components, rmse: Math.sqrt(0.09 / components), explained_variance: 1 - 0.3 / components })),
      per_feature: names.map((name) => ({ name, unit, autoencoder: 0.1, pca: [0.3, 0.2, 0.05] })),
    },
    latent: { names: latentValues.map((_, index) => `z${index + 1}`), rows_shown: rows, rows_total: 2 * rows, values: latentValues.map(float32Text) },
    columns: [...(carried ? carriedColumns : []), ...featureColumns, error],
    reconstruction: names.map((name, index) => reconstructionOf(name, unit, inputs[index]!, 0.1 + 0.01 * (index % 7), random)),
  };
}

/** No columns, no held-out rows, no units, and PCA wins. */
export function bareFixture(): ReportDocument {
  const report = fixture({ unit: null, carried: false });
  report.columns = [];
  report.notes = [];
  report.synthetic = false;
  report.data.same_as_trained = false;
  report.training.best_epoch = null;
  report.training.loss.validation = null;
  report.errors.autoencoder = { mse: 0.5, rmse: Math.sqrt(0.5), loss: 0.5, explained_variance: -0.2 };
  return report;
}

/** Names that are markup, numbers at the ends of what floats hold, columns without values, an outlier in the latents. */
export function hostileFixture(): ReportDocument {
  const markup = '</script><img src="https://example.invalid/x" onerror="document.title=\'owned\'"><b>';
  const report = fixture({ rows: 400, latents: 3 });
  const rows = report.latent.rows_shown;
  const fill = (value: number): string => float32Text(new Array<number>(rows).fill(value));
  report.title = `${markup} ${"very-long-name-".repeat(30)}`;
  report.notes = [markup];
  report.data.source = markup;
  report.training.stopped = markup;
  report.training.seed = 123456789;
  report.training.learning_rate = 1e-9;
  report.features = report.features.map((feature) => ({ ...feature, name: feature.name + markup, unit: "<i>mag</i>" }));
  report.errors.unit = null;
  report.errors.autoencoder = { mse: null, rmse: null, loss: null, explained_variance: null };
  report.errors.per_feature = [
    { name: markup, unit: null, autoencoder: 1e-30, pca: [1e30, null, 0] },
    { name: "constant", unit: "eV", autoencoder: 0, pca: [0, 0, 0] },
  ];
  report.columns = [
    { kind: "number", name: "nothing", unit: "mm", values: fill(Number.NaN) },
    { kind: "number", name: "constant", unit: "mm", values: fill(4) },
    { kind: "number", name: "zero", unit: null, values: fill(0) },
    { kind: "number", name: "huge", unit: null, values: float32Text(Array.from({ length: rows }, (_, row) => row * 1e35)) },
    { kind: "number", name: "tiny", unit: null, values: float32Text(Array.from({ length: rows }, (_, row) => row * 1e-30)) },
    { kind: "number", name: "infinite", unit: null, values: float32Text(Array.from({ length: rows }, (_, row) => (row % 2 ? Infinity : row))) },
    { kind: "number", name: markup, unit: markup, values: float32Text(Array.from({ length: rows }, (_, row) => row)) },
    { kind: "category", name: "many labels", labels: Array.from({ length: 300 }, (_, index) => (index === 0 ? "" : `${markup}${index}`)), codes: uint16Text(Array.from({ length: rows }, (_, row) => row % 300)) },
    { kind: "category", name: "no labels", labels: [], codes: uint16Text(new Array<number>(rows).fill(65535)) },
  ];
  const first = Array.from({ length: rows }, (_, row) => row / rows);
  first[0] = 1e30;
  first[1] = Number.NaN;
  report.latent.values[0] = float32Text(first);
  report.latent.values[2] = fill(1);
  report.training.loss.train = report.training.loss.epoch.map((epoch) => (epoch === 5 ? null : -epoch));
  report.training.loss.validation = report.training.loss.epoch.map(() => null);
  const entry = report.reconstruction[0]!;
  entry.feature = markup;
  entry.high = entry.low;
  entry.counts = uint32Text(new Array<number>(entry.bins * entry.bins).fill(0));
  entry.residual = { low: 0, high: 0, counts: [], below: 0, above: 0, rmse: null, bias: null, median: null, mad_sigma: null };
  return report;
}
