/**
 * Colours for data.
 *
 * Numbers: viridis. Counts: magma, from the surface of the page to its opposite. Both are perceptually uniform and
 * keep their order in grey and for colour-blind eyes. Residuals: from blue through the surface of the page to orange, as
 * far from it for both signs, which colour-blind eyes tell apart. Categories: the palette of Okabe and Ito (2008).
 */

import { interpolateMagma, interpolateViridis } from "d3-scale-chromatic";

/** Red, green, blue, 0–255. */
export type Rgb = readonly [number, number, number];

/** A colour map of 256 colours, three bytes each. */
export type ColourMap = Uint8Array;

/** Reads #rgb, #rrggbb or rgb(r, g, b). */
export function parseColour(text: string): Rgb {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text);
  if (short) return [1, 2, 3].map((index) => parseInt((short[index] ?? "0").repeat(2), 16)) as unknown as Rgb;
  const long = /^#([0-9a-f]{6})/i.exec(text);
  if (long) {
    const packed = parseInt(long[1] ?? "0", 16);
    return [packed >> 16, (packed >> 8) & 255, packed & 255];
  }
  const numbers = text.match(/[\d.]+/g)?.map(Number) ?? [];
  return [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0];
}

function sampled(colourAt: (position: number) => string, from: number, to: number): ColourMap {
  const map = new Uint8Array(256 * 3);
  for (let index = 0; index < 256; index++) map.set(parseColour(colourAt(from + ((to - from) * index) / 255)), 3 * index);
  return map;
}

// Each map leaves out the end that would vanish into the surface.
const numbersOnLight = sampled(interpolateViridis, 0, 0.95);
const numbersOnDark = sampled(interpolateViridis, 0.14, 1);
const countsOnLight = sampled(interpolateMagma, 0.96, 0.06);
const countsOnDark = sampled(interpolateMagma, 0.16, 1);

/** Colour map for the values of a column. */
export function numberColours(dark: boolean): ColourMap {
  return dark ? numbersOnDark : numbersOnLight;
}

/** Colour map for counts: faint where there are few rows, strong where there are many. */
export function countColours(dark: boolean): ColourMap {
  return dark ? countsOnDark : countsOnLight;
}

/** A map through some colours at equal distances. */
function through(stops: string[]): ColourMap {
  const colours = stops.map(parseColour);
  const map = new Uint8Array(256 * 3);
  for (let index = 0; index < 256; index++) {
    const at = (index / 255) * (colours.length - 1);
    const below = Math.min(colours.length - 2, Math.floor(at));
    for (let channel = 0; channel < 3; channel++) {
      const [low, high] = [colours[below]![channel]!, colours[below + 1]![channel]!];
      map[3 * index + channel] = Math.round(low + (high - low) * (at - below));
    }
  }
  return map;
}

// Lightness falls (rises on a dark surface) evenly from the middle to both ends.
const residualsOnLight = through(["#08306b", "#2a6db0", "#85b4dc", "#ffffff", "#eda876", "#c5561a", "#6b2203"]);
const residualsOnDark = through(["#b5dcff", "#5a9fd6", "#265f8f", "#111418", "#8a4a1c", "#d98442", "#ffd3a8"]);

/** Colour map for residuals, from negative to positive; its middle is the surface of the page. */
export function residualColours(dark: boolean): ColourMap {
  return dark ? residualsOnDark : residualsOnLight;
}

/** Colour at a position 0–1 of a map. */
export function colourAt(map: ColourMap, position: number): Rgb {
  const index = 3 * Math.round(255 * Math.min(1, Math.max(0, position)));
  return [map[index] ?? 0, map[index + 1] ?? 0, map[index + 2] ?? 0];
}

/** The colour as CSS. */
export function css(colour: Rgb): string {
  return `rgb(${colour[0]}, ${colour[1]}, ${colour[2]})`;
}

// Okabe–Ito, in an order that keeps neighbours apart; yellow last, since it is faint on white.
const CATEGORIES: Rgb[] = ["#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442"].map(parseColour);
// The two blues change places on a dark surface, where the deep one is hard to see.
const CATEGORIES_ON_DARK: Rgb[] = ["#56b4e9", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#f0e442", "#4f8fd0"].map(parseColour);

/** Categories with a colour of their own; the others share a grey. */
export const CATEGORY_COLOURS = CATEGORIES.length;

/** Colour of the category with this rank (0: most rows). */
export function categoryColour(rank: number, dark: boolean): Rgb {
  return (dark ? CATEGORIES_ON_DARK : CATEGORIES)[rank] ?? missingColour(dark);
}

/** Colour of missing values and of categories beyond the palette. */
export function missingColour(dark: boolean): Rgb {
  return dark ? [104, 111, 120] : [176, 181, 188];
}

/** Colour of points that are set aside to let others stand out. */
export function asideColour(dark: boolean): Rgb {
  return dark ? [48, 53, 60] : [226, 228, 231];
}
