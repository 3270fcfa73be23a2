/** Rows counted in the cells of a grid, and the counts as a picture. */

import type { ColourMap, Rgb } from "./colours.ts";
import type { Interval } from "./statistics.ts";

/** Counts in columns × rows cells; row 0 is at the low end of the vertical axis. */
export interface CountGrid {
  columns: number;
  rows: number;
  counts: Float32Array;
  /** Largest count; 0 when the grid is empty. */
  maximum: number;
}

/** A grid around counts that are known already. */
export function countGrid(columns: number, rows: number, counts: ArrayLike<number>): CountGrid {
  const copy = Float32Array.from(counts);
  return { columns, rows, counts: copy, maximum: copy.reduce((largest, count) => Math.max(largest, count), 0) };
}

/** Counts the chosen rows that lie in a rectangle. */
export function countRows(
  horizontal: Float32Array,
  vertical: Float32Array,
  chosen: Uint32Array,
  x: Interval,
  y: Interval,
  columns: number,
  rows: number,
): CountGrid {
  const counts = new Float32Array(columns * rows);
  const perX = columns / (x.high - x.low);
  const perY = rows / (y.high - y.low);
  for (let index = 0; index < chosen.length; index++) {
    const row = chosen[index]!;
    const column = Math.floor((horizontal[row]! - x.low) * perX);
    const line = Math.floor((vertical[row]! - y.low) * perY);
    if (column >= 0 && column < columns && line >= 0 && line < rows) counts[line * columns + column]! += 1;
  }
  return { columns, rows, counts, maximum: counts.reduce((largest, count) => Math.max(largest, count), 0) };
}

/** Position 0–1 of a count on a logarithmic scale from 1 to the maximum. */
export function logPosition(count: number, maximum: number): number {
  if (count <= 1) return 0;
  return maximum <= 1 ? 0 : Math.log(count) / Math.log(maximum);
}

/** Fills an image with the surface's colour. */
export function fillImage(image: ImageData, colour: Rgb): void {
  const { data } = image;
  for (let index = 0; index < data.length; index += 4) {
    data[index] = colour[0];
    data[index + 1] = colour[1];
    data[index + 2] = colour[2];
    data[index + 3] = 255;
  }
}

/** Paints the cells that hold rows; empty cells keep what is there. */
export function paintDensity(image: ImageData, grid: CountGrid, map: ColourMap, maximum = grid.maximum): void {
  const { data, width, height } = image;
  const columnOf = new Int32Array(width);
  for (let x = 0; x < width; x++) columnOf[x] = Math.floor(((x + 0.5) * grid.columns) / width);
  for (let y = 0; y < height; y++) {
    const line = grid.rows - 1 - Math.floor(((y + 0.5) * grid.rows) / height);
    for (let x = 0; x < width; x++) {
      const count = grid.counts[line * grid.columns + columnOf[x]!]!;
      if (!(count > 0)) continue;
      const colour = 3 * Math.round(255 * Math.min(1, logPosition(count, maximum)));
      const pixel = 4 * (y * width + x);
      data[pixel] = map[colour]!;
      data[pixel + 1] = map[colour + 1]!;
      data[pixel + 2] = map[colour + 2]!;
    }
  }
}
