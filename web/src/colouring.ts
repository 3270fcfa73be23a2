/** From a column to a colour for each row, the order in which rows are painted, and what the legend says. */

import { asideColour, categoryColour, colourAt, missingColour, numberColours, type Rgb } from "./colours.ts";
import { columnCodes, columnNumbers, labelOf } from "./column.ts";
import { MISSING_CODE, type Column } from "./document.ts";
import { spread, type Interval, type Spread } from "./statistics.ts";

/** Percentile left out at each end of a colour bar. */
const TAIL = 1;
/** Ratio of the ends of the range from which positive values get a logarithmic colour scale. */
const LOG_RATIO = 200;

/** One line of a legend. */
export interface LegendEntry {
  code: number;
  label: string;
  count: number;
  colour: Rgb;
}

/** How the rows are coloured. */
export interface Colouring {
  /** Three bytes for each row. */
  colours: Uint8Array;
  /** Rows in painting order: the last lie on top. */
  order: Uint32Array;
  /** Rows that are not set aside: those that count for the density. */
  chosen: Uint32Array;
  legend: NumberLegend | CategoryLegend | null;
}

export interface NumberLegend {
  kind: "number";
  spread: Spread;
  range: Interval;
  logarithmic: boolean;
  missing: number;
}

export interface CategoryLegend {
  kind: "category";
  /** Most rows first. */
  entries: LegendEntry[];
}

/** All rows in one colour. */
export function plainColouring(rows: Uint32Array, count: number, colour: Rgb): Colouring {
  const colours = new Uint8Array(3 * count);
  for (let row = 0; row < count; row++) colours.set(colour, 3 * row);
  return { colours, order: rows, chosen: rows, legend: null };
}

/** Colours rows by a column of numbers; missing values are grey and lie below. */
export function numberColouring(column: Column & { kind: "number" }, rows: Uint32Array, dark: boolean): Colouring {
  const values = columnNumbers(column);
  const summary = spread(values, TAIL);
  const logarithmic = summary.box.low > 0 && summary.box.high / summary.box.low > LOG_RATIO;
  const transform = logarithmic ? Math.log : (value: number): number => value;
  const low = transform(summary.box.low);
  const width = transform(summary.box.high) - low;
  const map = numberColours(dark);
  const missing = missingColour(dark);
  const colours = new Uint8Array(3 * values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    const position = width > 0 ? (transform(Math.max(value, logarithmic ? summary.box.low : value)) - low) / width : 0.5;
    colours.set(Number.isFinite(value) ? colourAt(map, position) : missing, 3 * row);
  }
  const absent = rows.filter((row) => !Number.isFinite(values[row]!));
  const present = rows.filter((row) => Number.isFinite(values[row]!));
  const order = new Uint32Array(rows.length);
  order.set(absent);
  order.set(present, absent.length);
  const legend: NumberLegend = {
    kind: "number",
    spread: summary,
    range: summary.box,
    logarithmic,
    missing: values.length - summary.finite,
  };
  return { colours, order, chosen: rows, legend };
}

/** Colours rows by label; rare labels lie on top, labels outside a non-empty selection are set aside. */
export function categoryColouring(
  column: Column & { kind: "category" },
  rows: Uint32Array,
  dark: boolean,
  selected: ReadonlySet<number>,
): Colouring {
  const codes = columnCodes(column);
  const counts = new Map<number, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  const present = [...counts.keys()].filter((code) => code !== MISSING_CODE);
  present.sort((first, second) => counts.get(second)! - counts.get(first)! || first - second);
  const entries = present.map((code, rank) => ({
    code,
    label: labelOf(column, code),
    count: counts.get(code)!,
    colour: categoryColour(rank, dark),
  }));
  const missing = counts.get(MISSING_CODE);
  if (missing !== undefined) {
    entries.push({ code: MISSING_CODE, label: "missing", count: missing, colour: missingColour(dark) });
  }
  const isChosen = (code: number): boolean => selected.size === 0 || selected.has(code);
  const aside = asideColour(dark);
  const colourOf = new Map(entries.map((entry) => [entry.code, isChosen(entry.code) ? entry.colour : aside]));
  const colours = new Uint8Array(3 * codes.length);
  for (let row = 0; row < codes.length; row++) colours.set(colourOf.get(codes[row]!) ?? aside, 3 * row);
  // Layers from the bottom: set aside, missing, common labels, rare labels.
  const layerOf = new Map(entries.map((entry, rank) => [entry.code, isChosen(entry.code) ? (entry.code === MISSING_CODE ? 1 : 2 + rank) : 0]));
  const layers: number[][] = Array.from({ length: entries.length + 3 }, () => []);
  for (const row of rows) layers[layerOf.get(codes[row]!) ?? 0]!.push(row);
  const chosen = selected.size === 0 ? rows : rows.filter((row) => selected.has(codes[row]!));
  return { colours, order: Uint32Array.from(layers.flat()), chosen, legend: { kind: "category", entries } };
}
