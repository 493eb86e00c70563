import { clearStorage, fillStorage } from "./browser.js";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { jsonStorage, storage } from "../../static/src/core/storage.js";

beforeEach(() => {
  clearStorage();
  storage.keys("t:").forEach((key) => storage.remove(key));
});

test("a value is in localStorage until it is removed", () => {
  storage.set("t:a", "1");
  assert.deepEqual([storage.get("t:a"), localStorage.getItem("t:a")], ["1", "1"]);
  storage.remove("t:a");
  assert.deepEqual([storage.get("t:a"), localStorage.getItem("t:a")], [null, null]);
});

test("with a full disk values live as long as the page", () => {
  fillStorage();
  storage.set("t:a", "1");
  assert.deepEqual([storage.get("t:a"), localStorage.getItem("t:a"), storage.keys("t:")], ["1", null, ["t:a"]]);
  storage.remove("t:a");
  assert.equal(storage.get("t:a"), null);
});

test("a value that could be stored again is not the spare one", () => {
  fillStorage();
  storage.set("t:a", "1");
  clearStorage();
  storage.set("t:a", "2");
  assert.equal(storage.get("t:a"), "2");
  assert.deepEqual(storage.keys("t:"), ["t:a"]);
});

test("JSON values stand under their prefix and leave the others alone", () => {
  const box = jsonStorage("t:box:");
  storage.set("t:other", "x");
  box.set("a", { at: 1 });
  assert.deepEqual(box.get("a"), { at: 1 });
  assert.equal(box.get("b"), null);
  assert.deepEqual([box.keys(), storage.get("t:box:a")], [["a"], '{"at":1}']);
  box.clear();
  assert.deepEqual([box.keys(), storage.get("t:other")], [[], "x"]);
});
