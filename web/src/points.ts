/** Many small discs, written straight into the pixels of an image. */

import type { Interval } from "./statistics.ts";

/** Positions within a pixel, along each side, for which a disc is prepared. */
const SUBPIXELS = 4;

/** Coverage 0–255 of the pixels around a disc, for one position of its centre within a pixel. */
interface Stamp {
  size: number;
  coverage: Uint8Array;
}

function makeStamps(radius: number, opacity: number): Stamp[] {
  const reach = Math.ceil(radius + 0.5);
  const size = 2 * reach + 1;
  const stamps: Stamp[] = [];
  for (let stamp = 0; stamp < SUBPIXELS * SUBPIXELS; stamp++) {
    const centreX = reach + ((stamp % SUBPIXELS) + 0.5) / SUBPIXELS;
    const centreY = reach + (Math.floor(stamp / SUBPIXELS) + 0.5) / SUBPIXELS;
    const coverage = new Uint8Array(size * size);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const distance = Math.hypot(x + 0.5 - centreX, y + 0.5 - centreY);
        coverage[y * size + x] = Math.round(255 * opacity * Math.min(1, Math.max(0, radius + 0.5 - distance)));
      }
    }
    stamps.push({ size, coverage });
  }
  return stamps;
}

/** What to paint: rows in painting order, and three bytes of colour for each row. */
export interface PointCloud {
  horizontal: Float32Array;
  vertical: Float32Array;
  order: Uint32Array;
  colours: Uint8Array;
}

/** Paints a disc for each row inside the view over an opaque image; `radius` is in device pixels. */
export function paintPoints(image: ImageData, cloud: PointCloud, x: Interval, y: Interval, radius: number, opacity: number): void {
  const { data, width, height } = image;
  const stamps = makeStamps(radius, opacity);
  const reach = (stamps[0]!.size - 1) / 2;
  const perX = width / (x.high - x.low);
  const perY = height / (y.high - y.low);
  for (let index = 0; index < cloud.order.length; index++) {
    const row = cloud.order[index]!;
    const centreX = (cloud.horizontal[row]! - x.low) * perX;
    const centreY = height - (cloud.vertical[row]! - y.low) * perY;
    if (!(centreX > -reach && centreX < width + reach && centreY > -reach && centreY < height + reach)) continue;
    const cellX = Math.floor(centreX);
    const cellY = Math.floor(centreY);
    const stamp = stamps[Math.floor((centreY - cellY) * SUBPIXELS) * SUBPIXELS + Math.floor((centreX - cellX) * SUBPIXELS)]!;
    const red = cloud.colours[3 * row]!;
    const green = cloud.colours[3 * row + 1]!;
    const blue = cloud.colours[3 * row + 2]!;
    for (let line = 0; line < stamp.size; line++) {
      const pixelY = cellY - reach + line;
      if (pixelY < 0 || pixelY >= height) continue;
      for (let column = 0; column < stamp.size; column++) {
        const pixelX = cellX - reach + column;
        const share = stamp.coverage[line * stamp.size + column]!;
        if (share === 0 || pixelX < 0 || pixelX >= width) continue;
        const pixel = 4 * (pixelY * width + pixelX);
        data[pixel]! += ((red - data[pixel]!) * share) / 255;
        data[pixel + 1]! += ((green - data[pixel + 1]!) * share) / 255;
        data[pixel + 2]! += ((blue - data[pixel + 2]!) * share) / 255;
      }
    }
  }
}

/** Radius in CSS pixels that suits a number of points in a plot of some width. */
export function pointRadius(count: number, width: number): number {
  const radius = count > 40000 ? 1.15 : count > 12000 ? 1.4 : count > 3000 ? 1.9 : count > 500 ? 2.4 : 3.2;
  return radius * Math.min(1, Math.max(0.6, Math.sqrt(width / 700)));
}

/** Rows in an order that is random but always the same, so that the last rows of a file do not hide the first. */
export function shuffledRows(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  let state = 0x9e3779b9;
  for (let index = count - 1; index > 0; index--) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const other = (state >>> 0) % (index + 1);
    const kept = order[index]!;
    order[index] = order[other]!;
    order[other] = kept;
  }
  return order;
}
