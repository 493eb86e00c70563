import assert from "node:assert/strict";
import { test } from "node:test";
import { findFileProblem } from "../../static/src/core/api.js";

test("what would be refused is not sent: another kind, or too large", () => {
  assert.equal(findFileProblem({ type: "image/png", size: 10_485_760 }, 10_485_760), "");
  assert.equal(findFileProblem({ type: "image/heif", size: 5 }, 10), "");
  assert.equal(findFileProblem({ type: "application/pdf", size: 5 }, 10), "");
  assert.match(findFileProblem({ type: "text/plain", size: 5 }, 10), /imágenes/);
  assert.match(findFileProblem({ type: "image/png", size: 10_485_761 }, 10_485_760), /más de 10 MB/);
});

test("a limit that is no whole number of megabytes is told as it is", () => {
  assert.match(findFileProblem({ type: "image/png", size: 600_000 }, 524_288), /más de 0,5 MB/);
});

test("of a file whose type the browser does not know, and without a limit, the server decides", () => {
  assert.equal(findFileProblem({ type: "", size: 5 }, 10), "");
  assert.equal(findFileProblem({ type: "image/png", size: 20_000_000 }, undefined), "");
});
