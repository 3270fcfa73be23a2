/** Zooming and panning: wheel, drag, two fingers, and the keyboard. */

import type { Interval } from "./statistics.ts";

/** The part of the plane that is seen. */
export interface View {
  x: Interval;
  y: Interval;
}

/** What the control needs from a plot. */
export interface ViewTarget {
  view(): View;
  setView(view: View): void;
  resetView(): void;
  /** The pointer is at this place of the plot, as shares 0–1 from the lower left; null when it has left. */
  hover(place: { x: number; y: number } | null): void;
}

/** Smallest and largest zoom relative to the first view are left to the target; a step of the wheel is this factor. */
const STEP = 1.25;

/** The interval zoomed by a factor about a share 0–1 of its width. */
export function zoomed(interval: Interval, share: number, factor: number): Interval {
  const centre = interval.low + share * (interval.high - interval.low);
  return { low: centre - (centre - interval.low) * factor, high: centre + (interval.high - centre) * factor };
}

/** The interval moved by a share of its width. */
export function moved(interval: Interval, share: number): Interval {
  const offset = share * (interval.high - interval.low);
  return { low: interval.low + offset, high: interval.high + offset };
}

/** Listens on a plot area that can take the focus. */
export function controlView(area: HTMLElement, target: ViewTarget): { zoom(factor: number): void } {
  const pointers = new Map<number, { x: number; y: number }>();
  // The wheel zooms once the pointer has moved within the plot. A plot that is merely scrolled under a resting
  // pointer must not catch the page's scrolling.
  let wheelIsMine = false;

  const place = (event: { clientX: number; clientY: number }): { x: number; y: number } => {
    const box = area.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: 1 - (event.clientY - box.top) / box.height };
  };
  const zoomAt = (at: { x: number; y: number }, factor: number): void => {
    const { x, y } = target.view();
    target.setView({ x: zoomed(x, at.x, factor), y: zoomed(y, at.y, factor) });
  };
  const move = (x: number, y: number): void => {
    const view = target.view();
    target.setView({ x: moved(view.x, x), y: moved(view.y, y) });
  };

  area.addEventListener(
    "wheel",
    (event) => {
      if (!wheelIsMine && !event.ctrlKey) return;
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY;
      zoomAt(place(event), Math.min(2, Math.max(0.5, STEP ** (lines / 100))));
    },
    { passive: false },
  );
  area.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    area.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, place(event));
    area.classList.add("grabbed");
    if (event.pointerType === "touch") target.hover(place(event));
  });
  area.addEventListener("pointermove", (event) => {
    if (event.movementX !== 0 || event.movementY !== 0) wheelIsMine = true;
    const now = place(event);
    const before = pointers.get(event.pointerId);
    if (before === undefined) {
      target.hover(now);
      return;
    }
    pointers.set(event.pointerId, now);
    const others = [...pointers].filter(([identifier]) => identifier !== event.pointerId).map(([, position]) => position);
    const other = others[0];
    if (other !== undefined) {
      const distance = Math.hypot(now.x - other.x, now.y - other.y);
      const earlier = Math.hypot(before.x - other.x, before.y - other.y);
      if (distance > 0.02) zoomAt(other, Math.min(2, Math.max(0.5, earlier / distance)));
    } else if (now.x !== before.x || now.y !== before.y) {
      target.hover(null);
      move(before.x - now.x, before.y - now.y);
    }
  });
  const release = (event: PointerEvent): void => {
    pointers.delete(event.pointerId);
    if (pointers.size === 0) area.classList.remove("grabbed");
  };
  area.addEventListener("pointerup", release);
  area.addEventListener("pointercancel", release);
  area.addEventListener("pointerleave", (event) => {
    wheelIsMine = false;
    if (event.pointerType !== "touch" && pointers.size === 0) target.hover(null);
  });
  area.addEventListener("dblclick", () => target.resetView());
  area.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Record<string, () => void> = {
      ArrowLeft: () => move(-0.1, 0),
      ArrowRight: () => move(0.1, 0),
      ArrowUp: () => move(0, 0.1),
      ArrowDown: () => move(0, -0.1),
      "+": () => zoomAt({ x: 0.5, y: 0.5 }, 1 / STEP),
      "=": () => zoomAt({ x: 0.5, y: 0.5 }, 1 / STEP),
      "-": () => zoomAt({ x: 0.5, y: 0.5 }, STEP),
      "0": () => target.resetView(),
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
  return { zoom: (factor) => zoomAt({ x: 0.5, y: 0.5 }, factor) };
}
