/** Samples with axes on the built page: spectra, maps, volumes. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { pack, sampleFixture, hostileSamples } from "./sample-fixtures.ts";
import { colours, drawn, open } from "./opened.ts";

/** Colour of the pixel at a place 0–1 of a canvas. */
async function pixel(page: Page, selector: string, index: number, x: number, y: number): Promise<number[]> {
  return page.locator(selector).nth(index).evaluate(
    (node, [x, y]) => {
      const canvas = node as HTMLCanvasElement;
      const copy = document.createElement("canvas");
      copy.width = canvas.width;
      copy.height = canvas.height;
      const context = copy.getContext("2d", { willReadFrequently: true })!;
      context.drawImage(canvas, 0, 0);
      return [...context.getImageData(Math.floor(x! * canvas.width), Math.floor(y! * canvas.height), 1, 1).data.slice(0, 3)];
    },
    [x, y],
  );
}

for (const dark of [false, true]) {
  test(`spectra, ${dark ? "dark" : "light"}`, async () => {
    const { page, close } = await open("spectra", sampleFixture({ sizes: [120] }), { dark });
    assert.match((await page.textContent(".summary")) ?? "", /folds spectra of 120 values into 2 latents/);
    assert.equal(await page.locator(".sample").count(), 9);
    assert.equal(await page.locator(".sample path.original").count(), 9);
    assert.equal(await page.locator(".sample path.reconstructed").count(), 9);
    assert.deepEqual(await page.locator(".sample").first().locator(".title").allTextContents(), ["", "value", "momentum transfer (Å⁻¹)", "residual"]);
    const label = (await page.locator(".sample svg").first().getAttribute("aria-label")) ?? "";
    assert.match(label, /^Best: row 1, rms residual 0\.0100: original, reconstruction and residual; largest residual .* at momentum transfer .*\sÅ⁻¹\.$/);
    assert.equal(await page.locator(".along path.pca").count(), 1);
    assert.equal(await page.locator(".decoded-frame path.reconstructed").count(), 49);
    await page.check("input[value=own]", { force: true });
    assert.equal(await page.locator("input[value=own]").isChecked(), true);
    assert.equal(await page.locator("table.errors tbody tr").count(), 2);
    await close();
  });

  test(`maps, ${dark ? "dark" : "light"}`, async () => {
    const { page, close } = await open("maps", sampleFixture({ sizes: [24, 30] }), { dark });
    assert.equal(await page.locator(".sample").count(), 3);
    assert.equal(await page.locator(".sample canvas").count(), 9);
    for (let index = 0; index < 9; index++) assert.ok((await colours(page, `.sample canvas >> nth=${index}`)) > 5, `image ${index} is blank`);
    await page.getByRole("button", { name: "Show all 9 samples" }).click();
    await drawn(page);
    assert.equal(await page.locator(".sample canvas").count(), 27);
    await page.getByRole("button", { name: "Show 3 samples" }).click();
    await drawn(page);
    assert.equal(await page.locator(".sample canvas").count(), 9);
    assert.equal(await page.locator(".sample g.scale").count(), 6);
    assert.ok((await page.locator(".sample g.scale .label").allTextContents()).length > 12);
    assert.equal(await page.locator(".along canvas").count(), 1);
    assert.ok((await colours(page, ".decoded-frame canvas")) > 50);
    await close();
  });
}

test("volumes are three planes each, with where they cut", async () => {
  const { page, close } = await open("volumes", sampleFixture({ sizes: [8, 9, 10] }));
  assert.equal(await page.locator(".sample canvas").count(), 27);
  const cuts = await page.locator(".sample").first().locator(".cut").allTextContents();
  assert.deepEqual(cuts, ["at temperature 1.75 K", "at energy transfer 1.5 meV", "at momentum transfer 1.5 Å⁻¹"]);
  assert.equal(await page.locator(".along canvas").count(), 3);
  await close();
});

test("pixels lie where the axes say", async () => {
  // One bright corner: the first bin of both axes.
  const corner = pack([1, ...new Array<number>(11).fill(0)]);
  const zero = pack(new Array<number>(12).fill(0));
  const bright = async (options: { pixels?: boolean; descending?: boolean }): Promise<string> => {
    const report = sampleFixture({ sizes: [3, 4], ...options });
    for (const triplet of report.samples!.triplets) triplet.parts = [{ original: corner, residual: zero }];
    const { page, close } = await open(`corner-${JSON.stringify(options).length}`, report);
    const places: [string, number, number][] = [["top left", 0.05, 0.05], ["top right", 0.95, 0.05], ["bottom left", 0.05, 0.95], ["bottom right", 0.95, 0.95]];
    const sums = await Promise.all(places.map(async ([, x, y]) => (await pixel(page, ".sample canvas", 0, x, y)).reduce((sum, channel) => sum + channel, 0)));
    const title = await page.locator(".sample .title").allTextContents();
    assert.ok(title.includes(options.pixels ? "axis2" : "energy transfer (meV)"), String(title));
    await close();
    return places[sums.indexOf(Math.max(...sums))]![0];
  };
  assert.equal(await bright({}), "bottom left");
  assert.equal(await bright({ descending: true }), "top right");
  assert.equal(await bright({ pixels: true }), "top left");
});

test("a residual of zero has the colour of the page, and equal sizes of both signs are as far from it", async () => {
  const report = sampleFixture({ sizes: [1, 4] });
  for (const triplet of report.samples!.triplets) triplet.parts = [{ original: pack([1, 2, 3, 4]), residual: pack([-2, 0, 0, 2]) }];
  const { page, close } = await open("signs", report);
  // Of 256 colours none is the very middle.
  for (const channel of await pixel(page, ".sample canvas", 2, 0.4, 0.5)) assert.ok(channel >= 252);
  const [less, more] = [await pixel(page, ".sample canvas", 2, 0.1, 0.5), await pixel(page, ".sample canvas", 2, 0.9, 0.5)];
  assert.ok(less[2]! > less[0]! && more[0]! > more[2]!, `${less} ${more}`);
  // Original and reconstruction have one scale: 1 − (−2) = 3 has the colour of the 3 in the original.
  assert.deepEqual(await pixel(page, ".sample canvas", 1, 0.1, 0.5), await pixel(page, ".sample canvas", 0, 0.6, 0.5));
  await close();
});

test("pointer and keys choose a decoded sample", async () => {
  const { page, close } = await open("decoded", sampleFixture({ sizes: [12, 10] }));
  const chosen = (): Promise<string | null> => page.textContent(".decoded-side .quiet");
  assert.match((await chosen()) ?? "", /^z₁ = 0, z₂ = −1\.00; 80 rows near it$/);
  const cells = page.locator(".cells");
  await cells.scrollIntoViewIfNeeded();
  const box = (await cells.boundingBox())!;
  await page.mouse.move(box.x + 4, box.y + 4);
  assert.match((await chosen()) ?? "", /^z₁ = −1\.50, z₂ = 1\.50; /);
  await cells.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await drawn(page);
  assert.match((await chosen()) ?? "", /^z₁ = −1\.00, z₂ = 0\.500; /);
  assert.match((await cells.getAttribute("aria-label")) ?? "", /Arrow keys.*z₁ = −1\.00/);
  await close();
});

for (const latents of [1, 5]) {
  test(`decoded with ${latents} latents`, async () => {
    const { page, close } = await open(`decoded-${latents}`, sampleFixture({ sizes: [20], latents }));
    assert.equal(await page.locator(".decoded-frame path.reconstructed").count(), latents === 1 ? 7 : 49);
    if (latents > 2) assert.deepEqual(await page.locator(".map-frame .title").allTextContents(), ["principal direction 1", "principal direction 2"]);
    await close();
  });
}

test("every figure of samples can be saved as a picture", async () => {
  const { page, close } = await open("sample-pictures", sampleFixture({ sizes: [16, 18] }));
  const buttons = page.locator("button.save");
  assert.equal(await buttons.count(), 5);
  for (let index = 0; index < 5; index++) {
    const [download] = await Promise.all([page.waitForEvent("download"), buttons.nth(index).click()]);
    assert.ok(readFileSync(await download.path()).length > 10_000, "not blank");
  }
  await close();
});

test("awkward samples harm nothing, and names stay text", async () => {
  for (const sizes of [[1], [40], [1, 1], [5, 1], [3, 1, 4]]) {
    const { page, close } = await open(`awkward-${sizes.join("-")}`, hostileSamples(sizes), { width: 500 });
    assert.equal(await page.locator("#report img, #report b, #report i").count(), 0);
    const shown = await page.locator("#report").evaluate((node) => (node as HTMLElement).innerText + node.innerHTML);
    assert.doesNotMatch(shown, /NaN|undefined|Infinity/);
    await close();
  }
});

test("where PCA is better, the page says why and what to do", async () => {
  const report = sampleFixture({ sizes: [30] });
  report.samples!.verdict = "PCA with 2 components reconstructs better.";
  const { page, close } = await open("verdict", report);
  assert.equal(await page.textContent(".banner"), "PCA is better here. PCA with 2 components reconstructs better.");
  await close();
  const plain = await open("no-verdict", sampleFixture({ sizes: [30] }));
  assert.equal(await plain.page.locator(".banner").count(), 0);
  await plain.close();
});

test("what was averaged is said", async () => {
  const report = sampleFixture({ sizes: [30, 20] });
  report.samples!.views[0]!.across.averaged = 3;
  report.samples!.axes[1]!.bins = 60;
  const { page, close } = await open("averaged", report);
  assert.match((await page.textContent(".triplets-section .explanation")) ?? "", /Drawn with fewer bins: means of up to 3 of the 60 bins of energy transfer\./);
  await close();
});

test("samples on a phone and on paper", async () => {
  for (const sizes of [[50], [20, 20], [6, 7, 8]]) {
    const { page, close } = await open(`phone-${sizes.length}`, sampleFixture({ sizes }), { width: 360 });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await drawn(page);
    assert.equal(await page.locator(".decoded-side svg").count() > 0, true);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    await drawn(page);
    await close();
  }
});
