import assert from "node:assert/strict";
import { test } from "node:test";
import { debounce, throttle } from "../../static/src/ui/throttle.js";
import { useClock } from "./clock.js";

test("a burst is one run, at once", async (t) => {
  const clock = useClock(t);
  let runs = 0;
  const request = throttle(1_000, () => { runs += 1; });
  for (let call = 0; call < 5; call += 1) request();
  await clock.advance(0);
  assert.equal(runs, 1);
});

test("calls within the gap are one run at its end", async (t) => {
  const clock = useClock(t);
  const runs = [];
  const began = Date.now();
  const request = throttle(1_000, () => { runs.push(Date.now() - began); });
  request();
  await clock.advance(100);
  request();
  request();
  await clock.advance(5_000);
  assert.deepEqual(runs, [0, 1_000]);
});

test("a call during a run is one more run after it", async (t) => {
  const clock = useClock(t);
  const ends = [];
  let runs = 0;
  const request = throttle(1_000, () => {
    runs += 1;
    return new Promise((done) => { ends.push(done); });
  });
  request();
  await clock.advance(0);
  request();
  await clock.advance(3_000);
  assert.equal(runs, 1);
  ends[0]();
  await clock.advance(0);
  assert.equal(runs, 2);
});

test("debounce runs once, with what was given last", async (t) => {
  const clock = useClock(t);
  const runs = [];
  const request = debounce(80, (...given) => runs.push(given));
  request("a");
  await clock.advance(79);
  request("ab", 2);
  await clock.advance(79);
  assert.deepEqual(runs, []);
  await clock.advance(1);
  assert.deepEqual(runs, [["ab", 2]]);
});
