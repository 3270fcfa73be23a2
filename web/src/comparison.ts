/** The autoencoder against PCA with as many components as there are latents. */

import type { PcaErrorMeasure, ReportDocument } from "./document.ts";

/** The fair rival: PCA with as many components as latents; null when the report has none. */
export function fairRival(report: ReportDocument): PcaErrorMeasure | null {
  return report.errors.pca.find((measure) => measure.components === report.model.latent_dimension) ?? null;
}

/** Mean squared error of PCA divided by that of the autoencoder: above 1 the autoencoder wins; null when unknown. */
export function advantage(report: ReportDocument): number | null {
  const rival = fairRival(report)?.mse ?? null;
  const own = report.errors.autoencoder.mse;
  if (rival === null || own === null || !(own > 0)) return null;
  return rival / own;
}
