// The guided booking. The server keeps the conversation; here is what was said since this page was opened. A button counts
// until the next answer, and while nobody is there to hear it, nothing can be pressed.

import { button, h, icon, link, say } from "./dom.js";
import { words } from "./words.js";
import { makeWriter } from "./writer.js";

const STEPS = {
  awaiting_document: 1, awaiting_city_selection: 2, awaiting_specialty_search: 3, awaiting_specialty_selection: 3,
  awaiting_visit_type: 4, awaiting_description: 5, awaiting_slot_selection: 6, confirmation: 7,
};
const LAST_STEP = 7;
const WITH_PERSON = "with_person";
const BEGUN = "bot"; // also other tabs and the next visit know that a booking is under way

export function makeBot(it) {
  const { wire, shelf } = it;
  let isAsking = false;
  let own = null;           // the last thing said here, until it is answered
  let wantsPerson = false;

  const list = h("div.w-lines");
  const log = h("div.w-log", { role: "log", id: "bot-log", "aria-label": words.bot_log, tabindex: 0 }, list);
  const bar = h("progress", { id: "bot-progress", value: 1, max: LAST_STEP });
  const stepText = h("label", { for: "bot-progress" });
  const step = h("p.w-step", { id: "bot-step", hidden: true }, stepText, bar);
  const go = button(words.book, () => start(), ".w-btn--main");
  const none = h("div.w-sheet", { id: "bot-none" }, h("h3.w-title", {}, words.bot_none), h("p.w-hint", {}, words.bot_none_text), go, h("p.w-hint", {}, words.urgent));
  const typing = h("p.w-typing", { hidden: true }, h("span.w-dots", { "aria-hidden": "true" }, h("i"), h("i"), h("i")), words.bot_typing);
  const problem = h("p.w-problem", { id: "bot-problem", role: "alert" });
  const back = link(words.bot_back, () => answer({ message: "volver" }, words.bot_back), { id: "bot-back" });
  const person = link(words.person, () => { wantsPerson = true; answer({ message: "agente" }, words.person); }, { id: "bot-person" });
  const ways = h("p.w-ways", { id: "bot-ways", hidden: true }, back, person);
  const writer = makeWriter(shelf, { id: "bot-message", label: words.bot_write, onSend: (text) => isReady() && answer({ message: text }, text) });
  const el = h("div.w-part", {}, step, log, none, problem, h("div.w-strip", {}, typing), ways, writer.el);
  writer.text.placeholder = words.bot_placeholder;
  go.id = "bot-start";

  const isReady = () => wire.isOpen && !isAsking;

  function draw() {
    const hasTalk = shelf.get(BEGUN) || list.childElementCount > 0;
    log.hidden = writer.el.hidden = !hasTalk;
    none.hidden = Boolean(hasTalk);
    for (const one of [go, back, person, writer.send]) one.disabled = !isReady();
    for (const choice of list.querySelectorAll(".w-choice")) choice.disabled = !isReady() || !list.lastChild.contains(choice);
    typing.hidden = !isAsking;
  }

  /** Begin, or hear where one was. */
  function start() {
    shelf.set(BEGUN, true);
    ask("chatbot_init", {});
  }

  const put = (kind, text, ...more) => {
    const turn = h(`div.w-item.is-${kind}`, { "data-said": kind === "own" ? kind : "bot" }, h("span.w-vh", {}, `${kind === "own" ? words.you : words.bot}: `), h("p.w-line", { "data-part": "text" }, text), more);
    list.append(turn);
    log.scrollTop = 0; // column-reverse: its end
    return turn;
  };

  async function answer(fields, label) {
    if (!isReady()) return;
    const isKeyboard = el.getRootNode().activeElement?.matches(".w-choice");
    own = put("own", label);
    const isHeard = await ask("chatbot", { source: "chatbot", ...fields });
    if (isHeard || !own) {
      // Who went through the buttons with the keyboard goes on there.
      if (isKeyboard) (list.lastChild.querySelector(".w-choice:enabled") ?? writer.text).focus({ preventScroll: true });
      return;
    }
    // It was not heard: what was typed goes back to where it was typed, and the buttons count again.
    own.remove();
    if (fields.message === label && !writer.text.value) writer.text.value = label;
    draw();
  }

  async function ask(word, fields) {
    isAsking = true;
    say(problem, "");
    draw();
    try {
      await wire.ask(word, fields);
      return true;
    } catch (refusal) {
      if (wire.isOpen) say(problem, refusal.message || words.bot_unheard);
      return false;
    } finally {
      isAsking = false;
      draw();
    }
  }

  const choiceOf = (label, onclick, option) => h("button.w-choice", { type: "button", "data-part": "choice", "data-option": option, onclick }, h("span", {}, label), icon("right"));

  wire.on("chatbot_message", ({ message, state, choices = [], redirectUrl, shouldRestartFlow: isOver }) => {
    own = null;
    const offered = isOver ? [choiceOf(words.book, start)]
      : state === WITH_PERSON ? [choiceOf(words.go_chat, () => it.go("chat"))]
      : choices.map(({ id, label }) => choiceOf(label, () => answer({ option: id }, label), id));
    const page = addressOf(redirectUrl);
    put("other", message,
      offered.length > 0 && h("div.w-choices", { role: "group", "aria-label": words.choices }, offered),
      page && h("p", {}, h("a.w-btn", { href: page.href, target: "_blank", rel: "noopener" }, page.pathname === "/planes" ? words.see_plans : words.go_there)));
    if (isOver || state === "completed") shelf.remove(BEGUN); else shelf.set(BEGUN, true);
    const at = isOver ? 0 : STEPS[state];
    step.hidden = ways.hidden = !at;
    if (at) { bar.value = at; say(stepText, words.bot_step(at, LAST_STEP)); }
    draw();
    it.news("bot");
  });
  wire.on("new_chat", () => {
    if (wantsPerson) it.go("chat");
    wantsPerson = false;
  });
  wire.on("state", ({ name }) => {
    if (name === "open" && shelf.get(BEGUN)) start();
    draw();
  });

  /** Only pages: an address that would run something is none. */
  function addressOf(address) {
    if (!address || !URL.canParse(address, it.origin)) return null;
    const url = new URL(address, it.origin);
    return /^https?:$/.test(url.protocol) ? url : null;
  }

  draw();
  return {
    el,
    start: () => { if (wire.isOpen) start(); },
    focus: () => (none.hidden ? writer.text : go).focus({ preventScroll: true }),
    head: () => ({ name: words.bot_name, status: words.bot_status }),
  };
}
