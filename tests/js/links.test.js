import assert from "node:assert/strict";
import { test } from "node:test";
import { linkify } from "../../static/src/core/links.js";

globalThis.document = { createElement: (name) => ({ name }) };
const shown = (text) => linkify(text).map((part) => (typeof part === "string" ? part : [part.href]));

test("addresses in a sentence are links, what ends the sentence is not part of them", () => {
  assert.deepEqual(shown("Pague en https://beneficiate.co/planes. Gracias"), ["Pague en ", ["https://beneficiate.co/planes"], ". Gracias"]);
  assert.deepEqual(shown("(vea http://a.co/b?c=1&d=2#e)"), ["(vea ", ["http://a.co/b?c=1&d=2#e"], ")"]);
  assert.deepEqual(shown("https://es.wikipedia.org/wiki/A_(b), eso"), [["https://es.wikipedia.org/wiki/A_(b)"], ", eso"]);
  assert.deepEqual(shown("HTTPS://A.CO y https://b.co"), [["HTTPS://A.CO"], " y ", ["https://b.co"]]);
});

test("only http and https are links", () => {
  for (const text of ["javascript:alert(1)", "data:text/html,x", "ftp://a.co", "www.a.co", "ana@a.co", "", "<a href='x'>"]) {
    assert.deepEqual(shown(text), text ? [text] : []);
  }
  assert.deepEqual(shown('https://a.co/"><script>'), [["https://a.co/"], '"><script>']);
});

test("a link opens apart, and the page that it leads to learns nothing of ours", () => {
  const [link] = linkify("https://a.co");
  assert.deepEqual([link.target, link.rel, link.textContent], ["_blank", "noopener noreferrer", "https://a.co"]);
});
