// A sentence that lies over the page until it is closed, or for a while when it brings good news.

import { messages } from "./messages.es.js";

const LONG_ENOUGH_MS = 8_000;

/** `kind` is ok or danger; with `onOpen`, the button of the desk's toasts that leads to what it is about. */
export function showToast(sentence, kind = "danger", onOpen = null) {
  const card = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  card.classList.add(`toast--${kind}`);
  card.dataset.kind = kind;
  card.querySelector("[data-part=say]").textContent = sentence;
  card.querySelector("[data-do=dismiss]").addEventListener("click", () => card.remove());
  if (onOpen) {
    const open = card.querySelector("[data-do=open]");
    open.hidden = false;
    open.addEventListener("click", () => { card.remove(); onOpen(); });
  }
  document.getElementById("toasts").append(card);
  if (kind === "ok") setTimeout(() => card.remove(), LONG_ENOUGH_MS);
}

/** Run a task; say what it was refused for, or that it is done if there is a sentence for that. */
export async function runWithToast(task, done = "") {
  try {
    await task();
    if (done) showToast(done, "ok");
  } catch (refusal) {
    showToast(refusal.message || messages.no_network);
  }
}

/** Say a problem where it is looked for: in a `field-error` with a place for the sentence; "" takes it away. */
export function showProblem(place, sentence) {
  place.querySelector("[data-part=say]").textContent = sentence;
  place.hidden = !sentence;
}
