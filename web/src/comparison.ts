/** The autoencoder against PCA with as many components as there are latents. */

import type { PcaErrorMeasure, ReportDocument } from "./document.ts";

/** Values of a sample. */
export function featureCount(report: ReportDocument): number {
  return report.samples?.values ?? report.features.length;
}

/**
 * The fair rival: PCA with as many components as there are latents, or as features where these are fewer; null when the
 * report has none.
 */
export function fairRival(report: ReportDocument): PcaErrorMeasure | null {
  const components = Math.min(report.model.latent_dimension, featureCount(report));
  return report.errors.pca.find((measure) => measure.components === components) ?? null;
}

/**
 * Loss of the autoencoder divided by that of PCA: below 1 the autoencoder wins; null when unknown. The loss weighs
 * features of different units as training did, which their plain squared errors do not.
 */
export function lossRatio(report: ReportDocument): number | null {
  const rival = fairRival(report)?.loss ?? null;
  const own = report.errors.autoencoder.loss;
  if (rival === null || own === null || !(rival > 0)) return null;
  return own / rival;
}
