import { clearStorage, fillStorage } from "./browser.js";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { deleteWritten, jsonStorage, storage } from "../../static/src/core/storage.js";

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

test("of what somebody wrote, messages on their way are kept if they are young", () => {
  const old = "beneficiate:out:7:a", young = "beneficiate:out:7:b";
  storage.set(old, '{"at":"2026-08-24T10:00:00.000Z"}');
  storage.set(young, '{"at":"2026-08-25T10:00:00.000Z"}');
  for (const key of ["beneficiate:draft:7:12", "beneficiate:since:7:12", "beneficiate:draft:8:12"]) storage.set(key, "x");
  deleteWritten((id) => id === "7", "2026-08-25T09:00:00.000Z");
  assert.deepEqual(storage.keys("beneficiate:").sort(), ["beneficiate:draft:8:12", young]);
  deleteWritten((id) => id === "7");
  assert.deepEqual(storage.keys("beneficiate:"), ["beneficiate:draft:8:12"]);
});
