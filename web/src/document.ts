/**
 * The report document: what the program writes into the page.
 *
 * Everything below arrives as one JSON object inside `<script id="report-data">`. Numbers that are not finite
 * are written as `null`, since JSON has no word for them; long columns are base64 of little-endian binary.
 * Names and labels come from users' files and are never trusted: they reach the page as text only.
 */

/** Base64 of little-endian 32-bit floats; a missing value is NaN. */
export type Base64Float32 = string;
/** Base64 of little-endian unsigned 16-bit integers. */
export type Base64Uint16 = string;
/** Base64 of little-endian unsigned 32-bit integers. */
export type Base64Uint32 = string;

/** A number that may have come out as NaN or infinite, which JSON can only write as null. */
export type MaybeNumber = number | null;

/** The whole report. */
export interface ReportDocument {
  /** Version of this layout; this page reads version 1. */
  schema: 1;
  /** Name and version of the program that wrote the document, such as `lumenfold 0.1.0`. */
  program: string;
  /** Heading of the page, usually the name of the data file. */
  title: string;
  /** True when the data were made by the program rather than measured. */
  synthetic: boolean;
  /** Remarks and warnings in plain English, shown under the heading. */
  notes: string[];
  data: DataSummary;
  /** The features that were learned, in the order of the model's input. */
  features: Feature[];
  model: ModelSummary;
  training: TrainingRecord;
  errors: ErrorSummary;
  latent: LatentTable;
  /** Columns to colour the latent map by: carried columns, input features, the reconstruction error. */
  columns: Column[];
  /** One entry for each feature, in the order of `features`; may be empty. */
  reconstruction: FeatureReconstruction[];
  /** Of models that judge anomalies only. */
  anomalies?: AnomalySummary;
  /** Of samples with axes only. With many values, `features` and all that is told feature by feature are empty. */
  samples?: SamplePlots;
}

/** Rows as a detector judges them. */
export interface AnomalySummary {
  /** What the score is made of, such as `mahalanobis`. */
  measures: string[];
  /** Autoencoders of the ensemble. */
  members: number;
  /** Held-out rows that p-values are calibrated on. */
  calibration_rows: number;
  /** The rate of false alarms at which rows are flagged. */
  rate: number;
  rows: number;
  /** Rows whose p-value is at most the rate. */
  outliers: number;
  /** How many rows have a p-value in each of as many equal bins from 0 to 1. */
  p_values: number[];
  baselines: AnomalyBaseline[];
  /** The rows with the highest scores, highest first. */
  most: AnomalousRow[];
}

/** What a simple method flags at the same rate, calibrated on the same rows. */
export interface AnomalyBaseline {
  /** `pca`, `isolation_forest` or `nearest_neighbours`. */
  name: string;
  flagged: number;
  /** Of these, rows that the detector flags too. */
  shared: number;
}

export interface AnomalousRow {
  /** The file. */
  source: string;
  /** Its row in it, counted from 1. */
  row: number;
  score: MaybeNumber;
  p_value: MaybeNumber;
  /** The features with the largest shares, largest first. */
  features: StandingOut[];
}

export interface StandingOut {
  name: string;
  unit: string | null;
  value: MaybeNumber;
  /** What the ensemble expects, given the row, and the standard deviation of that. */
  expected: MaybeNumber;
  uncertainty: MaybeNumber;
  /** Share of the score. */
  share: MaybeNumber;
}

/** Where the rows came from and how they were divided. */
export interface DataSummary {
  /** Path or name of the data file. */
  source: string;
  /** Rows used: training and held-out rows together. */
  rows: number;
  train_rows: number;
  validation_rows: number;
  /** Rows left out because a value was missing or unusable. */
  skipped_rows: number;
  /** Hexadecimal fingerprint of the data. */
  fingerprint: string;
  /** False when the report is about other data than the model was trained on. */
  same_as_trained: boolean;
}

/** One number of a sample. */
export interface Feature {
  name: string;
  unit: string | null;
}

/** The architecture of the trained model. */
export interface ModelSummary {
  /** `undercomplete`, `sparse`, `denoising` or `variational`. */
  kind: string;
  latent_dimension: number;
  /** Widths of the encoder's layers, from the features to the latent. */
  encoder: number[];
  /** Widths of the decoder's layers, from the latent to the features. */
  decoder: number[];
  activation: string;
  norm: string;
  parameters: number;
  /** How features are scaled before the network sees them. */
  scaling: string;
}

/** How the model was trained. */
export interface TrainingRecord {
  seed: number;
  /** Epochs that were run. */
  epochs: number;
  /** Epoch whose weights were kept, counted as in `loss.epoch`; null when none was singled out. */
  best_epoch: number | null;
  batch: number;
  optimizer: string;
  learning_rate: number;
  weight_decay: number;
  schedule: string;
  /** Why training ended, in words. */
  stopped: string;
  loss: LossHistory;
}

/** Loss after each epoch. The arrays are equally long. */
export interface LossHistory {
  /** What the loss is and in which units, such as `mean squared error, scaled units`. */
  label: string;
  epoch: number[];
  train: MaybeNumber[];
  /** Loss on held-out rows; null when no rows were held out. */
  validation: MaybeNumber[] | null;
}

/** Reconstruction error of the autoencoder beside that of PCA, in original units. */
export interface ErrorSummary {
  /** Which rows were measured, such as `4,319 held-out rows`. */
  rows_label: string;
  /** Unit of every feature, or null when features differ or have none. */
  unit: string | null;
  autoencoder: ErrorMeasure;
  /** PCA with 1, 2, 3… components; the page shows every entry that is here. */
  pca: PcaErrorMeasure[];
  per_feature: FeatureErrors[];
}

/** Error over all features of all measured rows. */
export interface ErrorMeasure {
  /** Mean squared error, original units squared. */
  mse: MaybeNumber;
  /** Root of `mse`, original units. */
  rmse: MaybeNumber;
  /** What training minimises, in the units of the loss: the measure by which the autoencoder and PCA are compared. */
  loss: MaybeNumber;
  /** 1 − (sum of squared residuals) / (sum of squared deviations from the mean); may be negative. */
  explained_variance: MaybeNumber;
}

/** The same for PCA with a number of components. */
export interface PcaErrorMeasure extends ErrorMeasure {
  components: number;
}

/** Root-mean-square error of one feature, in its own unit. */
export interface FeatureErrors {
  name: string;
  unit: string | null;
  autoencoder: MaybeNumber;
  /** One value for each entry of `ErrorSummary.pca`. */
  pca: MaybeNumber[];
}

/** The latent codes of the rows that the map shows. */
export interface LatentTable {
  /** `z1`, `z2`, …; one name for each entry of `values`. */
  names: string[];
  /** Rows in `values`: all of them, or a random choice when there are too many to send. */
  rows_shown: number;
  rows_total: number;
  values: Base64Float32[];
}

/** One column to colour by; as many rows as the latent table, in the same order. */
export type Column = NumberColumn | CategoryColumn;

/** A column of numbers. */
export interface NumberColumn {
  kind: "number";
  name: string;
  unit: string | null;
  values: Base64Float32;
}

/** A column of labels. */
export interface CategoryColumn {
  kind: "category";
  name: string;
  /** The distinct labels; a code is an index into this list. */
  labels: string[];
  /** One code for each row; 65535 where the label is missing. */
  codes: Base64Uint16;
}

/** The code of a missing label. */
export const MISSING_CODE = 65535;

/** How well one feature is reconstructed, as counts. */
export interface FeatureReconstruction {
  feature: string;
  unit: string | null;
  /** Bins along each side of `counts`. */
  bins: number;
  /** Range of both axes, original units. */
  low: number;
  high: number;
  /** bins × bins counts, row-major: [reconstruction bin][input bin], both from low to high. */
  counts: Base64Uint32;
  residual: ResidualHistogram;
}

/** Distribution of reconstruction − input. */
export interface ResidualHistogram {
  low: number;
  high: number;
  /** Counts in equal bins from `low` to `high`. */
  counts: number[];
  /** Rows below `low` and above `high`. */
  below: number;
  above: number;
  rmse: MaybeNumber;
  /** Mean of the residual. */
  bias: MaybeNumber;
  median: MaybeNumber;
  /** 1.4826 × the median absolute deviation from the median. */
  mad_sigma: MaybeNumber;
}

/** What is drawn of samples with axes: spectra, maps, volumes. */
export interface SamplePlots {
  /** Values of a sample: the product of the axes' sizes. */
  values: number;
  axes: SampleAxis[];
  /** Where PCA is better: that, with what may be the reason and what to do, in sentences. */
  verdict: string | null;
  /** Samples that were measured. */
  judged: number;
  /** The line of a spectrum, the plane of a map, three planes of a volume. */
  views: SampleView[];
  /** In the order of their errors, the best first. */
  triplets: Triplet[];
  /** One entry for each axis. */
  error_along: ErrorAlong[];
  /** Root-mean-square residual over samples and all other axes, for each of `views` that is a plane. */
  error_planes: Packed[];
  /** Null where codes do not vary. */
  decoded: DecodedPlane | null;
}

/** A dimension of a sample. */
export interface SampleAxis {
  name: string;
  unit: string | null;
  bins: number;
  /** Centres of the first bin and of the last. */
  first: number;
  last: number;
}

/** A line or a plane through a sample. */
export interface SampleView {
  across: ViewSide;
  /** Null for a line. */
  up: ViewSide | null;
  /** Whether the upright axis begins at the top, as the lines of an image do. */
  down: boolean;
}

/** A side of a view. */
export interface ViewSide {
  /** Index into `SamplePlots.axes`. */
  axis: number;
  /** Centres of what is drawn as one bin, ascending or descending. */
  grid: number[];
  /** Bins of the axis that are averaged in one of these, at most. */
  averaged: number;
}

/** Numbers in sixteen bits: `low` + code / 65534 × (`high` − `low`); the code 65535 stands for a missing one. */
export interface Packed {
  low: number;
  high: number;
  codes: Base64Uint16;
}

/** A judged sample with its reconstruction. */
export interface Triplet {
  place: "best" | "median" | "worst";
  /** Judged samples with a smaller error. */
  rank: number;
  /** File and row, counted from 1. */
  source: string;
  row: number;
  /** Root-mean-square residual over all values, original units. */
  rmse: MaybeNumber;
  /** Of a volume, where the planes cut each axis; otherwise empty. */
  cut: number[];
  /** One for each of `SamplePlots.views`. */
  parts: TripletPart[];
}

/** A sample in one view: [up][across]. The reconstruction is `original` − `residual`. */
export interface TripletPart {
  original: Packed;
  residual: Packed;
}

/** Root-mean-square residual over samples and all other axes, against one axis. */
export interface ErrorAlong {
  side: ViewSide;
  autoencoder: Base64Float32;
  /** Components of the PCA that is compared; null where it is not known. */
  components: number | null;
  pca: Base64Float32 | null;
}

/** Samples decoded at the points of a grid in a plane of latent space (on a line, for one latent). */
export interface DecodedPlane {
  /** Of the directions: `z1` and `z2`, or words. */
  names: string[];
  /** The code from which coordinates count. */
  centre: number[];
  /** Unit vectors in latent space, one or two. */
  directions: number[][];
  /** Of codes longer than two: the rows of the latent table along each direction; otherwise empty. */
  coordinates: Base64Float32[];
  /** Coordinates of the points along the first direction. */
  across: number[];
  /** Along the second; empty for one latent. */
  up: number[];
  /** Rows of the latent table near each point: [up][across]. */
  rows: number[];
  view: SampleView;
  /** Of a volume, where the plane cuts each axis; otherwise empty. */
  cut: number[];
  /** [point up][point across][up][across] */
  values: Packed;
}

/** Reads the document out of the page; an Error says in words what is wrong. */
export function readDocument(text: string): ReportDocument {
  if (text.trim().startsWith("__LUMENFOLD_")) {
    throw new Error("This is the empty page: the program puts a report into it.");
  }
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new Error("The report's data are not an object.");
  const schema = (value as { schema?: unknown }).schema;
  if (schema !== 1) throw new Error(`The report has layout ${String(schema)}; this page reads layout 1.`);
  return value as ReportDocument;
}
