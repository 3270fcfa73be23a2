/** Lines of equal density over a map of points. */

import { blur2 } from "d3-array";
import { contours } from "d3-contour";
import type { CountGrid } from "./density.ts";

/** Cells over which counts are smoothed before lines are drawn, one standard deviation. */
const SMOOTHING_CELLS = 2;
/** Each line encloses this many times the density of the one outside it. */
const RATIO = 3;
const LINES = 5;

/** Strokes contour lines; levels fall by a constant factor from the densest place. */
export function strokeContours(
  context: CanvasRenderingContext2D,
  grid: CountGrid,
  width: number,
  height: number,
  scale: number,
  ink: string,
  halo: string,
): void {
  if (grid.maximum < 4) return;
  const smooth = blur2({ data: Float64Array.from(grid.counts), width: grid.columns, height: grid.rows }, SMOOTHING_CELLS);
  const values = Array.from(smooth.data as ArrayLike<number>);
  const top = values.reduce((largest, value) => Math.max(largest, value), 0);
  const levels: number[] = [];
  for (let level = top / 1.6; levels.length < LINES && level > 0.5; level /= RATIO) levels.push(level);
  const shapes = contours().size([grid.columns, grid.rows]).smooth(true).thresholds(levels)(values);
  context.save();
  context.lineJoin = "round";
  const path = new Path2D();
  for (const shape of shapes) {
    for (const polygon of shape.coordinates) {
      for (const ring of polygon) {
        // Specks of a few cells are noise of the counts, not structure.
        if (ring.length < 14) continue;
        ring.forEach(([column = 0, row = 0], index) => {
          const x = (column / grid.columns) * width;
          const y = height - (row / grid.rows) * height;
          if (index === 0) path.moveTo(x, y);
          else path.lineTo(x, y);
        });
        path.closePath();
      }
    }
  }
  context.strokeStyle = halo;
  context.globalAlpha = 0.55;
  context.lineWidth = 2.6 * scale;
  context.stroke(path);
  context.strokeStyle = ink;
  context.globalAlpha = 0.9;
  context.lineWidth = 1 * scale;
  context.stroke(path);
  context.restore();
}
