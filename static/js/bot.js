// The guided booking. The server keeps the conversation; here is what was said since this page was opened. A button counts
// until the next answer, and while nobody is there to hear it, nothing can be pressed.

import { COMMANDS, EVENTS } from "./protocol.js";
import { shelf } from "./shelf.js";
import { sayProblem } from "./toasts.js";
import { words } from "./words.js";

const BREATH_MS = 1_500; // a cut shorter than a breath is not worth a sentence
const STEPS = {
  awaiting_document: 1, awaiting_city_selection: 2, awaiting_specialty_search: 3, awaiting_specialty_selection: 3,
  awaiting_visit_type: 4, awaiting_description: 5, awaiting_slot_selection: 6, confirmation: 7,
};
const LAST_STEP = 7;
const OVER = "completed";

const byId = (id) => document.getElementById(id);
const clone = (id) => byId(id).content.firstElementChild.cloneNode(true);

export class Bot {
  #wire;
  #key;
  #onNews;
  #isAsking = false;
  #breath = 0;
  #own = null; // the last thing said here, until it is answered

  /** `onNews()` is called when the bot said something. */
  constructor({ userId, wire, onNews }) {
    this.#wire = wire;
    this.#key = `beneficiate:bot:${userId}`;
    this.#onNews = onNews;
    byId("bot-start").addEventListener("click", () => this.start());
    byId("bot-back").addEventListener("click", () => this.#answer({ message: words.bot_back }, byId("bot-back").textContent));
    byId("bot-person").addEventListener("click", () => this.#answer({ message: words.bot_person }, byId("bot-person").textContent));
    byId("bot-lines").addEventListener("click", ({ target }) => {
      const choice = target.closest("[data-part=choice]");
      if (!choice) return;
      if (choice.dataset.option === "") this.start();
      else this.#answer({ option: choice.dataset.option }, choice.textContent.trim());
    });
    byId("bot-write").addEventListener("submit", (event) => { event.preventDefault(); this.#send(); });
    byId("bot-message").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send();
    });
    wire.on(EVENTS.CHATBOT_MESSAGE, (frame) => this.#hear(frame));
    wire.on("state", ({ name }) => this.#connection(name));
    this.#show();
  }

  /** Begin, or hear where one was. */
  start() {
    this.#isStarted = true;
    this.#show();
    this.#ask(COMMANDS.CHATBOT_INIT, {});
  }

  // Also other tabs and the next visit know that a booking is under way.
  get #isStarted() { return shelf.get(this.#key) !== null; }
  set #isStarted(started) {
    if (started) shelf.set(this.#key, "1");
    else shelf.remove(this.#key);
  }

  #show() {
    const hasTalk = this.#isStarted || byId("bot-lines").childElementCount > 0;
    for (const id of ["bot-log", "bot-write"]) byId(id).hidden = !hasTalk;
    byId("bot-none").hidden = hasTalk;
    this.#enable();
  }

  #enable() {
    const isReady = this.#wire.isOpen && !this.#isAsking;
    for (const id of ["bot-start", "bot-send", "bot-back", "bot-person"]) byId(id).disabled = !isReady;
    const turns = [...byId("bot-lines").children];
    for (const choice of byId("bot-lines").querySelectorAll("[data-part=choice]")) {
      choice.disabled = !isReady || choice.closest("[data-said]") !== turns.at(-1);
    }
    byId("bot-typing").querySelector("[data-part=typing]").hidden = !this.#isAsking;
  }

  #connection(name) {
    clearTimeout(this.#breath);
    if (name === "open") {
      byId("bot-offline").hidden = true;
      if (this.#isStarted) this.start();
    } else if (byId("bot-offline").hidden) {
      this.#breath = setTimeout(() => { byId("bot-offline").hidden = this.#wire.isOpen; }, BREATH_MS);
    }
    this.#enable();
  }

  #send() {
    const text = byId("bot-message").value.trim();
    if (!text || byId("bot-send").disabled) return;
    byId("bot-message").value = "";
    this.#answer({ message: text }, text);
  }

  async #answer(fields, label) {
    if (this.#isAsking || !this.#wire.isOpen) return;
    const hadChoice = document.activeElement?.dataset.part === "choice";
    this.#own = this.#draw("bot-own", label);
    const heard = await this.#ask(COMMANDS.CHATBOT, { source: "chatbot", ...fields });
    if (heard || !this.#own) { if (hadChoice) this.#focus(); return; }
    // It was not heard: what was typed goes back to where it was typed, and the buttons count again.
    this.#own.remove();
    this.#own = null;
    if (fields.message && !byId("bot-message").value) byId("bot-message").value = fields.message === label ? label : "";
    this.#enable();
  }

  async #ask(word, fields) {
    this.#isAsking = true;
    sayProblem(byId("bot-problem"), "");
    this.#enable();
    try {
      await this.#wire.ask(word, fields);
      return true;
    } catch (refusal) {
      if (this.#wire.isOpen) sayProblem(byId("bot-problem"), refusal.message || words.bot_unheard);
      return false;
    } finally {
      this.#isAsking = false;
      this.#enable();
    }
  }

  #hear({ message, state, choices = [], redirectUrl, shouldRestartFlow }) {
    this.#own = null;
    const turn = this.#draw("bot-said", message);
    const group = turn.querySelector("[data-part=choices]");
    const offered = shouldRestartFlow ? [{ id: "", label: words.book }] : choices;
    group.hidden = offered.length === 0;
    group.append(...offered.map(({ id, label }) => {
      const choice = clone("bot-choice");
      choice.dataset.option = id;
      choice.querySelector("[data-part=label]").textContent = label;
      return choice;
    }));
    this.#link(turn, redirectUrl);
    this.#isStarted = !shouldRestartFlow && state !== OVER;
    this.#step(shouldRestartFlow ? OVER : state);
    this.#show();
    byId("bot-log").scrollTop = 0; // column-reverse: its end
    this.#onNews();
  }

  /** Only pages: an address that would run something is none. */
  #link(turn, address) {
    if (!address || !URL.canParse(address, location.href)) return;
    const url = new URL(address, location.href);
    if (!/^https?:$/.test(url.protocol)) return;
    turn.querySelector("[data-part=more]").hidden = false;
    const link = turn.querySelector("[data-part=link]");
    link.href = url;
    link.textContent = url.pathname === "/planes" ? words.see_plans : words.go_there;
  }

  #step(state) {
    const step = STEPS[state];
    byId("bot-step").hidden = !step;
    byId("bot-ways").hidden = !step;
    if (!step) return;
    byId("bot-progress").value = step;
    byId("bot-step").querySelector("[data-part=step]").textContent = words.bot_step(step, LAST_STEP);
  }

  #draw(template, text) {
    const turn = clone(template);
    turn.querySelector("[data-part=text]").textContent = text;
    byId("bot-lines").append(turn);
    return turn;
  }

  /** Who went through the buttons with the keyboard goes on there. */
  #focus() {
    const next = byId("bot-lines").lastElementChild?.querySelector("[data-part=choice]:enabled") ?? byId("bot-message");
    next.focus({ preventScroll: true });
  }
}
