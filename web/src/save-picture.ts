/**
 * A figure as a PNG file.
 *
 * The parts of a figure that belong in the picture say so with `data-picture`: `canvas` is painted again at the
 * picture's scale, `drawing` is an SVG, `text` is a line of text and `swatch` a patch of colour.
 */

import { paintedCopy } from "./canvas-layer.ts";
import { element } from "./element.ts";
import { currentTheme } from "./theme.ts";

const SCALE = 3;
const MARGIN = 16;
/** Pixels beyond which browsers may refuse a canvas. */
const LARGEST_AREA = 60e6;

/** Style that a drawing inherits from the page and would lose on its own. */
const SVG_STYLE = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity", "fill-opacity", "font-family", "font-size", "font-weight", "font-style", "font-variant-numeric"];

async function svgImage(svg: SVGSVGElement): Promise<HTMLImageElement> {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((node, index) => {
    const style = getComputedStyle(originals[index]!);
    for (const property of SVG_STYLE) (node as SVGElement).style.setProperty(property, style.getPropertyValue(property));
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(svg.clientWidth));
  copy.setAttribute("height", String(svg.clientHeight));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}

/** Draws the marked parts of a figure. */
export async function picture(figure: HTMLElement): Promise<HTMLCanvasElement> {
  const parts = [...figure.querySelectorAll<HTMLElement | SVGSVGElement>("[data-picture]")]
    .map((part) => ({ part, kind: part.getAttribute("data-picture"), box: part.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0 && box.height > 0);
  const left = Math.min(...parts.map(({ box }) => box.left)) - MARGIN;
  const top = Math.min(...parts.map(({ box }) => box.top)) - MARGIN;
  const width = Math.max(...parts.map(({ box }) => box.right)) + MARGIN - left;
  const height = Math.max(...parts.map(({ box }) => box.bottom)) + MARGIN - top;
  const scale = Math.min(SCALE, Math.sqrt(LARGEST_AREA / (width * height)));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser gives no canvas");
  context.scale(scale, scale);
  context.fillStyle = currentTheme().surface;
  context.fillRect(0, 0, width, height);
  for (const { part, kind, box } of parts) {
    const x = box.left - left;
    const y = box.top - top;
    if (kind === "canvas") {
      const copy = paintedCopy(part as HTMLCanvasElement, scale);
      if (copy !== null) context.drawImage(copy, x, y, box.width, box.height);
    } else if (kind === "drawing") {
      context.drawImage(await svgImage(part as SVGSVGElement), x, y, box.width, box.height);
    } else {
      const style = getComputedStyle(part);
      if (kind === "swatch") {
        context.fillStyle = style.backgroundColor;
        context.beginPath();
        context.arc(x + box.width / 2, y + box.height / 2, box.width / 2, 0, 2 * Math.PI);
        context.fill();
      } else {
        context.fillStyle = style.color;
        context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
        context.textBaseline = "middle";
        context.textAlign = style.textAlign === "right" || style.textAlign === "end" ? "right" : "left";
        const start = x + parseFloat(style.paddingLeft);
        const end = x + box.width - parseFloat(style.paddingRight);
        context.fillText(part.textContent ?? "", context.textAlign === "right" ? end : start, y + box.height / 2, end - start);
      }
    }
  }
  return canvas;
}

/** A file name from untrusted words. */
export function fileName(...words: string[]): string {
  const safe = words.map((word) => word.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[-.]+|-+$/g, "").slice(0, 60));
  return `${safe.filter((word) => word !== "").join("-")}.png`;
}

/** A button that saves a figure. */
export function saveButton(name: string, figure: () => HTMLElement): HTMLButtonElement {
  const button = element("button", { type: "button", class: "save", title: "Save this figure as a PNG picture" }, "Save PNG");
  button.addEventListener("click", () => {
    button.disabled = true;
    void picture(figure())
      .then((canvas) => new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png")))
      .then((blob) => {
        if (blob === null) throw new Error("the picture is too large");
        const link = element("a", { href: URL.createObjectURL(blob), download: fileName(document.title, name) });
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      })
      .catch((problem: unknown) => {
        button.title = `The picture could not be made: ${String(problem)}`;
        button.textContent = "Not saved";
      })
      .finally(() => {
        button.disabled = false;
      });
  });
  return button;
}
