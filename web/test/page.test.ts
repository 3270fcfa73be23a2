/** The built page in a real browser, with documents of many kinds. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bareFixture, fixture, hostileFixture } from "./fixtures.ts";
import { colours, drawn, open } from "./opened.ts";

const MAP = ".map-frame canvas";

for (const dark of [false, true]) {
  test(`the ordinary report, ${dark ? "dark" : "light"}`, async () => {
    const { page, close } = await open("ordinary", fixture(), { dark });
    assert.match((await page.textContent(".summary")) ?? "", /folds 5 features into 2 latents, trained on 1,200 rows of stars\.csv, with 300 rows held out/);
    assert.equal(await page.textContent(".badge"), "synthetic data");
    assert.equal(await page.locator(".banner").count(), 0);
    for (const mode of ["density", "points", "both"]) {
      await page.check(`input[value=${mode}]`, { force: true });
      assert.ok((await colours(page, MAP)) > 5, `${mode} is blank`);
    }
    const options = await page.locator(".tools select").first().locator("option").allTextContents();
    assert.deepEqual(options.slice(0, 2), ["redshift", "class"]);
    for (const option of options) {
      await page.locator(".tools select").first().selectOption({ label: option });
      assert.ok((await colours(page, MAP)) > 5, `${option} is blank`);
    }
    assert.equal(await page.locator("table.errors tbody tr").count(), 7);
    assert.ok((await colours(page, ".panel canvas")) > 5);
    await close();
  });
}

test("hover, zoom, isolate and reset", async () => {
  const { page, close } = await open("pointer", fixture());
  const area = page.locator(".plot-area");
  await area.scrollIntoViewIfNeeded();
  const box = (await area.boundingBox())!;
  const caption = (): Promise<string | null> => page.textContent(".map-main .caption");
  const whole = await caption();
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.5);
  await page.mouse.move(box.x + box.width * 0.31, box.y + box.height * 0.5);
  assert.equal(await page.locator(".marker .ring").count(), 1);
  assert.match((await page.textContent(".readout")) ?? "", /z₁.*class.*reconstruction error/s);
  await page.mouse.wheel(0, -400);
  await drawn(page);
  const zoomed = await caption();
  assert.notEqual(zoomed, whole);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.7, { steps: 4 });
  await page.mouse.up();
  await drawn(page);
  assert.notEqual(await caption(), zoomed);
  await page.getByRole("button", { name: "Show the whole map again" }).click();
  await drawn(page);
  assert.equal(await caption(), whole);
  await area.focus();
  await page.keyboard.press("+");
  await drawn(page);
  assert.notEqual(await caption(), whole);
  await page.keyboard.press("0");
  await drawn(page);
  assert.equal(await caption(), whole);
  await page.locator(".categories button").nth(1).click();
  assert.equal(await page.locator(".categories button[aria-pressed=true]").count(), 1);
  assert.equal(await page.locator(".categories button.aside").count(), 3);
  await close();
});

test("every figure can be saved as a picture", async () => {
  const { page, close } = await open("pictures", fixture());
  const buttons = page.locator("button.save");
  assert.equal(await buttons.count(), 3);
  for (let index = 0; index < 3; index++) {
    const [download] = await Promise.all([page.waitForEvent("download"), buttons.nth(index).click()]);
    const bytes = readFileSync(await download.path());
    assert.match(download.suggestedFilename(), /^made-up-stars.*\.png$/);
    assert.equal(bytes.subarray(1, 4).toString(), "PNG");
    assert.ok(bytes.readUInt32BE(16) > 1000, "wide enough to print");
    assert.ok(bytes.length > 10_000, "not blank");
  }
  await close();
});

for (const latents of [1, 3, 16]) {
  test(`${latents} latents`, async () => {
    const { page, close } = await open(`latents-${latents}`, fixture({ latents }));
    assert.ok((await colours(page, MAP)) > 5);
    if (latents === 1) {
      assert.equal(await page.locator(".map-frame .histogram").count(), 1);
      await page.getByLabel("Up").selectOption({ label: "redshift" });
    } else {
      await page.getByLabel("Across").selectOption({ label: "z₃" });
      await page.getByLabel("Up").selectOption({ label: "z₁" });
      assert.deepEqual(await page.locator(".map-frame .title").allTextContents(), ["z₃", "z₁"]);
    }
    assert.ok((await colours(page, MAP)) > 5);
    await close();
  });
}

test("one latent and no columns is a histogram", async () => {
  const report = fixture({ latents: 1 });
  report.columns = [];
  const { page, close } = await open("histogram", report);
  assert.equal(await page.locator(".map-frame .histogram").count(), 1);
  await close();
});

test("without columns, held-out rows and units; PCA wins and the page says so", async () => {
  const { page, close } = await open("bare", bareFixture());
  assert.match((await page.textContent(".banner")) ?? "", /PCA is better here.*2 components.*11\.1 times as large/);
  assert.match((await page.textContent(".key-numbers")) ?? "", /PCA is better/);
  assert.equal(await page.locator("path.curve").count(), 1);
  assert.ok((await colours(page, MAP)) > 5);
  await close();
});

test("hostile names stay text, and odd numbers harm nothing", async () => {
  const { page, close } = await open("hostile", hostileFixture());
  assert.equal(await page.locator("#report img, #report b, #report i").count(), 0);
  assert.match(await page.title(), /^<\/script><img/);
  const count = await page.locator(".tools select").first().locator("option").count();
  for (let index = 0; index < count; index++) {
    await page.locator(".tools select").first().selectOption({ index });
    for (const mode of ["density", "points", "both"]) await page.check(`input[value=${mode}]`, { force: true });
  }
  await page.getByLabel("Up").selectOption({ index: 2 });
  const shown = await page.locator("#report").evaluate((node) => (node as HTMLElement).innerText + node.innerHTML);
  assert.doesNotMatch(shown, /NaN|undefined|Infinity/);
  await close();
});

test("784 features stay usable", async () => {
  const { page, close } = await open("wide", fixture({ features: 784, rows: 60, unit: null }));
  assert.equal(await page.locator(".panel").count(), 12);
  assert.equal(await page.locator("table.errors tbody tr").count(), 14);
  await page.getByRole("button", { name: "Show all 784 features" }).click();
  await drawn(page);
  assert.equal(await page.locator("table.errors tbody tr").count(), 786);
  await page.getByRole("button", { name: "Later features" }).click();
  await drawn(page);
  assert.equal(await page.textContent(".pager .position"), "13–24 of 784");
  await page.getByLabel("Order").selectOption({ label: "largest error first" });
  await page.getByLabel("Find features by name").fill("pixel 78");
  assert.equal(await page.locator(".panel").count(), 6);
  await page.getByLabel("Find features by name").fill("");
  await page.getByRole("button", { name: "Show all 784", exact: true }).click();
  await drawn(page);
  assert.equal(await page.locator(".panel").count(), 784);
  await close();
});

test("one row, and none at all", async () => {
  const one = await open("one", fixture({ rows: 1 }));
  await one.close();
  const report = fixture({ rows: 1 });
  report.latent.values = [];
  report.reconstruction = [];
  report.errors.per_feature = [];
  report.errors.pca = [];
  report.training.loss = { label: "loss", epoch: [], train: [], validation: [] };
  const none = await open("none", report);
  await none.close();
});

test("a phone: nothing is wider than the window", async () => {
  const { close } = await open("phone", fixture({ latents: 3 }), { width: 360 });
  await close();
  const hostile = await open("phone-hostile", hostileFixture(), { width: 360 });
  await hostile.close();
});

test("the empty template says what it is", async () => {
  const { page, close } = await open("empty", null);
  assert.match((await page.textContent(".banner")) ?? "", /empty page/);
  await close();
});

test("the most anomalous rows, with their reasons and simple methods beside them", async () => {
  const feature = (share: number) => ({ name: "<b>u</b>", unit: "mag", value: 15.5, expected: 19.25, uncertainty: share > 0.5 ? 0.5 : null, share });
  const row = (number: number) => ({ source: "stars.csv", row: number, score: 7.25, p_value: 0.0005, features: [feature(0.75), feature(0.25)] });
  const anomalies = {
    measures: ["mahalanobis", "density"],
    members: 10,
    calibration_rows: 300,
    rate: 0.01,
    rows: 1500,
    outliers: 0,
    p_values: [100, 0, 50],
    baselines: [{ name: "pca", flagged: 12, shared: 0 }],
    most: Array.from({ length: 12 }, (_, index) => row(index + 1)),
  };
  const { page, close } = await open("anomalies", { ...fixture(), anomalies });
  const rows = page.locator("table.anomalies tbody tr");
  assert.equal(await rows.count(), 8);
  await page.getByRole("button", { name: "Show 12 rows" }).click();
  assert.equal(await rows.count(), 12);
  const first = (await rows.first().textContent()) ?? "";
  assert.match(first, /<b>u<\/b> 15\.50 mag expected 19\.25 ± 0\.50 \(−7\.5/);
  assert.match((await page.textContent("table.baselines")) ?? "", /PCA reconstruction120–/);
  await close();
});
