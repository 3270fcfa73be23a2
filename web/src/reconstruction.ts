/** Reconstruction against input: small multiples, one for each feature, usable with hundreds of them. */

import { drawColourStrip } from "./colour-strip.ts";
import { countColours } from "./colours.ts";
import type { FeatureReconstruction, ReportDocument } from "./document.ts";
import { choice, element } from "./element.ts";
import { formatCount, formatPlural } from "./format.ts";
import { panelCounts, reconstructionPanel, type Panel } from "./reconstruction-panel.ts";
import { saveButton } from "./save-picture.ts";
import { currentTheme, onThemeChange } from "./theme.ts";

/** Features on one page. */
const PAGE = 12;

type Order = "data" | "worst" | "best";

/** Root-mean-square error as a share of the feature's range, so that features of different units compare. */
function relativeError(entry: FeatureReconstruction): number {
  const range = entry.high - entry.low;
  return entry.residual.rmse === null || !(range > 0) ? 0 : entry.residual.rmse / range;
}

/** The features that match a search, in an order. */
export function arranged(entries: FeatureReconstruction[], order: Order, search: string): FeatureReconstruction[] {
  const wanted = search.trim().toLowerCase();
  const found = wanted === "" ? [...entries] : entries.filter((entry) => entry.feature.toLowerCase().includes(wanted));
  if (order === "worst") found.sort((first, second) => relativeError(second) - relativeError(first));
  if (order === "best") found.sort((first, second) => relativeError(first) - relativeError(second));
  return found;
}

/** Builds the figure; null when the report has no reconstructions. */
export function reconstructionFigure(report: ReportDocument): HTMLElement | null {
  const entries = report.reconstruction;
  if (entries.length === 0) return null;
  const state = { order: "data" as Order, search: "", start: 0, all: false };
  const panels = element("div", { class: "panels" });
  const strip = element("div", { class: "strip" });
  const figure = element("figure", { class: "reconstruction" });
  const position = element("span", { class: "position", "aria-live": "polite" });
  let shown = new Map<Element, Panel>();
  let maximum = 1;

  // With hundreds of panels only those near the window are painted.
  const sight = new IntersectionObserver(
    (changes) => {
      for (const { isIntersecting, target } of changes) {
        if (!isIntersecting) continue;
        sight.unobserve(target);
        shown.get(target)?.draw();
      }
    },
    { rootMargin: "600px" },
  );

  function drawStrip(): void {
    strip.replaceChildren(drawColourStrip("rows per cell", countColours(currentTheme().dark), maximum));
  }

  const previous = element("button", { type: "button", "aria-label": "Earlier features" }, "‹");
  const next = element("button", { type: "button", "aria-label": "Later features" }, "›");
  const all = element("button", { type: "button", class: "more", "aria-pressed": "false" });

  function show(): void {
    const found = arranged(entries, state.order, state.search);
    state.start = Math.min(state.start, Math.max(0, PAGE * Math.floor((found.length - 1) / PAGE)));
    const chosen = state.all ? found : found.slice(state.start, state.start + PAGE);
    sight.disconnect();
    maximum = 1;
    shown = new Map();
    const nodes = chosen.map((entry) => {
      const grid = panelCounts(entry);
      maximum = Math.max(maximum, grid.maximum);
      const panel = reconstructionPanel(entry, grid, () => maximum);
      shown.set(panel.node, panel);
      return panel.node;
    });
    panels.replaceChildren(...nodes);
    for (const [index, node] of nodes.entries()) {
      if (index < PAGE) shown.get(node)?.draw();
      else sight.observe(node);
    }
    if (found.length === 0) panels.append(element("p", { class: "quiet" }, "No feature has that in its name."));
    const last = state.start + chosen.length;
    position.textContent = state.all || found.length <= PAGE ? formatPlural(found.length, "feature") : `${formatCount(state.start + 1)}–${formatCount(last)} of ${formatCount(found.length)}`;
    previous.disabled = state.all || state.start === 0;
    next.disabled = state.all || last >= found.length;
    all.textContent = state.all ? `Show ${PAGE} at a time` : `Show all ${formatCount(found.length)}`;
    all.setAttribute("aria-pressed", String(state.all));
    drawStrip();
  }

  const tools = element("div", { class: "tools" }, strip);
  if (entries.length > PAGE) {
    const search = element("input", { type: "search", placeholder: "name contains…", "aria-label": "Find features by name" });
    search.addEventListener("input", () => {
      state.search = search.value;
      state.start = 0;
      show();
    });
    previous.addEventListener("click", () => {
      state.start = Math.max(0, state.start - PAGE);
      show();
    });
    next.addEventListener("click", () => {
      state.start += PAGE;
      show();
    });
    all.addEventListener("click", () => {
      state.all = !state.all;
      show();
    });
    const orders = [
      { value: "data", text: "as in the data" },
      { value: "worst", text: "largest error first" },
      { value: "best", text: "smallest error first" },
    ];
    const order = choice("Order", orders, state.order, (value) => {
      state.order = value as Order;
      state.start = 0;
      show();
    });
    order.title = "Error relative to the feature's range";
    tools.append(order, search, element("div", { class: "pager", role: "group", "aria-label": "Pages of features" }, previous, position, next), all);
  }
  tools.append(saveButton("reconstruction", () => figure));

  let width = 0;
  new ResizeObserver(() => {
    if (panels.clientWidth === width) return;
    width = panels.clientWidth;
    for (const panel of shown.values()) panel.draw();
  }).observe(panels);
  onThemeChange(() => {
    for (const panel of shown.values()) panel.draw();
    drawStrip();
  });
  show();
  figure.append(tools, panels);
  return figure;
}
