import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeFloat32, decodeUint16, decodeUint32 } from "../src/decode.ts";
import { float32Text, uint16Text, uint32Text } from "./fixtures.ts";

test("floats come back bit for bit, missing values included", () => {
  const values = [0, -1.5, 1e-40, 3.4e38, Number.NaN, Infinity];
  assert.deepEqual([...decodeFloat32(float32Text(values))], [...Float32Array.from(values)]);
});

test("integers come back", () => {
  assert.deepEqual([...decodeUint16(uint16Text([0, 1, 65535]))], [0, 1, 65535]);
  assert.deepEqual([...decodeUint32(uint32Text([0, 4294967295]))], [0, 4294967295]);
  assert.equal(decodeFloat32("").length, 0);
});

test("a column of the wrong length is an error", () => {
  assert.throws(() => decodeFloat32("AAAA"), /3 bytes/);
});
