/** The few numbers to remember. */

import { fairRival, lossRatio } from "./comparison.ts";
import type { ReportDocument } from "./document.ts";
import { element } from "./element.ts";
import { formatCount, formatNumber, formatPlural, formatShare } from "./format.ts";

/** Builds the row of numbers. */
export function keyNumbers(report: ReportDocument): HTMLElement {
  const { errors, model } = report;
  const list = element("dl", { class: "key-numbers" });
  const add = (name: string, value: string, unit: string | null, remark: string): void => {
    const number = element("dd", { class: "value" }, value, unit === null ? null : element("span", { class: "unit" }, ` ${unit}`));
    list.append(element("div", {}, element("dt", {}, name), number, element("dd", { class: "remark" }, remark)));
  };
  const rival = fairRival(report);
  const ratio = lossRatio(report);
  add("RMSE, autoencoder", formatNumber(errors.autoencoder.rmse), errors.unit, errors.rows_label);
  add("Explained variance", formatShare(errors.autoencoder.explained_variance), null, "of the autoencoder");
  if (rival !== null) {
    add(`PCA, ${formatPlural(rival.components, "component")}`, formatNumber(rival.rmse), errors.unit, `RMSE; explains ${formatShare(rival.explained_variance)}`);
  }
  if (ratio !== null) {
    add("Loss, autoencoder / PCA", formatNumber(ratio), "×", ratio <= 1 ? "the autoencoder is better" : "PCA is better");
  }
  add("Parameters", formatCount(model.parameters), null, model.encoder.join("–"));
  return list;
}
