import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTime, dayKeyOf, formatFullDateTime, formatDateTime, formatRelativeDay, formatWeekdayDate } from "../../static/src/core/dates.js";
import { useClock } from "./clock.js";

const AT = "2026-08-25T13:05:00Z"; // 8:05 in Bogotá

test("times are those of Bogotá, unbroken", () => {
  assert.equal(formatTime(AT), "8:05\u00a0a.\u00a0m.");
  assert.equal(formatDateTime(AT), "martes 25 de agosto, 8:05\u00a0a.\u00a0m.");
  assert.equal(formatFullDateTime(AT), "martes 25 de agosto de 2026, 8:05\u00a0a.\u00a0m.");
});

test("the day changes at midnight of Bogotá", () => {
  assert.equal(formatWeekdayDate("2026-08-26T04:59:00Z"), "martes 25 de agosto");
  assert.equal(formatWeekdayDate("2026-08-26T05:00:00Z"), "miércoles 26 de agosto");
  assert.equal(dayKeyOf("2026-08-25T05:00:00Z"), dayKeyOf("2026-08-26T04:59:59Z"));
});

test("today and yesterday are said", (t) => {
  useClock(t, Date.parse("2026-08-26T03:00:00Z")); // still the 25th in Bogotá
  assert.equal(formatRelativeDay(AT), "Hoy, martes 25 de agosto");
  assert.equal(formatRelativeDay("2026-08-24T13:05:00Z"), "Ayer, lunes 24 de agosto");
  assert.equal(formatRelativeDay("2026-08-23T13:05:00Z"), "Domingo 23 de agosto");
});
