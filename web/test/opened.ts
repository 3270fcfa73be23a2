/** Pages opened in a real browser; whatever they log or ask for is a failure. */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before } from "node:test";
import { chromium, type Browser, type Page } from "playwright-core";
import type { ReportDocument } from "../src/document.ts";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const SWITCHES = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const template = readFileSync(new URL("../../../crates/lumenfold/assets/report.html", import.meta.url), "utf8");
const folder = mkdtempSync(join(tmpdir(), "lumenfold-page-"));
let browser: Browser;

before(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: SWITCHES });
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A page that is open. */
export interface Opened {
  page: Page;
  /** Closes the page, and fails if anything was logged or asked for on the way. */
  close(): Promise<void>;
}

/** Opens a report; null opens the empty template. */
export async function open(name: string, report: ReportDocument | null, options: { width?: number; dark?: boolean } = {}): Promise<Opened> {
  const file = join(folder, `${name}.html`);
  const text = report === null ? null : JSON.stringify(report).replaceAll("<", "\\u003c");
  writeFileSync(file, text === null ? template : template.replace("__LUMENFOLD_REPORT_DATA__", () => text));
  const address = pathToFileURL(file).href;
  const context = await browser.newContext({ viewport: { width: options.width ?? 1280, height: 800 }, colorScheme: options.dark === true ? "dark" : "light" });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => problems.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== address && !/^(data|blob):/.test(request.url())) problems.push(`request: ${request.url()}`);
  });
  await page.goto(address);
  await drawn(page);
  return {
    page,
    close: async () => {
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      await context.close();
      assert.deepEqual(problems, []);
      assert.ok(overflow <= 0, `the page is ${overflow} pixels too wide`);
    },
  };
}

/** Waits until the page has drawn what changed last: sizes are observed in one frame and drawn for the next. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  });
}

/** Distinct colours in a canvas: one means that it is blank. */
export async function colours(page: Page, selector: string): Promise<number> {
  return page.locator(selector).first().evaluate((node) => {
    const canvas = node as HTMLCanvasElement;
    // Read from a copy: reading the canvas itself again and again makes the browser warn.
    const copy = document.createElement("canvas");
    copy.width = canvas.width;
    copy.height = canvas.height;
    const context = copy.getContext("2d", { willReadFrequently: true });
    if (context === null) return 0;
    context.drawImage(canvas, 0, 0);
    const packed = new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    return new Set(packed).size;
  });
}
