// Whether a button of the pointer, or a finger, is held down. An element that is replaced meanwhile loses the click, and a text its
// selection.

const LONGEST_MS = 2_000; // a release outside of the window, or over a scroll bar, may not be told

let isHeld = false;
addEventListener("pointerdown", () => { isHeld = true; }, true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { isHeld = false; }, true);
addEventListener("pointermove", ({ buttons }) => { if (!buttons) isHeld = false; }, true);

/** Settled when the pointer is released and its click has been handled; at once when none is held. */
export function waitForRelease() {
  if (!isHeld) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = new AbortController();
    const release = () => { stop.abort(); clearTimeout(timer); setTimeout(resolve); }; // the click comes in the same task as the release
    const timer = setTimeout(release, LONGEST_MS);
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, release, { capture: true, signal: stop.signal });
  });
}
