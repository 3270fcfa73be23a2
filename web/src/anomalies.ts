/** The rows that a detector finds most anomalous, why, and what simple methods say beside it. */

import type { AnomalousRow, AnomalyBaseline, AnomalySummary, StandingOut } from "./document.ts";
import { element } from "./element.ts";
import { formatCount, formatNumber, formatPlural, formatShare, shortened } from "./format.ts";

/** Rows shown before the reader asks for more. */
const FIRST_ROWS = 8;

const NAMES: Record<string, string> = { pca: "PCA reconstruction", isolation_forest: "isolation forest", nearest_neighbours: "nearest neighbours" };

/** What the section is about, in words. */
export function anomaliesText(summary: AnomalySummary): string {
  const expected = summary.rate * summary.rows;
  return `${formatCount(summary.outliers)} of ${formatCount(summary.rows)} rows have a p-value of at most ${formatShare(summary.rate)}; of as many ordinary rows, about ${formatCount(Math.round(expected))} would. ${formatPlural(summary.members, "autoencoder")} judge by ${summary.measures.join(" and ")}; p-values are calibrated on ${formatPlural(summary.calibration_rows, "held-out row")}.`;
}

/** How many deviations a value is from what is expected. */
function deviations({ value, expected, uncertainty }: StandingOut): number | null {
  if (value === null || expected === null || uncertainty === null || uncertainty <= 0) return null;
  return (value - expected) / uncertainty;
}

/** A value, what was expected, and how far apart they are. */
function feature(one: StandingOut): HTMLElement {
  const unit = one.unit === null ? "" : ` ${one.unit}`;
  const away = deviations(one);
  const bar = element("span", { class: "share-bar" });
  bar.style.width = `${100 * Math.min(1, Math.max(0, one.share ?? 0))}%`;
  return element(
    "li",
    { title: `${one.name}: ${formatShare(one.share)} of the score` },
    element("span", { class: "share-track", "aria-hidden": "true" }, bar),
    element("strong", {}, shortened(one.name, 24)),
    ` ${formatNumber(one.value, 4)}${unit}`,
    element("span", { class: "expected" }, ` expected ${formatNumber(one.expected, 4)} \u00b1 ${formatNumber(one.uncertainty, 2)}${away === null ? "" : ` (${away > 0 ? "+" : "\u2212"}${formatNumber(Math.abs(away), 2)}\u202fσ)`}`),
  );
}

function anomalousRow(row: AnomalousRow, sources: boolean): HTMLElement {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, sources ? `${shortened(row.source, 20)}, ${formatCount(row.row)}` : formatCount(row.row)),
    element("td", {}, formatNumber(row.score)),
    element("td", {}, formatNumber(row.p_value, 2)),
    element("td", { class: "reasons" }, element("ul", {}, ...row.features.map(feature))),
  );
}

function baselineRow(baseline: AnomalyBaseline, summary: AnomalySummary): HTMLElement {
  const share = summary.outliers > 0 ? formatShare(baseline.shared / summary.outliers) : "\u2013";
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, NAMES[baseline.name] ?? baseline.name),
    element("td", {}, formatCount(baseline.flagged)),
    element("td", {}, formatCount(baseline.shared)),
    element("td", {}, share),
  );
}

/** A table that scrolls by itself where the page is narrow. */
function scroll(label: string, table: HTMLElement): HTMLElement {
  return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, table);
}

/** p-values as bars; ordinary rows would make them equally high. */
function histogram(summary: AnomalySummary): HTMLElement {
  const highest = Math.max(1, ...summary.p_values);
  const even = summary.rows / Math.max(1, summary.p_values.length);
  const bars = summary.p_values.map((count, index) => {
    const bar = element("span", { class: "p-bar", title: `p from ${formatNumber(index / summary.p_values.length)} to ${formatNumber((index + 1) / summary.p_values.length)}: ${formatPlural(count, "row")}` });
    bar.style.height = `${(100 * count) / highest}%`;
    return bar;
  });
  const line = element("span", { class: "p-even" });
  line.style.bottom = `${(100 * even) / highest}%`;
  return element(
    "figure",
    { class: "p-values" },
    element("div", { class: "p-frame", role: "img", "aria-label": "Histogram of p-values" }, ...bars, line),
    element("div", { class: "p-axis" }, element("span", {}, "0"), element("span", {}, "p-value"), element("span", {}, "1")),
    element("figcaption", { class: "caption" }, "p-values of all rows. The line is where ordinary rows would be; what stands above it at the left is more than false alarms."),
  );
}

/** Builds the section's content. */
export function anomaliesBlock(summary: AnomalySummary): HTMLElement {
  const body = element("tbody");
  const sources = new Set(summary.most.map((row) => row.source)).size > 1;
  const show = (count: number): void => body.replaceChildren(...summary.most.slice(0, count).map((row) => anomalousRow(row, sources)));
  show(FIRST_ROWS);
  const head = ["row", "score", "p-value", "features that stand out, by their share of the score"];
  const table = element("table", { class: "errors anomalies" }, element("thead", {}, element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name)))), body);
  const rows = element("div", { class: "errors-block" }, scroll("The most anomalous rows", table));
  const total = summary.most.length;
  if (total > FIRST_ROWS) {
    const more = element("button", { type: "button", class: "more", "aria-expanded": "false" }, `Show ${formatCount(total)} rows`);
    more.addEventListener("click", () => {
      const open = more.getAttribute("aria-expanded") === "true";
      show(open ? FIRST_ROWS : total);
      more.setAttribute("aria-expanded", String(!open));
      more.textContent = open ? `Show ${formatCount(total)} rows` : `Show the first ${FIRST_ROWS}`;
    });
    rows.append(more);
  }
  const beside = element(
    "div",
    { class: "errors-block" },
    element("p", { class: "caption" }, "Simple methods that learned from the same training rows and are calibrated on the same held-out rows, at the same rate."),
    scroll("Simple methods beside it", element(
      "table",
      { class: "errors baselines" },
      element("thead", {}, element("tr", {}, ...["method", "rows flagged", "flagged by both", "share of the outliers"].map((name) => element("th", { scope: "col" }, name)))),
      element("tbody", {}, ...summary.baselines.map((baseline) => baselineRow(baseline, summary))),
    )),
  );
  return element("div", { class: "anomalies-block" }, rows, element("div", { class: "pair" }, histogram(summary), beside));
}
