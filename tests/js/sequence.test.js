import assert from "node:assert/strict";
import { test } from "node:test";
import { Sequence } from "../../static/src/core/sequence.js";

const takeAll = (sequence, seqs) => seqs.map((seq) => sequence.receive(12, seq));

test("a message is fresh once", () => {
  const sequence = new Sequence();
  assert.deepEqual(takeAll(sequence, [41, 41]), [{ fresh: true, gap: false }, { fresh: false, gap: false }]);
});

test("a message leaves a gap until the missing one comes", () => {
  const sequence = new Sequence();
  sequence.trackFrom(12, 40);
  assert.deepEqual(takeAll(sequence, [42, 43, 41]).map(({ gap }) => gap), [true, true, false]);
  assert.deepEqual(sequence.lastSeqs(), { 12: 43 });
});

test("resume asks from the last message before the gap", () => {
  const sequence = new Sequence();
  sequence.trackFrom(12, 40);
  sequence.receive(12, 44);
  assert.deepEqual(sequence.lastSeqs([12, 15]), { 12: 40 });
});

test("what was known already is not known anew", () => {
  const sequence = new Sequence();
  sequence.trackFrom(12, 40);
  sequence.trackFrom(12, 50);
  assert.deepEqual(sequence.lastSeqs(), { 12: 40 });
});

test("a page that shows less than was received gets the rest again", () => {
  const sequence = new Sequence();
  takeAll(sequence, [41, 42]);
  assert.equal(sequence.resetTo(12, 41), true);
  assert.deepEqual(sequence.receive(12, 42), { fresh: true, gap: false });
  assert.equal(sequence.resetTo(12, 42), false);
  assert.equal(sequence.resetTo(15, 3), false);
});

test("settling closes the gap and keeps what came beyond", () => {
  const sequence = new Sequence();
  sequence.trackFrom(12, 40);
  takeAll(sequence, [43, 45]);
  sequence.confirmUpTo(12, 42);
  assert.deepEqual(sequence.lastSeqs(), { 12: 43 });
  assert.equal(sequence.hasGap(12), true);
  sequence.confirmUpTo(12, 45);
  assert.equal(sequence.hasGap(12), false);
  sequence.confirmUpTo(12, 41);
  assert.deepEqual(sequence.lastSeqs(), { 12: 45 });
});

test("messages in any order are each fresh once and leave no gap", () => {
  const sequence = new Sequence();
  sequence.trackFrom(12, 0);
  // 7 and 31 have no common divisor: every seq from 1 to 30 comes, far out of order, and then again.
  const seqs = Array.from({ length: 60 }, (_, at) => ((at + 1) * 7) % 31).filter((seq) => seq > 0);
  assert.equal(takeAll(sequence, seqs).filter(({ fresh }) => fresh).length, 30);
  assert.deepEqual([sequence.lastSeqs(), sequence.hasGap(12)], [{ 12: 30 }, false]);
});
