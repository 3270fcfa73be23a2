/** Columns of the document, decoded when they are first asked for. */

import { decodeFloat32, decodeUint16 } from "./decode.ts";
import { MISSING_CODE, type Column } from "./document.ts";
import { formatQuantity, NO_VALUE } from "./format.ts";

const numbers = new WeakMap<Column, Float32Array>();
const codes = new WeakMap<Column, Uint16Array>();

/** Values of a column of numbers. */
export function columnNumbers(column: Column & { kind: "number" }): Float32Array {
  let values = numbers.get(column);
  if (values === undefined) {
    values = decodeFloat32(column.values);
    numbers.set(column, values);
  }
  return values;
}

/** Codes of a column of labels. */
export function columnCodes(column: Column & { kind: "category" }): Uint16Array {
  let values = codes.get(column);
  if (values === undefined) {
    values = decodeUint16(column.codes);
    codes.set(column, values);
  }
  return values;
}

/** The label for a code. */
export function labelOf(column: Column & { kind: "category" }, code: number): string {
  if (code === MISSING_CODE) return "missing";
  const label = column.labels[code];
  return label === undefined ? `code ${code}` : label === "" ? "(empty)" : label;
}

/** The value of one row, as text. */
export function valueText(column: Column, row: number): string {
  if (column.kind === "category") return labelOf(column, columnCodes(column)[row] ?? MISSING_CODE);
  const value = columnNumbers(column)[row];
  return value === undefined || Number.isNaN(value) ? NO_VALUE : formatQuantity(value, column.unit, 5);
}

/** The column to colour by at first: a carried label, else a carried number, else whatever there is. */
export function firstColumn(columns: Column[], features: ReadonlySet<string>): number {
  const carried = (column: Column): boolean => !features.has(column.name) && column.name !== "reconstruction error";
  const label = columns.findIndex((column) => column.kind === "category" && carried(column) && column.labels.length > 1);
  if (label >= 0) return label;
  const number = columns.findIndex((column) => column.kind === "number" && carried(column));
  if (number >= 0) return number;
  return columns.length > 0 ? 0 : -1;
}
