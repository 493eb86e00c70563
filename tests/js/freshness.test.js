// How old what the board shows is.

import assert from "node:assert/strict";
import test from "node:test";

import { formatFreshness } from "../../static/src/supervision/freshness.js";

test("while the connection is open the board is of now, whatever its age", () => {
  assert.deepEqual(formatFreshness({ isOpen: true, isCurrent: true, ageMs: 90_000 }), { text: "En vivo, al instante", isLate: false });
});

test("without a connection the age is said in seconds, then in minutes", () => {
  const textAt = (ageMs) => formatFreshness({ isOpen: false, isCurrent: true, ageMs }).text;
  assert.equal(textAt(12_400), "Sin conexión, lo que ve es de hace 12 s");
  assert.equal(textAt(59_400), "Sin conexión, lo que ve es de hace 59 s");
  assert.equal(textAt(60_000), "Sin conexión, lo que ve es de hace 1 min");
  assert.equal(textAt(-5), "Sin conexión, lo que ve es de hace 0 s");
  assert.equal(formatFreshness({ isOpen: false, isCurrent: true, ageMs: 0 }).isLate, true);
});

test("a board that the server cannot compute is said to be old although the connection is open", () => {
  const { text, isLate } = formatFreshness({ isOpen: true, isCurrent: false, ageMs: 7_000 });
  assert.deepEqual([text, isLate], ["Sin datos nuevos, lo que ve es de hace 7 s", true]);
});
