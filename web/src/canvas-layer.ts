/** Canvases that are as sharp as the screen, and can be painted again at another scale for a picture. */

/** Paints into a canvas of width × height device pixels; `scale` is device pixels for one CSS pixel. */
export type Painter = (context: CanvasRenderingContext2D, width: number, height: number, scale: number) => void;

const painters = new WeakMap<HTMLCanvasElement, Painter>();

function paintInto(canvas: HTMLCanvasElement, width: number, height: number, scale: number, painter: Painter): void {
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  if (context) painter(context, canvas.width, canvas.height, scale);
}

/** Sets the size in CSS pixels and paints; the painter is kept for pictures. */
export function paintCanvas(canvas: HTMLCanvasElement, width: number, height: number, painter: Painter): void {
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  painters.set(canvas, painter);
  // More than two device pixels for one CSS pixel cost time and cannot be seen.
  paintInto(canvas, width, height, Math.min(2, Math.max(1, devicePixelRatio)), painter);
}

/** A copy of a painted canvas at another scale; null when nothing was painted. */
export function paintedCopy(canvas: HTMLCanvasElement, scale: number): HTMLCanvasElement | null {
  const painter = painters.get(canvas);
  if (painter === undefined) return null;
  const copy = document.createElement("canvas");
  paintInto(copy, canvas.clientWidth, canvas.clientHeight, scale, painter);
  return copy;
}
