// The socket that comes back by itself: when it does after a close.

import assert from "node:assert/strict";
import { test } from "node:test";
import "./browser.js";
import { useClock } from "./clock.js";

/** A socket that opens when the test says so, and is closed by it. */
class Socket {
  static made = [];

  constructor() { Socket.made.push(this); }

  send() {}

  close() {}
}

Object.assign(globalThis, {
  WebSocket: Socket,
  document: Object.assign(new EventTarget(), { visibilityState: "visible" }),
  setInterval: () => 0,
  clearInterval: () => {},
});
const { Connection } = await import("../../static/src/core/connection.js");
const TOKEN = `a.${btoa(JSON.stringify({ exp: Date.parse("2030-01-01") / 1000 }))}.c`;

/** A connection that is open, and how many sockets it has made. */
async function open(t) {
  const clock = useClock(t);
  Socket.made = [];
  const connection = new Connection({ origin: "http://127.0.0.1", getToken: async () => TOKEN });
  t.after(() => connection.close());
  await connection.connect();
  Socket.made[0].onopen();
  return { clock, connection, count: () => Socket.made.length };
}

for (const ms of [1000, 2345, 9900]) {
  test(`a server that restarts says when to come back: in ${ms} ms, and not before`, async (t) => {
    const { clock, connection, count } = await open(t);
    Socket.made[0].onclose({ code: 1012, reason: `restarting ${ms}` });
    assert.equal(connection.state.name, "waiting");
    await clock.advance(ms - 1);
    assert.equal(count(), 1);
    await clock.advance(1);
    assert.equal(count(), 2);
  });
}

for (const reason of ["restarting", "", "restarting soon", undefined]) {
  test(`without a number (${reason}) it comes back within a second, at random`, async (t) => {
    const random = t.mock.method(Math, "random", () => 0.5);
    const { clock, count } = await open(t);
    Socket.made[0].onclose({ code: 1012, reason });
    await clock.advance(499);
    assert.equal(count(), 1);
    await clock.advance(1);
    assert.equal(count(), 2);
    assert.ok(random.mock.callCount() > 0);
  });
}

test("the delay of the server is for one return: the next loss of the network has its own", async (t) => {
  t.mock.method(Math, "random", () => 0.5);
  const { clock, count } = await open(t);
  Socket.made[0].onclose({ code: 1012, reason: "restarting 9000" });
  await clock.advance(9000);
  Socket.made[1].onclose({ code: 1006, reason: "" });
  await clock.advance(1000);
  assert.equal(count(), 3);
});
