// Time that passes only when a test says so.

/** Put a clock in place of the timers and of `Date.now` until the test has ended. */
export function useClock(test, now = Date.parse("2026-08-25T15:00:00Z")) {
  const real = { setTimeout, clearTimeout, now: Date.now };
  const timers = new Map();
  let time = now;
  let last = 0;
  globalThis.setTimeout = (task, ms = 0) => {
    timers.set(last += 1, { task, due: time + ms });
    return last;
  };
  globalThis.clearTimeout = (timer) => timers.delete(timer);
  Date.now = () => time;
  test.after(() => {
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
    Date.now = real.now;
  });

  const settle = () => new Promise((done) => { setImmediate(done); });
  return {
    /** Let `ms` pass: what is due runs in its order, and what it promised is settled after each. */
    async advance(ms) {
      const end = time + ms;
      await settle();
      for (;;) {
        const [timer, next] = [...timers].filter(([, { due }]) => due <= end).sort(([, a], [, b]) => a.due - b.due)[0] ?? [];
        if (!next) break;
        timers.delete(timer);
        time = Math.max(time, next.due);
        next.task();
        await settle();
      }
      time = end;
    },
  };
}
