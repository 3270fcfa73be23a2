/** Reconstruction errors of the autoencoder beside those of PCA, feature by feature. */

import type { ErrorMeasure, MaybeNumber, ReportDocument } from "./document.ts";
import { element } from "./element.ts";
import { formatCount, formatNumber, formatShare, shortened } from "./format.ts";

/** Features shown before the reader asks for more. */
const FIRST_ROWS = 12;

type Better = "lower" | "higher";

/** Index of the best number, or -1 when there is none. */
export function bestIndex(values: MaybeNumber[], better: Better): number {
  let best = -1;
  values.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) return;
    const leader = best < 0 ? null : values[best]!;
    if (leader === null || leader === undefined || (better === "lower" ? value < leader : value > leader)) best = index;
  });
  return best;
}

function cells(values: MaybeNumber[], better: Better, format: (value: MaybeNumber) => string, bars: boolean): HTMLTableCellElement[] {
  const best = bestIndex(values, better);
  const largest = Math.max(0, ...values.map((value) => (value !== null && Number.isFinite(value) ? value : 0)));
  return values.map((value, index) => {
    const text = format(value);
    const cell = element("td", { class: index === best ? "best" : null }, element("span", { class: "number" }, text));
    if (bars) {
      const bar = element("span", { class: "bar" });
      bar.style.width = `${value !== null && Number.isFinite(value) && largest > 0 ? (100 * value) / largest : 0}%`;
      cell.append(element("span", { class: "bar-track" }, bar));
    }
    return cell;
  });
}

/** Builds the table. */
export function errorsTable(report: ReportDocument): HTMLElement {
  const { errors } = report;
  const measures: ErrorMeasure[] = [errors.autoencoder, ...errors.pca];
  const head = element("tr", {}, element("th", { scope: "col" }, "feature"));
  head.append(element("th", { scope: "col" }, "autoencoder", element("small", {}, `${formatCount(report.model.latent_dimension)} latent${report.model.latent_dimension === 1 ? "" : "s"}`)));
  for (const { components } of errors.pca) {
    head.append(element("th", { scope: "col" }, "PCA", element("small", {}, `${formatCount(components)} component${components === 1 ? "" : "s"}`)));
  }

  const body = element("tbody");
  const overall = element("tbody", { class: "overall" });
  const overallRow = (name: string, unit: string | null, values: MaybeNumber[], better: Better, format: (value: MaybeNumber) => string): void => {
    overall.append(element("tr", {}, element("th", { scope: "row" }, name, unit === null ? null : element("span", { class: "unit" }, ` ${unit}`)), ...cells(values, better, format, false)));
  };
  overallRow("all features, RMSE", errors.unit, measures.map((measure) => measure.rmse), "lower", (value) => formatNumber(value));
  overallRow("explained variance", null, measures.map((measure) => measure.explained_variance), "higher", formatShare);

  function show(count: number): void {
    body.replaceChildren(
      ...errors.per_feature.slice(0, count).map((feature) =>
        element(
          "tr",
          {},
          element("th", { scope: "row", title: feature.name }, shortened(feature.name, 34), feature.unit === null ? null : element("span", { class: "unit" }, ` ${feature.unit}`)),
          ...cells([feature.autoencoder, ...feature.pca], "lower", (value) => formatNumber(value), true),
        ),
      ),
    );
  }
  show(FIRST_ROWS);
  const explanation = element("p", { class: "caption", id: "errors-caption" }, `Root-mean-square error on ${errors.rows_label}, original units. The best of each row is bold.`);
  const table = element("table", { class: "errors", "aria-describedby": "errors-caption" }, element("thead", {}, head), overall, body);
  const block = element("div", { class: "errors-block" }, explanation, element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Table of errors" }, table));
  const total = errors.per_feature.length;
  if (total > FIRST_ROWS) {
    const more = element("button", { type: "button", class: "more", "aria-expanded": "false" }, `Show all ${formatCount(total)} features`);
    more.addEventListener("click", () => {
      const open = more.getAttribute("aria-expanded") === "true";
      show(open ? FIRST_ROWS : total);
      more.setAttribute("aria-expanded", String(!open));
      more.textContent = open ? `Show all ${formatCount(total)} features` : `Show the first ${FIRST_ROWS}`;
    });
    block.append(more);
  }
  return block;
}
