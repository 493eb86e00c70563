import assert from "node:assert/strict";
import { test } from "node:test";
import { linkify } from "../../static/src/core/links.js";

globalThis.document = { createElement: (name) => ({ name }) };
const shown = (text) => linkify(text).filter(Boolean).map((part) => (typeof part === "string" ? part : [part.href]));
const numberIn = (text) => linkify(text).find((part) => typeof part !== "string")?.href;

test("addresses in a sentence are links, what ends the sentence is not part of them", () => {
  assert.deepEqual(shown("Pague en https://beneficiate.co/planes. Gracias"), ["Pague en ", ["https://beneficiate.co/planes"], ". Gracias"]);
  assert.deepEqual(shown("(vea http://a.co/b?c=1&d=2#e)"), ["(vea ", ["http://a.co/b?c=1&d=2#e"], ")"]);
  assert.deepEqual(shown("https://es.wikipedia.org/wiki/A_(b), eso"), [["https://es.wikipedia.org/wiki/A_(b)"], ", eso"]);
  assert.deepEqual(shown("HTTPS://A.CO y https://b.co"), [["HTTPS://A.CO"], " y ", ["https://b.co"]]);
});

test("only http and https are links", () => {
  for (const text of ["javascript:alert(1)", "data:text/html,x", "ftp://a.co", "www.", "www...", "ana@a.co", "", "<a href='x'>"]) {
    assert.deepEqual(shown(text), text ? [text] : []);
  }
  assert.deepEqual(shown('https://a.co/"><script>'), [["https://a.co/"], '"><script>']);
});

test("a link opens apart, and the page that it leads to learns nothing of ours", () => {
  const link = linkify("https://a.co").find(Boolean);
  assert.deepEqual([link.target, link.rel, link.textContent], ["_blank", "noreferrer", "https://a.co"]);
});

test("an address without its scheme is one of https", () => {
  assert.deepEqual(shown("Vea www.example.com/a?b=1, por favor"), ["Vea ", ["https://www.example.com/a?b=1"], ", por favor"]);
  assert.deepEqual(shown("(WWW.A.CO)"), ["(", ["https://WWW.A.CO"], ")"]);
  assert.deepEqual(shown("javascript:www.a.co"), ["javascript:", ["https://www.a.co"]]);
});

test("telephones of Colombia are links as people write them", () => {
  for (const text of ["300 123 4567", "3001234567", "300-123-4567", "300.123.4567", "300 1234567", "300 123 45 67", "tel:3001234567", "(+57) 300 123 4567"]) {
    assert.equal(numberIn(text), "tel:3001234567", text);
  }
  for (const text of ["+57 300 123 4567", "+573001234567", "+57-300-123-4567"]) assert.equal(numberIn(text), "tel:+573001234567", text);
  for (const text of ["(601) 123 4567", "601 123 4567", "601-123-4567", "(601)1234567"]) assert.equal(numberIn(text), "tel:6011234567", text);
  for (const text of ["01 8000 123 456", "018000 123456", "018000123456", "01-8000-123-456", "01 8000 12 34 56"]) {
    assert.equal(numberIn(text), "tel:018000123456", text);
  }
  assert.deepEqual(shown("Cel. 3001234567, o 310 123 4567."), ["Cel. ", ["tel:3001234567"], ", o ", ["tel:3101234567"], "."]);
});

test("documents, amounts, references and longer numbers are no telephones", () => {
  for (const text of [
    "1023456789", "79456123", "1.023.456.789", "6011234567", "NIT 300123456-7", "C.C. 3.001.234.567",
    "$3001234567", "$ 3001234567", "$3.001.234.567", "3001234567.50", "3001234567,50", "300 20 30 500", "350 400 450 500",
    "30012345678", "573001234567", "4111 3001 2345 6789", "1 300 123 4567", "+1 300 123 4567", "300 123 4567 8", "12.300.123.4567",
    "BNF-3001234567", "APT-3001234567-1", "2026/3001234567", "wa.me/573001234567", "3001234567@a.co", "3001234567x", "#123", "#300 123 4567",
  ]) assert.deepEqual(shown(text), [text]);
});

test("what opens a telephone stays on the page", () => {
  const link = linkify("300 123 4567").find(Boolean);
  assert.deepEqual([link.target, link.textContent], [undefined, "300 123 4567"]);
});
