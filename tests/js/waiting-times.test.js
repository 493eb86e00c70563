import assert from "node:assert/strict";
import { test } from "node:test";
import { deadlineState } from "../../static/src/desk/waiting-times.js";

test("a deadline is on time, due soon from the warning on, and past due after its moment", () => {
  const [due, warn] = ["2026-11-25T15:01:00.000Z", "2026-11-25T15:00:30.000Z"];
  const at = (time) => deadlineState(due, warn, Date.parse(time));
  assert.deepEqual(["15:00:29", "15:00:30", "15:01:00", "15:01:01"].map((time) => at(`2026-11-25T${time}Z`)), [0, 1, 1, 2]);
});
