import assert from "node:assert/strict";
import { test } from "node:test";
import { deadlineState, showWaitingTimes } from "../../static/src/desk/waiting-times.js";

test("a deadline is on time, due soon from the warning on, and past due after its moment", () => {
  const [due, warn] = ["2026-11-25T15:01:00.000Z", "2026-11-25T15:00:30.000Z"];
  const at = (time) => deadlineState(due, warn, Date.parse(time));
  assert.deepEqual(["15:00:29", "15:00:30", "15:01:00", "15:01:01"].map((time) => at(`2026-11-25T${time}Z`)), [0, 1, 1, 2]);
});

function clockOf(dataset) {
  const classes = new Set();
  const place = { textContent: "" };
  const classList = { toggle: (name, isOn) => (isOn ? classes.add(name) : classes.delete(name)) };
  return { dataset, classes, classList, hidden: false, querySelector: () => place };
}

test("a wait is coloured by the answer that was promised, and never without a promise", () => {
  const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
  const waits = [
    { wait: ago(7200) },
    { wait: ago(7200), answerBy: ago(-60), warn: ago(-30) },
    { wait: ago(20), answerBy: ago(-10), warn: ago(5) },
    { wait: ago(90), answerBy: ago(30), warn: ago(60) },
  ].map(clockOf);
  showWaitingTimes({ querySelectorAll: (selector) => (selector === "[data-wait]" ? waits : []) });
  assert.deepEqual(waits.map((one) => [...one.classes].join()), ["", "", "is-close", "is-past"]);
});
