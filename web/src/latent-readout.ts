/** The values of the row under the pointer. */

import { valueText } from "./column.ts";
import type { Column } from "./document.ts";
import { element } from "./element.ts";
import { formatNumber, formatPlural, latentName, shortened } from "./format.ts";

/** Columns listed at most, besides the latents. */
const MOST_COLUMNS = 12;
const MOST_LATENTS = 4;

/** The row's latents, then the column that gives the colour, then the others. */
export function readout(row: number | null, latents: { name: string; values: Float32Array }[], columns: Column[], chosen: number): Node[] {
  if (row === null) return [element("p", { class: "quiet" }, "Point at the map to read the nearest row.")];
  const list = element("dl", { class: "values" });
  const add = (name: string, value: string): void => {
    list.append(element("dt", { title: name }, shortened(name, 26)), element("dd", { title: value }, shortened(value, 24)));
  };
  for (const { name, values } of latents.slice(0, MOST_LATENTS)) add(latentName(name), formatNumber(values[row], 4));
  const first = columns[chosen];
  const ordered = first === undefined ? columns : [first, ...columns.filter((_, index) => index !== chosen)];
  for (const column of ordered.slice(0, MOST_COLUMNS)) add(column.name, valueText(column, row));
  const rest = ordered.length - MOST_COLUMNS;
  return rest > 0 ? [list, element("p", { class: "quiet" }, `and ${formatPlural(rest, "more column")}`)] : [list];
}
