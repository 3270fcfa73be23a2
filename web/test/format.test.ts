import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBeside, formatCount, formatFixed, formatNumber, formatPlural, formatSetting, formatShare, latentName, shortened, withUnit } from "../src/format.ts";

const plain = (text: string): string => text.replaceAll("\u202f", " ");

test("numbers have three digits, thousands separators and true minus signs", () => {
  assert.equal(formatNumber(0.12345), "0.123");
  assert.equal(formatNumber(-12345.6), "−12,346");
  assert.equal(formatNumber(0), "0");
  assert.equal(formatNumber(null), "–");
  assert.equal(formatNumber(Number.NaN), "–");
  assert.equal(formatNumber(-Infinity), "−∞");
});

test("very small and very large numbers are powers of ten", () => {
  assert.equal(plain(formatNumber(0.000123)), "1.23 × 10⁻⁴");
  assert.equal(plain(formatNumber(-2.5e12, 2)), "−2.5 × 10¹²");
  assert.equal(plain(formatNumber(999999)), "1.00 × 10⁶");
});

test("a number that rounds to zero has no sign", () => {
  assert.equal(formatFixed(-0.0001, 2), "0.00");
});

test("counts and their nouns agree", () => {
  assert.equal(formatCount(21593), "21,593");
  assert.equal(formatPlural(1, "row"), "1 row");
  assert.equal(formatPlural(2, "row"), "2 rows");
});

test("shares near one show what is missing", () => {
  assert.equal(plain(formatShare(0.98)), "98.0 %");
  assert.equal(plain(formatShare(0.99964)), "99.964 %");
  assert.equal(plain(formatShare(1)), "100.0 %");
  assert.equal(plain(formatShare(-0.2)), "−20.0 %");
  assert.equal(formatShare(null), "–");
});

test("settings keep their digits", () => {
  assert.equal(formatSetting(0.004), "0.004");
  assert.equal(plain(formatSetting(1e-9)), "1 × 10⁻⁹");
  assert.equal(formatSetting(0), "0");
});

test("numbers that stand under each other share their decimals", () => {
  assert.equal(plain(formatBeside(-0.00317, 0.214, "mag")), "−0.003 mag");
  assert.equal(plain(formatBeside(2e-7, 3e-7, "mag")), "2.00 × 10⁻⁷ mag");
});

test("names", () => {
  assert.equal(latentName("z12"), "z₁₂");
  assert.equal(latentName("zeta"), "zeta");
  assert.equal(withUnit("energy", "meV"), "energy (meV)");
  assert.equal(withUnit("energy", null), "energy");
  assert.equal(shortened("abcdefghij", 10), "abcdefghij");
  assert.equal(Array.from(shortened("abcdefghijk", 7)).length, 7);
});
