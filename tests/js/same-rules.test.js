import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isInSameGroup } from "../../static/src/core/dates.js";
import { planTitle } from "../../static/src/core/text.js";
import { formatWait } from "../../static/src/desk/waiting-times.js";
import { avatarColorOf, initialsOf } from "../../static/src/ui/avatars.js";

// tests/test_same_rules.py holds the server to the same cases.
const cases = JSON.parse(readFileSync(new URL("same_rules.json", import.meta.url), "utf8"));
const isGrouped = (seconds) => isInSameGroup("2026-08-25T15:00:00Z", new Date(Date.UTC(2026, 7, 25, 15, 0, seconds)).toISOString());
const rules = { initials: initialsOf, colors: avatarColorOf, waits: formatWait, plan_titles: planTitle, groups: isGrouped };

for (const [name, rule] of Object.entries(rules)) {
  test(`${name} are as on the server`, () => {
    for (const [given, expected] of cases[name]) assert.equal(rule(given), expected, String(given));
  });
}

test("every rule has cases", () => {
  assert.deepEqual(Object.keys(rules).sort(), Object.keys(cases).sort());
});
