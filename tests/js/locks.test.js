import "./browser.js";

import assert from "node:assert/strict";
import { test } from "node:test";
import { withLock } from "../../static/src/core/locks.js";

test("where locks are blocked, as with storage, the task runs all the same and once", async (t) => {
  Object.defineProperty(navigator, "locks", { value: { request: async () => { throw new DOMException("blocked", "SecurityError"); } }, configurable: true });
  t.after(() => { delete navigator.locks; });
  let runs = 0;
  assert.equal(await withLock("one", async () => { runs += 1; return "done"; }), "done");
  await assert.rejects(withLock("one", async () => { runs += 1; throw new Error("its own"); }), /its own/);
  assert.equal(runs, 2);
});
