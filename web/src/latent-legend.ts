/** What the colours of the latent map mean: colour bars for numbers, a clickable list for labels. */

import { drawColourBar } from "./colour-bar.ts";
import type { CategoryLegend, Colouring, NumberLegend } from "./colouring.ts";
import { countColours, css, missingColour, numberColours } from "./colours.ts";
import type { Column } from "./document.ts";
import { element } from "./element.ts";
import { formatCount, formatPlural, formatQuantity, shortened } from "./format.ts";
import { padded } from "./statistics.ts";

/** Labels listed before the rest is summed up. */
const MOST_ENTRIES = 40;
const BAR_HEIGHT = 260;

/** Colour bar for the number of rows in a cell. */
export function densityLegend(maximum: number, dark: boolean): Node[] {
  if (maximum < 2) return [element("p", { class: "quiet" }, "No cell holds more than one row.")];
  const bar = drawColourBar({
    title: "rows per cell",
    unit: null,
    map: countColours(dark),
    range: { low: 1, high: maximum },
    logarithmic: true,
    below: false,
    above: false,
    height: BAR_HEIGHT,
  });
  return [bar];
}

function numberLegend(column: Column & { kind: "number" }, legend: NumberLegend, dark: boolean): Node[] {
  const { spread, range, logarithmic, missing } = legend;
  const parts: Node[] = [];
  if (spread.finite === 0) {
    parts.push(element("p", { class: "legend-title", "data-picture": "text" }, shortened(column.name, 32)));
    parts.push(element("p", { class: "quiet", "data-picture": "text" }, "no values"));
    return parts;
  }
  if (spread.constant) {
    parts.push(element("p", { class: "legend-title", "data-picture": "text" }, shortened(column.name, 32)));
    const text = `${formatQuantity(spread.minimum, column.unit, 5)} everywhere`;
    parts.push(element("p", { class: "quiet", "data-picture": "text" }, text));
  } else {
    const shown = logarithmic ? range : range.high > range.low ? range : padded(range, 0);
    parts.push(
      drawColourBar({
        title: column.name,
        unit: column.unit,
        map: numberColours(dark),
        range: shown,
        logarithmic,
        below: spread.minimum < range.low,
        above: spread.maximum > range.high,
        height: BAR_HEIGHT,
      }),
    );
  }
  if (missing > 0) {
    const swatch = element("span", { class: "swatch", "data-picture": "swatch" });
    swatch.style.backgroundColor = css(missingColour(dark));
    const label = element("span", { "data-picture": "text" }, `missing (${formatCount(missing)})`);
    parts.push(element("p", { class: "missing" }, swatch, label));
  }
  return parts;
}

function categoryLegend(
  column: Column & { kind: "category" },
  legend: CategoryLegend,
  selected: ReadonlySet<number>,
  onToggle: (code: number) => void,
): Node[] {
  const list = element("ul", { class: "categories" });
  for (const entry of legend.entries.slice(0, MOST_ENTRIES)) {
    const swatch = element("span", { class: "swatch", "data-picture": "swatch" });
    swatch.style.backgroundColor = css(entry.colour);
    const button = element(
      "button",
      { type: "button", "aria-pressed": String(selected.has(entry.code)), title: entry.label, "data-code": entry.code },
      swatch,
      element("span", { class: "category-name", "data-picture": "text" }, shortened(entry.label, 28)),
      element("span", { class: "category-count", "data-picture": "text" }, formatCount(entry.count)),
    );
    if (selected.size > 0 && !selected.has(entry.code)) button.classList.add("aside");
    button.addEventListener("click", () => onToggle(entry.code));
    list.append(element("li", {}, button));
  }
  const parts: Node[] = [element("p", { class: "legend-title", "data-picture": "text" }, shortened(column.name, 32)), list];
  const rest = legend.entries.length - MOST_ENTRIES;
  if (rest > 0) parts.push(element("p", { class: "quiet" }, `and ${formatPlural(rest, "rarer label")}`));
  const hint = selected.size > 0 ? "Click again to show all." : "Click a label to single it out.";
  if (legend.entries.length > 1) parts.push(element("p", { class: "quiet hint" }, hint));
  return parts;
}

/** Legend for the column that colours the points. */
export function columnLegend(
  column: Column | undefined,
  colouring: Colouring,
  dark: boolean,
  selected: ReadonlySet<number>,
  onToggle: (code: number) => void,
): Node[] {
  const { legend } = colouring;
  if (column === undefined || legend === null) return [];
  if (column.kind === "number" && legend.kind === "number") return numberLegend(column, legend, dark);
  if (column.kind === "category" && legend.kind === "category") return categoryLegend(column, legend, selected, onToggle);
  return [];
}
