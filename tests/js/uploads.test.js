import assert from "node:assert/strict";
import { test } from "node:test";
import { problemOf } from "../../static/src/desk/uploads.js";

const ACCEPT = "image/png,application/pdf";

test("what would be refused is not sent: another kind, or too large", () => {
  assert.equal(problemOf({ type: "image/png", size: 5 }, ACCEPT, 10), "");
  assert.match(problemOf({ type: "text/plain", size: 5 }, ACCEPT, 10), /imágenes/);
  assert.match(problemOf({ type: "image/png", size: 10_485_761 }, ACCEPT, 10_485_760), /10 MB/);
});

test("of a file whose type the browser does not know, the server decides", () => {
  assert.equal(problemOf({ type: "", size: 5 }, ACCEPT, 10), "");
});
