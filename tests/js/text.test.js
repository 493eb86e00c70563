import assert from "node:assert/strict";
import { test } from "node:test";
import { findMentioned, lengthOf, shortenText, toSendable } from "../../static/src/core/text.js";

test("half a character, as a cut makes it, is not sent", () => {
  assert.equal(toSendable("hola 🙂".slice(0, -1)), "hola \uFFFD");
  assert.equal(toSendable("🙂".slice(1)), "\uFFFD");
  assert.equal(toSendable("👩‍👧 bien"), "👩‍👧 bien");
  assert.ok(toSendable("\ud83d".repeat(3)).isWellFormed());
});

test("control characters are not sent; line breaks and tabs are", () => {
  assert.equal(toSendable("\0a\u0007\u001b[b\u007f"), "a[b");
  assert.equal(toSendable("  uno\n\tdos\r\n"), "uno\n\tdos");
});

test("characters are counted as the server counts them", () => {
  assert.equal(lengthOf("Año 🙂"), 5);
});

test("what is shortened ends at a whole letter", () => {
  assert.equal(shortenText("👩‍👧👩‍👧👩‍👧", 2), "👩‍👧👩‍👧…");
  assert.equal(shortenText("a\u0301b", 1), "a\u0301…");
  assert.equal(shortenText("corto", 5), "corto");
  assert.equal(shortenText("🙂🙂", 2), "🙂🙂");
});

test("who is named behind an @ is mentioned, and nobody whose name is only the beginning of it", () => {
  const people = ["Ana María", "Ana María Gil", "Luis Peña", "Ana María Gil"].map((name, id) => ({ id, name }));
  const idsIn = (text) => findMentioned(text, people).map(({ id }) => id);
  assert.deepEqual(idsIn("Mire, @Ana María Gil"), [1, 3]);
  assert.deepEqual(idsIn("@Ana María, y @Luis Peña."), [0, 2]);
  assert.deepEqual(idsIn("@Ana María Gil y @Ana María"), [0, 1, 3]);
  assert.deepEqual(idsIn("Ana María, ana@maria.co, @"), []);
});
