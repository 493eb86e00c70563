import { announceStorage, clearStorage, useLocks } from "./browser.js";

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { LOST, Refused } from "../../static/src/core/errors.js";
import { Outbox } from "../../static/src/core/outbox.js";
import { CODES } from "../../static/src/core/protocol.js";
import { jsonStorage } from "../../static/src/core/storage.js";
import { useClock } from "./clock.js";

const PREFIX = "t:outbox:";

const outboxes = [];
beforeEach(clearStorage);
afterEach(() => outboxes.splice(0).forEach((outbox) => outbox.dispose()));

/** A connection whose answers the test gives: `answers` are errors or null, then everything is acknowledged. */
class Connection {
  sent = [];
  #listeners = new Map();

  constructor({ isOpen = true, answers = [] } = {}) {
    this.isOpen = isOpen;
    this.answers = answers;
  }

  on(type, listener) { this.#listeners.set(type, [...this.#listeners.get(type) ?? [], listener]); }

  emit(type, value) { this.#listeners.get(type)?.forEach((listener) => listener(value)); }

  async request(_command, fields) {
    this.sent.push(fields);
    const answer = this.answers.shift();
    if (answer) throw answer;
  }

  open() {
    this.isOpen = true;
    this.emit("state", { name: "open" });
  }
}

function makeOutbox(connection, options = {}) {
  const outbox = new Outbox({ storage: jsonStorage(PREFIX), connection, onChange: () => {}, ...options });
  outboxes.push(outbox);
  return outbox;
}

const texts = ({ sent }) => sent.map(({ message }) => message);

test("a message is kept until it is acknowledged", async (t) => {
  const clock = useClock(t);
  const connection = new Connection({ isOpen: false });
  const outbox = makeOutbox(connection);
  outbox.addMessage(12, "Buenos días");
  assert.equal(jsonStorage(PREFIX).keys().length, 1);
  connection.open();
  await clock.advance(0);
  assert.deepEqual([texts(connection), outbox.listEntries(), jsonStorage(PREFIX).keys()], [["Buenos días"], [], []]);
});

test("a message that has to be repeated is not overtaken and keeps its client_id", async (t) => {
  const clock = useClock(t);
  const connection = new Connection({ answers: [new Refused({ code: LOST }), null] });
  const outbox = makeOutbox(connection);
  outbox.addMessage(12, "uno");
  outbox.addMessage(12, "dos");
  await clock.advance(10_000);
  assert.deepEqual(texts(connection), ["uno", "uno", "dos"]);
  assert.equal(connection.sent[0].client_id, connection.sent[1].client_id);
});

test("chats do not wait for each other", async (t) => {
  const clock = useClock(t);
  const connection = new Connection({ answers: [new Refused({ code: LOST })] });
  const outbox = makeOutbox(connection);
  outbox.addMessage(12, "uno");
  outbox.addMessage(15, "dos");
  await clock.advance(0);
  assert.deepEqual(texts(connection), ["uno", "dos"]);
});

test("a refused message fails with the reason and can be sent again", async (t) => {
  const clock = useClock(t);
  const connection = new Connection({ answers: [new Refused({ code: CODES.CHAT_CLOSED, message: "Este chat ya está cerrado." })] });
  const outbox = makeOutbox(connection);
  outbox.addMessage(12, "uno");
  await clock.advance(0);
  const [{ client_id: id, state, why }] = outbox.listEntries();
  assert.deepEqual([state, why], ["failed", "Este chat ya está cerrado."]);
  outbox.retryMessage(id);
  await clock.advance(0);
  assert.deepEqual([texts(connection), outbox.listEntries()], [["uno", "uno"], []]);
});

test("a message that meets the same bug five times fails", async (t) => {
  const clock = useClock(t);
  const connection = new Connection({ answers: Array.from({ length: 9 }, () => new Refused({ code: CODES.INTERNAL })) });
  const outbox = makeOutbox(connection);
  outbox.addMessage(12, "uno");
  await clock.advance(60_000);
  assert.deepEqual([connection.sent.length, outbox.listEntries()[0].state], [5, "failed"]);
});

test("while the service is not available messages wait in their order", async (t) => {
  const clock = useClock(t);
  const connection = new Connection({ answers: Array.from({ length: 30 }, () => new Refused({ code: CODES.UNAVAILABLE })) });
  const outbox = makeOutbox(connection);
  outbox.addMessage(12, "uno");
  outbox.addMessage(12, "dos");
  await clock.advance(58_000);
  assert.deepEqual([outbox.listEntries().map(({ state }) => state), new Set(texts(connection))], [["sending", "sending"], new Set(["uno"])]);
  await clock.advance(10_000);
  assert.deepEqual([outbox.listEntries(), texts(connection).slice(-2)], [[], ["uno", "dos"]]);
});

test("who is too fast waits as long as the server says", async (t) => {
  const clock = useClock(t);
  const connection = new Connection({ answers: [new Refused({ code: CODES.RATE_LIMITED, retry_after_s: 7 })] });
  makeOutbox(connection).addMessage(12, "uno");
  await clock.advance(6_999);
  assert.equal(connection.sent.length, 1);
  await clock.advance(1);
  assert.equal(connection.sent.length, 2);
});

test("after a reload what was not acknowledged is sent under the same client_id", async (t) => {
  const clock = useClock(t);
  makeOutbox(new Connection({ isOpen: false })).addMessage(12, "uno");
  const [id] = jsonStorage(PREFIX).keys();
  const connection = new Connection();
  makeOutbox(connection);
  connection.open();
  await clock.advance(0);
  assert.deepEqual(connection.sent, [{ chat_id: 12, message: "uno", client_id: id }]);
});

test("messages of one millisecond keep their order", (t) => {
  useClock(t);
  const outbox = makeOutbox(new Connection({ isOpen: false }));
  for (const text of ["uno", "dos", "tres"]) outbox.addMessage(12, text);
  assert.deepEqual(outbox.listEntries().map(({ text }) => text), ["uno", "dos", "tres"]);
});

test("the first message opens the chat that the next ones use", async (t) => {
  const clock = useClock(t);
  const connection = new Connection();
  const outbox = makeOutbox(connection, { openChat: async () => 12 });
  outbox.addMessage(0, "uno");
  outbox.addMessage(0, "dos");
  await clock.advance(0);
  assert.deepEqual(connection.sent.map(({ chat_id: chat, message }) => [chat, message]), [[12, "uno"], [12, "dos"]]);
});

test("a message that another tab discarded is gone here too", () => {
  const outbox = makeOutbox(new Connection({ isOpen: false }));
  outbox.addMessage(12, "uno");
  const [{ client_id: id }] = outbox.listEntries();
  localStorage.removeItem(PREFIX + id);
  announceStorage(PREFIX + id, "{}", null);
  assert.deepEqual(outbox.listEntries(), []);
});

test("a refused message steps aside at once, and what is refused for its words is not offered again", async (t) => {
  const clock = useClock(t);
  const connection = new Connection({ answers: [new Refused({ code: CODES.BAD_FRAME, message: "No se entendió." })] });
  const outbox = makeOutbox(connection);
  outbox.addMessage(12, "mal");
  outbox.addMessage(12, "bien");
  await clock.advance(0);
  assert.deepEqual(texts(connection), ["mal", "bien"]);
  assert.deepEqual(outbox.listEntries().map(({ text, state, isHopeless }) => [text, state, isHopeless]), [["mal", "failed", true]]);
});

test("a message that is not answered twice lets the next one pass", async (t) => {
  const clock = useClock(t);
  const lost = () => new Refused({ code: LOST });
  const connection = new Connection({ answers: [lost(), lost()] });
  const outbox = makeOutbox(connection);
  outbox.addMessage(12, "uno");
  outbox.addMessage(12, "dos");
  await clock.advance(2_000);
  assert.deepEqual(texts(connection), ["uno", "uno", "dos"]);
  assert.deepEqual(outbox.listEntries().map(({ text, state }) => [text, state]), [["uno", "failed"]]);
});

test("a message that was stored all the same has not failed", async (t) => {
  const clock = useClock(t);
  for (const isEarly of [true, false]) {
    const connection = new Connection({ isOpen: false, answers: [new Refused({ code: CODES.TOO_LARGE })] });
    const outbox = makeOutbox(connection);
    outbox.addMessage(12, "uno");
    const [{ client_id: id }] = outbox.listEntries();
    if (isEarly) connection.emit("message", { client_id: id });
    connection.open();
    await clock.advance(0);
    if (!isEarly) {
      assert.equal(outbox.listEntries()[0].state, "failed");
      connection.emit("message", { client_id: id });
    }
    assert.deepEqual([outbox.listEntries(), jsonStorage(PREFIX).keys()], [[], []]);
  }
});

test("a failed message is taken out to be written again", async (t) => {
  const clock = useClock(t);
  const outbox = makeOutbox(new Connection({ answers: [new Refused({ code: CODES.INVALID })] }));
  outbox.addMessage(12, "Buenas noches");
  await clock.advance(0);
  assert.equal(outbox.takeText(outbox.listEntries()[0].client_id), "Buenas noches");
  assert.deepEqual(outbox.listEntries(), []);
});

/** Two tabs of one person, each with its own connection. */
function makeTabs({ isOpen, answers }) {
  return [0, 1].map(() => {
    const connection = new Connection({ isOpen, answers });
    return { connection, outbox: makeOutbox(connection) };
  });
}

/** Write in a tab; the others are told as a browser does. */
function write({ outbox }, text) {
  outbox.addMessage(12, text);
  const { client_id: id } = outbox.listEntries().find((entry) => entry.text === text);
  announceStorage(PREFIX + id, null, "{}");
}

test("what two tabs wrote without a connection is sent in the order in which it was written", async (t) => {
  useLocks(t);
  const clock = useClock(t);
  const [one, two] = makeTabs({ isOpen: false });
  write(one, "uno");
  write(two, "dos");
  write(one, "tres");
  two.connection.open();
  one.connection.open();
  await clock.advance(0);
  assert.deepEqual([texts(two.connection), texts(one.connection)], [["uno", "dos", "tres"], []]);
  assert.deepEqual(jsonStorage(PREFIX).keys(), []);
});

test("a tab whose connection is cut leaves the rest to another one", async (t) => {
  useLocks(t);
  const clock = useClock(t);
  const [one, two] = makeTabs({ isOpen: true });
  one.connection.request = async (_command, fields) => {
    one.connection.sent.push(fields);
    one.connection.isOpen = false;
    throw new Refused({ code: LOST });
  };
  write(one, "uno");
  write(two, "dos");
  await clock.advance(0);
  assert.deepEqual([texts(one.connection), texts(two.connection)], [["uno"], ["uno", "dos"]]);
  assert.equal(one.connection.sent[0].client_id, two.connection.sent[0].client_id);
});

test("an outbox that was disposed sends nothing and changes nothing", async (t) => {
  const clock = useClock(t);
  const connection = new Connection({ answers: [new Refused({ code: LOST }), new Refused({ code: LOST })] });
  const outbox = makeOutbox(connection);
  outbox.addMessage(12, "uno");
  outbox.dispose();
  connection.open();
  await clock.advance(60_000);
  const [id] = jsonStorage(PREFIX).keys();
  assert.deepEqual([texts(connection), jsonStorage(PREFIX).get(id).state], [["uno"], "sending"]);
});
