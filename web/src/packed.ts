/** Numbers that the document holds in sixteen bits each. */

import { decodeUint16 } from "./decode.ts";
import { MISSING_CODE, type Packed } from "./document.ts";

/** The numbers; those that are missing are NaN. */
export function decodePacked(packed: Packed): Float64Array {
  const step = (packed.high - packed.low) / (MISSING_CODE - 1);
  return Float64Array.from(decodeUint16(packed.codes), (code) => (code === MISSING_CODE ? Number.NaN : packed.low + code * step));
}

/** Difference of two lists. */
export function minus(first: Float64Array, second: Float64Array): Float64Array {
  return first.map((value, index) => value - (second[index] ?? Number.NaN));
}
